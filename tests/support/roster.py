"""The roster as a server that starts now would read it."""

from __future__ import annotations

from sqlalchemy import Connection

from crypto.roster import Roster, fitting_roster
from store import cards


def stored_roster(conn: Connection, first_card: bytes | None) -> Roster:
    """Return the roster of what is stored, which begins with this key id."""
    return fitting_roster(cards.documents(cards.enrolled(conn)), first_card)
