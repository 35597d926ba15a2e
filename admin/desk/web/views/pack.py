"""A pack for counsel or an authority: chosen, blacked out, looked at, put on record, and only then handed out."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, abort, g, jsonify, request
from flask_babel import gettext, ngettext

from admin.desk.casework.attachments import File
from admin.desk.casework.downloads import FileFault, contents, verify
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.register import RegisterBehind
from admin.desk.casework.situation import CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels import pack as labels
from admin.desk.labels.i18n import language, show_day
from admin.desk.local.draft import PACK, Draft
from admin.desk.reports import case_document, pdf_and_zip
from admin.desk.reports import pack as reports
from admin.desk.reports.pack import Chosen, Document, PackPart, Wording
from admin.desk.reports.redaction import Altered, Unbalanced, without_words, words_of
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.downloads import dated, saved
from admin.desk.web.page_draft import PageDraft
from admin.desk.web.pages import name_of, page, to
from admin.desk.web.views import case_page
from admin.desk.web.views.path import LANGUAGE, case_id_of, own_page
from cases import roles
from cases.records import make
from crypto import pack as crypto_pack
from crypto.encoding import b64e
from crypto.key_errors import PackKeyMalformed

packs = Blueprint("packs", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/pack")

_NAMES: Final = re.compile(r"pk_(to|purpose|key|words|(in|text|file)_[a-z0-9_]{1,80})")
_BOXES: Final = re.compile(r"pk_(in|file)_[a-z0-9_]{1,80}")
_TO: Final = 200
_RECORDED: Final = (CannotReply, DoesNotCount, OtherReplySent, ServerRefusal, RegisterBehind)


@dataclass(frozen=True, repr=False)
class _Scene:
    """What a request of these pages is about."""

    case_id: bytes
    situation: Situation
    opened: OpenedCase
    parts: tuple[PackPart, ...]
    draft: Draft

    @property
    def fields(self) -> Mapping[str, str]:
        return self.draft.fields

    def chosen(self) -> Chosen:
        """Return what is chosen, with the marks."""
        return Chosen(
            [part for part in self.parts if self.fields.get(f"pk_in_{part.id}")],
            {
                part.id: self.fields[name]
                for part in self.parts
                if (name := f"pk_text_{part.id}") in self.fields
            },
            words_of(self.fields.get("pk_words", "")),
            [file for file in self.opened.files if self.fields.get(f"pk_file_{file.object_id.hex()}")],
        )


def _draft_of(case_id: bytes) -> PageDraft:
    return PageDraft(case_id + PACK, _NAMES, _BOXES)


@packs.before_request
def _keep_marks() -> None:
    """Keep what the form holds, before every button does what it is for."""
    if request.method == "POST":
        keep(case_id_of((request.view_args or {})["case"]))


def keep(case_id: bytes) -> None:
    """Keep what the form of this request holds for a case. Raises CacheUnusable, Locked."""
    opened = desk().work().from_copy(case_id)
    if opened is not None:
        before = {f"pk_text_{part.id}": part.text for part in _parts(opened)}
        g.pack_kept = _draft_of(case_id).keep(before)


def carried() -> dict[str, str]:
    """Return the marks that came with this request, for a page that has to stand in for this one."""
    return PageDraft(b"", _NAMES, _BOXES).typed()


def _scene(case: str) -> _Scene:
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if opened is None or not opened.is_open:
        abort(404)
    return _Scene(case_id, situation, opened, tuple(_parts(opened)), _draft_of(case_id).kept())


def _parts(opened: OpenedCase) -> Iterator[PackPart]:
    """Return everything of a case that can be chosen, but for the files."""
    return case_document.parts(opened, _name, name_of, language())


def _name(person: bytes) -> str:
    roster = desk().work().kept_roster()
    card = roster.newest_of(person) if roster else None
    return str(name_of(card)) if card else str(gettext("A person whom this desk does not know"))


@packs.get("")
def ask(lang: str, case: str) -> Response:
    """Offer the parts of the case, with what was marked before."""
    return _form(_scene(case))


@packs.post("/look")
def look(lang: str, case: str) -> Response:
    """Show the form again, with what was marked."""
    return to(f"/{lang}/cases/{case}/pack")


@packs.post("/draft")
def pause(lang: str, case: str) -> Response:
    """Keep what the page's script sends after a pause; nothing goes to the server."""
    draft, why = _draft_of(case_id_of(case)).kept(), g.get("pack_kept", "shut")
    answer = jsonify(kept=not why, why=why, number=draft.number, unsent=sorted(draft.fields))
    answer.status_code = {"": 200, "too_long": 413}.get(why, 409)
    return answer


@packs.post("/discard")
def discard(lang: str, case: str) -> Response:
    """Throw away what was chosen and marked."""
    _draft_of(case_id_of(case)).forget()
    return to(f"/{lang}/cases/{case}/pack")


@packs.post("/lock")
def lock(lang: str, case: str) -> Response:
    """Let go of the keys; unlocking leads back to the form."""
    desk().keyring.lock()
    return to(f"/{lang}/cases/{case}/pack")


@packs.post("/go")
@packs.post("/leave")
def go(lang: str, case: str) -> Response:
    """Go on to another page; what was marked is kept."""
    return to(own_page(request.form.get("to", "")) or f"/{lang}/cases/{case}")


@packs.post("/check")
def check(lang: str, case: str) -> Response:
    """Show the pack as it will be. Nothing leaves the desk yet."""
    scene = _scene(case)
    wrong, document = _made(scene)
    if g.get("pack_kept"):
        wrong = "not_kept"
    if wrong or document is None:
        return _form(scene, wrong)
    return page(
        "pack_check",
        **_shared(scene),
        sections=document.sections,
        passages=document.passages,
        chosen=scene.chosen(),
        receiver=_receiver(scene),
    )


@packs.post("/make")
def make_pack(lang: str, case: str) -> Response:
    """Put the pack on record, in the export log first and in the case, and hand it out."""
    scene, here = _scene(case), desk()
    wrong, document = _made(scene)
    if not wrong and request.form.get("draft_number") != str(scene.draft.number):
        return check(lang, case)
    if wrong or document is None:
        return _form(scene, wrong)
    if not here.exporting.acquire(blocking=False):
        return _form(scene, "busy")
    try:
        return _handed_out(scene, document)
    finally:
        here.exporting.release()


def _made(scene: _Scene) -> tuple[str, Document | None]:
    """Return what is wrong, "" for nothing, and the pack's text."""
    chosen, fields = scene.chosen(), scene.fields
    if not roles.may_export(scene.situation.roster.role_of(desk().work().identity.key_id)):
        return "not_a_lead", None
    if not 1 <= len(fields.get("pk_to", "").strip()) <= _TO:
        return "receiver", None
    if not chosen.parts and not chosen.files:
        return "nothing", None
    try:
        if fields.get("pk_key", "").strip():
            crypto_pack.read_receiver(fields["pk_key"])
        made = reports.document(chosen, _wording(scene, chosen), _count)
    except PackKeyMalformed:
        return "key", None
    except Altered:
        return "altered", None
    except Unbalanced:
        return "unbalanced", None
    return ("left_over", None) if reports.holds_words(made, chosen.words) else ("", made)


def _count(passages: int) -> tuple[str, str]:
    said = ngettext("%(num)d passage, as ■■■■", "%(num)d passages, each as ■■■■", passages)
    return str(gettext("Blacked out")), str(said)


def _wording(scene: _Scene, chosen: Chosen) -> Wording:
    own = scene.situation.roster.by_key[desk().work().identity.key_id]
    day, all_parts = show_day(desk().today()), len(scene.parts)
    purpose = scene.fields.get("pk_purpose", "").strip()
    cover = [
        (gettext("For"), scene.fields.get("pk_to", "").strip()),
        *([(gettext("Purpose"), purpose)] if purpose else []),
        (gettext("Made by"), str(name_of(own))),
        (gettext("Day"), day),
        (gettext("Parts"), gettext("%(some)d of %(all)d", some=len(chosen.parts), all=all_parts)),
        (
            gettext("Files"),
            gettext("%(some)d of %(all)d", some=len(chosen.files), all=len(scene.opened.files)),
        ),
    ]
    return Wording(
        title=str(gettext("Material from a report")),
        notice=case_page.export_notice(),
        made=without_words(
            str(gettext("Made on %(day)s by %(name)s", day=day, name=name_of(own))), chosen.words
        ),
        cover_heading=str(gettext("What this is")),
        cover=[(str(label), str(text)) for label, text in cover],
        groups={name: str(gettext(text)) for name, text in labels.GROUPS.items()},
        files_heading=str(gettext("Files")),
        columns=str(gettext("In this pack:")),
        check=str(
            gettext(
                "How to check it: unpack it and run in the folder “sha256sum --check SHA256SUMS” (Linux), “shasum -a "
                "256 --check SHA256SUMS” (macOS), or compare the numbers below with what “Get-FileHash NAME” prints "
                "(Windows, PowerShell). The SHA-256 of the file SHA256SUMS is on record with the auditors."
            )
        ),
        pages=str(gettext("Page {number} of {count}")),
        letters=str(
            gettext(
                "Letters that this document’s font lacks stand as their Unicode numbers, such as 〔U+20BB7〕."
            )
        ),
        rest=str(gettext("This part goes on in the file pack.txt: it is longer than a PDF can take.")),
    )


def _handed_out(scene: _Scene, document: Document) -> Response:
    work, chosen = desk().work(), scene.chosen()
    named, hashes = reports.neutral_names(chosen.files), dict[str, tuple[int, bytes]]()
    for name, file in named:
        digest = _verified(scene.situation, file)
        if digest is None:
            return _form(scene, "file")
        hashes[name] = (file.size, digest)
    made = reports.documents(document, _wording(scene, chosen), desk().today(), language(), hashes)
    sha256 = hashlib.sha256(made[pdf_and_zip.HASHES]).digest()
    try:
        shut = scene.opened.out(scene.situation.roster)
        work.register.log_export(scene.situation, _details(scene, document, sha256), shut)
        record = make("export", what="pack", hash=b64e(sha256))
        work.add_record(scene.situation, scene.opened, new_envelope_id(), record)
    except _RECORDED:
        return _form(scene, "refused")
    except ServerTrouble:
        return _form(scene, "trouble")
    _draft_of(scene.case_id).forget()
    return _file(scene, made, named)


def _file(scene: _Scene, made: Mapping[str, bytes], named: list[tuple[str, File]]) -> Response:
    cache, day = desk().work().cache, desk().today()

    def pieces(is_last: bool) -> Iterator[bytes]:
        # What was fetched is let go of when it was handed out, not when it was measured.
        return pdf_and_zip.folder(
            made, named, lambda file: contents(cache, file) if is_last else contents(cache, file, keep=True)
        )

    receiver = scene.fields.get("pk_key", "").strip()
    if not receiver:
        return saved(pieces(True), "application/zip", dated("pack", day, "zip"))
    size = sum(map(len, pieces(False)))
    encrypted = crypto_pack.sealed(pieces(True), size, crypto_pack.read_receiver(receiver))
    return saved(encrypted, "application/octet-stream", dated("pack", day, "mypack"))


def _verified(situation: Situation, file: File) -> bytes | None:
    """Return the SHA-256 of a file that is here and whole; None for any other."""
    work = desk().work()
    try:
        return verify(work.cache, file) if work.fetch_file(situation, file).is_whole else None
    except (FileFault, ServerTrouble):
        return None


def _details(scene: _Scene, document: Document, sha256: bytes) -> dict[str, Any]:
    """Return what the export log keeps: for whom and what, and no word of the case."""
    chosen = scene.chosen()
    return {
        "case": scene.case_id.hex(),
        "what": "pack",
        "to": scene.fields.get("pk_to", "").strip(),
        "purpose": scene.fields.get("pk_purpose", "").strip()[:_TO],
        "parts": len(chosen.parts),
        "files": len(chosen.files),
        "passages": document.passages,
        "sealed": bool(scene.fields.get("pk_key", "").strip()),
        "hash": b64e(sha256),
    }


def _receiver(scene: _Scene) -> str:
    return scene.fields.get("pk_key", "").strip()


def _shared(scene: _Scene) -> dict[str, Any]:
    return {
        "case": scene.opened,
        "own_duty": scene.situation.roster.role_of(desk().work().identity.key_id),
        "trouble": scene.situation.trouble,
        "draft_number": scene.draft.number,
        "page_id": secrets.token_hex(16),
    }


def _form(scene: _Scene, wrong: str = "") -> Response:
    return page(
        "pack",
        400 if wrong else 200,
        **_shared(scene),
        parts=scene.parts,
        groups=labels.GROUPS,
        typed_fields=scene.fields,
        wrong=labels.PROBLEMS[wrong] if wrong else "",
        problems=[wrong] if wrong else [],
    )
