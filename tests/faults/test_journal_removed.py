"""P3: a journal (-wal) that is removed under a server is noticed, and what it held is saved."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.site import make_site, running


def test_a_removed_journal_is_noticed_and_its_reports_are_saved(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", server="workers = 2")
    with running(site):
        reporter = site.reporter()
        codes = [reporter.report(reporter.form(), what_happened="報告").code for _ in range(20)]
        form = reporter.form()
        (site.folder / "meyasubako.db-wal").unlink()
        assert reporter.report(form, what_happened="その後").status == 503
        answer = reporter.request("GET", "/readyz")
        assert answer.status == 503
        # Not by an orderly end, at which SQLite would save it by itself.
        assert site.process is not None
        workers = site.workers()
        for pid in (site.process.pid, *workers):
            os.kill(pid, signal.SIGKILL)
        site.process.wait(10)
    assert "its journal (-wal) was removed" in site.log.read_text()
    with running(site):
        assert site.reporter().request("GET", "/readyz").status == 200
        reporter = site.reporter()
        assert [reporter.status(code).status for code in codes] == [200] * len(codes)
        assert reporter.report(form, what_happened="その後").status == 200
