"""Labels and error sentences of the pages about one case. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from admin.desk.labels.i18n import N_


@dataclass(frozen=True)
class MeaningGuidance:
    """The texts of a message's meaning, and what follows from it for the auditors."""

    said: str
    means: str


MEANINGS: Final[Mapping[str, MeaningGuidance]] = {
    "withdraw": MeaningGuidance(
        N_("The reporter withdraws the report."),
        N_(
            "This changes nothing by itself: no due date stops, nothing is closed or deleted. What the company has "
            "come to know it still knows; if personal data has leaked, its duties go on."
        ),
    ),
    "correct": MeaningGuidance(
        N_("The reporter puts a fact right."),
        N_("The earlier text stays as it was sent. Please look at what was concluded from it."),
    ),
    "name": MeaningGuidance(
        N_("The reporter gives a name."),
        N_(
            "Please keep it as secret as who reported: write it into no task, note, label or file outside the desk. "
            "Nothing shows that it is the true name."
        ),
    ),
}
"""By the words of crypto.payloads.MEANINGS."""

ASKS_PRESSURE: Final = ("withdraw", "correct")
"""Meanings behind which there can be a person who put pressure on the reporter."""

DELETION: Final[Mapping[str, str]] = {
    "reason": N_(
        "Please write why the case is to be deleted (up to 20,000 characters). Nothing was changed."
    ),
    "cannot": N_("Only a person who could open the report can do this. Nothing was changed."),
    "refused": N_(
        "The server did not take it. Please look at the case again; somebody else may have changed it."
    ),
    "trouble": N_("The server could not be asked. Please look at the case again before you repeat it."),
    "no_proposal": N_(
        "The proposal that this page showed is open no more: it was withdrawn, or is older than 30 days. "
        "Nothing was deleted."
    ),
    "proposed": N_(
        "A colleague has proposed it meanwhile. Please look at that proposal. Nothing was changed."
    ),
    "same_person": N_("Two different persons have to agree. Nothing was deleted."),
    "unsettled": N_(
        "Only a person who was an auditor when the report came, or has been one for 30 days, can do this. "
        "Nothing was changed."
    ),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
}
"""Why a deletion did not happen."""

REPORT_UNSIGNED: Final = N_(
    "This report does not carry the signature that every report of this site has: it may have been exchanged or "
    "changed on the server. What it says is shown so that nothing is lost. It cannot be answered."
)
"""Said above a report whose own signature does not hold."""

DAYS_CONTRADICT: Final = N_(
    "The days of this case contradict each other: a status was signed for a day before the report came, or before the "
    "status that it follows. The day of the report is the server’s word. Please do not rely on the due dates "
    "before somebody has compared the days with the reporter’s receipt."
)
"""Said where signed days and the server's do not fit together."""
