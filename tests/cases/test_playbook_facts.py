"""What a case shows of its playbook by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cases import breach, playbook_facts, playbooks
from cases.case_fold import fold
from cases.case_state import AuthoredRecord, CaseState
from cases.playbook_facts import ShownByCase
from cases.records import make
from cases.status import Step

DAY = date(2026, 11, 23)
PERSON = b"p" * 16


def said(type_: str, **fields: object) -> AuthoredRecord:
    return AuthoredRecord(bytes(16), PERSON, PERSON, "lead", DAY, make(type_, **fields))


def leak(
    many: str = "yes", aware: str = "", persons: int | None = None, entrusted: str = "unknown"
) -> AuthoredRecord:
    rest = "no" if many != "unknown" else "unknown"
    triggers = {**dict.fromkeys(breach.TRIGGER_IDS, rest), "many": many}
    return said("breach", aware=aware, triggers=triggers, persons=persons, entrusted=entrusted)


def milestone(what: str, plan: str = "", day: str = "") -> AuthoredRecord:
    return said("milestone", what=what, plan=plan, day=day, how="")


OWNER = [said("owner", person=PERSON.hex()), said("severity", severity="high")]
REFUSED = Step("not_investigating", DAY)
INVESTIGATING, CORRECTED = Step("investigating", DAY), Step("corrected", DAY + timedelta(days=9))
LATER = DAY + timedelta(days=9)

SHOWN: dict[str, tuple[dict[str, Any], dict[str, ShownByCase]]] = {
    "nothing": ({}, {}),
    "an owner alone": ({"records": OWNER[:1]}, {}),
    "owner and severity": ({"records": OWNER}, {"owner_named": ShownByCase("owner")}),
    "a reply": (
        {"replies": [LATER, DAY]},
        {"acknowledged": ShownByCase("reply", DAY)},
    ),
    "a decision": (
        {"steps": [INVESTIGATING]},
        {"acknowledged": ShownByCase("status", DAY), "decided": ShownByCase("status", DAY)},
    ),
    "not investigated without a word": (
        {"steps": [REFUSED]},
        {"acknowledged": ShownByCase("status", DAY)},
    ),
    "not investigated, with a word before it alone": (
        {"steps": [REFUSED], "replies": [DAY - timedelta(days=1)]},
        {"acknowledged": ShownByCase("reply", DAY - timedelta(days=1))},
    ),
    "not investigated, with the word": (
        {"steps": [REFUSED], "replies": [DAY]},
        {"acknowledged": ShownByCase("reply", DAY), "decided": ShownByCase("reply", DAY)},
    ),
    "a result without a word after it": (
        {"steps": [INVESTIGATING, CORRECTED], "replies": [DAY]},
        {"acknowledged": ShownByCase("reply", DAY), "decided": ShownByCase("status", DAY)},
    ),
    "a result with a word": (
        {"steps": [INVESTIGATING, CORRECTED], "replies": [DAY, LATER]},
        {
            "acknowledged": ShownByCase("reply", DAY),
            "decided": ShownByCase("status", DAY),
            "result_told": ShownByCase("result", LATER),
        },
    ),
    "unanswered questions": ({"records": [leak("unknown")]}, {}),
    "the day of awareness": (
        {"records": [leak("unknown", aware="2026-11-20")]},
        {"aware_day": ShownByCase("aware", date(2026, 11, 20))},
    ),
    "answered questions": ({"records": [leak()]}, {"triggers_answered": ShownByCase("triggers")}),
    "how many alone": ({"records": [leak(persons=2400)]}, {"triggers_answered": ShownByCase("triggers")}),
    "how many and which": (
        {"records": [leak(persons=2400), said("breach_form", stage="final", items={"data": "氏名"})]},
        {"triggers_answered": ShownByCase("triggers"), "scope": ShownByCase("scope")},
    ),
    "nothing to report": (
        {"records": [leak("no", entrusted="no")]},
        {
            "triggers_answered": ShownByCase("triggers"),
            "preliminary_sent": ShownByCase("not_reportable"),
            "persons_told": ShownByCase("not_reportable"),
            "final_sent": ShownByCase("not_reportable"),
            "processor": ShownByCase("not_entrusted"),
        },
    ),
    "told the company that entrusted it": (
        {"records": [leak(entrusted="yes"), milestone("principal", day="2026-11-22")]},
        {
            "triggers_answered": ShownByCase("triggers"),
            "processor": ShownByCase("told", date(2026, 11, 22)),
            "preliminary_sent": ShownByCase("relieved"),
            "persons_told": ShownByCase("relieved"),
            "final_sent": ShownByCase("relieved"),
        },
    ),
    "reports handed in, persons told": (
        {
            "records": [
                said("breach_reported", stage="preliminary", day="2026-11-22"),
                milestone("persons", day="2026-11-23"),
            ]
        },
        {
            "preliminary_sent": ShownByCase("reported", date(2026, 11, 22)),
            "persons_told": ShownByCase("told", DAY),
        },
    ),
    "planned, not told": ({"records": [milestone("persons", plan="2026-11-23")]}, {}),
    "a day to look again": (
        {"records": [milestone("follow_up", plan="2027-02-01")]},
        {"checked_later": ShownByCase("planned", date(2027, 2, 1))},
    ),
}


@pytest.mark.parametrize("what", SHOWN)
def test_what_a_case_shows(what: str) -> None:
    given, wanted = SHOWN[what]
    state = fold(given.get("records", []))
    assert playbook_facts.shown(state, given.get("steps", []), given.get("replies", [])) == wanted


def test_every_item_and_every_source_is_there() -> None:
    shown = [item for _given, wanted in SHOWN.values() for item in wanted.items()]
    assert {item for item, _why in shown} <= {item.id for item in playbooks.items()}
    assert {why.source for _item, why in shown} == set(playbook_facts.SOURCES)
    assert {why.source for _item, why in shown if not why.is_needed} == {
        "not_reportable",
        "not_entrusted",
        "relieved",
    }


def test_no_case_shows_all_of_it() -> None:
    """What only people can judge stays theirs: nobody looks for the reporter, evidence is secured."""
    assert not {"read_alone", "no_search", "conflict", "preserve", "contain"} & set(
        playbook_facts.shown(CaseState(), [INVESTIGATING, CORRECTED], [DAY, LATER])
    )
