"""Parts of addresses."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, abort

from admin.desk.casework.attachments import File
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.web.context import desk
from admin.desk.web.pages import to
from crypto.encoding import id_from_hex
from crypto.errors import BadData

LANGUAGE: Final = "<any(ja, en):lang>"


_PEOPLE: Final = (
    r"people(/(join|lost|roles|closed|program|key(/(passphrase|sheet))?|[0-9a-f]{32}/(card|grants|retire)))?"
)
_FILE: Final = r"files/[0-9a-f]{32}"
_CASE: Final = (
    rf"cases/[0-9a-f]{{32}}(/(leak|handover|delete|access|export|pack(/check|/{_FILE})?|step-back|{_FILE}))?"
)
_OWN_PAGE: Final = re.compile(
    rf"/(ja|en)/({_PEOPLE}|statistics|guide|register(/charges)?|intake(/(scans|subject))?|{_CASE})?(\?[a-z0-9_=&]*)?(#[a-zA-Z0-9_-]*)?\Z"
)


def own_page(wanted: str) -> str:
    """Return an address below the desk's root if it is one of the pages to go on to; "" for any other: nobody else can
    choose where somebody lands.
    """
    return wanted if _OWN_PAGE.match(wanted) else ""


def case_id_of(text: str) -> bytes:
    """Return the id of the case that an address names by its handle; 404 for none. Raises Locked, CacheUnusable."""
    here = desk()
    return here.handles.find(text, lambda: here.work().cache.case_ids()) or abort(404)


def file_of(opened: OpenedCase, text: str) -> File | None:
    """Return the file of a case that an address names by its handle."""
    return next((file for file in opened.files if desk().handles.of(file.object_id) == text), None)


def key_id_of(text: str) -> bytes:
    """Return the key id of an address; 404 for what is none."""
    return _id(text)


def _id(text: str) -> bytes:
    try:
        return id_from_hex(text)
    except BadData:
        abort(404)


def back_to(lang: str, case: str, place: str, below: str = "") -> Response:
    """Lead to a place on a case's page, or on one `below` it."""
    return to(f"/{lang}/cases/{case}{below}#{place}")
