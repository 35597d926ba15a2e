"""The words of the inbox and the search that are in tables. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels import common, records
from admin.desk.labels.i18n import N_

VIEWS: Final[Mapping[str, str]] = {
    "": N_("Needs action"),
    "mine": N_("Mine"),
    "new": N_("New or unanswered"),
    "due": N_("With a last day"),
    "closed": N_("Closed"),
    "all": N_("All"),
}
SEVERITIES: Final[Mapping[str, str]] = {
    "low": N_("Low"),
    "medium": N_("Medium"),
    "high": N_("High"),
    "critical": N_("Critical"),
}
CATEGORIES: Final[Mapping[str, str]] = {
    "leak": N_("Leak"),
    "harassment": N_("Harassment"),
    "accounting": N_("Accounting"),
    "other": N_("Other"),
    "not_a_report": N_("No report"),
}
"""Categories in short form, for a table cell."""
SHORT_PAGE_LANGUAGES: Final[Mapping[str, str]] = {
    "ja": N_("Japanese"),
    "en": N_("English"),
    "easy": N_("Plain Jp."),
}
"""The language of the reporter's page, as a cell has room for."""
BULK: Final[Mapping[str, str]] = {
    "owner": N_("Set the owner"),
    "severity": N_("Set the severity"),
    "category": N_("Set what they are about"),
    "label": N_("Put a label on"),
    "not_investigating": N_("Set “Not investigated”, with one reason"),
    "duplicate": N_("Link as duplicates of one case"),
}
"""Actions on several cases at once."""
BULK_PROBLEMS: Final[Mapping[str, str]] = {
    "reason": N_("Please write the reason."),
    "head": N_("Please write the number of one case, and choose at least one other case."),
    "owner": N_("Please choose a person."),
    "severity": N_("Please choose a severity."),
    "category": N_("Please choose what they are about."),
    "label": N_("A label is one line of up to 40 characters."),
    "trouble": N_("The server could not be asked."),
    "shut": N_("This case does not open on this desk."),
    "unseen": N_(
        "Somebody else wrote in it, or set its status, after the list was shown. Please look at it first."
    ),
    "moved_on": N_("Its status does not allow this any more."),
    "cannot": N_("Nothing can be sent from this case at present; its page says why."),
    "refused": N_("The server did not accept it."),
    **records.WOULD_NOT_COUNT,
}
"""Why something was not done with a case, or with several."""
CLOCKS: Final[Mapping[str, str]] = {
    "aware": N_("Find out the day on which the company knew"),
    "notice": N_("Notice to the reporter"),
    "preliminary": N_("Preliminary report"),
    "final": N_("Final report"),
    "acknowledge": N_("Acknowledgement"),
    "decide": N_("Decision"),
    "result": N_("Result"),
    "task": N_("Task"),
    "retention": N_("End of retention"),
}
PLACES: Final[Mapping[str, str]] = {
    **common.FIELDS,
    "message": N_("Message of the reporter"),
    "reply": N_("Reply to the reporter"),
    "note": N_("Note"),
    "label": N_("Label"),
    "task": N_("Task"),
    "file": N_("Name of a file"),
    "other": N_("Other text"),
    "title": N_("Title"),
}
"""Where a search finds something (admin.desk.local.search.PLACES)."""
SIGNATURES: Final[Mapping[str, str]] = {
    "unchecked": N_("Signature not checked yet"),
    "wrong": N_("No valid signature"),
}
"""States of a report's signature (`CaseSummary.signature`)."""
FAULTS: Final[Mapping[str, str]] = {
    "withheld": N_("The server does not hand this report out"),
    "damaged": N_("This report is damaged, or was exchanged"),
    "before": N_("This report came before your key was enrolled, and was not handed over to you"),
    "no_slot": N_("This report was not encrypted for your key, although you were enrolled"),
    "list": N_("Something of this case was encrypted for others than the list of auditors says"),
}
"""Why a report does not open here that should (`casework.faults.fault_of`)."""
