"""The bounded model of the transparency log (docs/model.md, docs/format.md 5): acts, promises, batches, and the checks
of desks and reporters. Cryptography is taken as perfect: nobody makes another's leaf, and tags tell what they tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

LOG_RULES: Final[dict[str, str]] = {
    "promise": "each accepted act has a promise for its day, or its sender is told that nothing binds the server",
    "in_batch": "the reporter's page looks for the leaf in the batch of the promised day",
    "tags": "a desk counts the leaves with its tag and what it was handed out",
    "bind": "a tag says which envelope it is for",
    "own_acts": "a desk looks for each of its acts in the batch of its day",
    "answers": "the reporter's page looks through the whole log for answers and statuses of its case",
    "cosigned": "what the reporter checks is the log that a witness has seen",
    "batch_day": "an act counts on the day of its batch, whatever day it names",
    "listed": "nothing is sealed to a card that is not in the log that a witness has seen",
    "fresh_leaf": "a new act with a leaf that the log has already is refused",
}
"""Each rule that the search can do without."""

DAYS: Final = 2
NOTICE: Final = "notice"

Batches = tuple[frozenset[str], ...]


@dataclass(frozen=True)
class LogScope:
    """What is searched. `off`: rules that are turned off; `reports`: how many a reporter sends; `spoiled`: how many an
    accomplice of the server sends, each an envelope that no auditor can open; `honest`: the server follows the rules,
    and the adversary is a sender who wants evidence against it.
    """

    off: frozenset[str] = frozenset()
    reports: int = 1
    spoiled: int = 1
    honest: bool = False


@dataclass(frozen=True)
class LogState:
    """`day`: the present one; `sent`: true reports that were accepted, with the day; `promised`: leaf and day of each
    promise; `pending`: leaves that wait; `log`: what the witness (a desk) sees, a batch for each day; `shown`: what the
    reporter is shown; `feed`: envelopes that desks are handed out; `notices`: statuses of an auditor with the day that
    each names; `told`: whether the reporter is shown the notice, and as of which day; `entered`: a card that the server
    made is in the log; `planted`: a report was sealed to that card.
    """

    day: int = 0
    sent: frozenset[tuple[str, int]] = frozenset()
    promised: frozenset[tuple[str, int]] = frozenset()
    pending: frozenset[str] = frozenset()
    log: Batches = ()
    shown: Batches = ()
    feed: frozenset[str] = frozenset()
    notices: frozenset[int] = frozenset()
    told: frozenset[int] = frozenset()
    entered: bool = False
    planted: bool = False


LogMove = tuple[str, LogState]


def log_moves(scope: LogScope, state: LogState) -> Iterator[LogMove]:
    """Yield all that can happen next."""
    if state.day >= DAYS:
        return
    yield from _sendings(scope, state)
    yield from _notices(scope, state)
    yield from _batches(scope, state)


def _sendings(scope: LogScope, state: LogState) -> Iterator[LogMove]:
    today = state.day
    if len(state.sent) < scope.reports:
        leaf = f"report {len(state.sent)}"
        base = replace(state, sent=state.sent | {(leaf, today)}, pending=state.pending | {leaf})
        promised = base.promised | {(leaf, today)}
        yield (
            f"{leaf} is sent, promised and handed out",
            replace(base, promised=promised, feed=base.feed | {leaf}),
        )
        if not scope.honest:
            yield from _planted(scope, state, leaf, replace(base, promised=promised, feed=base.feed | {leaf}))
            yield f"{leaf} is sent and promised, the desks do not get it", replace(base, promised=promised)
            yield f"{leaf} is sent without a promise, the desks do not get it", base
            other = base.feed | {f"exchanged {leaf}"}
            yield (
                f"{leaf} is sent and promised, an envelope is exchanged",
                replace(base, promised=promised, feed=other),
            )
    spoiled = sum(name.startswith("spoiled") for name in state.feed)
    if spoiled < scope.spoiled and not scope.honest:
        # Its leaf is never in the log, or says something else: no tag is in it.
        yield "an accomplice sends a spoiled report", replace(state, feed=state.feed | {f"spoiled {spoiled}"})
    if scope.honest:
        for batch in state.log:
            for leaf in sorted(batch):
                if "fresh_leaf" in scope.off and (leaf, today) not in state.promised:
                    yield (
                        f"{leaf} is sent again as a new act",
                        replace(state, promised=state.promised | {(leaf, today)}),
                    )


def _planted(scope: LogScope, state: LogState, leaf: str, sent: LogState) -> Iterator[LogMove]:
    """A card that is made for one visitor: on the list that this reporter is shown, and on no other."""
    if not state.entered:
        yield "the server's own card is put into the log", replace(state, entered=True)
    if state.entered or "listed" in scope.off:
        yield f"{leaf} is sealed to the server's own card too", replace(sent, planted=True)


def _notices(scope: LogScope, state: LogState) -> Iterator[LogMove]:
    if state.notices:
        return
    for named in range(state.day + 1) if not scope.honest else (state.day,):
        after = replace(state, notices=frozenset({named}), pending=state.pending | {NOTICE})
        yield f"an auditor gives notice, as of day {named}", replace(after, told=frozenset({named}))
        if not scope.honest:
            yield f"an auditor gives notice, as of day {named}, and the reporter is not told", after


def _batches(scope: LogScope, state: LogState) -> Iterator[LogMove]:
    pending = sorted(state.pending)
    parts = [frozenset(part) for size in range(len(pending), -1, -1) for part in combinations(pending, size)]
    for batch in parts if not scope.honest else parts[:1]:
        for shown in parts if "cosigned" in scope.off else (batch,):
            said = "" if shown == batch else f", the reporter is shown {sorted(shown)}"
            yield (
                f"the batch of day {state.day} has {sorted(batch)}{said}",
                replace(
                    state,
                    day=state.day + 1,
                    pending=state.pending - batch,
                    log=(*state.log, batch),
                    shown=(*state.shown, shown),
                ),
            )


# What desks and the reporter's page say


def reporter_says(scope: LogScope, state: LogState) -> set[str]:
    """Return what the reporter's page tells of acts whose day is over."""
    said: set[str] = set()
    for leaf, day in state.sent:
        if "promise" not in scope.off and (leaf, day) not in state.promised:
            said.add("not bound")
        is_due = (leaf, day) in state.promised and day < len(state.shown)
        if "in_batch" not in scope.off and is_due and leaf not in state.shown[day]:
            said.add("not in its batch")
    if "answers" not in scope.off and not state.told and any(NOTICE in batch for batch in state.shown):
        said.add("an answer is withheld")
    return said


def desk_says(scope: LogScope, state: LogState) -> set[str]:
    """Return what a desk tells that has fetched everything up to today."""
    said: set[str] = set()
    rung = {leaf for batch in state.log for leaf in batch if leaf.startswith("report")}
    old = {name for name in state.feed if name not in state.pending}
    unfit = old - rung
    if "tags" not in scope.off and len(rung) > len(old):
        said.add("withheld")
    if "bind" not in scope.off and "tags" not in scope.off and rung - old:
        said.add("exchanged or withheld" if unfit else "withheld")
    if state.entered:
        said.add("a card is in the log that is not on my list")
    if "own_acts" not in scope.off and state.notices and state.day > 0:
        given = any(NOTICE in batch for batch in state.log)
        if not given and NOTICE in state.pending and max(state.notices) < state.day:
            said.add("an act of mine is missing")
    return said


def log_broken(scope: LogScope, state: LogState) -> str:
    """Return the goal that a state breaks; empty for none."""
    if scope.honest:
        late = [leaf for leaf, day in state.promised if day < len(state.log) and leaf not in state.log[day]]
        return "evidence against an honest server" if late else ""
    told = reporter_says(scope, state) | desk_says(scope, state)
    if state.planted and not state.entered:
        return "a report is sealed to a card that only its sender was shown"
    for leaf, day in state.sent:
        if day < state.day and leaf not in state.feed and not told:
            return "a report is buried, and nobody can tell"
    for named in state.notices:
        logged = [day for day, batch in enumerate(state.log) if NOTICE in batch]
        if logged and not state.told and not told:
            return "a notice is withheld from the reporter, and nobody can tell"
        counted = named if "batch_day" in scope.off else (logged or [state.day])[0]
        if logged and counted < logged[0]:
            return "a notice counts on a day before its batch"
        if state.day > named and not logged and state.told and not told:
            return "an auditor's act is dropped from the log, and nobody can tell"
    return ""


# The search

FOUND_IN_LOG: Final[tuple[tuple[str, LogScope, str], ...]] = (
    ("no promise is asked for", LogScope(frozenset({"promise"})), "buried"),
    ("the batch is not looked at", LogScope(frozenset({"in_batch"})), "buried"),
    ("tags are not counted", LogScope(frozenset({"tags"})), "buried"),
    ("a spoiled report makes room", LogScope(frozenset({"bind"})), "buried"),
    ("own acts are not looked for", LogScope(frozenset({"own_acts"})), "dropped"),
    ("answers are not looked for", LogScope(frozenset({"answers"})), "withheld from the reporter"),
    ("the reporter is shown a fork", LogScope(frozenset({"cosigned"})), "buried"),
    ("the day that an act names counts", LogScope(frozenset({"batch_day"})), "before its batch"),
    ("the list is not looked up in the log", LogScope(frozenset({"listed"})), "only its sender"),
    ("an old leaf is taken for a new act", LogScope(frozenset({"fresh_leaf"}), honest=True), "honest server"),
)
"""Variants: a rule that is turned off, and the goal that has to break."""

LOG_SCOPES: Final = (LogScope(), LogScope(reports=2, spoiled=2), LogScope(honest=True, reports=2))
"""Scopes in which every goal holds."""


def search_log(scope: LogScope) -> tuple[int, str, tuple[str, ...]]:
    """Return how many states there are, the goal that one breaks (empty: none) and the shortest way to it."""
    ways: dict[LogState, tuple[str, ...]] = {LogState(): ()}
    waiting = [LogState()]
    while waiting:
        level, waiting = waiting, []
        for state in level:
            for said, after in log_moves(scope, state):
                if after in ways:
                    continue
                ways[after] = (*ways[state], said)
                goal = log_broken(scope, after)
                if goal:
                    return len(ways), goal, ways[after]
                waiting.append(after)
    return len(ways), "", ()
