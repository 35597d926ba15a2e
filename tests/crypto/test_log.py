"""The log's tree, proofs, notes and leaves beside the vectors: against a plain reading of RFC 6962, and by property."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import logleaf, logproof, note, plainleaf, tlog
from crypto.errors import CryptoError, MisuseError
from crypto.identity import from_seed
from crypto.log_errors import LeafForeign, ProofMalformed, ProofWrong
from crypto.messages import public_key
from tests.support.randomness import chi_square

HASHES = [tlog.leaf_hash(f"leaf {number}".encode()) for number in range(70)]
LOG_SEED = bytes([1]) * 32
WITNESS_SEEDS = [bytes([number]) * 32 for number in (2, 3, 4)]
LOG = note.verifier_key("meyasubako/test", note.ED25519, public_key(LOG_SEED))
WITNESSES = [
    note.verifier_key(f"witness{number}", note.COSIGNATURE, public_key(seed))
    for number, seed in enumerate(WITNESS_SEEDS)
]


def plain_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return sha256(b"\1" + plain_root(hashes[:left]) + plain_root(hashes[left:])).digest()


ROOTS = [plain_root(HASHES[:size]) for size in range(len(HASHES) + 1)]


def test_the_root_is_the_one_of_the_plain_reading() -> None:
    frontier = tlog.Frontier()
    for size, root in enumerate(ROOTS):
        assert tlog.root_of(HASHES[:size]) == root == frontier.root
        if size < len(HASHES):
            frontier.append(HASHES[size])


def test_every_proof_holds_for_its_numbers_and_for_no_others() -> None:
    for size in range(1, len(HASHES) + 1):
        for index in range(size):
            proof = tlog.inclusion_proof(HASHES[:size], index)
            tlog.check_inclusion(HASHES[index], index, size, proof, ROOTS[size])
            with pytest.raises(ProofWrong):
                tlog.check_inclusion(HASHES[index], index + 1, size, proof, ROOTS[size])
        for old in range(1, size + 1):
            proof = tlog.consistency_proof(HASHES[:size], old)
            tlog.check_consistency(old, ROOTS[old], size, ROOTS[size], proof)
            with pytest.raises(ProofWrong):
                tlog.check_consistency(old, ROOTS[old - 1], size, ROOTS[size], proof)


def test_a_consistency_proof_is_for_no_other_shape_of_tree() -> None:
    """A checker that forgets the second size takes one proof for all. (Trees of 9 to 16 leaves have one shape here.)"""
    proof = tlog.consistency_proof(HASHES[:13], 5)
    for size in range(6, 70):
        if size not in range(9, 17):
            with pytest.raises(ProofWrong):
                tlog.check_consistency(5, ROOTS[5], size, ROOTS[13], proof)


def test_proofs_outside_the_tree_are_the_callers_mistake() -> None:
    for hashes, index in ((HASHES[:3], 3), ([], 0)):
        with pytest.raises(MisuseError):
            tlog.inclusion_proof(hashes, index)
    with pytest.raises(MisuseError):
        tlog.consistency_proof(HASHES[:3], 4)
    assert tlog.consistency_proof(HASHES, 0) == []


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_give_their_leaves_back(leaves: list[bytes]) -> None:
    raw = tlog.entry_bundle(leaves)
    assert tlog.bundle_entries(raw) == leaves
    if leaves:
        with pytest.raises(ProofMalformed):
            tlog.bundle_entries(raw + b"\0")


@given(st.integers(0, 70_000))
def test_tiles_hold_each_hash_once(size: int) -> None:
    tiles = list(tlog.tile_paths(size))
    assert len({tlog.tile_path(*tile) for tile in tiles}) == len(tiles)
    assert sum(width for level, _, width in tiles if level == 0) == size
    assert all(1 <= width <= 256 for _, _, width in tiles)
    for level in (1, 2):
        assert sum(width for at, _, width in tiles if at == level) == size // 256**level


def test_a_tile_of_level_one_is_the_roots_of_those_below() -> None:
    hashes = [tlog.leaf_hash(bytes([number % 256, number // 256])) for number in range(600)]
    assert tlog.tile_hashes(hashes, 1) == [plain_root(hashes[:256]), plain_root(hashes[256:512])]


def _proof_file() -> tuple[str, bytes]:
    text = note.sign_checkpoint(note.Checkpoint(LOG.name, 17, ROOTS[17]), LOG_SEED)
    body = note.read_note(text).text
    lines = [note.cosign(body, f"witness{at}", seed, 1795629600) for at, seed in enumerate(WITNESS_SEEDS)]
    proof = tlog.inclusion_proof(HASHES[:17], 3)
    return logproof.proof_file(3, proof, note.with_lines(text, lines)), b"leaf 3"


def test_every_flipped_bit_of_a_proof_file_costs_a_signature_or_all_of_it() -> None:
    text, leaf = _proof_file()
    raw = text.encode()
    assert len(logproof.check_proof(text, leaf, LOG, WITNESSES)[1].cosigned) == 3
    for place in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        try:
            said = bytes(flipped).decode()
            _, signed = logproof.check_proof(said, leaf, LOG, WITNESSES)
        except (CryptoError, UnicodeDecodeError):
            continue
        assert len(signed.cosigned) < 3, place


def test_a_key_under_two_names_counts_once() -> None:
    twice = note.verifier_key("another", note.COSIGNATURE, WITNESSES[0].pk)
    text = note.sign_checkpoint(note.Checkpoint(LOG.name, 17, ROOTS[17]), LOG_SEED)
    body = note.read_note(text).text
    lines = [note.cosign(body, name, WITNESS_SEEDS[0], 1) for name in ("witness0", "another")]
    signed = note.read_checkpoint(note.with_lines(text, lines), LOG, [WITNESSES[0], twice])
    assert len(signed.cosigned) == 1
    assert note.with_lines(note.with_lines(text, lines), lines) == note.with_lines(text, lines)


# Leaves

ROOT = bytes(range(32))
KEY = logleaf.log_key(ROOT)
CARDS = [from_seed(bytes([number]) * 32) for number in range(1, 6)]
READERS = [logleaf.Reader(card.key_id, card.box_pk) for card in CARDS]
IDS, DIGESTS = st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32)
WORDS = st.from_regex(r"[a-z][a-z_]{0,31}", fullmatch=True)


@st.composite
def openings(draw: st.DrawFn) -> logleaf.LeafText:
    kind = draw(st.sampled_from(sorted(logleaf.KINDS)))
    case, other, digest, last = (draw(part) for part in (IDS, IDS, DIGESTS, DIGESTS))
    if kind == "status":
        sequence, word = draw(st.integers(1, 2**32 - 1)), draw(WORDS)
        return logleaf.status_opening(case, sequence, word, other, digest)
    rest = {
        "report": (digest.hex(), last.hex()),
        "message": (digest.hex(), last.hex()),
        "answer": (digest.hex(), other.hex()),
    }
    return logleaf.LeafText(kind, (case.hex(), *rest.get(kind, (digest.hex(),))))


@settings(max_examples=60)
@given(openings(), st.integers(0, 5), st.integers(0, 2**32 - 1))
def test_a_leaf_says_what_it_was_made_of_and_a_repeat_is_the_same(
    opening: logleaf.LeafText, count: int, epoch: int
) -> None:
    key, readers = logleaf.log_key(ROOT, epoch), READERS[:count]
    leaf = logleaf.make(key, opening, readers)
    assert leaf == logleaf.make(key, opening, readers[::-1]) and len(leaf) == logleaf.length(count)
    assert logleaf.check_leaf(key, leaf, readers) == opening
    shown = logleaf.check_opening(leaf, logleaf.blinding(key, opening.text()), opening.text())
    assert shown == opening
    with pytest.raises(LeafForeign):
        logleaf.open_leaf(logleaf.log_key(ROOT, epoch ^ 1), leaf)
    rings = [logleaf.find_bell(leaf, card.box_sk, card.box_pk) is not None for card in CARDS]
    assert rings == [opening.kind in logleaf.WITH_TAGS and at < count for at in range(5)]


def test_a_tag_says_which_envelope_also_to_a_card_that_was_excluded() -> None:
    """Nothing of the tag depends on who can open the envelope."""
    opening = logleaf.envelope_opening("report", bytes(16), b"an envelope", bytes(32))
    leaf = logleaf.make(KEY, opening, READERS)
    for card in CARDS:
        bell = logleaf.find_bell(leaf, card.box_sk, card.box_pk)
        assert bell is not None
        assert bell.fits(sha256(b"an envelope").digest()) and not bell.fits(sha256(b"another").digest())


def test_no_dummy_rings_and_none_is_told_from_a_leaf_by_its_bytes() -> None:
    card = CARDS[0]
    dummies = [logleaf.dummy(5) for _ in range(2000)]
    assert not [leaf for leaf in dummies if logleaf.find_bell(leaf, card.box_sk, card.box_pk)]
    made = [
        logleaf.make(KEY, logleaf.LeafText("forget", (secrets.token_hex(16), secrets.token_hex(32))), READERS)
        for _ in range(2000)
    ]
    planted = [b"mybk1/forget\n" + leaf[13:] for leaf in made]
    # 255 degrees of freedom: 99.99 % lie below 346. The control, plain text in front, is far above.
    assert chi_square(dummies) < 346 and chi_square(made) < 346
    assert chi_square(planted) > 1000
    for leaf in (*dummies[:50], *made[:50]):
        assert leaf[319] < 128, "a public key has its highest bit clear"


# Plain leaves


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)), st.integers(0, 2**40), st.integers(0, 99), DIGESTS)
def test_a_day_leaf_gives_its_numbers_back(day: date, first: int, plain: int, digest: bytes) -> None:
    leaf = plainleaf.DayLeaf(day, first, plain, 16, digest, digest)
    assert plainleaf.read_day(leaf.encode()) == leaf
    assert leaf.end == first + 17 + plain


@given(st.integers(0, 200), st.sampled_from(plainleaf.HIDDEN_A_DAY))
def test_a_batch_holds_all_acts_in_the_smallest_multiple(acts: int, least: int) -> None:
    size = plainleaf.batch_size(acts, least)
    assert size >= max(acts, least) and size % least == 0 and size - least < max(acts, 1)


@given(st.integers(0, 10**10))
def test_a_cosignature_says_the_last_batch_and_its_day_is_over(seconds: int) -> None:
    time, day = note.last_batch_time(seconds), plainleaf.day_of_batch(seconds)
    assert time <= seconds < time + 86400 and (time + 9 * 3600) % 86400 == 3 * 3600
    assert day + timedelta(days=1) == date(1970, 1, 1) + timedelta(days=(time + 9 * 3600) // 86400)
