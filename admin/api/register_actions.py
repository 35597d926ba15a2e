"""Checks of a register record before it is stored: its place and its readers. No Flask in here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from admin.api.refusals import ApiRefusal
from admin.api.roster_actions import Load
from crypto.errors import RegisterMalformed
from crypto.register import decode_register, register_hash
from store import register
from store.outcome import Outcome


def add(conn: Connection, load: Load, raw: bytes, today: date) -> Outcome:
    """Keep a record behind the newest one: STORED or REPEAT. Raises ApiRefusal (400 record, 409 number, recipients)."""
    try:
        sent = decode_register(raw)
    except RegisterMalformed:
        raise ApiRefusal(400, "record") from None
    register.take_turn(conn)
    if register.record(conn, sent.number) == raw:
        return Outcome.REPEAT
    number, newest = register.last(conn)
    if (sent.number, sent.before) != (number + 1, newest):
        raise ApiRefusal(409, "number")
    if {slot.key_id for slot in sent.slots} != {card.key_id for card in load(conn).readers}:
        raise ApiRefusal(409, "recipients")
    return register.add(conn, sent.number, register_hash(raw), today, raw)
