"""Labels and problems of the form and the pages: English here, every language in `translations/`.

Tone: calm, polite, no blame; an error says what happened, what was not lost, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crypto.cards import AUDITOR, LEAD, OBSERVER
from portal.labels.i18n import N_
from portal.labels.scripts import SCRIPT_WORDS


@dataclass(frozen=True)
class Question:
    """A question of the report form and why the answer helps; `rows`: height of its box (0: one line)."""

    label: str
    hint: str
    rows: int = 3


QUESTIONS: Final[Mapping[str, Question]] = {
    "what_happened": Question(
        N_("What happened?"),
        N_("In your own words, as far as you know. This answer alone is enough for a report."),
        8,
    ),
    "who": Question(
        N_("Who is involved?"),
        N_("Names, departments or roles. It shows whom to ask, and who must not be the one to look into it."),
    ),
    "why": Question(
        N_("Why did it happen?"),
        N_(
            "A guess helps too; please say that it is one. It helps to find the cause and to "
            "prevent it next time."
        ),
    ),
    "when": Question(
        N_("When did it happen, and when did the company notice?"),
        N_("Roughly is fine. The legal deadlines count from the day the company came to know."),
    ),
    "where": Question(
        N_("Where did it happen?"),
        N_("A place, a department, a system or a file. It shows where traces may still be found."),
        0,
    ),
    "personal_data": Question(
        N_("Which personal data?"),
        N_(
            "For example names, card numbers, health records. The kind of data decides what the law asks for."
        ),
    ),
    "how_many": Question(
        N_("How many people’s data?"),
        N_("Roughly is fine. With more than 1,000 people, the company has to report to the authority."),
        0,
    ),
    "cause": Question(
        N_("What kind of cause is it?"),
        N_("What has to be done first depends on this."),
    ),
    "concealment": Question(
        N_("How is it being hidden?"),
        N_(
            "For example: told to keep quiet, records deleted or rewritten, dates moved. It shows"
            " what must be secured."
        ),
        5,
    ),
    "concealed_by": Question(
        N_("Who is hiding it?"),
        N_("Names or roles. It helps to keep them away from the investigation."),
    ),
    "told_whom": Question(
        N_("Have you told anybody, and what did they say?"),
        N_("A superior, for example. It shows since when the company has known, and what it did."),
    ),
    "evidence": Question(
        N_("What proof is there, and where?"),
        N_(
            "Mails, logs, screens, people who saw it. Saying where it is helps; you need not take"
            " anything out."
        ),
    ),
}

CAUSES: Final[Mapping[str, str]] = {
    "loss": N_("Lost or stolen"),
    "misconfiguration": N_("Wrong settings, or sent to the wrong person"),
    "attack": N_("A cyber-attack from outside"),
    "insider": N_("Taken on purpose by somebody inside"),
    "unknown": N_("I do not know"),
}

EXCLUDE: Final = N_("Who must not read this report?")

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
    "not_a_choice": N_("Please choose one of the causes in the list."),
    "unreadable": N_("Some characters arrived damaged (shown as �). Please write them again."),
    "unknown_field": N_(
        "The form arrived with something that this page does not know, such as a file. "
        "Nothing has been stored. Please check your answers and send them again."
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
        "There is a report with this code already, and this site cannot tell for sure whom you shut out of it. "
        "Nothing has been sent. Please look at your choice below, where everybody who is known is ticked, and send "
        "it once more."
    ),
    "choice_full": N_(
        "More people have been shut out of this report than a message can name. Nothing has been sent; your text is "
        "still here. Please write a new report."
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
        "Nobody who could read reports is registered at the moment, so nothing has been "
        "stored. Your text is still here. Please see the ways outside the company."
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
        "Nobody who may read this case is left at the moment, so the message was not stored. "
        "Your text is still here. Please see the ways outside the company."
    ),
    "choose": N_(
        "Nothing has been sent, and your text is still here. Please choose once more who must not read it, and then "
        "send it."
    ),
    "choose_first": N_(
        "Nothing was changed. Please choose once more who must not read, and send a message with this choice, or take "
        "a new code. Then your copy can be forgotten."
    ),
    "choice_full": PROBLEMS["choice_full"],
    "no_report": N_(
        "Nothing has been sent, and your text is still here. The report of this code is not here any more as it was "
        "sent. Please copy your text and send it as a new report."
    ),
    "readers_grew": N_(
        "Somebody was added to the list of those who can read reports since this page was shown to you. Your message "
        "was not stored; your text is still here. Please look at who is new, and send it again if you want to."
    ),
    "case_full": N_(
        "This case has taken as many messages as it can hold, so this one was not stored. Everything before it "
        "is safe, and your text is still here. Please copy it and send it as a new report."
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
    "check": N_("There seems to be a typing slip. Please compare each group with what you wrote down."),
    "unknown": N_(
        "There is no report with this code. Please check that it is the code of this site and enter it again. If you "
        "took a new code, only the new one works; nothing was deleted."
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


@dataclass(frozen=True)
class StatusWords:
    """A status in plain words, and what it means for the reporter."""

    name: str
    means: str


STATUSES: Final[Mapping[str, StatusWords]] = {
    "received": StatusWords(
        N_("Received"),
        N_("Your report has arrived. It has not yet been decided whether it will be investigated."),
    ),
    "investigating": StatusWords(
        N_("Being investigated"), N_("It was decided to investigate. Questions to you would appear below.")
    ),
    "not_investigating": StatusWords(
        N_("Not investigated"),
        N_(
            "It was decided not to investigate. You can write why you see it differently, or use "
            "a way outside the company."
        ),
    ),
    "corrected": StatusWords(
        N_("Corrected"), N_("Something was found and put right. If it goes on, please write below.")
    ),
    "no_fault": StatusWords(
        N_("No breach found"), N_("The investigation found no breach. If you know more, please write below.")
    ),
    "closed": StatusWords(
        N_("Closed"),
        N_("The work on this case has ended. You can still write; the case can be opened again."),
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
"""What stands in the way of a new code."""

DUTIES: Final[Mapping[str, str]] = {
    AUDITOR: N_("Auditor: reads and works on reports"),
    LEAD: N_("Lead: reads reports, gives cases to others, removes keys, exports cases"),
    OBSERVER: N_("Observer: sees numbers only, reads no report"),
}
"""What the holders of the listed keys may do."""

UNCLEANED: Final[Mapping[str, str]] = {
    "busy": N_(
        "It could not be cleaned just now, because many files are arriving. It may still say who made it, where and "
        "when. To have it cleaned, take it off and choose it again in a few minutes."
    ),
    "slow": N_(
        "Cleaning it took too long. It may still say who made it, where and when. A simpler file may work: save or "
        "print it anew, or take pictures of its pages."
    ),
    "large": SCRIPT_WORDS["about.large"],
    "unreadable": SCRIPT_WORDS["about.damaged"],
    "other_picture": SCRIPT_WORDS["about.other"],
    "film": SCRIPT_WORDS["about.other"],
    "old_office": SCRIPT_WORDS["about.old"],
    "archive": SCRIPT_WORDS["about.archive"],
}
"""Why a file was not cleaned, and what is safer (portal.uploads.receive.Uploaded.why)."""

ARCHIVE_SENT: Final = N_("An archive cannot be looked into: the files in it may say who made them.")
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp")
_OFFICE: Final = (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm")
_TEXTS: Final = (".txt", ".csv", ".md", ".log")
_ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".lzh")


def about_file(cleaned: str, name: str) -> str:
    """Return what a file of this name still shows, after it was sent; "" where the outcome says it all.

    `cleaned`: one of crypto.payloads.CLEANED.
    """
    name = name.lower()
    if cleaned == "not":
        if name.endswith(_TEXTS):
            return SCRIPT_WORDS["about.text"]
        return ARCHIVE_SENT if name.endswith(_ARCHIVES) else ""
    if name.endswith(_PICTURES):
        return SCRIPT_WORDS["about.picture"]
    return SCRIPT_WORDS["about.office"] if name.endswith(_OFFICE) else ""


CHOICE: Final[Mapping[str, str]] = {
    "out_some": N_("What you send now cannot be read by:"),
    "out_none": N_("You shut nobody out: everybody on the list of readers can read what you send now."),
    "out_wrong": N_(
        "If this is not what you chose, please send nothing here. Write a new report instead, or use a way outside the "
        "company."
    ),
    "whom": N_("Who must not read what you write?"),
    "asked": N_(
        "This site cannot tell for sure whom you shut out: the record of it is missing, damaged or older than "
        "something else that is stored. Nothing is lost, and nothing is sent before you have chosen once more. Whoever "
        "is ticked and cannot be changed stays shut out."
    ),
    "done": N_("I have looked at this choice, and it is right"),
    "no_report": N_(
        "The report of this code is not here any more as it was sent, so nothing can be sent with this code. What was "
        "answered can be missing. Please write a new report, or use a way outside the company."
    ),
}
"""The note at each button that sends, and the choice when it is asked for again. It is said each time, since no
program can notice an old record where everything newer is withheld (docs/threat-model.md)."""

CLEANED: Final[Mapping[str, str]] = {
    "removed": N_("It was cleaned before it was locked."),
    "nothing": N_("Nothing that could name you was found in it."),
    "partly": N_("Parts of it could not be cleaned; it may still say who made it."),
    "not": N_("It could not be cleaned. It may still say who made it, where and when."),
}
"""What became of a file (crypto.payloads.CLEANED)."""

DOORS: Final[Mapping[str, str]] = {
    "emergency": N_("In danger now: emergency numbers"),
    "police": N_("The police"),
    "agency": N_("Ask which place is right: the Consumer Affairs Agency’s consultation line"),
    "data_advice": N_("Questions about the law on personal data"),
    "lawyer": N_("Lawyers and legal aid"),
    "own": N_("Added by whoever runs this site"),
    "freelance": N_("Advice for freelancers"),
    "labour": N_("Advice on work and on being treated badly"),
    "inside": N_("This site"),
    "authority": N_("The authority with power over the matter"),
    "authority:commission": N_("The authority: the Personal Information Protection Commission"),
    "others": N_("Others outside: the persons concerned, consumer bodies, the press"),
}
"""What each kind of door is called (cases.routing); `kind:commission` where it is the Commission's."""
