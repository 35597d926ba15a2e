"""Every day on which something of a case is due, with the rule behind it. Pure: "today" is an argument.

The law's clocks are those of `cases.legal_terms`; the department's own ones are the site's promises. What a clock
needs and nobody has established yet it asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cases import law, legal_terms, retention, status
from cases.case_state import CaseState
from cases.days import parse_day
from cases.law import Rule
from cases.legal_terms import IsHoliday
from cases.lodging import Lodging, through_the_site
from cases.status import Step, first_day

NOTICE: Final = "notice"
AWARE: Final = "aware"
"""Find out on which day the company knew: what the reports of a leak are counted from. It ends with the answer."""
PRELIMINARY: Final = "preliminary"
FINAL: Final = "final"
ACKNOWLEDGE: Final = "acknowledge"
DECIDE: Final = "decide"
RESULT: Final = "result"
PERSONS: Final = "persons"
"""Tell the persons concerned: promptly as the circumstances allow, without a number of days (law.toml:
breach_persons)."""
PRINCIPAL: Final = "principal"
"""Tell the company that entrusted the data: promptly, without a number of days (law.toml: breach_processor)."""
PROGRESS: Final = "progress"
"""Tell the reporter how far it is. No rule of law: a day of the auditors' own."""
FOLLOW_UP: Final = "follow_up"
"""Look whether the correction works: the guideline asks for it by secondary sources, without a day (law.toml:
guideline_measures)."""
INTERVIEW: Final = "interview"
"""An interview that is planned for a day. No rule of law."""
PLANNED: Final = frozenset({PERSONS, PRINCIPAL, PROGRESS, FOLLOW_UP, INTERVIEW})
"""Clocks whose day the auditors plan (`records.MILESTONES`): nobody else has set one."""
TASK: Final = "task"
RETENTION: Final = "retention"
ORAL: Final = "oral"
"""What NOTICE says in the place of a fact that is asked for: the report was not in writing, so no 20 days run."""

_LATEST: Final = date(9999, 1, 1)
"""A server's day may be the calendar's last: then there is none after it."""

MAX_PROMISE_DAYS: Final = 36_500
"""A hundred years."""

_ENDED: Final = status.RESULTS | {status.NOT_INVESTIGATING, status.CLOSED}


@dataclass(frozen=True)
class Promises:
    """The site's own promises, in days after the report (`retention_days`: after the close). None:
    nothing. Raises ValueError for what is no number of days from 0 to MAX_PROMISE_DAYS."""

    acknowledge_days: int | None = None
    decide_days: int | None = None
    result_days: int | None = None
    retention_days: int | None = None

    def __post_init__(self) -> None:
        """Check what a server said."""
        for days in (self.acknowledge_days, self.decide_days, self.result_days, self.retention_days):
            if days is not None and not (type(days) is int and 0 <= days <= MAX_PROMISE_DAYS):
                raise ValueError("a promise is a number of days")


@dataclass(frozen=True)
class Deadline:
    """One clock. `due`: its last day (None: not known yet, `asks` says which fact is missing). `first`: where a
    guide names a span and the law no term, the span's first day; such a clock can be past its days, but is never
    overdue. `done`: the day on which it was met. `rule`: the law behind it, None for what the department or this
    program set. `detail`: a task's id.
    """

    id: str
    due: date | None
    first: date | None = None
    done: date | None = None
    asks: str = ""
    rule: Rule | None = None
    detail: str = ""

    def days_left(self, today: date) -> int | None:
        """Return the days until the last day: 0 on it, negative after it. None when done or not known."""
        if self.due is None or self.done is not None:
            return None
        return (self.due - today).days

    @property
    def is_guide(self) -> bool:
        """Tell whether its days are a guide's, and no term of the law."""
        return self.first is not None

    @property
    def is_planned(self) -> bool:
        """Tell whether its day is one that the auditors have planned."""
        return self.id in PLANNED

    def is_past(self, today: date) -> bool:
        """Tell whether the last day has passed, of a term, of a guide or of a plan."""
        left = self.days_left(today)
        return left is not None and left < 0

    def is_overdue(self, today: date) -> bool:
        """Tell whether a term has passed. The preliminary report's never has: the law counts no days for it."""
        return self.is_past(today) and not (self.is_guide or self.is_planned)

    @property
    def late_days(self) -> int:
        """How many days after its last day it was met; 0 in time, while it is not met, or without a last day."""
        return max((self.done - self.due).days, 0) if self.done and self.due else 0

    @property
    def kept(self) -> bool | None:
        """Whether it was met in time, or within a guide's days; None while it is not met, or has no last day."""
        if self.done is None or self.due is None:
            return None
        return self.done <= self.due


def of_case(
    received: date,
    steps: Sequence[Step],
    state: CaseState,
    promises: Promises,
    is_holiday: IsHoliday,
    today: date,
    answered: date | None = None,
    lodging: Lodging | None = None,
) -> tuple[Deadline, ...]:
    """Return a case's clocks, those that are not met and due first at the beginning; before them AWARE, on which
    others depend.

    `steps`: verified statuses, oldest first. `answered`: the day of the first message to the reporter.
    `lodging`: when the report was made; None: on the day of receipt, through the site.
    """
    told = lodging or through_the_site(received)
    deadlines = [
        *_reporters(told, steps, promises, today, answered, state.is_report),
        *_authority(told.made, state, is_holiday, today),
        *_planned(steps, state, today),
        *(
            Deadline(TASK, task.due, done=task.done, detail=task.id)
            for task in state.tasks
            if task.due is not None or task.done is not None
        ),
        *(
            Deadline(INTERVIEW, parse_day(said.record["day"]), detail=own_id)
            for own_id, said in state.investigation.interviews.items()
            if said.record["day"] and not said.record["held"]
        ),
        *_retention(steps, promises),
    ]
    return tuple(
        sorted(
            deadlines,
            key=lambda deadline: (deadline.done is not None, deadline.id != AWARE, deadline.due or date.max),
        )
    )


def _reporters(
    told: Lodging,
    steps: Sequence[Step],
    promises: Promises,
    today: date,
    answered: date | None,
    is_report: bool,
) -> list[Deadline]:
    decided, received = first_day(steps, status.DECIDED), told.made
    rule = law.rule_on("gateway_days", today)
    deadlines = list[Deadline]()
    if is_report and told.written is None:
        # A call or a talk starts no 20 days (law.toml: gateway_days); the day of the notice is shown all the same.
        deadlines.append(Deadline(NOTICE, None, done=decided, asks=ORAL))
    elif is_report and told.written is not None:
        # After day 20 the reporter may go outside (Art. 3(iii)ホ): for the department this is a last day.
        deadlines.append(Deadline(NOTICE, legal_terms.notice_due(told.written), done=decided, rule=rule))
    first_word = min((day for day in (answered, decided) if day is not None), default=None)
    own = [(ACKNOWLEDGE, promises.acknowledge_days, first_word)]
    if is_report:
        own += [
            (DECIDE, promises.decide_days, decided),
            (RESULT, promises.result_days, first_day(steps, _ENDED)),
        ]
    deadlines += [
        Deadline(name, _after(received, days), done=done) for name, days, done in own if days is not None
    ]
    if promises.acknowledge_days is None and first_word is not None:
        # Nothing sets a last day for it; the day on which it was done is shown all the same.
        deadlines.append(Deadline(ACKNOWLEDGE, None, done=first_word))
    return deadlines


def _authority(received: date, state: CaseState, is_holiday: IsHoliday, today: date) -> list[Deadline]:
    leak = state.breach
    if not state.is_leak and not state.reported:
        return []
    if leak is not None and (leak.has_to_report == "no" or (is_relieved(state) and not state.reported)):
        return []
    preliminary, final = law.rule_on("breach_prelim", today), law.rule_on("breach_final", today)
    done = state.reported
    if leak is None or leak.aware is None:
        asks = "aware"
        # Had the company learned of it from this report, the guide's days would begin on this day (our own choice).
        by = legal_terms.preliminary_report(min(received, _LATEST)).first
        return [
            Deadline(AWARE, by),
            Deadline(PRELIMINARY, None, done=done.get(PRELIMINARY), asks=asks, rule=preliminary),
            Deadline(FINAL, None, done=done.get(FINAL), asks=asks, rule=final),
        ]
    asks = "triggers" if leak.has_to_report == "unknown" else ""
    span = legal_terms.preliminary_report(leak.aware)
    due = legal_terms.final_report_due(leak.aware, leak.improper, is_holiday)
    return [
        Deadline(PRELIMINARY, span.last, span.first, done.get(PRELIMINARY), asks, preliminary),
        Deadline(FINAL, due, done=done.get(FINAL), asks=asks, rule=final),
    ]


def is_relieved(state: CaseState) -> bool:
    """Tell whether the company handles the data for another one and has told it: it is free then of the reports to the
    authority and of the notice to the persons (law.toml: breach_processor)."""
    told = state.milestones.get(PRINCIPAL)
    is_entrusted = state.breach is not None and state.breach.entrusted == "yes"
    return is_entrusted and told is not None and told.day is not None


def _planned(steps: Sequence[Step], state: CaseState, today: date) -> list[Deadline]:
    """Return the clocks of what the auditors plan themselves: those that the case calls for, and those with a day."""
    leak = state.breach
    is_reportable = leak is not None and leak.has_to_report == "yes"
    is_entrusted = is_reportable and leak is not None and leak.entrusted == "yes"
    last = steps[-1].status if steps else status.RECEIVED
    called_for = {
        PRINCIPAL: (is_entrusted, "breach_processor"),
        PERSONS: (is_reportable and not is_relieved(state), "breach_persons"),
        PROGRESS: (last == status.INVESTIGATING and state.is_report, ""),
        FOLLOW_UP: (first_day(steps, {status.CORRECTED}) is not None, "guideline_measures"),
    }
    deadlines = []
    for name, (is_called_for, rule) in called_for.items():
        said = state.milestones.get(name)
        plan, day = (said.plan, said.day) if said else (None, None)
        if is_called_for or plan or day:
            deadlines.append(Deadline(name, plan, done=day, rule=law.rule_on(rule, today) if rule else None))
    return deadlines


def _retention(steps: Sequence[Step], promises: Promises) -> list[Deadline]:
    last = retention.ends_on(steps, promises.retention_days)
    return [] if last is None else [Deadline(RETENTION, last)]


def _after(day: date, days: int) -> date:
    """A server's day may be the calendar's last: then there is none after it."""
    return day + timedelta(days=min(days, (date.max - day).days))
