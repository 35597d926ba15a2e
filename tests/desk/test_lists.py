"""Due dates as a calendar, and all cases as a list, on record."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import timedelta

from tests.desk.browser import Browser
from tests.desk.case_forms import press, write
from tests.desk.world import World


def test_due_dates_leave_without_content(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="MARKER-報告")
    write(browser, sent.case_id, "task", task_text="MARKER-作業", task_due="2027-01-31")
    text = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True).replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20270131" in text and text.count("BEGIN:VEVENT") == 3
    assert "MARKER" not in text and sent.case_id.hex()[:8] not in text.lower()
    assert len(set(re.findall("SUMMARY:(.*)", text))) == 1


def test_all_cases_leave_as_a_list_on_record(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="MARKER-報告", cause="loss")
    write(browser, sent.case_id, "label", label="=1+1")
    page = browser.get("statistics")
    form = page.fields("/lists/cases.csv")
    answer = browser.raw("POST", "/ja/lists/cases.csv", data=form)
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    # The number that pages show, and no id of 32 digits.
    assert (
        page_number(sent.case_id) == rows[1][0]
        and rows[1][6] == "'=1+1"
        and "MARKER" not in answer.data.decode()
    )
    assert not re.search("[0-9a-f]{16}", answer.data.decode())
    assert "書き出し： 全案件の一覧（CSV）" in browser.case(sent.case_id).text
    second = Browser(world.desk(1))
    form = second.case(sent.case_id).fields("/reply")
    refused = second.post("lists/cases.csv", form)
    assert refused.status == 400 and "責任者だけができます" in refused.text


def page_number(case_id: bytes) -> str:
    text = case_id.hex()[:8].upper()
    return f"{text[:4]}-{text[4:]}"


def test_the_list_of_all_cases_has_the_days_that_people_ask_for(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="x")
    where = f"cases/{sent.case_id.hex()}/leak"

    def day(before: int) -> str:
        return (world.day - timedelta(days=before)).isoformat()

    def keep(act: str, **typed: str) -> None:
        press(browser, browser.get(where), sent.case_id, act, target="all the same", **typed)

    keep("leak", aware=day(20), trigger_many="yes")
    keep("leak", preliminary_day=day(2))
    keep("leak", final_day=day(1))
    browser.set_status(sent.case_id, "investigating")
    other = world.report(what_happened="y")
    browser.get()
    form = browser.get("statistics").fields("/lists/cases.csv")
    for lang, head in (("ja", "受付日"), ("en", "Received on")):
        raw = browser.raw("POST", f"/{lang}/lists/cases.csv", data=form).data.decode("utf-8-sig")
        rows = {row[0]: row for row in csv.reader(io.StringIO(raw))}
        names = next(iter(rows.values()))
        assert names[1] == head
        found = rows[page_number(sent.case_id)]
        assert [found[1], *found[7:12]] == [day(0), day(0), day(20), day(2), day(1), ""]
        assert rows[page_number(other.case_id)][7:12] == [""] * 5
        assert found[12:16] == ["0", "18", "19", ""] and rows[page_number(other.case_id)][12:16] == [""] * 4
        assert ("会社が漏えいを知った日を確かめる" if lang == "ja" else "Find out") in rows[
            page_number(other.case_id)
        ][17]
    for status in ("no_fault", "closed"):
        browser.set_status(sent.case_id, status)
    raw = browser.raw("POST", "/ja/lists/cases.csv", data=form).data.decode("utf-8-sig")
    rows = {row[0]: row for row in csv.reader(io.StringIO(raw))}
    assert [rows[page_number(sent.case_id)][at] for at in (11, 15)] == [day(0), "0"]


def test_a_deletion_does_not_take_the_record_of_the_list_with_it(world: World, browser: Browser) -> None:
    sent = [world.report(what_happened=f"{number}") for number in range(5)]
    form = browser.get("statistics").fields("/lists/cases.csv")
    answer = browser.raw("POST", "/ja/lists/cases.csv", data=form)
    assert f'filename="cases-{world.desk_day.isoformat()}.csv"' in answer.headers["Content-Disposition"]
    told = [one for one in sent if "全案件の一覧（CSV）" in browser.case(one.case_id).text]
    assert len(told) == 3
    hashed = hashlib.sha256(answer.data).hexdigest()
    assert all(hashed in browser.case(one.case_id).text for one in told)
