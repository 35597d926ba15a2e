"""The operator's own contacts: strict, and every fault named with its line."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.contacts import contacts
from cases.own_contacts import OwnContactsError, parse
from cases.routing import Answers, route

TODAY = date(2026, 11, 23)
GOOD = """# Own contacts

[[contact]]
id = "counsel"
kind = "lawyer"
phone = ["03-1234-5678", "+81-3-1234-5678"]
url = "https://www.example.com/line"
checked = 2026-11-20
valid_to = 2026-11-23
name = { ja = "外部の弁護士", en = "Outside counsel" }
scope = { ja = "通報の相談", en = "Advice on reports" }
does_not_do = { ja = "会社の代理", en = "Act for the company" }

[[contact]]
id = "union"
kind = "labour"
phone = ["0120-111-222"]
checked = 2026-11-20

[contact.name]
ja = "労働組合"
en = "Union"

[contact.scope]
ja = "仕返しの相談"
en = "Advice on retaliation"

[contact.does_not_do]
ja = "通報の受付"
en = "Take reports"

[contact.hours]
ja = "平日 9:00–17:00"
en = "Weekdays 9:00–17:00"

[contact.open]
days = ["mon", "tue", "wed", "thu", "fri"]
spans = ["09:00-17:00"]
closed_on_holidays = true
"""


def test_right_contacts_are_read() -> None:
    counsel, union = parse(GOOD, TODAY)
    assert (counsel.id, counsel.kind, counsel.phone[0]) == ("own_counsel", "lawyer", "03-1234-5678")
    assert counsel.confidence == "operator" and counsel.source_url == () and counsel.source_note is not None
    assert counsel.valid_to == TODAY and counsel.review_by == counsel.checked + timedelta(days=183)
    assert union.open is not None and union.hours is not None and union.url == ""
    assert parse("", TODAY) == () and parse("# nothing yet\n", TODAY) == ()


def test_they_are_a_door_of_the_guide() -> None:
    channels = {one.kind: one for one in route(Answers(), TODAY, True, (*contacts(), *parse(GOOD, TODAY)))}
    assert channels["own"].contact_ids == ("own_counsel", "own_union")


# What is written instead of what, the line that is named, and what is said of it.
FAULTS = [
    ('"0120-111-222"', '"0120111222"', 17, "contact union: has a phone number"),
    ('"0120-111-222"', '"0120-11-222"', 17, "phone number"),
    ('"0120-111-222"', '"+81-0-1"', 17, "phone number"),
    ('["0120-111-222"]', '"0120-111-222"', 17, "as a list"),
    ('phone = ["0120-111-222"]\n', "", 15, "neither a phone number nor a url"),
    ('\nen = "Union"', "", 20, "lacks its name in en"),
    ('en = "Union"', 'en = " "', 20, "lacks its name in en"),
    ('en = "Union"', 'en = "Uni\\u202eon"', 20, "lacks its name in en"),
    ('en = "Union"', f'en = "{"x" * 501}"', 20, "lacks its name in en"),
    ('en = "Union"', 'en = "Union"\nfr = "Syndicat"', 20, "language of name"),
    (', en = "Advice on reports"', "", 11, "contact counsel: lacks its scope in en"),
    ('does_not_do = { ja = "会社の代理", en = "Act for the company" }', "", 3, "needs does_not_do"),
    ("valid_to = 2026-11-23", "valid_to = 2026-11-22", 9, "contact counsel: has expired on 2026-11-22"),
    ("valid_to = 2026-11-23", 'valid_to = "2027-01-01"', 9, "needs a day"),
    ("checked = 2026-11-20\nvalid_to", "valid_to", 3, "needs a day"),
    ("checked = 2026-11-20\nvalid_to", "checked = 2026-11-24\nvalid_to", 8, "still to come"),
    ('kind = "lawyer"', 'kind = "gossip"', 5, "needs a kind"),
    ('id = "counsel"', "", 3, "a contact: needs an id"),
    ('id = "counsel"', 'id = "Own Counsel"', 4, "needs an id"),
    ('id = "union"', 'id = "counsel"', 14, "there twice"),
    ("https://www.example.com/line", "http://www.example.com/line", 7, "no https address"),
    ("https://www.example.com/line", "https://user@www.example.com/", 7, "no https address"),
    ("https://www.example.com/line", "https://[x", 7, "no https address"),
    ("https://www.example.com/line", "https://localhost/", 7, "no https address"),
    ('kind = "lawyer"', 'kind = "lawyer"\nfax = "03"', 6, "not known: fax"),
    ('spans = ["09:00-17:00"]', 'spans = ["9-17"]', 36, "hours are written"),
    ('en = "Union"', 'en = """Union"""', 22, "one line"),
]


@pytest.mark.parametrize(("old", "new", "line", "rule"), FAULTS)
def test_a_fault_is_named_with_its_line(old: str, new: str, line: int, rule: str) -> None:
    assert old in GOOD
    with pytest.raises(OwnContactsError, match=rule) as refused:
        parse(GOOD.replace(old, new, 1), TODAY)
    assert str(refused.value).startswith(f"line {line}: ")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[[contact]\n", "not valid TOML.*line 1"),
        ("[[contacts]]\nid = 1\n", "nothing else"),
        ("contact = 3\n", "nothing else"),
        ("contact = [{ id = 'x' }]\n", "nothing else"),
        ("title = 'x'\n" + GOOD, "nothing else"),
    ],
)
def test_another_file_is_refused(text: str, rule: str) -> None:
    with pytest.raises(OwnContactsError, match=rule):
        parse(text, TODAY)


def test_hours_to_count_with_need_hours_to_read() -> None:
    text = GOOD.replace('[contact.hours]\nja = "平日 9:00–17:00"\nen = "Weekdays 9:00–17:00"\n', "")
    with pytest.raises(OwnContactsError, match="none to read"):
        parse(text, TODAY)


def test_lines_are_counted_as_an_editor_on_any_system_counts_them() -> None:
    assert len(parse(GOOD.replace("\n", "\r\n"), TODAY)) == 2
    odd = GOOD.replace("Outside counsel", "Outside\u2028counsel").replace("0120-111-222", "0120")
    with pytest.raises(OwnContactsError, match=r"^line 10: "):
        parse(odd, TODAY)


@given(st.text(max_size=200))
def test_no_text_is_read_halfway(text: str) -> None:
    with suppress(OwnContactsError):
        assert parse(text, TODAY) == ()


@given(st.integers(-400, 400))
def test_an_entry_expires_after_its_last_day(days: int) -> None:
    today = TODAY + timedelta(days=days)
    if date(2026, 11, 20) <= today <= TODAY:
        assert len(parse(GOOD, today)) == 2
    else:
        with pytest.raises(OwnContactsError, match="expired|still to come"):
            parse(GOOD, today)
