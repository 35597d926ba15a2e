"""What the days of a case open, for a page that opens the case by itself: sentences, from what the server knows."""

from __future__ import annotations

from typing import Final

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from cases import routing
from crypto import wire
from crypto.wire import Malformed
from portal.edge.request import portal
from portal.labels.i18n import gettext, in_language, script_text, write_day
from portal.pages.browser_api import json_body, malformed, refused, store_failed, wrong_request
from portal.pages.path import under_language
from portal.usecases import browser_api, status_clock
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


@site.post("/law.json")
def law() -> Response:
    """Return what to read first, and lines of (term, text) with their articles."""
    here = portal()
    (lookup,) = wire.fields(json_body(), "lookup")
    case = browser_api.find(here, lookup).case
    case_clock = status_clock.of_rows(here, case, here.settings.site.designated, here.today())
    if case_clock is None:
        return jsonify(first=[], lines=[])
    lines: list[tuple[str, str]] = []
    if case_clock.terms.designated:
        day = gettext("Day %(number)s of 20", number=str(case_clock.terms.day_number))
        lines.append((day, " ".join((*days(case_clock), _sentence("limit_20_days")))))
    else:
        words = (_sentence(name) for name in ("limit_not_designated", "limit_20_days"))
        lines.append((gettext("The 20 days"), " ".join(words)))
    for measure in case_clock.terms.measures:
        happened = (
            gettext("Happened on %(day)s.", day=write_day(measure.happened))
            if measure.happened
            else gettext("Not yet.")
        )
        lines.append((_sentence(f"measure_{measure.id}"), f"{happened} {in_language(measure.rule.article)}"))
    outside = (_sentence(name) for name in ("clock_authority_from_day_1", "clock_authority_director"))
    lines.append((gettext("Ways outside the company"), " ".join(outside)))
    lines.append((gettext("A record to keep"), _sentence("limit_proof")))
    first = [_sentence(name) for name in case_clock.terms.first_words]
    return jsonify(
        first=[script_text(text) for text in first],
        lines=[(script_text(term), script_text(text)) for term, text in lines],
    )


def _sentence(text_id: str) -> str:
    return in_language(routing.text(text_id))


def days(case_clock: Clock) -> tuple[str, ...]:
    """Return what the 20 days mean for this case, in the page's language: sentences, in the notation."""
    lodged = gettext("Lodged on %(day)s (day 0).", day=write_day(case_clock.lodged))
    if case_clock.terms.reason == "notice":
        notice = next(
            measure.happened for measure in case_clock.terms.measures if measure.id == "investigation"
        )
        return (
            lodged,
            gettext(
                "On %(day)s you were told that it is investigated, so the 20 days alone do not open the way to others.",
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
            "By our reading the way to others outside opens on %(day)s, when no notice of an investigation has come by "
            "then.",
            day=write_day(opens),
        ),
    )
