"""The headers of every answer: the browser keeps nothing, loads nothing from elsewhere, shows it in no frame."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response

from templates.policy import PERMISSIONS_POLICY

CSP: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final[tuple[tuple[str, str], ...]] = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", CSP),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", PERMISSIONS_POLICY),
    # Not "no-referrer" as on the reporter's site: browsers would then send `Origin: null` with the desk's own
    # forms, and the check of the origin (guard.py) could not tell them from a foreign page's. Nothing leaves
    # this computer.
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-DNS-Prefetch-Control", "off"),
    ("X-Frame-Options", "DENY"),
)


def install(app: Flask) -> None:
    """Put the headers on every answer, errors and static files too."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in HEADERS:
        response.headers[name] = value
    return response
