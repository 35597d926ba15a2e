"""The operator's configuration: the settings file, the server's secrets, the lock of a running server.

May import `cases`, for the operator's own contacts; reads and makes those files, and touches no database and no table.
"""
