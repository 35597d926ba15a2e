"""A new report: the form, the receipt, a repeat, a changed form, what can be wrong with it."""

from __future__ import annotations

import base64
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cases.form import CAUSES, MAX_TEXT, REPORT_FIELDS, fields_for
from crypto import messages
from crypto.encoding import hex_id
from crypto.envelope import Kind, envelope_hash
from crypto.receipt import derive, format_code, new_code, parse_code
from portal.forms import tokens
from store import db
from store import reports as store_intake
from store.config.settings import PromiseSettings
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.desk import envelopes, open_as
from tests.support.reporter import multipart

ANSWERS: dict[str, Any] = {name: f"答え <{name}> & 「引用」" for name in REPORT_FIELDS} | {"cause": "insider"}


def stored(world: World) -> int:
    return len(envelopes(world))


def kept(page: Page, answers: dict[str, str]) -> bool:
    """Tell whether a page's form still holds all answers."""
    fields = page.fields
    texts = all(fields[name] == text for name, text in answers.items() if name != "cause")
    return texts and ("cause" not in answers or page.ticked("cause") == [answers["cause"]])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_form_asks_everything_and_only_the_first_is_required(world: World, language: str) -> None:
    page = world.client(language).get("report")
    assert page.status == 200
    assert {*fields_for(""), "code", "csrf_token", "exclude", "files"} == {
        str(field.get("name")) for field in [*page.all("input"), *page.all("textarea")]
    }
    required = [field for field in page.all("textarea") if field.get("aria-required")]
    assert [field.get("name") for field in required] == ["what_happened"]
    assert [radio.get("value") for radio in page.all("input", name="cause")] == list(CAUSES)
    assert parse_code(page.fields["code"])


def test_each_form_has_a_code_of_its_own(client: CheckedClient) -> None:
    first, second = client.form(), client.form()
    assert first["code"] != second["code"] and first["csrf_token"] != second["csrf_token"]


def test_report_is_sealed_and_opens_for_each_auditor(world: World, client: CheckedClient) -> None:
    page = client.report(**ANSWERS)
    assert page.status == 200
    ((case_id, row),) = envelopes(world)
    for auditor in world.auditors:
        opened = open_as(auditor, row.raw)
        assert {name: opened.payload[name] for name in REPORT_FIELDS} == ANSWERS
        assert opened.payload["case_id"] == hex_id(case_id) and opened.unusual == ()
        assert opened.payload["exclude"] == []


def test_receipt_page_shows_the_code_of_the_form_and_days(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    page = client.report(hidden, what_happened="紛失")
    assert page.code == hidden["code"]
    assert "2026年11月23日" in page.text
    assert "2026年11月30日" in page.text
    # Day 21, not the twentieth: the 20 days have to have passed.
    assert "2026年12月14日 20日が過ぎています" in page.text and "2026年12月13日" not in page.text
    english = world.client("en").report(what_happened="lost")
    assert "November 23, 2026" in english.text


def test_days_to_come_back_follow_from_the_settings(world: World) -> None:
    """No term of the Act where the line is not designated; the company's own promise where it made one."""
    here = world.app.extensions["meyasubako"]
    here.settings = replace(
        world.settings,
        site=replace(world.settings.site, designated=False),
        promises=PromiseSettings(acknowledge_days=3),
    )
    page = world.client().report(what_happened="紛失")
    days = ["".join(item.itertext()) for item in page.all("time")]
    assert days == ["2026年11月27日", "2026年11月30日"] and "20日" not in page.text
    assert "会社が最初の返事を約束した期間が過ぎています" in page.text
    assert "mailto:" not in page.html and not page.all("input", type="email")


def test_receipts_differ_only_in_their_own_values(world: World) -> None:
    """Pages come from a cached template: nothing of one reporter may be left in it for the next one."""
    client = world.client()
    pages = [client.report(what_happened=f"報告{number}") for number in range(3)]
    codes = [page.code for page in pages]
    assert len(set(codes)) == 3
    for page in pages:
        assert [code for code in codes if code in page.html] == [page.code]


def test_certificate_can_be_checked(world: World, client: CheckedClient) -> None:
    page = client.report(what_happened="紛失")
    values = ["".join(item.itertext()) for item in page.all("dd")]
    hashed, day, signature, key = values[-4:]
    ((_, row),) = envelopes(world)
    assert bytes.fromhex(hashed) == envelope_hash(row.raw) and day == "2026-11-23"
    raw = [base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (key, signature)]
    messages.verify(raw[0], messages.receipt_text(bytes.fromhex(hashed), world.day), raw[1])


def test_same_form_again_is_the_same_report(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    first = client.report(hidden, **ANSWERS)
    world.day += timedelta(days=1)
    second = client.report(hidden, **ANSWERS)
    assert second.status == 200 and second.code == first.code
    assert "すでに受け付けています" in second.text and "2026年11月23日" in second.text
    assert stored(world) == 1
    proof = [["".join(item.itertext()) for item in page.all("dd")][-4:] for page in (first, second)]
    assert proof[0][0] == proof[1][0]


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_the_pages_language_is_sealed_with_the_report_and_no_wish_of_the_browser(
    world: World, language: str
) -> None:
    client = world.client(language)
    hidden = client.form()
    body, kind = multipart([*hidden.items(), ("what_happened", "x")])
    client.fetch(
        "POST", "report", data=body, content_type=kind, headers={"Accept-Language": "fr-CA, en;q=0.1"}
    )
    client.report(hidden, what_happened="y")
    forms = [open_as(world.auditors[0], row.raw).payload for _, row in envelopes(world)]
    assert [one["language"] for one in forms] == [language, language]


def test_same_form_from_a_page_in_another_language_is_the_same_report(world: World) -> None:
    hidden = world.client("ja").form()
    world.client("ja").report(hidden, what_happened="x")
    page = world.client("en").report(hidden, what_happened="x")
    assert page.code == hidden["code"] and stored(world) == 1


def test_line_breaks_of_another_system_make_no_difference(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    client.report(hidden, what_happened="一行目\r\n二行目")
    client.report(hidden, what_happened="一行目\n二行目")
    assert stored(world) == 1


def test_changed_form_is_kept_as_a_message(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    first = client.report(hidden, **ANSWERS)
    changed = client.report(hidden, **{**ANSWERS, "who": "別の人"})
    assert changed.status == 200 and changed.code == first.code
    assert "変更した内容を追加しました" in changed.text
    again = client.report(hidden, **{**ANSWERS, "who": "別の人"})
    assert "変更した内容はすでに追加しています" in again.text
    (case, report), (same_case, message) = envelopes(world)
    assert case == same_case and (report.kind, message.kind) == (1, 2)
    opened = open_as(world.auditors[1], message.raw)
    assert opened.payload["who"] == "別の人" and opened.payload["seen"] == [report.envelope_id.hex()]
    messages.verify_reporter(
        Kind.FROM_REPORTER, opened.payload, derive(parse_code(first.code), world.salt).sign_pk
    )


def test_two_sent_at_once_are_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one was stored between our look and our transaction."""
    client, hidden = world.client(), world.client().form()
    add_report = store_intake.add_report

    def raced(*given: Any) -> Any:
        monkeypatch.setattr(store_intake, "add_report", add_report)
        add_report(*given)
        return store_intake.Outcome.REPEAT

    monkeypatch.setattr(store_intake, "add_report", raced)
    page = client.report(hidden, what_happened="同時")
    assert page.status == 200 and page.code == hidden["code"] and stored(world) == 1


# --- what can be wrong with it; what was typed is always still there


def test_empty_report_is_answered_beside_the_field(client: CheckedClient) -> None:
    hidden = client.form()
    page = client.report(hidden, **{**ANSWERS, "what_happened": " \n"})
    assert page.status == 400
    assert page.title.startswith("エラー：")
    words = "何が起きたかを書いてください。"
    (link,) = [link for link in page.all("a") if link.text == words]
    assert link.get("href") == "#what_happened"
    (beside,) = page.all("p", id="what_happened-error")
    assert words in "".join(beside.itertext())
    (field,) = page.all("textarea", id="what_happened")
    assert field.get("aria-invalid") == "true" and "what_happened-error" in str(field.get("aria-describedby"))
    assert kept(page, {**ANSWERS, "what_happened": " \n"}) and page.fields["code"] == hidden["code"]
    assert page.html.index('class="errors"') < page.html.index("<h1>")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"cause": "meteor"}, 400),
        ({"who": "壊れた\ufffd文字"}, 400),
        ({"evidence": "あ" * (MAX_TEXT + 1)}, 413),
        ({"surprise": "?"}, 400),
    ],
)
def test_bad_answers_keep_the_rest(
    world: World, client: CheckedClient, change: dict[str, Any], status: int
) -> None:
    hidden = client.form()
    page = client.report(hidden, **{**ANSWERS, **change})
    assert page.status == status and stored(world) == 0
    expected = {**ANSWERS, **{name: text for name, text in change.items() if name in ANSWERS}}
    del expected["cause"]
    assert kept(page, expected) and page.fields["code"] == hidden["code"]
    assert page.title.startswith("エラー：")


def test_text_at_the_limit_is_taken(world: World, client: CheckedClient) -> None:
    assert client.report(what_happened="\U0001f4e6" * MAX_TEXT).status == 200
    assert len(open_as(world.auditors[0], envelopes(world)[0][1].raw).payload["what_happened"]) == MAX_TEXT


def test_text_that_grows_beyond_the_envelope_is_too_long(world: World, client: CheckedClient) -> None:
    """U+1D160 becomes three characters in normal form C: 1.2 MB of them do not fit an envelope."""
    page = client.report(what_happened="\U0001d160" * MAX_TEXT)
    assert page.status == 413 and page.fields["what_happened"] == "\U0001d160" * MAX_TEXT


@pytest.mark.parametrize("exclude", ["zz", "ab" * 16, "A" * 32, "../etc/passwd", "0" * 31])
def test_malformed_choice_is_refused(world: World, client: CheckedClient, exclude: str) -> None:
    page = client.report(exclude=[exclude], **ANSWERS)
    assert page.status == 400 and kept(page, ANSWERS) and stored(world) == 0


def test_field_that_came_twice_is_not_cut(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    page = client.post("report", [*hidden.items(), ("what_happened", "一つ"), ("what_happened", "二つ")])
    assert page.status == 400 and stored(world) == 0
    assert page.fields["what_happened"] == "一つ\n二つ"


@pytest.mark.parametrize(
    "typed", ["\n先頭の改行", "<script>alert(1)</script>", '"><b>', "{{ 7*7 }}", "</textarea>"]
)
def test_what_was_typed_comes_back_as_it_was(client: CheckedClient, typed: str) -> None:
    page = client.report(what_happened="", who=typed, where=typed.strip())
    (area,) = page.all("textarea", id="who")
    assert "".join(area.itertext()) == typed
    (line,) = page.all("input", id="where")
    assert line.get("value") == typed.strip()


def test_control_characters_are_taken_out(world: World, client: CheckedClient) -> None:
    assert client.report(what_happened="a\x00b\x1b[31mc\x07").status == 200
    assert open_as(world.auditors[0], envelopes(world)[0][1].raw).payload["what_happened"] == "ab[31mc"


@pytest.mark.parametrize("missing", [("code",), ("csrf_token",), ("code", "csrf_token")])
def test_form_without_its_hidden_fields_gets_new_ones(
    world: World, client: CheckedClient, missing: tuple[str, ...]
) -> None:
    hidden = client.form()
    page = client.report({name: value for name, value in hidden.items() if name not in missing}, **ANSWERS)
    assert page.status == 400 and stored(world) == 0 and kept(page, ANSWERS)
    fields = page.fields
    assert fields["code"] != hidden["code"]
    again = client.report({name: fields[name] for name in ("code", "csrf_token")}, **ANSWERS)
    assert again.status == 200 and again.code == fields["code"]


def test_own_code_is_refused(world: World, client: CheckedClient) -> None:
    """A foreign page can't make somebody report under a code that it knows."""
    hidden = client.form()
    mine = format_code(new_code())
    page = client.report({**hidden, "code": mine}, **ANSWERS)
    assert page.status == 400 and stored(world) == 0 and kept(page, ANSWERS)
    assert page.fields["code"] not in (mine, hidden["code"])


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_can_not_send_a_form_of_ours(world: World, client: CheckedClient, site: str) -> None:
    """It could have got a real form, with a code that it knows: the page that answers would carry that code on."""
    hidden = client.form()
    code = client.report(**ANSWERS).code
    foreign = {"headers": {"Sec-Fetch-Site": site}}
    for path, form in (("report", hidden), ("report", hidden | ANSWERS), ("status", {"code": code})):
        page = client.fetch("POST", path, data=form, **foreign)
        assert page.status == 403 and stored(world) == 1
        assert not set(form.values()) & set(page.html.split()) and form["code"] not in page.html
    own = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    assert client.fetch("POST", "report", data=hidden | ANSWERS, **own).status == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost:8443", 403),
        ("http://[::1", 403),
        ("file://", 403),
        ("", 403),
        ("null", 200),
        ("http://localhost", 200),
        ("https://LOCALHOST:443", 200),
    ],
)
def test_of_browsers_without_fetch_site_the_origin_counts(
    world: World, client: CheckedClient, origin: str, status: int
) -> None:
    """Taken as one bit; with "null" our own pages send, since they tell nobody where they are."""
    page = client.fetch("POST", "report", data=client.form() | ANSWERS, headers={"Origin": origin})
    assert page.status == status and stored(world) == (status == 200)
    told = client.fetch(
        "POST", "status", data={"code": "0"}, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    )
    assert told.status != 403, "a browser that says that it is our own page is believed"


def test_characters_that_may_not_stand_in_a_page_do_not(client: CheckedClient) -> None:
    """Typed or sent by a program: whatever page comes back is HTML (the client checks), with the rest of the text."""
    text = "一\x01二\x0b\x7f\x85\ufdd0\ufffe\U0001ffff三"
    page = client.report({**client.form(), "csrf_token": text}, what_happened=text)
    assert page.status == 400 and "三" in page.fields["what_happened"]
    pages = [page, client.fetch("POST", "status", data={"code": text}), client.report(what_happened=text)]
    for one in pages:
        assert "\x01" not in one.html and "\x85" not in one.html and "\ufffe" not in one.html
    assert pages[2].status == 200


def test_token_of_another_site_is_refused(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    index = derive(parse_code(hidden["code"]), world.salt).index
    forged = tokens.write_form_token(b"x" * 32, index, tokens.new_form_token(world.day))
    assert client.report({**hidden, "csrf_token": forged}, **ANSWERS).status == 400
    assert stored(world) == 0


def test_old_form_is_shown_again_with_its_code(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    world.day += timedelta(days=4)
    page = client.report(hidden, **ANSWERS)
    assert page.status == 400 and kept(page, ANSWERS) and stored(world) == 0
    fields = page.fields
    assert fields["code"] == hidden["code"] and fields["csrf_token"] != hidden["csrf_token"]
    again = client.report({name: fields[name] for name in ("code", "csrf_token")}, **ANSWERS)
    assert again.status == 200 and again.code == hidden["code"]


def test_form_is_good_for_three_days(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    world.day += timedelta(days=3)
    assert client.report(hidden, **ANSWERS).status == 200


def test_old_form_of_a_stored_report_stays_a_repeat(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    client.report(hidden, **ANSWERS)
    world.day += timedelta(days=9)
    fields = client.report(hidden, **ANSWERS).fields
    page = client.report({name: fields[name] for name in ("code", "csrf_token")}, **ANSWERS)
    assert "すでに受け付けています" in page.text and stored(world) == 1


def test_a_repeat_is_answered_after_a_commit_of_its_own(world: World, client: CheckedClient) -> None:
    """A crash can leave a row that is seen and not on disk, or not with the standby; looking at it makes it neither."""

    def commits() -> int:
        return int(control.execute("PRAGMA data_version").fetchone()[0])

    hidden = client.form()
    with sqlite3.connect(f"file:{world.engine.url.database}?mode=ro", uri=True) as control:
        client.report(hidden, **ANSWERS)
        before = commits()
        assert "すでに受け付けています" in client.report(hidden, **ANSWERS).text
        assert commits() > before
        before = commits()
        client.form()  # the control: a page that only reads
        assert commits() == before
    control.close()


def test_code_that_was_given_up_gets_a_new_one(world: World, client: CheckedClient) -> None:
    from sqlalchemy import update

    from store import tables as t

    hidden = client.form()
    client.report(hidden, **ANSWERS)
    with db.writing(world.engine) as conn:
        conn.execute(update(t.code).values(ended_day=world.day))
    page = client.report(hidden, **ANSWERS)
    assert page.status == 400 and kept(page, ANSWERS) and page.fields["code"] != hidden["code"]
    fields = page.fields
    again = client.report({name: fields[name] for name in ("code", "csrf_token")}, **ANSWERS)
    assert again.status == 200 and stored(world) == 2
