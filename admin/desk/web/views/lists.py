"""Due dates as a calendar, and all cases as a list."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response
from flask_babel import gettext

from admin.desk.casework.register import RegisterBehind
from admin.desk.casework.situation import CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels import clocks, common, intake
from admin.desk.labels import statistics as statistics_labels
from admin.desk.local.summary import CaseSummary
from admin.desk.reports import case_document
from admin.desk.reports.ics import calendar
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.downloads import csv_file, dated, saved
from admin.desk.web.pages import name_of
from admin.desk.web.views.export_log import log_export
from admin.desk.web.views.path import LANGUAGE
from admin.desk.web.views.statistics import shown_page
from cases import deadlines, roles, urgency
from cases.days import format_day
from cases.records import Record, make
from cases.statistics_csv import csv_cell
from cases.status import CLOSED
from crypto.encoding import b64e

lists = Blueprint("lists", __name__, url_prefix=f"/{LANGUAGE}/lists")


@lists.get("/due.ics")
def due_dates(lang: str) -> Response:
    """Hand the due dates out as a calendar, without a word of what they are about."""
    work = desk().work()
    work.catch_up(work.refresh())
    days = [
        clock.due
        for case in work.summaries()
        if case.is_open
        for clock in urgency.running(case.deadlines, case.status == CLOSED)
        if clock.due is not None and clock.done is None and clock.id != deadlines.RETENTION
    ]
    text = gettext("Meyasubako: something is due (please look at the desk)")
    past = gettext("Meyasubako: a day has passed (please look at the desk)")
    today = desk().today()
    kept = calendar(days, work.identity.index_key, text, past, today)
    return saved(kept, "text/calendar", dated("due", today, "ics"))


@lists.post("/cases.csv")
def cases_csv(lang: str) -> Response:
    """Hand a list of all cases out, without a word of a report; on record in some of the cases that open here."""
    work = desk().work()
    situation = work.refresh()
    if not roles.may_export(situation.roster.role_of(work.identity.key_id)):
        return shown_page("not_a_lead")
    work.catch_up(situation)
    summaries = sorted(
        (summary for summary in work.summaries() if summary.is_open),
        key=lambda summary: (summary.received, summary.case_id),
    )
    kept = csv_file([_head(), *(_row(summary, situation) for summary in summaries)])
    if situation.trouble or not summaries:
        return shown_page("trouble" if summaries else "empty")
    record = make("export", what="csv", hash=b64e(hashlib.sha256(kept).digest()))
    if not _put_on_record(record, summaries, situation):
        return shown_page("trouble")
    return saved(kept, "text/csv", dated("cases", desk().today(), "csv"))


def _put_on_record(record: Record, summaries: Sequence[CaseSummary], situation: Situation) -> bool:
    """Write the export of all cases down in the oldest case and the newest ones; tell whether each record was taken.

    In several, so that the record is still there when one of them was deleted: the oldest are deleted first.
    """
    work = desk().work()
    for case_id in dict.fromkeys(summary.case_id for summary in (*summaries[:1], *summaries[-2:])):
        opened = work.case(situation, case_id)
        if opened is None:
            return False
        try:
            work.add_record(situation, opened, new_envelope_id(), record)
        except (CannotReply, DoesNotCount, OtherReplySent, ServerRefusal, ServerTrouble):
            return False
    try:
        log_export(situation, "csv", record["hash"])
    except (RegisterBehind, ServerRefusal, ServerTrouble):
        return False
    return True


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
        gettext(common.CASE_CAUSES[summary.cause]) if summary.cause else "",
        gettext(common.SEVERITIES[summary.severity]) if summary.severity else "",
        csv_cell(name_of(owner)) if owner else "",
        csv_cell(" / ".join(summary.labels)),
        _day(done.get(deadlines.NOTICE)),
        _day(summary.aware),
        _day(done.get(deadlines.PRELIMINARY)),
        _day(done.get(deadlines.FINAL)),
        _day(summary.closed),
        _days(summary.received, done.get(deadlines.NOTICE)),
        _days(summary.aware, done.get(deadlines.PRELIMINARY)),
        _days(summary.aware, done.get(deadlines.FINAL)),
        _days(summary.received, summary.closed),
        _day(summary.next_due),
        csv_cell(" / ".join(said)),
        gettext(common.CATEGORIES[summary.category]),
        gettext(intake.MARKS[summary.channel]) if summary.channel else "",
    )


def _day(day: date | None) -> str:
    return format_day(day) if day else ""


def _days(first: date | None, last: date | None) -> str:
    """Return how many days after the first day the last one is, as a number alone; empty where one is not known."""
    return str((last - first).days) if first and last else ""
