"""The first tables: site, cards, cases, codes, feed, envelopes, grants, statuses, nonces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite counts up by itself only for a column that is exactly INTEGER PRIMARY KEY.
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    card()
    case_file()
    nonce()
    site()
    change()
    code()
    envelope()
    status()
    envelope_grant()


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")


def card() -> None:
    op.create_table(
        "card",
        sa.Column(
            "seq",
            SEQUENCE,
            sa.Identity(),
            nullable=False,
            comment="order of enrolment: the chain of vouchers is checked in it",
        ),
        sa.Column(
            "key_id",
            sa.LargeBinary(),
            nullable=False,
            comment="finds the card of a signed request or of an author",
        ),
        sa.Column(
            "person",
            sa.LargeBinary(),
            nullable=False,
            comment="the same human with a new key stays excluded from a report",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the card itself, signed: desks check the chain on these very bytes",
        ),
        sa.Column(
            "enrolled_day",
            sa.Date(),
            nullable=False,
            comment="shown publicly: since when this key can read reports",
        ),
        sa.Column(
            "retired_day",
            sa.Date(),
            nullable=True,
            comment="from when nothing more is sealed to this key",
        ),
        sa.Column(
            "retirement",
            sa.LargeBinary(),
            nullable=True,
            comment="the signed retirement, so that desks can check it too",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_card")),
        sa.UniqueConstraint("key_id", name=op.f("uq_card_key_id")),
        sqlite_autoincrement=True,
    )


def case_file() -> None:
    op.create_table(
        "case_file",
        sa.Column(
            "case_id",
            sa.LargeBinary(),
            nullable=False,
            comment="ties a case's envelopes together; derived from a secret that the server lacks",
        ),
        sa.Column(
            "mailbox_pk",
            sa.LargeBinary(),
            nullable=False,
            comment="public key that answers to the reporter are granted to",
        ),
        sa.Column(
            "mailbox_key_id",
            sa.LargeBinary(),
            nullable=False,
            comment="finds the grants that the code holder can open",
        ),
        sa.Column(
            "reporter_sign_pk",
            sa.LargeBinary(),
            nullable=False,
            comment="checks who gives a code up or forgets a copy: only the code holder may",
        ),
        sa.Column(
            "act_pk",
            sa.LargeBinary(),
            nullable=False,
            comment="checks acts: who could not open the report may not act on it",
        ),
        sa.Column(
            "mailbox_record",
            sa.LargeBinary(),
            nullable=False,
            comment="the exclude record, always of one size and readable with the code only: who was excluded",
        ),
        sa.Column(
            "received_day",
            sa.Date(),
            nullable=False,
            comment="day of lodging: the legal clocks start here",
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_file")),
    )


def nonce() -> None:
    op.create_table(
        "nonce",
        sa.Column(
            "key_id",
            sa.LargeBinary(),
            nullable=False,
            comment="two desks may use the same nonce by chance",
        ),
        sa.Column(
            "nonce",
            sa.LargeBinary(),
            nullable=False,
            comment="a request that was overheard can't be sent again",
        ),
        sa.Column(
            "day",
            sa.Date(),
            nullable=False,
            comment="day that the request was signed for: when the row can be forgotten",
        ),
        sa.PrimaryKeyConstraint("key_id", "nonce", name=op.f("pk_nonce")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_nonce_day"), "nonce", ["day"])


def site() -> None:
    op.create_table(
        "site",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="always 1: there is one site to a database",
        ),
        sa.Column(
            "salt",
            sa.LargeBinary(),
            nullable=False,
            comment="16 public random bytes that codes are hashed with; without them no code works any more",
        ),
        sa.Column(
            "sign_pk",
            sa.LargeBinary(),
            nullable=False,
            comment="the site's public signing key: do the secret file and this database belong together?",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_one_row")),
    )


def change() -> None:
    op.create_table(
        "change",
        sa.Column(
            "seq",
            SEQUENCE,
            sa.Identity(),
            nullable=False,
            comment="never used twice: a desk asks for what is above its last one",
        ),
        sa.Column(
            "case_id",
            sa.LargeBinary(),
            nullable=False,
            comment="which case a desk has to look at again",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"], name=op.f("fk_change_case_id")),
        sqlite_autoincrement=True,
    )


def code() -> None:
    op.create_table(
        "code",
        sa.Column(
            "index",
            sa.LargeBinary(),
            nullable=False,
            comment="hash of the look-up id; finds the code's case",
        ),
        sa.Column("case_id", sa.LargeBinary(), nullable=False, comment="the case that this code opens"),
        sa.Column(
            "ended_day",
            sa.Date(),
            nullable=True,
            comment="set when the code is given up; the row stays: an old form never opens a second case",
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_code")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"], name=op.f("fk_code_case_id")),
        sqlite_with_rowid=False,
    )


def envelope() -> None:
    op.create_table(
        "envelope",
        sa.Column(
            "seq",
            SEQUENCE,
            autoincrement=False,
            nullable=False,
            comment="its place in the feed, and the order of a conversation (days alone could not tell)",
        ),
        sa.Column(
            "envelope_id",
            sa.LargeBinary(),
            nullable=False,
            comment="the same id twice is stored once: a repeat is the same report",
        ),
        sa.Column("case_id", sa.LargeBinary(), nullable=False, comment="finds a case's conversation"),
        sa.Column(
            "kind",
            sa.SmallInteger(),
            nullable=False,
            comment="report, from the reporter, to the reporter, record: who is handed which envelope",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="shown in the timeline"),
        sa.Column(
            "act_sig",
            sa.LargeBinary(),
            nullable=True,
            comment="shows to desks that the author had opened the report; none for what a reporter writes",
        ),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="the sealed bytes: what all this is kept for",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_envelope")),
        sa.CheckConstraint("kind BETWEEN 1 AND 4", name=op.f("ck_envelope_kind")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"], name=op.f("fk_envelope_case_id")),
        sa.ForeignKeyConstraint(["seq"], ["change.seq"], name=op.f("fk_envelope_seq")),
        sa.UniqueConstraint("envelope_id", name=op.f("uq_envelope_envelope_id")),
    )
    op.create_index(op.f("ix_envelope_case_id"), "envelope", ["case_id"])


def status() -> None:
    op.create_table(
        "status",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False, comment="its place in the feed"),
        sa.Column("case_id", sa.LargeBinary(), nullable=False, comment="the case it belongs to"),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="signed: no status can be dropped or moved unseen",
        ),
        sa.Column("status", sa.String(), nullable=False, comment="the word; reporter and auditors read it"),
        sa.Column("day", sa.Date(), nullable=False, comment="signed; shown in the timeline"),
        sa.Column(
            "author",
            sa.LargeBinary(),
            nullable=False,
            comment="key id of the auditor who set it: nothing moves without a name",
        ),
        sa.Column(
            "sig",
            sa.LargeBinary(),
            nullable=False,
            comment="the author's signature, checked by desks and the reporter's page",
        ),
        sa.Column(
            "act_sig",
            sa.LargeBinary(),
            nullable=False,
            comment="shows to desks that the author had opened the report",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_status")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_status_sequence")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"], name=op.f("fk_status_case_id")),
        sa.ForeignKeyConstraint(["seq"], ["change.seq"], name=op.f("fk_status_seq")),
        sa.UniqueConstraint("case_id", "sequence", name=op.f("uq_status_case_id_sequence")),
    )


def envelope_grant() -> None:
    op.create_table(
        "envelope_grant",
        sa.Column(
            "envelope_id",
            sa.LargeBinary(),
            nullable=False,
            comment="the envelope whose content key this is",
        ),
        sa.Column(
            "key_id",
            sa.LargeBinary(),
            nullable=False,
            comment="who can open it: a mailbox or an auditor",
        ),
        sa.Column(
            "granter",
            sa.LargeBinary(),
            nullable=False,
            comment="who made it: a false one from one hand can't displace a good one from another",
        ),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="the content key, sealed; a throw-away looks the same",
        ),
        sa.PrimaryKeyConstraint("envelope_id", "key_id", "granter", name=op.f("pk_envelope_grant")),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["envelope.envelope_id"], name=op.f("fk_envelope_grant_envelope_id")
        ),
        sqlite_with_rowid=False,
    )
