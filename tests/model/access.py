"""The bounded model of access per case (docs/model.md, docs/format.md 2.16): who is taken off a case, to whom it is
given, and what the reporter's page and the desks make of it. Cryptography is taken as perfect.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Final

from tests.model.paths import path_to

ACCESS_RULES: Final[dict[str, str]] = {
    "two": "a change has the signatures of two persons",
    "reads": "both could read the report when it came: with a key that it names, or one that such a key brought in",
    "first": "later readers decide only where of the first readers fewer than two, or no lead, are left",
    "then": "who is left is judged by the list that the answer names, not by a later one",
    "through": "a later reader whom a person brought in that is excluded or off decides nothing",
    "lead": "one of the two is a lead",
    "not_out": "neither is excluded by the reporter",
    "not_off": "neither was taken off",
    "three": "who is taken off is none of the two: so two readers stay",
    "excluded": "the case is given to no key that the reporter excluded, also through who brought it in",
    "numbers": "a change has a higher number than each about the same person that counted before it",
    "page": "the reporter's page obeys a removal that it has",
    "brought_in": "whom a person brought in since the report goes off with that person",
    "recorded": "the record of the choice keeps who was taken off",
    "said": "the case says so until the reporter's page has shown that it has the removal",
}
"""Each rule that the search can do without."""

HOLDER: Final = {"L1": "L", "A1": "A", "B1": "B", "G1": "G", "P1": "L", "B2": "L", "A2": "A"}
"""Who has which key. L is a lead; P1 is a puppet that L brought in, B2 one under B's name, A2 a new key of A's own; G1
is a guest whom L brought in."""
PERSON: Final = HOLDER | {"P1": "P", "B2": "B"}
VOUCHER: Final = {"L1": "", "A1": "L1", "B1": "L1", "G1": "L1", "P1": "L1", "B2": "L1", "A2": "A1"}
AT_REPORT: Final = ("L1", "A1", "B1")
LATER: Final = ("P1", "B2", "A2")


@dataclass(frozen=True)
class AccessScope:
    """What is searched. `bad`: the persons who work with the server, or alone; `server`: the server is the adversary
    too, and shows the reporter what it likes; `excluded`: whom the reporter excluded with the report; `off`: rules
    that are turned off; `changes`, `messages`: how many there are at most; `leaves`: keys that may be retired.
    """

    bad: frozenset[str]
    server: bool = True
    excluded: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset({"L"})
    off: frozenset[str] = frozenset()
    changes: int = 2
    messages: int = 2
    forgets: bool = True
    leaves: frozenset[str] = frozenset()


@dataclass(frozen=True, order=True)
class Change:
    """A signed change. `target`: a person for `off`, a key for `given`; `signers`: proposer and the second key;
    `before`: whom the reporter had excluded when the server took it; `left`: the keys that the list that its answer
    names retires.
    """

    number: int
    what: str
    target: str
    signers: tuple[str, str]
    before: frozenset[str] = frozenset()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """A message of the reporter's: the keys that open it, the changes that its page had, how many there were, and
    whether a desk says that a person who was taken off may read it.
    """

    opens: frozenset[str]
    had: frozenset[Change]
    after: int = 0
    is_marked: bool = False


@dataclass(frozen=True)
class Access:
    """What changes come to: for each person the number of the last that counted, who is off, which keys were given the
    case.
    """

    numbers: frozenset[tuple[str, int]] = frozenset()
    off: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()

    def number(self, person: str) -> int:
        """Return the number of the last change about a person; 0 for none."""
        return dict(self.numbers).get(person, 0)


@dataclass(frozen=True)
class AccessState:
    """`later`: keys enrolled since the report; `excluded`: persons; `changes`: all that the server took, in order;
    `record`: what the reporter's record keeps of them; `lost`: changes that the code can't open any more (forgotten);
    `granted`: keys that an honest desk granted the case to; `left`: keys that were retired, in order.
    """

    later: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    record: Access = Access()
    lost: frozenset[Change] = frozenset()
    granted: frozenset[str] = frozenset()
    left: tuple[str, ...] = ()


AccessMove = tuple[str, AccessState]


# The rules, as docs/format.md 2.16 has them


def _keys(state: AccessState) -> tuple[str, ...]:
    return (*AT_REPORT, "G1", *sorted(state.later))


def out_of(
    scope: AccessScope, state: AccessState, excluded: frozenset[str], off: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the keys that nothing more is sealed or granted to. `excluded`, `off`: persons."""
    out: set[str] = set()
    for key in _keys(state):
        brought = VOUCHER[key] in out and key not in AT_REPORT
        if brought and PERSON[VOUCHER[key]] not in excluded and "brought_in" in scope.off:
            brought = False
        if PERSON[key] in excluded | off or brought:
            out.add(key)
    return frozenset(out)


def _is_first(key: str) -> bool:
    return key in AT_REPORT or (VOUCHER[key] in AT_REPORT and PERSON[key] == PERSON[VOUCHER[key]])


def enough_are_left(scope: AccessScope, state: AccessState, change: Change, off: frozenset[str]) -> bool:
    """Tell whether of the first readers two persons are left, a lead among them, by the list that a change names."""
    left = state.left if "then" in scope.off else change.left
    out = out_of(scope, state, change.before, off)
    holders = {PERSON[key] for key in _keys(state) if _is_first(key) and key not in left and key not in out}
    return len(holders) > 1 and not holders.isdisjoint(scope.leads)


def _decides(scope: AccessScope, state: AccessState, key: str, change: Change, access: Access) -> bool:
    """Tell whether a key may be one of the two."""
    if key == "G1" or key in change.left:
        return False
    if "reads" not in scope.off and not _is_first(key):
        if "first" not in scope.off and enough_are_left(scope, state, change, access.off):
            return False
        if "through" not in scope.off and key in out_of(scope, state, change.before, access.off):
            return False
    if "not_out" not in scope.off and _is_first(key) and key in out_of(scope, state, change.before):
        return False
    return "not_off" in scope.off or PERSON[key] not in access.off


def person_of(change: Change) -> str:
    """Return the person whom a change is about."""
    return change.target if change.what == "off" else PERSON[change.target]


def why_not(scope: AccessScope, state: AccessState, change: Change, access: Access) -> str:
    """Return the rule that keeps a change from counting; "" for none."""
    first, second = change.signers
    if change.number <= access.number(person_of(change)) and "numbers" not in scope.off:
        return "numbers"
    if PERSON[first] == PERSON[second] and "two" not in scope.off:
        return "two"
    if not all(_decides(scope, state, key, change, access) for key in change.signers):
        return "reads"
    if not {HOLDER[key] for key in change.signers} & scope.leads and "lead" not in scope.off:
        return "lead"
    if change.what == "off":
        own = change.target in (PERSON[first], PERSON[second])
        return "three" if own and "three" not in scope.off else ""
    others = access.off - {PERSON[change.target]}
    out = out_of(scope, state, change.before, others) if "excluded" not in scope.off else ()
    return "excluded" if change.target in out else ""


def in_order(changes: tuple[Change, ...]) -> list[Change]:
    """Return changes in the order of the feed, but those about one person in the order of their numbers."""
    waiting: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda change: change.number):
        waiting.setdefault(person_of(change), []).append(change)
    return [waiting[person_of(change)].pop(0) for change in changes]


def fold(
    scope: AccessScope, state: AccessState, changes: tuple[Change, ...], start: Access | None = None
) -> Access:
    """Return what changes come to, in an order."""
    access = start or Access()
    for change in in_order(changes):
        if why_not(scope, state, change, access):
            continue
        person = person_of(change)
        numbers = frozenset((dict(access.numbers) | {person: change.number}).items())
        if change.what == "off":
            kept = frozenset(key for key in access.given if PERSON[key] != person)
            access = Access(numbers, access.off | {person}, kept)
        else:
            access = Access(numbers, access.off - {person}, access.given | {change.target})
    return access


# Moves


def access_moves(scope: AccessScope, state: AccessState) -> Iterator[AccessMove]:
    """Yield all that can happen next."""
    for key in LATER:
        if key not in state.later and HOLDER[key] in scope.bad and not state.changes:
            yield f"{key} is enrolled", replace(state, later=state.later | {key})
    for key in sorted(scope.leaves - set(state.left)):
        yield f"{key} is retired", replace(state, left=(*state.left, key))
    yield from _changes(scope, state)
    for person in sorted(scope.bad - state.excluded):
        yield f"the reporter shuts {person} out", replace(state, excluded=state.excluded | {person})
    yield from _messages(scope, state)
    yield from _grants(scope, state)


def _changes(scope: AccessScope, state: AccessState) -> Iterator[AccessMove]:
    if len(state.changes) >= scope.changes:
        return
    now = fold(scope, state, state.changes)
    keys = _keys(state)
    targets = [("off", person) for person in "LAB"] + [("given", key) for key in keys]
    pairs = [*combinations(keys, 2), *((key, key) for key in keys)]
    for what, target in targets:
        for signers in pairs:
            person = target if what == "off" else PERSON[target]
            lefts = [state.left[:length] for length in range(len(state.left) + 1)]
            for number, left in product({now.number(person) + 1, 1}, lefts):
                new = Change(number, what, target, signers, state.excluded, left)
                # What counts neither now nor for a page that has nothing else changes nothing.
                if why_not(scope, state, new, now) and why_not(scope, state, new, Access()):
                    continue
                if _is_signed(scope, state, new, now) and new not in state.changes:
                    said = f"{what} {target}, number {number}, by {' and '.join(signers)}"
                    yield said, replace(state, changes=(*state.changes, new))


def _is_signed(scope: AccessScope, state: AccessState, new: Change, now: Access) -> bool:
    """Tell whether the holders of both keys sign. The honest sign what the rules allow and what is due: a bad colleague
    off the case, the case to a guest or to a colleague who reads it; also together with a bad lead.
    """
    bad = [HOLDER[key] in scope.bad for key in new.signers]
    if all(bad):
        return True
    due = new.target in scope.bad if new.what == "off" else new.target in ("G1", *AT_REPORT)
    is_next = new.number == now.number(person_of(new)) + 1 and PERSON.get(new.target) not in now.off
    honest = is_next and new.left == state.left and not why_not(scope, state, new, now)
    return (
        due
        and honest
        and (not any(bad) or not {HOLDER[key] for key in new.signers}.isdisjoint(scope.leads & scope.bad))
    )


def _messages(scope: AccessScope, state: AccessState) -> Iterator[AccessMove]:
    if len(state.messages) >= scope.messages:
        return
    there = [change for change in state.changes if change not in state.lost]
    sizes = range(len(there), -1, -1) if scope.server else (len(there),)
    views = [view for size in sizes for view in combinations(there, size)]
    for view in views:
        for order in {view, view[::-1]} if scope.server else {view}:
            known = fold(scope, state, order, Access() if "recorded" in scope.off else state.record)
            off = frozenset[str]() if "page" in scope.off else known.off
            opens = frozenset(AT_REPORT) | state.later
            opens -= out_of(scope, state, state.excluded, off) | set(state.left)
            new = Message(opens, frozenset(view), len(state.changes), _is_marked(scope, state, view))
            said = f"a message, the page has {[change.number for change in order]} of {len(state.changes)} changes"
            after = replace(state, messages=(*state.messages, new), record=known)
            yield said, after
            if scope.forgets and not state.lost and state.changes:
                yield f"{said}; then the reporter forgets", replace(after, lost=frozenset(state.changes))


def _is_marked(scope: AccessScope, state: AccessState, view: tuple[Change, ...]) -> bool:
    """Tell whether a desk says of a message that a person who was taken off may read it: no message up to it names the
    removal.
    """
    if "said" in scope.off:
        return False
    named = {change for message in state.messages for change in message.had} | set(view)
    return any(change not in named for change in removals(scope, state, len(state.changes)))


def _grants(scope: AccessScope, state: AccessState) -> Iterator[AccessMove]:
    access = fold(scope, state, state.changes)
    out = out_of(scope, state, state.excluded, access.off) if "excluded" not in scope.off else frozenset()
    new = access.given - out
    if not new <= state.granted:
        yield "an honest desk hands the case on", replace(state, granted=state.granted | new)


def removals(scope: AccessScope, state: AccessState, length: int) -> list[Change]:
    """Return the changes that keep persons off the case, of the first `length`."""
    access, held = Access(), dict[str, Change]()
    for change in state.changes[:length]:
        if why_not(scope, state, change, access):
            continue
        access = fold(scope, state, (change,), access)
        if change.what == "off":
            held[change.target] = change
        else:
            held.pop(PERSON[change.target], None)
    return list(held.values())


# Goals


def access_broken(scope: AccessScope, state: AccessState) -> str:
    """Return the goal that a state breaks; empty for none."""
    access = Access()
    for change in state.changes:
        if why_not(scope, state, change, access):
            continue
        humans = {HOLDER[key] for key in change.signers}
        there = enough_are_left(replace(scope, off=scope.off - {"then"}), state, change, access.off)
        if "G" in humans or (len(humans) < 2 and there):
            return f"one person alone changed who reads: {change}"
        if change.before & humans:
            return f"a person who was excluded changed who reads: {change}"
        if access.off & humans:
            return f"a person who was taken off changed who reads: {change}"
        access = fold(scope, state, (change,), access)
        if not humans & scope.leads:
            return f"two without a lead changed who reads: {change}"
        if not change.left and len(set("LAB") - access.off - change.before) < 2 - len(change.before):
            return f"fewer than two readers are left: {change}"
    given = sorted(key for key in state.granted if _is_of(key, scope.excluded))
    if given:
        return f"the case was given to {given}, whom the reporter excluded"
    return next(
        filter(None, (_message_goal(scope, state, place) for place in range(len(state.messages)))), ""
    )


def _is_of(key: str, persons: frozenset[str]) -> bool:
    """Tell whether a key is one of these humans', or was brought in by them since the report."""
    by = VOUCHER[key]
    return HOLDER[key] in persons or (key not in AT_REPORT and bool(by) and HOLDER[by] in persons)


def _message_goal(scope: AccessScope, state: AccessState, place: int) -> str:
    """What a page writes that has a removal opens for nobody who was taken off, nor for whom they brought in; any other
    message that does is marked."""
    message = state.messages[place]
    for change in removals(scope, state, message.after):
        # Who took themselves off with keys of their own may show it in the order that they like.
        if {HOLDER[key] for key in change.signers} == {change.target}:
            continue
        readers = sorted(key for key in message.opens if _is_of(key, frozenset({change.target})))
        if readers and any(change in earlier.had for earlier in state.messages[: place + 1]):
            return f"{readers} open what a page wrote that had the removal"
        if readers and not message.is_marked:
            return f"{readers} open a message, and the case does not say so"
    return ""


# Searches


def search_access(scope: AccessScope) -> tuple[int, str, tuple[str, ...]]:
    """Search breadth first. Return how many states there are, the broken goal ("" for none) and the way to it."""
    first = AccessState(excluded=scope.excluded)
    before: dict[AccessState, tuple[AccessState, str] | None] = {first: None}
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        for said, after in access_moves(scope, state):
            if after in before:
                continue
            before[after] = (state, said)
            goal = access_broken(scope, after)
            if goal:
                return len(before), goal, path_to(before, after)
            waiting.append(after)
    return len(before), "", ()


def _scope(
    bad: str, *off: str, excluded: str = "", leads: str = "L", leaves: str = "", **more: int | bool
) -> AccessScope:
    sets = {"bad": bad, "excluded": excluded, "leads": leads}
    gone = frozenset(leaves[at : at + 2] for at in range(0, len(leaves), 2))
    sets_of = {name: frozenset(value) for name, value in sets.items()}
    return AccessScope(**sets_of, off=frozenset(off), leaves=gone, **more)  # type: ignore[arg-type]


ACCESS_SCOPES: Final = (
    _scope("L", changes=1),
    _scope("A", messages=1, forgets=False),
    _scope("A", excluded="A"),
    _scope("L", excluded="L", leads="LB", messages=1, changes=1),
    _scope("G", messages=1, forgets=False),
    _scope("LA", server=False, messages=1, changes=1),
    _scope("L", leaves="A1B1", messages=0, changes=1),
    _scope("L", excluded="L", leads="LB", leaves="A1B1", messages=0, changes=1),
)
"""Scopes that the suite searches: a lead alone, an auditor, a person who was excluded, a lead who was, a guest, two who
collude, a lead who retires the other first readers."""

ACCESS_WHOLE: Final = (
    _scope("L"),
    _scope("A"),
    _scope("L", excluded="L", leads="LB"),
    _scope("G"),
    _scope("LA", server=False, messages=1),
    _scope("LA", server=False, excluded="A"),
    _scope("L", leaves="A1B1", messages=1, forgets=False),
    _scope("L", server=False, leaves="L1", messages=1, forgets=False),
    _scope("L", excluded="L", leads="LB", leaves="A1B1", messages=1, forgets=False),
)
"""Scopes that `make faults` searches."""

FOUND_IN_ACCESS: Final = (
    ("one signature counts twice", _scope("L", "two"), "one person alone"),
    ("a puppet is the second one", _scope("L", "reads"), "one person alone"),
    ("a puppet decides beside first readers", _scope("L", "first", leaves="A1"), "one person alone"),
    (
        "a later retirement makes an earlier change count",
        _scope("L", "then", leaves="A1B1"),
        "one person alone",
    ),
    (
        "a puppet of a lead who was excluded",
        _scope("L", "through", excluded="L", leads="LB", leaves="A1B1"),
        "excluded changed",
    ),
    ("two auditors without a lead", _scope("AB", "lead", server=False), "without a lead"),
    ("who was excluded decides", _scope("LA", "not_out", excluded="A"), "excluded changed"),
    ("who was taken off decides", _scope("LA", "not_off"), "taken off changed"),
    ("the two take themselves off", _scope("LA", "three"), "fewer than two"),
    (
        "a guest of the lead who was excluded",
        _scope("L", "excluded", excluded="L", leads="LB"),
        "was given to",
    ),
    ("an earlier word undoes a later one", _scope("A", "numbers"), "had the removal"),
    ("the page does not look", _scope("A", "page"), "had the removal"),
    ("a key that was brought in reads on", _scope("L", "brought_in", leads="LB"), "had the removal"),
    ("forgetting forgets the removal", _scope("A", "recorded"), "had the removal"),
    ("the removal is kept from the reporter", _scope("A", "said"), "does not say so"),
)
"""Variants that break a goal: each rule turned off once."""
