"""A pack for counsel or an authority: chosen, blacked out, previewed, recorded, and only then handed out."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request

from admin.desk.blackout.marks import BadBoxes
from admin.desk.casework.attachments import File
from admin.desk.labels import pack as labels
from admin.desk.reports import pack as reports
from admin.desk.reports.pack import Document
from admin.desk.reports.redaction import Altered, Unbalanced
from admin.desk.web import pack_drawing
from admin.desk.web.context import desk
from admin.desk.web.drawings import Drawing
from admin.desk.web.pack_drawing import FileRefused
from admin.desk.web.pack_handout import LONGEST_LINE, NotHandedOut, hand_out
from admin.desk.web.pack_scene import Scene, can_be_drawn, draft_of, keep, scene_of
from admin.desk.web.pack_wording import count, wording
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE, case_id_of, file_of, own_page
from cases import roles
from crypto import pack as crypto_pack
from crypto.key_errors import PackKeyMalformed

packs = Blueprint("packs", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/pack")


@packs.before_request
def _keep_marks() -> None:
    """Keep what the form holds, before every button does what it is for."""
    if request.method == "POST":
        keep(case_id_of((request.view_args or {})["case"]))


@packs.get("")
def ask(lang: str, case: str) -> Response:
    """Offer the parts of the case, with what was marked before."""
    return _form(scene_of(case))


@packs.post("/look")
def look(lang: str, case: str) -> Response:
    """Show the form again, with what was marked."""
    return to(f"/{lang}/cases/{case}/pack")


@packs.post("/draft")
def pause(lang: str, case: str) -> Response:
    """Keep what the page's script sends after a pause; nothing goes to the server."""
    draft, why = draft_of(case_id_of(case)).kept(), g.get("pack_kept", "shut")
    answer = jsonify(kept=not why, why=why, number=draft.number, unsent=sorted(draft.fields))
    answer.status_code = {"": 200, "too_long": 413}.get(why, 409)
    return answer


@packs.post("/discard")
def discard(lang: str, case: str) -> Response:
    """Throw away what was chosen and marked."""
    draft_of(case_id_of(case)).forget()
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


@packs.route("/check", methods=["GET", "POST"])
def check(lang: str, case: str) -> Response:
    """Show the pack as it will be, after its files were drawn. Nothing leaves the desk yet."""
    scene = scene_of(case)
    wrong = "not_kept" if g.get("pack_kept") else _problem(scene)
    try:
        waiting = None if wrong else pack_drawing.go_on(scene)
    except FileRefused as refused:
        return _form(scene, refused.why, refused.file)
    if waiting is not None:
        return page("pack_drawing", **_shared(scene), waiting=waiting)
    document = None
    if not wrong:
        wrong, document = _made(scene)
    if wrong or document is None:
        return _form(scene, wrong)
    return page(
        "pack_check",
        **_shared(scene),
        sections=document.sections,
        passages=document.passages,
        drawings=_drawings(scene),
        receiver=_receiver(scene),
    )


@packs.get("/drawn/<object_id>/<int:number>")
def drawn_page(lang: str, case: str, object_id: str, number: int) -> Response:
    """Return a page of a file as it will be in the pack; 404 where it is not drawn."""
    scene = scene_of(case)
    file = file_of(scene.opened, object_id)
    drawing = pack_drawing.drawn(scene, file) if file else None
    if drawing is None or not 1 <= number <= len(drawing.pages):
        abort(404)
    shown = drawing.pages[number - 1]
    return Response(shown.picture, mimetype=shown.media_type)


@packs.post("/make")
def make_pack(lang: str, case: str) -> Response:
    """Put the pack on record, in the export log first and in the case, and hand it out."""
    scene, here = scene_of(case), desk()
    wrong = _problem(scene)
    if wrong:
        return _form(scene, wrong)
    if request.form.get("draft_number") != str(scene.draft.number) or _is_undrawn(scene):
        return to(f"/{lang}/cases/{case}/pack/check")
    wrong, document = _made(scene)
    if wrong or document is None:
        return _form(scene, wrong)
    if not here.exporting.acquire(blocking=False):
        return _form(scene, "busy")
    try:
        return hand_out(scene, document)
    except NotHandedOut as refused:
        return _form(scene, refused.why, refused.file)
    finally:
        here.exporting.release()


def _problem(scene: Scene) -> str:
    """Return what is wrong with what was chosen, as far as no file has to be read for it; "" for nothing."""
    fields = scene.fields
    if not roles.may_export(scene.situation.roster.role_of(desk().work().identity.key_id)):
        return "not_a_lead"
    if not 1 <= len(fields.get("pk_to", "").strip()) <= LONGEST_LINE:
        return "receiver"
    if not scene.files and not any(fields.get(f"pk_in_{part.id}") for part in scene.parts):
        return "nothing"
    try:
        if fields.get("pk_key", "").strip():
            crypto_pack.read_receiver(fields["pk_key"])
        for file in scene.files:
            scene.marks(file)
    except PackKeyMalformed:
        return "key"
    except BadBoxes:
        return "boxes"
    return ""


def _made(scene: Scene) -> tuple[str, Document | None]:
    """Return what is wrong, "" for nothing, and the pack's text."""
    chosen = scene.chosen()
    try:
        made = reports.document(chosen, wording(scene, chosen), count)
    except Altered:
        return "altered", None
    except Unbalanced:
        return "unbalanced", None
    return ("left_over", None) if reports.holds_words(made, chosen.words) else ("", made)


def _drawings(scene: Scene) -> list[tuple[File, Drawing | None]]:
    """Return the files that go along as pictures, each as it is drawn; None where a page is missing."""
    return [(file, pack_drawing.drawn(scene, file)) for file in scene.files if scene.is_drawn(file)]


def _is_undrawn(scene: Scene) -> bool:
    """Tell whether a file that goes along as pictures is not drawn to its end: its marks are others now."""
    return any(drawing is None for _file, drawing in _drawings(scene))


def _marked(scene: Scene, file: File) -> tuple[int, int]:
    """Return how many boxes and whole pages are marked in a file; what can't be read is said by the file's own page."""
    try:
        marks = scene.marks(file)
    except BadBoxes:
        return 0, 0
    return sum(map(len, marks.boxes.values())), len(marks.whole)


def _receiver(scene: Scene) -> str:
    return scene.fields.get("pk_key", "").strip()


def _shared(scene: Scene) -> dict[str, Any]:
    return {
        "case": scene.opened,
        "own_duty": scene.situation.roster.role_of(desk().work().identity.key_id),
        "trouble": scene.situation.trouble,
        "draft_number": scene.draft.number,
        "page_id": secrets.token_hex(16),
    }


def _form(scene: Scene, wrong: str = "", wrong_file: File | None = None) -> Response:
    return page(
        "pack",
        400 if wrong else 200,
        **_shared(scene),
        parts=scene.parts,
        groups=labels.GROUPS,
        source=scene.source,
        typed_fields=scene.fields,
        wrong=labels.PROBLEMS[wrong] if wrong else "",
        wrong_file=wrong_file,
        problems=[wrong] if wrong else [],
        drawn_files=[file for file in scene.opened.files if can_be_drawn(file)],
        marked={file.object_id: _marked(scene, file) for file in scene.opened.files if can_be_drawn(file)},
    )
