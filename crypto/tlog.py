"""The tree of the transparency log and its proofs (docs/format.md, 5.1; RFC 6962, RFC 9162).

Hashes are 32 bytes each; sizes and indexes count leaves from 0 on. Nothing here knows what a leaf holds.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from crypto.errors import MisuseError
from crypto.log_errors import ProofMalformed, ProofWrong

HASH_BYTES: Final = 32
MAX_SIZE: Final = 2**63 - 1
"""The largest size that a checkpoint can name (C2SP)."""
EMPTY_ROOT: Final = sha256(b"").digest()
TILE: Final = 256
"""Hashes of a full tile, entries of a full bundle."""
MAX_LEAF: Final = 2**16 - 1


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the nodes above complete pairs; a last one without a sibling is left out."""
    return [sha256(b"\1" + hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes) - 1, 2)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tree, from its leaves' hashes in order."""
    peaks: list[bytes] = []
    level = list(hashes)
    while level:
        if len(level) % 2:
            peaks.append(level[-1])
        level = parents(level)
    return _bagged(peaks)


def _bagged(peaks: Sequence[bytes]) -> bytes:
    """Return the root above complete subtrees, the smallest (rightmost) first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[0]
    for peak in peaks[1:]:
        root = node_hash(peak, root)
    return root


class Frontier:
    """A tree that only grows: its size and the complete subtrees of it, which give the root."""

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        """Begin with leaves' hashes in order."""
        self.size = 0
        self._peaks: list[bytes] = []
        for leaf in hashes:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add one leaf's hash."""
        at, node = self.size, leaf
        while at & 1:
            node = node_hash(self._peaks.pop(), node)
            at >>= 1
        self._peaks.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root of the tree at its present size."""
        return _bagged(self._peaks[::-1])


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at `index` is in the tree of these leaves' hashes, its sibling first.

    Raises MisuseError for an index outside it.
    """
    if not 0 <= index < len(hashes):
        raise MisuseError
    proof: list[bytes] = []
    first, size = 0, len(hashes)
    while size > 1:
        left = _split(size)
        if index - first < left:
            proof.append(root_of(hashes[first + left : first + size]))
            size = left
        else:
            proof.append(root_of(hashes[first : first + left]))
            first, size = first + left, size - left
    return proof[::-1]


def consistency_proof(hashes: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree of these leaves' hashes extends that of the first `old` of them.

    Empty for 0 and for the same size. Raises MisuseError for an old size above the new one.
    """
    if not 0 <= old <= len(hashes):
        raise MisuseError
    if old in (0, len(hashes)):
        return []
    proof: list[bytes] = []
    first, size, is_whole = 0, len(hashes), True
    while old - first != size:
        left = _split(size)
        if old - first <= left:
            proof.append(root_of(hashes[first + left : first + size]))
            size = left
        else:
            proof.append(root_of(hashes[first : first + left]))
            first, size, is_whole = first + left, size - left, False
    if not is_whole:
        proof.append(root_of(hashes[first : first + size]))
    return proof[::-1]


def _same(left: bytes, right: bytes) -> None:
    if not hmac.compare_digest(left, right):
        raise ProofWrong


def _all_hashes(*hashes: bytes) -> None:
    if any(len(part) != HASH_BYTES for part in hashes):
        raise ProofWrong


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofWrong unless a leaf's hash is at `index` in the tree of `size` leaves with this root."""
    _all_hashes(leaf, root, *proof)
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofWrong
    at, last, node = index, size - 1, leaf
    for sibling in proof:
        if not last:
            raise ProofWrong
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofWrong
    _same(node, root)


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofWrong unless the tree of `size` leaves extends the one of `old` leaves, 1 or more.

    Both sizes come from checkpoints that are signed: the hashes alone do not bind them. Every tree extends the empty
    one: ask for that before (a witness has no proof for it).
    """
    if not 0 < old <= size <= MAX_SIZE or (old == size and proof):
        raise ProofWrong
    if old == size:
        _same(old_root, root)
        return
    _all_hashes(old_root, root, *proof)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise ProofWrong
    before = after = path[0]
    for sibling in path[1:]:
        if not last:
            raise ProofWrong
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofWrong
    _same(before, old_root)
    _same(after, root)


# Tiles (C2SP tlog-tiles): what a static copy of the log consists of.


def tile_path(level: int, number: int, width: int = TILE) -> str:
    """Return the path of a hash tile, below the log's address; level -1: the bundle of entries."""
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    name = "entries" if level < 0 else str(level)
    return f"tile/{name}/{'/'.join(groups)}" + ("" if width == TILE else f".p/{width}")


def tile_paths(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, number and width of each hash tile of a tree, the lowest level first; none is empty."""
    level, count = 0, size
    while count:
        for number in range(-(-count // TILE)):
            yield level, number, min(TILE, count - number * TILE)
        level, count = level + 1, count // TILE


def tile_hashes(hashes: Sequence[bytes], level: int) -> list[bytes]:
    """Return the hashes of a level of tiles, from the leaves' hashes in order."""
    at = list(hashes)
    for _ in range(8 * level):
        at = parents(at)
    return at


def entry_bundle(leaves: Iterable[bytes]) -> bytes:
    """Return leaves as a bundle holds them: u16 length and bytes of each. Raises MisuseError for a longer one."""
    parts = list(leaves)
    if any(len(leaf) > MAX_LEAF for leaf in parts):
        raise MisuseError
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in parts)


def bundle_entries(raw: bytes) -> list[bytes]:
    """Return the leaves of a bundle. Raises ProofMalformed where its lengths do not fill it exactly."""
    leaves: list[bytes] = []
    at = 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise ProofMalformed
        leaves.append(raw[at + 2 : end])
        at = end
    return leaves
