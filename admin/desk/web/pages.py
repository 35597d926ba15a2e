"""Values that every page has, and the pages shown in place of another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from flask import Flask, Response, g, make_response, redirect, render_template, request

from admin.desk.casework.case_entries import WrittenDown
from admin.desk.labels import (
    answers,
    case,
    clocks,
    common,
    inbox,
    intake,
    leak,
    problems,
    records,
    statistics,
)
from admin.desk.labels.i18n import LANGUAGES, language
from admin.desk.reports import case_document
from admin.desk.server.client import PAGE_SECONDS
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms
from admin.desk.web.context import desk
from admin.desk.web.reply_brackets import bracketed
from cases import roles
from cases.form import REPORT_FIELDS, fields_for
from crypto.cards import Card, fingerprint
from crypto.encoding import b64d, b64e, hex_id
from crypto.envelope import Kind
from templates.labels import FOUND, file_size


def install(app: Flask) -> None:
    """Give the templates what every page needs."""
    app.jinja_env.globals.update(_of_intake())
    app.before_request(_begin)
    app.context_processor(_everywhere)
    for name, doing in _FILTERS.items():
        app.add_template_filter(doing, name)
    app.jinja_env.globals.update(
        fields=common.FIELDS,
        answer_text=common.answer_text,
        causes=common.CASE_CAUSES,
        categories=common.CATEGORIES,
        statuses=common.STATUSES,
        report_fields=REPORT_FIELDS,
        fields_for=fields_for,
        reply_problems=answers.REPLY,
        status_problems=answers.STATUS,
        reason_problems=answers.REASON,
        confirmations=answers.CONFIRM,
        unlock_problems=problems.UNLOCK,
        file_problems=problems.FILE,
        list_faults=problems.LIST_FAULTS,
        cleaned=common.CLEANED,
        found_words=FOUND,
        kinds=Kind,
        broken=problems.BROKEN,
        severities=common.SEVERITIES,
        duties=common.DUTIES,
        clock_names=clocks.CLOCKS,
        clock_notes=clocks.CLOCK_NOTES,
        day_faults=leak.DAY_FAULTS,
        differences=leak.DIFFERENCES,
        sources=leak.SOURCES,
        relieved=leak.RELIEVED,
        page_languages=common.PAGE_LANGUAGES,
        own_names=LANGUAGES,
        exported_words=records.EXPORTED,
        report_unsigned=case.REPORT_UNSIGNED,
        days_contradict=case.DAYS_CONTRADICT,
        meanings=case.MEANINGS,
        asks_pressure=case.ASKS_PRESSURE,
        asks=clocks.ASKS,
        clock_says=lambda clock: clocks.said(clock, desk().today()),
        clock_brief=lambda clock: clocks.short(clock, desk().today()),
        step_names=records.STEPS,
        reportable=records.REPORTABLE,
        trigger_answers=records.TRIGGER_ANSWERS,
        stages=records.STAGES,
        ignored_words=records.IGNORED,
        record_problems=records.RECORD,
        export_problems=problems.EXPORT,
        statistics_tables=statistics.TABLES,
        deletion_problems=case.DELETION,
        statistics_problems=statistics.PROBLEMS,
        faults=inbox.FAULTS,
        fingerprint=fingerprint,
        roles=roles,
    )


def _of_intake() -> dict[str, Any]:
    return {
        "intake_words": intake,
        "intake_source": _source,
        "done_words": {**records.DONE, **intake.DONE},
    }


def _source(written: WrittenDown) -> str:
    """Return by whom, from what and when a report was written down."""
    return intake.source(written.said, str(name_of(written.author)) if written.author else "")


_NOT_TO_WAIT: Final = frozenset(
    {"inbox.cases", "cases.show", "triage.preview", "records.leak", "statistics.show", "people.show"}
)
"""Pages that have the local copy to show when the server is slow."""


def _begin() -> None:
    if desk().site is None:
        return
    desk().server.limit = (
        PAGE_SECONDS if request.endpoint in _NOT_TO_WAIT and request.method == "GET" else None
    )


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page of the desk."""
    return make_response(render_template(f"desk/{template}.html", **context), status)


def to(path: str) -> Response:
    """Send the browser on to a path of the desk after a form did what it should."""
    return cast(Response, redirect(request.script_root + path, 303))


def no_session(printed: bool = False) -> Response:
    """Return what somebody without a session sees; `printed`: a fresh link is in the terminal."""
    return page("no_session", 403, typed=all_typed(), printed=printed)


def problem(message: problems.Message, status: int, **context: Any) -> Response:
    """Return a page that says what happened and what to do."""
    return page("problem", status, words=message, typed=all_typed(), **context)


def trouble_page(trouble: ServerTrouble) -> Response:
    """Return the page for a server that could not be asked, when there is nothing to show instead."""
    return problem(problems.TROUBLES[trouble.trouble], 502, trouble=trouble)


def is_own_origin() -> bool:
    """Tell whether the browser says that a page of this desk sent the form."""
    return request.headers.get("Origin") == f"http://{request.host}"


def typed_is_too_long() -> bool:
    """Tell whether a form is larger than the desk reads."""
    return (request.content_length or 0) > (request.max_content_length or 0)


def typed_text() -> str:
    """Return a reply that came with this request, so that whatever page is shown can give it back."""
    if request.method != "POST" or typed_is_too_long():
        return ""
    if not is_own_origin():
        # What another page made the browser send is nothing that was typed here.
        return ""
    return request.form.get("message", "")


def all_typed() -> str:
    """Return whatever was written in the boxes of this request's form, for pages that have no such boxes."""
    reply = typed_text()
    if request.method != "POST" or not is_own_origin() or typed_is_too_long():
        return ""
    known = record_forms.typed(request.form)
    return "\n\n".join([reply, *(known[name] for name in record_forms.TEXTS if name in known)]).strip("\n")


def _everywhere() -> dict[str, Any]:
    lang, site = language(), desk().site
    return {
        "lang": lang,
        "root": request.script_root,
        "base": f"{request.script_root}/{lang}",
        "languages": LANGUAGES,
        "here": _here(),
        "server_url": "" if site is None else site.url,
        "today": desk().today(),
        "idle_minutes": desk().keyring.idle_minutes,
        "is_locked": desk().keyring.is_locked,
        "trouble": None,
        "trouble_words": problems.TROUBLES,
        "fetched_minutes": None if site is None else site.fetched_minutes(),
        # Anyone who was turned away learns neither where the server is nor whether the desk is locked, and gets
        # no cookie.
        "bare": not g.get("inside"),
        "typed": "",
        "problems": (),
    }


def _here() -> str | None:
    """Return this page's name for the switch of languages; None where switching would lose what the page
    holds.
    """
    if request.method not in ("GET", "HEAD") or "lang" not in (request.view_args or {}):
        return None
    query = request.query_string.decode("ascii", "ignore")
    return request.path.strip("/").partition("/")[2] + (f"?{query}" if query else "")


def _short(raw: bytes) -> str:
    """Return the beginning of a case's id, enough for people to speak about it."""
    return case_document.number_of(raw)


def name_of(card: Card) -> str:
    """Return a person's name and role in the page's language."""
    lang = language()
    return (
        f"{card.name[lang]} ({card.role[lang]})"
        if lang == "en"
        else f"{card.name[lang]}（{card.role[lang]}）"
    )


_FILTERS: Final[Mapping[str, Callable[..., str | bytes]]] = {
    "short": _short,
    "hex_id": hex_id,
    "person": bytes.fromhex,
    "handle": lambda own_id: desk().handles.of(own_id),
    "b64": b64e,
    "bracketed": bracketed,
    "digest": lambda text: b64d(text).hex(),
    "name": name_of,
    "size": file_size,
}
"""Filters of the templates."""
