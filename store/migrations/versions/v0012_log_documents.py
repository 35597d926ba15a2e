"""Plain leaves that people are told of, and checkpoints that do not fit the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_document",
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="the leaf's hash: each is kept once"),
        sa.Column("word", sa.String(), nullable=False, comment="the word of its first line"),
        sa.Column(
            "raw", sa.LargeBinary(), nullable=False, comment="the leaf: its document is behind the first line"
        ),
        sa.Column(
            "index", sa.BigInteger(), nullable=True, comment="its place in the log; none until its batch"
        ),
        sa.Column(
            "day",
            sa.Date(),
            nullable=True,
            comment="the day whose batch has it; none for the first policy",
        ),
        sa.Column(
            "in_force",
            sa.Boolean(),
            nullable=False,
            comment="whether a policy counts already; the newest that does is the policy",
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_log_document"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_evidence",
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the checkpoint's text"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="how many leaves it names"),
        sa.Column("note", sa.String(), nullable=False, comment="the checkpoint, signed by the log's key"),
        sa.Column(
            "explained",
            sa.Boolean(),
            nullable=False,
            comment="whether the log went on behind it, or its branch was dropped",
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_log_evidence"),
        sqlite_with_rowid=False,
    )
    # A log that was begun before has its first policy behind the site's leaf.
    op.execute(
        'INSERT INTO log_document (hash, word, raw, "index", day, in_force) '
        'SELECT hash, \'policy\', raw, "index", NULL, TRUE FROM log_leaf WHERE "index" = 1'
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
