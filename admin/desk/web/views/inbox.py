"""The inbox."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask_babel import gettext

from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.work import PAGE
from admin.desk.labels import common
from admin.desk.labels import inbox as inbox_labels
from admin.desk.labels import log as log_labels
from admin.desk.labels.i18n import language
from admin.desk.labels.problems import REGISTER
from admin.desk.local.copy import Cache
from admin.desk.local.inbox_query import SORTS, VIEWS, Wanted
from admin.desk.local.search import MAX_QUERY, words_of
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views import notices
from admin.desk.web.views.path import LANGUAGE
from cases import register, roles
from cases.categories import CATEGORIES
from cases.days import format_day, parse_day
from cases.form import CAUSES
from cases.records import SEVERITIES
from cases.status import STATUSES
from crypto.encoding import canonical_json

FILTERS: Final = (
    "view",
    "status",
    "severity",
    "category",
    "cause",
    "label",
    "owner",
    "since",
    "until",
    "sort",
    "down",
)
"""Parameters of a list in an address: codes and days, no word of a case."""
_PERSON: Final = re.compile(r"[0-9a-f]{32}\Z")
MAX_VIEWS: Final = 20

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
    if not roles.reads_statistics_only(roster.role_of(desk().work().identity.key_id)):
        return None
    return to(f"/{language()}/statistics")


@inbox.get("/")
def cases(lang: str) -> Response:
    """Show one page of the cases: what needs action, the urgent ones first, or as the address asks."""
    work = desk().work()
    situation = work.refresh()
    if (away := _to_numbers(situation.roster)) is not None:
        return away  # at the first contact nothing was known of the key before
    me = situation.roster.by_key[work.identity.key_id].person
    labels = work.cache.labels()
    shown = work.inbox(situation, wanted_of(request.args, labels, me), _page_number())
    desk().news()  # what this page shows needs no notice
    ids = [line.case.case_id for line in shown.lines]
    desk().trail.showed(ids, shown.wanted, (shown.page - 1) * PAGE)
    query = query_of(shown.wanted, labels)
    address = {name: value for name, value in query.items() if value}
    return page(
        "inbox",
        inbox=shown,
        options=_options(labels, work.cache.owners(), situation.roster),
        query=query,
        address=address,
        order=Order(shown.wanted.sort, shown.wanted.down, address),
        saved_views=saved_views(work.cache),
        **_shared(situation.roster, me),
        notices_on=notices.are_wanted(),
        log_alerts=work.log.state().red,
        log_words=log_labels.FAULTS,
        register_fault=REGISTER.get(work.register_fault),
        awaiting=work.deletions.awaiting(situation),
        roster=situation.roster,
        own_waits=any(card.key_id == work.identity.key_id for card in situation.roster.waiting),
        w=inbox_labels,
        left=work.cache.left(),
        gone=work.deletions.cases() if shown.wanted.view == "all" else [],
        rewound=situation.rewound,
        claimed_deleted=work.deletions.claimed_deleted(situation),
        trouble=situation.trouble,
    )


def _shared(roster: SiteRoster, me: bytes) -> dict[str, Any]:
    """Return what the register says about lists and about who is away."""
    state = desk().work().register.state(roster)
    return {
        "shared_views": {own_id: said for own_id, said in state.views.items() if said.entry["kept"]},
        "away": register.away_with(state, me, desk().today()),
    }


@dataclass(frozen=True)
class Order:
    """How the list is sorted, for the heads of its columns. `query`: the address that it was asked for with."""

    sort: str
    down: bool
    query: Mapping[str, str]

    def address(self, column: str) -> dict[str, str]:
        """Return the address that sorts by a column, the other way round where it is sorted by it already."""
        rest = {name: value for name, value in self.query.items() if name not in ("sort", "down")}
        turned = column == self.sort and not self.down
        return {**rest, "sort": column, **({"down": "1"} if turned else {})}


@inbox.post("/filter")
def choose(lang: str) -> Response:
    """Lead to the inbox with what was chosen; an address holds codes and no words of a case."""
    return to(f"/{lang}/{_suffix(_codes())}")


@inbox.post("/views")
def save_view(lang: str) -> Response:
    """Keep the list as it is filtered and sorted under a name, on this computer only."""
    name = " ".join(request.form.get("name", "").split())[:30]
    cache, codes = desk().work().cache, _codes()
    views = saved_views(cache)
    if name and codes and (name in views or len(views) < MAX_VIEWS):
        _keep_views(cache, {**{key: view.query for key, view in views.items()}, name: codes})
    return to(f"/{lang}/{_suffix(codes)}")


@inbox.post("/views/remove")
def remove_view(lang: str) -> Response:
    """Forget a list that was kept under a name."""
    cache = desk().work().cache
    views = {key: view.query for key, view in saved_views(cache).items()}
    views.pop(request.form.get("remove", ""), None)
    _keep_views(cache, views)
    return to(f"/{lang}/")


@dataclass(frozen=True)
class SavedView:
    """A list that an auditor keeps under a name. `query`: what its address says."""

    query: dict[str, str]


def saved_views(cache: Cache) -> dict[str, SavedView]:
    """Return the lists that were kept, by their names. Raises Locked, CacheUnusable."""
    kept = json.loads(cache.get("views") or b"{}")
    return {name: SavedView(query) for name, query in kept.items()}


def _keep_views(cache: Cache, views: Mapping[str, Mapping[str, str]]) -> None:
    cache.put({"views": canonical_json({name: dict(query) for name, query in views.items()})})


def _codes() -> dict[str, str]:
    """Return what the form says of a list, as far as the list knows it: other values are in no address."""
    labels = desk().work().cache.labels()
    asked = query_of(wanted_of(request.form, labels, bytes(16)), labels)
    return {name: value for name, value in asked.items() if value}


def _suffix(codes: Mapping[str, str]) -> str:
    return f"?{urlencode(codes)}" if codes else ""


@inbox.post("/search")
def search(lang: str) -> Response:
    """Search the texts; the words come in the body and are in no address, so no history keeps them."""
    work = desk().work()
    query = request.form.get("words", "")[:MAX_QUERY]
    situation = work.known()
    codes, me = _codes(), situation.roster.by_key[work.identity.key_id].person
    wanted = wanted_of(codes, work.cache.labels(), me) if codes else None
    hits = work.search(query, wanted) if words_of(query) else None
    desk().trail.showed([line.case.case_id for line in hits.lines] if hits else ())
    left = work.cache.left()
    roster, gone = situation.roster, work.deleted(query)
    return page(
        "search", hits=hits, words=query, query=codes, roster=roster, w=inbox_labels, left=left, gone=gone
    )


@inbox.get("/search")
def search_page(lang: str) -> Response:
    """Show an empty search."""
    roster = desk().work().known().roster
    return page("search", hits=None, words="", query={}, roster=roster, w=inbox_labels, left={}, gone=[])


def wanted_of(args: Mapping[str, str], labels: Mapping[str, str], me: bytes) -> Wanted:
    """Return what an address, or a form, asks the list for; what is not known counts as not said."""
    asked = {name: args.get(name, "") for name in FILTERS}
    owner = asked["owner"] if _PERSON.match(asked["owner"]) else ""
    return Wanted(
        view=asked["view"] if asked["view"] in VIEWS else "",
        status=asked["status"] if asked["status"] in STATUSES else "",
        severity=asked["severity"] if asked["severity"] in SEVERITIES else "",
        category=asked["category"] if asked["category"] in CATEGORIES else "",
        cause=asked["cause"] if asked["cause"] in CAUSES else "",
        label=labels.get(asked["label"], ""),
        owner=bytes.fromhex(owner),
        me=me,
        since=_day(asked["since"]),
        until=_day(asked["until"]),
        sort=asked["sort"] if asked["sort"] in SORTS else "",
        down=bool(asked["down"]) and asked["sort"] in SORTS,
        today=desk().today(),
    )


def query_of(wanted: Wanted, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what of an address says what is wanted."""
    codes = {text: code for code, text in labels.items()}
    return {
        "view": wanted.view,
        "status": wanted.status,
        "severity": wanted.severity,
        "category": wanted.category,
        "cause": wanted.cause,
        "label": codes.get(wanted.label, ""),
        "owner": wanted.owner.hex(),
        "since": wanted.since,
        "until": wanted.until,
        "sort": wanted.sort,
        "down": "1" if wanted.down else "",
    }


def _day(text: str) -> str:
    try:
        return format_day(parse_day(text))
    except ValueError:
        return ""


def _page_number() -> int:
    number = request.args.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1


def _options(
    labels: Mapping[str, str], owners: Sequence[bytes], roster: SiteRoster
) -> dict[str, list[tuple[str, str]]]:
    """Return what each box of the filter offers: code and text."""
    cards = {person.hex(): roster.newest_of(person) for person in owners}
    return {
        "status": _translated(common.STATUSES),
        "severity": _translated(inbox_labels.SEVERITIES),
        "category": _translated(common.CATEGORIES),
        "cause": _translated(common.CASE_CAUSES),
        "label": list(labels.items()),
        "owner": [(code, card.name[language()]) for code, card in cards.items() if card is not None],
    }


def _translated(table: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, str(gettext(text))) for code, text in table.items()]
