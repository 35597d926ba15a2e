"""Problems by error code: what happened, what was not lost, what to do. English; every language in `translations/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.labels.i18n import N_

FILE_PROBLEMS: Final[Mapping[str, str]] = {
    "file_too_large": N_(
        "A file was larger than this site can take, so it was not kept. Your text and the other files are still "
        "here. Please leave the file out, or send a smaller part of it."
    ),
    "too_many_files": N_(
        "There were more files than one report can have, so the last ones were not kept. Your text and the other"
        " files are still here. The rest can be sent later as a message."
    ),
    "files_busy": N_(
        "Too many files are arriving at the moment, so yours were not kept. Your text is still here. Please choose"
        " the files again in a few minutes, or send the text first and the files later as a message."
    ),
    "files_full": N_(
        "There is no room for files at the moment, so yours were not kept. Your text is still here. Please send it"
        " without them; the files can be sent later as a message."
    ),
    "files_not_cleaned": N_(
        "Some files could not be cleaned, so they may still say who made them. Nothing has been sent yet, and nothing "
        "is lost. Please say for each of them below how it should go."
    ),
    "files_gone": N_(
        "The files that you chose before are not here any more, so nothing has been sent. Your text is still here."
        " Please choose the files again."
    ),
}
"""Why a file was not kept."""

PROBLEMS: Final[Mapping[str, str]] = {
    **FILE_PROBLEMS,
    "required": N_("Please write what happened."),
    "too_long": N_(
        "All answers together can have up to 100,000 characters. Please shorten this one, or "
        "send the rest later as a message."
    ),
    "unreadable": N_("Some characters arrived damaged (shown as �). Please write them again."),
    "unknown_field": N_(
        "The form included something that this page cannot handle, such as a file. Nothing has been stored. "
        "Please check your answers and send them again."
    ),
    "readers_grew": N_(
        "Somebody was added to the list of those who can read reports since this form was shown to you. Nothing has "
        "been sent; everything is still here. Please look at the list once more, and send the form again."
    ),
    "bad_id": N_("Your choice of who must not read this could not be understood. Please choose again."),
    "unknown_person": N_("Somebody you chose is not on the list any more. Please look at your choice again."),
    "nobody_left": N_(
        "With this choice nobody could read your report. Please leave at least one person who"
        " may, or use a way outside the company."
    ),
    "choose_again": N_(
        "There is a report with this code already, and this site cannot tell for sure whom you excluded from "
        "it. Nothing has been sent. Please look at your choice below, where everybody who is known is ticked,"
        " and send it once more."
    ),
    "choice_full": N_(
        "You have excluded more people from this report than a message can name. Nothing has been sent; your "
        "text is still here. Please write a new report."
    ),
    "token_bad": N_(
        "This form could not be recognised, so nothing has been stored. Your text is still "
        "here. Please send it once more."
    ),
    "token_stale": N_(
        "This form was opened more than three days ago, so nothing has been stored. Your text"
        " is still here. Please send it once more."
    ),
    "code_ended": N_(
        "The receipt code of this form is no longer in use, so nothing has been stored. Your "
        "text is still here; it now has a new code. Please send it once more."
    ),
    "no_readers": N_(
        "There is no one registered who can read reports at the moment, so nothing has been stored. Your text"
        " is still here. Please see the ways outside the company."
    ),
    "store_failed": N_(
        "Your report could not be stored just now. Your text is still here. Please send it "
        "again in a few minutes; it will not be stored twice."
    ),
    "unexpected": N_(
        "Something went wrong on our side. Your text is still here. Please send it again in a"
        " few minutes; it will not be stored twice."
    ),
}

NOT_A_CHOICE: Final[Mapping[str, str]] = {
    "category": N_(
        "What the report is about arrived as something that is not in the list. Nothing has been sent, and what you "
        "wrote is still here. Please choose once more, or leave it open."
    ),
    "cause": N_(
        "The kind of cause arrived as something that is not in the list. Nothing has been sent, and what you wrote is "
        "still here. Please choose once more, or leave it open."
    ),
}
"""Of an answer that is none of the choices: by the question's name."""


def sentence_of(field: str, code: str) -> str:
    """Return the sentence, in English, for a problem (cases.form.Problem) of the report form."""
    return NOT_A_CHOICE[field] if code == "not_a_choice" else PROBLEMS[code]


LEAD_OUTSIDE: Final = frozenset({"nobody_left", "no_readers", "store_failed", "unexpected"})
"""Problems beside which the page shows the ways outside: this site can't help just now."""

MESSAGE_PROBLEMS: Final[Mapping[str, str]] = {
    **FILE_PROBLEMS,
    "required": N_("Please write a message."),
    "too_long": N_(
        "A message can have up to 100,000 characters. Please shorten it, or send it in two parts."
    ),
    "unreadable": PROBLEMS["unreadable"],
    "nobody_left": N_(
        "There is no one left who can read this case at the moment, so the message was not stored. Your text "
        "is still here. Please see the ways outside the company."
    ),
    "choose": N_(
        "Nothing has been sent, and your text is still here. Please choose once more who must not read it, and then "
        "send it."
    ),
    "choose_first": N_(
        "Nothing was changed. Please choose once more who must not read, and send a message with this choice,"
        " or take a new code. Then you can make it unreadable to you."
    ),
    "choice_full": PROBLEMS["choice_full"],
    "no_report": N_(
        "Nothing has been sent, and your text is still here. The report with this code is no longer here as "
        "you sent it. Please copy your text and send it as a new report."
    ),
    "readers_grew": N_(
        "Somebody was added to the list of those who can read reports since this page was shown to you. Your message "
        "was not stored; your text is still here. Please look at who is new, and send it again if you want to."
    ),
    "case_full": N_(
        "This case cannot hold any more messages, so this one was not stored. Everything before it is safe, "
        "and your text is still here. Please copy it and send it as a new report."
    ),
    "store_failed": N_(
        "Your message could not be stored just now. Your text is still here. Please send it "
        "again in a few minutes; it will not be stored twice."
    ),
    "unexpected": N_(
        "Something went wrong on our side. Your text is still here. Please send it again in a"
        " few minutes; it will not be stored twice."
    ),
}

CODE_PROBLEMS: Final[Mapping[str, str]] = {
    "missing": N_("Please enter your receipt code."),
    "length": N_("A receipt code has 20 letters and digits. Please compare it with what you wrote down."),
    "symbol": N_(
        "There is a character that no receipt code has. Please compare it with what you wrote down."
    ),
    "check": N_("There may be a typing mistake. Please compare each group with what you wrote down."),
    "unknown": N_(
        "There is no report with this code. Please check that it is the code of this site and enter it again. If you "
        "took a new code, only the new one works; nothing was deleted. If somebody wrote the report down for you and "
        "this is your first look, another person may have taken the new code: please tell another person who can "
        "read reports, or a place outside the company."
    ),
    "expired": N_(
        "The page was open for more than 15 minutes, so it was closed for your safety. Please"
        " enter your code again."
    ),
    "bad_token": N_("This page could not be recognised. Please enter your code again."),
    "store_failed": N_(
        "Your report could not be looked up just now. It is not lost. Please try again in a few minutes."
    ),
}

NEW_CODE_PROBLEMS: Final[Mapping[str, str]] = {
    "written": N_(
        "Please write the new code down and say so here. The old code is still in use; nothing was changed."
    ),
    "choose": N_(
        "Please choose once more who must not read. The old code is still in use; nothing was changed."
    ),
    "readers_grew": N_(
        "Somebody was added to the list of those who can read reports since this page was shown to you. The old code "
        "is still in use; nothing was changed. Please look at who is new, and go on if you want to."
    ),
    "taken": N_(
        "The code that was shown before could not be used, so here is another one. The old code is still in use; "
        "nothing was changed."
    ),
}
"""Reasons against a new code."""
