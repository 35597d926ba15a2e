"""Which program this is: version and hash of the file that it was started from, to be compared."""

from __future__ import annotations

from importlib import metadata

from flask import Blueprint, Response

from admin.desk.web.context import desk
from admin.desk.web.pages import page
from admin.desk.web.views.path import LANGUAGE

program = Blueprint("program", __name__, url_prefix=f"/{LANGUAGE}/people/program")


@program.get("")
def show(lang: str) -> Response:
    """Show the version, the file and how to compare it."""
    desk().keyring.use()
    try:
        version = metadata.version("meyasubako")
    except metadata.PackageNotFoundError:
        version = ""
    return page("program", origin=desk().origin, version=version)
