"""A case leaves the desk: on paper, or as a folder. Only by a lead, and never without a record."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response
from flask_babel import gettext

from admin.desk.casework.attachments import File
from admin.desk.casework.downloads import FileFault, contents, progress, verify
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.register import RegisterBehind
from admin.desk.casework.situation import CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels.i18n import language, show_day
from admin.desk.reports import case_document, pdf_and_zip
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.downloads import dated, saved
from admin.desk.web.pages import name_of
from admin.desk.web.views import case_page
from admin.desk.web.views.export_log import log_export
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
    named: Named = []
    whole = documents[PDF_NAME]
    if what == "folder":
        named, hashes, missing = _files(opened, situation)
        documents = _listed(documents, opened, situation, hashes, missing)
        whole = documents[pdf_and_zip.HASHES]
    record = make("export", what=what, hash=b64e(hashlib.sha256(whole).digest()))
    try:
        work.add_record(situation, opened, new_envelope_id(), record)
        log_export(situation, what, record["hash"], opened)
    except (CannotReply, DoesNotCount, OtherReplySent, RegisterBehind, ServerRefusal):
        return _again(case_id, "refused", situation)
    except ServerTrouble:
        return _again(case_id, "trouble", situation)
    name = f"case-{case_document.number_of(case_id)}"
    if what == "pdf":
        return saved(whole, "application/pdf", dated(name, desk().today(), "pdf"))
    parts = pdf_and_zip.folder(documents, named, lambda file: contents(work.cache, file))
    return saved(parts, "application/zip", dated(name, desk().today(), "zip"))


def _again(case_id: bytes, problem: str, situation: Situation) -> Response:
    return case_page.show(
        case_id, record_problem=problem, situation=situation, template="export", file_states=file_states
    )


def file_states(opened: OpenedCase) -> list[tuple[File, bool]]:
    """Return the reporter's files, each with whether it was fetched."""
    return [(file, progress(desk().work().cache, file).is_whole) for file in opened.files]


Named = list[tuple[str, File]]


def _files(opened: OpenedCase, situation: Situation) -> tuple[Named, dict[str, tuple[int, bytes]], list[str]]:
    """Return the files that are here, fetched for this if need be, and are what the reporter sealed, each by its name
    in the folder; their lengths and SHA-256 by the same names; and the names of the others.
    """
    work = desk().work()
    here: list[tuple[File, bytes]] = []
    missing: list[str] = []
    for file in opened.files:
        try:
            digest = verify(work.cache, file) if work.fetch_file(situation, file).is_whole else None
        except (FileFault, ServerTrouble):
            digest = None
        if digest is not None:
            here.append((file, digest))
        else:
            missing.append(file.name)
    named = pdf_and_zip.names_for([file for file, _digest in here])
    listed = {name: (file.size, digest) for (name, _file), (file, digest) in zip(named, here, strict=True)}
    return named, listed, missing


def _listed(
    documents: dict[str, bytes],
    opened: OpenedCase,
    situation: Situation,
    files: dict[str, tuple[int, bytes]],
    missing: list[str],
) -> dict[str, bytes]:
    """Return the documents of a folder with its list for people, and last its list of hashes: of all but itself."""
    hashes = {name: hashlib.sha256(raw).digest() for name, raw in documents.items()}
    sizes = {name: len(raw) for name, raw in documents.items()}
    hashes |= {name: digest for name, (_size, digest) in files.items()}
    sizes |= {name: size for name, (size, _digest) in files.items()}
    words = pdf_and_zip.Listed(
        [
            case_page.heading_of(opened),
            _exported(situation),
            "",
            case_page.export_notice(),
            "",
            gettext(
                "How to check it: unpack the folder and run in it “sha256sum --check SHA256SUMS” (Linux), “shasum -a "
                "256 --check SHA256SUMS” (macOS), or compare the numbers below with what “Get-FileHash NAME” prints "
                "(Windows, PowerShell)."
            ),
            gettext(
                "The SHA-256 of the file SHA256SUMS is on record in the case: an auditor can look it up in its history."
            ),
        ],
        gettext("In this folder:"),
        gettext("Not in this folder, because they could not be fetched or are damaged:"),
    )
    listed = pdf_and_zip.manifest(hashes, sizes, words, missing)
    hashes[pdf_and_zip.MANIFEST] = hashlib.sha256(listed).digest()
    return {**documents, pdf_and_zip.MANIFEST: listed, pdf_and_zip.HASHES: pdf_and_zip.hash_list(hashes)}


def _exported(situation: Situation) -> str:
    """Return on which day this was exported, and by whom."""
    own = situation.roster.by_key[desk().work().identity.key_id]
    return str(gettext("Exported on %(day)s by %(name)s", day=show_day(desk().today()), name=name_of(own)))


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

    heading = " ".join(text for text in (case_page.heading_of(opened), opened.state.title) if text)
    today = desk().today()
    parts = case_document.sections(opened, shown["clocks"], names, name_of, lang, today)
    letters = gettext(
        "Letters that this document’s font lacks stand as their Unicode numbers, such as 〔U+20BB7〕."
    )
    made = _exported(situation)
    rest = gettext(
        "This part goes on: it is longer than a PDF can take. All of it is in the folder (ZIP), in the file case.txt."
    )
    notice = case_page.export_notice()
    pages = gettext("Page {number} of {count}")
    return {
        PDF_NAME: pdf_and_zip.case_pdf(heading, notice, today, parts, lang, letters, made, rest, pages),
        TEXT_NAME: pdf_and_zip.case_text(heading, notice, parts, made),
    }
