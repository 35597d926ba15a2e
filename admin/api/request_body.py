"""Strict reading of what a desk sends. A request that is not exactly as described is refused whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from flask import request

from admin.api.refusals import ApiRefusal
from cases.days import parse_day
from crypto.encoding import b64d, id_from_hex, parse_canonical_json
from crypto.errors import BadData

_NUMBER: Final = re.compile(r"(0|[1-9][0-9]{0,18})\Z")

T = TypeVar("T")


def read(*fields: str) -> dict[str, Any]:
    """Return the request's JSON object, which has to have exactly these fields. Raises ApiRefusal."""
    if request.mimetype != "application/json" or request.args:
        raise ApiRefusal(415 if request.mimetype != "application/json" else 400, "bad_request")
    document = _or_refuse(parse_canonical_json, request.get_data())
    if set(document) != set(fields):
        raise ApiRefusal(400, "bad_request")
    return document


def fields(value: object, *names: str) -> list[Any]:
    """Return the values of an object that has exactly these fields. Raises ApiRefusal."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise ApiRefusal(400, "bad_request")
    return [value[name] for name in names]


def a_day(value: object) -> date:
    """Return a day. Raises ApiRefusal."""
    try:
        return parse_day(a_text(value))
    except ValueError:
        raise ApiRefusal(400, "day") from None


def number_from_query(name: str, default: int, least: int, most: int) -> int:
    """Return a whole number of the query, written plainly and once. Raises ApiRefusal."""
    values = request.args.getlist(name)
    if not values:
        return default
    if len(values) > 1 or not _NUMBER.match(values[0]) or not least <= int(values[0]) <= most:
        raise ApiRefusal(400, "bad_request")
    return int(values[0])


def an_id(value: object) -> bytes:
    """Return the 16 bytes of an id. Raises ApiRefusal."""
    return _or_refuse(id_from_hex, a_text(value))


def some_bytes(value: object, size: int | None = None) -> bytes:
    """Return base64url's bytes, exactly `size` of them if it is given. Raises ApiRefusal."""
    raw = _or_refuse(b64d, a_text(value))
    if size is not None and len(raw) != size:
        raise ApiRefusal(400, "bad_request")
    return raw


def a_text(value: object) -> str:
    """Return a string. Raises ApiRefusal for anything else."""
    if not isinstance(value, str):
        raise ApiRefusal(400, "bad_request")
    return value


def a_number(value: object, least: int, most: int) -> int:
    """Return a whole number. Raises ApiRefusal."""
    if type(value) is not int or not least <= value <= most:  # not isinstance: True is an int to Python
        raise ApiRefusal(400, "bad_request")
    return value


def a_list(value: object, most: int) -> list[Any]:
    """Return a list of at most `most` things. Raises ApiRefusal."""
    if not isinstance(value, list) or len(value) > most:
        raise ApiRefusal(400, "bad_request")
    return value


def _or_refuse(read_it: Callable[[Any], T], value: object) -> T:
    try:
        return read_it(value)
    except BadData:
        raise ApiRefusal(400, "bad_request") from None
