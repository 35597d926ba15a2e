"""The register: what belongs to no case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_record",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="from 1 on, without a gap",
        ),
        sa.Column(
            "hash", sa.LargeBinary(), nullable=False, comment="by which the next record names this one"
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="day on which it came"),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed to all who read reports, signed by its author",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_register_record"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
