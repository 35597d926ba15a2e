"""Checks of a reading journal before it is stored. No Flask in here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from admin.api.refusals import ApiRefusal
from admin.api.roster_actions import Load
from crypto import reading
from crypto.errors import JournalMalformed, SignatureWrong
from store import readings
from store.outcome import Outcome


def add(conn: Connection, load: Load, asker: bytes, salt: bytes, raw: bytes, today: date) -> Outcome:
    """Keep the asker's journal of today: STORED or REPEAT.

    Raises ApiRefusal (400 journal or day, 403 signature, 409 sent or number).
    """
    try:
        journal = reading.read_journal(raw)
    except JournalMalformed:
        raise ApiRefusal(400, "journal") from None
    card = load(conn).by_key.get(asker)
    try:
        if card is None or journal.author != asker:
            raise SignatureWrong
        reading.check_journal(journal, salt, card.sign_pk)
    except SignatureWrong:
        raise ApiRefusal(403, "signature") from None
    if journal.day != today:
        raise ApiRefusal(400, "day")
    try:
        return readings.add(conn, asker, journal.number, today, raw)
    except readings.ReadingRefused as refused:
        raise ApiRefusal(409, refused.reason) from None
