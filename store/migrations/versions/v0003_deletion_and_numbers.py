"""Deletion by two persons, and numbers for observers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "case_file",
        sa.Column(
            "deleted_day",
            sa.Date(),
            nullable=True,
            comment="when two persons deleted it: its code is answered with that, and nothing is added any more",
        ),
    )
    deletion()
    numbers()


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")


def deletion() -> None:
    op.create_table(
        "deletion",
        sa.Column(
            "seq",
            _SEQUENCE,
            autoincrement=False,
            nullable=False,
            comment="its place in the feed: the latest one of a case counts",
        ),
        sa.Column("case_id", sa.LargeBinary(), nullable=False, comment="the case that it is about"),
        sa.Column("what", sa.String(), nullable=False, comment="proposed, withdrawn, or agreed to and done"),
        sa.Column("day", sa.Date(), nullable=False, comment="signed; a proposal holds for 30 days"),
        sa.Column(
            "author", sa.LargeBinary(), nullable=False, comment="key id of who signed: it takes two persons"
        ),
        sa.Column(
            "sig", sa.LargeBinary(), nullable=False, comment="the author's signature: both stay on record"
        ),
        sa.Column(
            "act_sig",
            sa.LargeBinary(),
            nullable=False,
            comment="shows that the author had opened the report",
        ),
        sa.Column(
            "agrees",
            _SEQUENCE,
            nullable=True,
            comment="the proposal that this one agrees to: the other person",
        ),
        sa.CheckConstraint("what IN ('deletion', 'kept', 'deleted')", name=op.f("ck_deletion_what")),
        sa.ForeignKeyConstraint(["seq"], ["change.seq"], name=op.f("fk_deletion_seq")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"], name=op.f("fk_deletion_case_id")),
        sa.ForeignKeyConstraint(["agrees"], ["deletion.seq"], name=op.f("fk_deletion_agrees")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_deletion")),
    )
    op.create_index(op.f("ix_deletion_case_id"), "deletion", ["case_id"])


def numbers() -> None:
    op.create_table(
        "numbers",
        sa.Column(
            "author",
            sa.LargeBinary(),
            nullable=False,
            comment="key id of the lead: a false one can't displace another lead's",
        ),
        sa.Column("key_id", sa.LargeBinary(), nullable=False, comment="the observer who can open them"),
        sa.Column("day", sa.Date(), nullable=False, comment="how old the numbers are"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="the numbers, sealed to the observer"),
        sa.PrimaryKeyConstraint("author", "key_id", name=op.f("pk_numbers")),
        sqlite_with_rowid=False,
    )
