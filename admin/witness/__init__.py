"""A witness of the log outside the company (docs/format.md, 5.10): one folder, pulled once a day, no port.

May import `crypto`, `cases`, and of the desk what asks a server (`admin.desk.server`) and reads a log
(`admin.desk.casework.log_checks`). Needs nothing that only a server has.
"""
