"""The tables. Each column's comment says why it is stored; a column without a reason is not added.

No column holds a time, an address, a name typed by a reporter or anything that opens a report. Days are
calendar days in Japan. Queries are in the other modules, in Core, on a Connection.
"""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from store import log_tables, object_tables, reading_tables, register_tables
from store.table_base import Base as Base
from store.table_base import Sequence

REPORT: Final = 1
FROM_REPORTER: Final = 2
"""Kinds of envelopes that the store tells apart (crypto.envelope.Kind, which it may not import)."""


class Site(Base):
    """The site itself: one row, for ever."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="always 1: there is one site to a database"
    )
    salt: Mapped[bytes] = mapped_column(
        comment="16 public random bytes that codes are hashed with; without them no code works any more"
    )
    sign_pk: Mapped[bytes] = mapped_column(
        comment="the site's public signing key: do the secret file and this database belong together?"
    )


class Card(Base):
    """Who may open reports, in the order of enrolment. All of it is public (the keys page shows it)."""

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("key_id"),
        Index("ix_card_retired_seq", "retired_seq", unique=True),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(
        Sequence,
        Identity(),
        primary_key=True,
        comment="order of enrolment: the chain of vouchers is checked in it",
    )
    key_id: Mapped[bytes] = mapped_column(comment="finds the card of a signed request or of an author")
    person: Mapped[bytes] = mapped_column(
        comment="the same human with a new key stays excluded from a report"
    )
    raw: Mapped[bytes] = mapped_column(
        comment="the card itself, signed: desks check the chain on these very bytes"
    )
    enrolled_day: Mapped[date] = mapped_column(comment="shown publicly: since when this key can read reports")
    retired_day: Mapped[date | None] = mapped_column(comment="from when nothing more is sealed to this key")
    retirement: Mapped[bytes | None] = mapped_column(
        comment="the signed retirement, so that desks can check it too"
    )
    retired_seq: Mapped[int | None] = mapped_column(
        Sequence, comment="the retirement's place in the same list as the card's"
    )
    granted: Mapped[int] = mapped_column(
        server_default="0",
        comment="how often colleagues granted something to this key: when it grows, its desk fetches those grants",
    )


class Case(Base):
    """One case: what the server must know to let the code holder and the auditors meet."""

    __tablename__ = "case_file"

    case_id: Mapped[bytes] = mapped_column(
        primary_key=True,
        comment="ties a case's envelopes together; derived from a secret that the server lacks",
    )
    mailbox_pk: Mapped[bytes] = mapped_column(
        comment="public key that answers to the reporter are granted to"
    )
    mailbox_key_id: Mapped[bytes] = mapped_column(comment="finds the grants that the code holder can open")
    reporter_sign_pk: Mapped[bytes] = mapped_column(
        comment="checks who gives a code up or forgets a copy: only the code holder may"
    )
    act_pk: Mapped[bytes] = mapped_column(
        comment="checks acts: who could not open the report may not act on it"
    )
    mailbox_record: Mapped[bytes] = mapped_column(
        comment="the exclude record, always of one size and readable with the code only: who was excluded"
    )
    received_day: Mapped[date] = mapped_column(comment="day of lodging: the legal clocks start here")
    deleted_day: Mapped[date | None] = mapped_column(
        comment="when two persons deleted it: its code is answered with that, and nothing is added any more"
    )


class Code(Base):
    """Receipt codes, as the hash of a hash: a stolen backup can look nothing up."""

    __tablename__ = "code"
    __table_args__ = ({"sqlite_with_rowid": False},)

    index: Mapped[bytes] = mapped_column(
        primary_key=True, comment="hash of the look-up id; finds the code's case"
    )
    case_id: Mapped[bytes] = mapped_column(ForeignKey(Case.case_id), comment="the case that this code opens")
    ended_day: Mapped[date | None] = mapped_column(
        comment="set when the code is given up; the row stays: an old form never opens a second case"
    )


class Change(Base):
    """The feed: one row for each thing that a desk has to fetch, in the order of commits (ADR 0003)."""

    __tablename__ = "change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(
        Sequence,
        Identity(),
        primary_key=True,
        comment="never used twice: a desk asks for what is above its last one",
    )
    case_id: Mapped[bytes] = mapped_column(
        ForeignKey(Case.case_id), comment="which case a desk has to look at again"
    )


class Envelope(Base):
    """Sealed envelopes, never changed once they are accepted."""

    __tablename__ = "envelope"
    __table_args__ = (
        UniqueConstraint("envelope_id"),
        CheckConstraint("kind BETWEEN 1 AND 4", name="kind"),
        Index(None, "case_id"),
    )

    seq: Mapped[int] = mapped_column(
        Sequence,
        ForeignKey(Change.seq),
        primary_key=True,
        autoincrement=False,
        comment="its place in the feed, and the order of a conversation (days alone could not tell)",
    )
    envelope_id: Mapped[bytes] = mapped_column(
        comment="the same id twice is stored once: a repeat is the same report"
    )
    case_id: Mapped[bytes] = mapped_column(ForeignKey(Case.case_id), comment="finds a case's conversation")
    kind: Mapped[int] = mapped_column(
        SmallInteger,
        comment="report, from the reporter, to the reporter, record: who is handed which envelope",
    )
    day: Mapped[date] = mapped_column(comment="shown in the timeline")
    act_sig: Mapped[bytes | None] = mapped_column(
        comment="shows to desks that the author had opened the report; none for what a reporter writes"
    )
    promise: Mapped[bytes | None] = mapped_column(
        comment="the site's promise for its leaf in the log, sealed to the reporter's mailbox: brought back by the code"
    )
    # Last, so that SQLite reads the columns above without following the chain of pages that holds this one.
    raw: Mapped[bytes] = mapped_column(comment="the sealed bytes: what all this is kept for")


class Grant(Base):
    """Keys of envelopes that were sealed later or for the mailbox; each opens for one key only."""

    __tablename__ = "envelope_grant"
    __table_args__ = (
        Index("ix_envelope_grant_number", "key_id", "number"),
        {"sqlite_with_rowid": False},
    )

    envelope_id: Mapped[bytes] = mapped_column(
        ForeignKey(Envelope.envelope_id), primary_key=True, comment="the envelope whose content key this is"
    )
    key_id: Mapped[bytes] = mapped_column(
        primary_key=True, comment="who can open it: a mailbox or an auditor"
    )
    granter: Mapped[bytes] = mapped_column(
        primary_key=True,
        comment="who made it: a false one from one hand can't displace a good one from another",
    )
    sealed: Mapped[bytes] = mapped_column(comment="the content key, sealed; a throw-away looks the same")
    number: Mapped[int] = mapped_column(
        server_default="0",
        comment="of a colleague's grant: what card.granted of its key became with it, so that a desk fetches it once",
    )


class Status(Base):
    """Statuses that auditors set, from sequence 1 on ("received" is implicit)."""

    __tablename__ = "status"
    __table_args__ = (
        UniqueConstraint("case_id", "sequence"),
        CheckConstraint("sequence >= 1", name="sequence"),
    )

    seq: Mapped[int] = mapped_column(
        Sequence,
        ForeignKey(Change.seq),
        primary_key=True,
        autoincrement=False,
        comment="its place in the feed",
    )
    case_id: Mapped[bytes] = mapped_column(ForeignKey(Case.case_id), comment="the case it belongs to")
    sequence: Mapped[int] = mapped_column(Integer, comment="signed: no status can be dropped or moved unseen")
    status: Mapped[str] = mapped_column(comment="the word; reporter and auditors read it")
    day: Mapped[date] = mapped_column(comment="signed; shown in the timeline")
    author: Mapped[bytes] = mapped_column(
        comment="key id of the auditor who set it: nothing moves without a name"
    )
    sig: Mapped[bytes] = mapped_column(
        comment="the author's signature, checked by desks and the reporter's page"
    )
    act_sig: Mapped[bytes] = mapped_column(comment="shows to desks that the author had opened the report")


class Deletion(Base):
    """The auditors' signed statements about deleting a case; after the deletion this is the record of who did it."""

    __tablename__ = "deletion"
    __table_args__ = (
        CheckConstraint("what IN ('deletion', 'kept', 'deleted')", name="what"),
        Index(None, "case_id"),
    )

    seq: Mapped[int] = mapped_column(
        Sequence,
        ForeignKey(Change.seq),
        primary_key=True,
        autoincrement=False,
        comment="its place in the feed: the latest one of a case counts",
    )
    case_id: Mapped[bytes] = mapped_column(ForeignKey(Case.case_id), comment="the case that it is about")
    what: Mapped[str] = mapped_column(comment="proposed, withdrawn, or agreed to and done")
    day: Mapped[date] = mapped_column(comment="signed; a proposal holds for 30 days")
    author: Mapped[bytes] = mapped_column(comment="key id of who signed: it takes two persons")
    sig: Mapped[bytes] = mapped_column(comment="the author's signature: both stay on record")
    act_sig: Mapped[bytes] = mapped_column(comment="shows that the author had opened the report")
    agrees: Mapped[int | None] = mapped_column(
        Sequence,
        ForeignKey("deletion.seq"),
        comment="the proposal that this one agrees to: the other person",
    )


class StoredStatistics(Base):
    """Statistics that a lead's desk sealed to an observer; only the latest of each pair is kept."""

    __tablename__ = "numbers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    author: Mapped[bytes] = mapped_column(
        primary_key=True, comment="key id of the lead: a false one can't displace another lead's"
    )
    key_id: Mapped[bytes] = mapped_column(primary_key=True, comment="the observer who can open them")
    day: Mapped[date] = mapped_column(comment="how old the numbers are")
    sealed: Mapped[bytes] = mapped_column(comment="the numbers, sealed to the observer")


class Nonce(Base):
    """Nonces of auditors' signed requests; forgotten after two days and in no backup."""

    __tablename__ = "nonce"
    __table_args__ = (Index(None, "day"), {"sqlite_with_rowid": False})

    key_id: Mapped[bytes] = mapped_column(
        primary_key=True, comment="two desks may use the same nonce by chance"
    )
    nonce: Mapped[bytes] = mapped_column(
        primary_key=True, comment="a request that was overheard can't be sent again"
    )
    day: Mapped[date] = mapped_column(
        comment="day that the request was signed for: when the row can be forgotten"
    )


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


site = _table(Site)
card = _table(Card)
case_file = _table(Case)
code = _table(Code)
change = _table(Change)
envelope = _table(Envelope)
grant = _table(Grant)
status = _table(Status)
deletion = _table(Deletion)
statistics = _table(StoredStatistics)
nonce = _table(Nonce)
stored_object = _table(object_tables.StoredObject)
object_piece = _table(object_tables.ObjectPiece)
object_name = _table(object_tables.ObjectName)
log_leaf = _table(log_tables.LogLeaf)
log_batch = _table(log_tables.LogBatch)
log_head = _table(log_tables.LogHead)
log_checkpoint = _table(log_tables.LogCheckpoint)
log_cosignature = _table(log_tables.LogCosignature)
pending_leaf = _table(log_tables.PendingLeaf)
log_witness = _table(log_tables.LogWitness)
log_document = _table(log_tables.LogDocument)
log_evidence = _table(log_tables.LogEvidence)
reading_journal = _table(reading_tables.StoredReading)
register_record = _table(register_tables.StoredRegisterRecord)
