"""The local copy on disk: sealed whatever happens to it, one desk's at a time, and whole after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.desk.keys import Locked
from admin.desk.local import batch_rows
from admin.desk.local import copy as cache_module
from admin.desk.local.copy import Cache, CacheInUse, CacheUnusable, file_for
from admin.desk.local.summary import CaseSummary
from admin.desk.local.vault import JOURNAL, SNAPSHOT, padded
from admin.desk.server.responses import Change, SealedBytes
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser
from tests.desk.world import World
from tests.support import leaks
from tests.support.trials import trials

KEY = b"k" * 32
DAY = date(2026, 11, 23)
ROOT = Path(__file__).resolve().parents[2]
CASES = [bytes([number]) * 16 for number in range(1, 9)]


def report(seq: int, case: bytes) -> Change:
    return Change(seq, case, DAY, envelope_id=seq.to_bytes(16, "big"), kind=1)


def test_nothing_of_a_days_work_stands_in_the_folder(world: World) -> None:
    words = ["MARKER-REPORT", "通報の印です", "MARKER-REPLY", "返信の印です", "続報の印です", "FILE-MARKER"]
    entry = world.attach(b"FILE-CONTENT " * 1000, "FILE-MARKER.txt")
    sent = world.report(what_happened="MARKER-REPORT 通報の印です", files=[entry])
    app, folder = world.desk(), world.folder / "desk-0"
    browser = Browser(app)
    browser.get(f"cases/{sent.case_id.hex()}/files/{entry['object']}")
    browser.reply(sent.case_id, "MARKER-REPLY 返信の印です")
    world.from_reporter(sent, {"message": "続報の印です"})
    browser.set_status(sent.case_id, "investigating")
    assert (
        "MARKER" in browser.post("search", browser.get("search").fields("/search") | {"words": "marker"}).text
    )
    identity = world.auditors[0].identity
    secrets = [identity.seed, identity.box_sk, identity.sign_seed, identity.index_key, sent.content_key]
    ids = [sent.case_id, sent.envelope_id, identity.key_id, world.auditors[1].identity.key_id]
    markers = [*words, "FILE-CONTENT", "investigating", "received", "what_happened"]
    markers += [one.hex() for one in [*secrets, *ids]]
    raws = [*secrets, *ids]

    def bytes_there() -> set[bytes]:
        content = b"".join(path.read_bytes() for path in leaks.files_under([folder]))
        return {one for one in raws if one in content}

    for _ in range(2):
        assert leaks.find(markers, [folder]) == [] and bytes_there() == set()
        desk_of(app).forget()  # closed, with a snapshot the second time
        cache = desk_of(app).work().cache
        cache._take_snapshot()
    assert cache._vault.length(SNAPSHOT) > 0
    desk_of(app).forget()
    (path,) = folder.iterdir()
    # The same search finds what is planted among it.
    with closing(sqlite3.connect(path)) as db, db:
        planted = " ".join(markers).encode() + b"".join(raws)
        db.execute("INSERT INTO kept VALUES (x'00', ?)", (planted,))
    assert {hit[1] for hit in leaks.find(markers, [folder])} == set(markers) and bytes_there() == set(raws)


def test_a_locked_desk_has_let_go_of_everything(world: World) -> None:
    sent = world.report(what_happened="MARKER-LOCK")
    app = world.desk()
    browser = Browser(app)
    page = browser.get()
    cache = desk_of(app).work().cache
    assert len(cache.search_index) == 1
    browser.raw("POST", "/ja/lock", data=page.fields("/lock"))
    assert desk_of(app)._cache is None and len(cache.search_index) == 0
    for ask in (cache.cursor, lambda: cache.case(sent.case_id), lambda: cache.sealed([sent.envelope_id])):
        with pytest.raises(Locked):
            ask()
    for path in ("", "search", f"cases/{sent.case_id.hex()}", "?view=due"):
        assert "MARKER-LOCK" not in browser.get(path, status=403).html


def test_a_second_desk_with_the_same_file_is_refused(world: World) -> None:
    world.report(what_happened="本物")
    app = world.desk()
    browser = Browser(app)
    path = file_for(world.folder / "desk-0", world.url, world.auditors[0].identity.key_id)
    script = (
        "import sys; from pathlib import Path; from admin.desk.local.copy import Cache\n"
        "cache = Cache(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(path), world.auditors[0].identity.index_key.hex()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == b"open\n"
        page = browser.get(status=500)
        assert page.h1 == "同じ手元のデータを別のデスクが使っています" and path.name in page.text
        other.stdin.close()
    # The other one has ended.
    assert "本物" in browser.get().text


_WORKER = """
import sys
from datetime import date
from pathlib import Path
from admin.desk.local import copy as module
from admin.desk.server.responses import Change
from admin.desk.local.search import document
from admin.desk.local.summary import CaseSummary
module._LEAST_JOURNAL = 40_000
cache = module.Cache(Path(sys.argv[1]), b"k" * 32)
# The one before may have been killed between two steps of its last case: that case is done again.
seq = max(cache.cursor(), 1)
while True:
    case = seq.to_bytes(16, "big")
    if seq > cache.cursor():
        cache.add([Change(seq, case, date(2026, 11, 23), envelope_id=case, kind=1)])
    cache.mark_seen(case, seq)
    text = document([("note", "a" * 50)])
    cache.put_summaries([CaseSummary(case, date(2026, 11, 23), last_seq=seq)], [(case, seq, text)])
    print(seq, flush=True)
    seq += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_what_was_done_before_a_kill_is_there(tmp_path: Path) -> None:
    path, told = tmp_path / "c.sqlite3", 0
    for rounds in (3, 41, 7, 60):
        with subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(path)], stdout=subprocess.PIPE, cwd=ROOT
        ) as worker:
            assert worker.stdout is not None
            for _ in range(rounds):
                told = int(worker.stdout.readline())
            os.kill(worker.pid, signal.SIGKILL)
        with closing(Cache(path, KEY)) as cache:
            assert cache.cursor() >= told
            for seq in range(1, told + 1):
                line = cache.case(seq.to_bytes(16, "big"))
                assert line is not None and line.seen_seq == seq
            assert len(cache.search_index) >= told and len(cache.summaries()) >= told


def test_summaries_of_an_older_form_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.sqlite3"
    monkeypatch.setattr(batch_rows, "FORM", b"older")
    with closing(Cache(path, KEY)) as cache:
        cache.add([report(1, CASES[0])])
        cache.put_summaries([CaseSummary(CASES[0], DAY, last_seq=1, is_open=True, fetched=True)], [])
        assert cache.count_unread() == 0
    monkeypatch.undo()
    with closing(Cache(path, KEY)) as cache:
        assert cache.count_unread() == 1 and cache.cursor() == 1
        cache.put_summaries([CaseSummary(CASES[0], DAY, last_seq=1, is_open=True, fetched=True)], [])
    with closing(Cache(path, KEY)) as cache:
        assert cache.count_unread() == 0


def test_a_file_of_version_2_is_replaced_and_pins_and_marks_stay(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(
            """CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
            CREATE TABLE case_file (case_id BLOB PRIMARY KEY, status TEXT, seen_seq INTEGER NOT NULL);
            PRAGMA user_version = 2"""
        )
        db.execute("INSERT INTO meta VALUES ('keys', ?), ('cursor', 9)", (b"the list",))
        db.executemany("INSERT INTO case_file VALUES (?, 'investigating', ?)", [(CASES[0], 5), (CASES[1], 0)])
    with closing(Cache(path, KEY)) as cache:
        assert cache.get("keys") == b"the list" and cache.cursor() == 0 and cache.case(CASES[0]) is None
        cache.add([report(4, CASES[0]), report(6, CASES[1])])
        assert [cache.case(one).seen_seq for one in CASES[:2]] == [5, 0]  # type: ignore[union-attr]
    assert os.listdir(tmp_path) == ["c.sqlite3"]
    content = path.read_bytes()
    assert b"investigating" not in content and CASES[0] not in content and b"the list" not in content


@pytest.mark.parametrize("what", ["bit", "swapped", "key", "cut"])
def test_what_was_changed_on_disk_is_not_used(tmp_path: Path, what: str) -> None:
    path = tmp_path / "c.sqlite3"
    with closing(Cache(path, KEY)) as cache:
        cache.add([report(1, CASES[0])])
        cache.mark_seen(CASES[0], 1)
    with closing(sqlite3.connect(path)) as db, db:
        rows = db.execute("SELECT number, raw FROM block WHERE stream = ?", (JOURNAL,)).fetchall()
        assert len(rows) == 2
        if what == "bit":
            raw = rows[0][1]
            db.execute("UPDATE block SET raw = ? WHERE number = 1", (raw[:-1] + bytes([raw[-1] ^ 1]),))
        if what == "cut":
            db.execute("UPDATE block SET raw = substr(raw, 1, 20) WHERE number = 1")
        if what == "swapped":
            db.execute("UPDATE block SET raw = ? WHERE number = 2", (rows[0][1],))
    with pytest.raises(CacheUnusable):
        Cache(path, KEY if what != "key" else bytes(32))
    if what == "key":
        Cache(path, KEY).close()


def test_an_envelope_does_not_pass_for_another_one(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    with closing(Cache(path, KEY)) as cache:
        cache.add_sealed([SealedBytes(one, one * 9, (one,)) for one in CASES[:2]])
    with closing(sqlite3.connect(path)) as db, db:
        rows = db.execute("SELECT name, raw FROM kept").fetchall()
        db.execute("UPDATE kept SET raw = ? WHERE name = ?", (rows[0][1], rows[1][0]))
    with closing(Cache(path, KEY)) as cache, pytest.raises(CacheUnusable):
        cache.sealed(CASES[:2])


def test_sizes_are_rounded_up() -> None:
    assert {padded(size) for size in range(4096)} == {4096}
    for size in (4096, 5000, 10_000, 123_456, 10**6, 10**7):
        assert size < padded(size) <= size * 1.13


def test_the_database_in_memory_never_asks_for_a_file(tmp_path: Path) -> None:
    for _ in range(2):  # empty, and from a snapshot
        with closing(Cache(tmp_path / "c.sqlite3", KEY)) as cache:
            cache.add([report(1, CASES[0])])
            assert cache._db.execute("PRAGMA temp_store").fetchone() == (2,)
            assert cache._db.execute("PRAGMA journal_mode").fetchone() == ("memory",)
            assert not Path(cache._db.execute("PRAGMA database_list").fetchone()[2] or "no file").exists()
            cache._take_snapshot()


STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(CASES), st.integers(1, 3)),
    st.tuples(st.just("seen"), st.sampled_from(CASES), st.integers(1, 9)),
    st.tuples(st.just("sum"), st.sampled_from(CASES), st.integers(1, 3)),
    st.tuples(st.just("forget"), st.sampled_from(CASES), st.just(0)),
    st.tuples(st.sampled_from(["close", "snapshot"]), st.just(b""), st.just(0)),
)


def state(cache: Cache) -> object:
    found = [(line, summary) for line, summary in cache.lines(cache_module.Wanted(), 99, 0)]
    words = sorted((case_id, text) for case_id, _seq, text in cache.search_index.documents())
    return (
        found,
        words,
        cache.cursor(),
        [cache.envelopes(one) for one in CASES],
        sorted(cache.labels().values()),
    )


@settings(max_examples=trials(10, 100), deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_closing_at_any_time_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bytes, int]]
) -> None:
    folder = tmp_path_factory.mktemp("c")
    one, stays = Cache(folder / "one", KEY), Cache(folder / "two", KEY)
    for seq, (name, case, number) in enumerate(steps, 1):
        if name == "close":
            one.close()
            one = Cache(folder / "one", KEY)
        elif name == "snapshot":
            one._take_snapshot()
        for cache in (one, stays):
            if name == "add":
                cache.add([report(seq, case)])
            elif name == "seen":
                cache.mark_seen(case, number)
            elif name == "forget":
                cache.forget_case(case)
            elif name == "sum":
                found = CaseSummary(case, DAY, labels=("a", "b")[:number], last_seq=seq, severity="high")
                cache.put_summaries([found], [(case, seq, f"{number}".encode("utf-16-le"))])
    one.close()
    one = Cache(folder / "one", KEY)
    assert state(one) == state(stays)
    for cache in (one, stays):
        cache.close()


def test_a_file_in_use_is_told_apart(tmp_path: Path) -> None:
    with closing(Cache(tmp_path / "c.sqlite3", KEY)), pytest.raises(CacheInUse):
        Cache(tmp_path / "c.sqlite3", KEY)
