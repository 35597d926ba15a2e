"""Words of the register's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

_NAME: Final = N_("Please write a name of at most 80 characters, on one line.")
_TAKEN: Final = N_(
    "Another template has this name already: their buttons would look the same. Please choose another name. Nothing "
    "was written, and what you typed is still here."
)
_TEXT: Final = N_("Please write a text of at most 3,000 characters, in Japanese and in English.")
_PLACE: Final = N_(
    "There is a {…} in it that this program does not fill in. It knows those that are named below."
)
_BRACKET: Final = N_("A bracket has no pair: {…} is filled in by the program, [ … ] by the auditor.")

PROBLEMS: Final[Mapping[str, str]] = {
    **{f"name_{lang}": _NAME for lang in ("ja", "en")},
    **{f"name_{lang}_taken": _TAKEN for lang in ("ja", "en")},
    **{f"text_{lang}": _TEXT for lang in ("ja", "en")},
    **{f"text_{lang}_place": _PLACE for lang in ("ja", "en")},
    **{f"text_{lang}_bracket": _BRACKET for lang in ("ja", "en")},
    "name": N_("Please write a name of at most 80 characters, on one line."),
    "post": N_("Please write the department and the role, at most 80 characters."),
    "scope": N_("Please write what the person is in charge of, at most 1,000 characters."),
    "first": N_("Please choose the first day."),
    "last": N_("The last day is missing, or is before the first one."),
    "person": N_("Please choose a person."),
    "by": N_("Please choose another person, and both days."),
    "query": N_("This list cannot be shared."),
    "not_a_lead": N_("Only a lead can write this. Nothing was written."),
    "not_own": N_("Only that person or a lead can change this. Nothing was written."),
    "changed": N_(
        "Somebody else changed this after this page was opened. Nothing was written, and what you typed is still here. "
        "What is on record now is shown below. To put yours in its place, press the button again."
    ),
    "trouble": N_("The server could not be asked. Nothing was written, and what you typed is still here."),
    "refused": N_("The server did not take it. Nothing was written, and what you typed is still here."),
    "older": N_(
        "The server’s shared record is older than this desk’s: nothing is written until it is right again."
    ),
    "other": N_("The server has another shared record than this desk: nothing is written."),
    "closed": N_(
        "The shared record is not open to your key yet: please ask a colleague to open their inbox once."
    ),
    "other_fault": N_("This could not be read. Nothing was written, and what you typed is still here."),
}
"""Errors of input, by error code."""

PLACES: Final[Mapping[str, str]] = {
    "received": N_("the day of the report"),
    "report": N_("how the report came, and on which day"),
    "today": N_("the day on which the reply is written"),
    "consult_name": N_("the Consumer Affairs Agency’s line for questions about the act"),
    "consult_phone": N_("its telephone number"),
    "authority_name": N_(
        "the authority that takes reports about leaks; in other cases it is written over by hand"
    ),
    "labour_name": N_("the labour consultation corner"),
}
"""Values of a reply's places (`cases.replies.PLACES`)."""

EXPORTED: Final[Mapping[str, str]] = {
    "pdf": N_("Case as PDF"),
    "folder": N_("Case as folder with its files"),
    "csv": N_("List of all cases"),
    "pack": N_("Pack for somebody outside"),
}
"""Kinds of exports."""
