"""A restored database, a machine that was put back, witnesses away for a week: no fork, intake goes on, and what may be
lost is said (statements 3 and 14 for witnesses, and the table of format 5.6).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx

from admin.catch_up import catch_up
from admin.log_condition import LogCondition
from admin.verify.copies import read_copy
from admin.witness.folder import make_folder
from admin.witness.run import WitnessExit
from crypto import logleaf, note, plainleaf, tlog
from store import db
from store import log as store_log
from store.config.log_head import head_path
from tests.support import log_rewind
from tests.witness.conftest import Watched


def promised(watched: Watched) -> bytes:
    """Let an act's leaf wait for today's batch, as intake does; return its hash."""
    raw = logleaf.dummy(3)
    hashed = tlog.leaf_hash(raw)
    with db.writing(watched.world.engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        length = store_log.list_length(conn, head, watched.world.day)
        outcome = store_log.add_pending(conn, hashed, raw, watched.world.day, length)
    assert outcome is store_log.LeafOutcome.TAKEN
    return hashed


def batch_of(watched: Watched, hashed: bytes) -> date | None:
    """Return the day whose batch in the witness's copy has a leaf."""
    leaves = watched.folder.load()[1]
    for batch in plainleaf.read_batches(leaves, 16):
        if batch.day is not None and hashed in map(tlog.leaf_hash, batch.hidden):
            return batch.day.day
    return None


def words(watched: Watched) -> list[str]:
    return [plainleaf.word_of(leaf) for leaf in watched.folder.load()[1]]


def test_restored_from_yesterday_every_witness_goes_on(watched: Watched) -> None:
    world, secret = watched.world, watched.world.settings.server.secret_file
    assert watched.run().exit is WitnessExit.FITS
    older = log_rewind.take(world.engine)
    lost, lost_on = promised(watched), world.day
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    log_rewind.put_back(world.engine, older)
    # Nothing is signed; intake goes on, and so does the promise.
    assert watched.batches().state is LogCondition.AHEAD
    world.report()
    kept, kept_on = promised(watched), world.day
    done = watched.run()
    assert (done.exit, done.is_cosigned, done.faults[0][0]) == (WitnessExit.OLDER, False, "older")
    assert watched.tick().made == ()
    done_by = catch_up(world.engine, secret, read_copy(str(watched.folder.path)))
    assert (done_by.dropped, done_by.lost, done_by.since) == (0, 0, lost_on)
    assert watched.batches().made == (kept_on,)
    assert watched.run().exit is WitnessExit.FITS and watched.served().cosigned
    assert (batch_of(watched, lost), batch_of(watched, kept)) == (lost_on, kept_on)
    assert words(watched).count("restored") == 1
    assert not list(watched.folder.path.glob("fork-*"))


def test_the_control_a_server_that_signs_on_forks(watched: Watched) -> None:
    """Without the file `log-head`, as a program that only restores its database would go on."""
    assert watched.run().exit is WitnessExit.FITS
    older = log_rewind.take(watched.world.engine)
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    log_rewind.put_back(watched.world.engine, older)
    head_path(watched.world.settings.server.secret_file).unlink()
    assert watched.batches().made != ()
    assert watched.run().exit is WitnessExit.FORK


def test_a_machine_put_back_stops_when_a_witness_comes(watched: Watched) -> None:
    """Before a new batch: an older log, exit 3, and the server has learnt of it."""
    world, secret = watched.world, watched.world.settings.server.secret_file
    older = log_rewind.take_machine(world.engine, secret)
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    log_rewind.put_machine_back(world.engine, secret, older)
    assert watched.run().exit is WitnessExit.OLDER
    assert watched.batches().state is LogCondition.OTHER
    kept, kept_on = promised(watched), world.day
    catch_up(world.engine, secret, read_copy(str(watched.folder.path)))
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS and batch_of(watched, kept) == kept_on


def test_a_machine_put_back_that_made_a_batch_drops_it(watched: Watched) -> None:
    """The witness stops (two notes of one size), the server too; afterwards both go on behind the witnessed branch."""
    world, secret = watched.world, watched.world.settings.server.secret_file
    older = log_rewind.take_machine(world.engine, secret)
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    log_rewind.put_machine_back(world.engine, secret, older)
    watched.world.day -= timedelta(days=1)
    late, late_on = promised(watched), world.day
    watched.tick()
    assert watched.head().published == watched.folder.load()[0].size
    assert watched.run().exit is WitnessExit.FORK
    assert watched.batches().state is LogCondition.OTHER and world.report()
    done = catch_up(world.engine, secret, read_copy(str(watched.folder.path)))
    assert done.dropped and done.lost == 0 and done.since == late_on
    made_on = world.day
    assert watched.tick().made == (made_on,)
    # A person at the witness says that it may go on; what it signs extends what it kept.
    assert watched.run().exit is WitnessExit.FORK
    before = watched.folder.load()[1]
    watched.folder.write(replace(watched.folder.load()[0], stopped=""))
    assert watched.run().exit is WitnessExit.FITS and watched.served().cosigned
    assert watched.folder.load()[1][: len(before)] == before
    assert batch_of(watched, late) == made_on, "late, but in the log; the promise was for another day"
    assert [plainleaf.read_restored(leaf) for leaf in watched.folder.load()[1] if b"/restored\n" in leaf] == [
        late_on
    ]
    # The dropped note is known from now on, and stops nothing more.
    forks = next(watched.folder.path.glob("fork-*")).read_text("utf-8")
    dropped = forks.partition("=" * 20 + "\n\n")[2]
    url = f"{world.url}/log/checkpoint"
    answer = httpx.post(url, content=dropped.encode(), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200 and watched.tick().made


def test_a_row_that_is_taken_out_before_the_batch_breaks_the_promise_in_public(watched: Watched) -> None:
    """Statement 3 for witnesses: the witness's copy is the batch that the promise names, and has no such leaf."""
    buried, kept, on = promised(watched), promised(watched), watched.world.day
    with db.writing(watched.world.engine) as conn:
        conn.exec_driver_sql("DELETE FROM pending_leaf WHERE hash = ?", (buried,))
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    assert (batch_of(watched, kept), batch_of(watched, buried)) == (on, None)


def test_a_witness_that_comes_later_has_the_same_log(watched: Watched, tmp_path: Path) -> None:
    watched.tick(5)
    late = make_folder(tmp_path / "late", "counsel")
    watched.pin(late)
    done = watched.run(late)
    assert done.state.size == watched.head().size and done.faults == [("refused", "")]
    watched.run()
    assert late.load()[1] == watched.folder.load()[1]
    assert note.read_note(late.load()[0].note).text == note.read_note(watched.folder.load()[0].note).text
