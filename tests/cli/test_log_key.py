"""`meyasubako log key`: the steps of a planned change, in their order and out of it."""

from __future__ import annotations

import time
from pathlib import Path

from werkzeug.test import Client

from admin.log_condition import LogCondition
from admin.logbook import LogKeeper
from crypto.log_key import chain_of
from crypto.log_mirror import log_fingerprint
from store import db
from store import log as store_log
from store.config.secrets import load_secrets
from tests.cli.command import meyasubako
from tests.support.site import make_site
from wsgi import create_application

DAY = 86_400


def test_a_key_is_changed_step_by_step(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    config, secret = site.settings.path, site.settings.server.secret_file
    engine = db.make_engine(site.settings.store.url)
    keeper, now = LogKeeper(engine, secret), int(time.time())
    keeper.run(now)
    for too_early in ("start", "finish"):
        refused = meyasubako("log", "key", too_early, config=config)
        assert refused.code == 1 and "Nothing was changed" in refused.err
    made = meyasubako("log", "key", "new", config=config)
    assert made.code == 0 and len(load_secrets(secret).log_seeds) == 1
    assert meyasubako("log", "key", "new", config=config).code == 1, "one at a time"
    assert "log key start" in meyasubako("log", "key", "status", config=config).out
    started = meyasubako("log", "key", "start", "--yes", config=config)
    assert started.code == 0
    assert "waits" in meyasubako("log", "key", "status", config=config).out
    assert keeper.run(now + DAY).state is LogCondition.CURRENT
    with db.reading(engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        chain = chain_of(store_log.leaves(conn, 0, head.size))
    prints = [log_fingerprint(key) for key in chain.keys.all]
    assert len(prints) == 2 and prints[1] in made.out and prints[1] in started.out
    status = meyasubako("log", "key", "status", config=config).out
    assert prints[0] in status and prints[1] in status and "two lines" in status
    for command in ("new", "start", "finish"):
        refused = meyasubako("log", "key", command, config=config)
        assert refused.code == 1 and "The last change is not over" in refused.err
    pages = Client(create_application(site.settings, bytes(32), lambda: now + DAY))
    for page in (pages.get("/en/keys"), pages.get("/ja/keys")):
        assert all(text in page.text for text in prints)
    keeper.run(now + 62 * DAY, 100)
    finished = meyasubako("log", "key", "finish", config=config)
    assert finished.code == 0 and "first key" in finished.out, "it follows from the site's own and stays"
    # A second change: then there is an old key to erase. (The commands go by the machine's clock: the leaf is for the
    # day behind the newest batch.)
    old = load_secrets(secret).log_seeds
    assert meyasubako("log", "key", "new", config=config).code == 0
    assert load_secrets(secret).log_seeds[:1] == old and len(load_secrets(secret).log_seeds) == 2
    assert meyasubako("log", "key", "start", "--yes", config=config).code == 0
    assert keeper.run(now + 63 * DAY).state is LogCondition.CURRENT
    assert keeper.run(now + 125 * DAY, 100).state is LogCondition.CURRENT
    assert meyasubako("log", "key", "finish", config=config).code == 0
    assert len(load_secrets(secret).log_seeds) == 1 and old[0] not in load_secrets(secret).log_seeds
    assert keeper.run(now + 126 * DAY).state is LogCondition.CURRENT
    # A secret file without the key that signs is told.
    secret.write_bytes(secret.read_bytes()[:-32])
    assert "does not have the key" in meyasubako("doctor", config=config).out
    assert meyasubako("log", "key", "status", config=config).code == 1
    engine.dispose()
