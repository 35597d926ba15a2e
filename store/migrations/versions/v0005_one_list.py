"""Cards and retirements are one numbered list (ADR 0010). A site with cards was made before: it can't be upgraded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.run import TooOld

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Its retirements have no place among the cards, and its envelopes do not name their readers.
    if op.get_bind().execute(sa.text("SELECT 1 FROM card LIMIT 1")).first() is not None:
        raise TooOld
    op.add_column(
        "card",
        sa.Column(
            "retired_seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="the retirement's place in the same list as the card's",
        ),
    )
    op.create_index("ix_card_retired_seq", "card", ["retired_seq"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
