"""A pack leaves the desk: its files and their hashes, the two records of it, and then the file that is saved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flask import Response

from admin.desk.blackout.process import CannotDraw
from admin.desk.casework.attachments import File
from admin.desk.casework.downloads import FileFault, contents, verify
from admin.desk.casework.register import RegisterBehind
from admin.desk.casework.situation import CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels.i18n import language
from admin.desk.reports import pack as reports
from admin.desk.reports import pdf_and_zip
from admin.desk.reports.pack import Document, PackFile
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import pack_drawing
from admin.desk.web.context import desk
from admin.desk.web.downloads import dated, saved
from admin.desk.web.pack_scene import Scene, draft_of
from admin.desk.web.pack_wording import wording
from cases.records import make
from crypto import pack as crypto_pack
from crypto.encoding import b64e

LONGEST_LINE: Final = 200
"""Characters of whom the pack is for, and of what for."""
_RECORDED: Final = (CannotReply, DoesNotCount, OtherReplySent, ServerRefusal, RegisterBehind)


class NotHandedOut(Exception):
    """The pack stays here. `why`: a code of labels.pack.PROBLEMS; `file`: the file that is in the way, if it is one."""

    def __init__(self, why: str, file: File | None = None) -> None:
        super().__init__(why)
        self.why, self.file = why, file


def hand_out(scene: Scene, document: Document) -> Response:
    """Put a pack on record, in the export log first and in the case, and return it as a file. Raises NotHandedOut."""
    work, chosen = desk().work(), scene.chosen()
    named, hashes = reports.neutral_names(chosen.files), dict[str, tuple[int, bytes]]()
    drawn: dict[bytes, bytes] = {}
    for name, packed in named:
        file = packed.file
        if packed.ending:
            made_file = _made_of(scene, file)
            if made_file is None:
                raise NotHandedOut("draw_unreadable", file)
            drawn[file.object_id] = made_file
            hashes[name] = (len(made_file), hashlib.sha256(made_file).digest())
        elif digest := _verified(scene.situation, file):
            hashes[name] = (file.size, digest)
        else:
            raise NotHandedOut("file", file)
    made = reports.documents(document, wording(scene, chosen), desk().today(), language(), hashes)
    sha256 = hashlib.sha256(made[pdf_and_zip.HASHES]).digest()
    pieces, whole, size = _pieces(made, named, drawn), hashlib.sha256(), 0
    for piece in pieces(False):
        whole.update(piece)
        size += len(piece)
    details = _details(scene, document, sha256) | {"file": b64e(whole.digest()), "size": size}
    try:
        shut = scene.opened.out(scene.situation.roster)
        work.register.log_export(scene.situation, details, shut)
        record = make("export", what="pack", hash=b64e(sha256))
        work.add_record(scene.situation, scene.opened, new_envelope_id(), record)
    except _RECORDED:
        raise NotHandedOut("refused") from None
    except ServerTrouble:
        raise NotHandedOut("trouble") from None
    draft_of(scene.case_id).forget()
    desk().drawings.forget()
    return _file(scene, pieces, size)


def _made_of(scene: Scene, file: File) -> bytes | None:
    """Return what is made of a file's drawn pages; None where that can't be."""
    drawing = pack_drawing.drawn(scene, file)
    try:
        return pack_drawing.made_of(drawing) if drawing else None
    except CannotDraw:
        return None


Pieces = Callable[[bool], Iterator[bytes]]
"""Gives the ZIP in pieces, the same bytes each time. Its argument: whether this is the last time."""


def _pieces(
    made: Mapping[str, bytes], named: list[tuple[str, PackFile]], drawn: Mapping[bytes, bytes]
) -> Pieces:
    cache = desk().work().cache

    def content(packed: PackFile, is_last: bool) -> Iterator[bytes]:
        # What was fetched is let go of when it was handed out, not when it was measured.
        if packed.ending:
            return iter([drawn[packed.file.object_id]])
        return contents(cache, packed.file) if is_last else contents(cache, packed.file, keep=True)

    def pieces(is_last: bool) -> Iterator[bytes]:
        return pdf_and_zip.folder(made, named, lambda packed: content(packed, is_last))

    return pieces


def _file(scene: Scene, pieces: Pieces, size: int) -> Response:
    day, receiver = desk().today(), scene.fields.get("pk_key", "").strip()
    if not receiver:
        return saved(pieces(True), "application/zip", dated("pack", day, "zip"))
    encrypted = crypto_pack.sealed(pieces(True), size, crypto_pack.read_receiver(receiver))
    return saved(encrypted, "application/octet-stream", dated("pack", day, "mypack"))


def _verified(situation: Situation, file: File) -> bytes | None:
    """Return the SHA-256 of a file that is here and whole; None for any other."""
    work = desk().work()
    try:
        return verify(work.cache, file) if work.fetch_file(situation, file).is_whole else None
    except (FileFault, ServerTrouble):
        return None


def _details(scene: Scene, document: Document, sha256: bytes) -> dict[str, Any]:
    """Return what the export log keeps: for whom and what, and no word of the case."""
    chosen = scene.chosen()
    return {
        "case": scene.case_id.hex(),
        "what": "pack",
        "to": scene.fields.get("pk_to", "").strip(),
        "purpose": scene.fields.get("pk_purpose", "").strip()[:LONGEST_LINE],
        "parts": len(chosen.parts),
        "files": len(chosen.files),
        "drawn": sum(bool(file.ending) for file in chosen.files),
        "passages": document.passages + sum(file.passages for file in chosen.files),
        "sealed": bool(scene.fields.get("pk_key", "").strip()),
        "hash": b64e(sha256),
    }
