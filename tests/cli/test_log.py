"""The log as its operator sees it: it begins with the server, and the commands say how it stands."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

from sqlalchemy import Update, select, update
from werkzeug.test import Client

from crypto import note
from store import db
from store import log as store_log
from store import tables as t
from store.config.log_head import head_path, write_head_file
from tests.cli.command import meyasubako
from tests.support.site import Site, make_site, running, select_nothing
from wsgi import create_application


def _checkpoint(site: Site) -> str:
    for _attempt in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/log/checkpoint", timeout=10) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            assert error.code == 404
        select_nothing(0.05)
    raise AssertionError("the log was not begun")


def test_the_server_begins_the_log_and_the_commands_say_how_it_stands(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    config = site.settings.path
    assert "not begun" in meyasubako("log", "status", config=config).out
    with running(site):
        signed = _checkpoint(site)
    size = int(signed.split("\n")[1])
    assert size == 3 + len(site.auditors) and len(note.read_note(signed).lines) == 1
    said = meyasubako("log", "status", config=config)
    assert f"leaves           {size}" in said.out and "days missing     0" in said.out
    assert meyasubako("log", "batch", config=config).code == 0
    doctor = meyasubako("doctor", config=config).out
    assert f"ok    log           {size} leaves" in doctor
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        assert store_log.head(conn) is not None
    engine.dispose()
    _look_when_a_leaf_was_written_over(site)
    # An older database was put back: nothing is made of it, and it is said.
    write_head_file(head_path(site.settings.server.secret_file), size + 17, bytes(32))
    for command in ("status", "batch"):
        refused = meyasubako("log", command, config=config)
        assert refused.code == 1 and "older copy" in refused.out + refused.err
    assert "FAIL  log" in meyasubako("doctor", config=config).out


def _look_when_a_leaf_was_written_over(site: Site) -> None:
    """The newest leaf is another one for a while: doctor says so as `log status` does, and so does the server once it
    refuses to sign the next day's batch.
    """
    config = site.settings.path
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        index, raw = conn.execute(
            select(t.log_leaf.c.index, t.log_leaf.c.raw).order_by(t.log_leaf.c.index.desc()).limit(1)
        ).one()
        conn.execute(_put_leaf(index, raw[:-1] + bytes([raw[-1] ^ 1])))
    said, status = meyasubako("doctor", config=config), meyasubako("log", "status", config=config)
    assert (
        said.code == 1 and "FAIL  log           The leaves in the database do not give the root" in said.out
    )
    assert status.code == 1 and "do not give the root" in status.err
    start = meyasubako("doctor", "--start", config=config)
    assert "warn  log " in start.out, "reports are taken: it keeps no server from starting"
    application = create_application(site.settings, bytes(32), lambda: time.time() + 86400)
    assert Client(application).get("/healthz").get_json() == {"status": "ok", "log": "damaged"}
    with db.writing(engine) as conn:
        conn.execute(_put_leaf(index, raw))
    engine.dispose()
    assert "ok    log " in meyasubako("doctor", config=config).out


def _put_leaf(index: int, raw: bytes) -> Update:
    return update(t.log_leaf).where(t.log_leaf.c.index == index).values(raw=raw)
