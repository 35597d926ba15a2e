"""The verify page from disk, without a network: its verdicts are the command's, on every file of the vectors."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page

from admin.verify.openssl import openssl_lines
from admin.verify.words import of_code, of_file, sentences
from crypto.certificate import read_certificate
from crypto.certificate_verdict import judge
from crypto.code_reading import LogFile, beside_copy, read_by_code
from crypto.logproof import read_policy
from crypto.tlog import entry_bundle
from portal.scripts import build as scripts
from tests.cli.test_verify import FILES, verdict
from tests.crypto.log_operations import certificate_file
from tests.support.browser import findings, overflow, page_of, until
from tests.vectors import small_log as small

CODE = "K7Q2-9M4X-TB8V-3HNE-5RW0"
LINES = """() => {
    const texts = [];
    const walk = (node) => {
        if (node.nodeName === "DETAILS") return;
        if (node.nodeType === 3 && node.data.trim()) texts.push(node.data.trim());
        node.childNodes.forEach(walk);
    };
    walk(document.querySelector("#said"));
    return texts;
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    (folder / "policy").write_text(small.POLICY, encoding="utf-8")
    scripts.build_verify(folder / "page.html")
    scripts.build_verify(folder / "with-policy.html", folder / "policy")
    return folder


@pytest.fixture(scope="module")
def page(built: Path, browser: Browser) -> Iterator[Page]:
    """The page from disk in a browser that is offline; each request is noted."""
    with page_of(browser, locale="ja-JP", offline=True) as opened:
        opened.set_default_timeout(15_000)
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto((built / "page.html").as_uri())
        yield opened
        assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []


def check(page: Page, vector: dict[str, Any]) -> str:
    """Give the page a file and a policy; return the verdict."""
    page.evaluate("document.querySelector('#said').replaceChildren()")
    page.fill("#policy", vector["input"]["policy"] or "")
    raw = certificate_file(vector["input"])
    page.set_input_files("#file", {"name": "file.json", "mimeType": "application/json", "buffer": raw})
    return str(page.locator("#said [data-verdict]").get_attribute("data-verdict"))


def spoken(page: Page, language: str) -> None:
    if page.locator("html").get_attribute("lang") != language:
        page.click("#language")


def written(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def test_page_and_command_agree_on_every_file(page: Page) -> None:
    assert len(FILES) >= 50
    told = {name: check(page, vector) for name, vector in FILES.items()}
    assert told == {name: verdict(vector) for name, vector in FILES.items()}
    without = {told[name] for name, vector in FILES.items() if vector["input"]["policy"] is None}
    assert without and "good" not in without


@pytest.mark.parametrize("language", ["ja", "en"])
def test_they_say_it_in_the_same_words(page: Page, language: str) -> None:
    spoken(page, language)
    for name in (
        *(
            "with content",
            "a burying, with a restored leaf",
            "no policy",
            "desks only",
            "a hash of the path changed",
        ),
        *("cosigned too late for the rule", "a day without a batch", "nothing"),
    ):
        vector = FILES[f"log-certificate: {name}"]
        check(page, vector)
        judged = judge(certificate_file(vector["input"]), vector["input"]["policy"])
        assert page.evaluate(LINES) == written(of_file(judged, language)), name


def test_the_lines_for_openssl_are_the_commands(page: Page) -> None:
    for name in ("a certificate", "a burying", "no policy", "desks only"):
        vector = FILES[f"log-certificate: {name}"]
        check(page, vector)
        policy = vector["input"]["policy"]
        lines = openssl_lines(
            read_certificate(certificate_file(vector["input"])), policy and read_policy(policy)
        )
        assert page.locator("#lines").text_content() == lines


def test_a_code_and_a_copy_bring_everything_back(page: Page) -> None:
    log = small.small_log()
    note = log.note(dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 3))
    spoken(page, "ja")
    page.fill("#policy", small.POLICY)
    page.fill("#code", CODE)
    page.click("#read")
    assert page.evaluate(LINES) == [sentences("ja")["ui_no_copy"]]
    files = {"head.json": json.dumps({"note": note}).encode(), "leaves": entry_bundle(log.leaves)}
    copy = [
        FilePayload(name=name, mimeType="application/octet-stream", buffer=raw) for name, raw in files.items()
    ]
    page.set_input_files("#files", copy)
    page.click("#read")
    page.wait_for_selector('[data-verdict="good"]')
    seen = read_by_code(CODE.replace("-", ""), LogFile(log.leaves, note), small.POLICY)
    assert page.evaluate(LINES) == written(of_code(seen, "ja"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    page.evaluate("document.querySelector('#said').replaceChildren()")
    zipped = FilePayload(name="copy.zip", mimeType="application/zip", buffer=packed.getvalue())
    page.set_input_files("#files", zipped)
    page.click("#read")
    page.wait_for_selector('[data-verdict="good"]')
    assert page.evaluate(LINES) == written(of_code(seen, "ja"))
    # A file beside the chosen copy: what the copy says of lost acts is named, another history is bad.
    burying = FILES["log-certificate: a burying"]
    judged, raw = judge(certificate_file(burying["input"]), small.POLICY), certificate_file(burying["input"])
    beside = beside_copy(read_certificate(raw), judged, LogFile(log.leaves, note), small.POLICY)
    assert check(page, burying) == "good"
    until(page, "document.querySelector('#said').textContent.includes('2026-11-28')")
    assert page.evaluate(LINES) == written(of_file(beside.judged, "ja", [("nowhere", {"day": "2026-11-28"})]))
    page.set_input_files("#files", [])
    page.fill("#code", CODE[:-1] + "1")
    page.click("#read")
    page.wait_for_selector('[data-verdict="unreadable"]')
    assert page.evaluate(LINES) == [sentences("ja")["ui_bad_code"]]
    page.fill("#code", "")


def test_a_copy_that_cannot_be_read_is_no_result(page: Page) -> None:
    """Chosen before the file or after it; the control is the same file with no copy."""
    file = FILES["log-certificate: a certificate"]
    broken = FilePayload(name="copy.zip", mimeType="application/zip", buffer=b"PK no zip")
    spoken(page, "en")
    page.set_input_files("#files", broken)
    assert check(page, file) == "unreadable"
    assert page.evaluate(LINES) == [sentences("en")["ui_copy_unread"]]
    page.set_input_files("#files", [])
    page.wait_for_selector('[data-verdict="good"]')
    page.set_input_files("#files", broken)
    page.wait_for_selector('[data-verdict="unreadable"]')
    assert page.evaluate(LINES) == [sentences("en")["ui_copy_unread"]]
    page.set_input_files("#files", [])
    page.wait_for_selector('[data-verdict="good"]')


def test_a_policy_can_be_built_in(built: Path, browser: Browser) -> None:
    with page_of(browser, offline=True) as opened:
        opened.goto((built / "with-policy.html").as_uri())
        assert opened.input_value("#policy") == small.POLICY
        assert opened.locator("#built-in").is_visible()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing_at_320_pixels(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    spoken(page, language)
    check(page, FILES["log-certificate: with content"])
    # The page's own policy lets no script in; axe comes past it.
    assert overflow(page) <= 0
    assert page.evaluate("document.activeElement.id") == "result-head"
    assert findings(page) == []
    page.set_viewport_size({"width": 1000, "height": 700})


def test_it_works_by_keyboard_and_prints_the_result_alone(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    wanted = ["language", "policy", "policy-file", "file", "code", "folder", "files", "read", "print"]
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted or set(wanted) <= set(
        reached
    )
    page.emulate_media(media="print")
    assert page.locator("#said").is_visible() and not page.locator("#policy").is_visible()
    page.emulate_media(media="screen")


def test_a_changed_script_does_not_run(built: Path, browser: Browser) -> None:
    """The control: one letter of the script changed, and the page's own policy stops it."""
    text = (built / "page.html").read_text(encoding="utf-8")
    changed = text.replace("proof.checkpoint", "proof.checkpoint ", 1)
    assert changed != text
    (built / "changed.html").write_text(changed, encoding="utf-8")
    with page_of(browser, offline=True) as opened:
        opened.goto((built / "changed.html").as_uri())
        assert opened.locator("#no-script").is_visible() and not opened.locator("#parts").is_visible()


def test_the_page_allows_itself_no_network(built: Path) -> None:
    text = (built / "page.html").read_text(encoding="utf-8")
    assert "content=\"default-src 'none'; script-src 'sha256-" in text
    assert not [
        word for word in ("http://", "https://", "fetch(", "localStorage", "innerHTML") if word in text
    ]
