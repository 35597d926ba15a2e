"""The reporter's journey with scripts on, in Chromium and under the site's own policy, against a real server."""

from __future__ import annotations

import json
import re
import secrets

import pytest
from playwright.sync_api import Browser, Page

from portal import bundle
from tests.browser.scripted import (
    LOOKS,
    STEPS,
    check_leaf,
    check_step,
    contents_of,
    go_on,
    newest,
    open_case,
    open_form,
    payloads,
    send_report,
)
from tests.support import leaks
from tests.support.browser import FLAGS, chromium_path, page_of, unfold
from tests.support.memory import find_in_memory
from tests.support.reporter import CODE
from tests.support.site import Site, make_site, running


def test_a_whole_journey_and_what_the_server_gets(site: Site, page: Page) -> None:
    """Report with a file and an exclusion, come back, write, take a new code, forget."""
    words, proof = "流出が隠されています " + secrets.token_hex(8), b"proof " + secrets.token_hex(16).encode()
    sent: list[bytes] = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    open_form(page, site)
    page.fill("#what_happened", words)
    go_on(page, 4)
    page.set_input_files("#files", {"name": "証拠.txt", "mimeType": "text/plain", "buffer": proof})
    go_on(page)
    page.check("#exclude-2")
    go_on(page)
    review = page.locator("#review")
    review.locator("dd :is(p, div).words").wait_for()
    assert words in review.inner_text() and "証拠.txt" in review.inner_text()
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    assert CODE.fullmatch(code)
    check_leaf(site, code, "report")
    opened = newest(site)
    assert opened.payload["what_happened"] == words and not opened.unusual
    assert opened.payload["language"] == "ja"
    assert opened.payload["exclude"] == [site.auditors[1].card.person.hex()]
    (file,) = opened.payload["files"]
    assert contents_of(site, file) == proof
    open_case(page, site, code)
    assert words in page.inner_text("main")
    page.fill("#message", "続き" + words)
    page.click("#write button")
    page.locator("article", has_text="続き" + words).wait_for()
    unfold(page, "#replace-now")
    page.click("#replace-now")
    fresh = page.locator("#fresh").inner_text()
    page.check("#written")
    page.click("#replace button:not(.second)")
    page.locator("section.receipt").wait_for()
    assert page.locator("section.receipt .code").inner_text() == fresh != code
    open_case(page, site, fresh)
    assert words in page.inner_text("main")
    unfold(page, "#forget-now")
    page.click("#forget-now")
    page.check("#sure")
    page.click("#forget button:not(.second)")
    page.locator(".done").wait_for()
    assert words not in page.inner_text("main")
    everything = b"".join(sent)
    secrets_of_it = [words, proof.decode(), code, code.replace("-", ""), fresh, fresh.replace("-", "")]
    for secret in secrets_of_it:
        for name, raw in leaks.disguises(secret).items():
            assert raw not in everything, name
    assert len(everything) > 60_000
    assert leaks.find(secrets_of_it, [site.folder]) == []


def test_nothing_of_it_stands_in_the_servers_memory(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The control is the way without scripts: there the words are in the memory of one worker for a while."""
    words = "記憶に残らない " + secrets.token_hex(12)
    site = make_site(tmp_path_factory.mktemp("memory") / "site", server="workers = 1")
    site.is_watched = True
    with running(site), page_of(browser) as page:
        code = send_report(page, site, words)
        open_case(page, site, code)
        (worker,) = site.workers()
        wanted = [raw for secret in (words, code) for raw in leaks.disguises(secret).values()]
        assert find_in_memory(worker, wanted) == set()
        control = "記憶に残る " + secrets.token_hex(12)
        assert site.reporter().report(site.reporter().form(), what_happened=control).status == 200
        assert find_in_memory(worker, [control.encode()]) == {control.encode()}
    assert leaks.find([words, code], [site.folder]) == []


def test_short_and_long_reports_are_requests_of_one_length(site: Site, page: Page) -> None:
    lengths: list[int] = []
    page.on(
        "request",
        lambda request: (
            lengths.append(len(request.post_data_buffer or b"")) if "/sealed/report" in request.url else None
        ),
    )
    for count in (10, 2000):
        send_report(page, site, "あ" * count)
    assert len(lengths) == 2 and len(set(lengths)) == 1


def test_without_webassembly_and_without_jit(browser: Browser, site: Site) -> None:
    flags = [*FLAGS, "--no-sandbox", "--js-flags=--jitless"]
    slow = browser.browser_type.launch(executable_path=chromium_path(), args=flags)
    try:
        with page_of(slow) as page:
            code = send_report(page, site, "遅い端末から")
            assert page.evaluate("typeof WebAssembly") == "undefined"
            open_case(page, site, code)
            assert "遅い端末から" in page.inner_text("main")
    finally:
        slow.close()


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_axe_finds_nothing_in_any_step(browser: Browser, site: Site, language: str, scheme: str) -> None:
    size = {"width": 320, "height": 640}
    with page_of(browser, viewport=size, color_scheme=scheme, bypass_csp=True) as page:
        open_form(page, site, language)
        go_on(page)
        check_step(page)  # the first question is asked for
        page.fill("#what_happened", "起きたこと")
        for step in range(STEPS - 1):
            if step == 4:
                page.set_input_files("#files", payloads({"a.pdf": b"%PDF-1.7"}))
                page.locator(".files .warn").wait_for()
                go_on(page)
                page.locator("#sealed-notice").wait_for()
            check_step(page)
            if step == 4:
                page.locator(".files button").first.click()
            go_on(page)
        page.locator("#review dl").wait_for()
        check_step(page)
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        check_step(page)
        open_case(page, site, code, language)
        page.locator("main dl dt").first.wait_for()
        check_step(page)
        page.click("#meaning summary")
        page.check("#meaning-name")
        check_step(page)
        for name in ("forget", "replace"):
            unfold(page, f"#{name}-now")
            page.click(f"#{name}-now")
            check_step(page)
            page.click(f"#{name}-not")


@pytest.mark.parametrize("way", ["click", "escape"])
def test_leaving_at_once(site: Site, page: Page, way: str) -> None:
    page.goto(f"{site.base}/ja/")
    open_form(page, site)
    page.fill("#what_happened", "書きかけ")
    with page.expect_navigation(url=re.compile("/exit$")):
        if way == "click":
            page.click("a.exit >> nth=0")
        else:
            for _ in range(3):
                page.keyboard.press("Escape")
    assert "通報" not in page.inner_text("body")
    # The form is not behind the button "back".
    page.go_back()
    assert page.url.endswith("/ja/")


def test_nothing_is_kept_in_the_browser(site: Site, page: Page) -> None:
    code = send_report(page, site, "何も残さない")
    open_case(page, site, code)
    kept = page.evaluate(
        "[localStorage.length, sessionStorage.length, document.cookie, location.href, history.state]"
    )
    assert kept[:3] == [0, 0, ""] and code not in json.dumps(kept) and kept[4] == {"deep": 0}
    assert page.context.cookies() == []


def test_what_the_page_loads_is_what_the_keys_page_says(site: Site, page: Page) -> None:
    page.goto(f"{site.base}/en/keys")
    text = page.text_content("main") or ""
    for script in bundle.read().values():
        assert script.sha256 in text
