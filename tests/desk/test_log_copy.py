"""A desk as a mirror: a server that was put back learns of it from a desk, and goes on from the desk's copy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from admin.catch_up import catch_up
from admin.log_condition import LogCondition
from admin.logbook import LogKeeper
from admin.verify.copies import read_copy
from tests.desk.browser import Browser
from tests.desk.test_log import alerts, keep, logged, next_day, noon, state
from tests.desk.world import World
from tests.support import log_rewind

__all__ = ["logged"]


def compare(browser: Browser) -> None:
    browser.post("log", browser.get("log").fields("/log"))


def test_a_server_that_was_put_back_goes_on_from_a_desks_copy(logged: World, tmp_path: Path) -> None:
    secret = logged.settings.server.secret_file
    browser = Browser(logged.desk())
    browser.get("log/copy", status=404)  # nothing is kept yet
    next_day(logged)
    assert alerts(browser) == []
    older = log_rewind.take_machine(logged.engine, secret)
    next_day(logged)
    assert alerts(browser) == []
    kept = state(browser)
    log_rewind.put_machine_back(logged.engine, secret, older)
    compare(browser)
    assert alerts(browser) == [("shrunk", 1)] and state(browser).cosigned == kept.size
    stopped = LogKeeper(logged.engine, secret).run(noon(logged.day + timedelta(days=1)))
    assert stopped.state is LogCondition.OTHER and stopped.made == ()
    saved = browser.raw("GET", "/ja/log/copy")
    assert saved.status_code == 200 and "log-copy.zip" in saved.headers["Content-Disposition"]
    (tmp_path / "copy.zip").write_bytes(saved.data)
    assert catch_up(logged.engine, secret, read_copy(str(tmp_path / "copy.zip"))).dropped == 0
    keep(logged)
    compare(browser)
    assert alerts(browser) == []
    next_day(logged)
    assert alerts(browser) == [] and state(browser).cosigned == state(browser).size > kept.size
