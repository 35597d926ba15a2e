"""The first run: a key is made, or brought back, in a page. Nothing here asks the site's server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, request, send_file

from admin.desk.labels.first import DUTY_HINTS, FIELD, FIRST
from admin.desk.labels.i18n import language
from admin.desk.local import new_key, start_settings
from admin.desk.local.new_key import CannotMakeKey
from admin.desk.local.start_settings import StartSettings
from admin.desk.server.client import DeskError, Server
from admin.desk.web.context import NotSetUp, desk
from admin.desk.web.first_run import FirstRun
from admin.desk.web.guard import AGAIN, OPEN
from admin.desk.web.pages import page, to
from admin.desk.web.views.own_key import sheet_page
from admin.desk.web.views.path import LANGUAGE
from crypto import cards, keyfile, keysheet, passphrase
from crypto.encoding import id_from_hex
from crypto.errors import CryptoError, MisuseError
from crypto.key_errors import KeyFileParameters, SheetChecksum, SheetGroups, SheetLength

_LONGEST_FILE: Final = 20_000
_TEXTS: Final = ("name_ja", "name_en", "role_ja", "role_en")

first = Blueprint("first", __name__, url_prefix=f"/{LANGUAGE}/first")


def install(app: Flask) -> None:
    """Have these pages come before all others until they are done."""
    app.before_request(_lead)
    app.register_error_handler(NotSetUp, lambda _error: to(f"/{language()}/first"))


def _lead() -> Response | None:
    is_first = request.blueprint == "first"
    if request.endpoint in ("static", OPEN, AGAIN):
        return None
    if desk().site is None:
        return None if is_first else to(f"/{language()}/first")
    if is_first and request.endpoint not in ("first.done", "first.card", "first.sheet"):
        return to(f"/{language()}/")
    return None


def _run() -> FirstRun:
    return desk().first or abort(404)


def _made() -> new_key.NewKey:
    """Return the key that this run made: its card and sheet are shown until the desk ends."""
    return _run().made or abort(404)


@first.get("")
def start(lang: str) -> Response:
    """Ask what there is: nothing yet, a key file, a sheet."""
    return page("first", missing=_run().missing)


@first.get("/new")
def ask_new(lang: str) -> Response:
    """Ask for what a new key needs."""
    return _form("first_new", {"server": _run().server})


@first.post("/new")
def make(lang: str) -> Response:
    """Make the key file and the card."""
    typed = {
        name: request.form.get(name, "")[:500]
        for name in (*_TEXTS, "server", "duty", "person", "passphrase", "again")
    }
    if "show" in request.form:
        return _form("first_new", typed, shown=request.form["show"] == "yes")
    problems, site, person = _wrong_input(typed)
    if problems or site is None:
        return _form("first_new", typed, problems, is_shown())
    try:
        start_settings.make_private(_run().folder)
        made = new_key.make_new_key(
            {"ja": typed["name_ja"], "en": typed["name_en"]},
            {"ja": typed["role_ja"], "en": typed["role_en"]},
            typed["passphrase"],
            _run().folder,
            person,
            duty=typed["duty"],
        )
        _keep(site, made.key_path, made.key_file)
    except CannotMakeKey as fault:
        return _form("first_new", typed, [{"text": "name_ja"}.get(fault.reason, fault.reason)], is_shown())
    except KeyFileParameters:
        return _form("first_new", typed, ["memory"], is_shown())
    except MisuseError:
        return _form("first_new", typed, ["unusable"], is_shown())
    except OSError:
        return _form("first_new", typed, ["folder"], is_shown())
    _run().made = made
    return to(f"/{lang}/first/done")


def is_shown() -> bool:
    """Tell whether the passphrase was to be seen on the page that sent this form."""
    return request.form.get("shown") == "yes"


def _wrong_input(typed: Mapping[str, str]) -> tuple[list[str], Server | None, bytes | None]:
    """Return what is wrong with the form, and the site and the person that it names."""
    site, person = _site(typed["server"]), None
    problems = [] if site else ["server"]
    problems += [name for name in _TEXTS if not is_name(typed[name])]
    if typed["duty"] not in cards.DUTIES:
        problems.append("duty")
    file = request.files.get("earlier")
    if raw := file.read(_LONGEST_FILE + 1).strip() if file is not None else b"":
        try:
            person = cards.parse_card(raw).person
        except CryptoError:
            problems.append("earlier")
    elif number := "".join(typed["person"].lower().split()):
        try:
            person = id_from_hex(number)
        except CryptoError:
            problems.append("person")
    if len(typed["passphrase"]) < passphrase.LEAST:
        problems.append("short")
    elif typed["passphrase"] != typed["again"]:
        problems.append("different")
    return problems, site, person


def is_name(text: str) -> bool:
    """Tell whether a name or role may be on a card; `new_key` looks at it once more."""
    return 1 <= len(text.strip()) <= cards.MAX_TEXT and text.isprintable()


def _site(typed: str) -> Server | None:
    """Return the site of an address as people write it; None for one that can't be used."""
    address = typed.strip()
    if not re.match("[a-z]+://", address):
        address = f"https://{address}"
    try:
        return _run().connect(address)
    except DeskError:
        return None


def _keep(site: Server, path: Path, raw: bytes) -> None:
    """Note the settings and go on as the desk of this key. Raises OSError."""
    settings = StartSettings(site.url, path, desk().port)
    start_settings.save(_run().folder, settings)
    desk().begin(site, raw, path)


@first.get("/done")
def done(lang: str) -> Response:
    """Show what was made and what comes next."""
    return page("first_done", made=_made())


@first.get("/card")
def card(lang: str) -> Response:
    """Hand out the card, which is public, to be sent on."""
    made = _made()
    return send_file(
        BytesIO(made.card.encode() + b"\n"),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=made.card_path.name,
    )


@first.get("/sheet")
def sheet(lang: str) -> Response:
    """Show the sheet of the key that this run made."""
    made = _made()
    return sheet_page(made.key_file, made.card, made.card.key_id, f"/{lang}/first/done")


@first.get("/restore")
def ask_sheet(lang: str) -> Response:
    """Ask for the text of a printed sheet."""
    return _form("first_restore", {"server": _run().server})


@first.post("/restore")
def restore(lang: str) -> Response:
    """Bring the key file back from its sheet."""
    typed = {"server": request.form.get("server", "")[:500], "text": request.form.get("text", "")[:8000]}
    site = _site(typed["server"])
    groups: tuple[int, ...] = ()
    try:
        raw = keysheet.restore(typed["text"]) + b"\n" if typed["text"].strip() else b""
        problem = None if raw else "text"
    except (SheetLength, SheetGroups) as fault:
        groups, problem = fault.groups, "length" if isinstance(fault, SheetLength) else "groups"
    except CryptoError as fault:
        problem = "checksum" if isinstance(fault, SheetChecksum) else "other"
    problems = [*([] if site else ["server"]), *([problem] if problem else [])]
    if problems or site is None:
        return _form("first_restore", typed, problems, groups=", ".join(map(str, groups)))
    return _take(site, "restored.key", raw, "first_restore", typed)


@first.get("/file")
def ask_file(lang: str) -> Response:
    """Ask for a key file."""
    return _form("first_file", {"server": _run().server})


@first.post("/file")
def take_file(lang: str) -> Response:
    """Copy a key file into the desk's folder."""
    typed = {"server": request.form.get("server", "")[:500]}
    site, file = _site(typed["server"]), request.files.get("file")
    raw = file.read(_LONGEST_FILE + 1).strip() if file is not None else b""
    problem = None if raw else "file"
    try:
        raw = keyfile.check(raw) + b"\n" if raw else b""
    except CryptoError:
        problem = "card" if b'"box_pk"' in raw else "no_key"
    problems = [*([] if site else ["server"]), *([problem] if problem else [])]
    if problems or site is None:
        return _form("first_file", typed, problems)
    stem = new_key.file_stem(Path(file.filename or "").stem if file is not None else "")
    return _take(site, f"{stem}.key", raw, "first_file", typed)


def _take(site: Server, name: str, raw: bytes, template: str, typed: Mapping[str, str]) -> Response:
    """Write a key file that was there before into the folder, and go on with it."""
    path = _run().folder / name
    try:
        start_settings.make_private(path.parent)
        if not path.is_file() or path.read_bytes() != raw:
            path = _free(path)
            new_key.write(path, raw)
        _keep(site, path, raw)
    except (CannotMakeKey, OSError):
        return _form(template, typed, ["folder"])
    return to(f"/{language()}/")


def _free(path: Path) -> Path:
    """Return the first of NAME.key, NAME-2.key … that no other file has."""
    names = (path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, 100)))
    return next((name for name in names if not name.exists()), path)


def _form(
    template: str,
    typed: Mapping[str, str],
    problems: list[str] | None = None,
    shown: bool = False,
    groups: str = "",
) -> Response:
    wrong = {FIELD.get(problem, problem): problem for problem in problems or []}
    if template != "first_new" and "name_en" in wrong:
        wrong["server"] = wrong.pop("name_en")
    context: dict[str, Any] = {"folder": _run().folder, "least": passphrase.LEAST, "duty_hints": DUTY_HINTS}
    return page(
        template,
        400 if problems else 200,
        given=typed,
        wrong=wrong,
        problems=problems or [],
        first_problems=FIRST,
        shown=shown,
        groups=groups,
        **context,
    )
