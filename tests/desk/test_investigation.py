"""How a case is looked into: plan, interviews, evidence, conflicts of interest; reminders, and a sheet to hand over."""

from __future__ import annotations

from datetime import timedelta

from tests.desk.browser import Browser, Page
from tests.desk.world import Sent, World


def put(browser: Browser, sent: Sent, act: str, status: int = 200, **fields: str) -> Page:
    form = browser.case(sent.case_id).fields("/look") | fields
    page = browser.post(f"cases/{sent.case_id.hex()}/record/{act}", form)
    assert page.status == status, page.text[:1500]
    return page


def test_all_of_it_is_kept_signed_and_on_the_sheet(world: World) -> None:
    sent, browser, second = world.report(what_happened="x"), Browser(world.desk(0)), Browser(world.desk(1))
    day = (world.desk_day + timedelta(days=2)).isoformat()
    put(browser, sent, "plan", plan="帳簿と照らす")
    put(
        browser,
        sent,
        "interview",
        iv_who="経理課 田中",
        iv_day=day,
        iv_by=world.auditors[1].card.person.hex(),
    )
    put(browser, sent, "evidence", ev_what="売上台帳", ev_day="2026-11-01", ev_source="経理課", ev_place="金庫",
        ev_hash="ab" * 32)  # fmt: skip
    put(second, sent, "conflict", conflict_text="以前の上司です")
    put(browser, sent, "conflict_none")
    page = second.case(sent.case_id)
    for text in ("帳簿と照らす", "経理課 田中", "売上台帳", "金庫", "以前の上司です", "ab" * 32):
        assert text in page.text
    sheet = second.get(f"cases/{sent.case_id.hex()}/handover")
    for text in ("帳簿と照らす", "経理課 田中", "売上台帳", "以前の上司です", "引き継ぎ"):
        assert text in sheet.text


def test_a_planned_interview_reminds_until_it_was_held(world: World) -> None:
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    put(browser, sent, "interview", iv_who="経理課 田中", iv_day=world.desk_day.isoformat())
    assert "聞き取り" in browser.get().text
    page = browser.case(sent.case_id)
    (own_id,) = [
        one.get("value")
        for one in page.all("button")
        if (one.get("formaction") or "").endswith("/interview_held")
    ]
    assert own_id is not None
    put(browser, sent, "interview_held", target=own_id)
    assert "聞き取り" not in browser.get().text and "実施済み" in browser.case(sent.case_id).text
    put(browser, sent, "interview_held", 400, target="0" * 32)


def test_what_is_wrong_comes_back_as_it_was_typed(world: World) -> None:
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    page = put(
        browser,
        sent,
        "evidence",
        400,
        ev_what="台帳",
        ev_day="2026-11-01",
        ev_source="課",
        ev_place="棚",
        ev_hash="xyz",
    )
    assert "64桁" in page.text and page.fields("/look")["ev_what"] == "台帳"
    assert "80字以内" in put(browser, sent, "interview", 400, iv_who="").text


def test_a_conflict_says_what_it_is_and_no_interview_is_older_than_its_report(world: World) -> None:
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    assert "どのような利益相反か" in put(browser, sent, "conflict", 400, conflict_text=" ").text
    page = put(browser, sent, "interview", 400, iv_who="田中", iv_day="2025-11-20")
    assert "通報が届く前の日" in page.text and page.fields("/look")["iv_who"] == "田中"
    page = browser.case(sent.case_id)
    assert "利益相反がある" not in page.text and not page.all("button", value="interview_held")
