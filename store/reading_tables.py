"""The table of reading journals (`store.tables` has the others)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.table_base import Base


class StoredReading(Base):
    """One reading journal of each desk for each day on which it fetched: always as long, whatever was read."""

    __tablename__ = "reading_journal"
    __table_args__ = (UniqueConstraint("author", "day"),)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
        comment="place among all journals: a desk asks for what is behind the last one that it has",
    )
    author: Mapped[bytes] = mapped_column(comment="key id: a desk sends one journal a day")
    day: Mapped[date] = mapped_column(comment="day on which it came: one for each author and day")
    number: Mapped[int] = mapped_column(
        BigInteger, comment="the author's own count, so that colleagues see a missing one"
    )
    raw: Mapped[bytes] = mapped_column(comment="the signed journal; names no case to this server")
