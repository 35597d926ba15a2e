"""Round trips to PostgreSQL, counted in libpq's own trace: the server says once in each that it is ready."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from store import basis, cases, code_page, db, driver
from tests.store import make


@contextmanager
def counted(conn: Connection, trace: Path) -> Iterator[list[int]]:
    """Give a list that holds the number of round trips in the block when it has ended."""
    connection = conn.connection.driver_connection
    assert connection is not None
    counts: list[int] = []
    with trace.open("wb") as file:
        connection.pgconn.trace(file.fileno())
        try:
            yield counts
        finally:
            connection.pgconn.untrace()
    counts.append(trace.read_text(errors="replace").count("ReadyForQuery"))


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_code_and_its_page_are_read_in_one_round_trip(engine: Engine, tmp_path: Path) -> None:
    new = make.report()
    make.add_report(engine, new)
    for index, is_there in ((new.index, True), (make.an_id(), False)):
        for _again in range(2):
            with db.reading(engine) as conn, counted(conn, tmp_path / "page") as page:
                read = code_page.read(conn, index, new.mailbox_key_id, make.DAY, is_last=True)
            with db.reading(engine) as conn, counted(conn, tmp_path / "look") as look:
                whole = cases.whole_of_code(conn, index)
        assert read.whole == whole and (whole is not None) is is_there
        assert page == look == [1]
    assert read.basis.cards == 0 and read.log is None


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_what_is_read_after_the_last_is_another_transaction(engine: Engine, tmp_path: Path) -> None:
    """Each is read as it should be even where a caller said too early that nothing follows."""
    new = make.report()
    with db.reading(engine) as conn:
        assert cases.whole_of_code(conn, new.index) is None
        make.add_report(engine, new)
        assert basis.read(conn, make.DAY).cards == 0
        assert cases.get(conn, new.case_id) is not None


def test_a_page_of_a_code_holds_what_is_stored(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)
    make.add_status(engine, new.case_id, 1, "investigating")
    with db.reading(engine) as conn:
        whole = code_page.read(conn, new.index, new.mailbox_key_id, make.DAY).whole
        # By the key id that the case itself names.
        assert whole == cases.whole_from(driver.run(conn, cases.whole_asked(new.index)))
    assert whole is not None and whole.case.case_id == new.case_id
    assert [row.raw for row in whole.envelopes] == [new.raw]
    assert [row.status for row in whole.statuses] == ["investigating"]
    assert whole.grants == {new.envelope_id: [new.mailbox_grant]}
    with db.reading(engine) as conn:
        other = code_page.read(conn, new.index, make.an_id(), make.DAY).whole
    assert other is not None and other.grants == {}
