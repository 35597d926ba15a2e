"""What a case is about, at the desk: chosen by its reporter, corrected by an auditor, seen in list, case and papers."""

from __future__ import annotations

from crypto.treated import Treated
from tests.desk.browser import Browser
from tests.desk.case_forms import write
from tests.desk.pdf_words import words_of
from tests.desk.test_intake import written
from tests.desk.world import World


def put(browser: Browser, case_id: bytes, word: str) -> None:
    form = browser.case(case_id).fields("/look") | {"category": word}
    assert browser.post(f"cases/{case_id.hex()}/record/panel", form).status == 200


def test_a_category_switches_clocks_playbook_and_templates(world: World) -> None:
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    page = browser.case(sent.case_id)
    assert "速報" in page.text and "会社の外の窓口のご案内" in page.text
    put(browser, sent.case_id, "harassment")
    page = browser.case(sent.case_id)
    assert "ハラスメント" in page.text and "速報" not in page.text.split("経過")[0].split("種別")[0]
    assert "訴えた人がいま安全か" in page.text and "不正アクセス" not in page.text
    assert "ほかの窓口へ引き継ぎます" in page.text and "種別： ハラスメント" in page.text


def test_a_harassment_case_names_no_leak_authority(world: World) -> None:
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    put(browser, sent.case_id, "harassment")
    page = browser.case(sent.case_id)
    form = page.fields("/reply") | {"template": "outside_harassment"}
    text = browser.post(f"cases/{sent.case_id.hex()}/template", form).fields("/reply")["message"]
    assert "総合労働相談コーナー" in text and "個人情報保護委員会" not in text


def test_leak_parts_are_in_leak_cases_only(world: World) -> None:
    sent, browser = world.report(what_happened="x"), Browser(world.desk(0))
    where = f"cases/{sent.case_id.hex()}/leak"
    parts = ("この漏えいは報告が必要か", "何人分か", "原因が未設定なので")
    page = browser.case(sent.case_id)
    assert all(part in page.text for part in parts) and page.all("select", name="cause")
    put(browser, sent.case_id, "harassment")
    page = browser.case(sent.case_id)
    assert not any(part in page.text for part in parts) and not page.all("select", name="cause")
    assert "漏えいの案件ではありません" in browser.get(where).text
    assert "報告は不要" not in browser.get(where).text


def test_the_reporters_choice_holds_until_an_auditor_corrects_it(world: World) -> None:
    sent, browser = world.report(what_happened="x", category="accounting"), Browser(world.desk(0))
    assert "通報した人が選んだ種別" not in browser.case(sent.case_id).text
    put(browser, sent.case_id, "other")
    assert "通報した人が選んだ種別：会計・経理の不正" in browser.case(sent.case_id).text


def test_what_an_auditor_wrote_down_is_not_said_to_be_the_reporters_choice(world: World) -> None:
    browser = Browser(world.desk(0))
    _page, person = written(world, browser, in_category="harassment")
    put(browser, person.case_id, "other")
    text = browser.case(person.case_id).text
    assert "書きとった担当者が選んだ種別：ハラスメント" in text and "通報した人が選んだ種別" not in text


def words_of_export(browser: Browser, case_id: bytes) -> str:
    """Return the words of a case's document, without the line ends."""
    page = browser.get(f"cases/{case_id.hex()}/export")
    answer = browser.raw("POST", f"/ja/cases/{case_id.hex()}/export/pdf", data=page.fields("/pdf"))
    assert answer.status_code == 200
    return words_of(answer.data).replace("\n", "")


def test_the_document_of_a_case_without_a_leak_says_nothing_of_a_leak(world: World) -> None:
    sent, browser = world.report(what_happened="x", category="accounting"), Browser(world.desk(0))
    put(browser, sent.case_id, "harassment")
    words = words_of_export(browser, sent.case_id)
    assert "種別ハラスメント" in words and "通報した人が選んだ種別会計・経理の不正" in words
    assert "漏えいの報告" not in words and "この漏えい" not in words and "原因" not in words
    browser.reply(sent.case_id, "調べます。")
    assert "通報した人のページでの扱いハラスメント" in words_of_export(browser, sent.case_id)
    put(browser, sent.case_id, "leak")
    words = words_of_export(browser, sent.case_id)
    assert "漏えいの報告" in words and "この漏えい" in words and "原因–" in words


def test_what_was_said_of_a_leak_stays_in_the_document_under_another_subject(world: World) -> None:
    sent, browser = world.report(what_happened="x", cause="loss"), Browser(world.desk(0))
    write(browser, sent.case_id, "leak", trigger_many="no")
    put(browser, sent.case_id, "other")
    words = words_of_export(browser, sent.case_id)
    assert "漏えいの報告" in words and "原因紛失・盗難" in words


def test_answers_tell_the_reporters_page_what_the_auditors_decided(world: World) -> None:
    sent, browser = world.report(what_happened="x", category="leak"), Browser(world.desk(0))
    browser.reply(sent.case_id, "受け付けました。")
    assert world.reporter_sees(sent).treated is None
    put(browser, sent.case_id, "harassment")
    page = browser.case(sent.case_id)
    assert "まだ表示されていません" in page.text and "この返事を送ると" in page.text
    browser.reply(sent.case_id, "ハラスメントとして調べます。")
    seen = world.reporter_sees(sent)
    assert seen.treated == Treated("harassment", world.desk_day) and seen.subjects == {"leak", "harassment"}
    page = Browser(world.desk(1)).case(sent.case_id)
    assert "として扱っていると表示されます" in page.text and "から表示されています" in page.text
    assert "この返事を送ると" not in page.text
    browser.reply(sent.case_id, "続けています。")
    seen = world.reporter_sees(sent)
    assert [entry.treated for entry in seen.entries if entry.author] == ["", "harassment", "harassment"]


def test_the_list_is_narrowed_by_category(world: World) -> None:
    leak, books = (
        world.report(what_happened="名簿"),
        world.report(what_happened="帳簿", category="accounting"),
    )
    browser = Browser(world.desk(0))
    browser.get()
    page = browser.get("?category=accounting")
    assert "帳簿" in page.text and "名簿" not in page.text and "会計・経理の不正" in page.text
    page = browser.get("?category=leak")
    assert "名簿" in page.text and "帳簿" not in page.text
    assert leak.case_id != books.case_id


def test_closing_what_is_no_report_asks_for_nothing_that_does_not_apply(world: World) -> None:
    browser = Browser(world.desk(0))
    for word, is_asked in (("leak", True), ("not_a_report", False)):
        sent = world.report(what_happened="x")
        put(browser, sent.case_id, word)
        page = browser.case(sent.case_id)
        assert ("通報としては扱いません（理由）" in page.text) != is_asked
        form = page.fields("/status") | {"status": "not_investigating", "reason": "広告"}
        browser.post(f"cases/{sent.case_id.hex()}/status", form | {"confirmed": "not_investigating"})
        form = browser.case(sent.case_id).fields("/status") | {"status": "closed"}
        asked = browser.post(f"cases/{sent.case_id.hex()}/status", form)
        assert ("この案件で、まだ済んでいないこと：" in asked.text) == is_asked
