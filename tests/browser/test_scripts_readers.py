"""With scripts on, nothing is sealed to a reader whom the page did not show, nor believed that was sealed anew."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, Route

from crypto.errors import CannotOpen
from crypto.unseal import Opened, unseal
from store import db
from store import tables as t
from tests.browser.scripted import STEPS, go_on, newest, open_case, open_form, send_report
from tests.portal.conftest import enroll, newcomer, retire
from tests.support.attacks import sealed_anew
from tests.support.browser import unfold, until
from tests.support.log import ByDay
from tests.support.site import Auditor, Site, today


def enroll_late(site: Site) -> Auditor:
    """Enrol somebody while a page is open, whom the founder vouches for."""
    late = newcomer(site.auditors[0].identity, f"後から来た人{secrets.token_hex(3)}")
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        enroll(conn, late.card, today())
    assert ByDay(engine, site.settings.server.secret_file).enter_now()
    engine.dispose()
    return late


def retire_late(site: Site, people: list[Auditor]) -> None:
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        for one in people:
            retire(conn, one, today())
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
    until(page, "old => (document.querySelector('#sealed-notice')?.innerText ?? old) !== old", arg=said)
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
