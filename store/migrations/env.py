"""Alembic's entry: run by `command.upgrade`, with the connection that run.py hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from store.tables import Base

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two nodes that upgrade at once: the second one waits, then finds nothing left to do.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": 0x6D79626B_00000002})
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite changes tables by copying them.
    render_as_batch=True,
    # SQLite can undo DDL; Alembic does not count on it unless told. store.db begins the transaction itself.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
