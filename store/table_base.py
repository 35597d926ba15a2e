"""Shared by all tables: naming of constraints, types."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, Date, Integer, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase

# SQLite counts up by itself only for a column that is exactly INTEGER PRIMARY KEY.
Sequence: Final = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """All tables; constraints get their names from here, so that migrations can name them on both
    databases.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {bytes: LargeBinary(), date: Date(), str: String()}
