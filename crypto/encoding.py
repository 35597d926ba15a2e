"""Text forms of bytes and canonical JSON (docs/format.md, notation)."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from nacl.encoding import RawEncoder
from nacl.hash import blake2b

from crypto import errors

_HEX_ID: Final = re.compile(r"[0-9a-f]{32}\Z")


def b2(size: int, data: bytes, key: bytes = b"", person: str = "") -> bytes:
    """Return the BLAKE2b digest of `size` bytes, keyed and personalised (person is zero-padded to 16 bytes)."""
    return bytes(
        blake2b(data, digest_size=size, key=key, person=person.encode().ljust(16, b"\0"), encoder=RawEncoder)
    )


def b64e(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def b64d(text: str) -> bytes:
    """Return the bytes of canonical base64url without padding. Raises BadBase64."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, AttributeError):
        raise errors.BadBase64 from None
    if b64e(raw) != text:
        raise errors.BadBase64
    return raw


def hex_id(raw: bytes) -> str:
    """Return an id of 16 bytes as 32 hex digits. Raises MisuseError for another length."""
    if len(raw) != 16:
        raise errors.MisuseError
    return raw.hex()


def id_from_hex(text: str) -> bytes:
    """Return the 16 bytes of an id of 32 lower-case hex digits. Raises BadId."""
    if not isinstance(text, str) or not _HEX_ID.match(text):
        raise errors.BadId
    return bytes.fromhex(text)


def normalize_text(text: str) -> str:
    """Return text in normal form C with line feeds. Raises MisuseError for lone surrogates."""
    found = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        found.encode()
    except UnicodeEncodeError:
        raise errors.MisuseError from None
    return found


def _faults(value: object) -> list[type[errors.BadData]]:
    if isinstance(value, str):
        found: list[type[errors.BadData]] = []
        if "\r" in value:
            found.append(errors.CarriageReturn)
        if not unicodedata.is_normalized("NFC", value):
            found.append(errors.NotNfc)
        return found
    if isinstance(value, float):
        return [errors.FloatNumber]
    if isinstance(value, Mapping):
        return [fault for pair in value.items() for part in pair for fault in _faults(part)]
    if isinstance(value, list | tuple):
        return [fault for part in value for fault in _faults(part)]
    return []


def _dump(obj: Mapping[str, Any]) -> bytes:
    return json.dumps(obj, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def canonical_json(obj: Mapping[str, Any]) -> bytes:
    """Return canonical JSON. Raises NotNormalized for text that is not NFC with line feeds, MisuseError for floats."""
    found = _faults(obj)
    if errors.FloatNumber in found:
        raise errors.MisuseError
    if found:
        raise errors.NotNormalized
    try:
        return _dump(obj)
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError):
        raise errors.MisuseError from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise errors.DuplicateKey
    return found


def read_json(raw: bytes) -> tuple[dict[str, Any], list[type[errors.BadData]]]:
    """Return the object that bytes hold and what is not canonical about it.

    Raises NotUtf8, NotJson, NotObject or DuplicateKey when there is no such object.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise errors.NotUtf8 from None
    try:
        found = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise errors.NotJson from None
    if not isinstance(found, dict):
        raise errors.NotObject
    faults = _faults(found)
    if not faults:
        try:
            if _dump(found) != raw:
                faults = [errors.NotCanonical]
        except (ValueError, RecursionError):
            faults = [errors.LoneSurrogate]
    return found, faults


def parse_canonical_json(raw: bytes) -> dict[str, Any]:
    """Return the object of canonical JSON. Raises what `read_json` raises, and the first fault it finds."""
    found, faults = read_json(raw)
    if faults:
        raise faults[0]
    return found
