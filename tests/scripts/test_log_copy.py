"""A page reads logs of several sizes from tiles alone, finds days, makes proofs, and takes nothing that was changed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from crypto import logbatch, logleaf, logproof, note, plainleaf, tlog
from crypto.encoding import b64e
from tests.scripts.bundle import in_node

SALT, SEED, RULE = bytes(range(16)), bytes([0x51]) * 32, "the rule\n"
LOG = logbatch.log_verifier(SALT, SEED)
POLICY = f"log {LOG.text()}\nquorum none\n"
FIRST = date(2026, 1, 1)
TAGS = 2


def leaves_of(days: int, busy: int = -1, gap: int = -1) -> list[bytes]:
    """A log of so many days. `busy`: a day with many acts; `gap`: a day after which one has no batch."""
    leaves = logbatch.founding_leaves(SALT, SEED, 16, RULE)
    for number in range(days):
        day = FIRST + timedelta(days=number + (number > gap >= 0))
        acts = [logleaf.dummy(TAGS) for _ in range(600 if number == busy else 0)]
        made = logbatch.NewBatch(day, len(leaves), [], acts, TAGS, bytes(32), POLICY, RULE)
        leaves += made.leaves(16)
    return leaves


def served(leaves: list[bytes]) -> dict[str, bytes]:
    """What a site serves of a log, by path."""
    hashes = [tlog.leaf_hash(leaf) for leaf in leaves]
    checkpoint = note.Checkpoint(LOG.name, len(leaves), tlog.root_of(hashes))
    files = {
        "checkpoint": note.sign_checkpoint(checkpoint, logbatch.log_seed(SEED)).encode(),
        "policy": POLICY.encode(),
        "rule": RULE.encode(),
        "witnesses": b"[]",
    }
    for level, number, width in tlog.tile_paths(len(leaves)):
        row = tlog.tile_hashes(hashes, level)[number * 256 : number * 256 + width]
        files[tlog.tile_path(level, number, width)] = b"".join(row)
        if level == 0:
            part = leaves[number * 256 : number * 256 + width]
            files[tlog.tile_path(-1, number, width)] = tlog.entry_bundle(part)
    return files


def read(bundle: Path, files: dict[str, bytes], days: list[date], indexes: list[int]) -> Any:
    given = {
        "files": {path: b64e(raw) for path, raw in files.items()},
        "salt": SALT.hex(),
        "vkey": LOG.text(),
        "hidden": 16,
        "days": [day.isoformat() for day in days],
        "indexes": indexes,
    }
    return in_node(bundle, "logCopy", given)


@pytest.mark.parametrize(("days", "busy", "gap"), [(0, -1, -1), (1, -1, -1), (15, -1, -1), (90, 40, 60)])
def test_days_are_found_and_proofs_hold(tests_bundle: Path, days: int, busy: int, gap: int) -> None:
    leaves = leaves_of(days, busy, gap)
    batches = {
        batch.day.day: [batch.first, len(batch.plain), len(batch.hidden)]
        for batch in plainleaf.read_batches(leaves, 16)
        if batch.day
    }
    asked = [FIRST + timedelta(days=number) for number in range(-2, days + 3)]
    indexes = sorted({0, len(leaves) // 2, len(leaves) - 1, *range(250, min(260, len(leaves)))})
    told = read(tests_bundle, served(leaves), asked, indexes)
    assert told["days"] == [batches.get(day) for day in asked]
    assert told["newest"] == (max(batches).isoformat() if batches else "") and told["texts"]
    for index, text in zip(indexes, told["proofs"], strict=True):
        proof, _signed = logproof.check_proof(text, leaves[index], LOG)
        assert proof.index == index and proof.extra is not None and proof.extra[2:] == leaves[index]
    # One day alone: few bundles, whatever the log's size.
    few = read(tests_bundle, served(leaves), [FIRST + timedelta(days=2)], [])["asked"]
    assert len([path for path in few if "entries" in path]) <= 4


def test_nothing_that_was_changed_is_taken(tests_bundle: Path) -> None:
    """One byte of each file in turn; the control is the log as it is."""
    leaves = leaves_of(32)
    files, days = served(leaves), [FIRST + timedelta(days=number) for number in (1, 14, 15, 16, 31)]
    whole = read(tests_bundle, files, days, [0, 300])
    assert isinstance(whole, dict)
    needed = {path for path in whole["asked"] if path not in ("witnesses", "rule", "policy")}
    assert {path.split("/")[1] for path in needed if "/" in path} == {"0", "1", "entries"}
    for path in sorted(needed):
        raw = bytearray(files[path])
        raw[len(raw) // 2] ^= 1
        told = read(tests_bundle, {**files, path: bytes(raw)}, days, [0, 300])
        assert told in {
            "ProofWrong",
            "ProofMalformed",
            "NoteSignatureWrong",
            "NoteMalformed",
            "NoteUnsigned",
            "CheckpointMalformed",
            "CheckpointOrigin",
        }, path
    other = {**files, "rule": b"another rule\n"}
    assert read(tests_bundle, other, days, [])["texts"] is False
