"""Labels of the form and the pages: English here, every language in `translations/`. Tone: calm, polite, no blame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.form import CATEGORY as CATEGORY_FIELD
from cases.form import FORM_ORDER
from cases.replies import LABOUR
from cases.routing import AGENCY, COMMISSION
from crypto.cards import AUDITOR, GUEST, LEAD, OBSERVER
from portal.labels.i18n import N_


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
    "when": Question(
        N_("When did it happen?"),
        N_("Roughly is fine. If it goes on, please write since when."),
    ),
    "noticed": Question(
        N_("When did the company notice?"),
        N_("Roughly is fine. Legal deadlines count from the day the company found out."),
        0,
    ),
    "where": Question(
        N_("Where did it happen?"),
        N_("A place, a department, a system or a file. It shows where to look, and whom to ask."),
        0,
    ),
    "who": Question(
        N_("Who is involved?"),
        N_("Names, departments or roles. It shows who to ask, and who should not investigate it."),
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
    "how_often": Question(
        N_("How often has it happened, and does it go on?"),
        N_("Roughly is fine. It shows how urgent it is."),
    ),
    "witnesses": Question(
        N_("Who saw or heard it?"),
        N_("Names or departments. Please leave out what would show who you are."),
    ),
    "wishes": Question(
        N_("What do you need now?"),
        N_("For example not to work with that person, or that nobody talks to them yet."),
    ),
    "amount": Question(
        N_("How much money is it about?"),
        N_("Roughly is fine, also for each month or year."),
        0,
    ),
    "books": Question(
        N_("Which books, invoices or accounts?"),
        N_(
            "For example a ledger, the number of an invoice, an expense claim. It shows what must be secured."
        ),
    ),
    "gain": Question(
        N_("Who gains from it?"),
        N_("Persons or companies. It helps to keep them away from the investigation."),
    ),
    "rule": Question(
        N_("Which rule or law does it break?"),
        N_("A guess is fine, and you do not have to know one."),
    ),
    "danger": Question(
        N_("Is anybody in danger, or could they be?"),
        N_("For example health, safety at work, or the safety of a product. It shows how urgent it is."),
    ),
    "why": Question(
        N_("Why did it happen?"),
        N_(
            "A guess helps too. Please say if it is a guess. It helps to find the cause and to prevent it next "
            "time."
        ),
    ),
    "concealment": Question(
        N_("If it is being hidden: how?"),
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
        N_("Have you told anyone, and what did they say?"),
        N_("A superior, for example. It shows how long the company has known, and what it did."),
    ),
    "evidence": Question(
        N_("What proof is there, and where?"),
        N_(
            "Mails, logs, screens, people who saw it. It helps to say where it is. "
            "You do not need to take anything."
        ),
    ),
}

CAUSES: Final[Mapping[str, str]] = {
    "loss": N_("Lost or stolen"),
    "misconfiguration": N_("Wrong settings, or sent to the wrong person"),
    "attack": N_("A cyber-attack from outside"),
    "insider": N_("Taken on purpose by someone inside"),
    "unknown": N_("I do not know"),
}

CATEGORIES: Final[Mapping[str, str]] = {
    "leak": N_("Personal data that leaked"),
    "harassment": N_("Harassment or bullying"),
    "accounting": N_("Accounts or money"),
    "other": N_("Something else that is wrong"),
}
"""Categories of a report (cases.categories.OFFERED), where the site asks."""
TREATED: Final[Mapping[str, str]] = {**CATEGORIES, "not_a_report": N_("Not a report")}
"""The names of the categories that auditors can treat a report as (crypto.payloads.TREATED)."""
TREATED_AS: Final = N_("The people who can read reports treat yours as: %(name)s (since %(day)s).")
CATEGORY: Final = Question(N_("What is it about?"), N_("Choose what comes closest. You may leave it open."))

CHOICES: Final[Mapping[str, Mapping[str, str]]] = {CATEGORY_FIELD: CATEGORIES, "cause": CAUSES}
"""Questions whose answer is one of some words, with a label for each word."""


def answer_rows(answers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return a form's answers in its order: the question's label, and the answer: a choice's label, or else ("" for
    that) the text as it is.
    """
    questions = {**QUESTIONS, CATEGORY_FIELD: CATEGORY}
    return [
        (questions[name].label, CHOICES.get(name, {}).get(answers[name], ""), answers[name])
        for name in FORM_ORDER
        if answers.get(name)
    ]


EXCLUDE: Final = N_("Is there anyone who should not read this report?")


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


DUTIES: Final[Mapping[str, str]] = {
    AUDITOR: N_("Auditor: reads and works on reports"),
    LEAD: N_("Lead: reads reports, gives cases to others, removes keys, exports cases"),
    OBSERVER: N_("Observer: sees numbers only, reads no report"),
    GUEST: N_("Guest: reads single cases that two readers gave, no new report"),
}
"""Roles of the listed keys' holders."""

CHOICE: Final[Mapping[str, str]] = {
    "out_some": N_("What you send now cannot be read by:"),
    "out_none": N_(
        "You have not excluded anyone: everybody on the list of readers can read what you send now."
    ),
    "out_wrong": N_(
        "If this is not what you chose, please send nothing here. Write a new report instead, or use a way outside the "
        "company."
    ),
    "whom": N_("Is there anyone who should not read what you write?"),
    "asked": N_(
        "This site cannot tell for sure whom you excluded: the record of it is missing, damaged or older than"
        " something else that is stored. Nothing is lost, and nothing is sent before you have chosen once "
        "more. People who are ticked and cannot be changed stay excluded."
    ),
    "changed": N_(
        "Who reads your case has changed, as the conversation says. If somebody should not read what you write from "
        "now on, please tick them here and send a message: it can be short. Whom you excluded before stays excluded."
    ),
    "done": N_("I have looked at this choice, and it is right"),
    "no_report": N_(
        "The report with this code is no longer here as you sent it, so you cannot send anything with this "
        "code. Some answers may be missing. Please write a new report, or use a way outside the company."
    ),
}
"""The note at each button that sends, and the choice when it is asked for again. It is said each time, since no
program can notice an old record where everything newer is withheld (docs/threat-model/P1.md)."""

READERS_CHANGED: Final[Mapping[str, str]] = {
    "off": N_("From here on, %(name)s is off your case and cannot open what you write."),
    "given": N_("From here on, %(name)s can read your case, all of it."),
    "false": N_(
        "This says that who reads your case was changed. It lacks what that takes, so it changes nothing."
    ),
}
"""Changes of a case's readers in an answer (format.md, 2.16)."""

CHANNELS: Final[Mapping[str, str]] = {
    "emergency": N_("In danger now: emergency numbers"),
    "police": N_("The police"),
    "agency": N_("Ask which place is right: the Consumer Affairs Agency’s consultation line"),
    "data_advice": N_("Questions about the law on personal data"),
    "lawyer": N_("Lawyers and legal aid"),
    "own": N_("Added by the operator of this site"),
    "freelance": N_("Advice for freelancers"),
    "labour": N_("Advice on work and unfair treatment"),
    "inside": N_("This site"),
    "authority": N_("The authority with power over the matter"),
    "authority:commission": N_("The authority: the Personal Information Protection Commission"),
    "others": N_("Others outside: the persons concerned, consumer bodies, the press"),
}
"""Names of the kinds of channels (cases.routing); `kind:commission` where it is the Commission's."""

OUTSIDE_FOR: Final[Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    "harassment": ("labour", ("say_labour_harassment", "not_labour"), LABOUR),
    "leak": ("authority:commission", ("why_authority_commission", "not_authority"), COMMISSION),
    "accounting other": ("agency", ("why_authority_unnamed", "not_agency"), AGENCY),
}
"""By subjects: the place outside that a case about them names first, a kind of CHANNELS, sentences (routing.text), a
contact's id. No authority over accounts or other wrongdoing is in the data: the Agency's line tells which one it is."""
