"""The way outside: which door is right, what protects there, what to have at hand. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from cases import law, routing
from cases.contacts import Contact
from portal import guide
from portal.i18n import language
from portal.pages import page
from portal.request import FORM_TYPES, portal
from portal.views.path import under_language
from portal.words import DOORS

site: Final = under_language("doors", __name__)


@site.get("/outside")
def outside() -> Response:
    """The channels for a visitor who has answered nothing, and the questions."""
    return _page("outside", {})


@site.post("/outside")
def answered() -> Response:
    """The doors for these answers. They travel in the form only."""
    if request.content_length and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType
    typed = {name: request.form.getlist(name) for name in routing.QUESTIONS}
    return _page("outside", typed)


@site.get("/outside/all")
def everything() -> Response:
    """All of it on one page to print or to keep, without the company's name."""
    return _page("doors", {})


def _page(template: str, typed: Mapping[str, Sequence[str]]) -> Response:
    here, lang = portal(), language()
    today = here.today()
    given = guide.read(typed, today)
    contacts = here.contacts(today)
    designated = here.settings.site.designated
    guidance = routing.guidance(given.answers, today, designated, contacts)

    def say(text_id: str) -> str:
        return guide.sentence(text_id, lang)

    def opens(contact: Contact) -> guide.Opens | None:
        return guide.opens(contact, datetime.fromtimestamp(here.now(), UTC))

    context: dict[str, Any] = {
        "given": given,
        "doors": guide.shown(guidance, contacts, DOORS),
        "questions_of_guide": routing.QUESTIONS,
        "choices": routing.choices,
        "many": routing.MANY,
        "effects": guidance.effects,
        "limits": guidance.limits,
        "rules": guide.rules_of(guidance),
        "all_rules": law.in_force(today),
        "coming": guidance.begins,
        "change_day": law.law().change_day,
        "say": say,
        "tr": lambda words: guide.in_language(words, lang),
        "opens": opens,
        "groups": guide.groups,
        "today": today,
        "all_contacts": contacts,
        "emergency": routing.EMERGENCY,
        "problems": given.wrong,
    }
    return page(template, 400 if given.wrong else 200, **context)
