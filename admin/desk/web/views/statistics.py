"""Statistics of a period: the page, a PDF for the board, a file for spreadsheets, and what observers get."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext

from admin.desk.casework.situation import Situation
from admin.desk.labels import log as log_labels
from admin.desk.labels import statistics as statistics_labels
from admin.desk.labels.tiles import tiles
from admin.desk.reports import statistics, statistics_pdf, statistics_pictures
from admin.desk.reports.statistics import BadStatistics, ShownStatistics
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.downloads import csv_file, dated, saved
from admin.desk.web.pages import name_of, page, to
from admin.desk.web.views.path import LANGUAGE
from cases import periods, roles
from cases.days import format_day, parse_day
from cases.periods import BadPeriod, Period
from cases.statistics_csv import csv_rows
from crypto.errors import BadData, MisuseError
from crypto.sealed_statistics import open_statistics, seal_statistics

statistics_page = Blueprint("statistics", __name__, url_prefix=f"/{LANGUAGE}/statistics")


@statistics_page.get("")
def show(lang: str) -> Response:
    """Show the statistics of a period."""
    return shown_page()


@statistics_page.post("")
def choose(lang: str) -> Response:
    """Lead to the statistics of what was chosen."""
    return to(f"/{lang}/statistics?{_query()}")


@statistics_page.get("/report.pdf")
def report(lang: str) -> Response:
    """Hand the statistics out as a PDF for the board, small counts hidden unless the address asks for them."""
    situation = desk().work().refresh()
    shown = _shown(situation, _period()[0], _leaving())
    if shown is None:
        abort(404)
    made_by = situation.roster.by_key.get(shown.author or desk().work().identity.key_id)
    made = statistics_pdf.statistics_pdf(shown, name_of(made_by) if made_by else "", lang)
    return saved(made, "application/pdf", dated("statistics", shown.day, "pdf"))


@statistics_page.get("/statistics.csv")
def statistics_csv(lang: str) -> Response:
    """Hand the statistics out as a file for spreadsheets, small counts hidden unless the address asks for them."""
    shown = _shown(desk().work().refresh(), _period()[0], _leaving())
    if shown is None:
        abort(404)
    head = (gettext("Table"), gettext("Row"), gettext("Count"), gettext("Remark"))
    rows = csv_rows(shown.counted, statistics_labels.labels_of, gettext(statistics_labels.HIDDEN))
    return saved(csv_file([head, *rows]), "text/csv", dated("statistics", shown.day, "csv"))


@statistics_page.post("/send")
def send(lang: str) -> Response:
    """Seal the statistics to the observers, small counts hidden."""
    work = desk().work()
    situation = work.refresh()
    roster, own = situation.roster, work.identity
    if not roles.may_send_statistics(roster.role_of(own.key_id)):
        return shown_page("not_a_lead")
    shown = _shown(situation, _period()[0], max(_least(), statistics.LEAST))
    if shown is None:
        return shown_page("trouble")
    document = statistics.as_json(shown)
    try:
        sealed = [
            (card.key_id, seal_statistics(document, own.key_id, desk().today(), own.sign_seed, card.box_pk))
            for card in roster.observers
        ]
        work.session(roster.salt).put_statistics(sealed)
    except (ServerRefusal, ServerTrouble, MisuseError):
        return shown_page("trouble")
    flash("statistics_sent")
    return to(f"/{lang}/statistics?{_query()}")


def shown_page(problem: str | None = None) -> Response:
    """Return the page; `problem`: what a form ran into."""
    work, today = desk().work(), desk().today()
    situation = work.refresh()
    period, reason = _period()
    problem = problem or reason
    least = _least()
    shown = _shown(situation, period, least)
    author = situation.roster.by_key.get(shown.author) if shown and shown.author else None
    return page(
        "statistics",
        400 if problem else 200,
        shown=shown,
        **(_drawn(shown, today) if shown else {}),
        choices=[
            (name, text, periods.chosen(name, today)) for name, text in statistics_labels.CHOICES.items()
        ],
        typed_days={name: request.values.get(name, "") for name in ("first", "last")},
        least=least,
        leasts=statistics.LEAST_CHOICES,
        hidden_below=max(least, statistics.LEAST),
        query=_query(),
        words=statistics_labels,
        author=author,
        observers=situation.roster.observers,
        log_alerts=work.log.state().red,
        log_words=log_labels.FAULTS,
        own_duty=situation.roster.role_of(work.identity.key_id),
        unread=work.cache.count_unread(),
        past=statistics.past_term(work.summaries(), today),
        problem=problem,
        problems=[problem] if problem else [],
        trouble=situation.trouble,
    )


def _drawn(shown: ShownStatistics, today: date) -> dict[str, Any]:
    counted = shown.counted
    return {
        "tiles": tiles(counted, shown.before, shown.least, shown.period.is_over(today), shown.year_total),
        "months": statistics_pictures.months(shown),
        "to_notice": statistics_pictures.notice(counted),
        "to_close": statistics_pictures.lying(counted.to_close),
        "causes": statistics_pictures.lying(counted.by_cause),
        "matrix": statistics_pictures.matrix(counted.matrix),
    }


def _shown(situation: Situation, period: Period, least: int) -> ShownStatistics | None:
    """Return this desk's own statistics; at an observer's, the newest ones that a lead has sealed (None: none)."""
    work, today = desk().work(), desk().today()
    if roles.reads_reports(situation.roster.role_of(work.identity.key_id)):
        work.catch_up(situation)
        known = statistics.lines(work.summaries(), work.cache.left(), work.deletions.received_days(), today)
        return statistics.count(known, period, today, least, work.received_by_year())
    if situation.trouble:
        return None
    candidates = [
        _opened(situation, sealed.author, sealed.sealed)
        for sealed in work.session(situation.roster.salt).statistics()
    ]
    return max((sealed for sealed in candidates if sealed), key=lambda sealed: sealed.day, default=None)


def _opened(situation: Situation, author: bytes, sealed: bytes) -> ShownStatistics | None:
    own, card = desk().work().identity, situation.roster.by_key.get(author)
    if card is None or not roles.may_send_statistics(situation.roster.role_of(author)):
        return None
    try:
        document, day = open_statistics(sealed, own.box_pk, own.box_sk, author, card.sign_pk)
        if author in situation.roster.retired and day >= situation.roster.retired[author]:
            return None
        return statistics.from_json(document, day, author)
    except (BadData, BadStatistics):
        return None


def _period() -> tuple[Period, str | None]:
    """Return the period that was chosen, and why it can't be shown (then: the present quarter)."""
    today, name = desk().today(), request.values.get("period", "")
    if name != periods.RANGE:
        return periods.chosen(name, today), None
    try:
        return periods.range_of(*(_day(request.values.get(end, "")) for end in ("first", "last"))), None
    except BadPeriod as error:
        return periods.quarter_of(today), error.reason


def _day(typed: str) -> date | None:
    try:
        return parse_day(typed)
    except ValueError:
        return None


def _least() -> int:
    chosen = request.values.get("least", "")
    return int(chosen) if chosen in map(str, statistics.LEAST_CHOICES) else 1


def _leaving() -> int:
    """Return below which count nothing leaves the desk."""
    return 1 if request.args.get("small") == "shown" else max(_least(), statistics.LEAST)


def _query() -> str:
    """Return what was chosen as an address has it: words of this program, and days."""
    name = request.values.get("period", "")
    chosen: dict[str, str | int] = {}
    if name in periods.CHOICES:
        chosen["period"] = name
    elif name == periods.RANGE:
        days = {end: _day(request.values.get(end, "")) for end in ("first", "last")}
        chosen |= {"period": name, **{end: format_day(day) for end, day in days.items() if day}}
    if _least() != 1:
        chosen["least"] = _least()
    return urlencode(chosen)
