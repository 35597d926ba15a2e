"""The one request of a desk that is not signed: a report that an auditor wrote down, sent as a reporter's page does
(docs/format.md, 2.14 and 8.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from admin.desk.server.client import Server
from admin.desk.server.responses import Promise, ServerTrouble, Trouble, an_object, checking, day_of
from cases.days import parse_day
from crypto import wire
from crypto.encoding import canonical_json

_PIECE: Final = 1024 * 1024
"""Bytes of an object in one request."""


@dataclass(frozen=True)
class ReportAnswer:
    """The site's signed word that it has a report. Nothing of it is checked yet."""

    kept: str
    hash: bytes
    day: date
    signature: bytes
    promise: Promise | None


def post_report(server: Server, sent: Mapping[str, Any]) -> ReportAnswer:
    """Send a sealed report. Raises ServerTrouble, ServerRefusal."""
    request = server.build(
        "POST",
        f"{server.url}/sealed/report",
        content=canonical_json(sent),
        headers={"Content-Type": "application/json"},
    )
    status, headers, body = server.exchange(request)
    if status != 200:
        raise server.refusal(status, day_of(headers.get("Date")), body)
    answer = an_object(body)
    with checking():
        return ReportAnswer(
            wire.text(answer["kept"]),
            bytes.fromhex(answer["hash"]),
            parse_day(answer["day"]),
            wire.octets(answer["signature"], 64),
            _promise(answer.get("promise")),
        )


def post_object(server: Server, object_id: bytes, raw: bytes) -> None:
    """Send a sealed object of a report that is about to be sent, piece by piece; what the site has of it already is not
    sent again. Raises ServerTrouble, ServerRefusal.
    """
    at = 0
    while at < len(raw):
        head = object_id + len(raw).to_bytes(8, "big") + at.to_bytes(8, "big")
        request = server.build(
            "POST",
            f"{server.url}/sealed/piece",
            content=head + raw[at : at + _PIECE],
            headers={"Content-Type": "application/octet-stream"},
        )
        status, headers, body = server.exchange(request)
        if status not in (200, 409):
            raise server.refusal(status, day_of(headers.get("Date")), body)
        answer = an_object(body)
        with checking():
            have = wire.number(answer["have"]) if "have" in answer else -1
        if not at < have <= len(raw):
            # Named by an envelope already (a repeat), or more or less than was ever sent.
            if status == 409 and have < 0:
                return
            raise ServerTrouble(Trouble.ODD)
        at = have


def _promise(row: Any) -> Promise | None:
    if row is None:
        return None
    return Promise(bytes.fromhex(row["leaf"]), parse_day(row["day"]), wire.octets(row["signature"], 64))
