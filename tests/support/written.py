"""A report that an auditor wrote down, put into a site's store as the desk sends it (docs/format.md, 2.14)."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import Engine

from crypto import logleaf, messages, seal
from crypto.encoding import b64e
from crypto.envelope import Kind
from crypto.identity import Identity
from crypto.intake import Intake, with_intake
from crypto.receipt import derive, format_code, new_code
from store import db, reports
from store import site as store_site
from tests.support.roster import stored_roster
from tests.support.stored import new_report


def write_down(
    engine: Engine,
    first_card: bytes | None,
    author: Identity,
    received: date,
    day: date,
    channel: str = "telephone",
    is_true: bool = True,
) -> str:
    """Store a report that `author` wrote down from `channel` on `day`; return its code as it is shown."""
    code, envelope_id = new_code(), secrets.token_bytes(16)
    with db.reading(engine) as conn:
        roster, salt = stored_roster(conn, first_card), store_site.get(conn).salt
    receipt, slots = derive(code, salt), roster.slots(())
    answers = {"what_happened": "電話で聞いた MARKER の流出", "language": "ja"}
    payload = messages.report_payload(answers, [], receipt)
    payload |= {"envelope_id": envelope_id.hex(), "log_key": b64e(logleaf.log_key(receipt.root))}
    intake = Intake(channel, day, "given", author.key_id)
    said = with_intake(roster.addressed(payload, slots), intake, author.sign_seed)
    if not is_true:
        said["intake"] = {**said["intake"], "sig": b64e(bytes(64))}
    sealed = seal.seal(Kind.REPORT, envelope_id, messages.sign_reporter(Kind.REPORT, said, receipt), slots)
    with db.writing(engine) as conn:
        new = new_report(receipt, envelope_id, sealed, received, ())
        assert reports.add_report(conn, new, []) is reports.Outcome.STORED
    return format_code(code)
