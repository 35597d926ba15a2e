"""Three desks with three keys work the same cases at once: nothing is lost, all see the same, the server reads nothing.

The desks' own code (`Work`) runs against the real API behind a real server, in threads; what each did is written down
beside it.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import DoesNotCount, Situation, StatusMovedOn
from admin.desk.casework.work import Work
from admin.desk.server.client import ServerRefusal
from admin.desk.web.context import desk_of
from cases import playbooks
from cases.case_state import CaseState
from cases.records import SEVERITIES, Record, make
from cases.status import allowed_next
from tests.desk.world import World
from tests.support.trials import trials

ACTIONS = trials(120, 2000)
CASES = max(4, ACTIONS // 40)
DESKS = 3


@dataclass
class Hand:
    """One desk at work, and what it has done. `faults`: what ended it, if anything."""

    number: int
    work: Work
    dice: random.Random
    colleagues: Sequence[str]
    notes: Counter[str] = field(default_factory=Counter)
    records: int = 0
    replies: Counter[str] = field(default_factory=Counter)
    statuses: int = 0
    passed_over: int = 0
    faults: list[BaseException] = field(default_factory=list)

    def run(self, cases: Sequence[bytes], actions: int) -> None:
        """Do so many things, each in a case at random."""
        try:
            for number in range(actions):
                situation = self.work.refresh()
                assert situation.trouble is None
                found = self.work.case(situation, self.dice.choice(cases))
                assert found is not None
                self.act(situation, found, f"MARKER-{self.number}-{number}-極秘")
        except BaseException as fault:
            self.faults.append(fault)

    def act(self, situation: Situation, found: OpenedCase, text: str) -> None:
        """Do one thing."""
        chosen = self.dice.random()
        if chosen < 0.85:
            record = self.record(found, text)
            try:
                self.work.add_record(situation, found, secrets.token_bytes(16), record)
            except DoesNotCount:
                self.passed_over += 1
                return
            self.records += 1
            self.notes.update([text] if record.type == "note" else [])
        elif chosen < 0.92:
            self.work.reply(situation, found, secrets.token_bytes(16), text)
            self.replies[text] += 1
        else:
            try:
                self.work.set_status(
                    situation, found, found.next_sequence, self.dice.choice(allowed_next(found.status))
                )
                self.statuses += 1
            except (StatusMovedOn, ServerRefusal):
                self.passed_over += 1  # somebody was faster: the page would say so

    def record(self, found: OpenedCase, text: str) -> Record:
        """Return something to write down, with a word that must be found nowhere on the server."""
        tasks = [one.id for one in found.state.tasks] or [secrets.token_hex(16)]
        item = self.dice.choice(playbooks.items()).id
        day = self.work.today().isoformat()
        ways: list[Callable[[], Record]] = [
            lambda: make("note", text=text),
            lambda: make("task", task=secrets.token_hex(16), text=text, due="", assignee=""),
            lambda: make(
                "task_done",
                task=self.dice.choice(tasks),
                done=self.dice.random() < 0.7,
                day=day,
            ),
            lambda: make("label", label=text[:40], on=self.dice.random() < 0.7),
            lambda: make("owner", person=self.dice.choice([*self.colleagues, ""])),
            lambda: make("severity", severity=self.dice.choice([*SEVERITIES, ""])),
            lambda: make("step", item=item, done=self.dice.random() < 0.7, day=day, not_needed=""),
        ]
        return self.dice.choice(ways)()


def test_three_desks_at_once_lose_nothing_and_see_the_same(world: World) -> None:
    cases = [world.report(what_happened=f"MARKER-report-{number}-極秘").case_id for number in range(CASES)]
    people = [one.card.person.hex() for one in world.auditors]
    hands = []
    for number in range(DESKS):
        app = world.desk(number)
        with app.app_context():
            hands.append(Hand(number, desk_of(app).work(), random.Random(number), people))
    threads = [
        threading.Thread(target=hand.run, args=(cases, ACTIONS // DESKS + (hand.number < ACTIONS % DESKS)))
        for hand in hands
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [hand.faults for hand in hands] == [[], [], []]
    ends = [_end(hand.work, cases) for hand in hands]
    assert ends[0] == ends[1] == ends[2]
    states = ends[0]
    assert _texts(states) == sum((hand.notes for hand in hands), Counter())
    assert sum(len(state.said) + len(state.ignored) for state, _replies, _statuses in states) == sum(
        hand.records for hand in hands
    )
    replies: Counter[str] = sum((Counter(said) for _state, said, _statuses in states), Counter())
    assert replies == sum((hand.replies for hand in hands), Counter())
    assert sum(len(found) for *_rest, found in states) == sum(hand.statuses for hand in hands)
    assert (
        sum(hand.records + sum(hand.replies.values()) + hand.statuses + hand.passed_over for hand in hands)
        == ACTIONS
    )
    _nothing_is_readable(world)


End = tuple[CaseState, tuple[str, ...], tuple[str, ...]]


def _end(work: Work, cases: Sequence[bytes]) -> list[End]:
    situation = work.refresh()
    ends = []
    for case_id in cases:
        found = work.case(situation, case_id)
        assert found is not None and not any(one.gap for one in found.entries)
        assert all(one.verified for one in found.entries) and all(one.verified for one in found.statuses)
        said = tuple(one.message for one in found.entries if one.message is not None)
        ends.append((found.state, said, tuple(one.status for one in found.statuses)))
    return ends


def _texts(states: Sequence[End]) -> Counter[str]:
    return Counter(note.record["text"] for state, *_rest in states for note in state.notes)


def _nothing_is_readable(world: World) -> None:
    raw = b"".join(path.read_bytes() for path in world.folder.glob("test.db*"))
    for mark in ("MARKER", "極秘"):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert mark.encode(encoding) not in raw
    # The control: what the server does know is found in the same bytes.
    assert b"investigating" in raw
