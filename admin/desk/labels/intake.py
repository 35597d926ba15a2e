"""Labels and error sentences of reports that an auditor writes down. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext

from admin.desk.labels.i18n import N_, show_day
from crypto.intake import Intake

CHANNELS: Final[Mapping[str, str]] = {
    "telephone": N_("A telephone call"),
    "letter": N_("A letter or fax"),
    "talk": N_("A talk in person"),
}
"""By the words of crypto.payloads.INTAKE_CHANNELS."""

MARKS: Final[Mapping[str, str]] = {
    "telephone": N_("By telephone, written down"),
    "letter": N_("By letter, written down"),
    "talk": N_("From a talk, written down"),
    "false": N_("Says it was written down; not true"),
}
"""Marks in a list of cases; "false": `local.summary.FALSE_INTAKE`."""

CODES: Final[Mapping[str, str]] = {
    "given": N_("The person wants a receipt code, to read answers and write more"),
    "none": N_("The person does not want a code"),
}
"""By the words of crypto.payloads.INTAKE_CODES."""

_FROM: Final[Mapping[str, str]] = {
    "telephone": N_("Written down by %(name)s, from a telephone call on %(day)s."),
    "letter": N_("Written down by %(name)s, from a letter that came on %(day)s."),
    "talk": N_("Written down by %(name)s, from a talk on %(day)s."),
}

SHEET: Final = (
    N_("Open the address below, “Look at your report”, and enter this code."),
    N_(
        "At the first look the page asks for a new code. Please take it at once: until then the person who wrote "
        "your report down may know this code, could read the answers, and could write in your name."
    ),
    N_(
        "Should this code open nothing at your first look, somebody else has used it. Please tell another auditor, "
        "or go to a place outside; the site’s page “Ways outside the company” names some."
    ),
    N_("Nobody can give you the code again. Keep the sheet where only you can reach it."),
)
"""Texts of the sheet with the receipt code, for the person."""

PLAIN_SHEET: Final = (
    N_("Open the page below. Enter this code."),
    N_(
        "At the first look, change to a new code. Until then the person who wrote this down may know the code."
    ),
    N_("Does the code not work at the first look? Then another person used it. Please tell another auditor."),
    N_("Nobody can give you the code again. Keep this paper where only you can get it."),
)
"""The same for a person who reads plain Japanese: its Japanese is the plain one, with readings."""

FALSE: Final = N_(
    "This report says that an auditor wrote it down, but no auditor’s signature shows it. Please take it neither for "
    "the auditor’s words nor for the reporter’s own. It is shown so that nothing is lost."
)

NOT_OWN: Final = N_("These are not the reporter’s own words.")

KNOWS_CODE: Final = N_(
    "No new code has been taken yet: %(name)s may know the code. Until then, what comes under the reporter’s name "
    "may be written by %(name)s, and answers can be read by %(name)s there."
)

NEW_CODE: Final = N_(
    "A new code was taken on %(day)s; since then the code that %(name)s had opens nothing. Should the person say "
    "that the code on the sheet opened nothing at the first look, somebody else took the new one: please tell a "
    "lead, and treat what came under the reporter’s name as nobody’s."
)

NO_CODE: Final = N_("The person wanted no code: nobody has one. What is answered here reaches nobody.")

FIRST_CODE: Final = N_("Written under the first code, which %(name)s may know.")

PROBLEMS: Final[Mapping[str, str]] = {
    "no_scan": N_("Please choose a file. Nothing was attached."),
    "scan_locked": N_("This file asks for a password. Nothing was attached."),
    "scan_unreadable": N_("This file can’t be read as a PDF or a picture. Nothing was attached."),
    "scan_large": N_(
        "This is too much: a scan can have 32 MiB, all scans together 64 MiB, at most 20. It was not attached."
    ),
    "scan_pages": N_("This file has more than 500 pages. Nothing was attached."),
    "scan_slow": N_(
        "This file takes too long to be read. Nothing was attached. Please scan fewer pages into one file."
    ),
    "scan_busy": N_(
        "The program that reads scans could not be started. Nothing was attached. Please try again."
    ),
    "scans_changed": N_(
        "The scans are not those that you looked at: one was added or taken away, or the desk was locked in between, "
        "and then they have to be attached again. Nothing was sent. What you typed is still here."
    ),
    "category": N_("Please choose what it is about."),
    "channel": N_("Please choose how it came."),
    "day": N_("Please enter the day as in a calendar."),
    "future": N_("This day has not come yet. Please enter the day of the call, the talk or the letter."),
    "code": N_("Please choose whether the person wants a code."),
    "required": N_("Please write what happened. A few words are enough."),
    "too_long": N_("All answers together can have up to 100,000 characters. Please shorten this one."),
    "unreadable": N_("Some characters could not be read. Please write them again."),
    "not_a_choice": N_("Please choose one of these."),
    "unknown_person": N_("This person is not on the list any more. Please look at the choice again."),
    "bad_id": N_("This person is not on the list any more. Please look at the choice again."),
    "unknown_field": N_("The page was of another version. Please look at it again."),
    "nobody_left": N_("Somebody has to be able to read it. Please leave out fewer persons."),
    "nobody_else": N_(
        "Where somebody is left out, a second person besides you has to be able to read the report, and you as well. "
        "Please leave out fewer persons, or have the person report through the site or to a place outside."
    ),
    "changed": N_(
        "The text was changed in another window after the code was shown. Nothing was sent. Please look at it again; "
        "the code that was shown is void."
    ),
    "trouble": N_(
        "The server did not answer, so it is not certain whether the report is there. Nothing is lost: please send "
        "it once more from this page, with the same code. It is never there twice."
    ),
    "refused": N_("The server did not take it. Nothing was sent, and your text is still here."),
    "too_large": N_(
        "The report is longer than the server takes. Please shorten it; your text is still here."
    ),
    "not_kept": N_(
        "What you typed could not be kept on this computer. Nothing was sent. It is still in this page."
    ),
    "unlocked": N_(
        "The desk had locked itself, and nothing was sent. If a code was shown before, it is void: please destroy "
        "that sheet."
    ),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
}
"""Errors of a written-down report, and reasons why it was not sent."""

DONE: Final[Mapping[str, str]] = {
    "intake_sent": N_("The report is on the site. The desk has forgotten the code."),
    "intake_sent_no_promise": N_(
        "The report is on the site, and the desk has forgotten the code. The site gave no promise for the log that "
        "holds: please look at the page about the log tomorrow."
    ),
    "intake_sent_before": N_(
        "The report was on the site already: it had arrived when its answer was lost. The code that was shown then "
        "is the one that counts."
    ),
    "intake_unlocked": PROBLEMS["unlocked"],
    "intake_csrf": PROBLEMS["csrf"],
    "intake_discarded": N_("What was typed was thrown away."),
}
"""Confirmations on the following page."""


def source(said: Intake | None, name: str) -> str:
    """Return by whom a report was written down, how it came and when; `name`: the auditor's, as pages show it. `said`:
    None where it only says so.
    """
    if said is None:
        return str(gettext(FALSE))
    sentence = _FROM[said.channel]
    return str(gettext(sentence, name=name, day=show_day(said.day)))


SCAN: Final = N_(
    "Scan, attached by %(name)s to what was written down. It was made anew as pictures of its pages."
)
FALSE_SCAN: Final = N_("Attached to a report that says an auditor wrote it down. That is not confirmed.")
"""Labels of a written-down report's files, which are never the reporter's own."""
