"""P3: what was accepted is in the file that the operator keeps, also when somebody replaces it under the server."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cli.command import Result, meyasubako
from tests.support.site import Site, make_site, running


def _healthz(site: Site) -> tuple[int, str]:
    answer = site.reporter().request("GET", "/healthz")
    return answer.status, answer.text


def _send(site: Site, hidden: dict[str, str]) -> int:
    return site.reporter().report(hidden, what_happened="名簿が公開されたままです。").status


def _run(site: Site, *arguments: str | Path) -> Result:
    return meyasubako(*arguments, config=site.config)


def test_reports_into_a_removed_or_restored_file_are_not_accepted(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", server="workers = 2")
    with running(site):
        # Every worker has its connections open, and forms are out.
        with ThreadPoolExecutor(16) as pool:
            forms = list(pool.map(lambda _: site.reporter().form(), range(32)))
        assert _send(site, forms.pop()) == 200
        assert _run(site, "backup", tmp_path / "x.backup").code == 0
        away = tmp_path / "away"
        away.mkdir()
        for name in list(site.folder.glob("meyasubako.db*")):
            shutil.move(name, away)
        assert {_send(site, form) for form in forms[:6]} == {503}
        assert _healthz(site)[0] == 503 and "database" in _healthz(site)[1]

        # The operator follows doctor's hint without stopping the service, and is told.
        refused = _run(site, "restore", tmp_path / "x.backup")
        assert refused.code == 1 and "Stop it first" in refused.err
        assert list(site.folder.glob("meyasubako.db")) == []
        assert _run(site, "db", "upgrade").code == 1

        # A file that is copied there by hand is not taken for the own one.
        other = make_site(tmp_path / "other")
        shutil.copy2(other.folder / "meyasubako.db", site.folder / "meyasubako.db")
        assert {_send(site, form) for form in forms[6:16]} == {503}
        (site.folder / "meyasubako.db").unlink()
    assert _run(site, "restore", tmp_path / "x.backup").code == 0
    with running(site):
        assert _healthz(site)[0] == 200
        reporter = site.reporter()
        answer = reporter.report(reporter.form(), what_happened="戻した後の報告です。")
        assert answer.status == 200
        assert site.reporter().status(answer.code).status == 200


def test_two_servers_may_share_a_file(tmp_path: Path) -> None:
    """As the lock is a shared one; it is let go when the last of them ends."""
    site = make_site(tmp_path / "site", server="workers = 1")
    with running(site):
        twin = make_site(tmp_path / "twin", server="workers = 1")
        text = twin.config.read_text().replace(
            "sqlite:///meyasubako.db", f"sqlite:///{site.folder}/meyasubako.db"
        )
        twin.config.write_text(text.replace('"server.secret"', f'"{site.folder}/server.secret"'))
        with running(twin):
            assert _healthz(twin)[0] == 200
        assert _run(site, "db", "upgrade").code == 1
    assert _run(site, "db", "upgrade").code == 0
