"""Texts of the statistics, on the page and in files. English here, every language in
translations/.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from babel.dates import format_skeleton
from flask_babel import gettext, ngettext

from admin.desk.labels import clocks as clock_labels
from admin.desk.labels import common
from admin.desk.labels.i18n import N_, language, show_day
from admin.desk.labels.i18n import colon as colon
from cases import periods
from cases.days import parse_day
from cases.deadlines import PRELIMINARY
from cases.periods import Period
from cases.small_counts import Table
from cases.statistics import Statistics
from cases.statistics_csv import TOTAL

ALL_CASES: Final = N_("All cases")
TOLD_ROWS: Final[Mapping[str, str]] = {
    "told": N_("Told so far"),
    "median_days": N_("Median of days, of those told alone"),
}
HIDDEN: Final = N_("Not shown: the count is small, or would give a small one away")
"""The remark beside a count that is hidden."""

TABLES: Final[Mapping[str, str]] = {
    "all": N_("All"),
    "status": N_("By status"),
    "severity": N_("By severity"),
    "matrix": N_("Status and severity"),
    "category": N_("By what it is about"),
    "cause": N_("By cause"),
    "month": N_("Received by month"),
    "to_notice": N_("Days until the reporter was told whether it is investigated"),
    "in_time": N_("Told within 20 days"),
    "to_close": N_("Days until the case was closed"),
    "open_at_end": N_("Open cases"),
    "kept": N_("Terms kept"),
    "missed": N_("Terms missed"),
}
"""The tables (cases.statistics)."""

GUIDE: Final = N_("Preliminary report to the authority (a guide of days 3 to 5, no term of the law)")
"""Name of the preliminary report in the tables of terms kept and missed."""

ROWS: Final[Mapping[str, str]] = {
    "not_said": N_("Not set"),
    "unknown": N_("Not known yet"),
    "no_term": N_("Not told, and no 20 days run"),
    "gone": N_("Not known: deleted, or stepped back from"),
}
_GONE: Final[Mapping[str, str]] = {
    "left": N_("Stepped back from"),
    "deleted": N_("Deleted"),
}

PROBLEMS: Final[Mapping[str, str]] = {
    "not_a_lead": N_("Only a lead can do this. Nothing was sent or exported."),
    "trouble": N_("The server could not be asked, so nothing was sent or exported. Please try again later."),
    "empty": N_("There is no case that opens here, so there is nothing to export."),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
    "days": N_("Please choose the first and the last day of the period. The present quarter is shown."),
    "order": N_(
        "The last day is before the first one. Please change one of them. The present quarter is shown."
    ),
    "long": N_(
        "A period can have up to 36 months. Please choose a shorter one. The present quarter is shown."
    ),
}

CHOICES: Final[Mapping[str, str]] = {
    periods.THIS_QUARTER: N_("This quarter"),
    periods.LAST_QUARTER: N_("Last quarter"),
    periods.THIS_YEAR: N_("This fiscal year"),
    periods.LAST_YEAR: N_("Last fiscal year"),
}

COLUMNS: Final = (
    N_("Number"),
    N_("Received on"),
    N_("Status"),
    N_("Cause"),
    N_("Severity"),
    N_("Owner"),
    N_("Labels"),
    N_("Reporter told whether it is investigated"),
    N_("Company became aware of the leak"),
    N_("Preliminary report handed in"),
    N_("Final report handed in"),
    N_("Closed on"),
    N_("Days from the report until the reporter was told"),
    N_("Days from awareness to the preliminary report"),
    N_("Days from awareness to the final report"),
    N_("Days from the report to the close"),
    N_("Due next"),
    N_("What is due, and what is past its day"),
    N_("Written down by an auditor"),
)
"""The head of the list of all cases."""

_CLOCKS: Final[Mapping[str, str]] = {**clock_labels.CLOCKS, PRELIMINARY: GUIDE}
_SEVERITIES: Final[Mapping[str, str]] = {**common.SEVERITIES, **ROWS}
_STATUSES: Final[Mapping[str, str]] = {**common.STATUSES, **_GONE}
_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "status": _STATUSES,
    "severity": _SEVERITIES,
    "category": {**common.CATEGORIES, **ROWS},
    "cause": {**common.CAUSES, **ROWS},
    "to_notice": {
        **ROWS,
        **TOLD_ROWS,
        "open": N_("Not told yet, within 20 days"),
        "overdue": N_("Not told yet, more than 20 days"),
    },
    "in_time": {
        **ROWS,
        "in_time": N_("Within 20 days"),
        "later": N_("Later, or not yet"),
        "open": N_("Not told yet, within 20 days"),
    },
    "to_close": {
        **ROWS,
        "open": N_("Not closed yet"),
        "median_days": N_("Median of days, of those closed alone"),
    },
    "open_at_end": {"period": N_("Received in the period"), "earlier": N_("Received before")},
    "kept": _CLOCKS,
    "missed": _CLOCKS,
    "all": {TOTAL: ALL_CASES},
}


def label_of(table: str, row: str) -> str:
    """Return what a row of a table is called."""
    text = _ROWS.get(table, {}).get(row)
    if text is not None:
        return str(gettext(text))
    if table == "month":
        return month_of(row, with_year=True)
    if table == "matrix":
        status, _space, severity = row.partition(" ")
        return f"{label_of('status', status)} / {label_of('severity', severity)}"
    if table in ("to_notice", "to_close"):
        first, _dash, last = row.partition("-")
        return str(
            gettext("%(first)s to %(last)s days", first=first, last=last)
            if last
            else gettext("%(first)s days and more", first=first)
        )
    return row


def labels_of(table: str, row: str) -> tuple[str, str]:
    """Return what a table and its row are called."""
    name = TABLES[table]
    return str(gettext(name)), label_of(table, row)


def month_of(month: str, with_year: bool = False) -> str:
    """Return what a month ("YYYY-MM") is called."""
    day = parse_day(f"{month}-01")
    return str(format_skeleton("yMMM" if with_year else "MMM", day, locale=language()))


def name_of_period(period: Period) -> str:
    """Return what a period is called, its days apart."""
    year = periods.year_of(period.first).first.year
    if period.kind == periods.YEAR:
        return year_name(periods.year_of(period.first).first)
    if period.kind == periods.QUARTER:
        number = (period.first.month - 4) % 12 // 3 + 1
        return str(gettext("Quarter %(number)s of fiscal year %(year)s", number=number, year=year))
    return days_of(period)


def year_name(first: date) -> str:
    """Return what the fiscal year is called that begins on a day."""
    return str(gettext("Fiscal year %(year)s", year=first.year))


def days_of(period: Period) -> str:
    """Return the days of a period."""
    return str(gettext("%(first)s to %(last)s", first=show_day(period.first), last=show_day(period.last)))


def cases_of(number: int) -> str:
    """Return a number of cases in words."""
    return str(ngettext("%(num)d case", "%(num)d cases", number))


def fewer_than(least: int) -> str:
    """Return the sign for a small number of cases."""
    return str(gettext("fewer than %(least)s", least=least))


def in_words(table: Table) -> str:
    """Return the counts of a table as one sentence, those that are 0 left out; it is a picture's text too."""
    parts = [
        f"{label_of(table.name, row)}{colon()}{cases_of(number)}" for row, number in table.rows if number
    ]
    return ("、" if language() == "ja" else ", ").join(parts)


def told_words(counted: Statistics) -> list[str]:
    """Return how many reporters were told whether it is investigated, and after how many days.

    Those not told yet are said beside them: a median of the others alone says nothing of these.
    """
    told, untold, days = counted.told, counted.untold, counted.notice_days
    if told is None or untold is None:
        return [_median_alone(days)] if days is not None else []
    total = told + untold
    if not total:
        return []
    if not told:
        return [
            str(
                ngettext(
                    "The reporter of the %(num)d case was not told yet.",
                    "None of the reporters of the %(num)d cases was told yet.",
                    total,
                )
            )
        ]
    pairs = [
        str(
            ngettext(
                "%(told)s of %(num)d reporter was told whether it is investigated.",
                "%(told)s of %(num)d reporters were told whether it is investigated.",
                total,
                told=told,
            )
        )
    ]
    if days is not None:
        pairs.append(_median(told, days))
    if untold:
        pairs.append(str(ngettext("%(num)d was not told yet.", "%(num)d were not told yet.", untold)))
    return pairs


def closed_words(counted: Statistics) -> list[str]:
    """Return after how many days cases were closed, those that are closed alone."""
    days = counted.close_days
    if days is None:
        return []
    return [
        str(
            gettext(
                "The median of the closed cases is %(days)s days after the report. Those not closed yet are not in it.",
                days=f"{days:g}",
            )
        )
    ]


def _median(told: int, days: float) -> str:
    if not days:
        return str(
            ngettext(
                "Of this %(num)d it was day 0, the day of the report.",
                "The median of these %(num)d is day 0, the day of the report.",
                told,
            )
        )
    return str(
        ngettext(
            "Of this %(num)d it was day %(days)s after the report.",
            "The median of these %(num)d is day %(days)s after the report.",
            told,
            days=f"{days:g}",
        )
    )


def _median_alone(days: float) -> str:
    return str(
        gettext(
            "The median of those who were told is day %(days)s after the report (0: the day of the report). Those not "
            "told yet are not in it.",
            days=f"{days:g}",
        )
    )
