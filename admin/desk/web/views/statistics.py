"""The board: numbers with plots and as a file, what observers get, due dates as a calendar, all cases as a list."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext

from admin.desk.casework.situation import CannotReply, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels import clocks, common
from admin.desk.labels import statistics as statistics_labels
from admin.desk.local.summary import CaseSummary
from admin.desk.reports import case_document, plots, statistics
from admin.desk.reports.ics import DueDay, calendar
from admin.desk.reports.statistics import BadNumbers, ShownStatistics
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.pages import name_of, page, to
from admin.desk.web.views.path import LANGUAGE
from cases import deadlines, roles
from cases.days import format_day
from cases.records import make
from cases.statistics import csv_cell, csv_rows
from cases.status import CLOSED
from crypto.encoding import b64e
from crypto.errors import BadData, MisuseError
from crypto.sealed_statistics import open_numbers, seal_numbers

overview = Blueprint("board", __name__, url_prefix=f"/{LANGUAGE}/board")


@overview.get("")
def show(lang: str) -> Response:
    """Show the numbers, each with its plot."""
    return _shown()


@overview.post("")
def choose(lang: str) -> Response:
    """Lead to the numbers with what was chosen."""
    return to(f"/{lang}/board?least={_least()}")


@overview.get("/plot/<name>-<any(light, dark):theme>.svg")
def plot(lang: str, name: str, theme: str) -> Response:
    """Draw one table."""
    shown = _numbers(desk().work().known(), _least())
    table = next((table for table in shown.numbers.tables if table.name == name), None) if shown else None
    if table is None:
        abort(404)
    rows = [(statistics_labels.label_of(name, row), number) for row, number in table.rows]
    made = plots.bars(rows, plots.THEMES[theme], "–")
    return Response(made, mimetype="image/svg+xml")


@overview.get("/numbers.csv")
def numbers_csv(lang: str) -> Response:
    """Hand the numbers out as a file for spreadsheets."""
    shown = _numbers(desk().work().refresh(), _least())
    if shown is None:
        abort(404)
    head = (gettext("Table"), gettext("Row"), gettext("Count"), gettext("Remark"))
    rows = [head, *csv_rows(shown.numbers, statistics_labels.labels_of, gettext(statistics_labels.HIDDEN))]
    return _save(_csv(rows), "text/csv", "numbers.csv")


@overview.get("/due.ics")
def due_dates(lang: str) -> Response:
    """Hand the due dates out as a calendar, without a word of what they are about."""
    work = desk().work()
    work.catch_up(work.refresh())
    dues = [
        DueDay(clock.due, case.case_id + clock.id.encode() + clock.detail.encode())
        for case in work.summaries()
        if case.is_open and case.status != CLOSED
        for clock in case.deadlines
        if clock.due is not None and clock.done is None and clock.id != deadlines.RETENTION
    ]
    text = gettext("Meyasubako: something is due (please look at the desk)")
    past = gettext("Meyasubako: a day has passed (please look at the desk)")
    return _save(
        calendar(dues, work.identity.index_key, text, past, desk().today()), "text/calendar", "due.ics"
    )


@overview.post("/send")
def send(lang: str) -> Response:
    """Seal the numbers to the observers, small counts hidden."""
    work = desk().work()
    situation = work.refresh()
    roster, own = situation.roster, work.identity
    if not roles.may_send_statistics(roster.role_of(own.key_id)):
        return _shown("not_a_lead")
    least = max(_least(), statistics.LEAST)
    numbers = statistics.as_json(statistics.count(work.summaries(), desk().today(), least))
    observers = roster.observers
    try:
        sealed = [
            (card.key_id, seal_numbers(numbers, own.key_id, desk().today(), own.sign_seed, card.box_pk))
            for card in observers
        ]
        work.session(roster.salt).put_numbers(sealed)
    except (ServerRefusal, ServerTrouble, MisuseError):
        return _shown("trouble")
    flash("numbers_sent")
    return to(f"/{lang}/board?least={least}")


@overview.post("/cases.csv")
def cases_csv(lang: str) -> Response:
    """Hand a list of all cases out, without a word of a report; on record in the oldest case that opens here."""
    work = desk().work()
    situation = work.refresh()
    if not roles.may_export(situation.roster.role_of(work.identity.key_id)):
        return _shown("not_a_lead")
    work.catch_up(situation)
    summaries = sorted(
        (summary for summary in work.summaries() if summary.is_open),
        key=lambda summary: (summary.received, summary.case_id),
    )
    kept = _csv([_head(), *(_row(summary, situation) for summary in summaries)])
    oldest = work.case(situation, summaries[0].case_id) if summaries else None
    if situation.trouble or oldest is None:
        return _shown("trouble" if summaries else "empty")
    record = make("export", what="csv", hash=b64e(hashlib.sha256(kept).digest()))
    try:
        work.add_record(situation, oldest, new_envelope_id(), record)
    except (CannotReply, OtherReplySent, ServerRefusal, ServerTrouble):
        return _shown("trouble")
    return _save(kept, "text/csv", "cases.csv")


def _shown(problem: str | None = None) -> Response:
    work = desk().work()
    situation = work.refresh()
    least = _least()
    shown = _numbers(situation, least)
    author = situation.roster.by_key.get(shown.author) if shown and shown.author else None
    return page(
        "board",
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
        for sealed in work.session(situation.roster.salt).numbers()
    ]
    return max((sealed for sealed in candidates if sealed), key=lambda sealed: sealed.day, default=None)


def _opened(situation: Situation, author: bytes, sealed: bytes) -> ShownStatistics | None:
    own, card = desk().work().identity, situation.roster.by_key.get(author)
    if card is None or not roles.may_send_statistics(situation.roster.role_of(author)):
        return None
    try:
        numbers, day = open_numbers(sealed, own.box_pk, own.box_sk, author, card.sign_pk)
        if author in situation.roster.retired and day >= situation.roster.retired[author]:
            return None
        return ShownStatistics(statistics.from_json(numbers), day, author)
    except (BadData, BadNumbers):
        return None


def _least() -> int:
    chosen = request.values.get("least", "")
    return int(chosen) if chosen in map(str, statistics.LEAST_CHOICES) else statistics.LEAST


def _head() -> tuple[str, ...]:
    return tuple(gettext(text) for text in statistics_labels.COLUMNS)


def _row(summary: CaseSummary, situation: Situation) -> tuple[str, ...]:
    owner = situation.roster.newest_of(summary.owner) if summary.owner else None
    done = {clock.id: clock.done for clock in summary.deadlines}
    today = desk().today()
    said = [clocks.named(clock, today) for clock in summary.urgent(today)]
    return (
        case_document.number_of(summary.case_id),
        format_day(summary.received),
        gettext(common.STATUSES[summary.status]),
        gettext(common.CAUSES[summary.cause]) if summary.cause else "",
        gettext(common.SEVERITIES[summary.severity]) if summary.severity else "",
        csv_cell(name_of(owner)) if owner else "",
        csv_cell(" / ".join(summary.labels)),
        _day(done.get(deadlines.NOTICE)),
        _day(summary.aware),
        _day(done.get(deadlines.PRELIMINARY)),
        _day(done.get(deadlines.FINAL)),
        _day(summary.closed),
        _day(summary.next_due),
        csv_cell(" / ".join(said)),
    )


def _day(day: date | None) -> str:
    return format_day(day) if day else ""


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    # With the mark spreadsheets read it as UTF-8.
    return made.getvalue().encode("utf-8-sig")


def _save(body: bytes, mimetype: str, name: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
