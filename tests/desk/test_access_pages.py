"""Who reads a case, as the desk's pages have it; test_access.py tries each person against each act."""

from __future__ import annotations

from crypto import seal
from crypto.encoding import b64e
from tests.api.client import Caller
from tests.desk.browser import Browser, Page
from tests.desk.world import Sent, World


def change(browser: Browser, sent: Sent, action: str, status: int = 200, **typed: str) -> Page:
    page = browser.get(f"cases/{sent.case_id.hex()}/access")
    form = next(
        page.fields(f"/access/{name}") for name in ("propose", "agree") if f"/access/{name}" in page.html
    )
    return browser.post(f"cases/{sent.case_id.hex()}/access/{action}", form | typed)


def test_a_removal_from_the_proposal_to_the_page_of_who_is_off(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="名簿の流出")
    second, third = Browser(world.desk(1)), Browser(world.desk(2))
    assert "名簿の流出" in third.case(sent.case_id).text
    unchanged = third.case(sent.case_id).text
    off = f"off:{world.auditors[2].card.person.hex()}"
    # A box that is empty is said, and what was typed stays.
    empty = change(browser, sent, "propose", access_target="", access_reason="利害関係")
    assert "人を選んでください" in empty.text and "利害関係" in empty.text
    assert (
        "理由を入力してください"
        in change(browser, sent, "propose", access_target=off, access_reason=" ").text
    )
    page = change(browser, sent, "propose", access_target=off, access_reason="利害関係があります。")
    assert "提案：" in page.text and "利害関係があります。" in page.text and "同意して" not in page.text
    assert "この案件を読む人の変更が提案されています。" in browser.case(sent.case_id).text
    # No line of it, not even of a record that does not open.
    assert third.case(sent.case_id).text == unchanged
    agreed = change(second, sent, "agree")
    assert "外されました" in agreed.text and "通報者が次に何かを書くまで確かめられません" in agreed.text
    left = third.case(sent.case_id)
    assert "あなたをこの案件から外しました" in left.text and "名簿の流出" not in left.text
    assert "引き続きあなたのデスクに示します" in left.text
    history = browser.case(sent.case_id).text
    assert "案件から外す提案：" in history and "担当から外れました" in history


def test_a_proposal_is_not_agreed_to_and_a_page_of_before_changes_nothing(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    second, third = Browser(world.desk(1)), Browser(world.desk(2))
    third.case(sent.case_id)
    unchanged = third.case(sent.case_id).text
    off = f"off:{world.auditors[2].card.person.hex()}"
    change(browser, sent, "propose", access_target=off, access_reason="理由")
    stale = second.get(f"cases/{sent.case_id.hex()}/access").fields("/access/agree")
    change(second, sent, "refuse")
    # The person whom it was about sees neither.
    assert third.case(sent.case_id).text == unchanged
    assert "読む人の変更" in browser.case(sent.case_id).text
    page = second.post(f"cases/{sent.case_id.hex()}/access/agree", stale)
    assert "この提案" in page.text or "もう有効ではありません" in page.text
    assert "外されました" not in browser.case(sent.case_id).text


def test_a_list_of_readers_names_who_can_open_the_case(world: World, browser: Browser) -> None:
    """A case from before somebody joined: what was written since opens for them, the rest once it was handed over."""
    old = world.report()
    made = world.newcomer(0)
    world.enroll(made.card)
    world.auditors.append(made)
    later = "新任 花子（法務部） （通報より後に加わった人です。"
    for page in ("", "/access", "/handover"):
        text = browser.get(f"cases/{old.case_id.hex()}{page}").text
        assert later in text and "同僚が案件を引き継いだ場合だけ読めます" in text, page
    new = world.report()
    assert (
        later not in browser.case(new.case_id).text
        and "新任 花子（法務部）" in browser.case(new.case_id).text
    )


def test_enrolling_a_guest_promises_no_reports(world: World, browser: Browser) -> None:
    def asked(duty: str) -> str:
        form = browser.get("people/join").fields("/join")
        return browser.post(
            "people/join", form | {"card": world.newcomer(0, duty).card.encode().decode()}
        ).text

    assert "通報は、ゲストの鍵では暗号化されません" in asked("guest")
    assert "通報がこの鍵でも暗号化されます" not in asked("guest") + asked("observer")
    assert "通報がこの鍵でも暗号化されます" in asked("auditor")


def test_a_rule_is_said_in_words(world: World, browser: Browser) -> None:
    sent = world.report()
    second = Browser(world.desk(1))
    page = change(
        second, sent, "propose", access_target=f"off:{world.auditors[0].card.person.hex()}", access_reason="x"
    )
    assert "1人は責任者である必要があります" in page.text and "x" in page.html


def test_a_guests_desk_has_one_case_and_no_more_to_do_than_a_note(world: World, browser: Browser) -> None:
    made = world.newcomer(0, duty="guest")
    world.enroll(made.card)
    world.auditors.append(made)
    sent, other = world.report(what_happened="渡される案件"), world.report(what_happened="ほかの案件")
    guest, second = Browser(world.desk(3)), Browser(world.desk(1))
    assert "ほかの案件" not in guest.get().text and "渡される案件" not in guest.get().text
    change(
        browser, sent, "propose", access_target=f"given:{made.card.key_id.hex()}", access_reason="法律相談"
    )
    change(second, sent, "agree", access_text="弁護士に渡しました。")
    assert "渡される案件" in guest.get().text and "ほかの案件" not in guest.get().text
    page = guest.case(sent.case_id)
    assert "ゲストとしてこの案件を読んでいます" in page.text and "弁護士に渡しました。" in page.text
    for missing in ("/reply", "/status", "/delete", "/access", "/leak", "/export"):
        assert f'{missing}"' not in page.html.replace('/go"', ""), missing
    inbox = guest.get()
    assert "/intake" not in inbox.html and "/statistics" not in inbox.html and "/bulk" in inbox.html
    for closed in ("statistics", "intake", "register", f"cases/{sent.case_id.hex()}/delete"):
        answer = guest.raw("GET", f"/ja/{closed}")
        assert answer.status_code == 303 and answer.headers["Location"].endswith("/ja/"), closed
    assert "/handover" in page.html and "担当者が書いたこと" in page.text
    assert "聞き取り" in guest.get(f"cases/{sent.case_id.hex()}/handover").text
    people = guest.get("people").html
    assert "/people/join" not in people and people.count("/card") == 1 and "/register" not in people
    form = page.fields("/look") | {"note": "意見を書きます。"}
    guest.post(f"cases/{sent.case_id.hex()}/record/note", form)
    assert "意見を書きます。" in browser.case(sent.case_id).text
    assert "この案件を渡されています" in browser.case(sent.case_id).text
    # One reader alone, with another program: the guest's own desk says so.
    grant = b64e(seal.grant(other.content_key, made.card.box_pk))
    one_alone = {"envelope_id": other.envelope_id.hex(), "key_id": made.card.key_id.hex(), "sealed": grant}
    caller = Caller(world, 1)
    assert caller.post("/api/v1/grants", {"grants": [one_alone]}).status_code == 201
    said = guest.case(other.case_id).text
    assert "1人だけの判断" in said and "担当者2人が、この案件をあなたに渡しました" not in said
    # Whom the reporter excluded is not offered again.
    excluded = {"exclude": [made.card.person.hex()], "what_happened": "続き"}
    world.from_reporter(sent, excluded, number=2)
    offered = browser.get(f"cases/{sent.case_id.hex()}/access").html
    assert made.card.key_id.hex() not in offered and world.auditors[1].card.person.hex() in offered
