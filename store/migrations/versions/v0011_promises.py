"""The promise for a leaf is kept with its envelope, sealed to the reporter's mailbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "envelope",
        sa.Column(
            "promise",
            sa.LargeBinary(),
            nullable=True,
            comment="the site's promise for its leaf in the log, sealed to the reporter's mailbox: "
            "brought back by the code",
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
