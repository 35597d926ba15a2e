"""A case leaves the desk: on paper, or as a folder. Only by a lead, and never without a record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Blueprint, Response
from flask_babel import gettext

from admin.desk.casework.attachments import File
from admin.desk.casework.downloads import FileFault, contents, progress, verify
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels.i18n import language, show_day
from admin.desk.reports import case_document, pdf_and_zip
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.pages import name_of
from admin.desk.web.views import case_page
from admin.desk.web.views.path import LANGUAGE, case_id_of
from cases import roles
from cases.records import make
from crypto.encoding import b64e

exports = Blueprint("exports", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/export")

PDF_NAME, TEXT_NAME = "case.pdf", "case.txt"


@exports.get("")
def ask(lang: str, case: str) -> Response:
    """Say what an export means, and offer it."""
    return case_page.show(case_id_of(case), template="export", file_states=file_states)


@exports.post("/<any(pdf, folder):what>")
def make_export(lang: str, case: str, what: str) -> Response:
    """Write the export down in the case, and hand it to the browser."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None or not opened.is_open:
        return _again(case_id, "trouble", situation)
    if not roles.may_export(situation.roster.role_of(work.identity.key_id)):
        return _again(case_id, "not_a_lead", situation)
    documents = _documents(opened, situation)
    if documents is None:
        return _again(case_id, "busy", situation)
    pdf = documents[PDF_NAME]
    here, missing = _files(opened, situation) if what == "folder" else ([], [])
    named = pdf_and_zip.names_for(here)
    listed = pdf_and_zip.manifest(documents, named, missing)
    whole = pdf if what == "pdf" else listed
    record = make("export", what=what, hash=b64e(hashlib.sha256(whole).digest()))
    try:
        work.add_record(situation, opened, new_envelope_id(), record)
    except (CannotReply, DoesNotCount, OtherReplySent, ServerRefusal):
        return _again(case_id, "refused", situation)
    except ServerTrouble:
        return _again(case_id, "trouble", situation)
    short = case_document.number_of(case_id)
    if what == "pdf":
        return _save(pdf, "application/pdf", f"case-{short}.pdf")
    parts = pdf_and_zip.folder(documents, listed, named, lambda file: contents(work.cache, file))
    return _save(parts, "application/zip", f"case-{short}.zip")


def _again(case_id: bytes, problem: str, situation: Situation) -> Response:
    return case_page.show(
        case_id, record_problem=problem, situation=situation, template="export", file_states=file_states
    )


def file_states(opened: OpenedCase) -> list[tuple[File, bool]]:
    """Return the reporter's files, each with whether it was fetched."""
    return [(file, progress(desk().work().cache, file).is_whole) for file in opened.files]


def _files(opened: OpenedCase, situation: Situation) -> tuple[list[File], list[str]]:
    """Return the files that are here, fetched for this if need be, and are what the reporter sealed; and the names of
    the others.
    """
    work = desk().work()
    here: list[File] = []
    missing: list[str] = []
    for file in opened.files:
        try:
            whole = work.fetch_file(situation, file).is_whole
            if whole:
                verify(work.cache, file)
        except (FileFault, ServerTrouble):
            whole = False
        if whole:
            here.append(file)
        else:
            missing.append(file.name)
    return here, missing


def _documents(opened: OpenedCase, situation: Situation) -> dict[str, bytes] | None:
    """Return the case as a PDF and as plain text, by name; None while another one is made.

    One at a time: the other threads of the desk stay free for its pages.
    """
    exporting = desk().exporting
    if not exporting.acquire(blocking=False):
        return None
    try:
        return _made(opened, situation)
    finally:
        exporting.release()


def _made(opened: OpenedCase, situation: Situation) -> dict[str, bytes]:
    lang, shown = language(), case_page.records_of(opened, situation, None)

    def names(person: bytes) -> str:
        card = situation.roster.newest_of(person)
        return str(name_of(card) if card else gettext("A person whom this desk does not know"))

    heading = case_page.heading_of(opened)
    parts = case_document.sections(opened, shown["clocks"], names, name_of, lang, desk().today())
    letters = gettext(
        "Letters that this document’s font lacks stand as their Unicode numbers, such as 〔U+20BB7〕."
    )
    today = desk().today()
    made = gettext("Exported on %(day)s", day=show_day(today))
    rest = gettext(
        "This part goes on: it is longer than a PDF can take. All of it is in the folder (ZIP), in the file case.txt."
    )
    notice = case_page.export_notice()
    return {
        PDF_NAME: pdf_and_zip.case_pdf(heading, notice, today, parts, lang, letters, made, rest),
        TEXT_NAME: pdf_and_zip.case_text(heading, notice, parts, made),
    }


def _save(body: bytes | Iterator[bytes], mimetype: str, name: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
