"""Statements that every request runs, on the driver's own connection.

SQLAlchemy takes some 40 µs of CPU for each statement, the databases' drivers 3 to 8. Statements are still written in
Core and compiled by it, once; faults are those that SQLAlchemy would raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ClauseElement, Connection, Date, Insert, Select
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]
_LATER: Final = "run_later"
_WROTE: Final = "has_inserted"
"""Names in a connection's `info`."""
_DIALECTS: Final[Mapping[str, DefaultDialect]] = {
    "sqlite": pysqlite.dialect(paramstyle="named"),
    "postgresql": psycopg.dialect(),  # type: ignore[no-untyped-call]
}


class _Compiled(NamedTuple):
    """`fixed`: values of the statement's own. `days`, `day_columns`: values and columns that SQLite keeps as text."""

    text: str
    fixed: Values
    days: tuple[str, ...]
    day_columns: tuple[int, ...]


class Statement:
    """A statement of Core. `columns`: of an insert, those that are given."""

    def __init__(self, core: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._core, self._columns = core, columns
        self.is_insert = isinstance(core, Insert)
        self._compiled: dict[str, _Compiled] = {}

    def compiled(self, dialect: str) -> _Compiled:
        """Return the statement for "sqlite" or "postgresql"."""
        known = self._compiled.get(dialect)
        if known is None:
            known = self._compiled[dialect] = self._compile(dialect)
        return known

    def _compile(self, dialect: str) -> _Compiled:
        columns = list(self._columns) if self._columns else None
        made = self._core.compile(dialect=_DIALECTS[dialect], column_keys=columns)
        days: list[str] = []
        day_columns: list[int] = []
        fixed = {name: value for name, value in (made.params or {}).items() if value is not None}
        if dialect == "sqlite":
            binds = getattr(made, "binds", {})
            days = [name for name, bind in binds.items() if isinstance(bind.type, Date)]
            selected = self._core.selected_columns if isinstance(self._core, Select) else ()
            day_columns = [at for at, column in enumerate(selected) if isinstance(column.type, Date)]
        return _Compiled(str(made), fixed, tuple(days), tuple(day_columns))


Asked = tuple[Statement, Values]
"""A statement with its values."""


def rows(conn: Connection, statement: Statement, values: Values) -> Rows:
    """Run a statement that answers, and return its rows. Raises SQLAlchemyError."""
    return run(conn, [(statement, values)])[0]


def run(conn: Connection, statements: Sequence[Asked], is_last: bool = False) -> list[Rows]:
    """Run statements one after the other, on PostgreSQL in one round trip; return the rows of each. `is_last`: this
    transaction reads only, and nothing more: its end is in the same round trip.

    Raises SQLAlchemyError; then those behind the one that failed did not run.
    """
    driver: Any = conn.connection.driver_connection
    dialect = conn.dialect
    try:
        if dialect.name == "sqlite":
            return [_on_sqlite(driver, *statement) for statement in statements]
        got = _on_postgres(driver, conn.info.pop(_LATER, ()), statements, is_last)
        if any(statement.is_insert for statement, _values in statements):
            conn.info[_WROTE] = True
        return got
    except dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(conn, error) from None


def later(conn: Connection, text: str) -> None:
    """Run a statement without values and without an answer; on PostgreSQL together with the next one. Raises
    SQLAlchemyError.
    """
    if conn.dialect.name == "sqlite":
        plain(conn, text)
    else:
        conn.info.setdefault(_LATER, []).append(text)


def not_later(conn: Connection, text: str) -> bool:
    """Take back a statement that was to run later; False when it ran already."""
    waiting: list[str] = conn.info.get(_LATER, [])
    if text not in waiting:
        return False
    waiting.remove(text)
    return True


def catch_up(conn: Connection) -> None:
    """Run what was to run later. Raises SQLAlchemyError."""
    if conn.info.get(_LATER):
        run(conn, ())


def forget(info: dict[Any, Any]) -> None:
    """Forget what belongs to a transaction that is over. `info`: of its connection."""
    info.pop(_LATER, None)
    info.pop(_WROTE, None)


def has_written(conn: Connection) -> bool:
    """Tell whether this transaction has inserted a row on PostgreSQL, through this module: its commit is then one."""
    return bool(conn.info.get(_WROTE))


def plain(conn: Connection, text: str) -> None:
    """Run a statement without values and without an answer. Raises SQLAlchemyError."""
    driver: Any = conn.connection.driver_connection
    try:
        driver.execute(text)
    except conn.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(conn, error) from None


def _on_sqlite(driver: Any, statement: Statement, values: Values) -> Rows:
    text, fixed, days, day_columns = statement.compiled("sqlite")
    if days or fixed:
        values = {**fixed, **values, **{name: _day_as_text(values[name]) for name in days}}
    got: Rows = driver.execute(text, values).fetchall()
    if not day_columns:
        return got
    return [
        tuple(_text_as_day(value) if at in day_columns else value for at, value in enumerate(row))
        for row in got
    ]


def _day_as_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _text_as_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _on_postgres(
    driver: Any, before: Sequence[str], statements: Sequence[Asked], is_last: bool
) -> list[Rows]:
    compiled = [(statement.compiled("postgresql"), values) for statement, values in statements]
    texts = [(made.text, {**made.fixed, **values} if made.fixed else values) for made, values in compiled]
    if len(texts) == 1 and not before and not is_last and driver.pgconn.transaction_status:
        return [_answer(driver.execute(*texts[0], prepare=True))]
    # One round trip, with the BEGIN where the transaction begins here.
    with driver.pipeline():
        for text in before:
            driver.execute(text)
        cursors = [driver.execute(text, values, prepare=True) for text, values in texts]
        if is_last:
            driver.execute("COMMIT")
    return [_answer(cursor) for cursor in cursors]


def _answer(cursor: Any) -> Rows:
    return [] if cursor.description is None else cursor.fetchall()


def _as_sqlalchemy(conn: Connection, error: Exception) -> BaseException:
    """Return what SQLAlchemy raises for a driver's fault; a connection that is lost is given up, as it does."""
    driver: Any = conn.connection.driver_connection
    is_lost = conn.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
    if is_lost:
        conn.invalidate(error)
    dbapi_error = conn.dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        None,
        None,
        error,
        dbapi_error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=conn.dialect,
    )
