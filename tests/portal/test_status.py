"""Coming back with the code: what is shown, what is not, writing more, pages whose time is over."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, cast

import pytest

from cases.form import MAX_TEXT
from crypto import messages, seal
from crypto.choice import first_choice
from crypto.envelope import Kind
from crypto.errors import CannotOpen
from crypto.receipt import derive, format_code, new_code, parse_code
from portal.forms.tokens import IDLE_SECONDS
from portal.usecases import look_up, submit
from store import db
from store import reports as store_intake
from store.db import StoreFailed
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World, enroll, newcomer, retire
from tests.portal.desk import Desk, envelopes, open_as
from tests.support.site import make_auditors


def sent(world: World, **fields: Any) -> str:
    """Send a report; return its code."""
    return world.client().report(**({"what_happened": "名簿の紛失"} | fields)).code


def articles(page: Page) -> list[str]:
    return [" ".join("".join(article.itertext()).split()) for article in page.all("article")]


@pytest.mark.parametrize(
    "spelling", [str, str.lower, lambda code: code.replace("-", "　"), lambda code: f" {code}\n"]
)
def test_code_opens_the_report_however_it_is_typed(
    world: World, client: CheckedClient, spelling: Any
) -> None:
    code = sent(world, who="営業部", cause="loss")
    page = client.look(spelling(code))
    assert page.status == 200
    assert "名簿の紛失" in page.text and "営業部" in page.text and "紛失・盗難" in page.text
    assert "受け付けました" in page.text and "2026年11月23日" in page.text


def test_code_is_never_shown_again(world: World, client: CheckedClient) -> None:
    code = sent(world)
    page = client.reply(client.look(code), "追記")
    for text in (code, code.replace("-", "")):
        assert text not in page.html
    root = derive(parse_code(code), world.salt).root
    assert root.hex() not in page.html


def test_form_of_the_first_text_is_shown_by_question(world: World, client: CheckedClient) -> None:
    page = client.look(sent(world, evidence="ログ\n二行目"))
    (words,) = [item for item in page.all("dd") if "二行目" in "".join(item.itertext())]
    assert "".join(words.itertext()) == "ログ\n二行目" and words.get("class") == "words"


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 400, "受付コードを入力してください"),
        ("ABCD", 400, "英数字20文字"),
        ("ABCD-EFGH-JKMN-PQRS-TVW!", 400, "使われない文字"),
        ("<script>", 400, "使われない文字"),
        ("あ" * 5000, 400, "使われない文字"),
    ],
)
def test_slips_are_told_and_kept_for_correction(
    client: CheckedClient, typed: str, status: int, words: str
) -> None:
    page = client.look(typed)
    assert page.status == status and words in page.text
    assert page.fields["code"] == typed[:200] and page.title.startswith("エラー：")


def test_wrong_check_symbol_is_a_slip_and_asks_nothing_of_the_store(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = sent(world)
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    monkeypatch.setattr(look_up, "look", lambda *_: pytest.fail("looked up"))
    page = client.look(slip)
    assert page.status == 400 and "入力に誤りがあるようです" in page.text and page.fields["code"] == slip


def test_unknown_code_is_404_and_not_repeated(world: World, client: CheckedClient) -> None:
    sent(world)
    typed = format_code(new_code())
    page = client.look(typed)
    assert page.status == 404 and typed not in page.html and page.fields["code"] == ""


def test_wrong_codes_slow_nobody_down(world: World, client: CheckedClient) -> None:
    code = sent(world)
    for _ in range(50):
        assert client.look(format_code(new_code())).status == 404
    assert client.look(code).status == 200


def test_statuses_are_shown_in_order_with_days(world: World, client: CheckedClient) -> None:
    code = sent(world)
    desk = Desk.of(world, world.auditors[1])
    desk.status(1, "investigating")
    world.day += timedelta(days=5)
    desk.status(2, "corrected")
    page = client.look(code)
    items = ["".join(item.itertext()).split() for item in page.all("ol", **{"class": "timeline"})[0]]
    assert [item[0] for item in items] == ["2026年11月23日", "2026年11月23日", "2026年11月28日"]
    assert "調査しています" in items[1] and "是正しました" in items[2] and "監査部" in items[2]
    (state,) = page.all("div", **{"class": "state"})
    assert "是正しました" in "".join(state.itertext())
    assert "確認できなかったもの" not in page.text


def test_what_came_after_the_reporters_own_last_message_is_new(world: World, client: CheckedClient) -> None:
    code = sent(world)
    desk = Desk.of(world, world.auditors[1])
    assert not client.look(code).all("a", href="#first-new")
    desk.say("一つ目")
    desk.say("二つ目")
    page = client.look(code)
    (link,) = page.all("a", href="#first-new")
    assert "2件" in "".join(link.itertext())
    (first,) = page.all("article", id="first-new")
    assert "一つ目" in "".join(first.itertext())
    # Looking is kept nowhere: what is new stays new until the reporter writes.
    assert client.look(code).all("a", href="#first-new")


@pytest.mark.parametrize("false", ["sig", "act_sig"])
def test_status_that_nobody_signed_is_not_shown(world: World, client: CheckedClient, false: str) -> None:
    code = sent(world)
    desk = Desk.of(world, world.auditors[1])
    desk.status(1, "investigating")
    desk.status(2, "no_fault", **cast(Any, {false: secrets.token_bytes(64)}))
    page = client.look(code)
    assert "違反は確認されませんでした" not in page.text and "調査しています" in page.text
    assert "表示できない文章が1件" in page.text


def test_answer_of_an_auditor_is_shown_with_the_role(world: World, client: CheckedClient) -> None:
    code = sent(world)
    Desk.of(world, world.auditors[1]).say("ありがとうございます。\n<b>いつ</b>ですか。")
    page = client.look(code)
    assert len(articles(page)) == 2
    assert articles(page)[1].startswith("監査部 1 監査 1") and "<b>いつ</b>ですか。" in articles(page)[1]
    assert not page.all("b")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_server_could_write_itself_is_not_an_auditors_word(world: World, language: str) -> None:
    """It knows every public key and could seal; it can neither sign for an auditor nor act on the report."""
    code = sent(world)
    desk = Desk.of(world, world.auditors[0])
    desk.say("偽の返事", sign_seed=secrets.token_bytes(32))
    desk.say("偽の行為", act_sig=secrets.token_bytes(64))
    page = world.client(language).look(code)
    assert "偽の" not in page.html and len(articles(page)) == 1
    assert ("表示できない文章が2件" if language == "ja" else "2 entries are not shown") in page.text


def test_stranger_with_a_card_of_his_own_is_not_shown(world: World, client: CheckedClient) -> None:
    """Enrolled after the report by anyone who controls the database, vouched for by nobody."""
    code = sent(world)
    stranger = make_auditors(1)[0]
    with db.writing(world.engine) as conn:
        enroll(conn, stranger.card)
    desk = Desk.of(world, world.auditors[0])
    Desk(world, stranger, desk.case_id, desk.content_key).say("信じてください")
    page = client.look(code)
    assert "信じてください" not in page.html and "1件" in page.text


def test_newcomer_whom_a_lead_vouched_for_may_speak(world: World, client: CheckedClient) -> None:
    code = sent(world)
    late = newcomer(world.auditors[0].identity)
    with db.writing(world.engine) as conn:
        enroll(conn, late.card)
    desk = Desk.of(world, world.auditors[1])
    Desk(world, late, desk.case_id, desk.content_key).say("引き継ぎました")
    assert "引き継ぎました" in client.look(code).text


def test_person_who_was_excluded_may_not_speak_even_with_the_key(world: World, client: CheckedClient) -> None:
    out = world.auditors[1]
    code = sent(world, exclude=[out.card.person.hex()])
    desk = Desk.of(world, world.auditors[0])
    shut = Desk(world, out, desk.case_id, desk.content_key)
    shut.say("問題ありません")
    shut.status(1, "not_investigating")
    page = client.look(code)
    assert "問題ありません" not in page.html and "調査しないことになりました" not in page.text
    assert "2件" in page.text


def test_message_of_somebody_else_under_this_case_is_not_the_reporters(
    world: World, client: CheckedClient
) -> None:
    """The server knows the mailbox's public key and the auditors'; it lacks the reporter's signing key."""
    code = sent(world)
    receipt, other = derive(parse_code(code), world.salt), derive(new_code(), world.salt)
    envelope_id = secrets.token_bytes(16)
    payload = messages.reporter_message(
        {"message": "取り下げます"}, other, [], receipt.case_id, choice=first_choice([])
    )
    signed = messages.sign_reporter(Kind.FROM_REPORTER, {**payload, "envelope_id": envelope_id.hex()}, other)
    slots = [seal.Recipient(one.card.key_id, one.card.box_pk) for one in world.auditors]
    sealed = seal.seal(Kind.FROM_REPORTER, envelope_id, signed, slots)
    grant = seal.grant(sealed.content_key, receipt.mailbox_pk)
    with db.writing(world.engine) as conn:
        store_intake.add_message(
            conn,
            store_intake.NewMessage(
                receipt.case_id,
                envelope_id,
                Kind.FROM_REPORTER,
                sealed.raw,
                world.day,
                [(receipt.mailbox_key_id, receipt.mailbox_key_id, grant)],
            ),
        )
    page = client.look(code)
    assert "取り下げます" not in page.html and "1件" in page.text


# --- writing more


def test_message_reaches_auditors_and_is_shown(world: World, client: CheckedClient) -> None:
    page = client.reply(client.look(sent(world)), "写真があります\r\n二枚")
    assert page.status == 200 and "メッセージを受け付けました" in page.text
    assert articles(page)[-1].endswith("写真があります 二枚") and page.fields["message"] == ""
    _, (_, row) = envelopes(world)
    for auditor in world.auditors:
        assert open_as(auditor, row.raw).payload["message"] == "写真があります\n二枚"


def test_message_sent_twice_is_one_and_a_second_yes_is_another(world: World, client: CheckedClient) -> None:
    first = client.look(sent(world))
    client.reply(first, "はい")
    again = client.reply(first, "はい")
    assert "すでに受け付けています" in again.text and len(envelopes(world)) == 2
    client.reply(again, "はい")
    assert len(envelopes(world)) == 3


def test_messages_obey_the_choice_of_the_report(world: World, client: CheckedClient) -> None:
    out = world.auditors[1]
    client.reply(client.look(sent(world, exclude=[out.card.person.hex()])), "秘密")
    _, (_, row) = envelopes(world)
    with pytest.raises(CannotOpen):
        open_as(out, row.raw)
    assert open_as(world.auditors[0], row.raw).payload["message"] == "秘密"


def test_messages_obey_a_choice_made_in_a_changed_form(world: World, client: CheckedClient) -> None:
    out, hidden = world.auditors[1], client.form()
    code = client.report(hidden, what_happened="一通目").code
    client.report(hidden, exclude=[out.card.person.hex()], what_happened="二通目")
    client.reply(client.look(code), "三通目")
    with pytest.raises(CannotOpen):
        open_as(out, envelopes(world)[-1][1].raw)


def test_new_key_of_an_excluded_person_is_excluded_too(world: World, client: CheckedClient) -> None:
    out = world.auditors[1]
    code = sent(world, exclude=[out.card.person.hex()])
    from crypto import cards
    from crypto.identity import new_identity
    from tests.support.site import Auditor

    fresh, founder = new_identity(), world.auditors[0].identity
    card = cards.new_card(
        fresh.box_pk, fresh.sign_pk, fresh.sign_seed, out.card.name, out.card.role, out.card.person
    )
    card = cards.vouch(card, founder.key_id, founder.sign_seed)
    with db.writing(world.engine) as conn:
        enroll(conn, card)
    client.reply(client.look(code), "まだ秘密")
    with pytest.raises(CannotOpen):
        open_as(Auditor(fresh, card), envelopes(world)[-1][1].raw)


@pytest.mark.parametrize(
    ("message", "status"), [("", 400), (" \n", 400), ("壊れ\ufffd", 400), ("あ" * (MAX_TEXT + 1), 413)]
)
def test_bad_message_is_kept(world: World, client: CheckedClient, message: str, status: int) -> None:
    page = client.reply(client.look(sent(world)), message)
    assert page.status == status and page.fields["message"] == message
    assert page.title.startswith("エラー：") and len(envelopes(world)) == 1
    assert len(articles(page)) == 1


def test_a_full_case_keeps_the_text_and_what_it_has(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at a case reads all of it: one case may not grow until it fills the memory."""
    code = sent(world)
    monkeypatch.setattr(store_intake, "MESSAGES_AT_MOST", 15_000)
    page = client.reply(client.look(code), "一つ目")
    assert page.status == 200
    full = client.reply(page, "二つ目" * 2_000)
    assert full.status == 400 and "二つ目" * 2_000 in full.text and "上限" in full.text
    assert len(envelopes(world)) == 2
    look = client.look(code)
    assert look.status == 200 and "一つ目" in look.text


def test_message_with_nobody_left_to_read_it(world: World, client: CheckedClient) -> None:
    """The one who was not exclude has left."""
    page = client.look(sent(world, exclude=[world.auditors[1].card.person.hex()]))
    with db.writing(world.engine) as conn:
        retire(conn, world.auditors[0])
    page = client.reply(page, "届かない")
    assert page.status == 400 and page.fields["message"] == "届かない" and len(envelopes(world)) == 1


def test_refresh_shows_news_without_the_code(world: World, client: CheckedClient) -> None:
    page = client.look(sent(world))
    Desk.of(world, world.auditors[0]).say("新しい返事")
    page = client.post("status", [("token", page.fields["token"])])
    assert page.status == 200 and "新しい返事" in page.text


def test_language_can_be_switched_while_reading(world: World) -> None:
    page = world.client().look(sent(world))
    (button,) = page.all("button", formaction="/en/status", form="write")
    typed = [("token", page.fields["token"]), ("message", "書きかけ"), (str(button.get("name")), "yes")]
    english = world.client("en").post("status", [*typed, ("meaning", "name"), ("meaning_read", "yes")])
    assert english.status == 200 and english.lang == "en" and "Received" in english.text
    # What was begun is there, unchecked, and nothing of it was kept.
    assert english.fields["message"] == "書きかけ" and english.ticked("meaning") == ["name"]
    assert english.ticked("meaning_read") == ["yes"] and len(envelopes(world)) == 1
    assert not english.title.startswith("Error") and "書きかけ" not in english.title


# --- time over


def test_page_dies_after_fifteen_idle_minutes_and_keeps_the_text(world: World, client: CheckedClient) -> None:
    code = sent(world)
    page = client.look(code)
    world.now += IDLE_SECONDS + 1
    late = client.reply(page, "長い文章")
    assert late.status == 400 and "15分を過ぎた" in late.text and len(envelopes(world)) == 1
    assert late.fields["message"] == "長い文章" and late.fields["code"] == ""
    back = client.post("status", [("code", code), ("message", "長い文章")])
    assert back.status == 200 and back.fields["message"] == "長い文章" and len(envelopes(world)) == 1
    assert client.reply(back, "長い文章").status == 200 and len(envelopes(world)) == 2


def test_each_page_starts_the_time_anew(world: World, client: CheckedClient) -> None:
    page = client.look(sent(world))
    for _ in range(3):
        world.now += IDLE_SECONDS - 1
        page = client.post("status", [("token", page.fields["token"])])
        assert page.status == 200


def test_token_means_nothing_to_another_server(world: World, client: CheckedClient) -> None:
    from portal import create_app

    page = client.look(sent(world))
    other = create_app(
        world.settings, world.engine, world.secrets, secrets.token_bytes(32), lambda: world.day
    )
    late = CheckedClient(other).reply(page, "再起動のあと")
    assert late.status == 400 and late.fields["message"] == "再起動のあと"


@pytest.mark.parametrize("token", ["", "x", "あ", "A" * 130, "A" * 5000])
def test_made_up_token(client: CheckedClient, token: str) -> None:
    page = client.post("status", [("token", token), ("message", "残る")])
    assert page.status == 400 and page.fields["message"] == "残る"


def test_code_in_the_wrong_page_keeps_the_message(client: CheckedClient) -> None:
    page = client.post("status", [("code", "AB"), ("message", "残る")])
    assert page.status == 400 and page.fields["message"] == "残る" and page.fields["code"] == "AB"


def test_failing_store_keeps_the_message(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.look(sent(world))

    def fail(*_: Any) -> Any:
        raise StoreFailed("gone")

    with monkeypatch.context() as patch:
        patch.setattr(submit, "writing", fail)
        failed = client.reply(page, "消えない")
    assert failed.status == 503 and failed.fields["message"] == "消えない"
    assert client.reply(failed, "消えない").status == 200 and len(envelopes(world)) == 2


def test_failing_store_keeps_the_code_that_was_typed(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = sent(world)

    def fail(*_: Any) -> Any:
        raise StoreFailed("gone")

    monkeypatch.setattr(look_up, "reading", fail)
    page = client.look(code)
    assert page.status == 503 and page.fields["code"] == code


def test_state_is_signed_by_the_site(world: World, client: CheckedClient) -> None:
    from crypto.encoding import b64d

    code = sent(world)
    Desk.of(world, world.auditors[0]).status(1, "investigating")
    page = client.look(code)
    case, day, statuses, signature, key = ["".join(item.itertext()) for item in page.all("dd")][-5:]
    text = messages.state_text(bytes.fromhex(case), world.day, statuses.split(", "))
    assert day == "2026-11-23" and statuses == "investigating"
    messages.verify(b64d(key), text, b64d(signature))
