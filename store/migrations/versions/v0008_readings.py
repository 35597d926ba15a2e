"""Reading journals of the desks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_journal",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="place among all journals: a desk asks for what is behind the last one that it has",
        ),
        sa.Column(
            "author", sa.LargeBinary(), nullable=False, comment="key id: a desk sends one journal a day"
        ),
        sa.Column(
            "day", sa.Date(), nullable=False, comment="day on which it came: one for each author and day"
        ),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="the author's own count, so that colleagues see a missing one",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the signed journal; names no case to this server",
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_reading_journal"),
        sa.UniqueConstraint("author", "day", name="uq_reading_journal_author_day"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
