"""The client of the server's API and the strict reader of its answers.

Imports no other package of the desk, no Flask and no sqlite3.
"""
