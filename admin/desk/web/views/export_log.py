"""The export log, which belongs to no case: every export is recorded before it is handed out."""

from __future__ import annotations

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import Situation
from admin.desk.web.context import desk


def log_export(
    situation: Situation, what: str, digest: str, opened: OpenedCase | None = None, to: str = ""
) -> None:
    """Write an export down. `what`: a word of `labels.register.EXPORTED`; `digest`: b64 of its SHA-256; `opened`: the
    case that it is of, None for a list of all; `to`: who gets it.

    Raises what `casework.register.Register.add` raises; then nothing may leave.
    """
    out: frozenset[bytes] = frozenset()
    if opened is not None:
        may_read = {card.key_id for card in opened.readers(situation.roster)}
        out = frozenset(card.key_id for card in situation.roster.readers) - may_read
    case = opened.line.case_id.hex() if opened is not None else ""
    details = {"what": what, "case": case, "hash": digest, "to": to}
    desk().work().register.log_export(situation, details, out)
