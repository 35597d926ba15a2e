"""The channels outside: complete, sourced, dated, official."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from importlib.resources import files

import pytest

from cases.contacts import Contact, ContactError, contact, contacts, due_for_review, parse_contacts
from cases.law import DATA_LANGUAGES, EASY
from portal.labels import furigana

RAW = files("cases.data").joinpath("contacts.toml").read_text(encoding="utf-8")


def texts(one: Contact) -> Iterator[tuple[str, dict[str, str]]]:
    for field in fields(one):
        value = getattr(one, field.name)
        if hasattr(value, "keys"):
            yield field.name, dict(value)


def test_the_agencys_consultation_dial_is_whole() -> None:
    dial = contact("caa_consult_dial")
    assert dial.kind == "advice"
    assert dial.phone == ("03-3507-9262",)
    assert (
        dial.hours is not None
        and dial.hours["ja"] == "平日 9:30–12:30、13:30–17:30（土日祝日・年末年始を除く）"
    )
    assert "9:30–12:30 and 13:30–17:30" in dial.hours["en"]
    assert dial.does_not_do["ja"].startswith("個別の通報は受け付けていません")
    assert "does not take individual reports" in dial.does_not_do["en"]
    assert "録音" in dial.does_not_do["ja"] and "recorded" in dial.does_not_do["en"]
    assert dial.how is not None and "匿名" in dial.how["ja"] and "need not give your name" in dial.how["en"]
    assert dial.url.startswith("https://www.caa.go.jp/") and dial.url in dial.source_url
    assert dial.confidence == "verified_official_text" and dial.checked == date(2026, 11, 23)


def test_the_commissions_desk_shows_no_telephone_number() -> None:
    desk = contact("ppc_whistleblow")
    assert desk.kind == "report" and desk.phone == ()
    assert desk.address is not None and "100-0013" in desk.address["ja"] and "100-0013" in desk.address["en"]
    assert desk.caution is not None
    assert desk.url == "https://www.ppc.go.jp/application/internalreport"


def test_the_number_of_a_page_operator_is_nowhere() -> None:
    everything = RAW + repr(contacts())
    for spelling in ("0120-239-743", "0120239743", "0120－239－743", "0120 239 743", "239-743"):
        assert spelling not in everything


@pytest.mark.parametrize("one", contacts(), ids=lambda one: one.id)
def test_every_contact_has_its_source_and_the_day_it_was_checked(one: Contact) -> None:
    assert all(url.startswith("https://") for url in one.source_url)
    assert one.source_url or (one.confidence == "secondary" and one.source_note is not None)
    assert one.checked <= date(2026, 11, 27) < one.review_by


def test_only_secondary_doors_lack_an_official_source() -> None:
    assert {one.id for one in contacts() if not one.source_url} == {"emergency", "freelance_110"}


def test_what_may_not_be_shown_is_not_there() -> None:
    left_out = {
        "labour_hotline",
        "human_rights_110",
        "fresc",
        "chiba_bar",
        "kyoto_bar",
        "caa_authority_finder",
    }
    assert not left_out & {one.id for one in contacts()}
    numbers = {one.id: one.phone for one in contacts() if one.phone}
    assert numbers == {
        "caa_consult_dial": ("03-3507-9262",),
        "emergency": ("110", "119"),
        "police_9110": ("#9110",),
        "ppc_appi_dial": ("03-6457-9849",),
        "houterasu_multilingual": ("0570-078377", "050-3754-5430"),
    }


@pytest.mark.parametrize("one", contacts(), ids=lambda one: one.id)
def test_every_text_is_in_both_languages_and_on_one_line(one: Contact) -> None:
    named = dict(texts(one))
    assert {"name", "scope", "does_not_do"} <= set(named)
    for text in named.values():
        assert set(text) - {EASY} == set(DATA_LANGUAGES)
        for sentence in text.values():
            assert sentence == sentence.strip() and "\n" not in sentence and "  " not in sentence
        assert text["ja"] != text["en"] and not text["en"].isspace()


@pytest.mark.parametrize("one", contacts(), ids=lambda one: one.id)
def test_plain_japanese_of_every_contact(one: Contact) -> None:
    """What a desk does, does not do and how is there in plain Japanese, with the same numbers and hours."""
    for name, text in texts(one):
        if name == "name":
            continue
        plain = furigana.plain(text.get(EASY, ""))
        assert " " in plain and plain != text["ja"], name
        if name == "hours":
            assert times(plain) == times(text["ja"])
            continue
        assert re.findall(r"#?[0-9]+[0-9:–]*", plain) == re.findall(r"#?[0-9]+[0-9:–]*", text["ja"]), name


def times(text: str) -> list[int]:
    """Return the times of a text in minutes of the day; plain Japanese counts twelve hours (午後1:30)."""
    found = re.findall(r"(午後)?([0-9]+):([0-9]{2})", text)
    return [(int(hour) + 12 * bool(after)) * 60 + int(minute) for after, hour, minute in found]


@pytest.mark.parametrize("one", contacts(), ids=lambda one: one.id)
def test_the_english_is_english(one: Contact) -> None:
    for _name, text in texts(one):
        foreign = [char for char in text["en"].replace("「公益通報」", "") if ord(char) > 0x2FFF]
        assert not foreign


def test_what_is_due_for_review() -> None:
    assert due_for_review(date(2026, 11, 30)) == ()
    # The Commission's desk was read as it was before the amendment.
    assert {one.id for one in due_for_review(date(2026, 12, 1))} == {"ppc_whistleblow"}
    assert {one.id for one in due_for_review(date(2027, 1, 17))} == {
        "ppc_whistleblow",
        "ppc_appi_dial",
        "ppc_delegation_list",
    }
    assert len(due_for_review(date(2027, 6, 1))) == len(contacts())


def test_the_bars_and_the_freelancers_desks_by_their_own_pages() -> None:
    assert contact("osaka_bar").url == "https://soudan.osakaben.or.jp/field/report/"
    assert contact("aichi_bar").url == "https://aiben-koueki.jp/"
    desks = contact("freelance_act_desks")
    assert (
        "労働局" in desks.name["ja"]
        and "公正取引委員会" in desks.name["ja"]
        and "中小企業庁" in desks.name["ja"]
    )
    assert desks.kind == "freelance" and not desks.phone


def test_only_doors_whose_hours_were_seen_say_whether_they_are_open() -> None:
    counted = {one.id for one in contacts() if one.open is not None}
    assert counted == {"caa_consult_dial", "ppc_appi_dial", "houterasu_multilingual"}
    assert all(one.confidence != "secondary" for one in contacts() if one.hours is not None)


def test_an_unknown_contact_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        contact("none")


ONE = """
[[contact]]
id = "x"
kind = "advice"
confidence = "partly_verified"
phone = ["03-0000-0000"]
url = "https://www.example.go.jp/"
source_url = ["https://www.example.go.jp/"]
checked = 2026-11-23
name = { ja = "名", en = "name" }
scope = { ja = "範囲", en = "scope" }
does_not_do = { ja = "しない", en = "does not" }
"""


def test_the_sample_below_is_right() -> None:
    assert parse_contacts(ONE)[0].phone == ("03-0000-0000",)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("checked = 2026-11-23", "", "no day it was checked"),
        ("checked = 2026-11-23", 'checked = "2026-11-23"', "no day it was checked"),
        ("checked = 2026-11-23", "checked = 2026-11-23T00:00:00Z", "no day it was checked"),
        ('source_url = ["https://www.example.go.jp/"]', "", "no source"),
        ('source_url = ["https://www.example.go.jp/"]', "source_url = [3]", "no usable source_url"),
        (
            'source_url = ["https://www.example.go.jp/"]',
            'source_url = ["https://mirror.example/"]',
            "official",
        ),
        ('\nurl = "https://www.example.go.jp/"', '\nurl = "http://www.example.go.jp/"', "official"),
        ('\nurl = "https://www.example.go.jp/"', '\nurl = "https://[go.jp"', "official"),
        ('\nurl = "https://www.example.go.jp/"', "", "official"),
        ("partly_verified", "not_verified", "may not be shown"),
        ("partly_verified", "secondary", "telephone number"),
        ("03-0000-0000", "0300000000", "another form"),
        ('kind = "advice"', 'kind = "gossip"', "no known kind"),
        ('id = "x"', "", "no usable id"),
        ('id = "x"', 'id = "X y"', "no usable id"),
        ('en = "scope"', 'en = " "', "lacks its scope"),
        (', en = "scope"', "", "lacks its scope"),
        ('scope = { ja = "範囲", en = "scope" }', "", "lacks its scope"),
        ("checked = ", "source_date = 2026\nchecked = ", "source date"),
        ("checked = ", 'fax = "03"\nchecked = ', "not known"),
        ("[[contact]]", "[[contacts]]", "nothing else"),
        ("[[contact]]", "[contact", "not valid TOML"),
    ],
)
def test_a_contact_that_breaks_a_rule_does_not_load(old: str, new: str, rule: str) -> None:
    assert old in ONE
    with pytest.raises(ContactError, match=rule):
        parse_contacts(ONE.replace(old, new, 1))


def test_an_id_stands_for_one_contact() -> None:
    with pytest.raises(ContactError, match="same id"):
        parse_contacts(ONE + ONE)
