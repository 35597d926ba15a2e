"""Alembic migrations, part of the package so that they work from an installed wheel.

Only `env` may import `store.tables`; a version imports nothing of the project but `run`, since tables change after it.
"""
