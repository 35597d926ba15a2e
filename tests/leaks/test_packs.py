"""Packs and scans: no word of one, of what is blacked out in it or of whom it is for is at rest or at the server."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

import pytest

from admin.desk.web.app import DeskOptions, create_desk
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser, Page
from tests.desk.pages_of_files import marked_pdf
from tests.leaks.test_nothing_in_plain import marker
from tests.support import leaks
from tests.support.memory import find_in_memory
from tests.support.ports import free_port
from tests.support.site import make_site, running, today


def wrote_down(browser: Browser, words: dict[str, str]) -> None:
    """Write a report down, with a scan, and send it."""
    form = browser.get("intake/scans").fields("/intake/scans")
    scan = io.BytesIO(marked_pdf(words["shown"], words["hidden"]))
    assert browser.raw("POST", "/ja/intake/scans", data=form | {"scan": (scan, "a.pdf")}).status_code == 303
    fields = {
        "in_what_happened": words["told"],
        "in_channel": "letter",
        "in_day": str(today()),
        "in_code": "none",
    }
    asked = browser.get("intake").fields("/intake/subject") | {"in_category": "leak"}
    form = browser.post("intake/subject", asked).fields("/intake/check")
    looked = browser.post("intake/check", form | fields)
    assert browser.post("intake/send", looked.fields("/intake/send")).status == 200


def packed(browser: Browser, words: dict[str, str]) -> bytes:
    """Make a pack of the case, with its words and its file."""
    handle = re.search(r"cases/([0-9a-f]{32})", browser.get("").html)
    assert handle
    place = f"cases/{handle[1]}/pack"
    form = browser.get(place).fields("/pack/check")
    form |= {name.replace("pk_text_", "pk_in_"): "yes" for name in form if name.startswith("pk_text_")}
    [file] = [
        box.get("name") for box in browser.get(place).all("input") if "pk_file_" in (box.get("name") or "")
    ]
    form |= {"pk_to": words["to"], "pk_purpose": words["purpose"], "pk_words": words["shown"], file: "yes"}
    form |= {file.replace("pk_file_", "pk_box_") + "_1": "10 10 20 20"}
    page = browser.post(f"{place}/check", form)
    while "ファイルを準備しています" in page.h1:
        page = Page(browser.raw("GET", f"/ja/{place}/check"))
    answer = browser.raw("POST", f"/ja/{place}/make", data=page.fields("/pack/make"))
    assert answer.mimetype == "application/zip", page.text
    return bytes(answer.get_data())


def test_nothing_of_a_pack_is_at_rest_or_at_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = {name: marker(name) for name in ("told", "shown", "hidden", "to", "purpose")}
    site, temp, folder = (
        make_site(tmp_path / "site", server="workers = 1"),
        tmp_path / "temp",
        tmp_path / "desk",
    )
    temp.mkdir()
    site.is_watched = True
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    with running(site):
        options = DeskOptions(cache_dir=folder, identity=site.auditors[0].identity, port=free_port())
        app = create_desk(site.base, None, options)
        browser = Browser(app)
        wrote_down(browser, words)
        raw = packed(browser, words)
        (worker,) = site.workers()
        assert find_in_memory(worker, [word.encode() for word in words.values()]) == set()
        # The control: without scripts the words of a report are in the server's memory for a while.
        control, reporter = marker("control"), site.reporter()
        assert reporter.report(reporter.form(), what_happened=control).status == 200
        assert find_in_memory(worker, [control.encode()])
        desk_of(app).close()
    places = [folder, temp, site.folder]
    assert leaks.find(words.values(), places) == [] and len(list(leaks.files_under(places))) > 3
    assert not any(word in caplog.text for word in words.values())
    # The control: the pack itself says whom it is for, and the search finds it there.
    (tmp_path / "pack.zip").write_bytes(raw)
    assert {word for _file, word, _how in leaks.find(words.values(), [tmp_path / "pack.zip"])} >= {
        words["to"]
    }
    assert not leaks.find([words["shown"], words["hidden"]], [tmp_path / "pack.zip"])
