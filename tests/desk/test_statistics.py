"""Statistics: of a period, the totals of past years, the PDF for the board, what observers get."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.reports import pictures, statistics
from admin.desk.reports.pictures import Column
from admin.desk.reports.statistics import BadStatistics
from admin.desk.web.context import desk_of
from cases import breach, periods
from cases.statistics import Line, Term
from crypto import cards as crypto_cards
from crypto.envelope import decode
from crypto.errors import BadData, CannotOpen, SignatureWrong
from crypto.identity import new_identity
from crypto.sealed_statistics import open_statistics, seal_statistics
from portal.usecases.recipients import to_seal
from store import db, feed, tables
from store.config.settings import PromiseSettings
from tests.desk.browser import HTML, Browser, Page
from tests.desk.case_forms import press, write
from tests.desk.test_deletion import act
from tests.desk.world import World, serving
from tests.support.roster import stored_roster
from tests.support.site import Auditor

DAY = date(2026, 11, 23)


def observer(world: World) -> Browser:
    """Enrol a person who may see numbers only; return their desk."""
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


def table(page: Page, name: str) -> dict[str, str]:
    """Return the first column of numbers of one of the page's tables, what is 0 left out."""
    [section] = [part for part in page.all("section") if part.get("aria-labelledby") == f"table-{name}"]
    rows = [
        [" ".join("".join(cell.itertext()).split()) for cell in row]
        for row in section.iter()
        if row.tag.endswith("}tr")
    ]
    return {row[0]: row[-1] for row in rows[1:] if row[-1] != "0"}


def tile(page: Page, name: str) -> list[str]:
    """Return what a tile says below its name."""
    [own] = [
        item
        for item in page.all("li")
        if item.find(f"{HTML}h2") is not None and name in "".join(item.itertext())
    ]
    return ["".join(line.itertext()) for line in own.findall(f"{HTML}p")]


def test_the_cases_that_open_are_counted(world: World, browser: Browser) -> None:
    first = world.report(cause="loss", what_happened="x")
    world.report(cause="attack", what_happened="x")
    world.report([world.auditors[0].card.person], cause="insider", what_happened="x")
    browser.get()
    browser.set_status(first.case_id, "investigating")
    write(browser, first.case_id, "severity", severity="high")
    page = browser.get("statistics")
    assert table(page, "matrix") == {"受付済み": "1", "調査中": "1", "計": "2"}
    assert table(page, "cause") == {"紛失・盗難": "1", "外部からのサイバー攻撃": "1"}
    assert table(page, "to_notice") == {"0〜5日": "1", "まだ伝えていない（20日以内）": "1"}
    assert tile(page, "受付")[0] == "2" and tile(page, "対応中")[0] == "2"
    assert tile(page, "20日以内に伝えた")[0] == "1 / 2件" and tile(page, "守れなかった期限")[0] == "0"
    # Few cases are said in words, and no picture is drawn of them.
    assert not drawn(page) and "紛失・盗難：1件、外部からのサイバー攻撃：1件" in page.text


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
    hidden = browser.get("statistics?least=5").text
    assert "伝えました" not in hidden and "中央値" not in hidden


def test_the_numbers_leave_as_csv(world: World, browser: Browser) -> None:
    world.report()
    answer = browser.raw("GET", "/ja/statistics/statistics.csv?small=shown")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["表", "行", "件数", "備考"] and ["状況別", "受付済み", "1", ""] in rows
    assert all(number.replace(".", "").isdigit() for _table, _row, number, _remark in rows[1:] if number)
    english = browser.raw("GET", "/en/statistics/statistics.csv?small=shown").data.decode("utf-8-sig")
    assert "By status,Received,1," in english and "Median of days, of those told alone" in english


def test_observers_see_sealed_statistics_and_nothing_else(world: World, browser: Browser) -> None:
    for _ in range(6):
        world.report(cause="loss", what_happened="MARKER")
    watching = observer(world)
    assert "まだ責任者から統計が届いていません" in watching.get("statistics").text
    assert watching.raw("GET", "/ja/statistics/report.pdf").status_code == 404
    browser.get()
    page = browser.get("statistics")
    sent = browser.post("statistics/send", page.fields("/lists/cases.csv"))
    assert "暗号化して送りました" in sent.text
    seen = watching.get("statistics")
    assert "6件のどれについても、調査するかどうかをまだ通報者に伝えていません" in seen.text
    assert "監査 0（監査部 0）が" in seen.text and tile(seen, "受付")[:2] == ["6", "前の期間 0"]
    assert len(drawn(seen)) == 4 and "年度ごと" not in seen.text
    assert all("6件" in words for words in drawn(seen))
    # Wherever an observer goes, it is to the statistics, and nowhere is said that there are no reports.
    form = seen.fields("/lock") | {"words": "MARKER"}
    answers = [watching.raw("GET", f"/ja/{path}") for path in ("", "?view=new", "search")]
    answers += [watching.raw("POST", f"/ja/{path}", data=form) for path in ("search", "filter")]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (303, "/ja/statistics")
    }
    for page in (seen, watching.get("people")):
        assert "受信箱" not in page.text and "通報はまだありません" not in page.text
    assert watching.raw("GET", "/ja/statistics/report.pdf").data.startswith(b"%PDF")
    assert world.reporter_sees(world.report()).unchecked == 0


def test_small_counts_do_not_leave_the_desk(world: World, browser: Browser) -> None:
    world.report(cause="loss")
    for _ in range(5):
        world.report(cause="attack")
    watching = observer(world)
    browser.get()
    assert tile(browser.get("statistics"), "受付")[0] == "6"
    browser.post("statistics/send", browser.get("statistics").fields("/lists/cases.csv"))
    own, seen = browser.get("statistics?least=5"), watching.get("statistics")
    for page in (own, seen):
        assert "小さい件数が分かってしまうため" in page.text and "紛失" not in page.text
        assert "5件未満の件数と" in page.text
    raw = browser.raw("GET", "/ja/statistics/statistics.csv?least=1").get_data(as_text=True)
    assert "原因別,紛失・盗難,,出していません" in raw and "月ごとの受付" in raw
    text = pdf_text(browser.raw("GET", "/ja/statistics/report.pdf").data)
    assert "5件未満の件数と" in text and "紛失" not in text
    whole = pdf_text(browser.raw("GET", "/ja/statistics/report.pdf?small=shown").data)
    assert "紛失" in whole and "小さい件数もそのまま" in whole


def pdf_text(raw: bytes) -> str:
    """Return the words of a PDF, pages after each other."""
    document = pypdfium2.PdfDocument(raw)
    assert 1 <= len(document) <= 2
    return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))


def clocked(world: World, day: date) -> None:
    world.day = world.desk_day = day


def drawn(page: Page) -> list[str]:
    """Return what the page's pictures say to who does not see them."""
    return [
        str(picture.get("aria-label")) for picture in page.tree.findall(".//{http://www.w3.org/2000/svg}svg")
    ]


def section(page: Page, name: str) -> str:
    [own] = [part for part in page.all("section") if part.get("aria-labelledby") == name]
    return " ".join(" ".join(own.itertext()).split())


def test_the_totals_of_years_are_the_same_on_every_desk(world: World) -> None:
    """Three desks, with reports that excluded, a deletion and a step back; and a desk that starts anew."""
    clocked(world, date(2026, 11, 2))
    shut = [auditor.card.person for auditor in world.auditors[1:]]
    reports = [world.report(), world.report(), world.report(shut[:1]), world.report(shut), world.report()]
    desks = [Browser(world.desk(who)) for who in range(3)]
    for desk in desks:
        desk.get()
    write(desks[2], reports[0].case_id, "step_back")
    act(desks[0], reports[1], "propose", delete_reason="理由")
    act(desks[1], reports[1], "agree")
    own = []
    for desk in desks:
        page = desk.get("statistics")
        own.append(tile(page, "受付")[0])
        # While the year runs no total is on the page.
        assert "終わったものはまだありません" in section(page, "years")
        assert "終わったものはまだありません" in section(desk.get("statistics?period=this_year"), "years")
    # What each auditor could read once stays counted, deleted and left cases too.
    assert own == ["5", "3", "4"]
    assert table(desks[0].get("statistics"), "matrix")["削除した案件"] == "1"
    assert table(desks[2].get("statistics"), "matrix")["担当から外れた案件"] == "1"
    clocked(world, date(2027, 3, 31))
    assert "終わったものはまだありません" in section(desks[1].get("statistics"), "years")
    clocked(world, date(2027, 4, 1))
    shown, tiles, papers = set(), set(), set()
    fresh = world.newcomer(0)
    world.enroll(fresh.card)
    world.auditors.append(fresh)
    for desk in (*desks, Browser(world.desk(3))):
        desk.get()
        page = desk.get("statistics?period=last_year")
        shown.add(section(page, "years"))
        tiles.add(tuple(tile(page, "受付")))
        raw = desk.raw("GET", "/ja/statistics/report.pdf?period=last_year&small=shown").data
        text = "".join(pdf_text(raw).split())
        papers.add("2026年度" in text and "すべての通報（どのデスクでも同じ）" in text)
    assert len(shown) == 1 and "2026年度 5 1" in shown.pop()
    assert tiles == {("5", "すべての通報（どのデスクでも同じ）")} and papers == {True}


def test_a_report_that_does_not_open_changes_no_page_of_the_statistics(world: World) -> None:
    clocked(world, date(2026, 11, 2))
    world.report()
    desk = Browser(world.desk(1))
    desk.get()
    addresses = [f"statistics?period={name}" for name in periods.CHOICES]
    before = [desk.get(address).text for address in addresses]
    sent = world.report([world.auditors[1].card.person])
    lead, third = Browser(world.desk(0)), Browser(world.desk(2))
    lead.set_status(sent.case_id, "investigating")
    act(lead, sent, "propose", delete_reason="理由")
    act(third, sent, "agree")
    desk.get()
    assert [desk.get(address).text for address in addresses] == before
    clocked(world, date(2027, 3, 31))
    desk.get()
    assert "終わったものはまだありません" in desk.get("statistics?period=last_year").text


def test_a_server_that_names_fewer_reports_than_were_opened_is_told(world: World) -> None:
    clocked(world, date(2026, 11, 2))
    sent = [world.report() for _ in range(3)]
    desk = Browser(world.desk())
    desk.get()
    clocked(world, date(2027, 4, 1))
    page = desk.get("statistics?period=last_year")
    assert tile(page, "受付")[0] == "3" and "サーバーが伝えた" not in page.text
    with db.writing(world.engine) as conn:
        moved = tables.case_file.update().where(tables.case_file.c.case_id == sent[0].case_id)
        conn.execute(moved.values(received_day=date(2027, 4, 1)))
    clocked(world, date(2027, 4, 2))
    page = desk.get("statistics?period=last_year")
    assert tile(page, "受付")[0] == "2" and "サーバーが伝えた" in page.text


def test_an_observers_key_is_told_no_totals(world: World) -> None:
    clocked(world, date(2026, 11, 2))
    for _ in range(6):
        world.report()
    watching = observer(world)
    clocked(world, date(2027, 4, 2))
    page = watching.get("statistics")
    assert "年度ごと" not in page.text and desk_of(watching.app).work().received_by_year() == ()


def test_a_period_is_chosen_and_compared(world: World, browser: Browser) -> None:
    clocked(world, date(2026, 8, 3))
    world.report()
    clocked(world, date(2026, 11, 10))
    for _ in range(5):
        world.report(cause="loss")
    browser.get()
    page = browser.get("statistics")
    assert "2026年度 第3四半期" in page.text and tile(page, "受付") == ["5", "前の期間 1"]
    assert "2026年度 第2四半期（2026年7月1日から2026年8月10日まで）" in page.text
    last = browser.get("statistics?period=last_quarter")
    assert tile(last, "受付") == ["1", "前の期間 0"] and "最終日に対応中" in last.text
    year = browser.get("statistics?period=this_year")
    assert tile(year, "受付")[0] == "6"
    assert "月ごとの受付：2026年8月：1件、2026年11月：5件" in drawn(year)
    assert table(year, "month") == {"2026年8月": "1", "2026年11月": "5"}
    form = page.fields("/statistics") | {"first": "2026-08-01", "last": "2026-08-31"}
    ranged = browser.post("statistics", form)
    assert tile(ranged, "受付")[0] == "1" and "2026年8月1日から2026年8月31日まで" in ranged.text
    for first, last_day, words in (
        ("", "2026-08-31", "最初の日と最後の日を選んでください"),
        ("2026-09-01", "2026-08-31", "最後の日が最初の日より前"),
        ("2020-01-01", "2026-08-31", "36か月まで"),
        ("0001-01-01", "9999-12-31", "選んでください"),
    ):
        wrong = browser.get(f"statistics?period=range&first={first}&last={last_day}", status=400)
        assert words in wrong.text and "第3四半期" in wrong.text
        assert browser.raw("GET", f"/ja/statistics/report.pdf?period=range&first={first}").status_code == 200


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_pdf_for_the_board(world: World, lang: str) -> None:
    clocked(world, date(2026, 11, 10))
    for cause in ("loss", "attack"):
        for _ in range(6):
            sent = world.report(cause=cause, what_happened="MARKER-報告")
    desk = Browser(world.desk(), lang)
    desk.get()
    desk.set_status(sent.case_id, "investigating")
    write(desk, sent.case_id, "note", note="MARKER-メモ")
    answer = desk.raw("GET", f"/{lang}/statistics/report.pdf?small=shown")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statistics-2026-11-10.pdf"'
    text = pdf_text(answer.data)
    words = {
        "ja": ["内部通報窓口の統計", "2026年度 第3四半期", "2026年11月10日に監査 0", "1 / 12件"],
        "en": [
            "Whistleblowing line",
            "Quarter 3 of fiscal year 2026",
            "November 10, 2026",
            "1 of 12",
            "Auditor 0",
        ],
    }
    assert all(word in text for word in words[lang]), text
    assert "MARKER" not in text and sent.case_id.hex()[:8].upper() not in text
    assert answer.data == desk.raw("GET", f"/{lang}/statistics/report.pdf?small=shown").data


def test_a_picture_says_each_number_and_stays_in_its_frame() -> None:
    for counts in ([(3, 1), (0, 0), (12, None)], [(40, 9)] * 36, [(1, None)]):
        picture = pictures.columns([Column("10月", now, before) for now, before in counts], "今", "前")
        for box in picture.boxes:
            assert box.x >= 0 and box.x + box.width <= picture.width + 1 and box.y >= 0
            assert box.y + box.height <= picture.height
        assert all(0 <= word.y <= picture.height for word in picture.words)
        if len(counts) < 12:
            assert {str(now) for now, _before in counts if now} <= {word.text for word in picture.words}
    lying = pictures.bars([("紛失", 7), ("攻撃", 0)], late=[0])
    assert [word.text for word in lying.words] == ["紛失", "7", "攻撃", "0"]
    assert lying.boxes[0].width > 100 > lying.boxes[1].width and lying.boxes[0].tone == "late"


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


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["received", "closed", "deleted"]),
        st.sampled_from(["", "loss"]),
        st.dates(date(2026, 1, 1), date(2026, 11, 23)),
        st.none() | st.dates(date(2026, 11, 24), date(2026, 12, 31)),
        st.dictionaries(
            st.sampled_from(["notice", "final"]), st.builds(Term, st.dates(), st.none() | st.booleans())
        ),
    ),
    max_size=20,
)


@given(LINES, st.sampled_from(statistics.LEAST_CHOICES[2:]), st.sampled_from(periods.CHOICES))
def test_statistics_come_out_as_they_went_in(lines: list[Line], least: int, period: str) -> None:
    shown = statistics.count(lines, periods.chosen(period, DAY), DAY, least)
    again = statistics.from_json(statistics.as_json(shown), DAY, b"lead")
    assert again == replace(shown, author=b"lead")


SEALED = statistics.as_json(statistics.count([], periods.quarter_of(DAY), DAY, 5))


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        [1],
        "x",
        SEALED | {"least": 1},
        SEALED | {"least": True},
        SEALED | {"period": {"kind": "x", "first": "2026-10-01", "last": "2026-12-31"}},
        SEALED | {"period": {"kind": "range", "first": "1900-10-01", "last": "2026-12-31"}},
        SEALED | {"period": {"kind": "range", "first": "2026-13-01", "last": "2026-12-31"}},
        SEALED | {"counted": {}},
        SEALED | {"counted": SEALED["counted"] | {"total": -1}},
        SEALED | {"before": SEALED["before"] | {"tables": {}}},
        SEALED | {"before": SEALED["before"] | {"tenths": {}}},
    ],
)
def test_what_is_no_statistics(document: object) -> None:
    statistics.from_json(SEALED, DAY, b"lead")
    with pytest.raises(BadStatistics):
        statistics.from_json(document, DAY, b"lead")


def test_what_was_never_handed_in_is_missed(world: World, browser: Browser) -> None:
    sent = world.report()
    triggers = {f"trigger_{name}": "yes" for name in breach.TRIGGER_IDS}
    aware = (world.day - timedelta(days=90)).isoformat()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    press(browser, page, sent.case_id, "leak", aware=aware, **triggers)
    for status in ("investigating", "corrected", "closed"):
        browser.set_status(sent.case_id, status)
    assert table(browser.get(f"statistics?period=range&first={aware}&last={world.day}"), "missed") == {
        "委員会への確報": "1",
        "委員会への速報（3〜5日は目安で、法律の期限ではありません）": "1",
    }
    # Closing the case ended no duty: what was not handed in stays in the calendar as past.
    calendar = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True)
    assert calendar.count("過ぎた日付があります") == calendar.count("BEGIN:VEVENT") == 2
