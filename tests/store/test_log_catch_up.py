"""A log goes on behind a copy of it, on both databases: nothing signed is contradicted, no promise forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from admin import catch_up as module
from admin.catch_up import CatchUpFault, CatchUpRefused, catch_up
from admin.log_condition import LogCondition
from admin.logbook import LogKeeper
from admin.verify.copies import NoCopy, read_copy
from crypto import log_policy, logbatch, note, plainleaf, tlog
from crypto.code_reading import LogFile
from crypto.log_witness import make_witness, witness_name, witness_seed
from crypto.messages import public_key
from store import db, log, log_documents
from store import tables as t
from store.config.log_head import head_path, read_head_file
from store.config.secrets import load_secrets
from tests.store.test_log import DAY, DAY_SECONDS, NOON, SALT, Logged, logged
from tests.support import log_rewind
from tests.support.log_rewind import write_copy

__all__ = ["logged"]
WITNESS = bytes([7]) * 32
KEY = note.verifier_key("union", note.COSIGNATURE, public_key(WITNESS))


def copy_of(logged: Logged) -> LogFile:
    return LogFile(logged.leaves(), logged.head().note)


def run(logged: Logged, day: int) -> LogCondition:
    return logged.keeper().run(NOON + day * DAY_SECONDS).state


def hashes_of(logged: Logged) -> list[set[bytes]]:
    return [{tlog.leaf_hash(leaf) for leaf in batch.hidden} for batch in logged.checked()[1:]]


def cosign(logged: Logged, key: note.VerifierKey = KEY, seed: bytes = WITNESS) -> None:
    line = note.cosign(note.read_note(logged.head().note).text, key.name, seed, 1795629600)
    with db.writing(logged.engine) as conn:
        log.put_cosignature(conn, key.name, logged.head().size, line.text().removesuffix("\n"))


def test_restored_from_yesterday_it_goes_on_behind_the_copy(logged: Logged) -> None:
    """Statement 14: no checkpoint is signed until catch-up; what was accepted meanwhile is in its day's batch."""
    run(logged, 1)
    older = log_rewind.take(logged.engine)
    lost = logged.act(1, DAY + timedelta(days=1))
    run(logged, 2)
    copy = copy_of(logged)
    log_rewind.put_back(logged.engine, older)
    assert run(logged, 3) is LogCondition.AHEAD
    promised = logged.act(2, DAY + timedelta(days=3))
    done = catch_up(logged.engine, logged.path, copy)
    assert (done.added, done.dropped, done.again, done.lost) == (17, 0, 0, 0)
    assert done.since == DAY + timedelta(days=1)
    assert logged.leaves() == list(copy.leaves)
    assert run(logged, 4) is LogCondition.CURRENT
    days = logged.checked()[1:]
    assert [batch.day.day for batch in days if batch.day] == [DAY + timedelta(days=n) for n in range(4)]
    assert lost in hashes_of(logged)[1] and promised in hashes_of(logged)[3]
    restored = [plainleaf.read_restored(leaf) for batch in days for leaf in batch.plain]
    assert restored == [DAY + timedelta(days=1)], "said in the next batch"
    assert catch_up(logged.engine, logged.path, copy_of(logged)).added == 0


def test_a_machine_put_back_drops_what_no_witness_cosigned_and_puts_its_leaves_off(logged: Logged) -> None:
    run(logged, 1)
    older = log_rewind.take_machine(logged.engine, logged.path)
    run(logged, 2)
    run(logged, 3)
    copy = copy_of(logged)
    log_rewind.put_machine_back(logged.engine, logged.path, older)
    late, in_time = logged.act(1, DAY + timedelta(days=1)), None
    for day in (2, 3):  # it does not know better: two batches of the same days
        assert run(logged, day) is LogCondition.CURRENT
    in_time = logged.act(2, DAY + timedelta(days=3))
    dropped = logged.head()
    assert dropped.note != copy.note
    done = catch_up(logged.engine, logged.path, copy)
    assert done.since == DAY + timedelta(days=1) and done.lost == 0
    assert (done.added, done.dropped) == (33, 33), "two days, but for the day leaf that both have"
    with db.reading(logged.engine) as conn:
        kept = log_documents.evidence(conn, with_explained=True)
        assert not log_documents.evidence(conn)
    assert dropped.note in [signed for _hash, _size, signed in kept], "both notes stay"
    assert run(logged, 4) is LogCondition.CURRENT
    assert logged.leaves()[: len(copy.leaves)] == list(copy.leaves)
    assert {late, in_time} <= hashes_of(logged)[3]
    assert len(logged.checked()[4].hidden) == 48, "the dropped days' leaves and this day's"


def test_a_machine_put_back_before_its_first_batch_says_so_of_that_day(logged: Logged) -> None:
    older = log_rewind.take_machine(logged.engine, logged.path)
    run(logged, 1)
    copy = copy_of(logged)
    log_rewind.put_machine_back(logged.engine, logged.path, older)
    logged.act(1, DAY)
    run(logged, 1)
    done = catch_up(logged.engine, logged.path, copy)
    assert done.since == DAY and done.dropped == done.again == 16


def test_what_a_witness_of_the_policy_cosigned_is_never_dropped(logged: Logged) -> None:
    """Without an outside witness the desks' cosignatures count."""
    run(logged, 1)
    older = log_rewind.take_machine(logged.engine, logged.path)
    run(logged, 2)
    copy = copy_of(logged)
    log_rewind.put_machine_back(logged.engine, logged.path, older)
    run(logged, 2)
    cosign(logged)
    own = logged.people[1].identity
    document = make_witness(SALT, own.key_id, own.seed, own.sign_seed)
    with db.writing(logged.engine) as conn:
        log.put_witness(conn, own.key_id, document.encode())
    name = witness_name(SALT, own.key_id)
    desk = note.verifier_key(name, note.COSIGNATURE, public_key(witness_seed(own.seed)))
    cosign(logged, desk, witness_seed(own.seed))
    before = logged.leaves()
    with pytest.raises(CatchUpRefused) as refused:
        catch_up(logged.engine, logged.path, copy)
    assert refused.value.fault is CatchUpFault.COSIGNED and logged.leaves() == before
    with db.writing(logged.engine) as conn:
        conn.exec_driver_sql("DELETE FROM log_cosignature WHERE name <> 'union'")
    assert catch_up(logged.engine, logged.path, copy).dropped, "a stranger's line keeps nothing"


def test_a_strange_or_short_copy_changes_nothing(logged: Logged) -> None:
    run(logged, 1)
    older, short = log_rewind.take(logged.engine), copy_of(logged)
    run(logged, 2)
    good = copy_of(logged)
    log_rewind.put_back(logged.engine, older)
    text = note.read_note(good.note).text
    forged = note.Note(text, (note.signed_text(text, logged.verifier.name, bytes(32)),)).encode()
    changed = [*good.leaves[:-1], bytes(len(good.leaves[-1]))]
    for copy, fault in (
        (replace(good, note=forged), CatchUpFault.STRANGE),
        (replace(good, note=good.note.replace(logged.verifier.name, "meyasubako/x")), CatchUpFault.STRANGE),
        (replace(good, leaves=changed), CatchUpFault.STRANGE),
        (replace(good, leaves=good.leaves[:-1]), CatchUpFault.STRANGE),
        (short, CatchUpFault.SHORT),
    ):
        with pytest.raises(CatchUpRefused) as refused:
            catch_up(logged.engine, logged.path, copy)
        assert refused.value.fault is fault
    assert logged.leaves() == list(short.leaves)
    assert catch_up(logged.engine, logged.path, replace(good, leaves=[*good.leaves, b"more"])).added == 17


def test_a_crash_before_the_head_file_is_mended_by_the_same_command(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(logged, 1)
    older = log_rewind.take_machine(logged.engine, logged.path)
    run(logged, 2)
    copy = copy_of(logged)
    log_rewind.put_machine_back(logged.engine, logged.path, older)
    run(logged, 2)

    def crash(*_given: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(module, "write_head_file", crash)
        with pytest.raises(OSError, match="space"):
            catch_up(logged.engine, logged.path, copy)
    assert run(logged, 3) in (LogCondition.AHEAD, LogCondition.FORKED)
    assert catch_up(logged.engine, logged.path, copy).added == 0
    assert read_head_file(head_path(logged.path)) == (logged.head().size, logged.head().root)
    assert run(logged, 3) is LogCondition.CURRENT
    logged.checked()


def test_a_card_that_only_the_log_knows_is_named(logged: Logged) -> None:
    run(logged, 1)
    older = log_rewind.take(logged.engine)
    logged.enrol(logged.people[2])
    run(logged, 2)
    copy = copy_of(logged)
    log_rewind.put_back(logged.engine, older)
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.card).where(t.card.c.key_id == logged.people[2].card.key_id))
    done = catch_up(logged.engine, logged.path, copy)
    assert done.cards == [logged.people[2].card.key_id]
    assert logged.head().list_length == 2
    logged.enrol(logged.people[2])
    assert run(logged, 4) is LogCondition.CURRENT
    assert logged.head().list_length == 3


def test_a_changed_policy_stays_what_it_was(logged: Logged) -> None:
    """Which policy counts is read out of the day leaves of the copy."""
    lead = logged.people[0].identity
    with db.writing(logged.engine) as conn:
        first = log_documents.documents(conn)[0]
        text = log_policy.first_text(logged.verifier, [KEY])
        change = log_policy.read_change(log_policy.proposal(text, logged.verifier, first.hash))
        signed = log_policy.sign_change(change, SALT, lead.key_id, lead.sign_seed)
        leaf = log_policy.policy_leaf(signed)
        log_documents.wait(conn, tlog.leaf_hash(leaf), "policy", leaf)
    run(logged, 1)
    older = log_rewind.take(logged.engine)
    for day in range(2, 11):
        run(logged, day)
    copy = copy_of(logged)
    log_rewind.put_back(logged.engine, older)
    with db.reading(logged.engine) as conn:
        assert [row.in_force for row in log_documents.documents(conn)] == [True, False]
    catch_up(logged.engine, logged.path, copy)
    with db.reading(logged.engine) as conn:
        rows = [row for row in log_documents.documents(conn) if row.word == "policy"]
        assert [row.in_force for row in rows] == [True, True]
    assert run(logged, 11) is LogCondition.CURRENT


# Copies


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_copies_are_read_from_folders_and_zips(logged: Logged, tmp_path: Path) -> None:
    run(logged, 1)
    copy = copy_of(logged)
    write_copy(tmp_path / "copy.zip", list(copy.leaves), copy.note)
    assert read_copy(str(tmp_path / "copy.zip")) == copy
    tiles = tmp_path / "tiles"
    path = tiles / tlog.tile_path(-1, 0, len(copy.leaves))
    path.parent.mkdir(parents=True)
    path.write_bytes(tlog.entry_bundle(copy.leaves))
    (tiles / "checkpoint").write_text(copy.note, encoding="utf-8")
    assert read_copy(str(tiles)) == copy
    (tmp_path / "text").write_text("nothing", encoding="utf-8")
    (tiles / "checkpoint").write_text("nothing", encoding="utf-8")
    for bad in (tmp_path / "text", tmp_path / "none", tmp_path, tiles):
        with pytest.raises(NoCopy):
            read_copy(str(bad))
    path.write_bytes(b"x")
    (tiles / "checkpoint").write_text(copy.note, encoding="utf-8")
    with pytest.raises(NoCopy):
        read_copy(str(tiles))
    seed = logbatch.log_seed(load_secrets(logged.path).sign_seed)
    assert note.sign_checkpoint(
        note.checkpoint_of(note.read_note(copy.note).text, logged.verifier.name), seed
    )


def test_each_machine_of_a_site_notes_what_was_signed(logged: Logged, tmp_path: Path) -> None:
    """Two nodes with one database: the second one's `log-head` is of a branch that the first one dropped."""
    other = tmp_path / "node2" / logged.path.name
    other.parent.mkdir()
    other.write_bytes(logged.path.read_bytes())
    other.chmod(0o600)
    second = LogKeeper(logged.engine, other)
    run(logged, 1)
    assert second.run(NOON + DAY_SECONDS).made == ()
    assert read_head_file(head_path(other)) == read_head_file(head_path(logged.path))
    older = log_rewind.take(logged.engine)
    files = {path: head_path(path).read_bytes() for path in (logged.path, other)}
    run(logged, 2)
    copy = copy_of(logged)
    log_rewind.put_back(logged.engine, older)
    for path, raw in files.items():
        head_path(path).write_bytes(raw)
    assert second.run(NOON + 2 * DAY_SECONDS).made and run(logged, 2) is LogCondition.CURRENT
    assert catch_up(logged.engine, logged.path, copy).dropped
    assert run(logged, 3) is LogCondition.CURRENT
    assert second.run(NOON + 4 * DAY_SECONDS).state in (LogCondition.AHEAD, LogCondition.FORKED)
    assert catch_up(logged.engine, other, copy).added == 0
    assert second.run(NOON + 4 * DAY_SECONDS).state is LogCondition.CURRENT
    assert run(logged, 5) is LogCondition.CURRENT
    logged.checked()
