"""Access to a case: changes in its answers, and changes that two auditors propose and agree to (docs/format.md, 2.16).

No Flask, no network, no disk in here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from admin.desk.casework.authors import Authors, auditor_of
from admin.desk.casework.case_entries import Entry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.rows import EnvelopeLine
from admin.desk.server.responses import SealedBytes
from cases import roles
from cases.case_state import AuthoredRecord
from crypto import access
from crypto.access import GIVEN, OFF, Access, AccessChange, SignedChange, person_of
from crypto.cards import Card
from crypto.encoding import b64d, hex_id
from crypto.envelope import Kind
from crypto.identity import Identity
from crypto.listing import signed_keys, signed_length
from crypto.unseal import Opened

Persons = Callable[[Opened], Iterable[bytes]]
"""Whom an envelope of the reporter's excludes."""


def access_of(
    envelopes: Sequence[EnvelopeLine],
    opened: Mapping[bytes, Opened | None],
    sealed: Mapping[bytes, SealedBytes],
    authors: Authors,
    excluded: Persons,
    is_late: Callable[[EnvelopeLine], bool],
) -> Access:
    """Return what the answers of a case changed about who reads it.

    Each is judged by what the reporter had said before it: an auditor who was excluded later had a word until then.
    `is_late`: tells of an answer that it names an older list than this desk knew before it came. Such a change counts
    for nothing here: with the server, persons whose keys were retired could take everybody else off.
    """
    exclude: frozenset[bytes] = frozenset()
    changes: list[SignedChange] = []
    late: list[AccessChange] = []
    heard = replace(authors, out=frozenset())
    for line in envelopes:
        content, bytes_ = opened.get(line.envelope_id), sealed.get(line.envelope_id)
        if content is None or bytes_ is None:
            continue
        if content is authors.report or line.envelope_id in authors.own:
            exclude |= frozenset(excluded(content))
        change = access.change_of(content.payload) if content.kind == Kind.TO_REPORTER else None
        author = auditor_of(line, content, bytes_.raw, heard) if change is not None else None
        if change is not None and author is not None and is_late(line):
            late.append(change)
            continue
        if change is not None and author is not None:
            slots, length = signed_keys(content.payload) or frozenset(), signed_length(content.payload)
            changes.append(SignedChange(line.envelope_id, change, author.key_id, slots, exclude, length))
    if not changes and not late:
        return access.NOTHING
    roster = authors.roster
    held = access.fold(
        authors.case_id, roster.cards, authors.at_report, changes, retired=roster.listing.retired_at
    )
    # The reporter's page may have taken them: the next change has a number above theirs.
    numbers = dict(held.numbers)
    for change in late:
        person = person_of(change, roster.by_key)
        if change.number <= numbers.get(person, 0) + access.MOST_AHEAD:
            numbers[person] = max(numbers.get(person, 0), change.number)
    return replace(held, numbers=numbers)


def deciders(case: OpenedCase, roster: SiteRoster) -> frozenset[bytes]:
    """Return the key ids that may be one of the two today: first readers, or later ones where too few are left."""
    held = case.access
    gone = roster.may_not_read(case.exclude, held.off.keys(), case.at_report)
    retired = roster.listing.retired_at
    may = access.deciders(roster.cards, case.at_report, gone, retired, roster.in_log)
    return (may & roster.sealed_to) - case.out(roster)


def first_readers_left(case: OpenedCase, roster: SiteRoster) -> bool:
    """Tell whether the first readers still decide, and not the later ones."""
    return deciders(case, roster) <= access.first_readers(roster.cards, case.at_report)


def without_gone(entries: Sequence[Entry], held: Access, roster: SiteRoster) -> list[Entry]:
    """Take as unverified what somebody signed behind the own removal, and what a guest signed ahead of being given."""
    counted = {signed.envelope_id: signed.change for signed in held.counted}
    gone: set[bytes] = set()
    given: set[bytes] = set()
    believed: list[Entry] = []
    for entry in entries:
        author = entry.author
        if author is not None and (
            author.person in gone
            or (roles.reads_given_cases(roster.role_of(author.key_id)) and author.key_id not in given)
        ):
            entry = replace(entry, verified=False, author=None, left=author)
        believed.append(entry)
        change = counted.get(entry.envelope_id)
        if change is not None and change.what == OFF:
            gone.add(change.target)
            given -= {key_id for key_id in given if roster.by_key[key_id].person == change.target}
        elif change is not None:
            gone.discard(person_of(change, roster.by_key))
            given.add(change.target)
    return believed


def unheard_of(
    envelopes: Sequence[EnvelopeLine],
    opened: Mapping[bytes, Opened | None],
    own: frozenset[bytes],
    held: Access,
) -> frozenset[bytes]:
    """Return the persons who are off and of whose removal no envelope of the reporter's shows that its page has it."""
    seen: set[str] = set()
    for line in envelopes:
        content = opened.get(line.envelope_id)
        listed = content.payload.get("seen") if content is not None and line.envelope_id in own else None
        seen.update(map(str, listed if isinstance(listed, list) else ()))
    last = {
        signed.change.target: signed.envelope_id
        for signed in held.counted
        if signed.change.what == OFF and held.off.get(signed.change.target) == signed.change.number
    }
    return frozenset(person for person, envelope_id in last.items() if hex_id(envelope_id) not in seen)


@dataclass(frozen=True)
class AccessProposal:
    """A change that waits for a second person. `person`: whom it is about; `card`: the newest of that person's, or the
    one that the case would be given to.
    """

    said: AuthoredRecord
    change: AccessChange
    person: bytes
    card: Card

    @property
    def is_removal(self) -> bool:
        """Tell whether the person would be taken off."""
        return self.change.what == OFF

    @property
    def envelope_id(self) -> bytes:
        """The id of the record that proposes it, 16 bytes."""
        return self.said.envelope_id


def proposals(case: OpenedCase, roster: SiteRoster) -> tuple[AccessProposal, ...]:
    """Return the changes that were proposed and wait for a second person: neither refused, nor overtaken."""
    waiting = []
    for said in case.state.access:
        record = said.record
        change = AccessChange(
            record["what"],
            bytes.fromhex(record["target"]),
            record["number"],
            said.author,
            b64d(record["sig"]),
        )
        person = person_of(change, roster.by_key)
        card = roster.by_key.get(change.target) if change.what == GIVEN else roster.newest_of(person)
        is_next = change.number == case.access.next_number(person)
        if (
            card is not None
            and is_next
            and roster.is_active(said.author)
            and said.author not in case.out(roster)
        ):
            waiting.append(AccessProposal(said, change, person, card))
    return tuple(waiting)


def new_change(
    case: OpenedCase, roster: SiteRoster, what: str, target: bytes, identity: Identity
) -> AccessChange:
    """Return a change as its proposer signs it. `target`: a person, or a key id to give the case to."""
    unsigned = AccessChange(what, target, 1, identity.key_id, b"")
    number = case.access.next_number(person_of(unsigned, roster.by_key))
    return access.propose(case.line.case_id, what, target, number, identity.key_id, identity.sign_seed)


def why_not(case: OpenedCase, roster: SiteRoster, change: AccessChange, author: bytes) -> str:
    """Return the name of the rule that keeps a change from counting, were `author` (a key id) the second; "" for none.

    The case is not given to a person who stepped back from it either: that is for a lead to bring back.
    """
    person = person_of(change, roster.by_key)
    if change.what == GIVEN and person in case.state.stepped_back:
        return "AccessSteppedBack"
    if not roster.is_active(author) or not roster.is_active(change.proposer):
        return "AccessNoReader"
    slots = roster.sealed_to
    new = SignedChange(bytes(16), change, author, slots, case.exclude, roster.in_log)
    changes, retired = [*case.access.counted, new], roster.listing.retired_at
    held = access.fold(case.line.case_id, roster.cards, case.at_report, changes, retired=retired)
    return next((error for signed, error in held.refused if signed is new), "")


def why_no_proposal(case: OpenedCase, roster: SiteRoster, change: AccessChange) -> str:
    """Return the rule that keeps a change from counting, whatever person would be the second one; "" for none."""
    keys = deciders(case, roster) - {change.proposer}
    reasons = [why_not(case, roster, change, key_id) for key_id in sorted(keys)]
    if not reasons:
        return "AccessNoReader"
    # What another second person would change is said last.
    return "" if "" in reasons else min(reasons, key=lambda reason: reason in ("AccessAlone", "AccessOwn"))
