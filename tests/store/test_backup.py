"""Backups: from either database, into either database, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, select, text

from store import backup as backups
from store import cards, cases, db, feed, nonces, schema, site
from store import tables as t
from store.backup import BackupError, backup, restore
from store.migrations.run import migrate
from store.outcome import Outcome
from store.sqlite import sqlite_engine
from tests.store import make
from tests.store.conftest import DATABASES, new_database

NewEngine = Callable[[str], Engine]


@pytest.fixture
def new_engine(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Return a function that makes an engine of an upgraded, empty database of a kind."""
    made: list[Engine] = []

    def new(kind: str) -> Engine:
        made.append(db.make_engine(new_database(kind, tmp_path, request)))
        return made[-1]

    yield new
    for engine in made:
        engine.dispose()


def fill(engine: Engine) -> list[bytes]:
    """Put some of everything in and return the cases' ids."""
    reports = [make.report(raw=os.urandom(size)) for size in (8500, 33000, 132000, 525000)]
    with db.writing(engine) as conn:
        site.create(conn, os.urandom(16), os.urandom(32))
        nonces.use(conn, make.an_id(), make.an_id(), make.DAY, make.DAY)
    for new in reports:
        make.add_report(engine, new)
        make.add_message(engine, new.case_id)
        make.add_status(engine, new.case_id, 1, "investigating")
    retired = make.an_id()
    make.add_card(engine, key_id=retired)
    make.add_card(engine)
    with db.writing(engine) as conn:
        cards.retire(conn, retired, b"retirement", date(2026, 12, 1))
    return [new.case_id for new in reports]


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with db.reading(engine) as conn:
        return {
            table.name: [
                tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in t.Base.metadata.sorted_tables
            if table is not t.nonce
        }


@pytest.mark.parametrize("into", DATABASES)
def test_a_backup_comes_back_as_it_was(
    engine: Engine, into: str, tmp_path: Path, new_engine: NewEngine
) -> None:
    case_ids = fill(engine)
    before = contents(engine)
    rows = backup(engine, tmp_path / "copy.backup")
    assert rows == sum(map(len, before.values())) > 30
    other = new_engine(into)
    assert restore(tmp_path / "copy.backup", other) == rows
    assert contents(other) == before
    with db.reading(other) as conn:
        assert conn.scalar(select(t.nonce.c.day)) is None
        newest = feed.last(conn)
    # Life goes on: new rows get new numbers, far enough from those that were given out after the backup.
    assert make.add_report(other, make.report()) is Outcome.STORED
    assert make.add_message(other, case_ids[0]) is Outcome.STORED
    assert make.add_card(other) is Outcome.STORED
    with db.reading(other) as conn:
        first, second = feed.after(conn, newest, 10)
        assert first.seq >= newest + backups.FEED_GAP and second.seq == first.seq + 1


def test_the_file_is_a_database_of_its_own(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    path = tmp_path / "copy.backup"
    backup(engine, path)
    assert [found.name for found in tmp_path.iterdir() if "copy" in found.name] == ["copy.backup"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = contents(engine)
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.copy(path, moved / "store.db")
    alone = db.make_engine(f"sqlite:///{moved}/store.db")
    schema.check_schema(alone)
    assert contents(alone) == before
    with db.reading(alone) as conn:
        newest = feed.last(conn)
    make.add_report(alone, make.report())
    with db.reading(alone) as conn:
        assert feed.after(conn, newest, 1)[0].seq > newest + backups.FEED_GAP
    alone.dispose()


def test_an_empty_database_has_a_backup_too(
    engine: Engine, kind: str, tmp_path: Path, new_engine: NewEngine
) -> None:
    assert backup(engine, tmp_path / "empty.backup") == 0
    other = new_engine(kind)
    assert restore(tmp_path / "empty.backup", other) == 0
    make.add_report(other, make.report())
    make.add_card(other)


def test_a_backup_is_one_moment(engine: Engine, tmp_path: Path, new_engine: NewEngine) -> None:
    """Reports go on coming in meanwhile; each is in the backup whole or not at all."""
    for _ in range(20):
        make.add_report(engine, make.report())
    done = threading.Event()

    def intake() -> None:
        while not done.is_set():
            make.add_report(engine, make.report())

    def slowly(*_: object) -> None:
        done.wait(0.02)

    thread = threading.Thread(target=intake)
    thread.start()
    try:
        backup(engine, tmp_path / "copy.backup", slowly)
    finally:
        done.set()
        thread.join()
    other = new_engine("sqlite")
    restore(tmp_path / "copy.backup", other)
    sizes = {name: len(rows) for name, rows in contents(other).items()}
    assert (
        sizes["case_file"]
        == sizes["code"]
        == sizes["envelope"]
        == sizes["envelope_grant"]
        == sizes["change"]
        >= 20
    )


def test_progress_is_told(engine: Engine, tmp_path: Path, new_engine: NewEngine) -> None:
    for _ in range(backups._BATCH + 5):
        make.add_report(engine, make.report(raw=b"r"))
    told: list[tuple[str, int, int]] = []
    backup(engine, tmp_path / "copy.backup", lambda *step: told.append(step))
    total = backups._BATCH + 5
    assert [step for step in told if step[0] == "envelope"] == [
        ("envelope", backups._BATCH, total),
        ("envelope", total, total),
    ]
    told.clear()
    restore(tmp_path / "copy.backup", new_engine("sqlite"), lambda *step: told.append(step))
    assert ("change", total, total) in told


def test_a_backup_never_overwrites(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_bytes(b"mine")
    with pytest.raises(BackupError, match="exists already"):
        backup(engine, path)
    assert path.read_bytes() == b"mine"


def test_a_backup_that_meets_a_file_at_the_last_moment_gives_way(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    path = tmp_path / "copy.backup"

    def interfere(*_: object) -> None:
        path.write_bytes(b"mine")

    with pytest.raises(BackupError, match="exists already"):
        backup(engine, path, interfere)
    assert path.read_bytes() == b"mine"
    assert not list(tmp_path.glob(".copy*"))


def test_a_backup_that_fails_half_way_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    fill(engine)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(engine, tmp_path / "copy.backup", fail)
    assert not [found.name for found in tmp_path.iterdir() if "copy" in found.name]


def test_a_folder_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="can't be written"):
        backup(engine, tmp_path / "missing" / "copy.backup")
    with pytest.raises(BackupError, match="can't be read"):
        restore(tmp_path / "missing" / "copy.backup", engine)


def test_a_backup_goes_into_an_empty_database_only(
    engine: Engine, tmp_path: Path, new_engine: NewEngine
) -> None:
    fill(engine)
    backup(engine, tmp_path / "copy.backup")
    before = contents(engine)
    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "copy.backup", engine)
    assert contents(engine) == before


def test_a_restore_that_fails_half_way_leaves_nothing(
    engine: Engine, kind: str, tmp_path: Path, new_engine: NewEngine
) -> None:
    fill(engine)
    backup(engine, tmp_path / "copy.backup")
    other = new_engine(kind)

    def fail(table: str, *_: object) -> None:
        if table == "envelope":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "copy.backup", other, fail)
    assert not any(contents(other).values())
    assert restore(tmp_path / "copy.backup", other) > 30


def test_neither_works_without_the_tables(empty_url: str, tmp_path: Path, new_engine: NewEngine) -> None:
    bare = db.make_engine(empty_url)
    with pytest.raises(schema.WrongSchema):
        backup(bare, tmp_path / "copy.backup")
    backup(new_engine("sqlite"), tmp_path / "copy.backup")
    with pytest.raises(schema.WrongSchema):
        restore(tmp_path / "copy.backup", bare)
    bare.dispose()


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _scribbled(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    for offset in range(4096, len(raw), 4096):
        raw[offset : offset + 64] = os.urandom(64)
    path.write_bytes(raw)


def _text(path: Path) -> None:
    path.write_bytes(b"x" * 200)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _sql(*statements: str) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return run


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_truncated, "damaged"),
        (_scribbled, "damaged"),
        (_text, "not a backup"),
        (_empty, "not a backup"),
        (_sql("DELETE FROM code", "DELETE FROM case_file"), "rows that belong together are missing"),
        (_sql("UPDATE alembic_version SET version_num = '9999'"), "newer version"),
        (_sql("DROP TABLE alembic_version"), "not a backup"),
        (_sql("PRAGMA journal_mode = WAL"), "in use"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_file_that_is_no_whole_backup_is_refused(
    engine: Engine, tmp_path: Path, new_engine: NewEngine, spoil: Callable[[Path], None], why: str
) -> None:
    fill(engine)
    path = tmp_path / "copy.backup"
    backup(engine, path)
    spoil(path)
    other = new_engine("sqlite")
    with pytest.raises(BackupError, match=why):
        restore(path, other)
    assert not any(contents(other).values())


@pytest.mark.parametrize("into", DATABASES)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_older_backup_is_upgraded_in_a_copy(
    into: str, kind: str, tmp_path: Path, new_engine: NewEngine
) -> None:
    path, salt, case_id = tmp_path / "old.backup", os.urandom(16), make.an_id()
    path.touch()
    old = sqlite_engine(URL.create("sqlite", database=str(path)), journal_mode="DELETE")
    with db.writing(old) as conn:
        migrate(conn, "0002")
        conn.execute(t.site.insert(), {"id": 1, "salt": salt, "sign_pk": bytes(32)})
        keys = "mailbox_pk, mailbox_key_id, reporter_sign_pk, act_pk, mailbox_record"
        conn.execute(
            text(
                f"INSERT INTO case_file (case_id, received_day, {keys}) VALUES (:id, :day, :k, :k, :k, :k, :k)"
            ),
            {"id": case_id, "day": "2026-11-01", "k": b"k"},
        )
    old.dispose()
    before = path.read_bytes()
    other = new_engine(into)
    assert restore(path, other) == 2
    with db.reading(other) as conn:
        assert site.get(conn).salt == salt
        case = cases.get(conn, case_id)
    assert case is not None and (case.received_day, case.deleted_day) == (date(2026, 11, 1), None)
    assert path.read_bytes() == before and not list(tmp_path.glob(".*part*"))


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_newer_backup_is_refused(engine: Engine, tmp_path: Path, new_engine: NewEngine) -> None:
    path = tmp_path / "copy.backup"
    backup(engine, path)
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    with pytest.raises(BackupError, match="newer version"):
        restore(path, new_engine("sqlite"))
