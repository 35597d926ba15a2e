"""The feed: complete, in order, cheap."""

from __future__ import annotations

import os
import time

import pytest
from sqlalchemy import Engine, insert, text

from store import db, feed
from store import tables as t
from tests.store import make


def test_the_feed_is_one_sequence_of_all_that_happened(engine: Engine) -> None:
    one, two = make.report(), make.report()
    make.add_report(engine, one)
    make.add_report(engine, two)
    make.add_message(engine, one.case_id, kind=2)
    make.add_status(engine, two.case_id, 1, "investigating")
    make.add_message(engine, two.case_id, kind=4)
    with db.reading(engine) as conn:
        rows = feed.after(conn, 0, 100)
        assert [(row.seq, row.case_id, row.what, row.kind) for row in rows] == [
            (1, one.case_id, "report", 1),
            (2, two.case_id, "report", 1),
            (3, one.case_id, "message", 2),
            (4, two.case_id, "status", None),
            (5, two.case_id, "message", 4),
        ]
        status = rows[3]
        assert (status.sequence, status.status, status.day) == (1, "investigating", make.DAY)
        assert (
            status.author
            and status.sig
            and status.act_sig
            and status.envelope_id is None
            and status.size is None
        )
        assert rows[0].size == len(one.raw) and rows[0].day == make.DAY and rows[0].act_sig is None
        assert feed.last(conn) == 5
        assert [row.seq for row in feed.after(conn, 2, 2)] == [3, 4]
        assert feed.after(conn, 5, 10) == []


def test_a_page_of_the_feed_is_limited(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MAX_LIMIT", 2)
    for _ in range(3):
        make.add_report(engine, make.report())
    with db.reading(engine) as conn:
        assert len(feed.after(conn, 0, 500)) == 2


def test_envelopes_come_with_the_grants_to_one_key(engine: Engine) -> None:
    one, two = make.report(), make.report()
    make.add_report(engine, one)
    make.add_report(engine, two)
    with db.reading(engine) as conn:
        ids = [two.envelope_id, make.an_id(), one.envelope_id, two.envelope_id]
        rows = feed.envelopes(conn, ids, one.mailbox_key_id)
        assert [row.envelope_id for row in rows] == [one.envelope_id, two.envelope_id]
        assert [row.grants for row in rows] == [(one.mailbox_grant,), ()]
        assert [(row.raw, row.case_id, row.kind) for row in rows] == [
            (one.raw, one.case_id, 1),
            (two.raw, two.case_id, 1),
        ]
        assert feed.envelopes(conn, [], one.mailbox_key_id) == []


def test_pulling_what_is_new_stays_cheap_with_many_cases(engine: Engine) -> None:
    many = 10_000
    ids = [make.an_id() for _ in range(many)]
    raw = os.urandom(1000)
    keys = ("mailbox_pk", "mailbox_key_id", "reporter_sign_pk", "act_pk", "mailbox_record")
    case = dict.fromkeys(keys, b"x")
    with db.writing(engine) as conn:
        conn.execute(insert(t.case_file), [{"case_id": one, "received_day": make.DAY} | case for one in ids])
        conn.execute(insert(t.change), [{"seq": n, "case_id": one} for n, one in enumerate(ids, 1)])
        rows = [
            {"seq": n, "envelope_id": one, "case_id": one, "kind": 1, "day": make.DAY, "raw": raw}
            for n, one in enumerate(ids, 1)
        ]
        conn.execute(insert(t.envelope), rows)
        if engine.dialect.name == "postgresql":
            conn.execute(text("ANALYZE"))
    with db.reading(engine) as conn:
        assert feed.last(conn) == many
        began = time.perf_counter()
        for _ in range(20):
            assert len(feed.after(conn, many - 5, 500)) == 5
        assert (time.perf_counter() - began) / 20 < 0.05
        plan = explain(engine, "SELECT seq FROM change WHERE seq > 9000 ORDER BY seq LIMIT 500")
        assert "SCAN change" not in plan and "Seq Scan" not in plan


def explain(engine: Engine, statement: str) -> str:
    word = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with db.reading(engine) as conn:
        return "\n".join(str(row) for row in conn.exec_driver_sql(f"{word} {statement}"))


def test_numbers_are_never_given_out_again(engine: Engine) -> None:
    """Not even the newest one, should a later version delete a case."""
    for _ in range(2):
        make.add_report(engine, make.report())
    with db.writing(engine) as conn:
        for statement in (
            "DELETE FROM envelope_grant"
            " WHERE envelope_id IN (SELECT envelope_id FROM envelope WHERE seq = 2)",
            "DELETE FROM envelope WHERE seq = 2",
            "DELETE FROM change WHERE seq = 2",
        ):
            conn.exec_driver_sql(statement)
    make.add_report(engine, make.report())
    with db.reading(engine) as conn:
        assert [row.seq for row in feed.after(conn, 0, 10)] == [1, 3]
