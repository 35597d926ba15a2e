"""What can happen in the model: each move with its sentence, and the goals that no state may break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from tests.model.case import (
    CODE,
    FORM,
    MESSAGE,
    REPORT,
    Answer,
    Envelope,
    Record,
    State,
    head_of,
    is_shown,
    is_taken,
    knows,
)
from tests.model.people import (
    FOUNDER,
    HONEST,
    SERVER_KEY,
    Card,
    Docs,
    Document,
    Retire,
    card,
    cards,
    excluded_keys,
    fits,
    prefixes,
    readers,
    rebuilt,
    start,
    ticked,
)

Move = tuple[str, State]


@dataclass(frozen=True)
class Scope:
    """What is searched.

    `bad`: the auditor who works with the server; `off`: rules that are turned off; `server`: whether the server's
    program itself is the adversary, or only a writer of its database. `withholds`: grants are withheld
    and records lost; `rolls_back`: the server shows the reporter an older state as a whole; `looks`: the reporter reads
    who will not be able to read, each time. `impersonates`: a bad lead enrols a key as a colleague's, which nothing
    stops. How many there are at most: further documents of the list, envelopes of the reporter's, answers, forgettings.
    """

    bad: str = "A"
    off: frozenset[str] = frozenset()
    server: bool = True
    withholds: bool = True
    rolls_back: bool = False
    looks: bool = False
    impersonates: bool = False
    documents: int = 2
    envelopes: int = 3
    answers: int = 1
    forgets: int = 1

    def keys(self, state: State) -> frozenset[str]:
        """Return the keys that the adversaries have: the bad auditor's, and the server's own."""
        return frozenset(one.key for one in cards(state.docs) if one.holder == self.bad) | {SERVER_KEY}


def moves(scope: Scope, state: State) -> Iterator[Move]:
    """Yield all that can happen next."""
    yield from _enrolments(scope, state)
    yield from _reporting(scope, state)
    if state.records:
        yield from _hand_overs(scope, state)
        yield from _later(scope, state)
        yield from _answers(scope, state)
        yield from _forgeries(scope, state)


# The list


def _enrolments(scope: Scope, state: State) -> Iterator[Move]:
    if len(state.docs) >= len(start()) + scope.documents:
        return
    for said, new in _documents(scope):
        if fits(state.docs, new, scope.off):
            yield said, replace(state, docs=(*state.docs, new))


def _documents(scope: Scope) -> Iterator[tuple[str, Document]]:
    bad = scope.bad
    own, is_lead = f"{bad}1", bad == FOUNDER
    for name in (bad, "X", HONEST):
        yield f"{bad} enrols an own new key named {name}", Card(f"{bad}2", bad, name, bad, own, is_lead)
    if not is_lead or scope.impersonates:
        yield f"{bad} enrols a key as {HONEST}'s", Card(f"{bad}3", HONEST, HONEST, bad, own)
    # Whom a lead brings in: if the lead is bad, a sock puppet.
    newcomer = bad if is_lead else "N"
    yield "L brings in N", Card("N1", "N", "N", newcomer, "L1")
    if not is_lead:
        yield f"L retires {bad}", Retire(own, "L1")
    yield f"{bad} retires the own key", Retire(own, own)


# The report


def _reporting(scope: Scope, state: State) -> Iterator[Move]:
    if state.count(REPORT):
        return
    if state.form is None:
        for said, shown in _lists(scope, state):
            yield f"the form is fetched{said}", replace(state, form=shown)
        return
    for means in (True, False):
        meant = frozenset({scope.bad}) if means else frozenset[str]()
        who = f" without {scope.bad}" if means else ""
        for said, sealed in _sealed_lists(scope, state):
            grown = readers(sealed) - readers(state.form)
            if grown and "form_prefix" not in scope.off:
                yield f"the form comes back: {', '.join(sorted(grown))} came", replace(state, form=sealed)
                continue
            shown = sealed if "form_prefix" in scope.off else state.form
            exclude = ticked(state.form, scope.bad, scope.off) if means else frozenset[str]()
            new = replace(
                _envelope(state, REPORT, sealed, readers(shown), exclude, 1, meant), seen=readers(state.form)
            )
            if new.opens:
                yield (
                    f"the report is sent{who}{said}",
                    replace(
                        state.with_envelope(new),
                        form=None,
                        meant=meant,
                        records=(Record(1, exclude, len(state.envelopes)),),
                    ),
                )


def _lists(scope: Scope, state: State) -> Iterator[tuple[str, Docs]]:
    """Yield the lists that the reporter can be shown."""
    if scope.server:
        for part in prefixes(state.docs):
            yield "" if part == state.docs else f" with the first {len(part)} documents of the list", part
        yield " with a list that the server has built", rebuilt()
    else:
        yield "", state.docs
        if "first_card" in scope.off:
            yield " while a row of somebody's is in the database", rebuilt()


def _sealed_lists(scope: Scope, state: State) -> Iterator[tuple[str, Docs]]:
    """Yield the lists that a form which was fetched can be sealed by."""
    assert state.form is not None
    if state.form[0] != state.docs[0]:
        yield "", state.form
    else:
        yield "", state.docs if not scope.server or len(state.docs) == len(state.form) else state.form
        if scope.server and len(state.docs) > len(state.form):
            yield ", by the list of now", state.docs


def _envelope(
    state: State,
    kind: str,
    sealed: Docs,
    shown: frozenset[str],
    exclude: frozenset[str],
    choice: int,
    meant: frozenset[str],
) -> Envelope:
    slots = readers(sealed)
    opens = slots - excluded_keys(sealed, exclude, shown)
    return Envelope(kind, slots, opens, sealed, shown, exclude, choice, len(state.docs), meant)


# Afterwards


def _later(scope: Scope, state: State) -> Iterator[Move]:
    """Yield what the reporter does with the code: a look, a message, a form that excludes somebody, a new code,
    forgetting.
    """
    true = [one for one in state.envelopes if not one.is_forged]
    may_send = len(true) < scope.envelopes
    for said, view, record in _views(scope, state):
        known = _known(scope, state, view, record)
        if known is None:
            continue
        choice, number, head = known
        if scope.looks and not ticked_of(state, scope) <= choice:
            continue  # the reporter sees that somebody is missing, and stops
        for answer in state.answers:
            if is_shown(state, answer, head, choice):
                seen = _as_shown(state, answer)
                if seen not in state.sent:
                    yield (
                        f"the reporter's page shows an answer as {seen[1]}'s{said}",
                        replace(state, sent=(*state.sent, seen)),
                    )
        if may_send and head is not None:
            yield from _sendings(scope, state, said, choice, number, head)
        if state.forgotten < scope.forgets and state.mailbox and head is not None:
            kept = state.records
            if "record_with_form" not in scope.off:
                kept = (*kept, Record(number + 1, choice, head))
            yield (
                f"the reporter forgets the copy{said}",
                replace(state, mailbox=frozenset(), forgotten=state.forgotten + 1, records=kept),
            )


def _sendings(
    scope: Scope, state: State, said: str, choice: frozenset[str], number: int, head: int
) -> Iterator[Move]:
    shown = state.envelopes[head].shown
    wider = choice | ticked_by_name(state, scope)
    for kind, exclude, meant in (
        (MESSAGE, choice, state.meant),
        (CODE, choice, state.meant),
        (FORM, wider, state.meant | {scope.bad}),
    ):
        if kind == FORM and scope.bad in state.meant:
            continue
        if kind == CODE and state.count(CODE):
            continue
        new = _envelope(state, kind, state.docs, shown, exclude, number + 1, meant)
        if not new.opens:
            continue
        records = state.records
        if kind != FORM or "record_with_form" not in scope.off:
            records = (*records, Record(number + 1, exclude, head))
        what = {
            MESSAGE: "a message is sent",
            CODE: "a new code is taken",
            FORM: f"a changed form shuts {scope.bad} out",
        }[kind]
        yield f"{what}{said}", replace(state.with_envelope(new), meant=meant, records=records)


def ticked_by_name(state: State, scope: Scope) -> frozenset[str]:
    """Return the persons whom a reporter ticks now who wants to exclude the bad auditor."""
    return ticked(state.docs, scope.bad, scope.off)


def ticked_of(state: State, scope: Scope) -> frozenset[str]:
    """Return the persons whom the reporter has in mind, by all true envelopes."""
    found = frozenset[str]()
    for one in state.envelopes:
        if not one.is_forged:
            found |= one.exclude
    return found


View = tuple[str, frozenset[int], Record | None]


def _views(scope: Scope, state: State) -> Iterator[View]:
    """Yield what the reporter's page can be given: which envelopes open, and which record."""
    places = sorted(state.mailbox)
    parts = [frozenset(part) for size in range(len(places), -1, -1) for part in combinations(places, size)]
    newest = state.records[-1]
    if not scope.withholds:
        yield "", frozenset(places), newest
        return
    for part in parts:
        withheld = ["grants are withheld"] if len(part) < len(places) else []
        for said, record in ((None, newest), ("the record is missing", None)):
            yield _while([*withheld, *([said] if said else [])]), part, record
        if "record_of_code" in scope.off:
            forged = Record(newest.number, frozenset(), newest.head)
            yield _while([*withheld, "the record is a forged one"]), part, forged
        for old in state.records[:-1]:
            if scope.rolls_back or _shows_newer(state, part, old):
                yield _while([*withheld, "the record is an older one"]), part, old


def _while(said: list[str]) -> str:
    return f", while {' and '.join(said)}" if said else ""


def _shows_newer(state: State, part: frozenset[int], old: Record) -> bool:
    """Tell whether something in a view is newer than a record: otherwise it is an older state as a whole."""
    seen = [state.envelopes[place].choice for place in part if not state.envelopes[place].is_forged]
    return any(number > old.number for number in [*seen, *(one.choice for one in state.answers)])


def _known(
    scope: Scope, state: State, view: frozenset[int], record: Record | None
) -> tuple[frozenset[str], int, int | None] | None:
    """Return the choice, its number and the head that the page goes on with; None where it stops for good.

    Where the page asks for the choice again, the reporter gives it as it was meant.
    """
    own = [state.envelopes[place] for place in sorted(view) if not state.envelopes[place].is_forged]
    known = frozenset[str]().union(*(one.exclude for one in own))
    newest = max([0, *(one.choice for one in own), *(one.choice for one in state.answers)])
    head = head_of(state, view, record, scope.off)
    asked = known | ticked_of(state, scope)
    if record is None:
        return (known if "stop_without_record" in scope.off else asked), newest, head
    if record.number < newest and "newest_number" not in scope.off:
        return asked, newest, head
    return known | record.exclude, max(newest, record.number), head


def _hand_overs(scope: Scope, state: State) -> Iterator[Move]:
    """Yield what the honest desk hands over to keys that came later: all that it opens, by what its reporter wrote."""
    own = f"{HONEST}1"
    opened = [place for place, one in enumerate(state.envelopes) if own in one.opens and not one.is_forged]
    if not opened:
        return
    exclude = frozenset[str]().union(*(state.envelopes[place].exclude for place in opened))
    shown = state.envelopes[opened[0]].shown
    out = frozenset[str]() if "hand_over" in scope.off else excluded_keys(state.docs, exclude, shown)
    for key in sorted(readers(state.docs) - out - {own}):
        new = {(place, key) for place in opened if key not in state.envelopes[place].opens}
        if new - state.granted:
            yield f"{HONEST}'s desk hands the case over to {key}", replace(state, granted=state.granted | new)


def _answers(scope: Scope, state: State) -> Iterator[Move]:
    if len(state.answers) >= scope.answers:
        return
    places = [place for place, one in enumerate(state.envelopes) if one.kind == REPORT]
    bad, own = scope.keys(state), f"{HONEST}1"
    newest = max((one.choice for one in state.envelopes if own in one.opens and not one.is_forged), default=0)
    for place in places:
        if own in state.envelopes[place].opens and not state.envelopes[place].is_forged:
            yield (
                f"{HONEST} answers",
                replace(state, answers=(*state.answers, Answer(own, place, newest, state.meant))),
            )
        if state.envelopes[place].is_forged or knows(state, place, bad):
            for key in sorted(bad & readers(state.docs)):
                yield (
                    f"{scope.bad} answers with {key}",
                    replace(state, answers=(*state.answers, Answer(key, place, 0, state.meant))),
                )


def _forgeries(scope: Scope, state: State) -> Iterator[Move]:
    """Yield a report with a forger's keys, which is put in front of the true one."""
    if any(one.is_forged for one in state.envelopes):
        return
    slots = readers(state.docs)
    forged = Envelope(
        REPORT, slots, slots, state.docs, slots, frozenset(), 1, len(state.docs), state.meant, is_forged=True
    )
    yield "a forged report is put in front", state.with_envelope(forged)


def start_persons() -> frozenset[str]:
    """Return the persons that the list begins with."""
    return frozenset(one.person for one in cards(start()))


def _as_shown(state: State, answer: Answer) -> tuple[str, str, frozenset[str]]:
    """Return an answer as the page shows it: the key, whose name is there, and whom the reporter had excluded."""
    one = card(state.docs, answer.author)
    assert one is not None
    return one.key, one.name, answer.meant


# Goals

HUMANS: Final = frozenset({"L", "A", "B"})
"""Whose names belong to somebody; under another name a bad auditor can be somebody new, whom a lead answers for."""


def _accepted(state: State) -> frozenset[str]:
    """Return the keys that the founder brought in and that the reporter saw and did not tick: they read although the
    founder is excluded (ADR 0002).
    """
    report = next(one for one in state.envelopes if one.kind == REPORT and not one.is_forged)
    seen = [one for key in report.seen if (one := card(state.docs, key))]
    return frozenset(one.key for one in seen if one.voucher == "L1" and one.person not in start_persons())


def broken(scope: Scope, state: State) -> str:
    """Return the goal that a state breaks; empty for none."""
    bad = scope.keys(state)
    for place, one in enumerate(state.envelopes):
        if one.is_forged or not (is_taken(state, one, scope.off) or not scope.server):
            continue
        if scope.bad in one.meant and knows(state, place, bad - _accepted(state)):
            return "an excluded person learns a content key"
        strangers = one.opens - readers(state.docs[: one.floor])
        if strangers:
            return f"{', '.join(sorted(strangers))} reads, on no list that the desks know and not on record"
    for key, name, meant in state.sent:
        author = card(state.docs, key)
        assert author is not None
        if name in HUMANS and author.holder != name:
            return f"an answer of {author.holder}'s is attributed to {name}"
        if author.holder in meant and key not in _accepted(state):
            return f"an answer of {author.holder}'s is shown, whom the reporter excluded"
    return ""
