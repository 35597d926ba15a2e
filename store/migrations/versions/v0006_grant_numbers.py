"""Grants have numbers, so that a desk fetches each once and nothing else again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "envelope_grant",
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="of a colleague's grant: what card.granted of its key became with it, so that a desk fetches it "
            "once",
        ),
    )
    op.create_index("ix_envelope_grant_number", "envelope_grant", ["key_id", "number"])


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
