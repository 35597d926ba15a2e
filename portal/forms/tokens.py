"""The two tokens that forms carry in place of a session. The server stores neither.

The form token says when a report form was served and carries its nonce (which makes a repeat the same
report). It is signed and bound to the form's code, so that nobody can make somebody else send a report under
a code of his own.

The status token stands in for the receipt code while somebody reads and answers. It is sealed with a key that
only the running server's memory has, and dies after 15 idle minutes; the code itself is never in a page
again.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from dataclasses import dataclass
from datetime import date
from typing import Final

from itsdangerous import BadData as BadSignedData
from itsdangerous import URLSafeSerializer

from cases.days import format_day, parse_day
from crypto import secretkey
from crypto.encoding import b64d, b64e
from crypto.errors import BadSealed, BadText
from crypto.listing import DIGEST_BYTES, Prefix

FORM_DAYS: Final = 3
"""Days that a report form can be sent after the day it was served on."""

IDLE_SECONDS: Final = 15 * 60
"""How long a status page can be used to go on."""

NONCE: Final = 16
_STATUS: Final = struct.Struct(">32s16sQI32s")
_STATUS_ENCODED: Final = 4 * -(-(_STATUS.size + secretkey.BOX_OVERHEAD) // 3)


class BadToken(Exception):
    """The token is missing, not from this site, or not for this code. It never says more."""


class ExpiredToken(BadToken):
    """The token was sealed here and its time is over."""


@dataclass(frozen=True, repr=False)
class FormToken:
    """`day`: when the form was served. `nonce`: 16 random bytes, the same for as long as the form lives.

    `shown`: the list of readers that the form showed; None when it could show none.
    """

    day: date
    nonce: bytes
    shown: Prefix | None = None

    def is_stale(self, today: date) -> bool:
        """Tell whether the form is too old. A day ahead is fine: midnight, or a clock that was put right."""
        return not -1 <= (today - self.day).days <= FORM_DAYS


def new_form_token(today: date, shown: Prefix | None = None) -> FormToken:
    """Return a token for a form that is served today and shows a list of readers."""
    return FormToken(today, secrets.token_bytes(NONCE), shown)


def write_form_token(key: bytes, index: bytes, token: FormToken) -> str:
    """Return the signed token for the form whose code has this index."""
    shown = [] if token.shown is None else [token.shown.length, b64e(token.shown.digest)]
    return str(_signer(key, index).dumps([format_day(token.day), b64e(token.nonce), *shown]))


def read_form_token(key: bytes, index: bytes, text: str) -> FormToken:
    """Return the form token of the code with this index, old or not. Raises BadToken."""
    try:
        day, nonce, *shown = _signer(key, index).loads(text)
        prefix = Prefix(int(shown[0]), b64d(shown[1])) if shown else None
        return FormToken(parse_day(day), b64d(nonce), prefix)
    except (BadSignedData, BadText, ValueError, TypeError, IndexError):
        raise BadToken from None


def _signer(key: bytes, index: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key,
        salt=b"mybk1-form\n" + index,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


@dataclass(frozen=True, repr=False)
class StatusToken:
    """`root`: 32 bytes, all that the code derives comes from it. `nonce`: the same message twice is one.

    `shown`: the list of readers as it was when the page was shown; None when it could not be read.
    """

    root: bytes
    nonce: bytes
    shown: Prefix | None = None


def new_status_token(root: bytes, shown: Prefix | None = None) -> StatusToken:
    """Return a token for a page with an empty reply box."""
    return StatusToken(root, secrets.token_bytes(NONCE), shown)


def write_status_token(key: bytes, token: StatusToken, now: float) -> str:
    """Return the sealed token; its idle time starts `now` (seconds)."""
    shown = token.shown or Prefix(0, bytes(DIGEST_BYTES))
    packed = _STATUS.pack(token.root, token.nonce, int(now), shown.length, shown.digest)
    return b64e(secretkey.seal_box(key, packed))


def read_status_token(key: bytes, text: str, now: float) -> StatusToken:
    """Return what the token stands for.

    Raises ExpiredToken when its time is over, BadToken when it can't be read.
    """
    if len(text) > _STATUS_ENCODED:
        raise BadToken
    try:
        root, nonce, issued, length, digest = _STATUS.unpack(secretkey.open_box(key, b64d(text)))
    except (BadSealed, BadText, struct.error):
        raise BadToken from None
    # A clock that was put back a little must not end every page.
    if not -60 <= now - issued <= IDLE_SECONDS:
        raise ExpiredToken
    return StatusToken(root, nonce, Prefix(length, digest) if length else None)
