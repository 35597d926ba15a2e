"""A desk and a changed key of the log: it follows a right change and says so, and is red at a wrong one."""

from __future__ import annotations

from dataclasses import replace

from crypto import log_key, plainleaf, tlog
from crypto.log_mirror import log_fingerprint
from crypto.logbatch import log_seed
from store import db, log_documents
from store.config.secrets import keep_log_seeds
from tests.desk.browser import Browser
from tests.desk.test_log import alerts, logged, next_day, state
from tests.desk.world import World

__all__ = ["logged"]
NEW_SEED = bytes([0x21]) * 32


def leaf_of_change(world: World) -> bytes:
    return log_key.make_key_leaf(world.salt, world.day, log_seed(world.secrets.sign_seed), NEW_SEED)


def wait(world: World, leaf: bytes, word: str) -> None:
    with db.writing(world.engine) as conn:
        log_documents.wait(conn, tlog.leaf_hash(leaf), word, leaf)


def test_a_desk_follows_a_changed_key_and_a_new_log_and_says_both(logged: World) -> None:
    browser = Browser(logged.desk())
    next_day(logged)
    assert alerts(browser) == []
    keep_log_seeds(logged.settings.server.secret_file, (NEW_SEED,))
    leaf = leaf_of_change(logged)
    wait(logged, leaf, "key")
    old = plainleaf.ContinuesLeaf("meyasubako/" + "0a" * 16, 4711, bytes(32))
    wait(logged, old.encode(), "continues")
    next_day(logged)
    assert alerts(browser) == [] and state(browser).cosigned == state(browser).size
    change = plainleaf.read_key_leaf(leaf)
    page = browser.get("log").text
    for text in (log_fingerprint(change.old), log_fingerprint(change.new), f"{old.origin}, 4711"):
        assert text in page
    next_day(logged)
    assert alerts(browser) == [] and state(browser).cosigned == state(browser).size


def test_a_change_that_one_key_signed_is_red_and_not_cosigned(logged: World) -> None:
    browser = Browser(logged.desk())
    next_day(logged)
    assert alerts(browser) == []
    before = state(browser).cosigned
    read = plainleaf.read_key_leaf(leaf_of_change(logged))
    wait(logged, replace(read, old_sig=read.new_sig).encode(), "planted")
    next_day(logged)
    assert alerts(browser) == [("malformed", 1)] and state(browser).cosigned == before
