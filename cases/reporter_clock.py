"""The reporter's clock: computed from the days of a case and the law. Pure: "today" is an argument.

It follows from days that the server keeps (lodging, statuses, messages) and needs no auditor to be honest:
which of the notices that law and guideline ask for has come, whether the 20 days have passed without one
(Art. 3(iii)ホ; law.toml: gateway_days, days_count), and what it opens. No term for an answer is computed: the
law sets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from cases import law, legal_terms, status
from cases.law import Rule
from cases.routing import FREELANCERS, NOT_COVERED, OFFICERS, WHO, Answers, Status
from cases.status import Step, first_day

Reason = Literal[
    "",  # the days alone decide
    "not_designated",  # the 20 days run only where the line is designated
    "director",  # directors don't have this gateway
    "not_covered",  # the Act in force today does not cover this person, or not for certain
    "notice",  # a notice came in time: whether the company investigates is not known here
    "late_notice",  # a notice came after the 20 days
    "refused",  # it was decided not to investigate: whether with just cause is for a lawyer or a court
    "transition",  # which law applies could not be checked
]


@dataclass(frozen=True)
class Measure:
    """A duty of the company by law or guideline. `id` is "investigation", "result" or "correction" (its
    sentence: routing.text(f"measure_{id}")); `rule` says where (rule.confidence "secondary" is to be shown as
    such); `happened` is the day it first did, None: not yet."""

    id: str
    rule: Rule
    happened: date | None


@dataclass(frozen=True)
class ReporterClock:
    """Where a case is on a day.

    `day_number`: day N (lodging is day 0), `opens_on`: day 21, our reading; both None where the line is not
    designated: the clock is not shown there. `gateway`: whether the condition ホ is met today, and `reason`
    why not or why it is not known; reasonable grounds are needed besides. `authority_at_once`: an authority
    may be told without waiting (directors: only after trying inside, danger apart).

    `passed_without_notice`: the 20 days have passed and nothing was decided. `refused_without_reason`: it was
    decided not to investigate, and no message of the auditors came on that day or later.
    `closed_without_word`: closed without a result or a message. `nobody_can_open`: no recipient is left.
    `spans_change`: the case is on both sides of the Act's change: show law().transition.
    """

    designated: bool
    day_number: int | None
    opens_on: date | None
    gateway: Status
    reason: Reason
    authority_at_once: bool
    measures: tuple[Measure, ...]
    passed_without_notice: bool
    refused_without_reason: bool
    closed_without_word: bool
    nobody_can_open: bool
    spans_change: bool
    rules: tuple[Rule, ...]

    @property
    def first_words(self) -> tuple[str, ...]:
        """The ids of the texts that the page says first thing (routing.text)."""
        flags = ("nobody_can_open", "passed_without_notice", "refused_without_reason", "closed_without_word")
        texts = [f"clock_{name}" for name in flags if getattr(self, name)]
        if self.reason == "late_notice":
            texts.append("clock_late_notice")
        return tuple(texts)


def reporter_clock(
    lodged: date,
    steps: Sequence[Step],
    designated: bool,
    today: date,
    who_am_i: str | None = None,
    messages: Sequence[date] = (),
    can_be_opened: bool = True,
) -> ReporterClock:
    """Return where a case lodged on `lodged` is on `today` (days in Japan).

    `steps`: the stored statuses, oldest first. `who_am_i`: one of routing.WHO; None: not said, taken as a
    person whom the Act covers. `messages`: the days of the auditors' messages. `can_be_opened`: whether a
    recipient of the report is left. Raises ValueError when the days are not in order, a step may not follow
    the one before it, or `who_am_i` is no known word.
    """
    _check(lodged, steps, today, who_am_i, messages)
    spans = law.spans_change(lodged, today)
    gateway, reason = _gateway(lodged, steps, designated, today, who_am_i)
    refused = _current(steps) == status.NOT_INVESTIGATING
    passed = legal_terms.gateway_is_open(lodged, today) and first_day(steps, status.DECIDED) is None
    return ReporterClock(
        designated=designated,
        day_number=legal_terms.day_number(lodged, today) if designated else None,
        opens_on=legal_terms.gateway_opens(lodged) if designated else None,
        gateway=gateway,
        reason=reason,
        authority_at_once=who_am_i not in OFFICERS,
        measures=_measures(steps, today),
        passed_without_notice=designated and passed,
        refused_without_reason=refused and not any(day >= steps[-1].day for day in messages),
        closed_without_word=_current(steps) == status.CLOSED and not _said(lodged, steps, messages),
        nobody_can_open=not can_be_opened,
        spans_change=spans,
        rules=_rules(today, who_am_i),
    )


def answers_for(lodged: date, steps: Sequence[Step], known: Answers | None = None) -> Answers:
    """Return the answers for the guide that follow from the case; `known` gives the rest (None: skipped).

    The report was made on this line, and what it takes is in writing.
    """
    given = known or Answers()
    return replace(
        given,
        told_company="both" if given.told_company in ("superior", "both") else "this_line",
        told_day=lodged,
        told_in_writing=True,
        notice_of_investigation=True if _notice(steps) else None if _refusals(steps) else False,
    )


def _check(
    lodged: date, steps: Sequence[Step], today: date, who_am_i: str | None, messages: Sequence[date]
) -> None:
    if who_am_i not in (None, *WHO):
        raise ValueError("who_am_i is none of its choices")
    days = [lodged, *(step.day for step in steps), today]
    if days != sorted(days) or any(not lodged <= day <= today for day in messages):
        raise ValueError("the days are not in order")
    status.check_history([step.status for step in steps])


def _current(steps: Sequence[Step]) -> str:
    return status.current([step.status for step in steps])


def _notice(steps: Sequence[Step]) -> date | None:
    return first_day(steps, {status.INVESTIGATING})


def _refusals(steps: Sequence[Step]) -> bool:
    return first_day(steps, {status.NOT_INVESTIGATING}) is not None


def _said(lodged: date, steps: Sequence[Step], messages: Sequence[date]) -> bool:
    """Return whether anything was said since the case was last taken up: a result, or a message."""
    since, said = lodged, False
    for step in steps:
        if step.status == status.INVESTIGATING:
            since, said = step.day, False
        said = said or step.status in status.RESULTS
    return said or any(day >= since for day in messages)


def _gateway(
    lodged: date, steps: Sequence[Step], designated: bool, today: date, who_am_i: str | None
) -> tuple[Status, Reason]:
    """Return whether ホ is met; the first thing that is in the way is the reason."""
    opens, notice = legal_terms.gateway_opens(lodged), _notice(steps)
    freelancer = who_am_i in FREELANCERS
    uncovered = freelancer and law.rule_on("freelance", today) is None
    # Civil servants: by other laws (Art. 9). A one-person company's representative: perhaps as an officer of it.
    doubtful = who_am_i == "civil_servant" or (uncovered and who_am_i != "freelancer")
    checks: tuple[tuple[bool, Status, Reason], ...] = (
        (not designated, "not_met", "not_designated"),
        (who_am_i in OFFICERS, "not_met", "director"),
        (doubtful, "unknown", "not_covered"),
        (uncovered or who_am_i in NOT_COVERED, "not_met", "not_covered"),
        (notice is not None and notice >= opens, "unknown", "late_notice"),
        (notice is not None, "unknown", "notice"),
        (_refusals(steps), "unknown", "refused"),
        (today < opens, "not_met", ""),
        (freelancer and law.spans_change(lodged, today), "unknown", "transition"),
    )
    for holds, state, reason in checks:
        if holds:
            return state, reason
    return "met", ""


def _measures(steps: Sequence[Step], today: date) -> tuple[Measure, ...]:
    guideline = law.rule_on("guideline_measures", today)
    correction = law.rule_on("corrective_notice", today) or guideline
    corrected = first_day(steps, {status.CORRECTED})
    measures = (
        ("investigation", law.rule_on("gateway_days", today), _notice(steps)),
        ("result", guideline, first_day(steps, status.RESULTS)),
        ("correction", correction, corrected),
    )
    return tuple(Measure(name, rule, day) for name, rule, day in measures if rule is not None)


def _rules(today: date, who_am_i: str | None) -> tuple[Rule, ...]:
    """Return the rules that the page names beside the clock."""
    keys = ["days_no_duty", "days_count", "authority_grounds"]
    if who_am_i in (None, *OFFICERS):
        keys += ["officers_effort", "officers_gateways"]
    rules = (law.rule_on(key, today) for key in keys)
    return tuple(rule for rule in rules if rule is not None)
