"""What is left of a deleted case, in the tables and in the database's files, on both databases."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from store import backup as backups
from store import cards, cases, db, deletion, feed, grants, receipt_codes, reports, schema, statistics
from store import tables as t
from store.objects import MAX_PIECE, Objects
from store.outcome import Outcome
from tests.store import make
from tests.support.postgres import PostgresServer


@pytest.fixture
def objects(engine: Engine) -> Objects:
    return Objects(engine, 10**7, 10**8)


def add_case(engine: Engine, objects: Objects, size: int = 300_000) -> tuple[reports.NewReport, bytes, bytes]:
    """Store a report with a file, an answer and a status; return it, the file's id and its bytes."""
    new, object_id, data = make.report(raw=os.urandom(33_000)), make.an_id(), os.urandom(size)
    for start in range(0, size, MAX_PIECE):
        objects.put_piece(object_id, size, start, data[start : start + MAX_PIECE], make.DAY)
    assert objects.claim([object_id], make.DAY)
    with db.writing(engine) as conn:
        assert reports.add_report(conn, new, [object_id]) is Outcome.STORED
    objects.settle([object_id])
    make.add_message(engine, new.case_id)
    make.add_status(engine, new.case_id, 1, "investigating")
    return new, object_id, data


def delete(engine: Engine, objects: Objects, case_id: bytes) -> None:
    act = deletion.SignedAct(make.DAY, make.an_id(), os.urandom(64), os.urandom(64))
    with db.writing(engine) as conn:
        feed.take_turn(conn)
        deletion.add(conn, case_id, deletion.PROPOSED, act)
    with db.reading(engine) as conn:
        files = deletion.objects(conn, case_id)
        (proposal,) = deletion.acts(conn, case_id)
    objects.let_go(files, make.DAY)
    with db.writing(engine) as conn:
        feed.take_turn(conn)
        deletion.delete_case(conn, case_id, proposal.seq, act)
    objects.settle(files)
    objects.checkpoint()


def samples(raw: bytes) -> list[bytes]:
    """Return short pieces; some lie across two pages of a file and are found in no case."""
    return [raw[place : place + 24] for place in range(200, len(raw) - 24, 500)]


def test_a_deleted_case_is_a_tombstone(engine: Engine, objects: Objects) -> None:
    new, object_id, _data = add_case(engine, objects, 2_000_000)
    other, other_object, other_data = add_case(engine, objects)
    delete(engine, objects, new.case_id)
    with db.reading(engine) as conn:
        case, code = cases.get(conn, new.case_id), reports.lookup(conn, new.index)
        assert cases.envelopes(conn, new.case_id) == [] and cases.statuses(conn, new.case_id) == []
        mailbox = new.mailbox_key_id
        assert not conn.execute(select(t.grant).where(t.grant.c.key_id == mailbox)).first()
        assert [row.what for row in feed.after(conn, 0, 100) if row.case_id == new.case_id] == [
            "deletion",
            "deleted",
        ]
        assert len(cases.envelopes(conn, other.case_id)) == 2
    assert case is not None and case.deleted_day == make.DAY and case.mailbox_record == b""
    assert code is not None and code.case_id == new.case_id
    assert objects.have(object_id) == 0 and objects.read(other_object, 0)[0] == other_data
    # Nothing comes to it any more, and its numbers are never given out again.
    assert make.add_message(engine, new.case_id) is Outcome.DELETED
    assert make.add_status(engine, new.case_id, 1, "investigating") is Outcome.REFUSED
    assert make.add_report(engine, make.report(index=new.index)) is Outcome.CASE_EXISTS
    with db.writing(engine) as conn:
        fresh = receipt_codes.NewCode(
            make.an_id(),
            bytes(32),
            make.an_id(),
            bytes(32),
            reports.NewRecord(b"", b""),
            make.an_id(),
            b"",
            [(make.an_id(), b"")],
        )
        assert receipt_codes.replace(conn, new.case_id, new.index, fresh, make.DAY) is Outcome.DELETED


def test_a_deleted_case_survives_backup_and_restore(engine: Engine, objects: Objects, tmp_path: Path) -> None:
    new, _object_id, data = add_case(engine, objects)
    delete(engine, objects, new.case_id)
    with db.writing(engine) as conn:
        statistics.put(conn, make.an_id(), {make.an_id(): b"sealed"}, make.DAY)
    backups.backup(engine, tmp_path / "copy.backup")
    raw = (tmp_path / "copy.backup").read_bytes()
    assert not any(one in raw for one in samples(new.raw) + samples(data))
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    schema.upgrade(url)
    restored = db.make_engine(url)
    backups.restore(tmp_path / "copy.backup", restored)
    with db.reading(engine) as one, db.reading(restored) as two:
        for table in (t.case_file, t.deletion, t.statistics, t.change):
            key = table.primary_key.columns
            assert (
                one.execute(select(table).order_by(*key)).all()
                == two.execute(select(table).order_by(*key)).all()
            )
    restored.dispose()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_vacuum_takes_it_out_of_postgresqls_files(
    engine: Engine, objects: Objects, postgres_server: PostgresServer
) -> None:
    def found(wanted: list[bytes]) -> int:
        postgres_server.sql("CHECKPOINT")
        with db.reading(engine) as conn:
            oid = conn.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        files = [
            one for one in (postgres_server.folder / "data" / "base" / str(oid)).iterdir() if one.is_file()
        ]
        there = b"".join(one.read_bytes() for one in files)
        return sum(one in there for one in wanted)

    new, _object_id, data = add_case(engine, objects)
    other = add_case(engine, objects)[0]
    own, files, stay = samples(new.raw), samples(data), samples(other.raw)
    stays = found(stay)
    assert found(own) > len(own) // 2 and found(files) > len(files) // 2 and stays > len(stay) // 2
    delete(engine, objects, new.case_id)
    # The control: deleting alone leaves the bytes in the files.
    assert found(own) > len(own) // 2
    objects.vacuum()
    assert (found(own), found(files)) == (0, 0)
    assert found(stay) > len(stay) // 2


def test_a_retired_key_has_no_grants_and_no_numbers(engine: Engine) -> None:
    new, leaver, stayer, granter = make.report(), make.an_id(), make.an_id(), make.an_id()
    make.add_report(engine, new)
    for key_id in (leaver, stayer):
        make.add_card(engine, key_id=key_id)
    with db.writing(engine) as conn:
        pairs = [(new.envelope_id, key_id, b"a" * 80) for key_id in (leaver, stayer)]
        assert grants.put(conn, granter, pairs)
        assert grants.put(conn, granter, [(new.envelope_id, stayer, b"b" * 80)])
        assert not grants.put(conn, granter, [*pairs, (make.an_id(), stayer, b"c" * 80)])
        statistics.put(conn, granter, {leaver: b"1", stayer: b"2"}, make.DAY)
        assert cards.retire(conn, leaver, b"note", make.DAY) is Outcome.STORED
    with db.reading(engine) as conn:
        assert cases.grants_for(conn, new.case_id, leaver) == {}
        assert cases.grants_for(conn, new.case_id, stayer) == {new.envelope_id: [b"b" * 80]}
        assert statistics.for_key(conn, leaver) == []
        assert statistics.for_key(conn, stayer) == [statistics.StatisticsRow(granter, make.DAY, b"2")]
    with db.writing(engine) as conn:
        statistics.put(conn, granter, {}, make.DAY)
    with db.reading(engine) as conn:
        assert statistics.for_key(conn, stayer) == []
