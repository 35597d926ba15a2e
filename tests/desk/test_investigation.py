"""How a case is looked into: plan, interviews, evidence, conflicts of interest; reminders, and a sheet to hand over."""

from __future__ import annotations

import zipfile
from datetime import date, timedelta
from io import BytesIO

from tests.desk.browser import Browser, Page
from tests.desk.world import Sent, World


def show_day_ja(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日"


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
    for text in (
        "帳簿と照らす",
        "経理課 田中",
        "売上台帳",
        "以前の上司です",
        "引き継ぎ",
        "サイトから",
        "次に確かめること",
        "委員会への速報",  # has no day until it is known when the company became aware
    ):
        assert text in sheet.text
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/folder", data=page.fields("/pdf"))
    with zipfile.ZipFile(BytesIO(answer.data)) as made:
        case_txt = made.read("case.txt").decode()
    told = "".join(case_txt.split())
    assert f"経理課田中/{show_day_ja(day)}/聞く人：" in told, case_txt
    assert "売上台帳/2026年11月1日/経理課/金庫/" in told, case_txt
    assert "–" not in case_txt.rsplit("ファイル", 1)[1], case_txt


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


def test_minutes_and_corrections_go_to_what_is_on_record(world: World) -> None:
    """A planned interview gets its minutes; one that is still to come was not held; evidence is corrected in place."""
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    ahead, today = (world.desk_day + timedelta(days=3)).isoformat(), world.desk_day.isoformat()
    put(browser, sent, "interview", iv_who="経理課 田中", iv_day=ahead)
    (own_id,) = [one.get("value") for one in browser.case(sent.case_id).all("button", name="target")
                 if (one.get("formaction") or "").endswith("/interview_held")]  # fmt: skip
    assert own_id is not None
    assert "まだ来ていない" in put(browser, sent, "interview_held", 400, target=own_id).text
    assert "まだ来ていない" in put(browser, sent, "interview", 400, iv_of=own_id, iv_minutes="聞いた").text
    put(browser, sent, "interview", iv_of=own_id, iv_day=today, iv_minutes="帳簿は2冊ある")
    put(browser, sent, "interview", 400, iv_of="0" * 32, iv_minutes="聞いた")
    page = browser.case(sent.case_id)
    assert "帳簿は2冊ある" in page.text and "interview_held" not in page.html
    assert len([each for each in page.all("option") if "経理課 田中" in (each.text or "")]) == 1
    put(
        browser,
        sent,
        "evidence",
        ev_what="台帳",
        ev_day=today,
        ev_source="課",
        ev_place="棚",
        ev_hash="ab" * 32,
    )
    options = [one.get("value") for one in browser.case(sent.case_id).all("option") if one.text == "台帳"]
    put(browser, sent, "evidence", ev_of=options[0] or "", ev_place="金庫 3番")
    page = browser.case(sent.case_id)
    assert "金庫 3番" in page.text and "棚" not in page.text and page.text.count("ab" * 32) == 1
    assert "まだ来ていない" in put(browser, sent, "evidence", 400, ev_of=options[0] or "", ev_day=ahead).text


def test_a_declared_conflict_is_seen_first_and_a_step_back_says_what_the_reporters_page_knows(
    world: World,
) -> None:
    sent, browser, third = world.report(what_happened="x"), Browser(world.desk(0)), Browser(world.desk(2))
    second = Browser(world.desk(1))
    put(third, sent, "conflict", conflict_text="以前の上司です")
    assert "まだこの案件を読めます" in browser.case(sent.case_id).text
    assert "あなたは、この案件に利益相反" in third.case(sent.case_id).text
    asked = third.get(f"cases/{sent.case_id.hex()}/step-back")
    assert "通報者が書くものは、あなたの鍵でも" in asked.text
    put(third, sent, "step_back")
    world.from_reporter(sent, {"message": "その後のこと"})
    assert "担当から外れた" not in third.get().text and "新しいメッセージ" not in third.get("?view=all").text
    page = browser.case(sent.case_id)
    assert "まだこの案件を読めます" not in page.text and "担当から外れた" in page.text
    assert "通報者が書くものは、監査 2（監査部 2）の鍵でも" in page.text
    # Two others can take them off, which the reporter's page obeys.
    access = browser.get(f"cases/{sent.case_id.hex()}/access")
    off = f"off:{world.auditors[2].card.person.hex()}"
    form = access.fields("/access/propose") | {"access_target": off, "access_reason": "利害関係"}
    assert browser.post(f"cases/{sent.case_id.hex()}/access/propose", form).status == 200
    waiting = second.get(f"cases/{sent.case_id.hex()}/access").fields("/access/agree")
    assert second.post(f"cases/{sent.case_id.hex()}/access/agree", waiting).status == 200
    text = browser.case(sent.case_id).text
    assert "だれが担当から外れたかは" not in text


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
