"""The table of the register (`store.tables` has the others)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from store.table_base import Base


class StoredRegisterRecord(Base):
    """One record of what belongs to no case: always as long, whatever it says; none is changed or deleted."""

    __tablename__ = "register_record"

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
        comment="from 1 on, without a gap",
    )
    hash: Mapped[bytes] = mapped_column(comment="by which the next record names this one")
    day: Mapped[date] = mapped_column(comment="day on which it came")
    raw: Mapped[bytes] = mapped_column(comment="sealed to all who read reports, signed by its author")
