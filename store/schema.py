"""The schema's state: whether a database's tables are those of this program, and how they become so."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final, cast

from sqlalchemy import URL, Engine, inspect, text

from store.db import make_engine, reading, writing
from store.sqlite import is_sqlite, make_file

REVISIONS: Final[tuple[str, ...]] = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
)
"""The schema's revisions, oldest first; a test compares them with the migrations."""


class WrongSchema(Exception):
    """The database's tables are not those of this program; the text says what to do, `ja` what is wrong."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


class SchemaState(Enum):
    """How a database's tables compare with those that this program needs."""

    EMPTY = "empty"
    CURRENT = "current"
    OUTDATED = "outdated"
    UNKNOWN = "unknown"
    """Made by a newer version, or by something else."""


_ADVICE: Final = {
    SchemaState.EMPTY: "The database is empty. Run `meyasubako init`, or `meyasubako db upgrade`.",
    SchemaState.OUTDATED: "The database is from an older version. Make a backup with that version, then run"
    " `meyasubako db upgrade`.",
    SchemaState.UNKNOWN: "The database is from a newer version of this program, or not from this program.",
}


_ADVICE_JA: Final = {
    SchemaState.EMPTY: "データベースが空です。",
    SchemaState.OUTDATED: "データベースが古い版のものです。",
    SchemaState.UNKNOWN: "データベースが新しい版のものか、このプログラムのものではありません。",
}


def schema_state(engine: Engine) -> SchemaState:
    """Return how the database's tables compare with this program's. Raises StoreFailed when it can't be
    asked.
    """
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
        if "alembic_version" not in names:
            return SchemaState.UNKNOWN if names else SchemaState.EMPTY
        revisions = list(connection.scalars(text("SELECT version_num FROM alembic_version")))
    if not revisions:
        return SchemaState.EMPTY if names == ["alembic_version"] else SchemaState.UNKNOWN
    if revisions == [REVISIONS[-1]]:
        return SchemaState.CURRENT
    return SchemaState.OUTDATED if len(revisions) == 1 and revisions[0] in REVISIONS else SchemaState.UNKNOWN


def check_schema(engine: Engine) -> None:
    """Raise WrongSchema, with what to do, unless the database's tables are those of this program."""
    state = schema_state(engine)
    if state is not SchemaState.CURRENT:
        raise WrongSchema(_ADVICE[state], _ADVICE_JA[state])


def upgrade(url: str | URL) -> None:
    """Bring a database's tables to this version, in one transaction; an empty database gets them all.

    A SQLite file is created, readable by its owner only. Raises WrongSchema when the database is from a newer
    version or from something else, StoreFailed when the database fails.
    """
    from store.migrations.run import TooOld, migrate

    engine = make_engine(url)
    try:
        if is_sqlite(engine):
            make_file(Path(cast(str, engine.url.database)))
        if schema_state(engine) is SchemaState.UNKNOWN:
            check_schema(engine)
        try:
            with writing(engine) as connection:
                migrate(connection)
        except TooOld:
            raise WrongSchema(
                "The database holds a site of an earlier version, whose reports do not name their readers. It can't be "
                "upgraded,\nand it was left as it is. Keep it running with that version until its cases are closed, "
                "and make a new site beside it\n(docs/operations.md, section 9).",
                "以前の版のサイトです。この版には上げられません。データはそのままです(docs/operations.md 第9節)。",
            ) from None
    finally:
        engine.dispose()
