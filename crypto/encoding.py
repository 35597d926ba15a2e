"""Text forms of bytes and canonical JSON (docs/format.md, section 0)."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Mapping
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final

from crypto import errors

MAX_NUMBER: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""
MAX_DEPTH: Final = 16
"""Objects and lists in each other, the outermost counted; without a bound a payload could exhaust a stack."""
_HEX_ID: Final = re.compile(r"[0-9a-f]{32}\Z")


def b2(size: int, data: bytes, key: bytes = b"", person: str = "") -> bytes:
    """Return the BLAKE2b digest of `size` bytes (1 to 64), keyed (at most 64 bytes) and personalised (`person`, at most
    16 characters of ASCII, zero-padded). Raises ValueError.

    By hashlib: the same bytes as libsodium's at a tenth of the cost of its wrapper, and Python's lock is kept.
    """
    return blake2b(data, digest_size=size, key=key, person=person.encode()).digest()


def b64e(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def b64d(text: str) -> bytes:
    """Return the bytes of canonical base64url without padding. Raises BadBase64."""
    try:
        usual = text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/")
        raw = binascii.a2b_base64(usual + b"=" * (-len(text) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error, AttributeError):
        raise errors.BadBase64 from None
    # Only one spelling is ours: no padding, not "+" or "/", and no stray bits, which only the end can have.
    end = len(text) // 4 * 4
    if any(sign in text for sign in "+/=") or b64e(raw[end // 4 * 3 :]) != text[end:]:
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


def _with_ordered_marks(text: str) -> str:
    """Return an equivalent text, decomposed and in canonical order.

    Python puts combining marks in order by insertion: a hundred thousand of them, in one report, would hold a
    server's thread and its lock for half a minute.
    """
    apart = "".join(unicodedata.normalize("NFD", symbol) for symbol in text)
    runs = groupby(apart, key=lambda symbol: unicodedata.combining(symbol) != 0)
    return "".join("".join(sorted(run, key=unicodedata.combining) if marks else run) for marks, run in runs)


def normalize_text(text: str) -> str:
    """Return text in normal form C with line feeds, in time that grows with its length only.

    Raises MisuseError for lone surrogates.
    """
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    if not unicodedata.is_normalized("NFC", normal):
        normal = unicodedata.normalize("NFC", _with_ordered_marks(normal))
    try:
        normal.encode()
    except UnicodeEncodeError:
        raise errors.MisuseError from None
    return normal


def _text_faults(text: str) -> list[type[errors.CryptoError]]:
    faults: list[type[errors.CryptoError]] = []
    if "\r" in text:
        faults.append(errors.CarriageReturn)
    if not unicodedata.is_normalized("NFC", text):
        faults.append(errors.NotNfc)
    try:
        text.encode()
    except UnicodeEncodeError:
        faults.append(errors.LoneSurrogate)
    return faults


def _value_faults(value: object, depth: int) -> list[type[errors.CryptoError]]:
    if isinstance(value, str):
        return _text_faults(value)
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, int):
        return [] if -MAX_NUMBER <= value <= MAX_NUMBER else [errors.NumberTooLarge]
    if isinstance(value, float):
        return [errors.FloatNumber]
    if not isinstance(value, Mapping | list | tuple):
        return [errors.MisuseError]
    return [errors.NestedTooDeep] if depth > MAX_DEPTH else []


def _faults(obj: object, texts_are_fine: bool = False) -> list[type[errors.CryptoError]]:
    """Return what is not canonical about an object's values, each class once. No recursion: see MAX_DEPTH.

    `texts_are_fine`: the strings were looked at already.
    """
    faults: dict[type[errors.CryptoError], None] = {}
    waiting = [(obj, 1)]
    while waiting:
        value, depth = waiting.pop()
        if type(value) is str and (texts_are_fine or (value.isascii() and "\r" not in value)):
            continue
        if type(value) is int and -MAX_NUMBER <= value <= MAX_NUMBER:
            continue
        if depth > MAX_DEPTH or not isinstance(value, dict | list):
            faults |= dict.fromkeys(_value_faults(value, depth))
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, list | tuple):
            waiting += [(part, depth + 1) for part in value]
        elif isinstance(value, dict | Mapping):
            faults |= {errors.MisuseError: None} if not all(isinstance(name, str) for name in value) else {}
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
    return list(faults)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _dump(obj: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(obj).encode()


def canonical_json(obj: Mapping[str, Any]) -> bytes:
    """Return canonical JSON.

    Raises NotNormalized for text that is not NFC with line feeds, MisuseError for what else it can't hold.
    """
    if not _faults(obj, texts_are_fine=True):
        text = _ENCODER.encode(obj)
        # Each part of a text in normal form is in normal form, and no half of a pair can be encoded.
        if "\\r" not in text and unicodedata.is_normalized("NFC", text):
            try:
                return text.encode()
            except UnicodeEncodeError:
                pass  # half of a pair: told below
    faults = _faults(obj)
    if faults:
        only_text = set(faults) <= {errors.CarriageReturn, errors.NotNfc}
        raise errors.NotNormalized if only_text else errors.MisuseError
    return _dump(obj)


def _whole_number(digits: str) -> int:
    # Python refuses to read thousands of digits: such a number is told apart from text that is no JSON.
    return int(digits) if len(digits) <= 17 else MAX_NUMBER + 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise errors.DuplicateKey
    return fields


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_whole_number)


def _read(raw: bytes) -> tuple[dict[str, Any], list[type[errors.BadData]]]:
    """Return the object that bytes hold and what canonical JSON can't hold of it. Raises what `read_json` raises."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise errors.NotUtf8 from None
    try:
        parsed = _DECODER.decode(text)
    except RecursionError:
        raise errors.NestedTooDeep from None
    except ValueError:
        raise errors.NotJson from None
    if not isinstance(parsed, dict):
        raise errors.NotObject
    # What is in the text without an escape is normalised where the whole text is, and no half of a pair.
    has_escapes = "\\u" in text or "\\r" in text
    texts_are_fine = not has_escapes and unicodedata.is_normalized("NFC", text)
    faults = [fault for fault in _faults(parsed, texts_are_fine) if issubclass(fault, errors.BadData)]
    if errors.NestedTooDeep in faults:
        raise errors.NestedTooDeep
    return parsed, faults


def read_json(raw: bytes) -> tuple[dict[str, Any], list[type[errors.BadData]]]:
    """Return the object that bytes hold and what is not canonical about it.

    Raises NotUtf8, NotJson, NotObject, DuplicateKey or NestedTooDeep when there is no object to go on with.
    """
    parsed, faults = _read(raw)
    if not faults and _dump(parsed) != raw:
        faults = [errors.NotCanonical]
    return parsed, faults


def parse_json(raw: bytes) -> dict[str, Any]:
    """Return the object of JSON that canonical JSON could hold, in any spelling.

    Raises what `read_json` raises, and the first fault it finds but NotCanonical.
    """
    parsed, faults = _read(raw)
    if faults:
        raise faults[0]
    return parsed


def parse_canonical_json(raw: bytes) -> dict[str, Any]:
    """Return the object of canonical JSON. Raises what `read_json` raises, and the first fault it finds."""
    parsed, faults = read_json(raw)
    if faults:
        raise faults[0]
    return parsed
