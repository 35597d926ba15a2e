"""Terms that every page of the desk uses: the form's fields, statuses, severities, duties. English here, every language
in translations/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext

from admin.desk.labels.i18n import N_
from cases.roles import Role

FIELDS: Final[Mapping[str, str]] = {
    "what_happened": N_("What happened"),
    "when": N_("When it happened"),
    "noticed": N_("When the company noticed"),
    "where": N_("Where it happened"),
    "who": N_("Who is involved"),
    "personal_data": N_("Which personal data"),
    "how_many": N_("How many people’s data"),
    "cause": N_("Kind of cause"),
    "how_often": N_("How often, and whether it goes on"),
    "witnesses": N_("Who saw or heard it"),
    "wishes": N_("What the reporter needs now"),
    "amount": N_("How much money"),
    "books": N_("Which books, invoices or accounts"),
    "gain": N_("Who gains from it"),
    "rule": N_("Which rule or law it breaks"),
    "danger": N_("Who is or could be in danger"),
    "why": N_("Why it happened"),
    "concealment": N_("How it is being hidden"),
    "concealed_by": N_("Who is hiding it"),
    "told_whom": N_("Who was told, and what they said"),
    "evidence": N_("What proof there is, and where"),
}
"""The report form's fields in its order (cases.form.REPORT_FIELDS)."""

CAUSES: Final[Mapping[str, str]] = {
    "loss": N_("Lost or stolen"),
    "misconfiguration": N_("Wrong settings, or sent to the wrong person"),
    "attack": N_("A cyber-attack from outside"),
    "insider": N_("Taken on purpose by someone inside"),
    "unknown": N_("The reporter does not know"),
}


def answer_text(name: str, text: str) -> str:
    """Return an answer of the form (`name`: of cases.form) as people read it: a kind of cause by its name."""
    return str(gettext(CAUSES[text])) if name == "cause" and text in CAUSES else text


CASE_CAUSES: Final[Mapping[str, str]] = {**CAUSES, "unknown": N_("Not known yet")}
"""Causes of a case, as auditors set them; CAUSES are the reporter's answers."""

CATEGORIES: Final[Mapping[str, str]] = {
    "leak": N_("Leak of personal data"),
    "harassment": N_("Harassment"),
    "accounting": N_("Accounting"),
    "other": N_("Another wrongdoing"),
    "not_a_report": N_("Not a report"),
}
"""Categories of a report (cases.categories)."""

STATUSES: Final[Mapping[str, str]] = {
    "received": N_("Received"),
    "investigating": N_("Being investigated"),
    "not_investigating": N_("Not investigated"),
    "corrected": N_("Corrected"),
    "no_fault": N_("No breach found"),
    "closed": N_("Closed"),
}


CLEANED: Final[Mapping[str, str]] = {
    "removed": N_("It was cleaned before it was sent, to protect the reporter."),
    "nothing": N_("No hidden details, such as the author, were found in it when it was sent."),
    "partly": N_(
        "Parts of it could not be cleaned, so it may still say who made it. Please do not pass it on as it is."
    ),
    "not": N_(
        "It may still say who made it, where and when: it could not be cleaned. Please do not pass it on as it is."
    ),
}

PAGE_LANGUAGES: Final[Mapping[str, str]] = {
    "ja": N_("Japanese"),
    "en": N_("English"),
    "easy": N_("Plain Japanese"),
}
"""Languages of the reporter's pages (crypto.payloads.PAGE_LANGUAGES)."""

SEVERITIES: Final[Mapping[str, str]] = {
    "low": N_("Low"),
    "medium": N_("Medium"),
    "high": N_("High"),
    "critical": N_("Critical"),
}

DUTIES: Final[Mapping[str, str]] = {
    Role.LEAD: N_("Lead"),
    Role.AUDITOR: N_("Auditor"),
    Role.OBSERVER: N_("Observer"),
    Role.GUEST: N_("Guest"),
}
