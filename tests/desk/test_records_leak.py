"""The page about a leak: answers, days, terms, copies of a report, where it goes."""

from __future__ import annotations

from datetime import timedelta

from cases import breach, contacts
from store import db
from store import tables as t
from tests.desk.browser import Browser, Page
from tests.desk.case_forms import boxes, press, said_of, write
from tests.desk.world import CountingTransport, World


def test_one_press_keeps_the_whole_page_about_the_leak_as_one_record(world: World) -> None:
    wire = CountingTransport()
    browser, sent = Browser(world.desk(transport=wire)), world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    wire.requests.clear()
    given = {
        "aware": world.day.isoformat(),
        "persons": "約2,400人",
        "trigger_many": "yes",
        "entrusted": "no",
        "preliminary_outline": "概要",
        "final_cause": "原因",
        "preliminary_day": world.day.isoformat(),
        "persons_plan": "2027-01-31",
        "persons_how": "郵便で",
    }
    page = press(browser, page, sent.case_id, "leak", **given)
    assert page.status == 200 and page.all("h2", id="leak-head") and "記録しました。" in page.text
    assert len([asked for asked in wire.requests if asked.endswith("/envelopes") and "/cases/" in asked]) == 1
    kept = boxes(page)
    assert {name: kept[name] for name in given} == given | {"persons": "2,400"}
    assert "2,400人として記録しています" in page.text
    # Nothing typed over, nothing written.
    again = press(browser, page, sent.case_id, "leak")
    assert "変わったところがないため" in again.text
    assert len([asked for asked in wire.requests if asked.endswith("/envelopes") and "/cases/" in asked]) == 1


def test_a_colleagues_word_on_the_leak_is_not_taken_back_unseen(world: World, browser: Browser) -> None:
    """The page is kept as a whole, and still only what was typed over is written."""
    sent = world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    other = Browser(world.desk(1))
    write(other, sent.case_id, "leak", trigger_many="yes", aware=world.day.isoformat())
    # Another part: both stand.
    page = press(browser, page, sent.case_id, "leak", preliminary_outline="概要")
    assert page.status == 200 and boxes(page)["trigger_many"] == "yes"
    # The same part: the colleague's word is shown, and what was typed over stays typed.
    stale = browser.get(f"cases/{sent.case_id.hex()}/leak")
    write(other, sent.case_id, "leak", preliminary_cause="同僚の原因", preliminary_outline="同僚の概要")
    held = press(browser, stale, sent.case_id, "leak", preliminary_outline="自分の概要")
    assert held.status == 400 and "別の内容に変えられています" in held.text
    assert (boxes(held)["preliminary_cause"], boxes(held)["preliminary_outline"]) == (
        "同僚の原因",
        "自分の概要",
    )
    done = press(browser, held, sent.case_id, "leak")
    assert done.status == 200
    assert (boxes(done)["preliminary_cause"], boxes(done)["preliminary_outline"]) == (
        "同僚の原因",
        "自分の概要",
    )


def test_the_reports_answers_stand_beside_the_items_and_fill_empty_boxes(
    world: World, browser: Browser
) -> None:
    sent = world.report(
        what_happened="名簿が見えました",
        noticed="10月の初め",
        how_many="約2,400人",
        personal_data="氏名と住所",
        who="MARKER-上司",
    )
    path = f"cases/{sent.case_id.hex()}/leak"
    page = browser.get(path)
    assert "名簿が見えました" in page.text and "（2,400と読みました）" in page.text
    assert "MARKER-上司" not in page.html
    (hint,) = page.all("p", id="aware-hint")
    assert "10月の初め" in "".join(hint.itertext())
    page = browser.post(f"{path}/fill", boxes(page) | {"preliminary_data": "氏名"})
    filled = boxes(page)
    assert (
        filled["preliminary_outline"] == "名簿が見えました\n会社はいつ気づいたか：10月の初め"
        and filled["preliminary_data"] == "氏名"
    )
    assert filled["preliminary_persons"] == "約2,400人"
    page = press(browser, page, sent.case_id, "leak", final_data="氏名と住所")
    assert "速報から変わりました" in page.text and "速報だけにあります" in page.text
    (text,) = page.all("textarea", id="text_final")
    assert "".join(text.itertext()).startswith("1. 概要\n（未記入）\n\n2. 漏えいした")


def test_who_handles_data_for_another_company_owes_no_report_once_it_was_told(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    facts = {"trigger_many": "yes", "aware": world.day.isoformat(), "entrusted": "yes"}
    page = write(browser, sent.case_id, "leak", **facts)
    assert "委託元への通知" in page.text and "確報" in "".join(page.all("ul", class_="clocks")[0].itertext())
    page = write(browser, sent.case_id, "leak", principal_done=world.day.isoformat())
    assert "ただし書により" in page.text
    assert "確報" not in "".join(page.all("ul", class_="clocks")[0].itertext())


def test_the_leak_is_asked_about_and_the_terms_follow(world: World, browser: Browser) -> None:
    sent = world.report()
    path = f"cases/{sent.case_id.hex()}/leak"
    page = browser.get(path)
    assert "会社が漏えいを知った日によって決まります" in page.text
    aware = (world.day - timedelta(days=1)).isoformat()
    triggers = {f"trigger_{name}": "no" for name in breach.TRIGGER_IDS}
    page = press(browser, page, sent.case_id, "leak", aware=aware, persons="３，２００人", **triggers)
    assert "本人の数が合っていません" in page.text and "３，２００人" in page.html
    page = press(browser, page, sent.case_id, "leak", persons="３２０人", **triggers)
    assert page.all("h2", id="leak-head") and "報告が必要な漏えいには当たりません" in page.text
    assert "ありません（この回答では報告の必要がありません）。" in page.text
    page = press(browser, page, sent.case_id, "leak", persons="3200", **triggers | {"trigger_many": "yes"})
    assert "委員会への報告と本人への通知が必要です" in page.text and "3,200" in page.html
    page = press(browser, page, sent.case_id, "leak", preliminary_outline="概要です", preliminary_other=" ")
    assert boxes(page)["preliminary_outline"] == "概要です"
    tomorrow = (world.day + timedelta(days=1)).isoformat()
    for name, back in (("aware", aware), ("final_day", "")):
        refused = press(browser, page, sent.case_id, "leak", **{name: tomorrow})
        assert "この日はまだ来ていません" in refused.text and tomorrow in refused.html
        # What was refused stays typed until it is put right.
        page = press(browser, refused, sent.case_id, "leak", **{name: back})
        assert page.status == 200
    page = press(browser, page, sent.case_id, "leak", preliminary_day=world.day.isoformat())
    assert "に済み" in "".join(page.all("ul", class_="clocks")[0].itertext())


def test_days_of_a_report_that_contradict_others_are_not_kept(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    # No day is proposed: the auditor who presses the button has said which one.
    assert boxes(page)["preliminary_day"] == boxes(page)["final_day"] == ""

    def day(before: int) -> str:
        return (world.day - timedelta(days=before)).isoformat()

    def refused(act: str, why: str, **typed: str) -> None:
        page = press(browser, browser.get(f"cases/{sent.case_id.hex()}/leak"), sent.case_id, act, **typed)
        shown = [text for name, text in typed.items() if name != "target"]
        assert page.status == 400 and why in page.text and all(text in page.html for text in shown)
        browser.post(f"cases/{sent.case_id.hex()}/draft/discard", boxes(page) | {"discard": "leak"})

    def kept(act: str, **typed: str) -> Page:
        page = press(browser, browser.get(f"cases/{sent.case_id.hex()}/leak"), sent.case_id, act, **typed)
        assert page.status == 200, page.text
        return page

    refused("leak", "会社が漏えいを知った日が、まだ記録されていません", preliminary_day=day(0))
    kept("leak", aware=day(20), trigger_many="yes")
    refused("leak", "知った日より前の日", preliminary_day="2020-01-01")
    refused("leak", "知った日より前の日", final_day=day(21), target="all the same")
    kept("leak", preliminary_outline="概要")
    page = kept("leak", preliminary_day=day(2))
    late = "".join(page.all("ul", class_="clocks")[0].itertext())
    assert "目安" in late and "提出" in late and "（目安の最終日から14日後）" in late and "済み" not in late
    refused("leak", "確報が速報より前の日", final_day=day(3), target="all the same")
    refused("leak", "すでに提出されている", aware=day(1), trigger_many="yes")
    refused("leak", "すでに提出されている", aware="", trigger_many="yes")
    # Taken back, and the order is free again.
    kept("leak", preliminary_day="")
    kept("leak", final_day=day(3), target="all the same")
    refused("leak", "確報が速報より前の日", preliminary_day=day(2))


def test_a_status_signed_before_the_report_came_is_told(world: World, browser: Browser) -> None:
    """The day of receipt is the server's word: later than it was, it would hide that nobody answered in time."""
    sent = world.report()
    browser.set_status(sent.case_id, "investigating")
    assert "日付が食い違っています" not in browser.case(sent.case_id).text
    with db.writing(world.engine) as conn:
        conn.execute(t.envelope.update().values(day=world.day + timedelta(days=3)))
    fresh = Browser(world.desk(1))
    page = fresh.case(sent.case_id)
    assert "日付が食い違っています" in page.text
    assert "days of this case contradict" in Browser(fresh.app, "en").case(sent.case_id).text


def test_an_empty_final_report_is_not_taken_for_a_whole_one(world: World, browser: Browser) -> None:
    sent = world.report()
    where = f"cases/{sent.case_id.hex()}/leak"
    press(browser, browser.get(where), sent.case_id, "leak", aware=world.day.isoformat(), trigger_many="yes")
    page = press(browser, browser.get(where), sent.case_id, "leak", final_outline="概要", final_cause="原因")
    day = {"final_day": world.day.isoformat()}
    page = press(browser, page, sent.case_id, "leak", **day)
    assert page.status == 400 and "9項目のうち7項目が空です" in page.text
    empty = [one.get("href") for one in page.all("a") if (one.get("href") or "").startswith("#final_")]
    wanted = [f"#final_{one}" for one in breach.ITEM_IDS if one not in ("outline", "cause")]
    assert [one for one in empty if one != "#final_day"] == wanted
    page = press(browser, page, sent.case_id, "leak", target="all the same", **day)
    assert page.status == 200 and "9項目のうち7項目が空です" in page.text
    assert "9項目のうち7項目が空です" in browser.case(sent.case_id).text
    every = {f"final_{one}": "x" for one in breach.ITEM_IDS}
    page = press(browser, browser.get(where), sent.case_id, "leak", **every)
    assert "項目が空です" not in page.text and page.status == 200


def test_the_preliminary_report_is_copied_into_empty_boxes_only(world: World, browser: Browser) -> None:
    sent = world.report()
    where = f"cases/{sent.case_id.hex()}/leak"
    typed = {
        "preliminary_outline": "速報の概要",
        "preliminary_cause": "速報の原因",
        "final_cause": "確報の原因",
    }
    page = browser.get(where)
    page = browser.post(f"{where}/copy", boxes(page) | typed)
    texts = {one.get("name"): (one.text or "") for one in page.all("textarea")}
    assert texts["final_outline"] == "速報の概要" and texts["final_cause"] == "確報の原因"
    assert texts["preliminary_outline"] == "速報の概要" and texts["final_data"] == ""
    # Nothing was sent by that; what was typed is a draft of this computer.
    assert boxes(browser.get(where))["final_outline"] == "速報の概要" and said_of(browser, sent) == []


def test_where_the_report_of_a_leak_goes_is_said_with_its_day(world: World, browser: Browser) -> None:
    page = browser.get(f"cases/{world.report().case_id.hex()}/leak")
    links = [one.get("href") for one in page.all("a") if (one.get("href") or "").startswith("https://")]
    assert links == [breach.REPORT_SITE, contacts.contact(breach.DELEGATION).url]
    assert "2026年11月23日に確かめました" in page.text
