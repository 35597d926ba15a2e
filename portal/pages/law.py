"""The law's terms for a case, with scripts and without: from the server's data, in one set of templates."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, current_app, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from crypto import wire
from crypto.wire import Malformed
from portal.edge.request import portal
from portal.labels.i18n import furigana_of, gettext, prefix, show_text, templates_of, write_day
from portal.labels.site import CHANNELS
from portal.pages.browser_api import json_body, malformed, refused, store_failed, wrong_request
from portal.pages.outside import say
from portal.pages.path import under_language
from portal.pages.render import page
from portal.usecases import browser_api, outside_guide, status_clock
from portal.usecases.browser_api import BrowserApiRefusal
from portal.usecases.status_clock import Clock
from store.db import StoreFailed
from store.site import NoSite

site: Final = under_language("law", __name__)
site.register_error_handler(BrowserApiRefusal, refused)
site.register_error_handler(Malformed, malformed)
site.register_error_handler(HTTPException, wrong_request)
for _failure in (StoreFailed, NoSite):
    site.register_error_handler(_failure, store_failed)


@site.post("/law")
def law() -> Response:
    """Return the parts of a case's page that follow from its days, as the page without scripts has them: a document
    of sections, each named by the id of its place (templates/portal/law.html).
    """
    here = portal()
    (lookup,) = wire.fields(json_body(), "lookup")
    case = browser_api.find(here, lookup).case
    case_clock = status_clock.of_rows(here, case, here.settings.site.designated, here.today())
    return page("law", **clock_context(case_clock))


def clock_context(case_clock: Clock | None) -> dict[str, Any]:
    """Return what templates/portal/parts/clock.html shows of a case: its days, and the channels from them."""
    here, first, doors, face = portal(), Markup(), Markup(), Markup()
    if case_clock is not None:
        # Days and the language, nothing of the case's text: many cases share them.
        state = (case_clock.follows_from, prefix(), request.script_root)
        first, doors, face = here.law_parts.get(state, lambda: _parts(case_clock))
    return {
        "clock": case_clock,
        "law_first": first,
        "law_doors": doors,
        "law_face": face,
        **sentences_context(),
    }


def _parts(case_clock: Clock) -> tuple[Markup, ...]:
    here = portal()
    today, designated = here.today(), here.settings.site.designated
    contacts, answers = here.contacts(today), status_clock.answers(case_clock)
    channels = outside_guide.channels(answers, today, designated, contacts, CHANNELS)
    base, said = f"{request.script_root}/{prefix()}", [furigana_of(text) for text in days(case_clock)]
    macros: Any = templates_of(current_app).get_template("portal/parts/clock.html").module
    return (
        Markup(macros.first_words(case_clock, say, base)),
        Markup(macros.channels_now(case_clock, channels, base)),
        Markup(macros.face(case_clock, say, show_text, said)),
    )


def sentences_context() -> dict[str, Any]:
    """Return how a page shows sentences of the guide's data, in its language."""
    return {"say": say, "tr": show_text}


def days(case_clock: Clock) -> tuple[str, ...]:
    """Return what the 20 days mean for this case, in the page's language: sentences, in the notation."""
    lodged = gettext("Received on %(day)s (day 0).", day=write_day(case_clock.lodged))
    if case_clock.terms.reason == "notice":
        notice = next(
            measure.happened for measure in case_clock.terms.measures if measure.id == "investigation"
        )
        return (
            lodged,
            gettext(
                "On %(day)s you were told that it is investigated, "
                "so the 20 days alone are not enough for a report to others such as the press.",
                day=write_day(notice or case_clock.lodged),
            ),
            gettext(
                "If the company then does not investigate without just cause, the way may be open all the same."
            ),
        )
    opens = case_clock.terms.opens_on or case_clock.lodged
    return (
        lodged,
        gettext(
            "If you have not been told of an investigation by then, you may also be protected from %(day)s if you"
            " go to others such as the press. This is how we read the law.",
            day=write_day(opens),
        ),
    )
