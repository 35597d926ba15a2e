"""What the numbers say in sentences and labels, on the page and in files. English here, every language in
translations/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext, ngettext

from admin.desk.labels import common, records
from admin.desk.labels.i18n import N_
from cases.deadlines import PRELIMINARY
from cases.statistics import TOTAL, Statistics

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
    "cause": N_("By cause"),
    "month": N_("By month of the report"),
    "to_notice": N_("Days until the reporter was told whether it is investigated"),
    "kept": N_("Terms kept"),
    "missed": N_("Terms missed"),
}
"""The board's tables (cases.statistics)."""

GUIDE: Final = N_("Preliminary report to the authority (a guide of days 3 to 5, no term of the law)")
"""What the preliminary report is called in the tables of terms kept and missed."""

ROWS: Final[Mapping[str, str]] = {
    "not_said": N_("Not set"),
    "unknown": N_("Not known yet"),
    "other": N_("Before"),
    "open": N_("Not told yet"),
}

PROBLEMS: Final[Mapping[str, str]] = {
    "not_a_lead": N_("Only a lead can do this. Nothing was sent or exported."),
    "trouble": N_("The server could not be asked, so nothing was sent or exported. Please try again later."),
    "empty": N_("There is no case that opens here, so there is nothing to export."),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
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
)
"""The head of the list of all cases."""

_CLOCKS: Final[Mapping[str, str]] = {**records.CLOCKS, PRELIMINARY: GUIDE}
_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "status": common.STATUSES,
    "cause": {**common.CAUSES, **ROWS},
    "month": ROWS,
    "to_notice": {**ROWS, **TOLD_ROWS},
    "kept": _CLOCKS,
    "missed": _CLOCKS,
    "all": {TOTAL: ALL_CASES},
}


def label_of(table: str, row: str) -> str:
    """Return what a row of a table is called."""
    text = _ROWS.get(table, {}).get(row)
    if text is not None:
        return str(gettext(text))
    if table == "to_notice":
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


def told_words(numbers: Statistics) -> list[str]:
    """Return how many reporters were told whether it is investigated, and after how many days.

    Those not told yet are said beside them: a median of the others alone says nothing of these.
    """
    told, untold, days = numbers.told, numbers.untold, numbers.median_days
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
