"""What a reporter says that a message is: shown, asked about, and changing nothing by itself."""

from __future__ import annotations

import pytest

from admin.desk.labels import case
from crypto.payloads import MEANINGS
from crypto.receipt import derive, new_code
from tests.desk.browser import Browser, Page
from tests.desk.world import Sent, World


def _due(page: Page) -> list[str]:
    (clocks,) = [part for part in page.all("section") if part.get("aria-labelledby") == "clocks"]
    return "".join(clocks.itertext()).split()


def _press(browser: Browser, page: Page, sent: Sent) -> Page:
    (button,) = [
        one for one in page.all("button") if (one.get("formaction") or "").endswith("/record/pressure")
    ]
    form = page.fields("/look") | {"target": button.get("value", "")}
    return browser.post(f"cases/{sent.case_id.hex()}/record/pressure", form)


def test_the_table_is_that_of_the_format() -> None:
    assert set(case.MEANINGS) == set(MEANINGS) and set(case.ASKS_PRESSURE) < set(MEANINGS)


@pytest.mark.parametrize("meaning", MEANINGS)
def test_a_meaning_is_shown_and_stops_closes_and_deletes_nothing(
    world: World, browser: Browser, meaning: str
) -> None:
    sent = world.report()
    before = browser.case(sent.case_id)
    world.from_reporter(sent, {"message": "書いた文", "meaning": meaning}, [sent.envelope_id])
    page = browser.case(sent.case_id)
    assert page.text.count("通報者が、") == 3, "above the report, with the message, in the history"
    assert "形式どおりでない" not in page.text and "書いた文" in page.text
    assert _due(before) == _due(page)
    assert not world.reporter_sees(sent).statuses
    asked = [one for one in page.all("button") if (one.get("formaction") or "").endswith("/record/pressure")]
    assert len(asked) == (meaning in case.ASKS_PRESSURE)
    assert ("圧力" in page.text) == bool(asked)


def test_the_question_becomes_one_task_however_often_it_is_pressed(world: World, browser: Browser) -> None:
    sent = world.report()
    world.from_reporter(sent, {"message": "取り下げます", "meaning": "withdraw"}, [sent.envelope_id])
    other = Browser(world.desk(1))
    pages = [(browser, browser.case(sent.case_id)), (other, other.case(sent.case_id))]
    for desk, page in pages:
        assert _press(desk, page, sent).status == 200
    page = browser.case(sent.case_id)
    (tasks,) = [part for part in page.all("section") if part.get("aria-labelledby") == "tasks"]
    done = [one for one in tasks.iter() if (one.get("formaction") or "").endswith("/record/task_done")]
    assert len(done) == 1 and "圧力がかかっていないか" in "".join(tasks.itertext())
    assert not [
        one for one in page.all("button") if (one.get("formaction") or "").endswith("/record/pressure")
    ]


def test_a_meaning_in_what_nobody_signed_counts_for_nothing(world: World, browser: Browser) -> None:
    sent = world.report()
    forger = derive(new_code(), world.salt)
    world.from_reporter(sent, {"message": "取り下げます", "meaning": "withdraw"}, signer=forger)
    assert "通報者が、通報を取り下げる" not in browser.case(sent.case_id).text


def test_a_meaning_of_tomorrow_is_shown_as_an_unknown_field(world: World, browser: Browser) -> None:
    sent = world.report()
    world.from_reporter(sent, {"message": "書いた文", "meaning": "close"}, [sent.envelope_id])
    page = browser.case(sent.case_id)
    assert "close" in page.text and "PayloadFieldWrong" in page.text and page.text.count("通報者が、") == 0


def test_a_withdrawn_report_is_marked_in_the_inbox_and_stays_in_its_place(
    world: World, browser: Browser
) -> None:
    withdrawn, other = world.report(), world.report()
    world.from_reporter(
        withdrawn, {"message": "取り下げます", "meaning": "withdraw"}, [withdrawn.envelope_id]
    )
    world.from_reporter(other, {"message": "直します", "meaning": "correct"}, [other.envelope_id])
    page = browser.get()
    rows = ["".join(row.itertext()) for row in page.all("tbody")[0]]
    assert len(rows) == 2 and sum("通報者が取り下げ" in row for row in rows) == 1
    assert all("残り20日" in row or "残20日" in row or "20" in row for row in rows)
