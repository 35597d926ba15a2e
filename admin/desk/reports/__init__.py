"""What leaves the desk as a document: statistics with pictures, the case as PDF and folder, due dates as a calendar.

May import `casework`, `local` and `labels`; never `web`.
"""
