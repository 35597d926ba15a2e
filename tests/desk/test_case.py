"""A case's page: every field, whose words they are, what is missing, what is strange."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from nacl.signing import SigningKey

from admin.desk.labels import common
from cases.form import CAUSES, REPORT_FIELDS
from cases.status import STATUSES
from crypto import messages, seal
from crypto.choice import first_choice
from crypto.envelope import Kind
from crypto.receipt import derive, new_code
from store import cases as store_cases
from store import db
from tests.desk.browser import Browser, Page
from tests.desk.world import CountingTransport, Sent, World


def searched(browser: Browser, words_: str) -> Page:
    return browser.post("search", browser.get("search").fields("/search") | {"words": words_})


def test_every_field_is_labelled_in_the_forms_order(world: World, browser: Browser) -> None:
    answers = {name: f"答え {number}" for number, name in enumerate(REPORT_FIELDS)} | {"cause": "insider"}
    page = browser.case(world.report((), (), **answers).case_id)
    (list_,) = page.all("dl", class_="report")
    labels = [one.text for one in list_ if one.tag.endswith("dt")]
    texts = ["".join(one.itertext()) for one in list_ if one.tag.endswith("dd")]
    assert len(labels) == 21 and labels[0] == "何が起きたか" and labels[-1] == "どんな証拠が、どこにあるか"
    expected = [f"答え {n}" for n in range(21)]
    expected[REPORT_FIELDS.index("cause")] = "内部の人による意図的な持ち出し"
    assert texts == expected
    assert list(common.FIELDS) == list(REPORT_FIELDS) and list(common.CAUSES) == list(CAUSES)
    assert list(common.STATUSES) == list(STATUSES)


def test_line_breaks_stay_and_markup_is_text(world: World, browser: Browser) -> None:
    page = browser.case(world.report(what_happened="一\n\n<b>二</b>&amp;").case_id)
    assert "一\n\n<b>二</b>&amp;" in "".join("".join(one.itertext()) for one in page.all("dd"))


def test_whom_the_reporter_excluded_is_named(world: World, browser: Browser) -> None:
    stranger = secrets.token_bytes(16)
    sent = world.report([world.auditors[1].card.person, stranger])
    page = browser.case(sent.case_id)
    assert (
        "利益相反への注意" in page.text and "監査 1（監査部 1）" in page.text and stranger.hex() in page.text
    )
    english = Browser(world.desk(2), "en").case(sent.case_id)
    assert "Conflict of interest" in english.text and "Auditor 1 (Audit department 1)" in english.text
    assert "利益相反への注意" not in browser.case(world.report().case_id).text


def test_who_was_excluded_sees_nothing_of_the_case(world: World) -> None:
    other = world.report(what_happened="もう一つ")
    browser = Browser(world.desk(1))
    browser.get()
    due = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True).count("BEGIN:VEVENT")
    sent = world.report([world.auditors[1].card.person], what_happened="MARKER-5")
    Browser(world.desk(0)).set_status(sent.case_id, "investigating")
    number = sent.case_id.hex()[:8].upper()
    number = f"{number[:4]}-{number[4:]}"
    pages = [browser.get(), browser.get("?view=new"), browser.get("statistics"), searched(browser, number)]
    assert "もう一つ" in pages[0].text and searched(browser, "もう一つ").text.count("もう一つ") > 1
    for page in pages:
        assert number not in page.text and sent.case_id.hex() not in page.html and "MARKER-5" not in page.html
    assert all("件数 受信箱" not in page.text or " 2 " not in page.text for page in pages[:2]), (
        "one case, not two"
    )
    assert browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True).count("BEGIN:VEVENT") == due > 0
    page = browser.get(f"cases/{sent.case_id.hex()}", status=404)
    assert "MARKER-5" not in page.html
    form = {"csrf_token": page.fields("/lock")["csrf_token"], "status": "investigating", "sequence": "1"}
    answer = browser.post(f"cases/{sent.case_id.hex()}/status", form)
    assert answer.status == 404
    answer = browser.post(f"cases/{sent.case_id.hex()}/reply", form | {"message": "書いた文"})
    assert answer.status == 404 and "書いた文" in answer.text
    assert len(world.reporter_sees(sent).statuses) == 1
    assert browser.get(f"cases/{other.case_id.hex()}").status == 200


def test_the_page_about_what_does_not_open_is_the_same_at_every_desk(world: World) -> None:
    sent = world.report([world.auditors[1].card.person])
    shown = []
    for who in (0, 1, 2):
        browser = Browser(world.desk(who))
        browser.get()
        page = browser.get("people/closed")
        assert sent.case_id.hex()[:4].upper() not in page.text
        shown.append(page.text)
    assert len(set(shown)) == 1 and "どのデスクでも同じです" in shown[0]


def test_what_the_server_can_not_be_asked_about_is_not_shown_for_a_moment(world: World) -> None:
    """A report that was not fetched yet may be one that is shut: its line must not come and go."""
    sent = world.report([world.auditors[1].card.person])
    wire = CountingTransport()
    browser = Browser(world.desk(1, transport=wire))
    wire.before = lambda request: (
        httpx.Response(503, json={"error": "store_failed"})
        if request.url.path.endswith("/envelopes")
        else None
    )
    number = sent.case_id.hex()[:8].upper()
    number = f"{number[:4]}-{number[4:]}"
    assert number not in browser.get().text and "まだ読み込んでいます" in browser.get().text
    wire.before = lambda _request: None
    assert number not in browser.get().text and "まだ読み込んでいます" not in browser.get().text


def test_a_missing_slot_and_a_part_that_opens_are_never_hidden(world: World) -> None:
    """Every enrolled key has a slot, excluded or not; a reader of a message was not exclude of its report."""
    who = world.auditors[1].card
    everybody = world.slots
    world.day += timedelta(days=1)
    world.desk_day = world.day
    world.slots = lambda exclude=(): [one for one in everybody(exclude) if one.key_id != who.key_id]  # type: ignore[method-assign]
    world.report(what_happened="席がない")
    world.slots = everybody  # type: ignore[method-assign]
    exchanged = replace(world.report([who.person]), exclude=())
    world.from_reporter(exchanged, {"message": "続き"})
    text = Browser(world.desk(1)).get().text
    assert "あなたの鍵向けに暗号化されていません" in text and "すり替えられています" in text


def test_of_a_case_that_came_before_the_own_key_later_words_are_read(world: World) -> None:
    sent, hidden = world.report(what_happened="MARKER-8"), world.report()
    new = world.newcomer(0)
    world.enroll(new.card)
    world.auditors.append(new)
    browser = Browser(world.desk(3))
    assert "まだありません" in browser.get().text, "of what nothing opens nothing is shown"
    world.from_reporter(sent, {"message": "あとから届いた続き"})
    assert "引き継がれていません" in browser.get().text
    page = browser.case(sent.case_id)
    assert "あとから届いた続き" in page.text and "MARKER-8" not in page.html
    browser.get(f"cases/{hidden.case_id.hex()}", status=404)


def test_a_report_of_another_form_is_shown_and_marked(world: World, browser: Browser) -> None:
    code = new_code()
    receipt = derive(code, world.salt)
    payload = messages.report_payload({"what_happened": "変わった形"}, [], receipt)
    odd = world.store_report(
        code, receipt, payload | {"case_id": "ff" * 16, "weather": {"rain": 3}, "exclude": "x"}
    )
    page = browser.case(odd.case_id)
    assert "変わった形" in page.text and "weather" in page.text and '{"rain": 3}' in page.text
    assert "決められた形式と違う" in page.text and "CaseIdMismatch" in page.text
    # Its keys are another case's: no answer would reach this reporter.
    assert "message" not in [one.get("name") for one in page.all("textarea")]


def test_a_reporters_later_words(world: World, browser: Browser) -> None:
    sent = world.report()
    first = world.from_reporter(sent, {"message": "続報"}, [sent.envelope_id])
    changed = {
        "what_happened": "書き直した",
        "cause": "loss",
        "exclude": [world.auditors[2].card.person.hex()],
    }
    world.from_reporter(sent, changed, [sent.envelope_id, first])
    page = browser.case(sent.case_id)
    articles = ["".join(one.itertext()) for one in page.all("article")]
    assert "続報" in articles[0] and "通報者" in articles[0]
    assert (
        "フォームを送り直しました" in articles[1]
        and "書き直した" in articles[1]
        and "紛失・盗難" in articles[1]
    )
    assert "監査 2" in page.text and "未確認" not in page.text and "欠けている" not in page.text
    # Whom a changed form excludes gets no key of what is written from now on.
    browser.reply(sent.case_id, "返事です MARKER-6")
    assert "MARKER-6" not in Browser(world.desk(2)).case(sent.case_id).html
    assert "MARKER-6" in Browser(world.desk(1)).case(sent.case_id).html


def test_a_forged_reporter_is_nobody(world: World, browser: Browser) -> None:
    sent, other = world.report(), world.report()
    world.from_reporter(sent, {"message": "偽の続報"}, signer=derive(new_code(), world.salt))
    # A true message of another case, moved here.
    envelope_id = secrets.token_bytes(16)
    moved = messages.reporter_message({"message": "別件"}, other.receipt, [], choice=first_choice([])) | {
        "envelope_id": envelope_id.hex()
    }
    world.store_message(
        sent, Kind.FROM_REPORTER, envelope_id, messages.sign_reporter(Kind.FROM_REPORTER, moved, sent.receipt)
    )
    world.store_message(sent, Kind.FROM_REPORTER, secrets.token_bytes(16), {"v": 1, "message": "無署名"})
    page = browser.case(sent.case_id)
    for one in page.all("article"):
        text = "".join(one.itertext())
        assert "未確認：だれの発言とも言えません" in text and "通報者" not in text
    assert len(page.all("article")) == 3


def said(page: Page) -> str:
    """Return what is in a case as somebody's word: conversation, statuses, history; not the choices of a form."""
    parts = [*page.all("article"), *page.all("ol")]
    return " ".join("".join(one.itertext()) for one in parts)


@pytest.mark.parametrize(
    "fault", ["unsigned", "other_key", "no_act", "wrong_act", "moved", "excluded", "unknown"]
)
def test_a_forged_auditor_is_nobody(world: World, fault: str) -> None:
    """Each of them is what somebody with the server or with one key could try."""
    out = [world.auditors[1].card.person] if fault == "excluded" else []
    sent, other = world.report(out), world.report()
    author = world.auditors[1].identity
    signer = {"other_key": world.auditors[2].identity, "unknown": world.newcomer(0).identity}.get(
        fault, author
    )
    envelope_id = secrets.token_bytes(16)
    payload = messages.auditor_payload(
        Kind.TO_REPORTER,
        signer.key_id if fault == "unknown" else author.key_id,
        other.case_id if fault == "moved" else sent.case_id,
        envelope_id,
        {"message": "偽の返信"},
        [],
        signer.sign_seed,
        world.readers(),
        1,
    )
    if fault == "unsigned":
        del payload["sig"]
    act = {"no_act": b"", "wrong_act": bytes(64)}.get(fault)
    world.store_message(sent, Kind.TO_REPORTER, envelope_id, payload, act)
    page = Browser(world.desk()).case(sent.case_id)
    (article,) = page.all("article")
    text = "".join(article.itertext())
    # What has no signature at all may be refused while it is opened, or after that.
    assert "未確認" in text or (fault == "unsigned" and "開けません" in text)
    if fault == "excluded":
        assert (
            "通報者が読ませたくない人に選んだ監査 1（監査部 1）の署名があります。この記録は無効です。" in text
        )
    else:
        assert "監査 1" not in said(page)


def test_a_true_word_of_a_colleague_is_shown_with_the_name(world: World, browser: Browser) -> None:
    sent = world.report()
    Browser(world.desk(1)).reply(sent.case_id, "二人目の返信")
    (article,) = browser.case(sent.case_id).all("article")
    text = "".join(article.itertext())
    assert "監査 1（監査部 1）" in text and "二人目の返信" in text and "未確認" not in text


def test_a_dropped_message_shows_as_a_gap(world: World, browser: Browser) -> None:
    sent = world.report()
    world.from_reporter(
        sent, {"message": "前のものを見て書きました"}, [sent.envelope_id, secrets.token_bytes(16)]
    )
    page = browser.case(sent.case_id)
    assert "欠けているメッセージがあります" in page.text


def test_a_history_with_names_and_days(world: World, browser: Browser) -> None:
    sent = world.report()
    browser.set_status(sent.case_id, "investigating")
    second = Browser(world.desk(1))
    second.set_status(sent.case_id, "no_fault")
    second.set_status(sent.case_id, "closed")
    page = browser.case(sent.case_id)
    (timeline,) = page.all("ol", class_="timeline")
    assert "通報を受け付けました" in "".join(page.all("ol", class_="timeline history")[0].itertext())
    rows = [" ".join("".join(one.itertext()).split()) for one in timeline]
    assert [row.split()[1] for row in rows] == ["受付済み", "調査中", "違反なし", "対応終了"]
    assert "監査 0" in rows[1] and "監査 1" in rows[2] and "監査 1" in rows[3]
    assert page.choices() == ["investigating"] and "未確認" not in page.text


def test_a_status_that_nobody_signed_is_marked(world: World, browser: Browser) -> None:
    sent = world.report()
    author = world.auditors[1].identity
    text = messages.status_text(sent.case_id, 1, author.key_id, "not_investigating", world.day)
    sig = messages.sign(author.sign_seed, text)
    with db.writing(world.engine) as conn:
        # A server with one auditor's help, who was never able to open the report: the act signature fails.
        store_cases.add_status(
            conn,
            sent.case_id,
            1,
            "not_investigating",
            world.day,
            author.key_id,
            sig,
            bytes(SigningKey(bytes(32)).sign(text).signature),
        )
    page = browser.case(sent.case_id)
    assert "未確認：この案件に対応できる人の正しい署名がありません。" in page.text
    assert "監査 1" not in said(page)


def test_a_record_among_auditors_is_told_apart(world: World, browser: Browser) -> None:
    sent = world.report()
    envelope_id, author = secrets.token_bytes(16), world.auditors[1].identity
    payload = messages.auditor_payload(
        Kind.RECORD,
        author.key_id,
        sent.case_id,
        envelope_id,
        {"record": {"note": "覚え書き"}},
        [],
        author.sign_seed,
        world.readers(),
    )
    world.store_message(sent, Kind.RECORD, envelope_id, payload)
    page = browser.case(sent.case_id)
    assert "担当者の間の記録" in page.text and "覚え書き" in page.text
    # The reporter knows nothing of records: an answer must not name it as seen.
    browser.reply(sent.case_id, "返事")
    assert world.reporter_sees(sent).unchecked == 0


def test_a_case_that_is_not_there(browser: Browser) -> None:
    assert browser.get("cases/" + "0" * 32, status=404).h1 == "このページまたは案件はありません"
    assert browser.get("cases/xyz", status=404)
    assert browser.get("nothing", status=404)


def test_an_answer_cannot_be_sent_to_a_mailbox_of_the_servers_choice(world: World, browser: Browser) -> None:
    """The mailbox's key comes from the signed report, whatever the server's database says."""
    from sqlalchemy import update

    from store import tables

    sent = world.report()
    servers_own = derive(new_code(), world.salt)
    with db.writing(world.engine) as conn:
        changed = {"mailbox_pk": servers_own.mailbox_pk, "mailbox_key_id": servers_own.mailbox_key_id}
        conn.execute(update(tables.case_file).values(**changed))
    page = browser.reply(sent.case_id, "読まれてはいけない返信")
    assert page.status == 400 and "読まれてはいけない返信" in page.fields("/reply")["message"]
    with db.reading(world.engine) as conn:
        assert len(store_cases.envelopes(conn, sent.case_id)) == 1


def test_excluded_cards_get_throwaways_also_those_vouched_for_by_them(world: World, browser: Browser) -> None:
    world.promote(1)
    world.promote(2)
    accused = world.auditors[1]
    sent = world.report([accused.card.person])
    accomplice = world.newcomer(1)
    world.enroll(accomplice.card)
    world.auditors.append(accomplice)
    honest = world.newcomer(2)
    world.enroll(honest.card)
    world.auditors.append(honest)
    browser.reply(sent.case_id, "追記 MARKER-8")
    with db.reading(world.engine) as conn:
        raw = store_cases.envelopes(conn, sent.case_id)[-1].raw
    assert opens(raw, world, 0) and opens(raw, world, 2) and opens(raw, world, 4)
    assert not opens(raw, world, 1) and not opens(raw, world, 3)


def opens(raw: bytes, world: World, who: int) -> bool:
    from crypto.errors import CannotOpen
    from crypto.unseal import unseal

    identity = world.auditors[who].identity
    try:
        unseal(raw, identity.box_sk, identity.box_pk, identity.key_id)
    except CannotOpen:
        return False
    return True


def test_the_reporters_choice_binds_everybody_who_answers(world: World) -> None:
    sent: Sent = world.report([world.auditors[2].card.person])
    assert seal.act_pk(sent.content_key)
    Browser(world.desk(1)).reply(sent.case_id, "返事 MARKER-2")
    assert "MARKER-2" not in Browser(world.desk(2)).get(f"cases/{sent.case_id.hex()}", status=404).html


NO_TEXT = "一\x01二\x0b\x1f\x7f\x85\x9f\ufdd0\ufffe\uffff\U0001ffff\U0010fffe三"


def test_characters_that_may_not_stand_in_a_page_do_not(world: World) -> None:
    """A client that skips the form, and a server, write any character: every page stays HTML (the browser checks)."""
    entry = world.attach(b"x", name=f"名{NO_TEXT}.pdf")
    sent = world.report((), [entry], **dict.fromkeys(REPORT_FIELDS, NO_TEXT), **{f"other{NO_TEXT}": NO_TEXT})
    world.from_reporter(sent, {"message": NO_TEXT})
    browser = Browser(world.desk())
    browser.reply(sent.case_id, NO_TEXT)
    form = browser.case(sent.case_id).fields("/reply")
    shown = [
        browser.get(),
        browser.case(sent.case_id),
        browser.get(f"cases/{sent.case_id.hex()}/files/{entry['object']}"),
        browser.post(f"cases/{sent.case_id.hex()}/reply", form | {"message": NO_TEXT + "{{"}),
        searched(browser, NO_TEXT),
        searched(browser, "二"),
    ]
    for page in shown:
        assert "\x01" not in page.html and "\x85" not in page.html and "\ufffe" not in page.html
    assert "一\ufffd二" in shown[1].text and "三" in shown[1].text


def test_the_head_of_a_case_says_what_it_is_called_and_its_three_clocks(
    world: World, browser: Browser
) -> None:
    sent = world.report(what_happened="x")
    form = browser.case(sent.case_id).fields("/look") | {"title": "給与データの件"}
    browser.post(f"cases/{sent.case_id.hex()}/record/title", form)
    (head,) = browser.case(sent.case_id).all("div", class_="case-head")
    text = "".join(head.itertext())
    assert "給与データの件" in text and "受付" in text and "通報者への通知：残り" in text
    assert "速報：" in text and "確報：" in text


def test_what_the_report_does_not_answer_is_one_line(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="x", where="営業部")
    terms = ["".join(term.itertext()) for term in browser.case(sent.case_id).all("dt")]
    assert terms.count("回答なし") == 1 and "どこで起きたか" in terms and "なぜ起きたか" not in terms
