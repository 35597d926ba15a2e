"""P3: files whose reports were accepted are whole, whatever died, ran or was deleted meanwhile."""

from __future__ import annotations

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from crypto import attachment, unseal
from crypto.encoding import b64d, id_from_hex
from store import db
from store.backup import backup, restore
from store.objects import Objects
from store.schema import upgrade
from tests.leaks.test_uploads import pieces, upload
from tests.support.site import Site, make_site, running, select_nothing, today
from tests.support.stored import stored_objects
from tests.support.trials import trials

UPLOADS = trials(40, 200)
SIZE = 1_500_000


def _until_taken(site: Site, number: int, accepted: threading.Semaphore) -> None:
    for attempt in range(60):
        try:
            answer = upload(site, b"file %04d" % number, SIZE)
        except (OSError, http.client.HTTPException):
            select_nothing(0.02 * (attempt + 1))
            continue
        assert answer.status in (200, 503), answer.status
        if answer.status == 200:
            accepted.release()
            return
    raise AssertionError("there never was an answer")


def _check_files(site: Site, url: str) -> int:
    """Open each file that a report names; return how many there are."""
    engine, who = db.make_engine(url), site.auditors[0].identity
    objects = Objects(engine, 10**9, 10**10)
    with db.reading(engine) as conn:
        raws = list(conn.exec_driver_sql("SELECT raw FROM envelope").scalars())
    assert objects.missing() == 0
    for raw in raws:
        (entry,) = unseal.unseal(raw, who.box_sk, who.box_pk, who.key_id).payload["files"]
        opener, hashed, offset, total, data = (
            attachment.Opener(b64d(entry["key"]), entry["size"]),
            attachment.FileHash(),
            0,
            1,
            b"",
        )
        while offset < total:
            piece, total = objects.read_named(id_from_hex(entry["object"]), offset)
            offset += len(piece)
            data += opener.update(piece)
        opener.finish()
        hashed.update(data)
        attachment.check_file(entry, len(data), hashed.digest())
        assert data == b"".join(pieces(data[:9], SIZE))
    engine.dispose()
    return len(raws)


def test_workers_that_die_backups_and_the_night_lose_no_file(tmp_path: Path) -> None:
    ended, accepted = threading.Event(), threading.Semaphore(0)
    killed, backups, sent = list[int](), list[Path](), UPLOADS
    with running(make_site(tmp_path / "site")) as site:
        url = site.settings.store.url

        def kill() -> None:
            chance = random.Random(20261128)
            waited = 0
            while not ended.is_set():
                # Between two kills some uploads get through, however slow the machine is.
                waited += accepted.acquire(timeout=1)
                if waited >= 3 and site.workers():
                    waited = 0
                    select_nothing(chance.uniform(0, 0.1))
                    killed.append(chance.choice(site.workers()))
                    os.kill(killed[-1], signal.SIGKILL)

        def back_up_and_renew() -> None:
            engine, night = db.make_engine(url), today()
            objects = Objects(engine, 10**9, 10**10)
            while not ended.wait(1):
                night += timedelta(1)
                objects.renew(night)
                backups.append(tmp_path / f"{len(backups)}.backup")
                backup(engine, backups[-1])
            engine.dispose()

        others = [threading.Thread(target=kill), threading.Thread(target=back_up_and_renew)]
        for other in others:
            other.start()
        try:
            with ThreadPoolExecutor(6) as pool:
                list(pool.map(lambda number: _until_taken(site, number, accepted), range(UPLOADS)))
                # On a fast machine all of them may be in before enough workers died and backups were made.
                while (len(killed) < 5 or len(backups) < 2) and sent < 10 * UPLOADS:
                    more = range(sent, sent + 6)
                    list(pool.map(lambda number: _until_taken(site, number, accepted), more))
                    sent += len(more)
        finally:
            ended.set()
            for other in others:
                other.join()
    assert len(killed) >= 5 and len(backups) >= 2
    # More where an answer was lost and the sender sent anew.
    assert sent <= _check_files(site, url) <= sent + len(killed) * 6
    for path in {backups[len(backups) // 2], backups[-1]}:
        again = f"sqlite:///{tmp_path / path.stem}.db"
        upgrade(again)
        engine = db.make_engine(again)
        restore(path, engine)
        engine.dispose()
        assert _check_files(site, again) > 0
    # What nothing names is swept.
    engine = db.make_engine(url)
    Objects(engine, 10**9, 10**10).sweep(today() + timedelta(9))
    assert len(stored_objects(engine)) == _check_files(site, url)
    engine.dispose()


FULL = """
import os, sys
from datetime import date
from store import db
from store.objects import Full, Objects
engine = db.make_engine(sys.argv[1])
objects = Objects(engine, 10**8, 10**9, reserve=0)
done, failed = [], 0
data = os.urandom(300_000)
while failed < 5:
    object_id = os.urandom(16)
    try:
        objects.put_piece(object_id, len(data), 0, data, date(2026, 11, 28))
        done.append(object_id)
    except (Full, db.StoreFailed) as error:
        failed += 1
assert done and all(objects.read(one, 0)[0] == data for one in done)
assert {path.name for path in (objects.folder.folder / "waiting").iterdir()} == {one.hex() for one in done}
objects.delete(done[0])  # a full disk hinders no deletion
objects.put_piece(os.urandom(16), len(data), 0, data, date(2026, 11, 28))
print(len(done))
"""


def test_a_disk_that_is_really_full_keeps_what_is_whole_and_lets_delete(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'full.db'}"
    upgrade(url)
    (tmp_path / "full.db-objects").mkdir(mode=0o700)
    mounted = 'mount -t tmpfs -o size=3m,mode=700 none "$1" && shift && exec "$@"'
    ended = subprocess.run(
        [
            "unshare",
            "-rm",
            "sh",
            "-c",
            mounted,
            "sh",
            tmp_path / "full.db-objects",
            sys.executable,
            "-c",
            FULL,
            url,
        ],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    if "unshare" in ended.stderr or "mount:" in ended.stderr:
        pytest.skip("no user namespaces here")
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= 5
