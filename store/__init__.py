"""SQLAlchemy tables and queries for SQLite and PostgreSQL. Sealed bytes and days go in.

May import `cases`; opens no report, asks no clock what day it is, and touches no network but the database's.
"""
