"""Records among auditors are read strictly."""

from __future__ import annotations

import pytest
from hypothesis import given

from cases.case_fold import fold
from cases.records import FIELDS, BadRecord, Record, make, parse
from tests.cases.record_examples import GOOD, IDS, TRIGGERS, records, said


def test_every_type_has_an_example() -> None:
    assert set(GOOD) == set(FIELDS)


@pytest.mark.parametrize("type_", sorted(GOOD))
def test_a_good_record_is_read_as_it_is_written(type_: str) -> None:
    record = make(type_, **GOOD[type_])
    assert record.known and parse(record.as_json()) == record
    assert record.as_json() == {"type": type_, **GOOD[type_]}


@pytest.mark.parametrize("type_", sorted(GOOD))
def test_one_field_more_or_less_is_refused(type_: str) -> None:
    with pytest.raises(BadRecord, match="fields"):
        parse({"type": type_, **GOOD[type_], "more": 1})
    for name in GOOD[type_]:
        with pytest.raises(BadRecord, match="fields"):
            parse({"type": type_, **{key: value for key, value in GOOD[type_].items() if key != name}})


@pytest.mark.parametrize(
    ("type_", "field", "value"),
    [
        ("note", "text", ""),
        ("note", "text", " \n"),
        ("note", "text", "x" * 20_001),
        ("note", "text", 5),
        ("task", "task", IDS[0].upper().replace("0", "G")),
        ("task", "task", "00"),
        ("task", "due", "2026-02-30"),
        ("task", "due", "20261201"),
        ("task", "assignee", "taro"),
        ("task_done", "done", 1),
        ("task_done", "day", ""),
        ("label", "label", ""),
        ("label", "label", "x" * 41),
        ("label", "label", " x"),
        ("label", "label", "a\nb"),
        ("label", "label", "a\rb"),
        ("label", "label", "a\u2028b"),
        ("label", "label", "a\x1b[0mb"),
        ("label", "on", "yes"),
        ("owner", "person", None),
        ("severity", "severity", "worst"),
        ("cause", "cause", "fire"),
        ("link", "case", "../x"),
        ("link", "as", "twin"),
        ("title", "title", "x" * 81),
        ("title", "title", " x"),
        ("title", "title", "a\nb"),
        ("title", "title", None),
        ("panel", "records", []),
        ("panel", "records", {}),
        ("panel", "records", [{"type": "severity", "severity": "high"}] * 65),
        ("panel", "records", [{"type": "severity", "severity": "worst"}]),
        ("panel", "records", [{"type": "note", "text": "x"}]),
        ("panel", "records", [{"type": "step_back"}]),
        ("panel", "records", [{"type": "panel", "records": [{"type": "severity", "severity": ""}]}]),
        ("panel", "records", [{"type": "unheard", "x": 1}]),
        ("panel", "records", ["severity"]),
        ("step", "item", "Preserve"),
        ("step", "item", "a" * 65),
        ("step", "not_needed", "理由"),
        ("step", "not_needed", None),
        ("step", "not_needed", "x" * 20_001),
        ("breach", "entrusted", ""),
        ("breach", "entrusted", "maybe"),
        ("milestone", "what", "publication"),
        ("milestone", "plan", "soon"),
        ("milestone", "day", "2026-02-30"),
        ("milestone", "how", "x" * 20_001),
        ("decision", "sequence", 0),
        ("decision", "sequence", True),
        ("decision", "sequence", 2**32),
        ("decision", "reason", " "),
        ("breach", "aware", "yesterday"),
        ("breach", "aware", "9999-12-31"),
        ("breach", "aware", "1999-12-31"),
        ("breach", "triggers", {**TRIGGERS, "more": "no"}),
        ("breach", "triggers", {**TRIGGERS, "many": "maybe"}),
        ("breach", "triggers", {"many": "no"}),
        ("interview", "who", ""),
        ("interview", "day", "tomorrow"),
        ("interview", "held", 1),
        ("evidence", "hash", "A" * 42),
        ("evidence", "day", ""),
        ("evidence", "place", "a\nb"),
        ("conflict", "conflict", "yes"),
        ("category", "category", ""),
        ("category", "category", "gossip"),
        ("breach", "persons", -1),
        ("breach", "persons", True),
        ("breach", "persons", 10**11),
        ("breach_form", "stage", "second"),
        ("breach_form", "items", {"outline": ""}),
        ("breach_form", "items", {"tenth": "x"}),
        ("breach_reported", "day", "2026-13-01"),
        ("bring_back", "person", ""),
        ("access", "what", "on"),
        ("access", "target", "x"),
        ("access", "number", 0),
        ("access", "sig", "A" * 85 + "B"),
        ("access", "reason", " "),
        ("access_refused", "proposal", ""),
        ("export", "what", "docx"),
        ("export", "hash", "A" * 42),
        ("export", "hash", "A" * 42 + "B"),  # bits that no byte has
        ("deletion", "action", "delete"),
        ("deletion", "reason", 0),
    ],
)
def test_one_wrong_value_is_refused(type_: str, field: str, value: object) -> None:
    with pytest.raises(BadRecord) as found:
        parse({"type": type_, **GOOD[type_], field: value})
    assert (
        found.value.code == field
        and str(value)[:20] not in str(found.value).replace(field, "")
        or value == ""
    )


@pytest.mark.parametrize("found", [None, [], "note", {}, {"type": 5}, {"type": None}])
def test_what_is_no_record(found: object) -> None:
    with pytest.raises(BadRecord, match="type"):
        parse(found)


def test_a_type_of_another_version_is_kept() -> None:
    record = parse({"type": "vote", "yes": 3})
    assert not record.known and record.as_json() == {"type": "vote", "yes": 3}
    with pytest.raises(BadRecord):
        make("vote", yes=3)
    state = fold([said(record)])
    assert state.said == () and [reason for _one, reason in state.ignored] == ["unknown"]


@given(records)
def test_any_record_is_read_as_it_was_written(record: Record) -> None:
    assert parse(record.as_json()) == record
