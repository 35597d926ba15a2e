"""Compresses responses that contain nothing secret (ADR 0007).

A page with a secret and attacker-chosen text would reveal the secret by its compressed length. So what
answers a form is never compressed, and only the pages named here are: nothing in them comes from the request.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, request

from portal.edge.request import BROTLI, GZIP

PAGES: Final = frozenset(
    {
        "site.home",
        "site.keys",
        "site.privacy",
        "site.safety",
        "channels.outside",
        "channels.everything",
        "report.show",
        "report.start",
        "status.ask",
        "words.words",
    }
)
"""Endpoints of GET requests. The report form holds a code and a token, and nothing that anybody typed."""

LEVEL: Final = 6


def install(app: Flask) -> None:
    """Compress the answers that may be."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if request.method != "GET" or response.status_code != 200 or request.endpoint not in {*PAGES, "static"}:
        return response
    response.vary.add("Accept-Encoding")
    if request.endpoint == "static":
        name = str((request.view_args or {}).get("filename", ""))
        coded = _static(
            str(current_app.static_folder), name, BROTLI in request.environ, GZIP in request.environ
        )
    else:
        raw = response.get_data()
        coded = ("gzip", gzip.compress(raw, LEVEL, mtime=0)) if GZIP in request.environ else None
    if coded is None:
        return response
    if request.endpoint == "static":
        response.direct_passthrough = False
        response.close()
    response.headers["Content-Encoding"], packed = coded
    response.set_data(packed)
    return response


@lru_cache(maxsize=64)
def _static(folder: str, name: str, brotli: bool, gzipped: bool) -> tuple[str, bytes] | None:
    """Return a file of the site's own with its coding, compressed once, by Brotli where the build left it so; None
    where the browser takes neither. Flask has served the file, so it is inside the folder.
    """
    packed = Path(folder, f"{name}.br")
    if brotli and packed.is_file():
        return "br", packed.read_bytes()
    return ("gzip", gzip.compress(Path(folder, name).read_bytes(), 9, mtime=0)) if gzipped else None
