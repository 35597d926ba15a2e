"""The tables of the transparency log. Nothing in them leads from a leaf to a case (docs/format.md, 5.4)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from store.table_base import Base, Sequence


class LogLeaf(Base):
    """The log itself; it only grows."""

    __tablename__ = "log_leaf"
    __table_args__ = (Index(None, "hash"),)

    index: Mapped[int] = mapped_column(
        Sequence, primary_key=True, autoincrement=False, comment="the leaf's place in the log, from 0 on"
    )
    hash: Mapped[bytes] = mapped_column(comment="the leaf's hash: finds whether a leaf is in the log")
    raw: Mapped[bytes] = mapped_column(comment="the leaf: public, and opaque where it belongs to a case")


class LogBatch(Base):
    """Which leaves a day added."""

    __tablename__ = "log_batch"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[date] = mapped_column(primary_key=True, comment="the day whose acts are in the batch")
    first: Mapped[int] = mapped_column(BigInteger, comment="index of its day leaf")
    end: Mapped[int] = mapped_column(
        BigInteger, comment="the index behind it: the log's size after the batch"
    )


class LogHead(Base):
    """The log's state: one row. The size grows only in place of the old one, so that two servers never fork it."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="always 1: there is one log to a site"
    )
    size: Mapped[int] = mapped_column(BigInteger, comment="how many leaves there are")
    root: Mapped[bytes] = mapped_column(comment="the tree's root: compared before anything is signed")
    hidden: Mapped[int] = mapped_column(
        Integer, comment="hidden leaves of a day, or a multiple; never changes"
    )
    day: Mapped[date | None] = mapped_column(
        comment="the newest day that has a batch, or before which none is due; none until the site first ran"
    )
    list_length: Mapped[int] = mapped_column(
        Integer,
        comment="how many documents of the list of readers are in the log: new leaves have their tags",
    )
    published: Mapped[int] = mapped_column(BigInteger, comment="the size that the checkpoint beside it names")
    note: Mapped[str] = mapped_column(comment="the newest checkpoint, signed; empty before the first one")
    release: Mapped[bytes | None] = mapped_column(
        comment="hash of the newest leaf about the page scripts: a change makes a new leaf"
    )


class LogCheckpoint(Base):
    """Every checkpoint that was published: what counts by the tenth day has to be shown long after (ADR 0015)."""

    __tablename__ = "log_checkpoint"
    __table_args__ = ({"sqlite_with_rowid": False},)

    size: Mapped[int] = mapped_column(
        Sequence, primary_key=True, autoincrement=False, comment="the size that it names"
    )
    note: Mapped[str] = mapped_column(comment="the checkpoint, signed by the log's key")


class LogCosignature(Base):
    """Each witness's cosignature of each checkpoint. Its time is the last 03:00 of Japan, for our own (ADR 0030)."""

    __tablename__ = "log_cosignature"
    __table_args__ = ({"sqlite_with_rowid": False},)

    size: Mapped[int] = mapped_column(
        Sequence, primary_key=True, autoincrement=False, comment="the checkpoint that it is for"
    )
    name: Mapped[str] = mapped_column(primary_key=True, comment="the witness's name, which names no person")
    line: Mapped[str] = mapped_column(comment="the signature line, served with the checkpoint")


class PendingLeaf(Base):
    """Leaves of acts until their batch: without case and without order, since rows are kept by their hash."""

    __tablename__ = "pending_leaf"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[bytes] = mapped_column(
        primary_key=True, comment="the leaf's hash: promised to anyone who brought it"
    )
    day: Mapped[date] = mapped_column(comment="the day whose batch it will be in, as promised")
    list_length: Mapped[int] = mapped_column(
        Integer, comment="the list whose readers have tags in it: one for all leaves of a day"
    )
    raw: Mapped[bytes] = mapped_column(comment="the leaf itself, which the batch takes into the log")


class LogWitness(Base):
    """The desks that cosign, each with the key that its card named."""

    __tablename__ = "log_witness"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key_id: Mapped[bytes] = mapped_column(primary_key=True, comment="the card whose desk cosigns")
    day: Mapped[date | None] = mapped_column(comment="the day whose batch has it as a leaf; none until then")
    raw: Mapped[bytes] = mapped_column(comment="the document, signed by the card: which key cosigns")


class LogDocument(Base):
    """Plain leaves that people are told of, or that wait for their batch: policies, `restored`, `key`, `continues`."""

    __tablename__ = "log_document"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[bytes] = mapped_column(primary_key=True, comment="the leaf's hash: each is kept once")
    word: Mapped[str] = mapped_column(comment="the word of its first line")
    raw: Mapped[bytes] = mapped_column(comment="the leaf: its document is behind the first line")
    index: Mapped[int | None] = mapped_column(
        BigInteger, comment="its place in the log; none until its batch"
    )
    day: Mapped[date | None] = mapped_column(comment="the day whose batch has it; none for the first policy")
    in_force: Mapped[bool] = mapped_column(
        comment="whether a policy counts already; the newest that does is the policy"
    )


class LogEvidence(Base):
    """Checkpoints that this log's key signed and that the log in this database does not extend to: nothing is signed
    until they are explained. Explained ones stay as the record of an accident.
    """

    __tablename__ = "log_evidence"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[bytes] = mapped_column(primary_key=True, comment="SHA-256 of the checkpoint's text")
    size: Mapped[int] = mapped_column(BigInteger, comment="how many leaves it names")
    note: Mapped[str] = mapped_column(comment="the checkpoint, signed by the log's key")
    explained: Mapped[bool] = mapped_column(
        comment="whether the log went on behind it, or its branch was dropped"
    )
