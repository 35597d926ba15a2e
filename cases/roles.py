"""Permissions: one copy of each rule on roles, for the server and for the desk. Pure: a day is an argument.

`role` is what the list of auditors says of a key (a card's `duty`, docs/format.md, 1.3): one of `Role`, or its text.

Who may vouch for which card, and who may sign whose retirement in the list, is not in here. The list itself holds to
that, at each place of the sequence (`crypto.listing.Listing.check_duty` and `check`): server, desk and the reporter's
page all refuse a list that breaks it, and `crypto` imports nothing of ours. What is here goes beyond the list: what an
act needs before it is signed or stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from cases import retention
from cases.own_keys import own_limit

SETTLED_DAYS: Final = retention.PROPOSAL_DAYS
"""After so many days an enrolled key counts for a deletion: none that was enrolled on a day after a proposal can agree
to it, for it has lapsed by then."""


class Role(StrEnum):
    """The role of a key's holder. The values are those of a card's `duty`."""

    AUDITOR = "auditor"
    LEAD = "lead"
    OBSERVER = "observer"
    GUEST = "guest"


def reads_reports(role: str) -> bool:
    """Tell whether reports are sealed to this role, and its records, answers and statuses count."""
    return role in (Role.AUDITOR, Role.LEAD)


def reads_given_cases(role: str) -> bool:
    """Tell whether this role reads single cases alone, which two persons gave it: no report is sealed to it, and of its
    records only notes count."""
    return role == Role.GUEST


def reads_statistics_only(role: str) -> bool:
    """Tell whether this role gets statistics from a lead, and nothing else."""
    return role == Role.OBSERVER


def may_hand_over(role: str, to: str) -> bool:
    """Tell whether a role may give all that came before to a key with the role `to`: both read reports."""
    return reads_reports(role) and reads_reports(to)


def may_export(role: str) -> bool:
    """Tell whether this role may take a case, or the list of all cases, out of the desk."""
    return role == Role.LEAD


def may_edit_register(role: str) -> bool:
    """Tell whether this role's templates and persons in charge count, and its changes of what others wrote."""
    return role == Role.LEAD


def may_send_statistics(role: str) -> bool:
    """Tell whether this role may seal statistics to observers."""
    return role == Role.LEAD


def may_change_policy(role: str) -> bool:
    """Tell whether this role may sign whose cosignatures of the log count from then on."""
    return role == Role.LEAD


def may_assign(role: str, person: bytes, to: bytes | None, owner: bytes | None) -> bool:
    """Tell whether a person may make `to` (None: no person) the owner of a case, whose owner is `owner` so far.

    A lead gives it to any person; every reader may take it, and give the own one up.
    """
    may_take = to == person or (to is None and owner == person)
    return role == Role.LEAD or (reads_reports(role) and may_take)


def may_bring_back(role: str, person: bytes, recused: bytes) -> bool:
    """Tell whether a person may end the recusal of `recused`: a lead, who is another person."""
    return role == Role.LEAD and person != recused


def vouching_limit(role: str, keys: Sequence[tuple[date, bool]], today: date) -> str:
    """Return what keeps a voucher from one more key for a person: "own_keys", "own_cards", or "" for nothing.

    `role`: the voucher's; a lead's word has no limit. `keys`: as of `cases.own_keys.own_limit`, the person's.
    """
    return "" if role == Role.LEAD else own_limit(keys, today)


def may_retire(role: str, is_own: bool) -> bool:
    """Tell whether this role may retire a key. `is_own`: it is the key that signs."""
    return is_own or role == Role.LEAD


def is_last(role: str, left: Collection[str]) -> bool:
    """Tell whether a key can't be retired because it is the last reader's, or the last lead's.

    `role`: of the key. `left`: the roles of all other keys that are not retired.
    """
    if not reads_reports(role):
        return False
    return not any(map(reads_reports, left)) or (role == Role.LEAD and Role.LEAD not in left)


def is_settled(keys: Mapping[bytes, date], at_report: Collection[bytes], day: date) -> bool:
    """Tell whether a person counts as one of the two who delete a case.

    A newly enrolled key may be its voucher's own under another name. So the person has a slot in the case's report, or
    has been enrolled for SETTLED_DAYS. `keys`: all keys that the person ever had, with the day of enrolment;
    `at_report`: the key ids of the report's slots.
    """
    return not keys.keys().isdisjoint(at_report) or any(
        (day - since).days >= SETTLED_DAYS for since in keys.values()
    )


def may_delete(role: str, settled: bool) -> bool:
    """Tell whether this role may propose a deletion or agree to one (to agree: `retention.may_agree` too)."""
    return reads_reports(role) and settled
