"""Three desks, a reporter and a server that loses answers, in any order: what was acknowledged is there once, for all.

A state machine over the real API (a real server, the desks' own code); beside `test_many_hands.py`, where three desks
act at the same moment, here every order of acts that hypothesis thinks of is checked against a model.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from admin.desk.casework import intake
from admin.desk.casework.access import proposals
from admin.desk.casework.intake import WrittenReport
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import AccessRefused, CannotReply, DoesNotCount, Situation, StatusMovedOn
from admin.desk.casework.work import Work
from admin.desk.local.draft import Draft
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms
from admin.desk.web.context import desk_of
from cases import breach, playbooks, register
from cases.categories import CATEGORIES
from cases.records import LINKS, MILESTONES, SEVERITIES, STAGES, Record, make, together
from cases.status import allowed_next
from crypto.payloads import INTAKE_CHANNELS
from crypto.receipt import derive, new_code
from tests.desk.test_many_hands import _nothing_is_readable
from tests.desk.world import CountingTransport, Sent, World, make_world, serving
from tests.support.trials import trials

EXAMPLES: Final = trials(4, 50)
STEPS: Final = 40
DAY: Final = "2026-11-20"

desks = st.integers(0, 2)
picks = st.integers(0, 99)
TYPES: Final = (
    "note", "task", "task_done", "label", "owner", "severity", "cause", "link", "step", "breach", "breach_form",
    "breach_reported", "title", "panel", "milestone", "category", "plan", "interview", "evidence", "conflict",
)  # fmt: skip
GUEST: Final = 3
"""The desk of a guest, whom the founder brought in: it reads what it was given."""


@dataclass
class Known:
    """What has to be true of a case. `records`, `replies`: ids that were acknowledged; `out`: desks that can't read."""

    sent: Sent
    out: set[int]
    records: set[bytes] = field(default_factory=set)
    replies: set[bytes] = field(default_factory=set)
    statuses: list[str] = field(default_factory=list)
    back: dict[int, bytes] = field(default_factory=dict)
    drafts: dict[int, Draft] = field(default_factory=dict)
    was_back: set[int] = field(default_factory=set)
    proposed_by: int | None = None
    written_by: int | None = None
    is_given: bool = False

    @property
    def is_for_guests(self) -> bool:
        """Tell whether the case can be given to the guest: who brought the guest in is neither excluded nor off."""
        return 0 not in self.out and 0 not in self.was_back


class Hands(RuleBasedStateMachine):
    """The desks, and the model beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.world: World = make_world(Path(folder))
        self.world.url = self.stack.enter_context(serving(self.world.wsgi()))
        self.world.promote(1)
        self.world.auditors.append(self.world.newcomer(0, duty="guest"))
        self.world.enroll(self.world.auditors[GUEST].card)
        self.wires = [CountingTransport() for _ in range(4)]
        self.works: list[Work] = [self._opened(number) for number in range(4)]
        self.entries: dict[str, dict[str, str]] = {"templates": {}, "charges": {}, "views": {}}
        self.exports: list[tuple[str, set[int]]] = []
        self.known: list[Known] = []
        self.deleted: list[Sent] = []

    def _opened(self, number: int) -> Work:
        self.wires[number] = CountingTransport()
        app = self.world.desk(number, transport=self.wires[number])
        with app.app_context():
            return desk_of(app).work()

    def _is_shut(self, number: int, known: Known) -> bool:
        """Tell whether a desk's auditor is excluded from a case; such a desk shows nothing of it."""
        if number not in known.out:
            return False
        assert self.works[number].case(self.works[number].refresh(), known.sent.case_id) is None
        return True

    def _look(self, number: int, known: Known) -> tuple[Situation, OpenedCase]:
        situation = self.works[number].refresh()
        assert situation.trouble is None and not situation.rewound
        found = self.works[number].case(situation, known.sent.case_id)
        assert found is not None
        assert found.left == (number in known.back)
        assert found.is_open == (number not in known.back)
        return situation, found

    def _do(self, number: int, lost: bool, act: Callable[[], object]) -> bool:
        """Do something, the first time perhaps without getting the answer; tell whether it was taken."""
        if lost:

            def lose(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
                if request.method == "POST" and (
                    "/cases/" in request.url.path or "/register" in request.url.path
                ):
                    raise httpx.ReadError("lost")
                return answer

            self.wires[number].after = lose
            try:
                with suppress(ServerTrouble, CannotReply, DoesNotCount, ServerRefusal):
                    act()
            finally:
                self.wires[number].after = lambda _request, answer: answer
        try:
            act()
        except (CannotReply, DoesNotCount, ServerRefusal):
            return False
        return True

    # What happens

    @initialize()
    def first(self) -> None:
        self.report(out=None)

    @rule(out=st.none() | desks)
    def report(self, out: int | None) -> None:
        exclude = [] if out is None else [self.world.auditors[out].card.person]
        sent = self.world.report(exclude, what_happened="MARKER-report-極秘")
        # Whom the founder brought in stays when the founder is excluded (ADR 0002), but not a second key.
        outs = {out} if out is not None else set()
        self.known.append(Known(sent, outs | ({1} if out == 0 else set())))

    @rule(number=desks, out=st.none() | desks, channel=st.sampled_from(INTAKE_CHANNELS))
    def write_down(self, number: int, out: int | None, channel: str) -> None:
        """Write a report down that came by telephone, letter or talk: sealed, never the reporter's own words."""
        persons = frozenset() if out is None else frozenset([self.world.auditors[out].card.person])
        code, envelope_id = new_code(), secrets.token_bytes(16)
        answers = {"what_happened": "MARKER-intake-極秘"}
        written = WrittenReport(answers, "ja", channel, self.world.desk_day, persons, envelope_id)
        work = self.works[number]
        try:
            sent = intake.send(work, work.refresh(), written, code)
        except intake.NobodyElse:
            # With the founder the founder's other keys are out: then one reader would be left.
            assert out in (0, number)
            return
        assert out not in (0, number)
        receipt = derive(code, self.world.salt)
        assert receipt.case_id == sent.case_id
        outs = set() if out is None else {out}
        kept = Sent(code, receipt, envelope_id, b"", tuple(persons))
        self.known.append(Known(kept, outs, written_by=number))

    @rule(pick=picks)
    def reporter_writes(self, pick: int) -> None:
        known = self._case(pick)
        if known:
            self.world.from_reporter(known.sent, {"message": "MARKER-message-極秘"})

    def _case(self, pick: int) -> Known | None:
        return self.known[pick % len(self.known)] if self.known else None

    @rule(number=desks, pick=picks, kind=st.sampled_from(TYPES), more=picks, lost=st.booleans())
    def record(self, number: int, pick: int, kind: str, more: int, lost: bool) -> None:
        known = self._case(pick)
        if known is None or self._is_shut(number, known):
            return
        situation, found = self._look(number, known)
        made, new_id = self._made(kind, more, found), secrets.token_bytes(16)
        taken = self._do(number, lost, lambda: self.works[number].add_record(situation, found, new_id, made))
        assert taken == (found.is_open and self._counts(number, made, found))
        known.records |= {new_id} if taken else set()

    def _counts(self, number: int, made: Record, found: OpenedCase) -> bool:
        """Tell whether a record counts, by the two rules that these desks can break (the first two are leads)."""
        if made.type == "task_done":
            return made["task"] in [task.id for task in found.state.tasks]
        if made.type != "owner":
            return True
        own, before = self.world.auditors[number].card.person, found.state.owner
        to = bytes.fromhex(made["person"]) if made["person"] else None
        may = number < 2 or to == own or (to is None and before == own)
        return may and to not in found.state.stepped_back

    def _made(self, kind: str, more: int, found: OpenedCase) -> Record:
        text, on = f"MARKER-{more}-極秘", more % 3 > 0
        tasks = [one.id for one in found.state.tasks] or ["ab" * 16]
        items, stage = playbooks.items(), STAGES[more % 2]
        ways: Mapping[str, dict[str, Any]] = {
            "note": {"text": text},
            "task": {"task": secrets.token_hex(16), "text": text, "due": DAY if on else "", "assignee": ""},
            "task_done": {"task": tasks[more % len(tasks)], "done": on, "day": DAY},
            "label": {"label": text, "on": on},
            "owner": {"person": self.world.auditors[more % 3].card.person.hex() if on else ""},
            "severity": {"severity": [*SEVERITIES, ""][more % 5]},
            "cause": {"cause": ["loss", "attack", ""][more % 3]},
            "link": {"case": "cd" * 16, "as": LINKS[more % 2], "on": on},
            "title": {"title": text if on else ""},
            "panel": {
                "records": [
                    {"type": "severity", "severity": "high"},
                    {"type": "label", "label": text, "on": on},
                ]
            },
            "step": {"item": items[more % len(items)].id, "done": on, "day": DAY, "not_needed": ""},
            "breach": {
                "aware": DAY if on else "",
                "triggers": dict.fromkeys(breach.TRIGGER_IDS, breach.ANSWERS[more % 3]),
                "persons": more,
                "entrusted": breach.ANSWERS[more % 3],
            },
            "breach_form": {"stage": stage, "items": {"outline": text}},
            "breach_reported": {"stage": stage, "day": DAY if on else ""},
            "category": {"category": CATEGORIES[more % len(CATEGORIES)]},
            "plan": {"text": text if on else ""},
            "interview": {
                "interview": secrets.token_hex(16),
                "who": text,
                "day": DAY if on else "",
                "by": "",
                "minutes": text if on else "",
                "held": on,
            },
            "evidence": {
                "evidence": secrets.token_hex(16),
                "what": text,
                "hash": "",
                "day": DAY,
                "source": text,
                "place": text,
            },
            "conflict": {"conflict": on, "text": text},
            "milestone": {"what": MILESTONES[more % 4], "plan": DAY if on else "", "day": "", "how": text},
        }
        return make(kind, **ways[kind])

    @rule(number=desks, pick=picks, lost=st.booleans())
    def reply(self, number: int, pick: int, lost: bool) -> None:
        known = self._case(pick)
        if known is None or self._is_shut(number, known):
            return
        situation, found = self._look(number, known)
        new_id = secrets.token_bytes(16)
        taken = self._do(
            number, lost, lambda: self.works[number].reply(situation, found, new_id, "MARKER-reply-極秘")
        )
        assert taken == found.is_open
        known.replies |= {new_id} if taken else set()

    @rule(number=desks, pick=picks, more=picks, lost=st.booleans())
    def status(self, number: int, pick: int, more: int, lost: bool) -> None:
        known = self._case(pick)
        if known is None or self._is_shut(number, known):
            return
        situation, found = self._look(number, known)
        choices = sorted(allowed_next(found.status)) if found.is_open else []
        if not choices:
            return
        word, sequence = choices[more % len(choices)], found.next_sequence
        with suppress(StatusMovedOn):
            assert self._do(
                number, lost, lambda: self.works[number].set_status(situation, found, sequence, word)
            )
        known.statuses.append(word)

    @rule(number=desks, pick=picks, more=picks, lost=st.booleans())
    def decide(self, number: int, pick: int, more: int, lost: bool) -> None:
        """A status with a reply and a reason: all of it is there afterwards, or nothing."""
        known = self._case(pick)
        if known is None or self._is_shut(number, known):
            return
        situation, found = self._look(number, known)
        choices = sorted(allowed_next(found.status)) if found.is_open else []
        if not choices:
            return
        # A page that is older than what a colleague did meanwhile is refused whole.
        word, late = choices[more % len(choices)], more % 4 == 0
        sequence = found.next_sequence + late
        answer, reason = secrets.token_bytes(16), secrets.token_bytes(16)
        given = (answer, "MARKER-reply-極秘"), (reason, "MARKER-reason-極秘")
        try:
            taken = self._do(
                number,
                lost,
                lambda: self.works[number].decide(situation, found, (sequence, word), *given),
            )
        except StatusMovedOn:
            taken = False
        assert taken != late
        if taken:
            known.statuses.append(word)
            known.replies.add(answer)
            known.records.add(reason)

    @rule(number=desks, pick=picks, more=picks)
    def type_and_send_nothing(self, number: int, pick: int, more: int) -> None:
        known = self._case(pick)
        opened = self.works[number].from_copy(known.sent.case_id) if known else None
        if known is None or opened is None or number in known.out | known.back.keys():
            return
        asked = len(self.wires[number].requests)
        texts = {
            "note": f"MARKER-{more}-極秘",
            "severity": ["", *SEVERITIES][more % 5],
            "title": "MARKER-極秘",
        }
        kept = record_forms.kept(opened.state)
        draft = known.drafts.get(number, Draft()).typed(texts, kept, True)
        self.works[number].cache.put_draft(known.sent.case_id, draft)
        known.drafts[number] = draft
        assert len(self.wires[number].requests) == asked

    @rule(number=desks, pick=picks, lost=st.booleans())
    def leave(self, number: int, pick: int, lost: bool) -> None:
        known = self._case(pick)
        if known is None or number not in known.drafts or number in known.back:
            return
        situation, found = self._look(number, known)
        draft = known.drafts[number]
        kept = record_forms.kept(found.state)
        fields = {name: text for name, text in draft.unsent(kept).items() if name != "note"}
        changes = record_forms.panel(fields, self.world.desk_day)
        if changes and not draft.conflicts(kept):
            whole = together(changes)
            assert self._do(
                number, lost, lambda: self.works[number].add_record(situation, found, draft.record_id, whole)
            )
            known.records.add(draft.record_id)
            known.drafts[number] = draft.without(["severity", "title"])
            self.works[number].cache.put_draft(known.sent.case_id, known.drafts[number])

    @invariant()
    def drafts_are_what_was_typed(self) -> None:
        for known in self.known[-2:]:
            for number, draft in known.drafts.items():
                kept = self.works[number].cache.draft(known.sent.case_id)
                assert kept == (draft if draft.fields and number not in known.back else None)
        for sent in self.deleted[-1:]:
            work = self.works[0]
            assert work.cache.case(sent.case_id) is not None or work.cache.draft(sent.case_id) is None

    @rule(number=desks, pick=picks)
    def step_back(self, number: int, pick: int) -> None:
        known = self._case(pick)
        if known is None or number in known.out | known.back.keys():
            return
        situation, found = self._look(number, known)
        new_id = secrets.token_bytes(16)
        self.works[number].add_record(situation, found, new_id, make("step_back"))
        self.works[number].refresh()
        self.works[number].leave(known.sent.case_id)
        known.records.add(new_id)
        known.back[number] = new_id
        known.drafts.pop(number, None)
        known.was_back.add(number)

    @rule(pick=picks, number=st.sampled_from([0, 1]), who=desks)
    def bring_back(self, pick: int, number: int, who: int) -> None:
        known = self._case(pick)
        if known is None or not known.back.get(who) or number in known.out | known.back.keys():
            return
        situation, found = self._look(number, known)
        new_id = secrets.token_bytes(16)
        person = self.world.auditors[who].card.person.hex()
        record = make("bring_back", person=person, answers=known.back[who].hex())
        self.works[number].add_record(situation, found, new_id, record)
        known.records.add(new_id)
        del known.back[who]

    @rule(pick=picks, lead=st.sampled_from([0, 1]), other=desks, who=desks)
    def take_off(self, pick: int, lead: int, other: int, who: int) -> None:
        known = self._case(pick)
        if (
            known is None
            or len({lead, other, who}) < 3
            or {lead, other, who} & (known.out | known.back.keys())
        ):
            return
        self._change(known, other, lead, "off", self.world.auditors[who].card.person)
        known.back[who] = b""  # no stepping back: nobody brings them back alone
        known.drafts.pop(who, None)
        known.was_back.add(who)

    @rule(pick=picks, lead=st.sampled_from([0, 1]), other=desks)
    def give_again(self, pick: int, lead: int, other: int) -> None:
        known = self._case(pick)
        off = [number for number, step in known.back.items() if not step] if known else []
        if known is None or not off or lead == other or {lead, other} & (known.out | known.back.keys()):
            return
        self._change(known, lead, other, "given", self.world.auditors[off[0]].card.key_id)
        del known.back[off[0]]

    @rule(pick=picks, lead=st.sampled_from([0, 1]), other=desks)
    def give_to_the_guest(self, pick: int, lead: int, other: int) -> None:
        known = self._case(pick)
        if known is None or lead == other or {lead, other} & (known.out | known.back.keys()):
            return
        key_id = self.world.auditors[GUEST].card.key_id
        if 0 in known.out:
            with suppress(AccessRefused):
                self._change(known, lead, other, "given", key_id)
                raise AssertionError("given to a guest of an excluded person")
        elif known.is_for_guests and not known.is_given:
            self._change(known, lead, other, "given", key_id)
            known.is_given = True

    @rule(pick=picks, lead=st.sampled_from([0, 1]), other=desks)
    def take_the_guest_off(self, pick: int, lead: int, other: int) -> None:
        known = self._case(pick)
        if known is None or lead == other or {lead, other} & (known.out | known.back.keys()):
            return
        if known.is_given and known.is_for_guests:
            self._change(known, other, lead, "off", self.world.auditors[GUEST].card.person)
            known.is_given = False

    @rule(pick=picks, lost=st.booleans())
    def guest_notes(self, pick: int, lost: bool) -> None:
        known = self._case(pick)
        if known is None or not known.is_for_guests:
            return
        opened = self._guest_looks(known)
        if not known.is_given:
            assert opened is None or opened[1].left
            return
        assert opened is not None
        new_id, note = secrets.token_bytes(16), make("note", text="MARKER-guest-極秘")
        assert self._do(GUEST, lost, lambda: self.works[GUEST].add_record(*opened, new_id, note))
        known.records.add(new_id)
        severity = make("severity", severity="high")
        with suppress(DoesNotCount):
            self.works[GUEST].add_record(*opened, secrets.token_bytes(16), severity)
            raise AssertionError("a guest writes notes alone")

    def _guest_looks(self, known: Known) -> tuple[Situation, OpenedCase] | None:
        """Return the case as the guest's desk has it, after a colleague's desk has granted what is new."""
        number = min({0, 1, 2} - known.out - known.back.keys(), default=None)
        if number is not None:
            self._look(number, known)
            self.works[number].catch_up(self.works[number].refresh())
        situation = self.works[GUEST].refresh()
        opened = self.works[GUEST].case(situation, known.sent.case_id)
        return None if opened is None else (situation, opened)

    @rule(
        number=desks, kind=st.sampled_from(["templates", "charges", "views"]), more=picks, lost=st.booleans()
    )
    def write_into_the_register(self, number: int, kind: str, more: int, lost: bool) -> None:
        before = self.entries[kind]
        own_id = sorted(before)[more % len(before)] if before and more % 3 == 0 else secrets.token_hex(16)
        name = f"MARKER-{more}-極秘"
        if kind == "views" and own_id in before and number == 2:
            return  # a colleague's view is a lead's to change
        both = {"ja": name, "en": name}
        entry = {
            "templates": lambda: register.make(
                "template", template=own_id, name=both, text=both, category="", kept=True
            ),
            "charges": lambda: register.make(
                "charge", charge=own_id, name=name, post=name, scope=name, first=DAY, last=""
            ),
            "views": lambda: register.make("view", view=own_id, name=name, query={}, kept=True),
        }[kind]()
        work = self.works[number]
        taken = self._do(number, lost, lambda: work.register.add(work.refresh(), entry))
        assert taken == (number < 2 or kind == "views")
        if taken:
            before[own_id] = name

    @rule(number=desks, pick=picks)
    def log_an_export(self, number: int, pick: int) -> None:
        known = self._case(pick)
        if known is None or number in known.out | known.back.keys():
            return
        out = [self.world.auditors[who].card.key_id for who in known.out]
        details = {"case": known.sent.case_id.hex(), "what": "pack", "to": f"MARKER-{pick}-極秘"}
        work = self.works[number]
        work.register.log_export(work.refresh(), details, out)
        self.exports.append((details["case"], {0, 1, 2} - known.out))

    def _change(self, known: Known, first: int, second: int, what: str, target: bytes) -> None:
        """Change who reads a case: one proposes, another one agrees."""
        proposed, answer = secrets.token_bytes(16), secrets.token_bytes(16)
        self.works[first].propose_access(*self._look(first, known), proposed, what, target, "理由")
        situation, found = self._look(second, known)
        (proposal,) = proposals(found, situation.roster)
        self.works[second].agree_access(situation, found, answer, proposal, "変更しました。")
        known.records.add(proposed)
        known.replies.add(answer)

    @rule(
        number=desks, pick=picks, action=st.sampled_from(["propose", "agree", "withdraw"]), lost=st.booleans()
    )
    def deletion(self, number: int, pick: int, action: str, lost: bool) -> None:
        known = self._case(pick)
        if known is None or number in known.out | known.back.keys():
            return
        situation, found = self._look(number, known)
        work = self.works[number]
        proposal = work.deletions.proposal(situation, found)
        assert (proposal is not None) == (known.proposed_by is not None)
        if action == "propose":
            taken = self._do(number, lost, lambda: work.deletions.propose(situation, found))
            assert taken == (known.proposed_by in (None, number))
            known.proposed_by = number if known.proposed_by is None else known.proposed_by
        elif proposal is None:
            return
        elif action == "withdraw":
            assert self._do(number, lost, lambda: work.deletions.keep(situation, found))
            known.proposed_by = None
        else:
            taken = self._do(number, lost, lambda: work.deletions.agree(situation, found, proposal))
            assert taken == (known.proposed_by != number)
            if taken:
                self.known.remove(known)
                self.deleted.append(known.sent)

    @rule(number=st.integers(0, GUEST))
    def restart(self, number: int) -> None:
        self.works[number] = self._opened(number)

    # What holds

    @precondition(lambda self: self.deleted)
    @invariant()
    def what_was_deleted_is_nowhere(self) -> None:
        number = len(self.deleted) % 3
        situation = self.works[number].refresh()
        for sent in self.deleted[-2:]:
            line = self.works[number].cache.case(sent.case_id)
            if line is None:
                continue
            # A desk that can't read the case can't see that who stepped back did not sign; it has its own rule.
            found = self.works[number].case(situation, sent.case_id)
            assert found is not None and not found.is_open

    def teardown(self) -> None:
        try:
            for known in self.known:
                self._agreed(known)
            self._agreed_of_the_register()
            if any(known.statuses for known in self.known):
                self.world.report(what_happened="x")
                _control_and_leaks(self.world)
        finally:
            for work in self.works:
                work.server.close()
            self.world.close()
            self.stack.close()

    def _agreed(self, known: Known) -> None:
        ends = []
        for number in range(3):
            if self._is_shut(number, known):
                continue
            _situation, found = self._look(number, known)
            if not found.is_open or number in known.was_back:
                continue
            assert {one.envelope_id for one in found.said} == known.records
            assert found.state.ignored == ()
            replies = [one.envelope_id for one in found.entries if one.kind == 3]
            assert len(replies) == len(set(replies)) and set(replies) == known.replies
            assert [one.status for one in found.statuses] == known.statuses
            assert all(one.verified for one in found.entries) and all(one.verified for one in found.statuses)
            assert not found.foreign and not found.rewritten and not any(one.gap for one in found.entries)
            author = found.written_down.author if found.written_down is not None else None
            written_by = None if known.written_by is None else self.world.auditors[known.written_by].card
            assert author == written_by
            ends.append((found.state, found.statuses))
        assert all(end == ends[0] for end in ends)

    def _agreed_of_the_register(self) -> None:
        """Every desk has every entry that was acknowledged, an export if the case may be read there; a guest none."""
        for number in range(3):
            work = self.works[number]
            roster = work.refresh().roster
            state = work.register.state(roster)
            assert not work.register.fault and not work.register.kept.unread() and not state.ignored
            said = {
                "templates": {key: said.entry["name"]["ja"] for key, said in state.templates.items()},
                "charges": {key: said.entry["name"] for key, said in state.charges.items()},
                "views": {key: said.entry["name"] for key, said in state.views.items()},
            }
            assert said == self.entries
            lines = [line.details["case"] for line in work.register.exports(roster)]
            assert sorted(lines) == sorted(case for case, readers in self.exports if number in readers)
        guest = self.works[GUEST]
        assert not any(vars(guest.register.state(guest.refresh().roster)).values())


def _control_and_leaks(world: World) -> None:
    raw = b"".join(path.read_bytes() for path in world.folder.glob("test.db*"))
    if b"investigating" in raw:
        _nothing_is_readable(world)


TestHands = Hands.TestCase
TestHands.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    # Each step asks a real server: a smaller example is worth minutes to anyone who looks for it, not to everybody.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
