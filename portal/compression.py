"""Compressed answers, where compressing can't tell anything (ADR 0007).

A page that holds a secret beside something that a stranger chose would tell the secret by its length. So what
answers a form is never compressed, and only the pages named here are: nothing in them comes from the request.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, request

from portal.request import GZIP

PAGES: Final = frozenset(
    {
        "site.home",
        "site.keys",
        "site.privacy",
        "site.safety",
        "doors.outside",
        "doors.everything",
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
    if not request.environ.get(GZIP):
        return response
    if request.endpoint == "static":
        name = (request.view_args or {}).get("filename", "")
        raw = _static(str(current_app.static_folder), str(name))
        response.direct_passthrough = False
        response.close()
    else:
        raw = gzip.compress(response.get_data(), LEVEL, mtime=0)
    response.set_data(raw)
    response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=64)
def _static(folder: str, name: str) -> bytes:
    """Return a file of the site's own, compressed once; Flask has served it, so it is inside the folder."""
    return gzip.compress(Path(folder, name).read_bytes(), 9, mtime=0)
