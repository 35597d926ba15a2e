"""Playbook items that a case itself shows as done or not needed, with the reason. Pure.

An item that is not named here only a person can judge. What an auditor says about an item counts before this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from cases import deadlines, status
from cases.case_state import Breach, CaseState
from cases.status import Step, first_day

SOURCES: Final = (
    "owner", "reply", "status", "aware", "scope", "triggers", "reported", "told", "planned", "result",
    "not_reportable", "not_entrusted", "relieved",
)  # fmt: skip
"""From what an item is known."""
_NOT_NEEDED: Final = frozenset({"not_reportable", "not_entrusted", "relieved"})
_OF_DUTY: Final = ("preliminary_sent", "persons_told", "final_sent")
"""Items that are done only where the leak has to be reported."""


@dataclass(frozen=True)
class ShownByCase:
    """The evidence that an item is done or not needed: one of SOURCES. `day`: on which it was; None: not one day."""

    source: str
    day: date | None = None

    @property
    def is_needed(self) -> bool:
        """Whether the item is done; False: the case does not need it."""
        return self.source not in _NOT_NEEDED


def shown(state: CaseState, steps: Sequence[Step], replies: Sequence[date]) -> Mapping[str, ShownByCase]:
    """Return what a case shows, by the playbook's item.

    `steps`: verified statuses, oldest first; `replies`: the days of verified answers to the reporter.
    """
    return MappingProxyType(
        dict((*_of_the_reporter(state, steps, replies), *_of_milestones(state), *_of_the_leak(state)))
    )


def _of_the_reporter(
    state: CaseState, steps: Sequence[Step], replies: Sequence[date]
) -> Iterator[tuple[str, ShownByCase]]:
    if state.owner is not None and state.severity:
        yield "owner_named", ShownByCase("owner")
    decided = first_day(steps, status.DECIDED)
    if replies:
        yield "acknowledged", ShownByCase("reply", min(replies))
    elif decided is not None:
        yield "acknowledged", ShownByCase("status", decided)
    # That it is investigated the status says by itself. That it is not needs the reason, which a reply says.
    if first_day(steps, {status.INVESTIGATING}) is not None:
        yield "decided", ShownByCase("status", decided)
    elif decided is not None and any(day >= decided for day in replies):
        yield "decided", ShownByCase("reply", min(day for day in replies if day >= decided))
    result = first_day(steps, status.RESULTS)
    told = [day for day in replies if result is not None and day >= result]
    if told:
        yield "result_told", ShownByCase("result", min(told))


def _of_milestones(state: CaseState) -> Iterator[tuple[str, ShownByCase]]:
    items = {deadlines.PERSONS: "persons_told", deadlines.PRINCIPAL: "processor"}
    for what, item in items.items():
        if (said := state.milestones.get(what)) and said.day is not None:
            yield item, ShownByCase("told", said.day)
    later = state.milestones.get(deadlines.FOLLOW_UP)
    if later is not None and (later.plan or later.day):
        yield "checked_later", ShownByCase("planned", later.plan or later.day)


def _of_the_leak(state: CaseState) -> Iterator[tuple[str, ShownByCase]]:
    for stage in (deadlines.PRELIMINARY, deadlines.FINAL):
        if stage in state.reported:
            yield f"{stage}_sent", ShownByCase("reported", state.reported[stage])
    leak = state.breach
    if leak is None:
        return
    if leak.aware is not None:
        yield "aware_day", ShownByCase("aware", leak.aware)
    if leak.has_to_report != "unknown":
        yield "triggers_answered", ShownByCase("triggers")
    if leak.persons is not None and any(form.get("data", "").strip() for form in state.forms.values()):
        yield "scope", ShownByCase("scope")
    yield from _not_needed(state, leak)


def _not_needed(state: CaseState, leak: Breach) -> Iterator[tuple[str, ShownByCase]]:
    why = (
        "not_reportable" if leak.has_to_report == "no" else "relieved" if deadlines.is_relieved(state) else ""
    )
    told = state.milestones.get(deadlines.PERSONS)
    done = {f"{stage}_sent" for stage in state.reported} | ({"persons_told"} if told and told.day else set())
    for item in _OF_DUTY:
        if why and item not in done:
            yield item, ShownByCase(why)
    if leak.entrusted == "no" and deadlines.PRINCIPAL not in state.milestones:
        yield "processor", ShownByCase("not_entrusted")
