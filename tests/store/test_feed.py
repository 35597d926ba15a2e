"""The feed: complete, in order, cheap."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from store import db, feed
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


MANY = 100_000
_NUMBERS = {
    "sqlite": (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)",
        "CAST(printf('%016d', n) AS BLOB)",
        "zeroblob(18)",
        "'2026-11-24'",
    ),
    "postgresql": (
        "WITH numbers AS (SELECT generate_series(1, 100000) AS n)",
        "convert_to(lpad(CAST(n AS text), 16, '0'), 'UTF8')",
        "decode(repeat('00', 18), 'hex')",  # as long as a pointer to bytes outside of the row
        "DATE '2026-11-24'",
    ),
}


def fill(engine: Engine) -> None:
    """Put MANY reports into the feed, made by the database itself."""
    numbers, an_id, raw, day = _NUMBERS[engine.dialect.name]
    statements = (
        "INSERT INTO case_file"
        " (case_id, received_day, mailbox_pk, mailbox_key_id, reporter_sign_pk, act_pk, mailbox_record)"
        f" {numbers} SELECT {an_id}, {day}, {an_id}, {an_id}, {an_id}, {an_id}, {an_id} FROM numbers",
        f"INSERT INTO change (seq, case_id) {numbers} SELECT n, {an_id} FROM numbers",
        "INSERT INTO envelope (seq, envelope_id, case_id, kind, day, raw)"
        f" {numbers} SELECT n, {an_id}, {an_id}, 1, {day}, {raw} FROM numbers",
    )
    with db.writing(engine) as conn:
        for statement in (*statements, "ANALYZE"):
            conn.execute(text(statement))


def analyzed(conn: Connection, after: int, statement: str) -> Any:
    """Return what PostgreSQL does for a page, by the plan it keeps for any `after`."""
    conn.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    conn.execute(text(f"PREPARE page (bigint) AS {statement}"))
    plan = conn.scalar(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page ({after})"))
    conn.execute(text("DEALLOCATE page"))
    return plan[0]["Plan"]


def blocks(conn: Connection, after: int, statement: str) -> int:
    """Return how many blocks PostgreSQL reads for a page of 5."""
    plan = analyzed(conn, after, statement)
    return sum(int(plan[f"Shared {kind} Blocks"]) for kind in ("Hit", "Read"))


def rows_read(conn: Connection, after: int, statement: str) -> int:
    """Return how many rows of tables PostgreSQL reads for a page, by the plan it keeps for any `after`."""
    plan = analyzed(conn, after, statement)
    nodes = [plan]
    for node in nodes:
        nodes += node.get("Plans", [])
    return sum(node["Actual Rows"] * node["Actual Loops"] for node in nodes if "Relation Name" in node)


def as_sent(engine: Engine, conn: Connection, after: str, limit: int = 5) -> str:
    """Return the text of the feed's statement as the database is given it, with `after` in its place."""
    sent: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda _conn, _cursor, statement, *_rest: sent.append(statement)
    )
    feed.after(conn, 0, limit)
    return re.sub(r"%\(after\)s(::BIGINT)?|\?", lambda _match: after, sent[0])


def test_what_is_new_costs_a_page_wherever_the_page_begins(engine: Engine) -> None:
    """100,000 reports: also by the plan that PostgreSQL keeps for a statement that it was given some times."""
    fill(engine)
    with db.reading(engine) as conn:
        assert feed.last(conn) == MANY
        for after in (0, MANY // 2, MANY - 5):
            assert [row.seq for row in feed.after(conn, after, 5)] == list(range(after + 1, after + 6))
        if engine.dialect.name == "sqlite":
            plan = conn.execute(text("EXPLAIN QUERY PLAN " + as_sent(engine, conn, "9000"))).all()
            assert not re.findall("SCAN (change|envelope|status|deletion)", str(plan))
        else:
            assert max(blocks(conn, n, as_sent(engine, conn, "$1")) for n in (0, MANY // 2, MANY - 5)) < 200
            longest = as_sent(engine, conn, "$1", feed.MAX_LIMIT)
            # Of the page, a row of `change` and one of `envelope`.
            assert rows_read(conn, MANY - feed.MAX_LIMIT, longest) == 2 * feed.MAX_LIMIT


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
