"""Strict reader of request bodies (`crypto.wire`). A request that deviates from the format is refused as a whole."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from flask import request

from admin.api.refusals import ApiRefusal
from cases.days import parse_day
from crypto import wire
from crypto.encoding import parse_canonical_json
from crypto.errors import BadText

_NUMBER: Final = re.compile(r"(0|[1-9][0-9]{0,18})\Z")


def read(*fields: str) -> dict[str, Any]:
    """Return the request's JSON object, which has to have exactly these fields. Raises ApiRefusal, Malformed."""
    if request.mimetype != "application/json" or request.args:
        raise ApiRefusal(415 if request.mimetype != "application/json" else 400, "bad_request")
    try:
        document = parse_canonical_json(request.get_data())
    except BadText:
        raise ApiRefusal(400, "bad_request") from None
    wire.fields(document, *fields)
    return document


def read_act(*fields: str) -> tuple[dict[str, Any], bytes | None]:
    """Return an act's fields as `read` does, and its leaf: desks of before the log send none."""
    try:
        document = parse_canonical_json(request.get_data())
    except BadText:
        raise ApiRefusal(400, "bad_request") from None
    if "leaf" not in document:
        return read(*fields), None
    sent = read(*fields, "leaf")
    leaf = wire.octets(sent.pop("leaf"))
    return sent, leaf


def without_leaf(sent: object) -> tuple[object, bytes | None]:
    """Return a part of an act without its leaf, and the leaf."""
    if not isinstance(sent, dict) or "leaf" not in sent:
        return sent, None
    return {name: value for name, value in sent.items() if name != "leaf"}, wire.octets(sent["leaf"])


def a_day(value: object) -> date:
    """Return a day. Raises ApiRefusal, Malformed."""
    try:
        return parse_day(wire.text(value))
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
