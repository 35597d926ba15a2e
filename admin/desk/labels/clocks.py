"""Texts of a case's clocks, the same on pages, in documents and in lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext, ngettext

from admin.desk.labels.i18n import N_, language, show_day
from cases.deadlines import FINAL, ORAL, PRELIMINARY, Deadline

CLOCKS: Final[Mapping[str, str]] = {
    "aware": N_("Find out on which day the company became aware of the leak"),
    "notice": N_("Tell the reporter whether it is investigated"),
    "preliminary": N_("Preliminary report to the authority"),
    "final": N_("Final report to the authority"),
    "acknowledge": N_("First answer to the reporter"),
    "decide": N_("Decide whether to investigate"),
    "result": N_("Tell the result"),
    "persons": N_("Notice to the persons concerned"),
    "principal": N_("Notice to the company that entrusted the data"),
    "progress": N_("Word to the reporter on progress"),
    "follow_up": N_("Look whether the correction works"),
    "interview": N_("Interview"),
    "task": N_("Task"),
    "retention": N_("End of the time for which the case is kept"),
}
"""Clocks of a case (cases.deadlines)."""
CLOCK_NOTES: Final[Mapping[str, str]] = {
    "aware": N_(
        "The days of the reports to the authority are counted from it, and may be running already. This date is a "
        "proposal of this program and no term of the law: day 3, the day of the report being day 1."
    ),
    "notice": N_(
        "After this day a report by the reporter to others, such as the press, may be protected. "
        "The company does not have to answer by then."
    ),
    "preliminary": N_(
        "The law says “promptly”; the guideline speaks of about 3 to 5 days. So this is a span, not a term."
    ),
    "persons": N_(
        "The law says “promptly, as the circumstances allow” and sets no number of days. Where it is difficult to tell "
        "them, something else can stand in for it. The day is one that the auditors plan."
    ),
    "principal": N_(
        "A company that handles data for another one is free of the reports and of the notice to the persons when it "
        "promptly tells the other. No number of days is set; the day is one that the auditors plan."
    ),
    "progress": N_("No rule asks for it by a day. The day is one that the auditors plan."),
    "follow_up": N_(
        "By secondary sources the guideline asks to look afterwards whether a correction works. It sets no day; the "
        "day is one that the auditors plan."
    ),
}
ASKS: Final[Mapping[str, str]] = {
    "aware": N_("It depends on the day on which the company became aware. Please establish that day."),
    "triggers": N_("Whether this has to be reported is not established yet."),
}
"""Facts that a clock waits for (`Deadline.asks`)."""

SOON: Final = 5
"""Days before its last day from which a clock is marked."""
_ASKED: Final = ASKS["aware"]
_HANDED_IN: Final = frozenset({PRELIMINARY, FINAL})


@dataclass(frozen=True)
class ClockText:
    """A clock's sentence. `tone`: "late", "soon", "kept" or ""; it is never said by colour alone."""

    text: str
    tone: str = ""


def said(clock: Deadline, today: date) -> ClockText:
    """Return the words of a clock's state; a term and a guide's days are told apart."""
    if clock.done is not None:
        return ClockText(_late(clock), "late") if clock.late_days else ClockText(_done(clock.done), "kept")
    left = clock.days_left(today)
    if clock.due is None or left is None:
        if clock.is_planned:
            return ClockText(str(gettext("no day planned yet")))
        return ClockText(_without_day(clock))
    if clock.first is not None:
        span = str(gettext("%(first)s to %(last)s", first=show_day(clock.first), last=show_day(clock.due)))
        return ClockText(f"{span}{_joint()}{past_guide(-left)}", "late") if left < 0 else ClockText(span)
    if left < 0 and clock.is_planned:
        return ClockText(past_plan(-left), "late")
    if left < 0:
        return ClockText(str(ngettext("%(num)d day over", "%(num)d days over", -left)), "late")
    if left == 0:
        return ClockText(str(gettext("today")), "late")
    return ClockText(
        str(ngettext("%(num)d day left", "%(num)d days left", left)), "soon" if left <= SOON else ""
    )


def _without_day(clock: Deadline) -> str:
    if clock.asks == ORAL:
        return str(gettext("do not run: not in writing"))
    return str(gettext(_ASKED)) if clock.asks == "aware" else ""


def short(clock: Deadline | None, today: date) -> ClockText:
    """Return where a clock is in the few words that a table's cell has room for; empty for no such clock."""
    if clock is None:
        return ClockText("")
    if clock.done is not None:
        return (
            ClockText(str(gettext("late by %(num)d d", num=clock.late_days)), "late")
            if clock.late_days
            else ClockText(str(gettext("done")), "kept")
        )
    left = clock.days_left(today)
    if clock.due is None or left is None:
        return ClockText(str(gettext("no 20 days (not in writing)")) if clock.asks == ORAL else "")
    if left < 0:
        days = -left
        past = (
            gettext("guide +%(num)d d", num=days) if clock.is_guide else gettext("%(num)d d over", num=days)
        )
        return ClockText(str(past), "late")
    if left == 0:
        return ClockText(str(gettext("today")), "late")
    return ClockText(str(gettext("%(num)d d left", num=left)), "soon" if left <= SOON else "")


def whole(clock: Deadline, today: date) -> str:
    """Return the same with the last day before it, where the sentence does not name it."""
    text = said(clock, today).text
    if clock.due is None or clock.is_guide or clock.late_days:
        return text
    wanted = gettext("Planned for %(day)s") if clock.is_planned else gettext("Due on %(day)s")
    due = str(wanted) % {"day": show_day(clock.due)}
    return f"{due}{_joint()}{text}" if text else due


def named(clock: Deadline, today: date) -> str:
    """Return the same behind the clock's name."""
    name = CLOCKS[clock.id]
    return f"{gettext(name)}{'：' if language() == 'ja' else ': '}{whole(clock, today)}"


def past_guide(days: int) -> str:
    """Return that a guide's days passed so many days ago. It is no term of the law: nothing here says overdue."""
    return str(ngettext("%(num)d day past the guide’s days", "%(num)d days past the guide’s days", days))


def past_plan(days: int) -> str:
    """Return that a day which the auditors planned passed so many days ago."""
    return str(ngettext("%(num)d day past the planned day", "%(num)d days past the planned day", days))


def _done(day: date) -> str:
    return str(gettext("Done on %(day)s", day=show_day(day)))


def _late(clock: Deadline) -> str:
    if clock.due is None or clock.done is None:
        raise ValueError("a clock that is late has a due day and a day on which it was met")
    days, due, done = clock.late_days, show_day(clock.due), show_day(clock.done)
    if clock.first is not None:
        return str(
            ngettext(
                "Guide: %(first)s to %(due)s; handed in on %(done)s, %(num)d day after it",
                "Guide: %(first)s to %(due)s; handed in on %(done)s, %(num)d days after it",
                days,
                first=show_day(clock.first),
                due=due,
                done=done,
            )
        )
    if clock.is_planned:
        return str(
            ngettext(
                "Planned for %(due)s, done on %(done)s: %(num)d day later",
                "Planned for %(due)s, done on %(done)s: %(num)d days later",
                days,
                due=due,
                done=done,
            )
        )
    if clock.id in _HANDED_IN:
        return str(
            ngettext(
                "Due on %(due)s, handed in on %(done)s: %(num)d day late",
                "Due on %(due)s, handed in on %(done)s: %(num)d days late",
                days,
                due=due,
                done=done,
            )
        )
    return str(
        ngettext(
            "Due on %(due)s, done on %(done)s: %(num)d day late",
            "Due on %(due)s, done on %(done)s: %(num)d days late",
            days,
            due=due,
            done=done,
        )
    )


def _joint() -> str:
    return "、" if language() == "ja" else ", "
