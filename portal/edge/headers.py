"""The headers of every answer: no caching, no third-party content, no referrer."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request

from portal.edge.request import portal
from store.config.addresses import is_onion_host
from templates.policy import PERMISSIONS_POLICY

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        # The site's own files only; what they send goes to the site only, and no text ever becomes markup.
        "script-src 'self'",
        "connect-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
        # Only for the empty icon in each page, without which browsers would ask for /favicon.ico.
        "img-src data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Final[tuple[tuple[str, str], ...]] = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", CSP),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", PERMISSIONS_POLICY),
    ("Referrer-Policy", "no-referrer"),
    # Looking up the names of links ahead would tell the network which ones a page has.
    ("X-DNS-Prefetch-Control", "off"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)

_NAMES: Final = frozenset(name.lower() for name, _value in HEADERS)

ONION_LOCATION: Final = "Onion-Location"
"""Tells Tor Browser of the site's onion service. Never on an answer to a form: what was typed would be lost there."""


def install(app: Flask) -> None:
    """Put the headers on every answer, errors and static files too."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    if _NAMES.isdisjoint(name.lower() for name in response.headers.keys()):  # noqa: SIM118
        response.headers.extend(HEADERS)
    else:
        for name, value in HEADERS:
            response.headers[name] = value
    if g.get("negotiated"):
        response.headers["Vary"] = "Accept-Language"
    onion = portal().settings.site.onion
    if onion is not None and _is_page(response) and not is_onion_host(request.host.partition(":")[0]):
        # Only what is a route of the site: nothing that somebody typed comes back in a header, and no query.
        response.headers[ONION_LOCATION] = f"{onion}{request.script_root}{request.path}"
    return response


def _is_page(response: Response) -> bool:
    """Tell whether this is a page that was asked for by its address, and that is under the same one elsewhere."""
    is_asked_for = request.method in ("GET", "HEAD") and request.url_rule is not None
    return is_asked_for and response.status_code == 200 and response.mimetype == "text/html"
