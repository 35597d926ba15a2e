"""Engines and transactions: what is committed is on disk, what fails leaves nothing and tells nothing."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert, text

from store import db, postgres, reports, schema, sqlite
from store import tables as t
from store.db import StoreFailed, make_engine, reading, writing
from store.schema import upgrade
from store.writer_lock import LOCK_SUFFIX, TurnNotReached, WriterTurns
from tests.store import make
from tests.support.postgres import PostgresServer
from tests.support.tables import with_tables

posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes and forks are POSIX's")


def path_of(engine: Engine) -> Path:
    assert engine.url.database is not None
    return Path(engine.url.database)


def pragma(conn: object, name: str) -> object:
    return conn.exec_driver_sql(f"PRAGMA {name}").scalar()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_every_sqlite_connection_keeps_its_promises(engine: Engine) -> None:
    with db.writing(engine) as first, db.reading(engine) as second:
        for conn in (first, second):
            assert pragma(conn, "journal_mode") == "wal"
            assert pragma(conn, "synchronous") == 2  # FULL
            assert pragma(conn, "foreign_keys") == 1
            assert pragma(conn, "secure_delete") == 1
            assert pragma(conn, "temp_store") == 2  # MEMORY
            assert pragma(conn, "busy_timeout") == sqlite.BUSY_SECONDS * 1000


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_every_postgres_connection_keeps_its_promises(engine: Engine) -> None:
    with db.writing(engine) as first, db.reading(engine) as second:
        for conn in (first, second):
            assert conn.scalar(text("SHOW synchronous_commit")) == "on"
            assert conn.scalar(text("SHOW fsync")) == "on"
            assert conn.scalar(text("SHOW lock_timeout")) == f"{sqlite.BUSY_SECONDS}s"
            assert conn.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_server_that_does_not_wait_for_the_disk_is_told_to(engine: Engine, url: str) -> None:
    name = engine.url.database
    with db.writing(engine) as conn:
        conn.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    careless = db.make_engine(url)
    with db.writing(careless) as conn:
        assert conn.scalar(text("SHOW synchronous_commit")) == "on"
    careless.dispose()


def test_parameters_are_hidden(engine: Engine) -> None:
    assert engine.hide_parameters


def test_a_writing_block_commits_at_its_end(engine: Engine) -> None:
    new = make.report()
    with db.writing(engine) as conn:
        reports.add_report(conn, new)
        with db.reading(engine) as other:
            assert reports.lookup(other, new.index) is None
    with db.reading(engine) as other:
        assert reports.lookup(other, new.index) == reports.CodeRow(new.case_id, None)


def test_an_exception_leaves_nothing(engine: Engine) -> None:
    new = make.report()

    def break_off() -> None:
        with db.writing(engine) as conn:
            assert reports.add_report(conn, new) is reports.Outcome.STORED
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with db.reading(engine) as conn:
        assert reports.lookup(conn, new.index) is None
    assert make.add_report(engine, new) is reports.Outcome.STORED


def test_a_reader_sees_one_snapshot(engine: Engine) -> None:
    first, second = make.report(), make.report()
    make.add_report(engine, first)
    with db.reading(engine) as conn:
        assert reports.lookup(conn, first.index) is not None
        make.add_report(engine, second)
        assert reports.lookup(conn, second.index) is None


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_reader_on_postgres_cannot_write(engine: Engine) -> None:
    with pytest.raises(db.StoreFailed, match="ReadOnlySqlTransaction"), db.reading(engine) as conn:
        reports.add_report(conn, make.report())


def test_a_fault_names_no_value(engine: Engine) -> None:
    marker = b"marker-0123456789"
    row = {"seq": 1, "envelope_id": marker, "case_id": marker, "kind": 1, "day": make.DAY, "raw": marker}
    with pytest.raises(db.StoreFailed) as caught, db.writing(engine) as conn:
        conn.execute(insert(t.envelope), row)  # no such case, no such change
    told = f"{caught.value!s} {caught.value!r} {caught.value.__cause__}"
    assert "marker" not in told
    assert marker.hex() not in told
    assert "IntegrityError" in told or "ForeignKey" in told
    assert caught.value.__suppress_context__


def test_a_database_that_is_gone_is_one_kind_of_fault(tmp_path: Path) -> None:
    nowhere = db.make_engine(f"sqlite:///{tmp_path}/missing/store.db")
    with pytest.raises(db.StoreFailed), db.reading(nowhere):
        pass
    with pytest.raises(db.StoreFailed, match="no lock beside it"), db.writing(nowhere):
        pass
    with pytest.raises(db.StoreFailed, match="can't be made"):
        schema.upgrade(f"sqlite:///{tmp_path}/missing/store.db")
    nobody = db.make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(db.StoreFailed), db.reading(nobody):
        pass


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_and_leaves_what_was_there(engine: Engine) -> None:
    make.add_report(engine, kept := make.report())

    def nearly_full(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    event.listen(engine, "checkout", nearly_full)
    with pytest.raises(db.StoreFailed, match="SQLITE_FULL"):
        make.add_report(engine, lost := make.report(raw=os.urandom(131072)))
    event.remove(engine, "checkout", nearly_full)
    engine.dispose()
    with db.reading(engine) as conn:
        assert reports.lookup(conn, kept.index) is not None
        assert reports.lookup(conn, lost.index) is None


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_writer_waits_for_a_foreign_one(engine: Engine) -> None:
    """Another person's program (a backup tool, a shell) holds the database: wait, don't fail."""
    foreign = sqlite3.connect(path_of(engine), isolation_level=None, check_same_thread=False)
    foreign.execute("BEGIN IMMEDIATE")
    later = threading.Timer(0.3, foreign.rollback)
    later.start()
    assert make.add_report(engine, make.report()) is reports.Outcome.STORED
    later.join()
    foreign.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_nothing_lies_beside_the_database_but_its_own_files(engine: Engine) -> None:
    make.add_report(engine, make.report())
    database = path_of(engine)
    suffixes = {found.name.removeprefix(database.name) for found in database.parent.iterdir()}
    assert suffixes <= {"", "-wal", "-shm", LOCK_SUFFIX}
    assert Path(f"{database}{LOCK_SUFFIX}").stat().st_size == 0


@posix_only
def test_a_new_database_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    schema.upgrade(f"sqlite:///{path}")
    engine = db.make_engine(f"sqlite:///{path}")
    make.add_report(engine, make.report())
    for found in tmp_path.iterdir():
        assert stat.S_IMODE(found.stat().st_mode) & 0o077 == 0, found.name
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///x.db?cache=shared",
        "mysql://h/d",
        "postgresql+asyncpg://h/d",
        "not a url",
        "",
    ],
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database"):
        db.make_engine(url)


def test_turns_come_in_the_order_of_asking(tmp_path: Path) -> None:
    turns = WriterTurns(str(tmp_path / "x.db"))
    order: list[int] = []
    threads = []

    def ask(number: int) -> None:
        with turns.turn(10):
            order.append(number)

    with turns.turn(1):
        for number in range(8):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                pass
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_a_turn_that_is_not_reached_in_time_is_given_up(tmp_path: Path) -> None:
    turns = WriterTurns(str(tmp_path / "x.db"))
    with turns.turn(1):
        with pytest.raises(TurnNotReached), turns.turn(0.05):
            pass
        assert not turns._waiting
    with turns.turn(1):
        pass


def test_a_busy_store_says_so(engine: Engine, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "postgresql":
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 1)
        engine.dispose()  # connections learn how long to wait when they are made
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 1)
    with db.writing(engine) as conn:
        reports.add_report(conn, make.report())
        failed: list[BaseException] = []

        def too_many() -> None:
            try:
                make.add_report(engine, make.report())
            except db.StoreFailed as error:
                failed.append(error)

        thread = threading.Thread(target=too_many)
        thread.start()
        thread.join()
    assert len(failed) == 1


@posix_only
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_processes_take_turns(url: str, tmp_path: Path) -> None:
    """Four processes with an engine each: nobody fails, nothing is lost."""
    program = (
        "import sys\n"
        "from store import db\n"
        "from tests.store import make\n"
        "engine = db.make_engine(sys.argv[1])\n"
        "for _ in range(25): assert make.add_report(engine, make.report()).name == 'STORED'\n"
    )
    root = Path(__file__).resolve().parents[2]
    started = [subprocess.Popen([sys.executable, "-c", program, url], cwd=root) for _ in range(4)]
    assert [process.wait(50) for process in started] == [0, 0, 0, 0]
    engine = db.make_engine(url)
    with db.reading(engine) as conn:
        assert conn.scalar(text("SELECT count(*) FROM case_file")) == 100
        assert conn.scalar(text("SELECT max(seq) FROM change")) == 100
    engine.dispose()


def test_a_store_that_keeps_what_is_committed_has_no_faults(engine: Engine) -> None:
    assert db.durability_faults(engine) == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_server_that_can_lose_what_was_committed_is_told(
    engine: Engine, postgres_server: PostgresServer
) -> None:
    def configure(value: str) -> None:
        postgres_server.sql(f"ALTER SYSTEM SET full_page_writes = {value}")
        postgres_server.sql("SELECT pg_reload_conf()")

    configure("off")
    try:
        until = time.monotonic() + 10
        while not (faults := db.durability_faults(engine)) and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        configure("on")
    assert len(faults) == 1
    assert "full_page_writes" in faults[0]


@posix_only
def test_an_engine_made_after_a_fork_works(engine: Engine, url: str) -> None:
    """As gunicorn does it: the master has used the database, a worker makes its own engine."""
    make.add_report(engine, before := make.report())
    engine.dispose()
    child = os.fork()
    if child == 0:
        stored = False
        try:
            mine = db.make_engine(url)
            with db.reading(mine) as conn:
                known = reports.lookup(conn, before.index) is not None
            stored = known and make.add_report(mine, make.report()) is reports.Outcome.STORED
        finally:
            os._exit(0 if stored else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert make.add_report(engine, make.report()) is reports.Outcome.STORED
    with db.reading(engine) as conn:
        assert conn.scalar(text("SELECT count(*) FROM case_file")) == 3


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_file_that_was_removed_or_replaced_takes_nothing(tmp_path: Path, how: str) -> None:
    """Not even the next time: a server that knows the first one's salt must not write into the second."""
    path = tmp_path / "kept.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    engine = make_engine(url)
    try:
        with writing(engine) as conn:
            conn.execute(text("INSERT INTO site (id, salt, sign_pk) VALUES (1, x'00', x'00')"))
        (tmp_path / "old").mkdir()
        for one in tmp_path.glob("kept.db*"):
            one.rename(tmp_path / "old" / one.name)
        if how == "replaced":
            upgrade(url)
        for use in (writing, reading, writing):
            with pytest.raises(StoreFailed, match="removed or replaced"), use(engine):
                raise AssertionError("not reached")
        assert path.exists() is (how == "replaced")
        for one in (tmp_path / "old").iterdir():
            one.replace(tmp_path / one.name)
        with writing(engine) as conn:
            assert conn.scalar(text("SELECT count(*) FROM site")) == 1
    finally:
        engine.dispose()


def test_to_look_whether_the_file_is_still_there_costs_next_to_nothing(engine: Engine) -> None:
    with reading(engine) as conn:
        sqlite.check_file(conn)
        begun = time.perf_counter()
        for _ in range(1000):
            sqlite.check_file(conn)
        assert (time.perf_counter() - begun) / 1000 < 200e-6, "it is about 2 microseconds on a calm machine"


def test_a_file_that_goes_while_something_is_written_keeps_the_answer_back(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    upgrade(f"sqlite:///{path}")
    engine = make_engine(f"sqlite:///{path}")
    try:
        with pytest.raises(StoreFailed, match="removed or replaced"), writing(engine) as conn:
            conn.execute(text("INSERT INTO site (id, salt, sign_pk) VALUES (1, x'00', x'00')"))
            path.rename(tmp_path / "elsewhere")
    finally:
        engine.dispose()


@pytest.mark.parametrize("rested", [False, True])
def test_a_connection_whose_server_went_costs_no_report(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, rested: bool
) -> None:
    """PostgreSQL was restarted: connections that rest in the pool are dead, which is seen before they are used."""
    with_tables(postgres_database)
    engine, other = db.make_engine(postgres_database), db.make_engine(postgres_database)
    with db.reading(engine) as conn:
        pid = conn.scalar(text("SELECT pg_backend_pid()"))
    with other.begin() as killer:
        assert killer.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    if rested:  # a machine that vanished ends nothing: what rested for long is asked
        monkeypatch.setattr(postgres, "RESTED_SECONDS", -1)
    assert make.add_report(engine, make.report()) is reports.Outcome.STORED
    with db.reading(engine) as conn:
        assert conn.scalar(text("SELECT pg_backend_pid()")) != pid
        assert conn.scalar(text("SELECT count(*) FROM envelope")) == 1
    engine.dispose()
    other.dispose()
