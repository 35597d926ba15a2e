"""Authentication: every request is signed with the Ed25519 key of an enrolled auditor, for one day, good once.

Header: `Authorization: Meyasubako <key id>.<day>.<nonce>.<signature>`; what is signed:
`crypto.messages.request_text`. Every failure (unknown or retired key, another day, a wrong
signature, a replay) gets the same response.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NoReturn

from flask import Flask, g, request

from admin.api.context import api
from admin.api.refusals import ApiRefusal
from cases import roles
from cases.days import parse_day
from crypto import messages
from crypto.encoding import b64d, id_from_hex
from crypto.errors import BadSignature, BadText
from store import nonces
from store.db import reading, writing

SCHEME: Final = "Meyasubako "
NONCE_BYTES: Final = 16
_LONGEST: Final = 300
_A_DAY: Final = timedelta(days=1)
_FOR_OBSERVERS: Final = frozenset({"v1.site", "people.retire", "people.statistics", "log.add_witness"})
"""Routes for an observer's key: sealed statistics, and its cosignatures as a witness of the public log."""
_FOR_GUESTS: Final = frozenset(
    {
        "v1.site",
        "v1.changes",
        "v1.envelopes",
        "v1.one_object",
        "v1.one_case",
        "v1.add_envelope",
        "people.granted",
        "people.retire",
        "log.add_witness",
    }
)
"""Routes for a guest's key; they give only cases with a grant to it (`store.guests`)."""


_NEWS: Final = frozenset(
    {
        "v1.changes",
        "v1.envelopes",
        "v1.site",
        "people.granted",
        "people.statistics",
        "readings.journals",
        "readings.add",
        "register.records",
    }
)
"""Routes that fetch changes: allowed after the key's other requests of the day are used up."""


@dataclass(frozen=True)
class Claim:
    """The header's fields, unverified until the signature was checked."""

    key_id: bytes
    day: date
    nonce: bytes
    sig: bytes


def install(app: Flask) -> None:
    """Let no request through, not even one for a page that does not exist, before its signature was checked."""
    app.before_request(_authenticate)


def asking_key() -> bytes:
    """Return the key id (16 bytes) of the auditor who signed this request."""
    return bytes(g.key_id)


def asking_role() -> str:
    """Return the role of that auditor's key."""
    return str(g.role)


def guest_key() -> bytes | None:
    """Return the key id of the guest who signed this request; None for anybody else's."""
    return asking_key() if roles.reads_given_cases(asking_role()) else None


def target() -> str:
    """Return path and query as they were sent; this API's paths hold nothing that would be percent-encoded."""
    query = request.query_string.decode("latin-1")
    path = request.script_root + request.path
    return f"{path}?{query}" if query else path


def _authenticate() -> None:
    today = api().today()
    claim = _parse(request.headers.get("Authorization", ""))
    if abs(claim.day - today) > _A_DAY:
        _refuse()
    role = _check_signature(claim)
    # Used up only now: others could fill the table with nonces of requests that they can't sign.
    with writing(api().engine) as conn:
        at_most = nonces.NEWS_AT_MOST if request.endpoint in _NEWS else nonces.A_DAY_AT_MOST
        use = nonces.use(conn, claim.key_id, claim.nonce, claim.day, today, at_most)
    if use is nonces.Use.TOO_MANY:
        raise ApiRefusal(429, "too_many")
    if use is not nonces.Use.FRESH:
        _refuse()
    if roles.reads_statistics_only(role) and request.endpoint not in _FOR_OBSERVERS:
        raise ApiRefusal(403, "observer")
    if roles.reads_given_cases(role) and request.endpoint not in _FOR_GUESTS:
        raise ApiRefusal(403, "guest")
    g.key_id, g.role = claim.key_id, role


def _parse(header: str) -> Claim:
    parts = header.removeprefix(SCHEME).split(".")
    if not header.startswith(SCHEME) or len(header) > _LONGEST or len(parts) != 4:
        _refuse()
    try:
        claim = Claim(id_from_hex(parts[0]), parse_day(parts[1]), b64d(parts[2]), b64d(parts[3]))
    except (BadText, ValueError):
        _refuse()
    if len(claim.nonce) != NONCE_BYTES:
        _refuse()
    return claim


def _check_signature(claim: Claim) -> str:
    """Return the role of the key that signed, which is on the roster and not retired."""
    with reading(api().engine) as conn:
        roster = api().roster(conn)
    if not roster.is_active(claim.key_id):
        _refuse()
    signed = messages.request_text(
        api().salt(), request.method, target(), request.get_data(), claim.day, claim.nonce
    )
    try:
        messages.verify(roster.by_key[claim.key_id].sign_pk, signed, claim.sig)
    except BadSignature:
        _refuse()
    return roster.role_of(claim.key_id)


def _refuse() -> NoReturn:
    raise ApiRefusal(401, "unauthorized")
