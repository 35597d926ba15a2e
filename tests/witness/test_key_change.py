"""A planned change of the log's key, and every way to abuse one (docs/format.md, 5.3; docs/operations.md, 14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from admin.catch_up import catch_up
from admin.log_condition import LogCondition
from admin.verify.copies import read_copy
from admin.witness.folder import make_folder
from admin.witness.run import WitnessExit, first_look
from crypto import log_key, logbatch, note, plainleaf, tlog
from crypto.messages import public_key
from store import db, log_documents
from store import log as store_log
from store.config.log_head import head_path
from store.config.secrets import keep_log_seeds
from tests.support import log_rewind
from tests.witness.conftest import Watched
from tests.witness.test_run import SIGNED, served_by

NEW_SEED, NEWER_SEED = bytes([0x21]) * 32, bytes([0x22]) * 32
CHECKPOINT = "/log/checkpoint"


def key_of(watched: Watched, seed: bytes) -> note.VerifierKey:
    return note.verifier_key(watched.verifier.name, note.ED25519, public_key(seed))


def first_seed(watched: Watched) -> bytes:
    return logbatch.log_seed(watched.world.secrets.sign_seed)


def change_leaf(watched: Watched, day: date | None = None, old: bytes = b"", new: bytes = NEW_SEED) -> bytes:
    return log_key.make_key_leaf(
        watched.world.salt, day or watched.world.day, old or first_seed(watched), new
    )


def plant(watched: Watched, leaf: bytes, word: str) -> None:
    """Let a leaf wait. `word`: what the server takes it for; it looks at none but "key"."""
    with db.writing(watched.world.engine) as conn:
        log_documents.wait(conn, tlog.leaf_hash(leaf), word, leaf)


def change_key(watched: Watched) -> None:
    """What `log key new` and `log key start` do, and the batch."""
    keep_log_seeds(watched.world.settings.server.secret_file, (NEW_SEED,))
    plant(watched, change_leaf(watched), "key")
    watched.tick()


def served_text(watched: Watched) -> str:
    return httpx.get(f"{watched.world.url}{CHECKPOINT}").text


def lines_of(watched: Watched) -> list[note.VerifierKey]:
    """Which keys of the log signed the newest checkpoint."""
    keys = [watched.verifier, key_of(watched, NEW_SEED)]
    return list(note.signers(note.read_note(served_text(watched)), keys))


def test_a_changed_key_has_two_lines_for_sixty_days_and_every_witness_goes_on(
    watched: Watched, tmp_path: Path
) -> None:
    assert watched.run().exit is WitnessExit.FITS
    change_key(watched)
    done = watched.run()
    assert done.exit is WitnessExit.FITS and done.is_cosigned
    old, new = watched.verifier, key_of(watched, NEW_SEED)
    assert lines_of(watched) == [new, old]
    begun = watched.world.day
    while watched.world.day < begun + timedelta(days=59):
        watched.tick(min(7, (begun + timedelta(days=59) - watched.world.day).days))
        assert lines_of(watched) == [new, old]
    assert watched.run().is_cosigned
    watched.tick()
    assert lines_of(watched) == [new]
    # The folder still names the old key; the leaf leads to the new one.
    done = watched.run()
    assert done.exit is WitnessExit.FITS and done.is_cosigned and watched.folder.load()[0].log == old
    # A witness of tomorrow compares the new key's fingerprint.
    assert first_look(watched.server()) == new
    other = make_folder(tmp_path / "other", "counsel")
    other.write(replace(other.load()[0], address=watched.world.url, log=new, met=watched.world.day))
    assert watched.run(other, new).is_signed
    keys = httpx.get(f"{watched.world.url}/keys.json").json()["log"]
    assert keys["vkey"] == new.text() and len(keys["keys"]) == 1


def _new_alone(watched: Watched) -> list[bytes]:
    read = plainleaf.read_key_leaf(change_leaf(watched))
    return [replace(read, old_sig=read.new_sig).encode()]


def _old_alone(watched: Watched) -> list[bytes]:
    read = plainleaf.read_key_leaf(change_leaf(watched))
    return [replace(read, new_sig=read.old_sig).encode()]


def _backdated(watched: Watched) -> list[bytes]:
    return [change_leaf(watched, watched.world.day - timedelta(days=1))]


def _twice(watched: Watched) -> list[bytes]:
    return [change_leaf(watched), change_leaf(watched, old=NEW_SEED, new=NEWER_SEED)]


@pytest.mark.parametrize("attack", [_new_alone, _old_alone, _backdated, _twice])
def test_a_change_that_does_not_count_is_told_and_not_cosigned(
    watched: Watched, attack: Callable[[Watched], list[bytes]]
) -> None:
    for leaf in attack(watched):
        plant(watched, leaf, "planted")
    watched.tick()
    if attack is _twice:  # the first of the two counts: the server signs with its key
        _serve_signed_by(watched, NEW_SEED)
    done = watched.run()
    assert [code for code, _text in done.faults][:1] == ["key"], done.faults
    assert not done.is_signed and done.exit is WitnessExit.TROUBLE


def _serve_signed_by(watched: Watched, *seeds: bytes) -> None:
    head = watched.head()
    checkpoint = note.Checkpoint(watched.verifier.name, head.size, head.root)
    served_by(watched, SIGNED, note.sign_checkpoint(checkpoint, *seeds))


def test_the_control_a_right_leaf_that_was_planted_counts(watched: Watched) -> None:
    plant(watched, change_leaf(watched), "planted")
    watched.tick()
    _serve_signed_by(watched, NEW_SEED)
    done = watched.run()
    assert not done.faults or done.faults[0][0] == "refused"
    assert done.is_signed


def test_the_old_key_alone_signs_nothing_that_counts_after_the_change(watched: Watched) -> None:
    """Stolen later, it signs a checkpoint of the true leaves, and no witness takes it."""
    change_key(watched)
    assert watched.run().is_cosigned
    watched.tick()
    _serve_signed_by(watched, first_seed(watched))
    done = watched.run()
    assert ("note", "NoteUnsigned") in done.faults and not done.is_signed
    watched.transport.before = lambda _request: None
    assert watched.run().is_cosigned


def test_a_database_of_before_the_change_is_brought_up_from_a_witness(watched: Watched) -> None:
    world, secret = watched.world, watched.world.settings.server.secret_file
    assert watched.run().is_cosigned
    older = log_rewind.take(world.engine)
    change_key(watched)
    assert watched.run().is_cosigned
    log_rewind.put_back(world.engine, older)
    assert watched.batches().state is LogCondition.AHEAD
    # Without log-head, too: the witness hands in what the new key signed.
    head_path(secret).unlink()
    assert watched.run().exit is WitnessExit.OLDER
    assert watched.tick().state is LogCondition.OTHER
    catch_up(world.engine, secret, read_copy(str(watched.folder.path)))
    assert watched.batches().state is LogCondition.CURRENT
    assert watched.run().is_cosigned
    assert lines_of(watched) == [key_of(watched, NEW_SEED), watched.verifier]


def test_a_secret_file_of_before_the_change_signs_nothing(watched: Watched) -> None:
    secret = watched.world.settings.server.secret_file
    old_file = secret.read_bytes()
    change_key(watched)
    secret.write_bytes(old_file)
    before = watched.head().size
    assert watched.tick().state is LogCondition.KEY and watched.head().size == before
    keep_log_seeds(secret, (NEW_SEED,))
    assert watched.batches().state is LogCondition.CURRENT and watched.head().size > before


def test_a_node_without_the_new_key_makes_no_batch_while_a_change_waits(watched: Watched) -> None:
    plant(watched, change_leaf(watched), "key")
    assert watched.tick().state is LogCondition.KEY


def test_a_change_whose_day_has_its_batch_is_left_waiting(watched: Watched) -> None:
    """After a copy was taken over it may have dropped the batch: `log key start` makes another leaf."""
    plant(watched, change_leaf(watched, watched.world.day - timedelta(days=1)), "key")
    assert watched.tick().state is LogCondition.CURRENT
    with db.reading(watched.world.engine) as conn:
        leaves = store_log.leaves(conn, 0, watched.head().size)
    assert not log_key.chain_of(leaves).changes
