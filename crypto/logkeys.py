"""A case's log keys from its receipt code and a copy of the log alone (docs/format.md, 5.4). No server, no envelope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from crypto.log_errors import BadLeaf, LeafCommitment, LeafOpening
from crypto.logleaf import LeafText, log_key, open_leaf

_EMPTY_EPOCHS: Final = 2
"""Epochs in which nothing opens, behind which no more are tried: a page of before the log made no leaf."""


@dataclass(frozen=True)
class OpenedLeaf:
    """A leaf that a code opens. `index`: its place among the leaves that were given; `key`: the log key that opens it;
    `says`: None for one that its maker spoiled.
    """

    index: int
    key: bytes
    says: LeafText | None


def openings_of(root: bytes, leaves: Collection[bytes]) -> list[OpenedLeaf]:
    """Return what a code opens of some leaves, in their order: also what was written with the codes before it, whose
    log keys the `rekey` leaves hold. `root`: the code's, 32 bytes. Plain leaves may be among them.
    """
    opened: dict[int, OpenedLeaf] = {}
    waiting, tried = [log_key(root)], set[bytes]()
    epoch, empty = 0, 0
    while waiting:
        key = waiting.pop()
        tried.add(key)
        of_key = _opened_by(key, leaves)
        opened |= {leaf.index: leaf for leaf in of_key}
        older = [
            bytes.fromhex(leaf.says.fields[1]) for leaf in of_key if leaf.says and leaf.says.kind == "rekey"
        ]
        # A key is tried once: a chain that leads back to itself ends.
        waiting += [old for old in older if old not in tried]
        if key == log_key(root, epoch):
            empty = 0 if of_key else empty + 1
            epoch += 1
            if empty < _EMPTY_EPOCHS:
                waiting.insert(0, log_key(root, epoch))
    return [opened[index] for index in sorted(opened)]


def _opened_by(key: bytes, leaves: Collection[bytes]) -> list[OpenedLeaf]:
    opened = []
    for index, leaf in enumerate(leaves):
        try:
            opened.append(OpenedLeaf(index, key, open_leaf(key, leaf)))
        except (LeafOpening, LeafCommitment):
            opened.append(OpenedLeaf(index, key, None))
        except BadLeaf:
            continue
    return opened
