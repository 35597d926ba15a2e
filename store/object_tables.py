"""The tables of sealed files: what is here of each, and which envelope names it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.table_base import Base


class StoredObject(Base):
    """Sealed files, complete or on their way. On SQLite they lie in a folder (ADR 0048), and the two
    tables are filled in backups only.
    """

    __tablename__ = "stored_object"
    __table_args__ = (Index(None, "day", "have"), {"sqlite_with_rowid": False})

    object_id: Mapped[bytes] = mapped_column(
        primary_key=True, comment="random; the sealed entry in an envelope names it"
    )
    size: Mapped[int] = mapped_column(
        BigInteger, comment="its bytes when it is complete: what a piece has to fit into"
    )
    have: Mapped[int] = mapped_column(
        BigInteger, comment="bytes that are here: where an interrupted upload goes on"
    )
    day: Mapped[date | None] = mapped_column(
        comment="when it can be swept away; none once an envelope names it"
    )


class ObjectPiece(Base):
    """The bytes of sealed files, in the pieces in which they came."""

    __tablename__ = "object_piece"

    object_id: Mapped[bytes] = mapped_column(
        ForeignKey(StoredObject.object_id), primary_key=True, comment="the object that this is a piece of"
    )
    start: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="where in the object the piece begins"
    )
    raw: Mapped[bytes] = mapped_column(comment="the sealed bytes, at most 1 MiB in a row")


class ObjectName(Base):
    """Which envelope a file belongs to; stored with the envelope, in one transaction."""

    __tablename__ = "object_name"
    __table_args__ = (Index(None, "envelope_id"), {"sqlite_with_rowid": False})

    object_id: Mapped[bytes] = mapped_column(
        primary_key=True, comment="an object belongs to one envelope only, and stays"
    )
    envelope_id: Mapped[bytes] = mapped_column(
        ForeignKey("envelope.envelope_id"), comment="the envelope that came with it"
    )
