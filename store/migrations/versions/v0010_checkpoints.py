"""Every published checkpoint is kept, and each cosignature with the checkpoint that it is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_checkpoint",
        sa.Column("size", _SEQUENCE, autoincrement=False, nullable=False, comment="the size that it names"),
        sa.Column("note", sa.String(), nullable=False, comment="the checkpoint, signed by the log's key"),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoint"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO log_checkpoint (size, note) SELECT published, note FROM log_head WHERE note <> ''"
    )
    conn = op.get_bind()
    rows = [row._asdict() for row in conn.execute(sa.text("SELECT size, name, line FROM log_cosignature"))]
    op.drop_table("log_cosignature")
    table = op.create_table(
        "log_cosignature",
        sa.Column(
            "size", _SEQUENCE, autoincrement=False, nullable=False, comment="the checkpoint that it is for"
        ),
        sa.Column("name", sa.String(), nullable=False, comment="the witness's name, which names no person"),
        sa.Column(
            "line", sa.String(), nullable=False, comment="the signature line, served with the checkpoint"
        ),
        sa.PrimaryKeyConstraint("size", "name", name="pk_log_cosignature"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(table, rows)


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
