"""Reports and messages: stored whole or not at all, and never twice."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, insert, select

from store import cases, db, feed, receipt_codes, reports
from store import tables as t
from store.outcome import Outcome
from tests.store import make


def counts(engine: Engine) -> dict[str, int]:
    with db.reading(engine) as conn:
        return {
            table.name: int(conn.scalar(select(func.count()).select_from(table)) or 0)
            for table in t.Base.metadata.sorted_tables
        }


def test_a_report_is_stored_with_all_that_belongs_to_it(engine: Engine) -> None:
    new = make.report()
    assert make.add_report(engine, new) is Outcome.STORED
    with db.reading(engine) as conn:
        assert reports.lookup(conn, new.index) == reports.CodeRow(new.case_id, None)
        assert cases.get(conn, new.case_id) == cases.CaseRow(
            new.case_id,
            new.mailbox_pk,
            new.mailbox_key_id,
            new.reporter_sign_pk,
            new.act_pk,
            new.mailbox_record,
            new.day,
        )
        assert cases.envelopes(conn, new.case_id) == [
            cases.EnvelopeRow(1, new.envelope_id, 1, new.raw, new.day, None)
        ]
        assert cases.grants_for(conn, new.case_id, new.mailbox_key_id) == {
            new.envelope_id: [new.mailbox_grant]
        }
        assert cases.statuses(conn, new.case_id) == []
        assert [(row.what, row.case_id) for row in feed.after(conn, 0, 10)] == [("report", new.case_id)]


def test_an_unknown_code_leads_nowhere(engine: Engine) -> None:
    with db.reading(engine) as conn:
        assert reports.lookup(conn, make.an_id()) is None


def test_the_same_report_again_is_a_repeat_even_when_sealed_anew(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)
    before = counts(engine)
    again = replace(new, raw=os.urandom(8700), mailbox_grant=os.urandom(80), mailbox_record=os.urandom(1088))
    assert make.add_report(engine, again) is Outcome.REPEAT
    assert counts(engine) == before
    with db.reading(engine) as conn:
        assert cases.envelopes(conn, new.case_id)[0].raw == new.raw


def test_a_changed_report_with_the_same_code_finds_its_case(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)
    before = counts(engine)
    assert make.add_report(engine, replace(new, envelope_id=make.an_id())) is Outcome.CASE_EXISTS
    assert counts(engine) == before


def test_an_ended_code_never_opens_a_second_case(engine: Engine) -> None:
    """After a rotation, the old form again is a repeat; a form with the new code finds the same case."""
    new = make.report()
    make.add_report(engine, new)
    fresh_index = make.an_id()
    with db.writing(engine) as conn:
        conn.execute(t.code.update().where(t.code.c.index == new.index).values(ended_day=make.DAY))
        conn.execute(insert(t.code), {"index": fresh_index, "case_id": new.case_id, "ended_day": None})
    assert make.add_report(engine, new) is Outcome.REPEAT
    assert make.add_report(engine, replace(new, envelope_id=make.an_id())) is Outcome.CASE_EXISTS
    with_the_new_code = make.report(index=fresh_index)  # its own case id: derived from another root
    assert make.add_report(engine, with_the_new_code) is Outcome.CASE_EXISTS
    with db.reading(engine) as conn:
        assert reports.lookup(conn, fresh_index) == reports.CodeRow(new.case_id, None)
        assert reports.lookup(conn, new.index) == reports.CodeRow(new.case_id, make.DAY)
        assert cases.get(conn, with_the_new_code.case_id) is None


@pytest.mark.parametrize("stolen", ["case_id", "envelope_id"])
def test_what_belongs_to_another_code_is_refused(engine: Engine, stolen: str) -> None:
    victim = make.report()
    make.add_report(engine, victim)
    before = counts(engine)
    assert make.add_report(engine, make.report(**{stolen: getattr(victim, stolen)})) is Outcome.REFUSED
    assert counts(engine) == before


def test_an_envelope_of_another_case_is_refused_for_a_known_code_too(engine: Engine) -> None:
    one, other = make.report(), make.report()
    make.add_report(engine, one)
    make.add_report(engine, other)
    assert make.add_report(engine, replace(one, envelope_id=other.envelope_id)) is Outcome.REFUSED


def test_a_message_is_stored_once(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)
    envelope_id, reader, granter = make.an_id(), make.an_id(), make.an_id()
    grants = [
        (reader, granter, b"first"),
        (reader, new.mailbox_key_id, b"second"),
        (reader, granter, b"third"),
    ]
    for expected in (Outcome.STORED, Outcome.REPEAT):
        with db.writing(engine) as conn:
            assert (
                reports.add_message(
                    conn, reports.NewMessage(new.case_id, envelope_id, 3, b"raw", make.DAY, grants, b"act")
                )
                is expected
            )
    with db.reading(engine) as conn:
        [_report, message] = cases.envelopes(conn, new.case_id)
        assert (message.envelope_id, message.kind, message.raw, message.act_sig) == (
            envelope_id,
            3,
            b"raw",
            b"act",
        )
        found = cases.grants_for(conn, new.case_id, reader)
        assert set(found) == {envelope_id} and sorted(found[envelope_id]) == [b"first", b"second"]
        assert cases.grants_for(conn, new.case_id, make.an_id()) == {}


def test_a_message_for_another_case_or_none_is_refused(engine: Engine) -> None:
    one, other = make.report(), make.report()
    make.add_report(engine, one)
    make.add_report(engine, other)
    assert make.add_message(engine, one.case_id, other.envelope_id) is Outcome.REFUSED
    assert make.add_message(engine, make.an_id()) is Outcome.REFUSED
    assert counts(engine)["change"] == 2


def test_a_case_takes_so_much_of_its_reporter_and_no_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MESSAGES_AT_MOST", 3_000)
    new = make.report()
    make.add_report(engine, new)

    def add(kind: int, size: int) -> Outcome:
        with db.writing(engine) as conn:
            return reports.add_message(
                conn, reports.NewMessage(new.case_id, make.an_id(), kind, b"x" * size, make.DAY, [])
            )

    assert [add(2, 2_000), add(2, 1_001)] == [Outcome.STORED, Outcome.FULL]
    # What auditors write is not counted, and the last byte counts.
    assert [add(3, 9_000), add(2, 1_000), add(2, 1)] == [Outcome.STORED, Outcome.STORED, Outcome.FULL]


def test_a_report_is_not_a_message(engine: Engine) -> None:
    with pytest.raises(ValueError, match="with its case"):
        make.add_message(engine, make.an_id(), kind=1)


def test_the_database_itself_refuses_a_kind_that_is_none(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)
    with pytest.raises(db.StoreFailed):
        make.add_message(engine, new.case_id, kind=5)


def test_a_new_report_prints_nothing_of_itself() -> None:
    new = make.report(raw=b"marker")
    assert "marker" not in repr(new) and new.case_id.hex() not in repr(new)


@pytest.mark.parametrize("size", [8192, 32768, 131072, 524288])
def test_every_size_of_envelope_comes_back_as_it_was(engine: Engine, size: int) -> None:
    new = make.report(raw=os.urandom(size + 300))
    make.add_report(engine, new)
    with db.reading(engine) as conn:
        assert cases.envelopes(conn, new.case_id)[0].raw == new.raw
        assert feed.after(conn, 0, 1)[0].size == len(new.raw)


def test_an_exclude_record_takes_the_place_of_the_one_that_was_read(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)

    def record() -> bytes:
        with db.reading(engine) as conn:
            case = cases.get(conn, new.case_id)
        assert case is not None
        return case.mailbox_record

    def message(envelope_id: bytes, before: bytes, raw: bytes) -> Outcome:
        kept = reports.NewRecord(before, raw)
        with db.writing(engine) as conn:
            return reports.add_message(
                conn, reports.NewMessage(new.case_id, envelope_id, 2, b"sealed", make.DAY, [], record=kept)
            )

    first, envelope_id = record(), make.an_id()
    assert message(envelope_id, first, b"second") is Outcome.STORED and record() == b"second"
    # Another page of the same code wrote in between: nothing is stored, and a repeat is one all the same.
    assert message(make.an_id(), first, b"third") is Outcome.CHOICE and record() == b"second"
    assert message(envelope_id, first, b"third") is Outcome.REPEAT and record() == b"second"
    with db.reading(engine) as conn:
        assert len(cases.envelopes(conn, new.case_id)) == 2
    stale, fresh = reports.NewRecord(first, b"third"), reports.NewRecord(b"second", b"third")
    with db.writing(engine) as conn:
        assert receipt_codes.forget(conn, new.case_id, stale) is Outcome.CHOICE
    assert grants(engine, new) and record() == b"second"
    own = make.an_id()
    taken = receipt_codes.NewCode(
        make.an_id(), bytes(32), make.an_id(), bytes(32), stale, own, b"sealed", [(own, b"key")]
    )
    with db.writing(engine) as conn:
        assert receipt_codes.replace(conn, new.case_id, new.index, taken, make.DAY) is Outcome.CHOICE
        found = reports.lookup(conn, new.index)
    assert found is not None and found.ended_day is None and record() == b"second"
    with db.writing(engine) as conn:
        assert receipt_codes.forget(conn, new.case_id, fresh) is Outcome.STORED
    assert record() == b"third" and not grants(engine, new)


def grants(engine: Engine, of: reports.NewReport) -> dict[bytes, list[bytes]]:
    with db.reading(engine) as conn:
        return dict(cases.grants_for(conn, of.case_id, of.mailbox_key_id))
