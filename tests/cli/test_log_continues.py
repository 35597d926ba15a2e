"""`meyasubako log continues`: a new site whose old log can't go on, told to everybody."""

from __future__ import annotations

import json
import time
from pathlib import Path

from werkzeug.test import Client

from admin.logbook import LogKeeper
from admin.witness.continuing import continuing
from crypto.tlog import entry_bundle
from store import db
from store import log as store_log
from store.config.log_head import head_path
from tests.cli.command import meyasubako
from tests.support.site import Site, make_site
from wsgi import create_application

DAY = 86_400


def _log_of(site: Site, seconds: int) -> tuple[str, list[bytes]]:
    """Make the batches that are due; return checkpoint and leaves."""
    engine = db.make_engine(site.settings.store.url)
    LogKeeper(engine, site.settings.server.secret_file).run(seconds)
    with db.reading(engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        leaves = store_log.leaves(conn, 0, head.size)
    engine.dispose()
    return head.note, leaves


def test_a_new_log_says_which_one_it_is_in_place_of(tmp_path: Path) -> None:
    now = int(time.time())
    for name in ("old", "new", "copy"):
        (tmp_path / name).mkdir()
    old, new = make_site(tmp_path / "old"), make_site(tmp_path / "new")
    note, kept = _log_of(old, now + DAY)
    _log_of(new, now)
    copy = tmp_path / "copy"
    (copy / "head.json").write_text(json.dumps({"note": note}), encoding="utf-8")
    (copy / "leaves").write_bytes(entry_bundle(kept))
    config, secret = new.settings.path, str(old.settings.server.secret_file)
    origin = note.partition("\n")[0]

    def refused(*words: str) -> str:
        result = meyasubako("log", "continues", *words, "--yes", config=config)
        assert result.code != 0
        return result.err

    own_secret = str(new.settings.server.secret_file)
    assert "no whole copy" in refused(str(tmp_path / "nothing"))
    assert "not the one of the old log" in refused(str(copy), "--old-secret", own_secret)
    assert "no origin" in refused("--origin", "example.com", "--head", str(head_path(secret)))
    assert "give a COPY" in refused()
    by_head = ("--origin", origin, "--head", str(head_path(secret)))
    assert meyasubako("log", "continues", *by_head, "--yes", config=config).code == 0
    # The leaf that waits is replaced: what the old site signed says more.
    signed = meyasubako("log", "continues", str(copy), "--old-secret", secret, "--yes", config=config)
    assert signed.code == 0
    _note, leaves = _log_of(new, now + DAY)
    assert continuing(leaves, kept) == "signed"
    pages = Client(create_application(new.settings, bytes(32), lambda: now + DAY))
    control = Client(create_application(old.settings, bytes(32), lambda: now + DAY))
    told = "This site has a new log since"
    assert told in pages.get("/en/report").text and told not in control.get("/en/report").text
    assert f"{origin}, {len(kept)}" in pages.get("/en/keys").text
    assert "says already" in refused(str(copy))
