"""How often colleagues granted something to a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "card",
        sa.Column(
            "granted",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="how often colleagues granted something to this key: when it grows, its desk fetches those grants",
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
