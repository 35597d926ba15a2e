"""The reporter's journey with scripts on, in Chromium and under the site's own policy, against a real server."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route

from crypto import attachment, logleaf
from crypto.choice import RECORD_BYTES, ExcludeRecord, first_choice, seal_record
from crypto.encoding import b64d, b64e
from crypto.errors import CannotOpen
from crypto.log_errors import LeafForeign
from crypto.receipt import Receipt, derive, parse_code
from crypto.unseal import Opened, unseal
from portal import bundle
from portal.cleaning import kinds
from portal.pages import record
from store import cases as store_cases
from store import db
from store import site as store_site
from store import tables as t
from store.config.secrets import load_secrets
from store.objects import Objects
from tests.portal.cleaning import files
from tests.portal.cleaning.look import told
from tests.portal.conftest import enroll, newcomer, retire
from tests.portal.desk import Desk
from tests.support import leaks
from tests.support.attacks import sealed_anew
from tests.support.browser import FLAGS, chromium_path, findings, overflow, page_of, unfold
from tests.support.log import ByDay
from tests.support.memory import find_in_memory
from tests.support.reporter import CODE, inputs
from tests.support.site import Auditor, Site, make_site, running, today

LOOKS = (("ja", "light"), ("en", "light"), ("easy", "light"), ("ja", "dark"))
"""Each language once; the colours are of one style sheet for all of them."""
STEPS = 7
"""Six subjects, and the page to check the answers."""


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    assert bundle.read(), "the scripts have to be built: make test builds them"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page under the site's own policy; whatever the policy stops, or breaks, fails the test."""
    with page_of(browser) as found:
        troubles: list[str] = []
        found.on("pageerror", lambda error: troubles.append(str(error)))
        found.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        yield found
        assert [one for one in troubles if "Failed to load resource" not in one] == []


def open_form(page: Page, site: Site, language: str = "ja") -> None:
    """Open the report form and wait until its scripts have taken over."""
    page.goto(f"{site.base}/{language}/report")
    page.locator(".moves").wait_for()


def payloads(contents: dict[str, bytes]) -> list[FilePayload]:
    """Return files as a page gets them chosen."""
    return [{"name": name, "mimeType": "", "buffer": data} for name, data in contents.items()]


def go_on(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.locator(".moves .button:not(.second)").click()


def send_report(page: Page, site: Site, words: str, language: str = "ja") -> str:
    """Report through the steps; return the code."""
    open_form(page, site, language)
    page.fill("#what_happened", words)
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    return page.locator(".receipt .code").inner_text()


def open_case(page: Page, site: Site, code: str, language: str = "ja") -> None:
    """Come back with a code."""
    page.goto(f"{site.base}/{language}/status")
    page.locator("#way[data-way=browser]").wait_for()
    page.fill("#code", code)
    page.click("#code-form button")
    page.locator("article").first.wait_for()


def newest_raw(site: Site) -> bytes:
    """Return the newest envelope."""
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        row = conn.execute(t.envelope.select().order_by(t.envelope.c.seq.desc())).first()
        assert row is not None
        found = store_cases.envelopes(conn, row.case_id)[-1]
    engine.dispose()
    return bytes(found.raw)


def newest(site: Site, reader: int = 0) -> Opened:
    """Open the newest envelope with an auditor's key."""
    who = site.auditors[reader].identity
    return unseal(newest_raw(site), who.box_sk, who.box_pk, who.key_id)


def check_leaf(site: Site, code: str, kind: str) -> None:
    """The newest envelope's leaf waits for its batch, and auditors have the key that opens it."""
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        key = logleaf.log_key(derive(parse_code(code), store_site.get(conn).salt).root)
        waiting = [row.raw for row in conn.execute(t.pending_leaf.select())]
    engine.dispose()
    opened = []
    for leaf in waiting:
        with suppress(LeafForeign):
            opened.append(logleaf.open_leaf(key, leaf))
    digest = sha256(newest_raw(site)).hexdigest()
    assert [leaf.fields[1] for leaf in opened if leaf.kind == kind] == [digest]
    assert newest(site).payload["log_key"] == b64e(key)


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
    assert _contents(site, file) == proof
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


def _contents(site: Site, file: dict[str, Any]) -> bytes:
    """Fetch and open a file as a desk does."""
    engine = db.make_engine(site.settings.store.url)
    objects = Objects(engine, 2**30, 2**30)
    opener, found, at, total = attachment.Opener(b64d(file["key"]), file["size"]), b"", 0, 1
    while at < total:
        raw, total = objects.read_named(bytes.fromhex(file["object"]), at)
        found += opener.update(raw)
        at += len(raw)
    opener.finish()
    engine.dispose()
    return found


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
        _is_fine(page)  # the first question is asked for
        page.fill("#what_happened", "起きたこと")
        for step in range(STEPS - 1):
            if step == 4:
                page.set_input_files("#files", payloads({"a.pdf": b"%PDF-1.7"}))
                page.locator(".files .warn").wait_for()
                go_on(page)
                page.locator("#sealed-notice").wait_for()
            _is_fine(page)
            if step == 4:
                page.locator(".files button").first.click()
            go_on(page)
        page.locator("#review dl").wait_for()
        _is_fine(page)
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        _is_fine(page)
        open_case(page, site, code, language)
        page.locator("main dl dt").first.wait_for()
        _is_fine(page)
        page.click("#meaning summary")
        page.check("#meaning-name")
        _is_fine(page)
        for name in ("forget", "replace"):
            unfold(page, f"#{name}-now")
            page.click(f"#{name}-now")
            _is_fine(page)
            page.click(f"#{name}-not")


def _is_fine(page: Page) -> None:
    assert findings(page) == []
    assert overflow(page) <= 0


def test_the_record_of_a_case(site: Site, page: Page) -> None:
    """Saved by the browser alone: days and fingerprints, and the words only when they are wanted."""
    words = "記録に残す言葉"
    code = send_report(page, site, words)
    fingerprint = page.locator(".proof dd").first.text_content()
    assert fingerprint is not None and len(fingerprint) == 64
    open_case(page, site, code)
    for with_words in (False, True):
        page.eval_on_selector("details:has(#record)", "part => (part.open = true)")
        page.set_checked("#with_text", with_words)
        with page.expect_download() as saved:
            page.click("#record button")
        raw = saved.value.path().read_bytes()
        text = raw.decode("utf-8-sig")
        assert raw.startswith(b"\xef\xbb\xbf")
        assert fingerprint in text and "通報を受け付けました" in text and "<script" not in text
        assert (words in text) is with_words and code not in text
        # It lies among other files: neither its name nor its title tells, and what it is to be kept from comes first.
        assert saved.value.suggested_filename == record.FILE_NAME and "<title>メモ</title>" in text
        assert 'lang="ja"' in text and 'name="viewport"' in text
        assert 0 < text.index("会社の端末には置かないで") < text.index("<time")
    assert fingerprint not in page.inner_text("main")


def test_what_a_file_would_tell_is_said_before_it_goes(site: Site, page: Page) -> None:
    open_form(page, site)
    page.fill("#what_happened", "写真は後から送ります")
    go_on(page, 4)
    page.set_input_files("#files", {"name": "計画.pdf", "mimeType": "", "buffer": b"%PDF-1.7 of somebody"})
    page.locator("#step-files .warn").wait_for()
    assert "計画.pdf" in page.inner_text("#step-files")
    page.get_by_role("button", name="外す: 計画.pdf", exact=True).click()
    page.locator("#step-files .warn").wait_for(state="detached")
    open_case(page, site, send_report(page, site, "写真は後から送ります"))
    page.set_input_files("#files", {"name": "計画.pdf", "mimeType": "", "buffer": b"%PDF-1.7 of somebody"})
    page.locator("#write .files .warn").wait_for()
    assert "計画.pdf" in page.inner_text("#write .files") and len(newest(site).payload.get("files", [])) == 0


def test_a_message_that_waits_with_the_code_comes_along(site: Site, page: Page) -> None:
    """A page without scripts that died keeps the message beside the field for the code."""
    code = send_report(page, site, "一通目")
    late = site.reporter().post("status", [("token", "gone"), ("message", "書きかけの続き")])
    assert inputs(late.text)["message"] == "書きかけの続き"
    page.route("**/ja/status", lambda route: route.fulfill(body=late.text, content_type="text/html"))
    open_case(page, site, code)
    assert page.input_value("#write textarea") == "書きかけの続き"


def test_a_code_that_was_replaced_elsewhere_is_said_so(site: Site, page: Page) -> None:
    """Sending from a page that stayed open can never succeed: "later" would be no help."""
    code = send_report(page, site, "流出が隠されています")
    open_case(page, site, code)
    with page.context.new_page() as other:
        open_case(other, site, code)
        unfold(other, "#replace-now")
        other.click("#replace-now")
        other.check("#written")
        other.click("#replace button:not(.second)")
        other.locator("section.receipt").wait_for()
    page.fill("#message", "続きです")
    page.click("#write button")
    page.get_by_text("新しいコードに取り替えられ").first.wait_for()
    assert page.input_value("#message") == "続きです"


def test_a_withdrawal_is_read_first_and_looks_like_any_message(site: Site, page: Page) -> None:
    """Sealed with the message: the two requests have the same length and address."""
    code = send_report(page, site, "名簿の紛失")
    open_case(page, site, code)
    asked: list[tuple[str, int]] = []
    page.on(
        "request",
        lambda sent: asked.append((sent.url, len(sent.post_data or ""))) if "/message" in sent.url else None,
    )
    assert page.locator("input[name=meaning]:checked").count() == 0 and page.is_hidden("#meaning-withdraw")
    page.fill("#message", "一つ目の文章")
    page.click("#write button:not([type])")
    page.locator(".done").wait_for()
    page.fill("#message", "二つ目の文章")
    page.click("#meaning summary")
    page.check("#meaning-withdraw")
    page.click("#write button:not([type])")
    page.locator("#error-summary, .errors").first.wait_for()
    assert len(asked) == 1 and page.input_value("#message") == "二つ目の文章"
    page.check("#meaning-read")
    page.click("#write button:not([type])")
    page.locator("article p.small", has_text="通報を取り下げました").wait_for()
    assert newest(site).payload["meaning"] == "withdraw" and not newest(site).unusual
    assert len(asked) == 2 and asked[0] == asked[1]


def test_a_change_that_was_thought_better_of_changes_nothing(site: Site, page: Page) -> None:
    code = send_report(page, site, "このままにします")
    open_case(page, site, code)
    for name in ("replace", "forget"):
        unfold(page, f"#{name}-now")
        page.click(f"#{name}-now")
        assert page.evaluate("document.activeElement.type") == "checkbox"
        page.click(f"#{name}-not")
        assert page.evaluate("document.activeElement.id") == f"{name}-now"
        assert page.is_visible(f"#{name}-now") and page.is_hidden(f"#{name}")
    open_case(page, site, code)
    assert "このままにします" in page.inner_text("main")


def test_new_answers_are_told_first(site: Site, page: Page) -> None:
    """New is what came after the reporter's own last message; the page leads to the first of it."""
    code = send_report(page, site, "返事を待ちます")
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        case_id = conn.execute(t.envelope.select().order_by(t.envelope.c.seq.desc())).first()
    assert case_id is not None
    first_card = load_secrets(site.settings.server.secret_file).first_card
    world = SimpleNamespace(engine=engine, day=today(), secrets=SimpleNamespace(first_card=first_card))
    desk = Desk(cast(Any, world), site.auditors[0], case_id.case_id, newest(site).content_key)
    for words in ("一つ目の返事", "二つ目の返事"):
        desk.say(words)
    engine.dispose()
    open_case(page, site, code)
    assert "2件" in page.inner_text("#news") and page.locator("article .new").count() == 2
    page.click("#news a")
    assert "一つ目の返事" in page.inner_text("article:target")
    page.fill("#message", "読みました")
    page.click("#write button:not([type])")
    page.locator(".done").wait_for()
    assert page.is_hidden("#news") and page.locator(".new").count() == 0


def test_who_was_excluded_is_said_on_the_receipt_and_with_the_case(site: Site, page: Page) -> None:
    open_form(page, site)
    page.fill("#what_happened", "あの人には見せません")
    go_on(page, 5)
    page.check("#exclude-2")
    role = site.auditors[1].card.role["ja"]
    go_on(page)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    assert role in page.inner_text(".note")
    open_case(page, site, code)
    # Beside the button that sends: who will not be able to read it.
    assert role in page.inner_text("#write #out-list") and page.is_hidden("#out-none")
    open_case(page, site, send_report(page, site, "だれでも読めます"))
    assert page.is_hidden("#out-some") and page.is_visible("#write #out-none")


def _put_record(site: Site, code: str, of: Callable[[Receipt], bytes]) -> None:
    """Write an exclude record into the database, as its holder can."""
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        receipt = derive(parse_code(code), store_site.get(conn).salt)
        mine = t.case_file.c.case_id == receipt.case_id
        conn.execute(t.case_file.update().where(mine).values(mailbox_record=of(receipt)))
    engine.dispose()


def test_a_choice_that_can_not_be_told_is_asked_for_again(browser: Browser, site: Site) -> None:
    """The record breaks while the page is open: nothing is sent, the text stays, and whom it knows of stays ticked."""
    out = site.auditors[1].card
    with page_of(browser, viewport={"width": 320, "height": 640}, bypass_csp=True) as page:
        open_form(page, site)
        page.fill("#what_happened", "あの人には見せません")
        go_on(page, 5)
        page.check("#exclude-2")
        go_on(page)
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        open_case(page, site, code)
        assert page.is_hidden("#choice") and page.is_hidden("#no-report")
        _put_record(site, code, lambda _: bytes(RECORD_BYTES))
        words = "この文は残る " + secrets.token_hex(8)
        before = newest(site).envelope_id
        page.fill("#message", words)
        page.click("#write button:not([type])")
        tick = page.locator(f"#choose-{out.person.hex()}")
        tick.wait_for()
        assert tick.is_checked() and tick.is_disabled() and page.input_value("#message") == words
        assert newest(site).envelope_id == before
        _is_fine(page)
        # A reporter who overlooks the question has not answered "nobody".
        page.click("#write button:not([type])")
        page.locator("#sealed-notice").wait_for()
        assert newest(site).envelope_id == before and page.input_value("#message") == words
        page.check("#choose-done")
        page.click("#write button:not([type])")
        page.locator("article", has_text=words).wait_for()
        assert page.is_hidden("#choice") and out.name["ja"] in page.inner_text("#out-list")
        with pytest.raises(CannotOpen):
            newest(site, 1)
        # A record that names another report than the one that is here: nothing more can be sent.
        other = ExcludeRecord(first_choice([]), report_hash=bytes([1]) * 32)
        _put_record(site, code, lambda own: seal_record(own.root, own.case_id, other))
        open_case(page, site, code)
        # Its number is old besides: that is asked first, and made good; the report stays away.
        page.fill("#message", "もう一度")
        page.check("#choose-done")
        page.click("#write button:not([type])")
        page.locator("#no-report:not([hidden])").wait_for()
        assert page.is_hidden("#write") and page.is_hidden("#changes")
        _is_fine(page)


def test_leaving_an_open_case(site: Site, page: Page) -> None:
    open_case(page, site, send_report(page, site, "閉じて離れます"))
    with page.expect_navigation(url=re.compile("/exit$")):
        page.locator("main a[href$='/exit']").click()
    page.go_back()
    assert "閉じて離れます" not in page.inner_text("body")


def test_a_report_by_keyboard(site: Site, page: Page) -> None:
    open_form(page, site)
    page.focus("#what_happened")
    page.keyboard.type("キーボードだけで")
    for _ in range(STEPS - 1):
        _tab_to(page, "次へ")
        page.keyboard.press("Enter")
    _tab_to(page, "通報を送る")
    page.keyboard.press("Enter")
    page.locator(".receipt .code").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"


def _tab_to(page: Page, label: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == label:
            return
    raise AssertionError("the keyboard does not get there")


def test_what_is_missing_or_too_much_is_said_where_it_is(site: Site, page: Page) -> None:
    open_form(page, site, "en")
    go_on(page)
    assert "Please write what happened" in page.inner_text("#sealed-notice")
    assert page.evaluate("document.activeElement.id") == "what_happened"
    page.fill("#what_happened", "x" * 100_001)
    go_on(page)
    assert "up to 100,000 characters; there are 100,001 now" in page.inner_text("#sealed-notice")
    page.fill("#what_happened", "x")
    go_on(page, 4)
    many: list[FilePayload] = [{"name": f"{n}", "mimeType": "", "buffer": b"x"} for n in range(21)]
    page.set_input_files("#files", many)
    go_on(page)
    assert "more files" in page.inner_text("#sealed-notice")
    page.locator("#step-files .files button").last.click()
    go_on(page)
    for box in page.locator("input[name=exclude]").all():
        box.check()
    go_on(page)
    notice = page.locator("#sealed-notice")
    assert "nobody could read" in notice.inner_text() and notice.locator("a[href$='/outside']").count() == 1


def test_when_sealing_fails_the_way_without_scripts_is_offered_with_the_text(site: Site, page: Page) -> None:
    page.route("**/sealed/report", lambda route: route.fulfill(status=400, json={"error": "envelope"}))
    open_form(page, site)
    page.fill("#what_happened", "残る文")
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.locator("summary").click()
    assert page.inner_text("#form button[type=submit]") == "もう一度送る"
    with page.expect_navigation():
        notice.locator("button").click()
    assert CODE.search(page.inner_text("main")) and newest(site).payload["what_happened"] == "残る文"


@pytest.mark.parametrize(
    ("url", "status", "word"),
    [
        ("**/sealed/report", 503, "store_failed"),
        ("**/sealed/report", 413, "too_large"),
        ("**/sealed/report", 409, "code_ended"),
        ("**/sealed/piece", 503, "files_full"),
        ("**/sealed/piece", 413, "too_large"),
        ("**/keys.json", 0, ""),
    ],
)
def test_what_the_way_without_scripts_would_not_cure_does_not_offer_it(
    site: Site, page: Page, url: str, status: int, word: str
) -> None:
    def answer(route: Route) -> None:
        if status:
            route.fulfill(status=status, json={"error": word})
        else:
            route.abort()

    page.route(url, answer)
    open_form(page, site)
    page.fill("#what_happened", "残る文")
    page.set_input_files("#files", {"name": "a.txt", "mimeType": "", "buffer": b"x"})
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.locator("a[href$='/outside']").wait_for()
    assert notice.locator("button").count() == 0
    assert page.input_value("#what_happened") == "残る文" and "残って" in notice.inner_text()


def test_both_ways_count_the_same_and_say_so_at_the_step(site: Site, page: Page) -> None:
    """All answers together, in code points, as the server does; nothing is sent."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    open_form(page, site)
    page.fill("#what_happened", "𠮷" * 50_000)
    go_on(page, 2)
    page.fill("#personal_data", "𠮷" * 50_001)
    go_on(page)
    notice = page.locator("#sealed-notice")
    assert "100,001字" in notice.inner_text() and notice.locator("button").count() == 0
    assert page.evaluate("document.activeElement.id") == "personal_data" and sent == []
    page.fill("#personal_data", "𠮷" * 50_000)
    go_on(page, STEPS - 3)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    open_case(page, site, code)
    sent.clear()
    page.fill("#message", "𠮷" * 100_001)
    page.click("#write button:not([type])")
    assert "100,001字" in page.inner_text("#sealed-notice") and sent == []


def test_a_text_that_grows_in_normal_form_is_too_long(site: Site, page: Page) -> None:
    open_form(page, site)
    page.fill("#what_happened", "\ufb2c" * 100_000)
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.get_by_text("10万字まで").wait_for()
    assert notice.locator("button").count() == 0


def test_choosing_again_adds_and_each_file_can_be_taken_off(site: Site, page: Page) -> None:
    """On both pages; by keyboard, with the focus on the next one, and told to screen readers."""

    def texts(*names: str) -> list[FilePayload]:
        return [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in names]

    def choose_and_take_off(place: str) -> None:
        listed = page.locator(f"{place} .files li")
        page.set_input_files("#files", texts("a.txt", "b.txt"))
        page.set_input_files("#files", texts("c.txt", "a.txt"))
        listed.nth(3).locator(".small").wait_for()
        page.set_input_files("#files", [])
        assert listed.count() == 4 and listed.nth(0).inner_text().count("a.txt") == 1
        said = page.locator(f"{place} [role=status]").last
        assert "4 / 20 件" in said.inner_text()
        listed.nth(0).locator("button").focus()
        page.keyboard.press("Enter")
        assert "a.txt を外しました" in said.inner_text() and "3 / 20 件" in said.inner_text()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "外す: b.txt"
        assert page.evaluate("[...document.querySelector('#files').files].map(one => one.name)") == [
            "b.txt", "c.txt", "a.txt",
        ]  # fmt: skip
        assert findings_of(page) == []

    open_form(page, site)
    page.fill("#what_happened", "ファイルを足します")
    go_on(page, 4)
    choose_and_take_off("#step-files")
    go_on(page, 2)
    page.locator("#review dd :is(p, div).words").nth(2).wait_for()
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    assert [one["name"] for one in newest(site).payload["files"]] == ["b.txt", "c.txt", "a.txt"]
    open_case(page, site, code)
    choose_and_take_off("#write")
    page.fill("#message", "ファイルの続き")
    page.click("#write button:not([type])")
    page.locator("article", has_text="ファイルの続き").wait_for()
    assert [one["name"] for one in newest(site).payload["files"]] == ["b.txt", "c.txt", "a.txt"]


def findings_of(page: Page) -> list[str]:
    """What can be told without axe, which the page's policy keeps out: each button has a name of its own."""
    names = page.eval_on_selector_all(
        ".files button", "all => all.map(one => one.getAttribute('aria-label'))"
    )
    return [name for name in names if names.count(name) > 1 or not name]


KINDS: dict[str, tuple[bytes, str]] = {
    "計画.pdf": (b"%PDF-1.7 of somebody", "スクリーンショット"),
    "全部.zip": (b"PK\x03\x04" + bytes(60), "展開して"),
    "古い.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "パスワードなしで保存"),
    "写真.heic": (b"\0\0\0\x18ftypheic" + bytes(60), "この種類のファイル"),
    "壊れた.jpg": (b"\xff\xd8\xff\xe0", "壊れている"),
}
"""What is said of a file that can't be cleaned, and what to do instead."""


def test_what_cannot_be_cleaned_is_asked_for_before_it_goes(site: Site, page: Page) -> None:
    """As it is, without it, or later: nothing of it goes without an answer, and everything typed stays."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/sealed/" in request.url else None)
    open_form(page, site)
    page.fill("#what_happened", "写真と書類があります")
    go_on(page, 4)
    page.set_input_files("#files", payloads({name: data for name, (data, _) in KINDS.items()}))
    items = page.locator("#step-files .files li")
    for at, (_, words) in enumerate(KINDS.values()):
        line = items.nth(at).locator(".warn")
        line.wait_for()
        assert words in line.inner_text() and "スクリプト" not in line.inner_text()
    for name in KINDS:
        go_on(page)
        notice = page.locator("#sealed-notice")
        notice.get_by_text(f"{name} からは").wait_for()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"このまま送る: {name}"
        answer = {"計画.pdf": "このまま送る", "全部.zip": "あとで送る"}.get(name, "外す")
        page.get_by_role("button", name=f"{answer}: {name}", exact=True).click()
    assert sent == [] and items.count() == 1 and "このまま送ります" in items.inner_text()
    go_on(page, 2)
    page.locator("#review dd").first.wait_for()
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for()
    (entry,) = newest(site).payload["files"]
    assert (entry["name"], entry["cleaned"]) == ("計画.pdf", "not")
    assert _contents(site, entry) == KINDS["計画.pdf"][0]


def test_words_fit_what_was_chosen(site: Site, page: Page) -> None:
    """Nothing is asked of what was cleaned, or of text, in which nothing is hidden."""
    open_form(page, site)
    page.fill("#what_happened", "x")
    go_on(page, 4)
    chosen = {
        "メモ.txt": "10月2日、名簿が持ち出された。".encode(),
        "sjis.csv": "氏名,部署\r\n".encode("shift_jis"),
    }
    pictures = {"a.jpg": files.jpeg(told=False), "b.jpg": files.jpeg(orientation=6)}
    page.set_input_files(
        "#files",
        payloads(chosen | pictures),
    )
    items = page.locator("#step-files .files li")
    for at, words in enumerate(
        (
            "隠れた情報はありません",
            "隠れた情報はありません",
            "埋め込まれた、あなたが分かる情報はありません",
            "取り除きました",
        )
    ):
        items.nth(at).get_by_text(words).wait_for()
    assert page.locator("#step-files .warn").count() == 0
    assert "写真に写っているもの" in items.nth(3).inner_text()
    go_on(page)
    page.locator("#step-exclude").wait_for()


def test_pictures_and_office_files_are_cleaned_before_they_are_sealed(site: Site, page: Page) -> None:
    """Chosen, sealed, opened at a desk, and looked into by another program; their script comes when it is needed."""
    scripts: list[str] = []
    page.on(
        "request", lambda request: scripts.append(request.url) if "/static/built/" in request.url else None
    )
    made = {
        "a.docx": files.docx(),
        "b.xlsm": files.xlsx(binary=True),
        "c.pptx": files.pptx(),
        "d.jpg": files.jpeg(orientation=6),
        "e.png": files.png(),
        "f.webp": files.webp(orientation=8),
    }
    assert all(len(told(data)) >= 3 for data in made.values()), "the control: each of them tells"
    open_form(page, site)
    page.fill("#what_happened", "資料を送ります")
    go_on(page, 4)
    assert not any("office" in one or "cleaning" in one for one in scripts)
    page.set_input_files("#files", payloads(made))
    page.get_by_role("button", name="このまま送る: b.xlsm", exact=True).click()
    assert sum("office" in one for one in scripts) == 1
    go_on(page, 2)
    page.locator("#review dd :is(p, div).words").nth(5).wait_for()
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for()
    entries = newest(site).payload["files"]
    assert [(one["name"], one["cleaned"]) for one in entries] == [
        (name, "partly" if name == "b.xlsm" else "removed") for name in made
    ]
    for entry in entries:
        data = _contents(site, entry)
        # Which way up a photo is stays, and nothing else.
        assert [line for line in told(data) if "Orientation" not in line and "Byte Order" not in line] == []
        server = kinds.clean(made[entry["name"]])
        assert (server.found, len(server.data) > 0) == (tuple(entry["found"]), True)


@pytest.mark.parametrize("script", ["cleaning", "files"])
def test_without_the_script_that_cleans_nothing_goes_unasked(site: Site, page: Page, script: str) -> None:
    page.route(f"**/static/built/{script}-*", lambda route: route.abort(), times=1)
    open_form(page, site)
    page.fill("#what_happened", "x")
    go_on(page, 4)
    photo = payloads({"a.jpg": files.jpeg()})
    page.set_input_files("#files", photo)
    page.get_by_text("通信が途切れたため").wait_for()
    go_on(page)
    page.locator("#sealed-notice").wait_for()
    page.get_by_role("button", name="外す: a.jpg", exact=True).click()
    page.set_input_files("#files", photo)
    page.locator("#step-files").get_by_text("取り除きました").wait_for()


def test_a_file_that_went_away_is_said_and_nothing_is_sent(site: Site, page: Page, tmp_path: Path) -> None:
    gone = tmp_path / "memo.txt"
    gone.write_text("メモ", encoding="utf-8")
    page.route("**/sealed/report", lambda route: pytest.fail("sent"))
    open_form(page, site)
    page.fill("#what_happened", "残る文")
    page.set_input_files("#files", gone)
    go_on(page, STEPS - 1)
    page.locator("#review dd :is(p, div).words").wait_for()
    gone.unlink()
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.get_by_text("読めなくなったファイルがあります").wait_for()
    assert notice.locator("button").count() == 0 and page.input_value("#what_happened") == "残る文"


def test_a_conversion_that_is_undone_does_not_leave(site: Site, page: Page) -> None:
    """Esc undoes a conversion while Japanese is typed; it is no wish to leave."""
    open_form(page, site)
    page.evaluate("addEventListener('keydown', e => (window.seen ??= []).push([e.key, e.isComposing]))")
    page.fill("#what_happened", "書きかけ")
    page.focus("#what_happened")
    keyboard = page.context.new_cdp_session(page)
    for text in ("ろうえい", "漏えい", "漏洩"):
        keyboard.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": len(text)}
        )
        page.keyboard.press("Escape")
    assert page.evaluate("seen.filter(([key, composing]) => key === 'Escape' && composing).length") == 3
    # And Esc right behind the composition, as some browsers tell it.
    keyboard.send("Input.insertText", {"text": "漏えい"})
    for _ in range(3):
        page.keyboard.press("Escape")
    assert page.url.endswith("/report") and page.input_value("#what_happened").startswith("書きかけ")


def test_files_that_came_without_scripts_go_on_without_them(site: Site, page: Page) -> None:
    """They are in the form's hidden field, and no sealed report could have them."""
    hidden = site.reporter().form()
    parts = [*hidden.items(), ("what_happened", ""), ('files"; filename="a.txt', "x")]
    answer = site.reporter().post("report", parts)
    assert "kept_files" in inputs(answer.text)
    page.route("**/ja/report", lambda route: route.fulfill(body=answer.text, content_type="text/html"))
    page.goto(f"{site.base}/ja/report")
    page.wait_for_load_state("networkidle")
    assert page.locator(".moves").count() == 0 and page.locator("#way[data-way=browser]").count() == 0


def test_a_text_changed_after_a_lost_answer_goes_beside_the_first(site: Site, page: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()  # it arrives, and its answer gets lost
        route.abort()

    page.route("**/sealed/report", lose, times=1)
    open_form(page, site)
    page.fill("#what_happened", "はじめの文")
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    page.locator("#sealed-notice a").wait_for()
    page.locator("#review .change button").first.click()
    page.fill("#what_happened", "変えた文")
    go_on(page)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    open_case(page, site, code)
    assert "はじめの文" in page.inner_text("main") and "変えた文" in page.inner_text("main")


def test_an_upload_goes_on_after_a_lost_connection(site: Site, page: Page) -> None:
    data, offsets = secrets.token_bytes(2_500_000), list[int]()

    def piece(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        offsets.append(int.from_bytes(body[24:32], "big"))
        if len(offsets) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/sealed/piece", piece)
    open_form(page, site)
    page.fill("#what_happened", "大きな証拠")
    go_on(page, 4)
    page.set_input_files("#files", {"name": "b.bin", "mimeType": "", "buffer": data})
    page.get_by_text("このまま送る").click()
    go_on(page, 2)
    page.locator("#review dd :is(p, div).words").wait_for()
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for(timeout=60_000)
    assert offsets[1] == offsets[2] and offsets == sorted(offsets)
    (file,) = newest(site).payload["files"]
    assert _contents(site, file) == data


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


def test_an_open_case_goes_blank_after_fifteen_idle_minutes(site: Site, page: Page) -> None:
    code = send_report(page, site, "しばらく離れます")
    page.clock.install()
    open_case(page, site, code)
    page.clock.fast_forward(14 * 60 * 1000)
    assert "しばらく離れます" in page.inner_text("main")
    with page.expect_navigation():
        page.clock.fast_forward(2 * 60 * 1000)
    assert page.locator("#code").input_value() == "" and "しばらく離れます" not in page.content()


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


def enroll_late(site: Site) -> Auditor:
    """Enrol somebody while a page is open, whom the founder vouches for."""
    late = newcomer(site.auditors[0].identity, f"後から来た人{secrets.token_hex(3)}")
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        enroll(conn, late.card, date.today())
    assert ByDay(engine, site.settings.server.secret_file).enter_now()
    engine.dispose()
    return late


def retire_late(site: Site, people: list[Auditor]) -> None:
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        for one in people:
            retire(conn, one, date.today())
    engine.dispose()


def count_envelopes(site: Site) -> int:
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        found = len(conn.execute(t.envelope.select()).all())
    engine.dispose()
    return found


def test_nothing_is_sealed_to_whom_the_page_did_not_show(site: Site, page: Page) -> None:
    """Enrolled while the form is open; then in the moment of sending; then while the case is open (F4)."""
    founder, before = site.auditors[0].card, count_envelopes(site)
    open_form(page, site)
    page.fill("#what_happened", "一覧が変わります")
    go_on(page, STEPS - 2)
    page.check(f"input[name=exclude][value='{founder.person.hex()}']")
    go_on(page)
    late = [enroll_late(site)]
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.wait_for()
    assert late[0].card.name["ja"] in notice.inner_text() and "まだ何も送っていません" in notice.inner_text()
    box = page.locator(f"input[name=exclude][value='{late[0].card.person.hex()}']")
    assert box.is_visible() and not box.is_checked() and count_envelopes(site) == before
    said = notice.inner_text()
    go_on(page)

    def once(route: Route) -> None:
        if len(late) == 1:
            late.append(enroll_late(site))
        route.continue_()

    page.route("**/sealed/report", once)
    page.click("#form button[type=submit]")
    page.wait_for_function(
        "old => (document.querySelector('#sealed-notice')?.innerText ?? old) !== old", arg=said
    )
    assert (
        len(late) == 2 and late[1].card.name["ja"] in notice.inner_text() and count_envelopes(site) == before
    )
    go_on(page)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    assert count_envelopes(site) == before + 1
    signed = newest(site, 1).payload["readers"]
    assert signed["keys"] == sorted(one.card.key_id.hex() for one in (*site.auditors, *late))
    open_case(page, site, code)
    late.append(enroll_late(site))
    page.fill("#write textarea", "続きです")
    page.click("#write button:not([type])")
    notice.wait_for()
    assert late[2].card.name["ja"] in notice.inner_text() and count_envelopes(site) == before + 1
    assert page.input_value("#write textarea") == "続きです"
    page.click("#write button:not([type])")
    page.locator(".done").wait_for()
    assert count_envelopes(site) == before + 2
    with pytest.raises(CannotOpen):
        newest_for(site, late[2])
    # A new code is sealed to the readers as well.
    late.append(enroll_late(site))
    unfold(page, "#replace-now")
    page.click("#replace-now")
    page.check("#replace input[type=checkbox]")
    page.click("#replace button:not([type=button])")
    notice.wait_for()
    assert late[3].card.name["ja"] in notice.inner_text() and count_envelopes(site) == before + 2
    page.click("#replace button:not([type=button])")
    page.locator("#replace[hidden]").wait_for(state="attached")  # the page was made anew
    assert count_envelopes(site) == before + 3
    # What seals nothing shows a fresh list too: it is said who is new on it.
    late.append(enroll_late(site))
    unfold(page, "#forget-now")
    page.click("#forget-now")
    page.check("#forget input[type=checkbox]")
    page.click("#forget button:not([type=button])")
    page.locator("#newcomers").wait_for()
    assert page.locator("#newcomers").inner_text().endswith(listed_name(late[4]))
    retire_late(site, late)


def listed_name(who: Auditor) -> str:
    return f"{who.card.role['ja']} {who.card.name['ja']}"


def newest_for(site: Site, who: Auditor) -> Opened:
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        row = conn.execute(t.envelope.select().order_by(t.envelope.c.seq.desc())).first()
    engine.dispose()
    assert row is not None
    own = who.identity
    return unseal(row.raw, own.box_sk, own.box_pk, own.key_id)


def test_a_report_sealed_anew_is_told_with_the_case(site: Site, page: Page) -> None:
    """The server's row, with the same content key and another key's slot: only what was signed tells (F3)."""
    code = send_report(page, site, "鍵をかけ直されます")
    opened, stranger = newest(site), newcomer(site.auditors[0].identity).identity
    to = [(one.identity.key_id, one.identity.box_pk) for one in site.auditors]
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        one = t.envelope.c.envelope_id == opened.envelope_id
        raw = conn.execute(t.envelope.select().where(one)).one().raw
        raw = sealed_anew(raw, opened.content_key, [*to, (stranger.key_id, stranger.box_pk)])
        conn.execute(t.envelope.update().where(one).values(raw=raw))
    engine.dispose()
    open_case(page, site, code)
    assert "署名された相手のものと一致しません" in page.inner_text("main")
    assert "鍵をかけ直されます" in page.inner_text("main")
