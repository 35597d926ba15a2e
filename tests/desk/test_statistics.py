"""The board: numbers of the cases that open, plots of them, what observers get, and what leaves the desk on record."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.reports import plots, statistics
from admin.desk.reports.statistics import BadStatistics
from admin.desk.web.context import desk_of
from cases import breach
from cases.statistics import Line, count
from crypto import cards as crypto_cards
from crypto.envelope import decode
from crypto.errors import BadData, CannotOpen, SignatureWrong
from crypto.identity import new_identity
from crypto.sealed_statistics import open_statistics, seal_statistics
from portal.usecases.recipients import to_seal
from store import db, feed
from store.config.settings import PromiseSettings
from tests.desk.browser import Browser
from tests.desk.test_records import press, write
from tests.desk.world import World, serving
from tests.support.roster import stored_roster
from tests.support.site import Auditor

DAY = date(2026, 11, 23)


def observer(world: World) -> Browser:
    """Enrol somebody who may see numbers only; return their desk."""
    made, by = new_identity(), world.auditors[0].identity
    card = crypto_cards.new_card(
        made.box_pk,
        made.sign_pk,
        made.sign_seed,
        name={"ja": "社外 監子", "en": "Kanko Shagai"},
        role={"ja": "取締役", "en": "Board"},
        duty="observer",
    )
    world.auditors.append(Auditor(made, crypto_cards.vouch(card, by.key_id, by.sign_seed)))
    world.enroll(world.auditors[-1].card)
    return Browser(world.desk(len(world.auditors) - 1))


def counts(page: object, name: str) -> dict[str, str]:
    """Return a table of the page."""
    [section] = [one for one in page.all("section") if one.get("aria-labelledby") == f"table-{name}"]  # type: ignore[attr-defined]
    rows = [
        ["".join(cell.itertext()).strip() for cell in row]
        for row in section.iter()
        if row.tag.endswith("}tr")
    ]
    return {row[0]: row[1] for row in rows[1:] if row[1] != "0"}


def test_the_cases_that_open_are_counted(world: World, browser: Browser) -> None:
    first = world.report(cause="loss", what_happened="x")
    world.report(cause="attack", what_happened="x")
    world.report([world.auditors[0].card.person], cause="insider", what_happened="x")
    browser.get()
    browser.set_status(first.case_id, "investigating")
    page = browser.get("statistics?least=1")
    assert counts(page, "status") == {"受付済み": "1", "調査中": "1"}
    assert (
        counts(page, "cause") == {"紛失・盗難": "1", "外部からのサイバー攻撃": "1"}
        or len(counts(page, "cause")) == 2
    )
    assert counts(page, "to_notice") == {"0〜5日": "1", "まだ伝えていない": "1"}
    assert "すべての案件： 2" in page.text


def test_the_board_counts_those_not_told_yet(world: World, browser: Browser) -> None:
    """One of four told on the day of the report is no "half of the reporters"."""
    sent = [world.report(what_happened="x") for _ in range(4)]
    assert "4件のどれについても" in browser.get("statistics?least=1").text
    browser.set_status(sent[0].case_id, "investigating")
    text = browser.get("statistics?least=1").text
    told = "4件のうち1件で、調査するかどうかを通報者に伝えました。"
    assert told in text and "3件にはまだ伝えていません。" in text and "半数" not in text
    english = Browser(browser.app, "en").get("statistics?least=1").text
    assert "1 of 4 reporters were told" in english and "3 were not told yet." in english
    hidden = browser.get("statistics").text
    assert "伝えました" not in hidden and "中央値" not in hidden


def test_small_counts_are_hidden_unless_somebody_asks(world: World, browser: Browser) -> None:
    world.report()
    page = browser.get("statistics")
    assert "すべての案件： –" in page.text and set(counts(page, "status").values()) == {"–"}
    assert counts(browser.get("statistics?least=1"), "status") == {"受付済み": "1"}
    assert (
        browser.get("statistics?least=2").text == page.text
        and browser.get("statistics?least=x").text == page.text
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_table_has_its_plot(world: World, browser: Browser, theme: str) -> None:
    world.report()
    page = browser.get("statistics?least=1")
    shown = [one.get("src") for one in page.all("img")]
    assert len(shown) == 6 - (not counts(page, "kept")) - (not counts(page, "missed")) or len(shown) >= 4
    answer = browser.raw("GET", f"/ja/statistics/plot/status-{theme}.svg?least=1")
    assert answer.mimetype == "image/svg+xml" and "受付済み" in answer.get_data(as_text=True)
    assert plots.THEMES[theme].bar in answer.get_data(as_text=True)
    assert browser.raw("GET", f"/ja/statistics/plot/none-{theme}.svg").status_code == 404


def test_a_plot_is_the_same_for_the_same_numbers_and_holds_no_time() -> None:
    rows = [("受付済み", 3), ("対応終了", None), ("<b>&", 0)]
    made = plots.bars(rows, plots.THEMES["light"], "–")
    assert made == plots.bars(rows, plots.THEMES["light"], "–")
    assert b"<dc:date>" not in made and b"&lt;b&gt;&amp;" in made and "–".encode() in made


def test_the_numbers_leave_as_csv(world: World, browser: Browser) -> None:
    world.report()
    answer = browser.raw("GET", "/ja/statistics/statistics.csv?least=1")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["表", "行", "件数", "備考"] and ["状況別", "受付済み", "1", ""] in rows
    assert all(number.replace(".", "").isdigit() for _table, _row, number, _remark in rows[1:] if number)
    english = browser.raw("GET", "/en/statistics/statistics.csv?least=1").data.decode("utf-8-sig")
    assert "By status,Received,1," in english and "Median of days, of those told alone" in english


def test_observers_see_sealed_numbers_and_nothing_else(world: World, browser: Browser) -> None:
    for _ in range(6):
        world.report(cause="loss", what_happened="MARKER")
    watching = observer(world)
    assert "まだ責任者から件数が届いていません" in watching.get("statistics").text
    browser.get()
    page = browser.get("statistics?least=1")
    sent = browser.post("statistics/send", page.fields("/lists/cases.csv"))
    assert "暗号化して送りました" in sent.text
    seen = watching.get("statistics")
    assert "6件のどれについても、調査するかどうかをまだ通報者に伝えていません" in seen.text
    assert "監査 0（監査部 0）が" in seen.text and counts(seen, "status") == {"受付済み": "6"}
    # Wherever an observer goes, it is to the numbers, and nowhere is said that there are no reports.
    form = seen.fields("/lock") | {"words": "MARKER"}
    answers = [watching.raw("GET", f"/ja/{path}") for path in ("", "?view=new", "search")]
    answers += [watching.raw("POST", f"/ja/{path}", data=form) for path in ("search", "filter")]
    assert {(one.status_code, one.headers["Location"]) for one in answers} == {(303, "/ja/statistics")}
    for page in (seen, watching.get("people")):
        assert "受信箱" not in page.text and "通報はまだありません" not in page.text
    assert watching.raw("GET", "/ja/statistics/plot/status-light.svg").status_code == 200
    assert world.reporter_sees(world.report()).unchecked == 0


def test_cases_past_their_term_are_proposed(world: World, browser: Browser) -> None:
    world.settings = replace(world.settings, promises=PromiseSettings(retention_days=30))
    sent, other = world.report(), world.report()
    with serving(world.wsgi()) as url:
        world.url = url
        desk = Browser(world.desk())
        for status in ("not_investigating", "closed"):
            desk.set_status(sent.case_id, status)
        assert "保存期間を過ぎた案件" not in desk.get("statistics").text
        world.day += timedelta(days=31)
        world.desk_day += timedelta(days=31)
        desk = Browser(world.desk())
        desk.get()
        page = desk.get("statistics")
        links = [one.get("href") for one in page.all("a") if (one.get("href") or "").endswith("/delete")]
        handles = desk_of(desk.app).handles
    assert "保存期間を過ぎた案件" in page.text and links == [f"/ja/cases/{handles.of(sent.case_id)}/delete"]
    assert handles.of(other.case_id) not in "".join(links)


def test_nothing_is_sealed_to_an_observer(world: World, browser: Browser) -> None:
    observer(world)
    key_id = world.auditors[-1].identity.key_id
    with db.reading(world.engine) as conn:
        roster = stored_roster(conn, world.secrets.first_card)
    assert len(roster.cards) == 4 and key_id not in {slot.key_id for slot in to_seal(roster, [])}
    sent = world.report()
    browser.reply(sent.case_id, "届きました。")
    write(browser, sent.case_id, "note", note="メモ")
    with db.reading(world.engine) as conn:
        ids = [one.envelope_id for one in feed.after(conn, 0, 100) if one.envelope_id]
        rows = feed.envelopes(conn, ids, key_id)
    assert len(rows) == 3
    assert all(key_id not in {slot.key_id for slot in decode(row.raw).slots} for row in rows)


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["received", "closed"]),
        st.sampled_from(["", "loss"]),
        st.dates(date(2026, 1, 1), date(2026, 11, 23)),
        st.none() | st.dates(date(2026, 11, 24), date(2026, 12, 31)),
        st.dictionaries(st.sampled_from(["notice", "final"]), st.none() | st.booleans()),
    ),
    max_size=20,
)


@given(LINES, st.sampled_from(statistics.LEAST_CHOICES))
def test_numbers_come_out_as_they_went_in(lines: list[Line], least: int) -> None:
    found = count(lines, statistics.last_months(DAY), least)
    again = statistics.from_json(statistics.as_json(found))
    assert again.total == found.total and [one.rows for one in again.tables] == [
        one.rows for one in found.tables
    ]


@pytest.mark.parametrize(
    "found",
    [None, {}, {"tables": {}}, {"tables": None, "median_tenths": 1, "total": 1}, [1], "x"],
)
def test_what_is_no_numbers(found: object) -> None:
    with pytest.raises(BadStatistics):
        statistics.from_json(found)


def test_the_last_twelve_months_over_a_years_end() -> None:
    assert statistics.last_months(date(2027, 1, 31))[-3:] == ("2026-11", "2026-12", "2027-01")
    assert statistics.last_months(date(2027, 1, 31))[0] == "2026-02"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("none", None),
        ("key", CannotOpen),
        ("cut", CannotOpen),
        ("author", BadData),
        ("signature", SignatureWrong),
    ],
)
def test_numbers_open_for_one_observer_from_one_lead(fault: str, error: type[Exception] | None) -> None:
    lead, watching, other = new_identity(), new_identity(), new_identity()
    raw = seal_statistics({"total": 3}, lead.key_id, DAY, lead.sign_seed, watching.box_pk)
    reader = other if fault == "key" else watching
    raw = raw[:-1] if fault == "cut" else raw
    author = other.key_id if fault == "author" else lead.key_id
    sign_pk = other.sign_pk if fault == "signature" else lead.sign_pk
    if error is None:
        assert open_statistics(raw, reader.box_pk, reader.box_sk, author, sign_pk) == ({"total": 3}, DAY)
        return
    with pytest.raises(error):
        open_statistics(raw, reader.box_pk, reader.box_sk, author, sign_pk)


def test_a_hidden_count_is_explained_and_no_file_shows_it(world: World, browser: Browser) -> None:
    world.report()
    page = browser.get("statistics")
    assert "5件より少ない件数か" in page.text
    page = browser.get("statistics?least=1")
    assert "件より少ない件数か" not in page.text
    (href,) = (one.get("href") for one in page.all("a") if "statistics.csv" in (one.get("href") or ""))
    assert href.endswith("?least=5")
    assert "状況別,受付済み,,出していません" in browser.raw("GET", href).get_data(as_text=True)


@pytest.mark.parametrize(
    "label",
    [
        "調査するかどうかを通報者に伝える",
        "The reporter is told whether it is investigated",
        "短い",
        "あ" * 60,
        "",
        "$x_{$",
    ],
)
def test_a_long_label_of_a_plot_is_broken_and_whole(label: str) -> None:
    broken = plots._lines(label)
    assert "".join("".join(broken).split()) == "".join(label.split())
    assert plots.bars([(label, 1)], plots.THEMES["light"], "–")
    assert all(sum(2 if ord(one) > 0x2000 else 1 for one in line) <= 34 for line in broken)


def test_what_was_never_handed_in_is_missed(world: World, browser: Browser) -> None:
    sent = world.report()
    triggers = {f"trigger_{name}": "yes" for name in breach.TRIGGER_IDS}
    aware = (world.day - timedelta(days=90)).isoformat()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    press(browser, page, sent.case_id, "breach", aware=aware, **triggers)
    for status in ("investigating", "corrected", "closed"):
        browser.set_status(sent.case_id, status)
    assert counts(browser.get("statistics?least=1"), "missed") == {
        "委員会への確報": "1",
        "委員会への速報（3〜5日は目安で、法律の期限ではありません）": "1",
    }
    calendar = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True)
    assert "BEGIN:VEVENT" not in calendar
