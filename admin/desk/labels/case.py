"""More words of the pages about one case. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

DELETION: Final[Mapping[str, str]] = {
    "reason": N_(
        "Please write why the case is to be deleted (up to 20,000 characters). Nothing was changed."
    ),
    "cannot": N_("Only somebody who could open the report can do this. Nothing was changed."),
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
        "Only somebody who was an auditor when the report came, or has been one for 30 days, can do this. "
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
