"""Exports of the desk: statistics with charts, the case as PDF and folder, due dates as a calendar.

May import `casework`, `local` and `labels`; never `web`.
"""
