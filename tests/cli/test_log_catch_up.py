"""`meyasubako restore` and `log catch-up` as an operator uses them after a lost disk."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from pathlib import Path

from admin.logbook import LogKeeper
from crypto import plainleaf
from store import db, log_documents
from store import log as store_log
from tests.cli.command import meyasubako
from tests.support.log_rewind import write_copy
from tests.support.site import Site, make_site


def _keep(site: Site, days_ago: int) -> store_log.HeadRow:
    """Make the batches that are due so many days before now; return the log's head."""
    engine = db.make_engine(site.settings.store.url)
    try:
        LogKeeper(engine, site.settings.server.secret_file).run(int(time.time()) - days_ago * 86400)
        with db.reading(engine) as conn:
            head = store_log.head(conn)
    finally:
        engine.dispose()
    assert head is not None
    return head


def _documents(config: Path) -> list[bytes]:
    engine = db.make_engine(f"sqlite:///{config.parent}/meyasubako.db")
    try:
        with db.reading(engine) as conn:
            return [row.raw for row in log_documents.documents(conn) if row.word == "restored"]
    finally:
        engine.dispose()


def _moved(site: Site, folder: Path, backup: Path, *more: str) -> Path:
    """Restore a backup on a new machine, with the secret file and its log-head; return the settings file."""
    folder.mkdir()
    for name in ("meyasubako.toml", "server.secret", "log-head"):
        shutil.copy2(site.folder / name, folder / name)
    config = folder / "meyasubako.toml"
    restored = meyasubako("restore", backup, *more, config=config)
    assert restored.code == 0, restored.err
    return config


def test_an_operator_restores_yesterday_and_catches_up(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    _keep(site, 4)
    head = _keep(site, 3)
    backup = tmp_path / "old.backup"
    assert meyasubako("backup", backup, config=site.config).code == 0
    newest = _keep(site, 2)
    assert newest.size == head.size + 17
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        write_copy(tmp_path / "copy.zip", store_log.leaves(conn, 0, newest.size), newest.note)
    engine.dispose()

    config = _moved(site, tmp_path / "new", backup)
    (leaf,) = _documents(config)
    assert head.day is not None and plainleaf.read_restored(leaf) == head.day + timedelta(days=1)
    doctor = meyasubako("doctor", config=config).out
    assert "FAIL  log" in doctor and "log catch-up" in doctor
    assert meyasubako("log", "batch", config=config).code == 1
    for wrong in (tmp_path / "none", backup, "http://127.0.0.1:9/log"):
        refused = meyasubako("log", "catch-up", wrong, "--yes", config=config)
        assert refused.code == 1 and "Nothing was changed" in refused.err
    done = meyasubako("log", "catch-up", tmp_path / "copy.zip", "--yes", config=config)
    assert done.code == 0 and "added            17" in done.out and "may be lost" in done.out, done.err
    assert meyasubako("log", "status", config=config).code == 0
    assert "ok    log" in meyasubako("doctor", config=config).out
    again = meyasubako("log", "catch-up", tmp_path / "copy.zip", "--yes", config=config)
    assert again.code == 0 and "Nothing was missing" in again.out

    still = _moved(site, tmp_path / "moved", backup, "--moved")
    assert _documents(still) == [], "nothing was lost, and nothing excuses a loss"
