"""Statistics: the page, as files, and what observers get."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext

from admin.desk.casework.situation import Situation
from admin.desk.labels import statistics as statistics_labels
from admin.desk.reports import plots, statistics
from admin.desk.reports.statistics import BadStatistics, ShownStatistics
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.downloads import csv_file, dated, saved
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE
from cases import roles
from cases.statistics import csv_rows
from crypto.errors import BadData, MisuseError
from crypto.sealed_statistics import open_statistics, seal_statistics

statistics_page = Blueprint("statistics", __name__, url_prefix=f"/{LANGUAGE}/statistics")


@statistics_page.get("")
def show(lang: str) -> Response:
    """Show the numbers, each with its plot."""
    return shown_page()


@statistics_page.post("")
def choose(lang: str) -> Response:
    """Lead to the numbers with what was chosen."""
    return to(f"/{lang}/statistics?least={_least()}")


@statistics_page.get("/plot/<name>-<any(light, dark):theme>.svg")
def plot(lang: str, name: str, theme: str) -> Response:
    """Draw one table."""
    shown = _numbers(desk().work().known(), _least())
    table = next((table for table in shown.numbers.tables if table.name == name), None) if shown else None
    if table is None:
        abort(404)
    rows = [(statistics_labels.label_of(name, row), number) for row, number in table.rows]
    made = plots.bars(rows, plots.THEMES[theme], "–")
    return Response(made, mimetype="image/svg+xml")


@statistics_page.get("/statistics.csv")
def statistics_csv(lang: str) -> Response:
    """Hand the numbers out as a file for spreadsheets."""
    shown = _numbers(desk().work().refresh(), _least())
    if shown is None:
        abort(404)
    head = (gettext("Table"), gettext("Row"), gettext("Count"), gettext("Remark"))
    rows = [head, *csv_rows(shown.numbers, statistics_labels.labels_of, gettext(statistics_labels.HIDDEN))]
    return saved(csv_file(rows), "text/csv", dated("statistics", desk().today(), "csv"))


@statistics_page.post("/send")
def send(lang: str) -> Response:
    """Seal the numbers to the observers, small counts hidden."""
    work = desk().work()
    situation = work.refresh()
    roster, own = situation.roster, work.identity
    if not roles.may_send_statistics(roster.role_of(own.key_id)):
        return shown_page("not_a_lead")
    least = max(_least(), statistics.LEAST)
    numbers = statistics.as_json(statistics.count(work.summaries(), desk().today(), least))
    observers = roster.observers
    try:
        sealed = [
            (card.key_id, seal_statistics(numbers, own.key_id, desk().today(), own.sign_seed, card.box_pk))
            for card in observers
        ]
        work.session(roster.salt).put_statistics(sealed)
    except (ServerRefusal, ServerTrouble, MisuseError):
        return shown_page("trouble")
    flash("statistics_sent")
    return to(f"/{lang}/statistics?least={least}")


def shown_page(problem: str | None = None) -> Response:
    """Return the page; `problem`: what a form ran into."""
    work = desk().work()
    situation = work.refresh()
    least = _least()
    shown = _numbers(situation, least)
    author = situation.roster.by_key.get(shown.author) if shown and shown.author else None
    return page(
        "statistics",
        400 if problem else 200,
        shown=shown,
        least=least,
        hidden_below=max(least, statistics.LEAST),
        is_hidden=shown is not None
        and any(None in dict(table.rows).values() for table in shown.numbers.tables),
        choices=statistics.LEAST_CHOICES,
        label_of=statistics_labels.label_of,
        told_words=statistics_labels.told_words(shown.numbers) if shown else [],
        author=author,
        observers=situation.roster.observers,
        own_duty=situation.roster.role_of(work.identity.key_id),
        unread=work.cache.count_unread(),
        past=statistics.past_term(work.summaries(), desk().today()),
        problem=problem,
        problems=[problem] if problem else [],
        trouble=situation.trouble,
    )


def _numbers(situation: Situation, least: int) -> ShownStatistics | None:
    """Return this desk's own numbers; at an observer's, the newest ones that a lead has sealed (None: none)."""
    work = desk().work()
    if roles.reads_reports(situation.roster.role_of(work.identity.key_id)):
        today = desk().today()
        work.catch_up(situation)
        return ShownStatistics(statistics.count(work.summaries(), today, least), today)
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
        numbers, day = open_statistics(sealed, own.box_pk, own.box_sk, author, card.sign_pk)
        if author in situation.roster.retired and day >= situation.roster.retired[author]:
            return None
        return ShownStatistics(statistics.from_json(numbers), day, author)
    except (BadData, BadStatistics):
        return None


def _least() -> int:
    chosen = request.values.get("least", "")
    return int(chosen) if chosen in map(str, statistics.LEAST_CHOICES) else statistics.LEAST
