"""A report by telephone, letter or talk: written down, shown with its code once, sent. What is typed is a draft; the
code is in one page only, which brings it back (never in the draft, the local copy, a log or an address).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, flash, g, jsonify, request
from flask_babel import force_locale, gettext

from admin.desk.blackout.process import CannotDraw
from admin.desk.casework import intake as casework
from admin.desk.casework.intake import NobodyElse, SentBefore
from admin.desk.casework.situation import Situation
from admin.desk.labels import intake as labels
from admin.desk.labels.common import CATEGORIES, CAUSES, FIELDS, PAGE_LANGUAGES
from admin.desk.labels.i18n import language
from admin.desk.local.draft import Draft
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import intake_form
from admin.desk.web.context import desk
from admin.desk.web.page_draft import PageDraft
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE, own_page
from cases import roles
from cases.form import REPORT_FIELDS, fields_for
from crypto.cards import Card
from crypto.errors import PayloadTooLarge
from crypto.key_errors import BadReceiptCode
from crypto.payloads import CATEGORIES as REPORTED
from crypto.receipt import format_code, new_code, parse_code

intake = Blueprint("intake", __name__, url_prefix=f"/{LANGUAGE}/intake")

_DRAFT: Final = PageDraft(bytes(16), intake_form.NAME, intake_form.BOX)
"""Kept at a place that no case has."""


@intake.before_request
def _keep_typed() -> None:
    """Keep what the form holds, before every button does what it is for."""
    if request.method == "POST":
        g.intake_kept = keep()


def keep() -> str:
    """Keep what the form of this request holds; return "", or why not. Raises CacheUnusable, Locked."""
    return _DRAFT.keep()


def _draft() -> Draft:
    return _DRAFT.kept()


@intake.get("")
def show(lang: str) -> Response:
    """Show the form, with what was typed and not sent; before, ask what it is about."""
    return _form(_situation())


@intake.get("/subject")
def subject(lang: str) -> Response:
    """Ask what it is about; what was typed stays."""
    return _subject(_situation())


@intake.post("/subject")
def choose_subject(lang: str) -> Response:
    """Go on to the questions of the subject that was chosen."""
    if g.intake_kept or not intake_form.subject_of(_draft().fields):
        return _subject(_situation(), "not_kept" if g.intake_kept else "category")
    return to(f"/{lang}/intake")


@intake.post("/look")
def look(lang: str) -> Response:
    """Show the form again, with what was typed."""
    return to(f"/{lang}/intake")


@intake.post("/draft")
def pause(lang: str) -> Response:
    """Keep what the page's script sends after a pause; nothing goes to the server."""
    draft, why = _draft(), g.intake_kept
    answer = jsonify(kept=not why, why=why, number=draft.number, unsent=sorted(draft.fields))
    answer.status_code = {"": 200, "too_long": 413}.get(why, 409)
    return answer


@intake.get("/scans")
def scans(lang: str) -> Response:
    """Show the scans that go along, and take another."""
    return _scans(_situation())


@intake.post("/scans")
def attach(lang: str) -> Response:
    """Read a scan, make it anew and seal it; or take one away. Nothing is sent yet."""
    now, here = _situation(), desk()
    if not roles.reads_reports(now.roster.role_of(here.work().identity.key_id)):
        return to(f"/{lang}/")
    if removed := request.form.get("remove"):
        here.scans.remove(removed)
        return to(f"/{lang}/intake/scans")
    file = request.files.get("scan")
    data = file.read() if file else b""
    if not data:
        return _scans(now, "no_scan")
    try:
        here.scans.add(data, here.today(), _scan_name)
    except CannotDraw as refused:
        return _scans(now, f"scan_{refused.why}")
    return to(f"/{lang}/intake/scans")


def _scan_name(number: int) -> str:
    """Return a scan's name: it says whose it is wherever a file's name is shown, on the person's page too."""
    return str(gettext("scan-by-auditor-%(number)d", number=number))


def _scans(now: Situation, wrong: str = "") -> Response:
    return page(
        "intake_scans",
        400 if wrong else 200,
        own_duty=now.roster.role_of(desk().work().identity.key_id),
        scans=desk().scans.all,
        wrong=labels.PROBLEMS[wrong] if wrong else "",
        problems=[wrong] if wrong else [],
    )


@intake.post("/discard")
def discard(lang: str) -> Response:
    """Throw away what was typed."""
    _DRAFT.forget()
    desk().scans.forget()
    flash("intake_discarded")
    return to(f"/{lang}/")


@intake.post("/lock")
def lock(lang: str) -> Response:
    """Let go of the keys; unlocking leads back to the form."""
    desk().keyring.lock()
    return to(f"/{lang}/intake")


@intake.post("/go")
@intake.post("/leave")
def go(lang: str) -> Response:
    """Go on to another page; what was typed is kept."""
    return to(own_page(request.form.get("to", "")) or f"/{lang}/")


@intake.post("/check")
def check(lang: str) -> Response:
    """Show everything once more, and the code that it will have. Nothing is sent yet."""
    now = _situation()
    if g.intake_kept:
        return _form(now, [("in_what_happened", "not_kept")], _DRAFT.typed())
    draft = _draft()
    wrong = _problems(now, draft)
    return _form(now, wrong) if wrong else _checked(now, draft, _code_for(draft))


@intake.post("/send")
def send(lang: str) -> Response:
    """Seal and send it. The code comes back from the page that showed it, and goes nowhere else."""
    now, draft = _situation(), _draft()
    wrong = _problems(now, draft)
    code = _code_of(request.form.get("code", ""))
    given = draft.fields.get("in_code") == "given"
    if not wrong and (request.form.get("draft_number") != str(draft.number) or bool(code) != given):
        wrong = [("in_what_happened", "changed")]
    if wrong:
        return _form(now, wrong)
    if request.form.get("scans") != _scans_word():
        return _form(now, [("in_what_happened", "scans_changed")])
    written = replace(intake_form.read(draft.fields, draft.reply_id), scans=desk().scans.all)
    try:
        sent = casework.send(desk().work(), now, written, code)
    except SentBefore as before:
        return _done(lang, before.case_id, "intake_sent_before")
    except NobodyElse:
        return _form(now, [("in_out", "nobody_else")])
    except PayloadTooLarge:
        return _form(now, [("in_what_happened", "too_large")])
    except ServerTrouble:
        return _checked(now, draft, code, "trouble")
    except ServerRefusal as refused:
        return _checked(now, draft, code, "too_large" if refused.code == "too_large" else "refused")
    return _done(lang, sent.case_id, "intake_sent" if sent.promised else "intake_sent_no_promise")


def _done(lang: str, case_id: bytes, said: str) -> Response:
    """Forget the draft and lead to the case; to the inbox while it has not come back yet."""
    _DRAFT.forget()
    desk().scans.forget()
    flash(said)
    work = desk().work()
    work.refresh()
    there = work.cache.case(case_id) is not None
    return to(f"/{lang}/cases/{desk().handles.of(case_id)}" if there else f"/{lang}/")


def _scans_word() -> str:
    """Return the ids of the scans that go along, as the page that was looked at has them."""
    return ",".join(scan.entry["object"] for scan in desk().scans.all)


def _situation() -> Situation:
    """Return the list as it is now. Raises what `refresh` raises, and ServerTrouble: nothing is sealed to an old
    list.
    """
    return desk().work().refresh()


def _problems(now: Situation, draft: Draft) -> list[tuple[str, str]]:
    known = {card.person.hex() for card in now.roster.readers}
    wrong = intake_form.problems(draft.fields, known, desk().today())
    if not wrong:
        out = frozenset(map(bytes.fromhex, intake_form.out_of(draft.fields)))
        try:
            casework.check_readers(now.roster, out, desk().work().identity.key_id)
        except NobodyElse:
            wrong = [("in_out", "nobody_else")]
    return wrong


def _code_for(draft: Draft) -> str:
    """Return a new code where the person wants one."""
    return new_code() if draft.fields.get("in_code") == "given" else ""


def _code_of(text: str) -> str:
    try:
        return parse_code(text) if text else ""
    except BadReceiptCode:
        return ""


def _form(
    now: Situation, wrong: list[tuple[str, str]] | None = None, fields: Mapping[str, str] | None = None
) -> Response:
    roster, own = now.roster, desk().work().identity.key_id
    if not roles.reads_reports(roster.role_of(own)):
        return to(f"/{language()}/")
    draft = _draft()
    if not intake_form.subject_of(draft.fields):
        return _subject(now, "category" if wrong else "")
    problems = [("in_exclude" if name == "exclude" else name, code) for name, code in wrong or []]
    return page(
        "intake",
        400 if wrong else 200,
        **_shared(now, draft),
        **_asked(draft.fields if fields is None else {**draft.fields, **fields}),
        wrong={name: labels.PROBLEMS[code] for name, code in problems},
        problems=[code for _name, code in problems],
        persons=_persons(now, own),
        not_kept=bool(g.get("intake_kept", "")),
    )


def _asked(fields: Mapping[str, str]) -> dict[str, Any]:
    about = intake_form.subject_of(fields)
    return {
        "fields_typed": fields,
        "subject": about,
        "own": fields_for(about),
        "asked": intake_form.asked_for(fields),
    }


def _subject(now: Situation, problem: str = "") -> Response:
    """Ask what it is about. `problem`: a code of `labels.intake.PROBLEMS`."""
    if not roles.reads_reports(now.roster.role_of(desk().work().identity.key_id)):
        return to(f"/{language()}/")
    draft = _draft()
    return page(
        "intake_subject",
        400 if problem else 200,
        **_shared(now, draft),
        fields_typed={**draft.fields, **_DRAFT.typed()},
        ticked=[name for name, text in draft.fields.items() if intake_form.BOX.fullmatch(name) and text],
        wrong={"in_category": labels.PROBLEMS[problem]} if problem else {},
        problems=[problem] if problem else [],
        not_kept=bool(g.get("intake_kept", "")),
    )


def _shared(now: Situation, draft: Draft) -> dict[str, Any]:
    return {
        "own_duty": now.roster.role_of(desk().work().identity.key_id),
        "trouble": now.trouble,
        "draft_number": draft.number,
        "scans": desk().scans.all,
        "scans_word": _scans_word(),
        "page_id": secrets.token_hex(16),
        "report_names": REPORT_FIELDS,
        "answer_labels": FIELDS,
        "answer_causes": CAUSES,
        "about": {name: CATEGORIES[name] for name in REPORTED},
        "channels": labels.CHANNELS,
        "codes": labels.CODES,
        "reporter_languages": PAGE_LANGUAGES,
    }


def _persons(now: Situation, own: bytes) -> list[Card]:
    """Return who can be left out: each person who reads, but for the author, with the newest card."""
    author = now.roster.by_key[own].person
    newest = {card.person: card for card in now.roster.readers}
    return [card for person, card in newest.items() if person != author]


def _checked(now: Situation, draft: Draft, code: str, problem: str = "") -> Response:
    """Show what will be sent, who will be able to read it, and the code on its sheet."""
    work = desk().work()
    written = intake_form.read(draft.fields, draft.reply_id)
    excluded = now.roster.excluded_keys(written.out)
    author = now.roster.by_key[work.identity.key_id]
    return page(
        "intake_check",
        502 if problem == "trouble" else 400 if problem else 200,
        **_shared(now, draft),
        written=written,
        code=format_code(code) if code else "",
        sheet=_sheet(written.language, author) if code else None,
        can_read=list(
            {card.person: card for card in now.roster.readers if card.key_id not in excluded}.values()
        ),
        left_out=[card for card in _persons(now, author.key_id) if card.person in written.out],
        problem=labels.PROBLEMS[problem] if problem else "",
        problems=[problem] if problem else [],
    )


def _sheet(spoken: str, author: Card) -> dict[str, Any]:
    """Return the words of the sheet, in the person's language."""
    lang = "en" if spoken == "en" else "ja"
    role = f" ({author.role[lang]})" if lang == "en" else f"（{author.role[lang]}）"
    with force_locale(lang):
        lines = [str(gettext(line)) for line in (labels.PLAIN_SHEET if spoken == "easy" else labels.SHEET)]
        title = str(gettext("Receipt code"))
        by = str(gettext("Written down by %(name)s.", name=author.name[lang] + role))
    address = f"{desk().server.url}/{spoken}/status"
    return {"lang": lang, "title": title, "by": by, "lines": lines, "address": address}
