"""Every role beside every act, and who counts for a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from cases import own_keys, retention, roles
from cases.roles import Role
from crypto import cards

AUDITOR, LEAD, OBSERVER, GUEST = Role
DAY = date(2028, 3, 1)
ME, OTHER, THIRD = b"1" * 16, b"2" * 16, b"3" * 16
FULL = [(DAY, True)] * own_keys.MOST_ACTIVE

# Act, and whether an auditor, a lead and an observer may do it.
MATRIX: dict[str, tuple[bool, bool, bool, bool]] = {
    "reads reports": (True, True, False, False),
    "reads statistics only": (False, False, True, False),
    "exports": (False, True, False, False),
    "sends statistics": (False, True, False, False),
    "retires the own key": (True, True, True, True),
    "retires another key": (False, True, False, False),
    "vouches for a key past the limit": (False, True, False, False),
    "hands over to an auditor": (True, True, False, False),
    "hands over to a lead": (True, True, False, False),
    "hands over to an observer": (False, False, False, False),
    "hands over to a guest": (False, False, False, False),
    "reads given cases": (False, False, False, True),
    "takes a case": (True, True, False, False),
    "takes a colleague's case": (True, True, False, False),
    "gives the own case up": (True, True, False, False),
    "takes the owner from a colleague's case": (False, True, False, False),
    "gives a case to a colleague": (False, True, False, False),
    "brings a colleague back": (False, True, False, False),
    "brings back who it is": (False, False, False, False),
    "deletes, settled": (True, True, False, False),
    "deletes, not settled": (False, False, False, False),
}


def may(role: str) -> dict[str, bool]:
    """Return what a role may do, by the names in MATRIX."""
    return {
        "reads reports": roles.reads_reports(role),
        "reads statistics only": roles.reads_statistics_only(role),
        "exports": roles.may_export(role),
        "sends statistics": roles.may_send_statistics(role),
        "retires the own key": roles.may_retire(role, is_own=True),
        "retires another key": roles.may_retire(role, is_own=False),
        "vouches for a key past the limit": not roles.vouching_limit(role, FULL, DAY),
        "hands over to an auditor": roles.may_hand_over(role, AUDITOR),
        "hands over to a lead": roles.may_hand_over(role, LEAD),
        "hands over to an observer": roles.may_hand_over(role, OBSERVER),
        "hands over to a guest": roles.may_hand_over(role, GUEST),
        "reads given cases": roles.reads_given_cases(role),
        "takes a case": roles.may_assign(role, ME, ME, None),
        "takes a colleague's case": roles.may_assign(role, ME, ME, OTHER),
        "gives the own case up": roles.may_assign(role, ME, None, ME),
        "takes the owner from a colleague's case": roles.may_assign(role, ME, None, OTHER),
        "gives a case to a colleague": roles.may_assign(role, ME, OTHER, ME),
        "brings a colleague back": roles.may_bring_back(role, ME, OTHER),
        "brings back who it is": roles.may_bring_back(role, ME, ME),
        "deletes, settled": roles.may_delete(role, settled=True),
        "deletes, not settled": roles.may_delete(role, settled=False),
    }


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("spelled", [str, lambda text: text], ids=["text", "member"])
def test_each_role_may_do_what_the_table_says(place: int, spelled: type[str]) -> None:
    role = spelled((AUDITOR, LEAD, OBSERVER, GUEST)[place])
    assert may(role) == {act: row[place] for act, row in MATRIX.items()}


def test_the_roles_are_those_of_cards() -> None:
    assert tuple(Role) == cards.DUTIES
    assert (Role.LEAD, Role.OBSERVER, Role.GUEST) == (cards.LEAD, cards.OBSERVER, cards.GUEST)


@pytest.mark.parametrize(
    ("role", "left", "last"),
    [
        (LEAD, [], True),
        (LEAD, [OBSERVER], True),
        (LEAD, [AUDITOR], True),
        (LEAD, [AUDITOR, OBSERVER], True),
        (LEAD, [LEAD], False),
        (LEAD, [AUDITOR, LEAD], False),
        (AUDITOR, [], True),
        (AUDITOR, [OBSERVER, OBSERVER], True),
        (AUDITOR, [AUDITOR], False),
        (AUDITOR, [LEAD], False),
        (OBSERVER, [], False),
        (GUEST, [], False),
        (AUDITOR, [GUEST], True),
        (OBSERVER, [OBSERVER], False),
        (OBSERVER, [LEAD], False),
    ],
)
def test_a_reader_stays_and_a_lead_after_a_lead(role: Role, left: Sequence[Role], last: bool) -> None:
    assert roles.is_last(role, left) is last
    assert roles.is_last(role, [other.value for other in left]) is last


@pytest.mark.parametrize(
    ("ages", "at_report", "settled"),
    [
        ([], [ME], False),
        ([0], [], False),
        ([0], [OTHER], False),
        ([29], [THIRD], False),
        ([30], [], True),
        ([29, 31], [], True),
        ([0], [ME], True),
        ([0, 0], [OTHER], True),
        ([-1], [], False),
    ],
)
def test_who_is_settled(ages: list[int], at_report: list[bytes], settled: bool) -> None:
    keys = {key: DAY - timedelta(days=age) for key, age in zip((ME, OTHER), ages, strict=False)}
    assert roles.is_settled(keys, at_report, DAY) is settled


def test_a_key_enrolled_after_a_proposal_never_agrees_to_it() -> None:
    """The two terms are one number: who settles by time alone finds each proposal before the enrolment lapsed."""
    enrolled = DAY + timedelta(days=1)
    for days in range(100):
        today = DAY + timedelta(days=days)
        assert not (roles.is_settled({ME: enrolled}, (), today) and retention.stands(DAY, today))
