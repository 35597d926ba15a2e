"""Cosigners of the log: the signed documents of the desks' cosigning keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_witness",
        sa.Column("key_id", sa.LargeBinary(), nullable=False, comment="the card whose desk cosigns"),
        sa.Column(
            "day",
            sa.Date(),
            nullable=True,
            comment="the day whose batch has it as a leaf; none until then",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the document, signed by the card: which key cosigns",
        ),
        sa.PrimaryKeyConstraint("key_id", name="pk_log_witness"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
