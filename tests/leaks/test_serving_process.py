"""P1: a serving process never loads what reads a key file or turns an auditor's seed into keys."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.site import make_site, running

IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s*([\w.]+)$", re.MULTILINE)


def test_a_server_that_has_done_everything_never_loaded_private_key_code(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    site.environment["PYTHONPROFILEIMPORTTIME"] = "1"
    with running(site):
        reporter = site.reporter()
        sent = reporter.report(reporter.form(), what_happened="読み込まれた部品を調べます。")
        page = reporter.status(sent.code)
        assert reporter.reply(page, "返信します。").status == 200
        assert reporter.request("GET", "/api/v1/changes?after=0").status == 401
        for name in ("", "keys", "outside", "safety", "exit"):
            assert reporter.get(name).status == 200
    loaded = set(IMPORTED.findall(site.log.read_text(errors="replace")))
    # The list is complete: what sealing and opening a mailbox needs is on it.
    assert {
        "crypto.seal",
        "crypto.unseal",
        "crypto.receipt",
        "portal",
        "admin.api",
        "store.reports",
    } <= loaded
    assert {
        name for name in loaded if name.startswith(("crypto.identity", "crypto.keyfile", "admin.desk"))
    } == set()
