"""A code's case as it is stored, for tests that open one themselves."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from crypto.receipt import Receipt
from portal.usecases.conversation import StoredCase, stored_in
from store import code_page


def load(conn: Connection, receipt: Receipt) -> StoredCase | None:
    """Return the case of a code; None where there is none. Raises CaseDeleted."""
    return stored_in(code_page.read(conn, receipt.index, receipt.mailbox_key_id, date.min))
