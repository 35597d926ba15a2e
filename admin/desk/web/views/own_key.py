"""This auditor's own key: where its file is, a new passphrase, a sheet to print."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
from flask import Blueprint, Response, abort, request, send_file
from markupsafe import Markup

from admin.desk.keys import CannotWrite, NoKeyFile, is_open_to_others
from admin.desk.labels.auditors import PASSPHRASE
from admin.desk.web.context import desk
from admin.desk.web.pages import page
from admin.desk.web.views.path import LANGUAGE
from crypto import keyfile, keysheet, passphrase
from crypto.cards import Card, parse_card
from crypto.errors import BadData, CryptoError, MisuseError
from crypto.key_errors import KeyFileParameters, WrongPassphrase

CHECKSUM_GROUPS = 2
_LONGEST_CARD: Final = 20_000

ownkey = Blueprint("ownkey", __name__, url_prefix=f"/{LANGUAGE}/people/key")


@ownkey.get("")
def show(lang: str) -> Response:
    """Show the own key: fingerprint, file, who can read it."""
    path = desk().keyring.path
    return _page(
        "key",
        path=path,
        has_card=card_beside(path) is not None,
        is_open=path is not None and is_open_to_others(path),
    )


@ownkey.get("/passphrase")
def ask(lang: str) -> Response:
    """Ask for the old and the new passphrase."""
    return _page("key_passphrase", problem=None, done=False)


@ownkey.post("/passphrase")
def change(lang: str) -> Response:
    """Seal the key file under a new passphrase; whatever goes wrong, the old one stays good."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    problem = _wrong_input(old, new, request.form.get("again", "")) or _change(old, new)
    if problem:
        return _page("key_passphrase", 400, problem=problem, done=False, problems=[problem])
    return _page("key_passphrase", problem=None, done=True, is_long=passphrase.is_long(new))


def _wrong_input(old: str, new: str, again: str) -> str | None:
    if not old:
        return "old"
    if len(new) < passphrase.LEAST:
        return "short"
    if new != again:
        return "different"
    return "same" if new == old else None


def _change(old: str, new: str) -> str | None:
    try:
        desk().keyring.change_passphrase(old, new)
    except WrongPassphrase:
        return "wrong"
    except KeyFileParameters:
        return "memory"
    except MisuseError:
        return "unusable"
    except (NoKeyFile, BadData):
        return "no_path"
    except CannotWrite as error:
        return error.reason
    return None


@ownkey.get("/sheet")
def sheet(lang: str) -> Response:
    """Show the key file as a sheet to print: nothing that its passphrase does not seal."""
    raw = desk().keyring.file
    if raw is None:
        abort(404)
    here = desk()
    identity = here.keyring.use()
    known = here.work().kept_roster()
    card = known.by_key.get(identity.key_id) if known else card_beside(here.keyring.path)
    return sheet_page(raw, card, identity.key_id, f"/{lang}/people/key")


def sheet_page(raw: bytes, card: Card | None, key_id: bytes, back: str) -> Response:
    """Return the sheet of a key file. `back`: the page that its link leads back to."""
    groups = keysheet.groups(raw)
    return page(
        "key_sheet",
        qr=qr_code(keyfile.check(raw)),
        groups=groups[:-CHECKSUM_GROUPS],
        checksum=groups[-CHECKSUM_GROUPS:],
        card=card,
        key_id=key_id,
        back=back,
    )


@ownkey.get("/card")
def own_card(lang: str) -> Response:
    """Hand out the card that is beside the key file, to be sent on."""
    desk().keyring.use()
    path = desk().keyring.path
    card = card_beside(path)
    if path is None or card is None:
        abort(404)
    name = path.with_suffix(".card").name
    raw = BytesIO(card.encode() + b"\n")
    return send_file(raw, mimetype="application/octet-stream", as_attachment=True, download_name=name)


def card_beside(path: Path | None) -> Card | None:
    """Return the card that is beside a key file; None where there is none. Whether it is this key's, only the
    passphrase shows.
    """
    if path is None:
        return None
    try:
        return parse_card(path.with_suffix(".card").read_bytes()[:_LONGEST_CARD].strip())
    except (OSError, CryptoError):
        return None


def qr_code(raw: bytes) -> Markup:
    """Return the QR code of some bytes as SVG, black on white whatever the page's colours are."""
    made = segno.make(raw, error="q", mode="byte", micro=False, boost_error=False)
    return Markup(
        made.svg_inline(scale=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    )


def _page(template: str, status: int = 200, **context: Any) -> Response:
    here = desk()
    identity = here.keyring.use()
    known = here.work().kept_roster()
    card = known.by_key.get(identity.key_id) if known else None
    return page(
        template,
        status,
        card=card,
        key_id=identity.key_id,
        has_file=here.keyring.can_unlock,
        knows_file=here.keyring.path is not None,
        passphrase_problems=PASSPHRASE,
        **context,
    )
