"""Sealed files: their bytes, and the envelopes that name them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stored_object()
    object_piece()
    object_name()


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")


def stored_object() -> None:
    op.create_table(
        "stored_object",
        sa.Column(
            "object_id",
            sa.LargeBinary(),
            nullable=False,
            comment="random; the sealed entry in an envelope names it",
        ),
        sa.Column(
            "size",
            sa.BigInteger(),
            nullable=False,
            comment="its bytes when it is complete: what a piece has to fit into",
        ),
        sa.Column(
            "have",
            sa.BigInteger(),
            nullable=False,
            comment="bytes that are here: where an interrupted upload goes on",
        ),
        sa.Column(
            "day",
            sa.Date(),
            nullable=True,
            comment="when it can be swept away; none once an envelope names it",
        ),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_stored_object")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_stored_object_day_have"), "stored_object", ["day", "have"])


def object_piece() -> None:
    op.create_table(
        "object_piece",
        sa.Column(
            "object_id",
            sa.LargeBinary(),
            nullable=False,
            comment="the object that this is a piece of",
        ),
        sa.Column(
            "start",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="where in the object the piece begins",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the sealed bytes, at most 1 MiB in a row",
        ),
        sa.PrimaryKeyConstraint("object_id", "start", name=op.f("pk_object_piece")),
        sa.ForeignKeyConstraint(
            ["object_id"], ["stored_object.object_id"], name=op.f("fk_object_piece_object_id")
        ),
    )


def object_name() -> None:
    op.create_table(
        "object_name",
        sa.Column(
            "object_id",
            sa.LargeBinary(),
            nullable=False,
            comment="an object belongs to one envelope only, and stays",
        ),
        sa.Column(
            "envelope_id",
            sa.LargeBinary(),
            nullable=False,
            comment="the envelope that came with it",
        ),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_object_name")),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["envelope.envelope_id"], name=op.f("fk_object_name_envelope_id")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_object_name_envelope_id"), "object_name", ["envelope_id"])
