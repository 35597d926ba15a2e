"""The inbox."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from admin.desk.casework.roster import SiteRoster
from admin.desk.labels import inbox as inbox_labels
from admin.desk.labels.i18n import language
from admin.desk.local.copy import Wanted
from admin.desk.local.search import MAX_QUERY, words_of
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE
from cases import roles
from cases.form import CAUSES
from cases.records import SEVERITIES
from cases.status import STATUSES
from crypto.cards import Card

VIEWS: Final = ("new", "due", "mine")
FILTERS: Final = ("view", "status", "severity", "cause", "label", "owner")
_CODE: Final = re.compile(r"[a-z0-9_]{1,32}\Z")
_PERSON: Final = re.compile(r"[0-9a-f]{32}\Z")

root = Blueprint("root", __name__)
inbox = Blueprint("inbox", __name__, url_prefix=f"/{LANGUAGE}")


@root.get("/")
def start() -> Response:
    """Lead to the inbox in the browser's language."""
    answer = to(f"/{language()}/")
    answer.headers["Vary"] = "Accept-Language"
    return answer


@inbox.before_request
def only_readers() -> Response | None:
    """Lead an observer to the numbers: no report is sealed to them, so an inbox would say that there are none."""
    roster = desk().work().kept_roster()
    return _to_numbers(roster) if roster is not None else None


def _to_numbers(roster: SiteRoster) -> Response | None:
    """Return the way to the numbers for an observer's key; None for anybody else's."""
    if roles.reads_reports(roster.role_of(desk().work().identity.key_id)):
        return None
    return to(f"/{language()}/board")


@inbox.get("/")
def cases(lang: str) -> Response:
    """Show one page of the cases, new ones first, then what is due."""
    work = desk().work()
    situation = work.refresh()
    if (away := _to_numbers(situation.roster)) is not None:
        return away  # at the first contact nothing was known of the key before
    me = situation.roster.by_key[work.identity.key_id].person
    labels = work.cache.labels()
    shown = work.inbox(situation, _wanted(labels, me), _page_number())
    query = _query(shown.wanted, labels)
    return page(
        "inbox",
        inbox=shown,
        labels=labels,
        owners=_owners(work.cache.owners(), situation.roster),
        query=query,
        address={name: value for name, value in query.items() if value},
        people=situation.roster,
        w=inbox_labels,
        left=work.cache.left(),
        rewound=situation.rewound,
        claimed_deleted=work.deletions.claimed_deleted(),
        trouble=situation.trouble,
    )


@inbox.post("/filter")
def choose(lang: str) -> Response:
    """Lead to the inbox with what was chosen; an address holds codes and no words of a case."""
    known = {name: value for name in FILTERS if (value := request.form.get(name, "")) and _CODE.match(value)}
    return to(f"/{lang}/" + (f"?{urlencode(known)}" if known else ""))


@inbox.post("/search")
def search(lang: str) -> Response:
    """Search the texts; the words come in the body and stand in no address, so no history keeps them."""
    work = desk().work()
    query = request.form.get("words", "")[:MAX_QUERY]
    situation = work.known()
    hits = work.search(query) if words_of(query) else None
    left = work.cache.left()
    return page("search", found=hits, words=query, people=situation.roster, w=inbox_labels, left=left)


@inbox.get("/search")
def search_page(lang: str) -> Response:
    """Show an empty search."""
    return page("search", found=None, words="", people=desk().work().known().roster, w=inbox_labels, left={})


def _wanted(labels: Mapping[str, str], me: bytes) -> Wanted:
    asked = {name: request.args.get(name, "") for name in FILTERS}
    owner = asked["owner"] if _PERSON.match(asked["owner"]) else ""
    return Wanted(
        view=asked["view"] if asked["view"] in VIEWS else "",
        status=asked["status"] if asked["status"] in STATUSES else "",
        severity=asked["severity"] if asked["severity"] in SEVERITIES else "",
        cause=asked["cause"] if asked["cause"] in CAUSES else "",
        label=labels.get(asked["label"], ""),
        owner=bytes.fromhex(owner),
        me=me,
    )


def _query(wanted: Wanted, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what of an address says what is wanted."""
    codes = {text: code for code, text in labels.items()}
    return {
        "view": wanted.view,
        "status": wanted.status,
        "severity": wanted.severity,
        "cause": wanted.cause,
        "label": codes.get(wanted.label, ""),
        "owner": wanted.owner.hex(),
    }


def _page_number() -> int:
    number = request.args.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1


def _owners(persons: Sequence[bytes], roster: SiteRoster) -> dict[str, Card]:
    cards = {person.hex(): roster.newest_of(person) for person in persons}
    return {code: card for code, card in cards.items() if card is not None}
