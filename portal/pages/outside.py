"""The guide to channels outside: the right channel, its protection, what to prepare. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from cases import law, routing
from cases.contacts import Contact
from portal.edge.request import FORM_TYPES, portal
from portal.labels.i18n import show_text
from portal.labels.site import CHANNELS
from portal.pages.path import under_language
from portal.pages.render import page
from portal.usecases import outside_guide

SHEET: Final = (
    ("agency", routing.AGENCY),
    ("authority", routing.COMMISSION),
    ("data_advice", "ppc_appi_dial"),
    ("police", "police_9110"),
    ("lawyer", "houterasu_multilingual"),
)
"""The five channels of the sheet to keep: kind of sentence, and contact."""

site: Final = under_language("channels", __name__)


@site.get("/outside")
def outside() -> Response:
    """The emergency numbers and the first question."""
    return _page("outside", {}, 0)


@site.post("/outside")
def answered() -> Response:
    """The channels for these answers. They travel in the form only."""
    if request.content_length and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType
    typed = {name: request.form.getlist(name) for name in routing.QUESTIONS}
    return _page("outside", typed, outside_guide.step_of(request.form.get("step")))


@site.get("/outside/sheet")
def sheet() -> Response:
    """Five channels on one sheet of A4, without the company's name."""
    return _page("sheet", {})


@site.get("/outside/all")
def everything() -> Response:
    """All of it on one page to print or to keep, without the company's name."""
    return _page("channels", {})


def say(text_id: str) -> str:
    """Return one of the guide's sentences as this page shows it."""
    return show_text(routing.text(text_id))


def _page(template: str, typed: Mapping[str, Sequence[str]], step: int | None = None) -> Response:
    here = portal()
    today = here.today()
    given = outside_guide.read(typed, today)
    contacts = here.contacts(today)
    designated = here.settings.site.designated
    guidance = routing.guidance(given.answers, today, designated, contacts)

    def opens(contact: Contact) -> outside_guide.Opens | None:
        return outside_guide.opens(contact, datetime.fromtimestamp(here.now(), UTC))

    channels = outside_guide.shown(guidance, contacts, CHANNELS)
    context: dict[str, Any] = {
        "step": step,
        "steps": outside_guide.STEPS,
        "first": outside_guide.recommended(channels),
        "sheet": [(kind, contact) for kind, name in SHEET for contact in contacts if contact.id == name],
        "given": given,
        "channels": channels,
        "questions_of_guide": routing.QUESTIONS,
        "choices": routing.choices,
        "many": routing.MANY,
        "effects": guidance.effects,
        "limits": guidance.limits,
        "rules": outside_guide.rules_of(guidance),
        "all_rules": law.in_force(today),
        "coming": guidance.begins,
        "change_day": law.law().change_day,
        "say": say,
        "tr": show_text,
        "opens": opens,
        "groups": outside_guide.groups,
        "today": today,
        "all_contacts": contacts,
        "emergency": routing.EMERGENCY,
        "problems": given.wrong,
    }
    return page(template, 400 if given.wrong else 200, **context)
