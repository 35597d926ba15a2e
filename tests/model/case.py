"""The model's state: one report, its later envelopes, the record of the choice, grants and answers.

Cryptography is taken as perfect. An envelope says which keys it opens for; nobody makes what another key has signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from tests.model.people import HONEST, Docs, card, descends, excluded_keys, prefixes, readers, start

REPORT: Final = "report"
FORM: Final = "changed form"
MESSAGE: Final = "message"
CODE: Final = "new code"


@dataclass(frozen=True, order=True)
class Envelope:
    """What the reporter sent, or somebody in the reporter's place.

    `slots`: the keys named in its header; `opens`: those whose slot is a real one; `by`: the list that it goes by, as
    it is signed; `shown`: the keys that count as shown when the reporter chose, `seen`: those that were; `floor`: how
    long the desks' list was when it came. `meant`: whom the reporter had said, by then, must not read.
    """

    kind: str
    slots: frozenset[str]
    opens: frozenset[str]
    by: Docs
    shown: frozenset[str]
    exclude: frozenset[str]
    choice: int
    floor: int
    meant: frozenset[str]
    seen: frozenset[str] = frozenset()
    is_forged: bool = False


@dataclass(frozen=True, order=True)
class Record:
    """A record of the choice. `head`: the place of the report that it names."""

    number: int
    exclude: frozenset[str]
    head: int


@dataclass(frozen=True, order=True)
class Answer:
    """An answer: who signed it, with the act key of which report, and the newest choice that its author knew. `meant`:
    whom the reporter had excluded by then.
    """

    author: str
    head: int
    choice: int
    meant: frozenset[str]


@dataclass(frozen=True)
class State:
    """All that there is. `form`: the list that an open form showed; `mailbox`: envelopes that the code can open;
    `granted`: pairs of an envelope and a key, real grants only; `records`: all that were ever made, the last one
    counts; `sent`: the answers that the reporter's page has shown.
    """

    docs: Docs = field(default_factory=start)
    form: Docs | None = None
    meant: frozenset[str] = frozenset()
    envelopes: tuple[Envelope, ...] = ()
    mailbox: frozenset[int] = frozenset()
    granted: frozenset[tuple[int, str]] = frozenset()
    records: tuple[Record, ...] = ()
    answers: tuple[Answer, ...] = ()
    sent: tuple[tuple[str, str, frozenset[str]], ...] = ()
    forgotten: int = 0

    def with_envelope(self, new: Envelope) -> State:
        """Return the state after the server has taken an envelope of the reporter's."""
        place = len(self.envelopes)
        return replace(self, envelopes=(*self.envelopes, new), mailbox=self.mailbox | {place})

    def count(self, kind: str) -> int:
        """Return how many true envelopes of a kind there are."""
        return sum(one.kind == kind and not one.is_forged for one in self.envelopes)


def knows(state: State, place: int, keys: frozenset[str]) -> bool:
    """Tell whether somebody with these keys has an envelope's content key."""
    one = state.envelopes[place]
    return bool(one.opens & keys) or any((place, key) in state.granted for key in keys)


def is_taken(state: State, one: Envelope, off: frozenset[str]) -> bool:
    """Tell whether the honest desk takes an envelope without saying that anything is wrong (2.5)."""
    if one.is_forged or HONEST not in {entry.holder for key in one.opens if (entry := card(one.by, key))}:
        return False
    if "readers_signed" in off:
        return True
    own = list(prefixes(state.docs))
    least = 0 if "floor" in off else one.floor
    by_header = any(readers(part) == one.slots for part in own if len(part) >= least)
    return by_header and one.by in own and readers(one.by) == one.slots


def head_of(state: State, view: frozenset[int], record: Record | None, off: frozenset[str]) -> int | None:
    """Return the report that heads the case for the reporter's page (2.9). `view`: what it can open."""
    reports = [place for place, one in enumerate(state.envelopes) if one.kind == REPORT]
    if "head_by_chain" in off:
        forged = [place for place in reports if state.envelopes[place].is_forged]
        return (forged or reports)[0]
    if record is not None:
        return record.head
    return next((place for place in reports if place in view and not state.envelopes[place].is_forged), None)


def is_shown(state: State, answer: Answer, head: int | None, exclude: frozenset[str]) -> bool:
    """Tell whether the reporter's page shows an answer as an auditor's (2.8)."""
    if head is None or answer.head != head:
        return False
    report = state.envelopes[head]
    out = excluded_keys(state.docs, exclude, report.shown)
    return answer.author not in out and descends(state.docs, answer.author, report.shown)
