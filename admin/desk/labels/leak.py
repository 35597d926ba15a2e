"""Sentences about the days of a leak and the copies of its reports. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

_DAY_UNKNOWN: Final = N_(
    "The day on which the company became aware of the leak is not established yet. Please keep that day first, "
    "above: all days of the reports are counted from it."
)
_DAY_BEFORE_AWARE: Final = N_(
    "This day is before the day on which the company became aware of the leak. Please put one of the two right."
)
_DAY_ORDER: Final = N_(
    "The final report cannot have been handed in before the preliminary one. Please put one of the two days right."
)
_COPY_EMPTY: Final = N_(
    "The copy of this report that is kept here is not complete. Please write into it what was handed in, and keep "
    "it; or keep the day all the same, below."
)
DAY_FAULTS: Final[Mapping[str, str]] = {
    "unknown": N_(
        "A report to the authority is on record, but not the day on which the company became aware of the leak. "
        "Please establish that day."
    ),
    "before_aware": N_(
        "The days on record contradict each other: a report was handed in before the company became aware of the "
        "leak. Please put them right."
    ),
    "order": N_(
        "The days on record contradict each other: the final report was handed in before the preliminary one. "
        "Please put them right."
    ),
}
"""Contradictions of a leak's recorded days (cases.breach.day_fault)."""

RECORD: Final[Mapping[str, str]] = {
    **{f"reported_{stage}_unknown": _DAY_UNKNOWN for stage in ("preliminary", "final")},
    **{f"reported_{stage}_before_aware": _DAY_BEFORE_AWARE for stage in ("preliminary", "final")},
    **{f"reported_{stage}_order": _DAY_ORDER for stage in ("preliminary", "final")},
    **{f"reported_{stage}_empty": _COPY_EMPTY for stage in ("preliminary", "final")},
    "breach_handed_in": N_(
        "A report of this leak was handed in already, so the company had become aware of it by then. Please give a "
        "day that is not after it, or put the day of that report right."
    ),
}
"""Errors of a leak's day (part of `labels.records.RECORD`)."""

DIFFERENCES: Final[Mapping[str, str]] = {
    "same": N_("The same as in the preliminary report"),
    "changed": N_("Changed since the preliminary report"),
    "added": N_("New: not in the preliminary report"),
    "missing": N_("Only in the preliminary report"),
}
"""How an item of the final report differs from the preliminary one (cases.breach)."""

SOURCES: Final[Mapping[str, str]] = {
    "owner": N_("The case shows it: owner and severity are set."),
    "reply": N_("The case shows it: a reply was sent."),
    "status": N_("The case shows it: the status says so, and the reporter reads it."),
    "aware": N_("The case shows it: the day is on record."),
    "scope": N_("The case shows it: number of persons and kinds of data are on record."),
    "triggers": N_("The case shows it: the questions are answered."),
    "reported": N_("The case shows it: it was handed in."),
    "told": N_("The case shows it: the day on which they were told is on record."),
    "planned": N_("The case shows it: the day is planned."),
    "result": N_("The case shows it: the result is set, and a reply was sent after it."),
    "not_reportable": N_("Not needed: by the answers this leak does not have to be reported."),
    "not_entrusted": N_("Not needed: the data are not handled for another company."),
    "relieved": N_("Not needed: the company that entrusted the data was told."),
}
"""From what the case shows that a step of the playbook is done, or not needed (cases.playbook_facts)."""

RELIEVED: Final = N_(
    "The company handles these data for another one and has told it: by Art. 26(1), proviso, it owes no reports to the "
    "authority and no notice to the persons. So their days are not shown."
)
