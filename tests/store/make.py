"""Rows for the store's tests: random bytes of the right sizes, as nothing in the store looks into them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Engine

from store import cards, cases, db, reports
from store.objects import Objects
from store.outcome import Outcome

DAY = date(2026, 11, 23)


def an_id() -> bytes:
    return os.urandom(16)


def report(**given: Any) -> reports.NewReport:
    """Return a new report; what is given replaces the random bytes."""
    made = reports.NewReport(
        index=an_id(),
        case_id=an_id(),
        mailbox_pk=os.urandom(32),
        mailbox_key_id=an_id(),
        reporter_sign_pk=os.urandom(32),
        act_pk=os.urandom(32),
        mailbox_record=os.urandom(1088),
        envelope_id=an_id(),
        raw=os.urandom(8700),
        day=DAY,
        mailbox_grant=os.urandom(80),
    )
    return replace(made, **given)


def add_report(engine: Engine, new: reports.NewReport) -> Outcome:
    with db.writing(engine) as conn:
        return reports.add_report(conn, new)


def add_message(engine: Engine, case_id: bytes, envelope_id: bytes | None = None, kind: int = 2) -> Outcome:
    with db.writing(engine) as conn:
        return reports.add_message(
            conn,
            reports.NewMessage(
                case_id,
                envelope_id or an_id(),
                kind,
                os.urandom(8700),
                DAY,
                [(an_id(), an_id(), os.urandom(80))],
            ),
        )


def add_status(engine: Engine, case_id: bytes, sequence: int, status: str) -> Outcome:
    with db.writing(engine) as conn:
        return cases.add_status(conn, case_id, sequence, status, DAY, an_id(), os.urandom(64), os.urandom(64))


def add_card(engine: Engine, **given: Any) -> Outcome:
    values: dict[str, Any] = {"key_id": an_id(), "person": an_id(), "raw": os.urandom(300), "day": DAY}
    with db.writing(engine) as conn:
        return cards.enroll(conn, **(values | given))


def name(engine: Engine, objects: Objects, *ids: bytes) -> reports.NewReport:
    """Store a report that comes with these objects."""
    made = report()
    assert objects.claim(ids, DAY)
    with db.writing(engine) as conn:
        assert reports.add_report(conn, made, ids) is Outcome.STORED
    objects.settle(ids)
    return made
