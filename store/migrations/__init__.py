"""Alembic migrations, part of the package so that they work from an installed wheel."""
