"""The state that a use case starts from: the list of readers, and the case of a code. No Flask in here."""

from __future__ import annotations

from dataclasses import dataclass

from crypto.receipt import Receipt
from crypto.roster import Roster
from portal.context import Portal, SealedBy
from portal.usecases import conversation
from portal.usecases.conversation import StoredCase
from store import code_page
from store.db import reading


@dataclass(frozen=True, repr=False)
class IntakeState:
    """The state that a use case starts from: who can read, and the case of the code when there is one already."""

    by: SealedBy
    stored: StoredCase | None = None

    @property
    def roster(self) -> Roster:
        """The list of readers."""
        return self.by.roster


def look(portal: Portal, receipt: Receipt | None) -> IntakeState:
    """Read who can read, and the case that the code belongs to. Raises CaseDeleted, StoreFailed."""
    day = portal.today()
    if receipt is None:
        with reading(portal.engine) as conn:
            return IntakeState(portal.sealed_by(conn, day))
    asked = (receipt.index, receipt.mailbox_key_id, day)
    with reading(portal.engine) as conn:
        page = code_page.read(conn, *asked, is_last=True)
    by = portal.sealed_as(page.basis)
    if by is None:
        with reading(portal.engine) as conn:
            by, page = portal.sealed_by(conn, day), code_page.read(conn, *asked)
    return IntakeState(by, conversation.stored_in(page))
