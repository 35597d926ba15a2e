"""A report that an auditor wrote down: whose words it is, who knows its code, its days (docs/format.md, 2.14)."""

from __future__ import annotations

import io
import secrets
import zipfile
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from admin.desk.casework import log_state
from admin.desk.web.context import desk_of
from cases.form import fields_for
from crypto import logleaf, messages, seal
from crypto.choice import Choice
from crypto.encoding import b64e, hex_id
from crypto.envelope import Kind
from crypto.intake import Intake, with_intake
from crypto.log_errors import BadLog
from crypto.payloads import CATEGORIES, INTAKE_CHANNELS
from crypto.receipt import Receipt, derive, new_code, parse_code
from portal.usecases.conversation import open_case
from store import db, reports
from store import tables as t
from tests.desk.browser import Browser, Page, check
from tests.desk.pages_of_files import marked_pdf, marked_picture, one_page
from tests.desk.test_log import logged as logged  # a fixture
from tests.desk.test_log import next_day
from tests.desk.world import PASSPHRASE, CountingTransport, Sent, World
from tests.support.roster import stored_roster
from tests.support.stored import new_report
from tests.support.stored_case import load

WORDS = "経理の引き出しから名簿がなくなったと電話で聞きました。"


def fields(world: World, **changed: str) -> dict[str, str]:
    return {
        "in_what_happened": WORDS,
        "in_channel": "telephone",
        "in_day": str(world.desk_day - timedelta(days=2)),
        "in_language": "ja",
        "in_code": "given",
        **changed,
    }


def about(browser: Browser, subject: str) -> Page:
    """Choose what it is about, and go on to its questions."""
    form = browser.get("intake/subject").fields("/intake/subject")
    return browser.post("intake/subject", form | {"in_category": subject})


def checked(world: World, browser: Browser, **changed: str) -> Page:
    """Fill the form in, and look at it before it is sent."""
    form = about(browser, changed.pop("in_category", "leak"))
    check(form)
    page = browser.post("intake/check", form.fields("/intake/check") | fields(world, **changed))
    check(page)
    return page


def code_on(page: Page) -> str:
    [place] = page.all("p", id="code")
    return parse_code(place.text)


def notice_of(page: Page) -> str:
    """Return what the head of a case says of the 20 days."""
    clocks = [" ".join(" ".join(one.itertext()).split()) for one in page.all("li")]
    return next(text for text in clocks if text.startswith("通報者への通知"))


def sent(browser: Browser, page: Page) -> Page:
    return browser.post("intake/send", page.fields("/intake/send"))


def written(world: World, browser: Browser, **changed: str) -> tuple[Page, Sent]:
    """Write a report down and send it; return the page after it, and what the person with the code holds."""
    page = checked(world, browser, **changed)
    code = code_on(page)
    receipt = derive(code, world.salt)
    return sent(browser, page), Sent(code, receipt, b"", b"")


def test_what_came_by_telephone_is_a_report_and_nobodys_own_words(world: World, browser: Browser) -> None:
    page, person = written(world, browser, in_who="経理課")
    check(page)
    day = world.desk_day - timedelta(days=2)
    source = f"{day.year}年{day.month}月{day.day}日の電話から、監査 0（監査部 0）が書きとりました。"
    assert "コードは、このデスクには残っていません" in page.text and WORDS in page.text
    assert page.text.count(source) == 2 and "通報者自身の言葉ではありません" in page.text
    assert "監査 0（監査部 0）がコードを知っている可能性があります" in page.text
    other = Browser(world.desk(1)).case(person.case_id)
    assert source in other.text and "通報を書きとった" in other.text
    inbox = browser.get("")
    assert "電話（担当者が記入）" in inbox.text
    document = browser.get(f"cases/{person.case_id.hex()}/export")
    made = browser.raw(
        "POST", f"/ja/cases/{person.case_id.hex()}/export/folder", data=document.fields("/pdf")
    ).data
    with zipfile.ZipFile(io.BytesIO(made)) as folder:
        text = folder.read("case.txt").decode()
    assert source in text and "コードを知っている可能性があります" in text


def test_a_harassment_report_by_telephone_is_one_from_the_beginning(world: World, browser: Browser) -> None:
    page, _person = written(world, browser, in_category="harassment")
    assert "ハラスメント" in page.text and "速報" not in "".join(
        "".join(one.itertext()) for one in page.all("nav")
    )


def boxes(page: Page) -> set[str]:
    named = [*page.all("textarea"), *page.all("select")]
    return {name.removeprefix("in_") for box in named if (name := box.get("name")) != "in_language"}


@pytest.mark.parametrize("subject", CATEGORIES)
def test_what_it_is_about_is_asked_first_and_only_its_questions_after_it(
    browser: Browser, subject: str
) -> None:
    first = browser.get("intake")
    assert boxes(first) == set() and [one.get("value") for one in first.all("input", type="radio")] == [
        *CATEGORIES
    ]
    unchosen = browser.post("intake/subject", first.fields("/intake/subject"))
    assert unchosen.status == 400 and "何についての通報かを選んで" in unchosen.text
    page = about(browser, subject)
    assert boxes(page) == set(fields_for(subject)) and boxes(browser.get("intake")) == boxes(page)


def test_another_subject_loses_nothing_that_was_typed(world: World, browser: Browser) -> None:
    out = f"in_out_{world.auditors[2].card.person.hex()}"
    form = about(browser, "leak").fields("/intake/check") | fields(world, in_how_many="100人", **{out: "yes"})
    page = browser.post("intake/go", form | {"to": "/ja/intake/subject"})
    assert boxes(page) == set() and page.fields("/intake/subject")[out] == "yes"
    page = about(browser, "harassment")
    assert boxes(page) == {*fields_for("harassment"), "how_many"} and "この種類では尋ねない項目" in page.text
    kept = page.fields("/intake/check")
    assert (kept["in_how_many"], kept["in_what_happened"], kept[out]) == ("100人", WORDS, "yes")
    looked = browser.post("intake/check", kept)
    assert "ハラスメント" in looked.text and "100人" in looked.text
    # What is sent comes before the button that sends it.
    assert looked.html.index('id="what"') < looked.html.index("intake/send")


def test_no_clock_runs_that_a_call_does_not_start(world: World, browser: Browser) -> None:
    """The 20 days of the Act are counted from a report in writing."""
    page, _person = written(world, browser)
    assert notice_of(page) == "通報者への通知： 20日なし（書面ではない）" and "始まりません" in page.text
    page, _person = written(world, browser, in_channel="letter")
    assert notice_of(page) == "通報者への通知： 残り18日"


@pytest.mark.parametrize("channel", INTAKE_CHANNELS)
def test_the_code_is_in_one_page_and_nowhere_else(world: World, browser: Browser, channel: str) -> None:
    page = checked(world, browser, in_channel=channel)
    code = code_on(page)
    shown = [code, f"{code[:4]}-{code[4:8]}"]
    root = derive(code, world.salt).root
    draft = browser.get("intake")
    answers = [draft, sent(browser, page), browser.get("intake"), browser.get(""), browser.get("people")]
    for answer in answers:
        assert not any(part in answer.text for part in shown)
        assert not any(part in str(answer.response.headers) for part in shown)
    for path in world.folder.rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        assert not any(
            part in raw for part in (*(part.encode() for part in shown), root, root.hex().encode())
        )
    assert not world.printed


def test_what_is_typed_is_a_draft_and_survives_the_lock_without_the_code(world: World) -> None:
    desk = world.desk()
    browser = Browser(desk)
    page = checked(world, browser, in_where="倉庫")
    code = code_on(page)
    browser.raw("POST", "/ja/lock", data=page.fields("/lock"))
    answer = Browser.raw(browser, "POST", "/ja/intake/send", data=page.fields("/intake/send"))
    locked = Page(answer)
    assert locked.status == 403 and code[:4] not in locked.text
    again = browser.post("unlock", locked.fields("/unlock") | {"passphrase": PASSPHRASE})
    assert "無効です" in again.text and WORDS in again.text and "倉庫" in again.text
    assert code_on(checked(world, browser)) != code


def test_a_lost_answer_sends_it_once_under_the_code_that_was_shown(world: World) -> None:
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))
    page = checked(world, browser)
    code = code_on(page)

    def lost(request: Any, answer: Any) -> Any:
        if request.url.path == "/sealed/report":
            raise httpx.ReadTimeout("lost")
        return answer

    transport.after = lost
    again = sent(browser, page)
    assert again.status == 502 and code_on(again) == code
    transport.after = lambda _request, answer: answer
    done = sent(browser, again)
    assert "コードは、このデスクには残っていません" in done.text
    assert (
        len([one for one in browser.get("").all("tr") if "電話（担当者が記入）" in "".join(one.itertext())])
        == 1
    )
    assert WORDS not in browser.get("intake").text


def test_a_lost_answer_and_a_new_start_do_not_make_it_twice(world: World) -> None:
    """The first code is the one that counts, and the page says so."""
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))
    first = checked(world, browser)

    def lost(request: Any, answer: Any) -> Any:
        if request.url.path == "/sealed/report":
            raise httpx.ReadTimeout("lost")
        return answer

    transport.after = lost
    sent(browser, first)
    transport.after = lambda _request, answer: answer
    done = sent(browser, checked(world, browser))
    assert "すでにサイトに入っていました" in done.text
    assert derive(code_on(first), world.salt).case_id.hex()[:8].upper()[:4] in done.text


def test_the_one_who_wrote_it_down_cant_act_as_the_person_after_the_new_code(
    world: World, browser: Browser
) -> None:
    _page, person = written(world, browser)
    officer = person.receipt  # what an auditor who kept the code has
    before = world.from_reporter(person, {"message": "はじめのコードで"})
    page = browser.case(person.case_id)
    assert (
        "はじめのコードで書かれています。監査 0（監査部 0）がそのコードを知っている可能性があります"
        in page.text
    )
    fresh = takes_new_code(world, person)
    world.from_reporter(person, {"message": "前の用紙のコードで"}, signer=officer)
    page = browser.case(person.case_id)
    late = [one for one in page.all("article") if "前の用紙のコードで" in "".join(one.itertext())]
    assert "未確認" in "".join(late[0].itertext())
    assert "新しいコードに替えられました" in page.text and hex_id(before) is not None
    browser.reply(person.case_id, "お返事です")
    with db.reading(world.engine) as conn:
        assert load(conn, officer) is not None  # this test's store keeps the old index: the grant decides
        roster = stored_roster(conn, world.secrets.first_card)
        stored = load(conn, officer)
        assert stored is not None
        seen = open_case(stored, roster, officer)
    assert "お返事です" not in [entry.message for entry in seen.entries]
    assert fresh.sign_pk != officer.sign_pk


def takes_new_code(world: World, person: Sent) -> Receipt:
    new = derive(new_code(), world.salt)
    envelope_id = secrets.token_bytes(16)
    payload = messages.new_keys_message(new, person.receipt, [], person.case_id, Choice(frozenset(), 2))
    named = {**payload, "readers": world.readers(), "envelope_id": envelope_id.hex()}
    signed = messages.sign_reporter(Kind.FROM_REPORTER, named, person.receipt)
    key = world.store_message(person, Kind.FROM_REPORTER, envelope_id, signed)
    assert key
    with db.writing(world.engine) as conn:
        keys = {
            "mailbox_pk": new.mailbox_pk,
            "mailbox_key_id": new.mailbox_key_id,
            "reporter_sign_pk": new.sign_pk,
        }
        conn.execute(update(t.case_file).where(t.case_file.c.case_id == person.case_id).values(**keys))
    return new


def forged(world: World, change: str) -> Sent:
    """Store a report that says that an auditor wrote it down, and which that auditor did not sign like this."""
    code, author = new_code(), world.auditors[1].identity
    receipt = derive(code, world.salt)
    envelope_id = secrets.token_bytes(16)
    bare = messages.report_payload({"what_happened": "書きとったと言う通報"}, [], receipt)
    bare |= {"readers": world.readers(), "envelope_id": envelope_id.hex()}
    signer = world.auditors[0].identity if change == "another key" else author
    payload = with_intake(bare, Intake("talk", world.day, "given", author.key_id), signer.sign_seed)
    if change == "words":
        payload["what_happened"] = "あとから変えた通報"
    if change == "channel":
        payload["intake"] = {**payload["intake"], "channel": "letter"}
    if change == "missing":
        payload["intake"] = {k: v for k, v in payload["intake"].items() if k != "sig"}
    if change == "page":
        payload["intake"] = {**payload["intake"], "sig": b64e(bytes(64))}
    signed = messages.sign_reporter(Kind.REPORT, payload, receipt)
    return store_signed(world, code, receipt, envelope_id, signed)


def store_signed(
    world: World, code: str, receipt: Receipt, envelope_id: bytes, signed: dict[str, Any]
) -> Sent:
    sealed = seal.seal(Kind.REPORT, envelope_id, signed, world.slots())
    with db.writing(world.engine) as conn:
        new = new_report(receipt, envelope_id, sealed, world.day, ())
        assert reports.add_report(conn, new, []) is reports.Outcome.STORED
    return Sent(code, receipt, envelope_id, sealed.content_key)


@pytest.mark.parametrize("change", ["another key", "words", "channel", "missing", "page"])
def test_a_false_word_of_an_auditor_is_nobodys(world: World, browser: Browser, change: str) -> None:
    report = forged(world, change)
    page = browser.case(report.case_id)
    assert "担当者の署名で確かめられません" in page.text and "が書きとりました" not in page.text
    assert "担当者が記入したという署名が合いません" in browser.get("").text


def test_whom_it_leaves_out_is_seen_by_everybody_who_can_read_it(world: World, browser: Browser) -> None:
    out = world.auditors[2].card.person.hex()
    page = checked(world, browser, **{f"in_out_{out}": "yes"})
    code = code_on(page)
    sent(browser, page)
    case_id = derive(code, world.salt).case_id
    other = Browser(world.desk(1)).case(case_id)
    assert (
        "監査 0（監査部 0）が、通報を書きとる時に次の人を外しました" in other.text and "監査 2" in other.text
    )
    assert Browser(world.desk(2)).raw("GET", f"/ja/cases/{case_id.hex()}").status_code == 404


def test_nobody_is_left_alone_with_it(world: World, browser: Browser) -> None:
    out = {f"in_out_{one.card.person.hex()}": "yes" for one in world.auditors[1:]}
    page = checked(world, browser, **out)
    assert page.status == 400 and "もう1人、この通報を読める人が必要です" in page.text
    own = {f"in_out_{world.auditors[0].card.person.hex()}": "yes"}
    assert checked(world, browser, **own).status == 400


def test_without_a_code_nobody_has_one_and_that_is_said(world: World, browser: Browser) -> None:
    page = checked(world, browser, in_code="none")
    assert not page.all("p", id="code") and "だれもコードを持たず" in page.text
    assert "だれもコードを持っていません" in sent(browser, page).text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"in_channel": ""}, "どのように届いたか"),
        ({"in_channel": "fax"}, "どのように届いたか"),
        ({"in_day": "2026-13-01"}, "暦にある日付"),
        ({"in_day": "2999-01-01"}, "まだ来ていない日"),
        ({"in_code": ""}, "コードを希望するか"),
        ({"in_what_happened": " "}, "何が起きたか"),
        ({"in_cause": "ours"}, "この中から"),
        ({f"in_out_{'ab' * 16}": "yes"}, "名簿にいません"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    world: World, browser: Browser, changed: dict[str, str], said: str
) -> None:
    page = checked(world, browser, in_where="倉庫の棚", **changed)
    assert page.status == 400 and said in page.text and "倉庫の棚" in page.text
    assert "倉庫の棚" in browser.get("intake").text


def test_the_log_has_its_leaf_and_the_desk_the_promise(logged: World) -> None:
    browser = Browser(logged.desk())
    browser.get("log")
    page, person = written(logged, browser)
    assert "署名の合う約束" not in page.text
    work = desk_of(browser.app).work()
    [act] = work.log.state().acts
    assert (act.what, act.case_id, act.day) == ("report", person.case_id, logged.day)
    next_day(logged)
    browser.get("log")
    state = desk_of(browser.app).work().log.state()
    assert state.acts == () and state.alerts == ()
    key, said = logleaf.log_key(person.receipt.root), []
    for leaf in log_state.leaves(desk_of(browser.app).work().cache):
        with suppress(BadLog):
            said.append(logleaf.open_leaf(key, leaf).kind)
    assert said == ["report"]


def test_an_observer_writes_nothing_down(world: World) -> None:
    observer = world.newcomer(0, "observer")
    world.enroll(observer.card)
    world.auditors.append(observer)
    browser = Browser(world.desk(3))
    assert browser.raw("GET", "/ja/intake").status_code in (302, 303)
    assert browser.raw("POST", "/ja/intake/check", data={}).status_code in (303, 400)


@pytest.mark.parametrize(
    ("spoken", "said"),
    [("ja", "このコードを入れて"), ("en", "enter this code"), ("easy", "コードを 入（い）れて")],
)
@pytest.mark.parametrize("desk", ["ja", "en"])
def test_the_sheet_is_in_the_language_of_the_person(
    world: World, browser: Browser, spoken: str, said: str, desk: str
) -> None:
    typed = about(browser, "leak").fields("/intake/check") | fields(world, in_language=spoken)
    page = browser.raw("POST", f"/{desk}/intake/check", data=typed).text
    sheet = page.split('<section class="sheet"')[1].split("</section>")[0]
    assert said in sheet and f"/{spoken}/status" in sheet


def attach(browser: Browser, raw: bytes, name: str) -> Page:
    form = browser.get("intake/scans").fields("/intake/scans")
    answer = browser.raw("POST", "/ja/intake/scans", data=form | {"scan": (io.BytesIO(raw), name)})
    return browser.get("intake/scans") if answer.status_code == 303 else Page(answer)


def test_a_scan_goes_along_as_the_auditors_and_is_made_anew(world: World, browser: Browser) -> None:
    attach(browser, marked_pdf("手紙の本文", "MAKER4711"), "山田さんの手紙.pdf")
    page = attach(browser, marked_picture("JPEG", "MAKER4711"), "IMG_山田.jpg")
    assert (
        "担当者のスキャン-1.pdf" in page.text
        and "担当者のスキャン-2.jpg" in page.text
        and "山田" not in page.text
    )
    looked = checked(world, browser, in_channel="letter")
    assert "担当者のスキャン-1.pdf" in looked.text
    receipt = derive(code_on(looked), world.salt)
    sent(browser, looked)
    for number in (0, 1):
        reader = Browser(world.desk(number))
        case = reader.case(receipt.case_id)
        assert "が書きとりに添えたスキャンです" in case.text and "通報者を守るため" not in case.text
        [first, second] = [link for link in case.all("button") if "/files/" in (link.get("value") or "")]
        assert [link.text for link in (first, second)] == ["担当者のスキャン-1.pdf", "担当者のスキャン-2.jpg"]
        place = first.get("value")
        assert "担当者が書きとりに添えたスキャンに間違いありません" in reader.get(place).text
        saved = reader.raw("GET", f"{place}/save").get_data()
        assert saved.startswith(b"%PDF-") and b"MAKER4711" not in saved and "山田".encode() not in saved
    assert desk_of(browser.app).scans.all == ()


@pytest.mark.parametrize(
    ("raw", "said"), [(b"", "ファイルを選んで"), (b"text", "読めません"), (b"%PDF-1.7 x", "読めません")]
)
def test_what_is_no_scan_is_said(browser: Browser, raw: bytes, said: str) -> None:
    page = attach(browser, raw, "a.pdf")
    assert page.status == 400 and said in page.text and "まだありません" in page.text


def test_scans_are_gone_when_the_desk_is_locked_and_nothing_is_sent_without_them(world: World) -> None:
    browser = Browser(world.desk())
    attach(browser, one_page(), "a.pdf")
    looked = checked(world, browser)
    here = desk_of(browser.app)
    assert [scan.entry["name"] for scan in here.scans.all] == ["担当者のスキャン-1.pdf"]
    here.keyring.lock()
    assert here.scans.all == ()
    browser.post("unlock", browser.get("intake", status=403).fields("/unlock") | {"passphrase": PASSPHRASE})
    page = sent(browser, looked)
    assert page.status == 400 and "スキャンが、確かめたときと違っています" in page.text
    form = browser.get("intake").fields("/intake/check")
    assert form["in_what_happened"] == WORDS
