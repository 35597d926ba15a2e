"""Sealed files: pieces in order, one envelope each, nothing that stays without one; backups hold them."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from store import db, reports
from store import tables as t
from store.backup import BackupError, backup, restore
from store.objects import MAX_PIECE, Full, Named, Objects, Octets, TooLarge, WrongOffset
from store.outcome import Outcome
from tests.store import make
from tests.store.conftest import DATABASES, new_database

DAY = make.DAY
LARGEST = 8 * MAX_PIECE


@pytest.fixture
def objects(engine: Engine) -> Objects:
    return Objects(engine, LARGEST, 20 * MAX_PIECE, reserve=0)


def put(objects: Objects, size: int, **given: bytes) -> tuple[bytes, bytes]:
    """Store a whole object; return its id and bytes."""
    object_id, data = given.get("object_id", make.an_id()), os.urandom(size)
    for offset in range(0, size, MAX_PIECE):
        objects.put_piece(object_id, size, offset, data[offset : offset + MAX_PIECE], DAY)
    return object_id, data


def everything(objects: Objects, object_id: bytes) -> bytes:
    data, total = objects.read(object_id, 0)
    while len(data) < total:
        data += objects.read(object_id, len(data), 300_000)[0]
    return data


def test_pieces_in_order_make_the_object(objects: Objects) -> None:
    object_id, data = make.an_id(), os.urandom(2_500_000)
    assert objects.have(object_id) == 0 and not objects.is_complete(object_id)
    assert objects.put_piece(object_id, len(data), 0, data[:1_000_000], DAY) == 1_000_000
    # A piece that is there already is a repeat; one that leaves a gap is told where to go on.
    assert objects.put_piece(object_id, len(data), 0, data[:500], DAY) == 1_000_000
    with pytest.raises(WrongOffset) as told:
        objects.put_piece(object_id, len(data), 1_000_001, b"x", DAY)
    assert told.value.have == 1_000_000 and not objects.is_complete(object_id)
    with pytest.raises(KeyError):
        objects.read(object_id, 0)
    # A piece can come in parts; those of a repeat need not be parted as before.
    tiny = [data[at : at + 1] for at in range(1_000_000, 1_003_000)]
    parts: list[Octets] = [
        *tiny,
        b"",
        bytearray(data[1_003_000:1_500_000]),
        memoryview(data)[1_500_000:2_000_000],
    ]
    for _time in range(2):
        assert objects.put_piece(object_id, len(data), 1_000_000, parts, DAY) == 2_000_000
    assert objects.put_piece(object_id, len(data), 1_000_000, data[1_000_000:2_000_000], DAY) == 2_000_000
    for nothing_or_too_much in ([b"", b""], [data[:MAX_PIECE], b"x"]):
        with pytest.raises(ValueError, match="1 MiB"):
            objects.put_piece(object_id, len(data), 2_000_000, nothing_or_too_much, DAY)
    objects.put_piece(object_id, len(data), 2_000_000, data[2_000_000:], DAY)
    assert objects.is_complete(object_id) and everything(objects, object_id) == data
    for offset, size in ((0, 1), (999_999, 2), (1_999_000, 501_000), (2_499_999, 9), (2_500_000, 9)):
        assert objects.read(object_id, offset, size) == (data[offset : offset + size], len(data))


@pytest.mark.parametrize(
    ("total", "offset", "size"), [(LARGEST + 1, 0, 1), (10, 0, 11), (10, 5, 6), (2**62, 2**61, 5)]
)
def test_what_is_too_large_is_refused(objects: Objects, total: int, offset: int, size: int) -> None:
    object_id = make.an_id()
    with pytest.raises(TooLarge):
        objects.put_piece(object_id, total, offset, b"x" * size, DAY)
    assert objects.have(object_id) == 0


def test_another_length_in_the_middle_is_refused(objects: Objects) -> None:
    object_id = make.an_id()
    objects.put_piece(object_id, 100, 0, b"x" * 50, DAY)
    with pytest.raises(TooLarge):
        objects.put_piece(object_id, 99, 50, b"x" * 49, DAY)
    assert objects.have(object_id) == 50


def test_an_object_whose_length_its_end_tells(engine: Engine, objects: Objects) -> None:
    """As the way without scripts stores one: the pieces are parts of an object of the largest length."""
    object_id, data = make.an_id(), os.urandom(1_500_000)
    objects.put_piece(object_id, LARGEST, 0, data[:1_000_000], DAY)
    objects.put_piece(object_id, LARGEST, 1_000_000, data[1_000_000:], DAY)
    assert not objects.is_complete(object_id) and not objects.claim([object_id], DAY)
    for wrong in (1_000_000, 1_500_001, LARGEST):
        with pytest.raises(WrongOffset):
            objects.end(object_id, wrong)
    with pytest.raises(WrongOffset):
        objects.end(make.an_id(), 1)
    objects.end(object_id, len(data))
    assert objects.is_complete(object_id) and everything(objects, object_id) == data
    with pytest.raises(TooLarge):
        objects.put_piece(object_id, LARGEST, len(data), b"x", DAY)
    make.name(engine, objects, object_id)
    with pytest.raises(Named):
        objects.end(object_id, len(data))


@pytest.mark.parametrize("size", [0, MAX_PIECE + 1])
def test_a_piece_has_a_size(objects: Objects, size: int) -> None:
    with pytest.raises(ValueError, match="piece"):
        objects.put_piece(make.an_id(), LARGEST, 0, bytes(size), DAY)


def test_a_named_object_never_changes(engine: Engine, objects: Objects) -> None:
    object_id, data = put(objects, 100_000)
    make.name(engine, objects, object_id)
    for act in (
        lambda: objects.put_piece(object_id, 100_000, 0, b"y", DAY),
        lambda: objects.delete(object_id),
    ):
        with pytest.raises(Named):
            act()
    assert objects.sweep(DAY + timedelta(400)) == 0
    assert everything(objects, object_id) == data == objects.read_named(object_id, 0)[0]


def test_only_named_objects_are_handed_out(engine: Engine, objects: Objects) -> None:
    object_id, data = put(objects, 1000)
    with pytest.raises(KeyError):
        objects.read_named(object_id, 0)
    make.name(engine, objects, object_id)
    assert objects.read_named(object_id, 10) == (data[10:], 1000)


def test_an_object_belongs_to_one_envelope(engine: Engine, objects: Objects) -> None:
    object_id, other = put(objects, 1000)[0], put(objects, 1000)[0]
    report = make.name(engine, objects, object_id)
    late = make.report()
    with db.writing(engine) as conn:
        assert reports.add_report(conn, late, [other, object_id]) is Outcome.OBJECTS
        assert reports.add_report(conn, late, [other, other]) is Outcome.OBJECTS
        assert reports.lookup(conn, late.index) is None
        # The same report again is a repeat, with its files.
        assert reports.add_report(conn, report, [object_id]) is Outcome.REPEAT
        message: tuple[bytes, int, bytes, date, list[tuple[bytes, bytes, bytes]]]
        message = (make.an_id(), 2, b"raw", DAY, [])
        told = reports.add_message(conn, reports.NewMessage(report.case_id, *message, objects=[object_id]))
        assert told is Outcome.OBJECTS
        told = reports.add_message(conn, reports.NewMessage(report.case_id, *message, objects=[other]))
        assert told is Outcome.STORED
        rows = conn.execute(select(t.object_name.c.object_id, t.object_name.c.envelope_id))
        names = {row.object_id: row.envelope_id for row in rows}
    assert names == {object_id: report.envelope_id, other: message[0]}


def test_a_claim_wants_all_of_each(objects: Objects) -> None:
    whole, half = put(objects, 1000)[0], make.an_id()
    objects.put_piece(half, 1000, 0, b"x" * 999, DAY)
    assert objects.claim([], DAY) and objects.claim([whole], DAY)
    assert not objects.claim([whole, half], DAY) and not objects.claim([make.an_id()], DAY)


def test_what_nobody_names_is_swept_after_two_days(engine: Engine, objects: Objects) -> None:
    waiting, named, half = put(objects, 3 * MAX_PIECE)[0], put(objects, 1000)[0], make.an_id()
    objects.put_piece(half, 1000, 0, b"x" * 10, DAY)
    claimed = put(objects, 1000)[0]
    report = make.report()
    with db.writing(engine) as conn:  # interrupted before it was settled
        reports.add_report(conn, report, [named])
    assert objects.sweep(DAY + timedelta(2)) == 0 and objects.is_complete(waiting)
    assert objects.claim([claimed], DAY + timedelta(3))
    # The first piece of a new day sweeps by itself.
    later = DAY + timedelta(3)
    objects.put_piece(make.an_id(), 10, 0, b"x", later)
    assert [objects.have(one) for one in (waiting, half, named, claimed)] == [0, 0, 1000, 1000]


def test_too_much_that_waits_is_refused(engine: Engine, objects: Objects) -> None:
    small = Objects(engine, LARGEST, 3 * MAX_PIECE, reserve=0)
    first = put(small, 2 * MAX_PIECE)[0]
    second = make.an_id()
    small.put_piece(second, 2 * MAX_PIECE, 0, bytes(MAX_PIECE), DAY)
    with pytest.raises(Full):
        small.put_piece(second, 2 * MAX_PIECE, MAX_PIECE, b"x", DAY)
    # Once an envelope names the first one, there is room again.
    make.name(engine, small, first)
    assert small.put_piece(second, 2 * MAX_PIECE, MAX_PIECE, b"x", DAY) == MAX_PIECE + 1


def test_tiny_objects_have_an_end_too(engine: Engine) -> None:
    small = Objects(engine, LARGEST, 10 * 65_536, reserve=0)
    for _ in range(10):
        small.put_piece(make.an_id(), 100, 0, b"x", DAY)
    with pytest.raises(Full):
        small.put_piece(make.an_id(), 100, 0, b"x", DAY)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_uploads_leave_room_on_the_disk_for_reports(engine: Engine) -> None:
    tight = Objects(engine, LARGEST, 20 * MAX_PIECE, reserve=10**18)
    with pytest.raises(Full):
        tight.put_piece(make.an_id(), 10, 0, b"x", DAY)
    assert make.add_report(engine, make.report()) is Outcome.STORED


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_upload_never_waits_for_intake_nor_intake_for_it(engine: Engine, objects: Objects) -> None:
    put(objects, 10)
    with db.writing(engine):
        put(objects, 1000)
    assert objects.folder is not None
    with objects.folder.locked():
        assert make.add_report(engine, make.report()) is Outcome.STORED


@pytest.mark.parametrize("into", DATABASES)
def test_a_backup_holds_the_files_of_reports_and_no_others(
    engine: Engine, objects: Objects, into: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    object_id, data = put(objects, 2 * MAX_PIECE + 5)
    make.name(engine, objects, object_id)
    waiting = put(objects, 1000)[0]
    steps: list[tuple[str, int, int]] = []
    rows = backup(engine, tmp_path / "copy.backup", lambda *step: steps.append(step))
    assert ("stored_object", 1, 1) in steps
    other = db.make_engine(new_database(into, tmp_path, request))
    assert restore(tmp_path / "copy.backup", other) == rows
    copy = Objects(other, LARGEST, 20 * MAX_PIECE, reserve=0)
    assert everything(copy, object_id) == data and copy.have(waiting) == 0
    with pytest.raises(Named):
        copy.put_piece(object_id, len(data), 0, b"x", DAY)
    other.dispose()


def test_a_backup_without_a_named_file_is_refused(engine: Engine, objects: Objects, tmp_path: Path) -> None:
    object_id = put(objects, 1000)[0]
    make.name(engine, objects, object_id)
    if objects.folder is not None:
        (objects.folder.folder / "named" / object_id.hex()).write_bytes(b"cut off")
    else:
        with db.writing(engine) as conn:
            conn.execute(t.stored_object.update().values(have=999))
    assert objects.missing() == 1
    with pytest.raises(BackupError, match="not complete"):
        backup(engine, tmp_path / "copy.backup")
    assert not (tmp_path / "copy.backup").exists()
