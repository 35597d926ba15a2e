"""Reply templates on a case's page: into the box, in the reporter's language, sent only when filled in."""

from __future__ import annotations

import pytest

from crypto.receipt import derive, new_code
from tests.desk.browser import Browser
from tests.desk.world import World


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_template_comes_into_the_box_and_nothing_is_sent(world: World, browser: Browser, lang: str) -> None:
    sent = world.report()
    browser.language = lang
    form = browser.case(sent.case_id).fields("/reply") | {
        "message": "前書き",
        "template": "received",
        "note": "メモ",
    }
    page = browser.post(f"cases/{sent.case_id.hex()}/template", form)
    text = page.fields("/reply")["message"]
    assert text.strip().startswith("前書き\n\n") and ("読みました" if lang == "ja" else "Thank you") in text
    assert page.fields("/reply")["note"] == "メモ" and len(world.reporter_sees(sent).entries) == 1


def test_a_template_puts_the_cursor_where_its_text_came(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    assert page.all("textarea", name="message")[0].get("autofocus") is None
    page = browser.post(
        f"cases/{sent.case_id.hex()}/template", page.fields("/look") | {"template": "received"}
    )
    assert page.all("textarea", name="message")[0].get("autofocus") is not None


@pytest.mark.parametrize(
    ("written", "desk_in", "first", "shown"),
    [
        ("en", "ja", "en", "通報者のページ：英語"),
        ("ja", "en", "ja", "Reporter’s page: Japanese"),
        ("easy", "en", "ja", "Reporter’s page: Plain Japanese"),
        (None, "en", "en", ""),
        ("fr", "ja", "ja", ""),  # of a page that this site does not have
    ],
)
def test_a_template_comes_in_the_reporters_language_with_the_other_at_hand(
    world: World, browser: Browser, written: str | None, desk_in: str, first: str, shown: str
) -> None:
    sent = world.report(what_happened="x", language=written) if written else world.report(what_happened="x")
    browser.language = desk_in
    page = browser.case(sent.case_id)
    assert shown in page.text and ("’s page:" in page.text or "のページ：" in page.text) == bool(shown)
    (choice,) = page.all("select", name="template_language")
    offered = [one.get("value") for one in choice]
    assert offered == [first, "ja" if first == "en" else "en"]
    assert [("the reporter’s" in "".join(one.itertext())) for one in choice] == [
        desk_in == "en" and bool(shown),
        False,
    ]
    form = page.fields("/reply") | {"template": "received"}
    beginnings = {"ja": "に送っていただいた通報", "en": "We have received and read"}
    for code in offered:
        page = browser.post(f"cases/{sent.case_id.hex()}/template", form | {"template_language": str(code)})
        text = page.fields("/reply")["message"]
        assert [one for one in beginnings if beginnings[one] in text] == [code]
        assert page.fields("/reply")["template_language"] == code
    assert ("plain Japanese" in browser.case(sent.case_id).text) == (written == "easy")


def test_the_language_is_the_one_of_the_last_form(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="x", language="ja")
    form = {"what_happened": "more", "exclude": [], "language": "en"}
    world.from_reporter(sent, form)
    assert "通報者のページ：英語" in browser.case(sent.case_id).text
    world.from_reporter(sent, form | {"language": "ja"}, signer=derive(new_code(), world.salt))
    assert "通報者のページ：英語" in browser.case(sent.case_id).text  # unverified


def test_a_template_that_nobody_filled_in_is_not_sent(world: World, browser: Browser) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/reply") | {"template": "result"}
    text = browser.post(f"cases/{sent.case_id.hex()}/template", form).fields("/reply")["message"]
    refused = browser.reply(sent.case_id, text)
    assert (
        "まだ書き換えられていない" in refused.text
        and refused.fields("/reply")["message"].strip() == text.strip()
    )
    assert len(world.reporter_sees(sent).entries) == 1
    page = browser.reply(sent.case_id, text.replace("[ここに書いてください]", "[1] 済みです"), refused)
    assert page.status == 200 and len(world.reporter_sees(sent).entries) == 2
