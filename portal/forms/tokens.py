"""The two tokens that forms carry in place of a session. The server stores neither.

The form token says when a report form was served and carries its nonce (which makes a repeat the same
report). It is authenticated (keyed BLAKE2b) and bound to the form's code, so that no one can make another person
send a report under a code that they know.

The status token takes the place of the receipt code while a reporter reads and answers. It is sealed with a key that
only the running server's memory has, and dies after 15 idle minutes; the code itself is never in a page
again.
"""

from __future__ import annotations

import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from crypto import secretkey
from crypto.encoding import b2, b64d, b64e
from crypto.errors import BadSealed, BadText
from crypto.listing import DIGEST_BYTES, Prefix
from crypto.receipt import Receipt, from_root

FORM_DAYS: Final = 3
"""Days that a report form can be sent after the day it was served on."""

IDLE_SECONDS: Final = 15 * 60
"""How long a status page can be used to go on."""

NONCE: Final = 16
_MAC: Final = 32
_FORM: Final = struct.Struct(">I16sI32s")
_FORM_ENCODED: Final = 4 * -(-(_FORM.size + _MAC) // 3)
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
    """Return the authenticated token for the form whose code has this index (16 bytes). `key`: 32 bytes."""
    shown = token.shown or Prefix(0, bytes(DIGEST_BYTES))
    packed = _FORM.pack(token.day.toordinal(), token.nonce, shown.length, shown.digest)
    return b64e(packed + _form_mac(key, index, packed))


def read_form_token(key: bytes, index: bytes, text: str) -> FormToken:
    """Return the form token of the code with this index, old or not. Raises BadToken."""
    if len(text) > _FORM_ENCODED:
        raise BadToken
    try:
        raw = b64d(text)
    except BadText:
        raise BadToken from None
    packed, mac = raw[: _FORM.size], raw[_FORM.size :]
    if len(packed) != _FORM.size or not hmac.compare_digest(mac, _form_mac(key, index, packed)):
        raise BadToken
    ordinal, nonce, length, digest = _FORM.unpack(packed)
    try:
        day = date.fromordinal(ordinal)
    except (ValueError, OverflowError):
        raise BadToken from None
    return FormToken(day, nonce, Prefix(length, digest) if length else None)


def _form_mac(key: bytes, index: bytes, packed: bytes) -> bytes:
    return b2(_MAC, index + packed, key=key, person="mybk1-form")


@dataclass(frozen=True, repr=False)
class StatusToken:
    """`root`: 32 bytes, all that the code derives comes from it. `nonce`: the same message twice is one.

    `shown`: the list of readers as it was when the page was shown; None when it could not be read.
    """

    root: bytes
    nonce: bytes
    shown: Prefix | None = None

    @cached_property
    def receipt(self) -> Receipt:
        """The keys that the root derives; derived once for each token, which lives as long as its request."""
        return from_root(self.root)


def new_status_token(receipt: Receipt, shown: Prefix | None = None) -> StatusToken:
    """Return a token for a page with an empty reply box."""
    made = StatusToken(receipt.root, secrets.token_bytes(NONCE), shown)
    made.__dict__["receipt"] = receipt
    return made


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
