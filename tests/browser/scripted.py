"""A reporter's steps with scripts on, shared by the tests of the page's scripts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

from playwright.sync_api import FilePayload, Page

from crypto import attachment, logleaf
from crypto.encoding import b64d, b64e
from crypto.log_errors import LeafForeign
from crypto.receipt import Receipt, derive, parse_code
from crypto.unseal import Opened, unseal
from store import cases as store_cases
from store import db
from store import site as store_site
from store import tables as t
from store.objects import Objects
from tests.support.browser import findings, overflow
from tests.support.site import Site

LOOKS = (("ja", "light"), ("en", "light"), ("easy", "light"), ("ja", "dark"))
"""Each language once; the colours are of one style sheet for all of them."""


STEPS = 7
"""Six subjects, and the page to check the answers."""


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


def contents_of(site: Site, file: dict[str, Any]) -> bytes:
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


def put_record(site: Site, code: str, of: Callable[[Receipt], bytes]) -> None:
    """Write an exclude record into the database, as its holder can."""
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        receipt = derive(parse_code(code), store_site.get(conn).salt)
        mine = t.case_file.c.case_id == receipt.case_id
        conn.execute(t.case_file.update().where(mine).values(mailbox_record=of(receipt)))
    engine.dispose()


def tab_to(page: Page, label: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == label:
            return
    raise AssertionError("the keyboard does not get there")


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


def check_step(page: Page) -> None:
    assert findings(page) == []
    assert overflow(page) <= 0
