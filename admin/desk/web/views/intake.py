"""A report by telephone, letter or talk: written down, shown with its code once, sent. What is typed is a draft; the
code is in one page only, which brings it back (never in the draft, the local copy, a log or an address).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, flash, g, jsonify, request
from flask_babel import gettext

from admin.desk.blackout.process import CannotDraw
from admin.desk.casework import intake as casework
from admin.desk.casework.intake import NobodyElse, SentBefore
from admin.desk.casework.situation import Situation
from admin.desk.local.draft import Draft
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import intake_form
from admin.desk.web import intake_pages as pages
from admin.desk.web.context import desk
from admin.desk.web.pages import to
from admin.desk.web.views.path import LANGUAGE, own_page
from cases import roles
from crypto.errors import PayloadTooLarge
from crypto.key_errors import BadReceiptCode
from crypto.receipt import new_code, parse_code

intake = Blueprint("intake", __name__, url_prefix=f"/{LANGUAGE}/intake")


@intake.before_request
def _keep_typed() -> None:
    """Keep what the form holds, before every button does what it is for."""
    if request.method == "POST":
        g.intake_kept = keep()


def keep() -> str:
    """Keep what the form of this request holds; return "", or why not. Raises CacheUnusable, Locked."""
    return pages.DRAFT.keep()


@intake.get("")
def show(lang: str) -> Response:
    """Show the form, with what was typed and not sent; before, ask what it is about."""
    return pages.form(_situation())


@intake.get("/subject")
def subject(lang: str) -> Response:
    """Ask what it is about; what was typed stays."""
    return pages.subject(_situation())


@intake.post("/subject")
def choose_subject(lang: str) -> Response:
    """Go on to the questions of the subject that was chosen."""
    if g.intake_kept or not intake_form.subject_of(pages.DRAFT.kept().fields):
        return pages.subject(_situation(), "not_kept" if g.intake_kept else "category")
    return to(f"/{lang}/intake")


@intake.post("/look")
def look(lang: str) -> Response:
    """Show the form again, with what was typed."""
    return to(f"/{lang}/intake")


@intake.post("/draft")
def pause(lang: str) -> Response:
    """Keep what the page's script sends after a pause; nothing goes to the server."""
    draft, why = pages.DRAFT.kept(), g.intake_kept
    answer = jsonify(kept=not why, why=why, number=draft.number, unsent=sorted(draft.fields))
    answer.status_code = {"": 200, "too_long": 413}.get(why, 409)
    return answer


@intake.get("/scans")
def scans(lang: str) -> Response:
    """Show the scans that go along, and take another."""
    return pages.scans(_situation())


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
        return pages.scans(now, "no_scan")
    try:
        here.scans.add(data, here.today(), _scan_name)
    except CannotDraw as refused:
        return pages.scans(now, f"scan_{refused.why}")
    return to(f"/{lang}/intake/scans")


def _scan_name(number: int) -> str:
    """Return a scan's name: it says whose it is wherever a file's name is shown, on the person's page too."""
    return str(gettext("scan-by-auditor-%(number)d", number=number))


@intake.post("/discard")
def discard(lang: str) -> Response:
    """Throw away what was typed."""
    pages.DRAFT.forget()
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
        return pages.form(now, [("in_what_happened", "not_kept")], pages.DRAFT.typed())
    draft = pages.DRAFT.kept()
    wrong = _problems(now, draft)
    return pages.form(now, wrong) if wrong else pages.checked(now, draft, _code_for(draft))


@intake.post("/send")
def send(lang: str) -> Response:
    """Seal and send it. The code comes back from the page that showed it, and goes nowhere else."""
    now, draft = _situation(), pages.DRAFT.kept()
    wrong = _problems(now, draft)
    code = _code_of(request.form.get("code", ""))
    given = draft.fields.get("in_code") == "given"
    if not wrong and (request.form.get("draft_number") != str(draft.number) or bool(code) != given):
        wrong = [("in_what_happened", "changed")]
    if wrong:
        return pages.form(now, wrong)
    if request.form.get("scans") != pages.scans_word():
        return pages.form(now, [("in_what_happened", "scans_changed")])
    written = replace(intake_form.read(draft.fields, draft.reply_id), scans=desk().scans.all)
    try:
        sent = casework.send(desk().work(), now, written, code)
    except SentBefore as before:
        return _done(lang, before.case_id, "intake_sent_before")
    except NobodyElse:
        return pages.form(now, [("in_out", "nobody_else")])
    except PayloadTooLarge:
        return pages.form(now, [("in_what_happened", "too_large")])
    except ServerTrouble:
        return pages.checked(now, draft, code, "trouble")
    except ServerRefusal as refused:
        return pages.checked(now, draft, code, "too_large" if refused.code == "too_large" else "refused")
    return _done(lang, sent.case_id, "intake_sent" if sent.promised else "intake_sent_no_promise")


def _done(lang: str, case_id: bytes, said: str) -> Response:
    """Forget the draft and lead to the case; to the inbox while it has not come back yet."""
    pages.DRAFT.forget()
    desk().scans.forget()
    flash(said)
    work = desk().work()
    work.refresh()
    there = work.cache.case(case_id) is not None
    return to(f"/{lang}/cases/{desk().handles.of(case_id)}" if there else f"/{lang}/")


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
