"""The transparency log: its leaves, batches, head, cosignatures, and the leaves that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _leaves()
    _batches()
    _head()
    op.create_table(
        "log_cosignature",
        sa.Column("name", sa.String(), nullable=False, comment="the witness's name, which names no person"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="the checkpoint that it is for"),
        sa.Column(
            "line", sa.String(), nullable=False, comment="the signature line, served with the checkpoint"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_log_cosignature"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pending_leaf",
        sa.Column(
            "hash",
            sa.LargeBinary(),
            nullable=False,
            comment="the leaf's hash: promised to anyone who brought it",
        ),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="the day whose batch it will be in, as promised",
        ),
        sa.Column(
            "list_length",
            sa.Integer(),
            nullable=False,
            comment="the list whose readers have tags in it: one for all leaves of a day",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the leaf itself, which the batch takes into the log",
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_pending_leaf"),
        sqlite_with_rowid=False,
    )


def _leaves() -> None:
    op.create_table(
        "log_leaf",
        sa.Column(
            "index",
            _SEQUENCE,
            autoincrement=False,
            nullable=False,
            comment="the leaf's place in the log, from 0 on",
        ),
        sa.Column(
            "hash",
            sa.LargeBinary(),
            nullable=False,
            comment="the leaf's hash: finds whether a leaf is in the log",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the leaf: public, and opaque where it belongs to a case",
        ),
        sa.PrimaryKeyConstraint("index", name="pk_log_leaf"),
    )
    op.create_index("ix_log_leaf_hash", "log_leaf", ["hash"])


def _batches() -> None:
    op.create_table(
        "log_batch",
        sa.Column("day", sa.Date(), nullable=False, comment="the day whose acts are in the batch"),
        sa.Column("first", sa.BigInteger(), nullable=False, comment="index of its day leaf"),
        sa.Column(
            "end",
            sa.BigInteger(),
            nullable=False,
            comment="the index behind it: the log's size after the batch",
        ),
        sa.PrimaryKeyConstraint("day", name="pk_log_batch"),
        sqlite_with_rowid=False,
    )


def _head() -> None:
    op.create_table(
        "log_head",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="always 1: there is one log to a site",
        ),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="how many leaves there are"),
        sa.Column(
            "root",
            sa.LargeBinary(),
            nullable=False,
            comment="the tree's root: compared before anything is signed",
        ),
        sa.Column(
            "hidden",
            sa.Integer(),
            nullable=False,
            comment="hidden leaves of a day, or a multiple; never changes",
        ),
        sa.Column(
            "day",
            sa.Date(),
            nullable=True,
            comment="the newest day that has a batch, or before which none is due; none until the site first ran",
        ),
        sa.Column(
            "list_length",
            sa.Integer(),
            nullable=False,
            comment="how many documents of the list of readers are in the log: new leaves have their tags",
        ),
        sa.Column(
            "published",
            sa.BigInteger(),
            nullable=False,
            comment="the size that the checkpoint beside it names",
        ),
        sa.Column(
            "note",
            sa.String(),
            nullable=False,
            comment="the newest checkpoint, signed; empty before the first one",
        ),
        sa.Column(
            "release",
            sa.LargeBinary(),
            nullable=True,
            comment="hash of the newest leaf about the page scripts: a change makes a new leaf",
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_one_row")),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
