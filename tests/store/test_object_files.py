"""Sealed files in a folder: what their times tell, what interruptions leave, and that what is deleted is zeros."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from store import db, deletion, feed, reports
from store.backup import backup, restore
from store.object_disk import HEADER_BYTES
from store.objects import MAX_PIECE, Full, Objects, WrongOffset, objects_folder
from store.outcome import Outcome
from tests.store import make
from tests.store.conftest import new_database
from tests.support.stored import stored_objects

DAY = make.DAY
NIGHT = DAY + timedelta(1)
SIZE = 100_000


@pytest.fixture
def engine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = db.make_engine(new_database("sqlite", tmp_path, request))
    yield made
    made.dispose()


def objects_of(engine: Engine) -> Objects:
    return Objects(engine, 8 * MAX_PIECE, 20 * MAX_PIECE, reserve=0)


def put(objects: Objects, data: bytes, object_id: bytes | None = None) -> bytes:
    """Store a whole object in two pieces, as often as it takes; return its id."""
    object_id, half = object_id or make.an_id(), len(data) // 2
    try:
        objects.put_piece(object_id, len(data), 0, data[:half], DAY)
        objects.put_piece(object_id, len(data), half, data[half:], DAY)
    except WrongOffset as told:
        objects.put_piece(object_id, len(data), told.have, data[told.have :], DAY)
    return object_id


def take_names_away(engine: Engine, objects: Objects, report: reports.NewReport) -> None:
    """Delete a case, as admin.api.deletion does."""
    act = deletion.SignedAct(DAY, make.an_id(), os.urandom(64), os.urandom(64))
    with db.reading(engine) as conn:
        files = deletion.objects(conn, report.case_id)
    objects.let_go(files, DAY)
    with db.writing(engine) as conn:
        feed.take_turn(conn)
        deletion.add(conn, report.case_id, deletion.PROPOSED, act)
        (proposal,) = deletion.acts(conn, report.case_id)
        deletion.delete_case(conn, report.case_id, proposal.seq, act)
    objects.settle(files)


def times(path: Path) -> tuple[int, int, float, float, int]:
    """Return both settable times of a file, its change and birth as `stat` tells them, and its inode."""
    told = subprocess.run(["stat", "-c", "%Z %.Z %.W %i", path], capture_output=True, text=True, check=True)
    _, change, birth, inode = told.stdout.split()
    status = path.stat()
    return int(status.st_mtime_ns), int(status.st_atime_ns), float(change), float(birth), int(inode)


# --- what the folder tells


def test_no_time_in_the_folder_tells_when_in_the_day_a_file_came(engine: Engine, tmp_path: Path) -> None:
    objects, folder = objects_of(engine), objects_folder(engine)
    control, ids, plain = tmp_path / "control", list[bytes](), list[Path]()
    control.mkdir()
    for number in range(8):
        ids.append(make.an_id())
        # Half of them as the way without scripts stores them.
        total = SIZE if number % 2 else objects.largest
        objects.put_piece(ids[-1], total, 0, os.urandom(SIZE), DAY)
        objects.end(ids[-1], SIZE)
        assert times(folder / "waiting" / ids[-1].hex())[0] % (86_400 * 10**9) == 0
        make.name(engine, objects, ids[-1])
        plain.append(control / f"{number}")
        plain[-1].write_bytes(bytes(SIZE))
    before = [times(folder / "named" / object_id.hex()) for object_id in ids]
    of_plain = [times(path) for path in plain]
    # Controls: the times of a plain file, and those of the day's objects until the night, tell the order.
    for place in (2, 3):
        assert [row[place] for row in of_plain] == sorted({row[place] for row in of_plain})
        assert [row[place] for row in before] == sorted({row[place] for row in before})
    began = [times(path) for path in objects.folder.folders] if objects.folder else []
    begin = control / "begin"
    begin.touch()
    assert objects.renew(DAY) == 0 and objects.renew(NIGHT) == 8 and objects.renew(NIGHT) == 0
    assert objects.read_named(ids[0], 0)[1] == SIZE  # reading leaves no time either
    after = [times(folder / "kept" / object_id.hex()) for object_id in ids]
    day = {(row[0], row[1]) for row in after}
    assert len(day) == 1 and min(day)[0] == min(day)[1] and min(day)[0] % (86_400 * 10**9) == 0
    for place in (2, 3):
        assert min(row[place] for row in after) >= times(begin)[2]
    # The folders' own times told when the last file came; now they are the night's.
    assert objects.folder is not None and max(row[2] for row in began) <= times(begin)[2]
    for path in objects.folder.folders:
        mtime, _, change, _, _ = times(path)
        assert mtime % (86_400 * 10**9) == 0 and change >= times(begin)[2]
    # The order is the run's own. (Chance: 1 in 40,320 for each of the three.)
    assert all([row[place] for row in after] != sorted(row[place] for row in after) for place in (2, 3, 4))
    assert stored_objects(engine).keys() == {object_id.hex() for object_id in ids}


def test_names_and_modes_tell_nothing_and_let_nobody_in(engine: Engine) -> None:
    objects, folder = objects_of(engine), objects_folder(engine)
    make.name(engine, objects, put(objects, os.urandom(SIZE)))
    put(objects, os.urandom(SIZE))
    objects.renew(NIGHT)
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    there = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
    assert there == {"waiting", "named", "kept", "trash", "lock", "batch", "boot"}


@pytest.mark.parametrize("renewed", [False, True])
def test_what_is_deleted_is_zeros(engine: Engine, tmp_path: Path, renewed: bool) -> None:
    objects, folder, data = objects_of(engine), objects_folder(engine), os.urandom(SIZE)
    object_id = put(objects, data)
    report = make.name(engine, objects, object_id)
    os.link(folder / "named" / object_id.hex(), tmp_path / "first")
    if renewed:
        objects.renew(NIGHT)
        # The copy that the night wrote is the only one.
        assert not any((tmp_path / "first").read_bytes())
        os.link(folder / "kept" / object_id.hex(), tmp_path / "second")
        assert data in (tmp_path / "second").read_bytes()
    waiting = put(objects, data)
    os.link(folder / "waiting" / waiting.hex(), tmp_path / "third")
    take_names_away(engine, objects, report)
    objects.delete(waiting)
    assert stored_objects(engine) == {}
    for path in tmp_path.glob("[fst][eih]*"):
        assert len(path.read_bytes()) == SIZE + HEADER_BYTES and not any(path.read_bytes()), path


def test_each_piece_leaves_for_the_disk_by_itself_and_the_header_stays(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    synced: list[int] = []
    true = os.posix_fadvise

    def tell(handle: int, at: int, length: int, advice: int) -> None:
        told.append((at, length))
        true(handle, at, length, advice)

    true_sync = os.fsync
    monkeypatch.setattr(os, "posix_fadvise", tell)
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(handle) or true_sync(handle))  # type: ignore[func-returns-value]
    objects, size = objects_of(engine), 100_000
    objects.have(b"x" * 16)  # makes the folders
    synced.clear()
    for number in range(3):
        objects.put_piece(b"x" * 16, 3 * size, number * size, bytes(size), DAY)
        assert len(synced) == (number == 2)  # the file, once, when it is whole
    assert objects.claim([b"x" * 16], DAY) and len(synced) == 2  # and the folder
    ends = [HEADER_BYTES + number * size for number in (1, 2, 3)]
    assert [at + length for at, length in told] == ends
    assert [at for at, _length in told] == [4096, *ends[:2]]


# --- interruptions at each step

STEPS = ("pwritev", "fsync", "rename", "utime", "unlink", "mkdir", "ftruncate")
"""The calls that change the folder."""


class Stopped:
    """Makes the `at`-th call that changes the folder do `what` instead; the calls before are true ones."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, what: Callable[[], None]) -> None:
        self.count, self.at, self.what = 0, at, what
        for step in STEPS:
            monkeypatch.setattr(os, step, self.counted(getattr(os, step)))

    def counted(self, true: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.what()
            return true(*given, **named)

        return call


def live_a_day(engine: Engine, data: bytes, ids: list[bytes], report: reports.NewReport) -> None:
    """Do all that changes the folder, and go on where an earlier try was interrupted."""
    objects = objects_of(engine)
    for object_id in ids:
        put(objects, data, object_id)
    assert objects.claim(ids[:2], DAY)
    with db.writing(engine) as conn:
        assert reports.add_report(conn, report, ids[:2]) in (Outcome.STORED, Outcome.REPEAT)
    objects.settle(ids[:2])
    objects.delete(ids[2])
    objects.renew(NIGHT)


def go_on(engine: Engine, data: bytes, ids: list[bytes], report: reports.NewReport) -> None:
    """Nothing named is gone or half; what goes on comes to its end; what nothing names leaves."""
    objects = objects_of(engine)
    assert objects.missing() == 0
    with db.reading(engine) as conn:
        named = deletion.objects(conn, report.case_id)
    for object_id in named:
        assert objects.read_named(object_id, 0) == (data, len(data))
    if not named:
        put(objects, data, ids[0])
        put(objects, data, ids[1])
        name_again(engine, objects, ids[:2], report)
    objects.sweep(DAY + timedelta(9))
    objects.renew(DAY + timedelta(9))
    left = stored_objects(engine)
    assert left == {object_id.hex(): data for object_id in ids[:2]}
    assert [path.name for path in (objects_folder(engine) / "named").iterdir()] == []


def name_again(engine: Engine, objects: Objects, ids: list[bytes], report: reports.NewReport) -> None:
    assert objects.claim(ids, DAY)
    with db.writing(engine) as conn:
        assert reports.add_report(conn, report, ids) is Outcome.STORED
    objects.settle(ids)


def in_a_child(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], at: int) -> int:
    """Run in a process of its own that SIGKILL ends at a step; return how it ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        Stopped(monkeypatch, at, lambda: os.kill(os.getpid(), signal.SIGKILL))
        act()
    except BaseException:
        os._exit(1)
    os._exit(0)


def test_sigkill_at_each_step_loses_nothing_that_is_named(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = new_database("sqlite", tmp_path, request)
    killed = 0
    for at in range(1, 200):
        path = tmp_path / f"{at}.db"
        shutil.copy(first.removeprefix("sqlite:///"), path)
        data, ids, report = os.urandom(3000), [make.an_id() for _ in range(3)], make.report()

        def act(path: Path = path, data: bytes = data, ids: list[bytes] = ids, report: Any = report) -> None:
            live_a_day(db.make_engine(f"sqlite:///{path}"), data, ids, report)

        ended = in_a_child(monkeypatch, act, at)
        engine = db.make_engine(f"sqlite:///{path}")
        go_on(engine, data, ids, report)
        engine.dispose()
        if ended == 0:
            break
        assert ended == signal.SIGKILL
        killed += 1
    assert ended == 0 and killed > 30


def test_a_full_disk_at_each_step_loses_nothing_that_is_named(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first, failed = new_database("sqlite", tmp_path, request), 0

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for at in range(1, 200):
        path = tmp_path / f"{at}.db"
        shutil.copy(first.removeprefix("sqlite:///"), path)
        engine = db.make_engine(f"sqlite:///{path}")
        data, ids, report = os.urandom(3000), [make.an_id() for _ in range(3)], make.report()
        with pytest.MonkeyPatch.context() as patched:
            steps = Stopped(patched, at, full)
            try:
                live_a_day(engine, data, ids, report)
            except db.StoreFailed as told:
                assert "No space left" in str(told) and not any(one.hex() in str(told) for one in ids)
                failed += 1
        go_on(engine, data, ids, report)
        engine.dispose()
        if steps.count < at:
            break
    assert steps.count < at and failed > 30


def test_a_start_of_the_machine_drops_what_may_be_half_on_the_disk(engine: Engine) -> None:
    objects, data = objects_of(engine), os.urandom(SIZE)
    whole, half = put(objects, data), make.an_id()
    objects.put_piece(half, SIZE, 0, data[:1000], DAY)
    # A worker that starts beside others drops nothing.
    assert objects_of(engine).have(half) == 1000
    (objects_folder(engine) / "boot").write_text("another start")
    after = objects_of(engine)
    assert (after.have(half), after.have(whole)) == (0, SIZE) and after.sweep(DAY) == 0
    assert stored_objects(engine).keys() == {whole.hex()}


# --- others at the same time


def test_readers_get_the_files_bytes_while_the_night_writes_them_anew(engine: Engine) -> None:
    objects, data = objects_of(engine), os.urandom(2 * MAX_PIECE)
    ids = [put(objects, data) for _ in range(6)]
    make.name(engine, objects, *ids)
    ended, wrong = threading.Event(), list[bytes]()

    def read() -> None:
        while not ended.is_set():
            for object_id in ids:
                if objects.read(object_id, MAX_PIECE) != (data[MAX_PIECE:], len(data)):
                    wrong.append(object_id)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        assert objects.renew(NIGHT) == len(ids)
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert wrong == []


def test_two_workers_that_get_the_same_file_keep_it_once(engine: Engine) -> None:
    data, object_id, told = os.urandom(SIZE), make.an_id(), list[int]()

    def send(objects: Objects) -> None:
        at = 0
        while at < SIZE:
            try:
                at = objects.put_piece(object_id, SIZE, at, data[at : at + 7000], DAY)
            except WrongOffset as wrong:
                at = wrong.have
        told.append(at)

    workers = [threading.Thread(target=send, args=(objects_of(engine),)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert told == [SIZE] * 4 and stored_objects(engine) == {object_id.hex(): data}


def test_one_worker_makes_the_night_and_the_others_go_on(engine: Engine) -> None:
    objects, other = objects_of(engine), objects_of(engine)
    make.name(engine, objects, put(objects, os.urandom(SIZE)))
    assert objects.folder is not None
    with (objects_folder(engine) / "batch").open("w") as held:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX)
        assert other.renew(NIGHT) == 0
    assert other.renew(NIGHT) == 1 and objects.renew(NIGHT) == 0


def test_what_another_worker_stores_counts(engine: Engine) -> None:
    one, two = (Objects(engine, 8 * MAX_PIECE, 3 * MAX_PIECE, reserve=0) for _ in range(2))
    two.put_piece(make.an_id(), 100, 0, bytes(10), DAY)
    put(one, bytes(2 * MAX_PIECE))
    # Its sum is not older than a second; the limit is looked at with a new one.
    assert two.folder is not None
    two.folder._room.forget()
    with pytest.raises(Full):
        put(two, bytes(2 * MAX_PIECE))


def test_a_backup_is_begun_anew_when_a_case_goes_meanwhile(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    objects, data = objects_of(engine), os.urandom(SIZE)
    stays = put(objects, data)
    make.name(engine, objects, stays)
    goes = [make.name(engine, objects, put(objects, data))]
    put(objects, data)  # an upload that runs

    def meanwhile(table: str, done: int, of: int) -> None:
        if table == "envelope" and goes:
            take_names_away(engine, objects, goes.pop())

    backup(engine, tmp_path / "copy", meanwhile)
    other = db.make_engine(new_database("sqlite", tmp_path, request))
    restore(tmp_path / "copy", other)
    assert stored_objects(other) == {stays.hex(): data}
    other.dispose()


# --- a folder that is not as it has to be


def test_a_folder_that_is_gone_is_a_fault_of_the_store(engine: Engine) -> None:
    objects, half = objects_of(engine), make.an_id()
    objects.put_piece(half, SIZE, 0, b"x", DAY)
    for path in (objects_folder(engine) / "waiting").iterdir():
        path.unlink()
    with pytest.raises(WrongOffset):
        objects.put_piece(half, SIZE, 1, b"x", DAY)
    shutil.rmtree(objects_folder(engine))
    with pytest.raises(db.StoreFailed):
        put(objects, os.urandom(SIZE))


def test_a_file_that_was_removed_is_told(engine: Engine) -> None:
    objects = objects_of(engine)
    object_id = put(objects, os.urandom(SIZE))
    make.name(engine, objects, object_id)
    (objects_folder(engine) / "named" / object_id.hex()).unlink()
    with pytest.raises(KeyError):
        objects.read_named(object_id, 0)
    assert objects.missing() == 1


def test_the_folder_may_be_on_another_file_system(engine: Engine) -> None:
    elsewhere = Path("/dev/shm") / f"mybk-{secrets.token_hex(8)}"
    elsewhere.mkdir(mode=0o700)
    try:
        assert elsewhere.stat().st_dev != objects_folder(engine).parent.stat().st_dev
        objects_folder(engine).symlink_to(elsewhere)
        objects, data = objects_of(engine), os.urandom(SIZE)
        assert objects.folder is not None
        objects.folder.check()
        object_id = put(objects, data)
        make.name(engine, objects, object_id)
        assert objects.renew(NIGHT) == 1 and objects.read_named(object_id, 0)[0] == data
    finally:
        shutil.rmtree(elsewhere)


@pytest.mark.parametrize("wrong", ["a file", "modes", "modes inside", "place on another file system"])
def test_a_folder_that_does_not_do_is_named(engine: Engine, wrong: str) -> None:
    folder, elsewhere = objects_folder(engine), Path("/dev/shm") / f"mybk-{secrets.token_hex(8)}"
    elsewhere.mkdir(mode=0o700)
    objects = objects_of(engine)
    assert objects.folder is not None
    if wrong == "a file":
        folder.touch()
    else:
        objects.folder.check()
    if wrong == "modes":
        folder.chmod(0o750)
    if wrong == "modes inside":
        (folder / "kept").chmod(0o755)
    if wrong == "place on another file system":
        (folder / "kept").rmdir()
        (folder / "kept").symlink_to(elsewhere)
    try:
        with pytest.raises(db.StoreFailed, match="-objects|folder of files"):
            objects.folder.check()
    finally:
        elsewhere.rmdir()
    assert not any((folder / "waiting").iterdir()) if folder.is_dir() else True
