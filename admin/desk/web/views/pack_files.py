"""A file of a pack, page by page: its black boxes, drawn by hand or made from its text."""

from __future__ import annotations

import secrets
from typing import Any, Final

from flask import Blueprint, Response, abort, g, jsonify, request

from admin.desk.blackout.marks import BadBoxes, BlackBox, read_boxes
from admin.desk.blackout.process import CannotDraw, PageLook
from admin.desk.casework.attachments import File
from admin.desk.labels import pack as labels
from admin.desk.local.draft import Draft, DraftTooLarge
from admin.desk.web import pack_drawing
from admin.desk.web.context import desk
from admin.desk.web.pack_drawing import FileRefused
from admin.desk.web.pack_scene import MARKS, Scene, box_field, can_be_drawn, draft_of, scene_of, whole_field
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE, case_id_of, file_of, own_page
from cases import roles
from cases.form import clean_text
from crypto.encoding import normalize_text

pack_files = Blueprint("packfiles", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/pack/files/<object_id>")

_WIDTHS: Final = {1: 1000, 2: 2000}
"""Pixels across of a page that is shown, by how large it is shown."""
_MOST_TEXT: Final = 40_000


@pack_files.before_request
def _keep_marks() -> None:
    """Keep what the form holds, before every button does what it is for."""
    if request.method == "POST":
        keep(case_id_of((request.view_args or {})["case"]))


def keep(case_id: bytes) -> None:
    """Keep what the form of this request holds of one page of a file. Raises CacheUnusable, Locked."""
    given = _typed(is_whole=not request.path.endswith("/draft"))
    here, place = desk(), draft_of(case_id)
    g.marks_kept = ""
    with here.drafting:
        if request.form.get("page_id", "") in here.spent:
            g.marks_kept = "sent"
            return
        draft = place.kept()
        new = draft.typed(given, {}, True)
        if new.fields != draft.fields:
            try:
                here.work().cache.put_draft(place.place, new)
            except DraftTooLarge:
                g.marks_kept = "too_long"


def _typed(is_whole: bool) -> dict[str, str]:
    """Return the marks of a page as the form has them. `is_whole`: with the ticked lines."""
    given = {
        name: normalize_text(clean_text(request.form[name]))[:_MOST_TEXT]
        for name in request.form
        if MARKS.fullmatch(name)
    }
    for name in [name for name in given if name.startswith("pk_box_")] if is_whole else []:
        given.setdefault(name.replace("pk_box_", "pk_whole_"), "")
        ticked, before = request.form.getlist("line"), set(request.form.getlist("line_before"))
        kept = [line for line in given[name].splitlines() if line.strip() not in before - set(ticked)]
        more = [line for line in ticked if line not in kept and _is_box(line)]
        given[name] = "\n".join([*kept, *more]).strip("\n")
    return given


def _is_box(line: str) -> bool:
    try:
        return len(read_boxes(line)) == 1
    except BadBoxes:
        return False


def _file(scene: Scene, object_id: str) -> File:
    file = file_of(scene.opened, object_id)
    if file is None or not can_be_drawn(file):
        abort(404)
    return file


@pack_files.get("")
def show(lang: str, case: str, object_id: str) -> Response:
    """Show a page of the file with what is marked on it; while the file is not here, fetch it."""
    scene = scene_of(case)
    file = _file(scene, object_id)
    if not roles.may_export(scene.situation.roster.role_of(desk().work().identity.key_id)):
        return to(f"/{lang}/cases/{case}/pack")
    try:
        if waiting := pack_drawing.fetched(scene, file):
            return page("pack_drawing", **_shared(scene, file), waiting=waiting)
        data = pack_drawing.content_of(file)
        look = desk().drawings.look(file.object_id, data)
    except FileRefused as refused:
        return page("pack_file", 502, **_shared(scene, file), fault=labels.PROBLEMS[refused.why])
    except CannotDraw as refused:
        return page("pack_file", 200, **_shared(scene, file), fault=labels.PROBLEMS[f"draw_{refused.why}"])
    number = min(max(request.args.get("page", 1, type=int), 1), len(look.sizes))
    try:
        seen: PageLook | None = _seen(scene, file, data, number)
    except CannotDraw:
        seen = None
    return _shown(scene, file, number, len(look.sizes), seen)


def _seen(scene: Scene, file: File, data: bytes, number: int) -> PageLook:
    return desk().drawings.page(file.object_id, data, number, scene.words, _WIDTHS[_size()])


def _size() -> int:
    return 2 if request.args.get("size") == "2" else 1


def _shown(scene: Scene, file: File, number: int, pages: int, seen: PageLook | None) -> Response:
    field, text = box_field(file.object_id, number), scene.fields.get(box_field(file.object_id, number), "")
    boxes: tuple[BlackBox, ...] = ()
    wrong = ""
    try:
        boxes = read_boxes(text)
    except BadBoxes:
        wrong = labels.PROBLEMS["boxes"]
    here = [box.text() for box in boxes]
    return page(
        "pack_file",
        400 if wrong else 200,
        **_shared(scene, file),
        fault="",
        wrong=wrong,
        problems=["boxes"] if wrong else [],
        number=number,
        pages=pages,
        size=_size(),
        picture=seen is not None,
        lines=[(line, box.text(), box.text() in here) for line, box in seen.lines] if seen else [],
        spots=seen.spots if seen else (),
        boxes=boxes,
        box_name=field,
        box_text=text,
        whole_name=whole_field(file.object_id, number),
        whole=bool(scene.fields.get(whole_field(file.object_id, number))),
    )


def _shared(scene: Scene, file: File) -> dict[str, Any]:
    return {
        "case": scene.opened,
        "file": file,
        "own_duty": scene.situation.roster.role_of(desk().work().identity.key_id),
        "draft_number": scene.draft.number,
        "page_id": secrets.token_hex(16),
    }


@pack_files.get("/picture/<int:number>")
def picture(lang: str, case: str, object_id: str, number: int) -> Response:
    """Return a page as it is, for the page that boxes are drawn on; 404 where it can't be drawn."""
    scene = scene_of(case)
    file = _file(scene, object_id)
    try:
        if not 1 <= number <= 999 or pack_drawing.fetched(scene, file):
            abort(404)
        seen = _seen(scene, file, pack_drawing.content_of(file), number)
    except (FileRefused, CannotDraw):
        abort(404)
    return Response(seen.picture, mimetype="image/jpeg")


@pack_files.post("/look")
@pack_files.post("/keep")
def kept(lang: str, case: str, object_id: str) -> Response:
    """Show the page of the file again, with what was marked."""
    number = request.form.get("number", 1, type=int)
    size = "&size=2" if request.form.get("size") == "2" else ""
    return to(f"/{lang}/cases/{case}/pack/files/{object_id}?page={number}{size}")


@pack_files.post("/draft")
def pause(lang: str, case: str, object_id: str) -> Response:
    """Keep what the page's script sends after a pause; nothing goes to the server."""
    draft: Draft = draft_of(case_id_of(case)).kept()
    why = g.get("marks_kept", "shut")
    answer = jsonify(kept=not why, why=why, number=draft.number, unsent=[])
    answer.status_code = {"": 200, "too_long": 413}.get(why, 409)
    return answer


@pack_files.post("/lock")
def lock(lang: str, case: str, object_id: str) -> Response:
    """Let go of the keys; unlocking leads back to the file."""
    desk().keyring.lock()
    return to(f"/{lang}/cases/{case}/pack/files/{object_id}")


@pack_files.post("/go")
@pack_files.post("/leave")
def go(lang: str, case: str, object_id: str) -> Response:
    """Go on to another page; what was marked is kept."""
    return to(own_page(request.form.get("to", "")) or f"/{lang}/cases/{case}/pack")
