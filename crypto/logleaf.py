"""Hidden leaves of the transparency log (docs/format.md, 5.4): made, opened, checked; their tags; dummies.

Nothing is random but in a dummy: the same act makes the same leaf. Each function costs well below a millisecond; the
digests are hashlib's and the curve is libsodium's, without wrappers, for that reason.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from nacl import exceptions
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_scalarmult,
    crypto_scalarmult_base,
)

from crypto.encoding import b2, hex_id
from crypto.errors import LowOrderKey, MisuseError
from crypto.log_errors import LeafCommitment, LeafForeign, LeafLength, LeafOpening, LeafSpoiled

FIXED: Final = 320
"""Bytes of a hidden leaf before its tags."""
TAG: Final = 16
MAX_TAGS: Final = 64
ROOM: Final = 216
"""Bytes that an opening is padded to."""
MAX_EPOCH: Final = 2**32 - 1
_COMMITMENT: Final = slice(0, 32)
_NONCE: Final = slice(32, 56)
_BOX: Final = slice(56, 288)
_EPHEMERAL: Final = slice(288, 320)
_MARK: Final = b"\x80"

_ID: Final = "[0-9a-f]{32}"
_SHA: Final = "[0-9a-f]{64}"
_COUNT: Final = "[1-9][0-9]{0,9}"
KINDS: Final[dict[str, str]] = {
    "report": f"{_ID}\n{_SHA}\n{_SHA}\n",
    "message": f"{_ID}\n{_SHA}\n{_SHA}\n",
    "answer": f"{_ID}\n{_SHA}\n{_ID}\n",
    "status": f"{_ID}\n{_COUNT}\n[a-z][a-z_]{{0,31}}\n{_ID}\n{_SHA}\n",
    "deletion": f"{_ID}\n{_SHA}\n",
    "forget": f"{_ID}\n{_SHA}\n",
    "rekey": f"{_ID}\n{_SHA}\n",
}
"""Kinds of openings: what follows the first line. `access` is reserved."""
WITH_TAGS: Final = frozenset({"report", "message"})
_OPENINGS: Final = {kind: re.compile(f"mybk1/{kind}\n{rest}", re.ASCII) for kind, rest in KINDS.items()}


def log_key(root: bytes, epoch: int = 0) -> bytes:
    """Return the log key Lk (32 bytes) of a code's root (32 bytes). `epoch`: 0 in the report, one more with each key
    that auditors are given later. Raises MisuseError.
    """
    if len(root) != 32 or not 0 <= epoch <= MAX_EPOCH:
        raise MisuseError
    return b2(32, epoch.to_bytes(4, "big"), root, "mybk1-log")


@dataclass(frozen=True)
class LeafText:
    """The text of a hidden leaf. `fields`: the lines behind the first."""

    kind: str
    fields: tuple[str, ...]

    def text(self) -> bytes:
        """Return the opening's bytes. Raises MisuseError for what is none."""
        text = f"mybk1/{self.kind}\n" + "".join(f"{field}\n" for field in self.fields)
        pattern = _OPENINGS.get(self.kind)
        if pattern is None or not pattern.fullmatch(text):
            raise MisuseError
        return text.encode("ascii")

    @property
    def case_id(self) -> str:
        """The case's id, hex."""
        return self.fields[0]


def envelope_opening(kind: str, case_id: bytes, raw_envelope: bytes, last: bytes) -> LeafText:
    """Return the opening of an envelope: kind `report` or `message` (`last`: the envelope hash, 32 bytes), or `answer`
    (`last`: the author's key id, 16 bytes). Raises MisuseError.
    """
    opening = LeafText(kind, (hex_id(case_id), sha256(raw_envelope).hexdigest(), last.hex()))
    opening.text()
    return opening


def status_opening(case_id: bytes, sequence: int, status: str, author: bytes, signed: bytes) -> LeafText:
    """Return the opening of a status. `author`: key id. `signed`: the status text and both signatures behind it
    (docs/format.md, 6). Raises MisuseError.
    """
    fields = (hex_id(case_id), str(sequence), status, hex_id(author), sha256(signed).hexdigest())
    opening = LeafText("status", fields)
    opening.text()
    return opening


def deletion_opening(case_id: bytes, signed: bytes) -> LeafText:
    """Return the opening of a deletion. `signed`: proposal and agreement, each its text and both signatures behind it
    (docs/format.md, 5.4). Raises MisuseError.
    """
    opening = LeafText("deletion", (hex_id(case_id), sha256(signed).hexdigest()))
    opening.text()
    return opening


def rekey_openings(case_id: bytes, old_keys: Iterable[bytes]) -> list[LeafText]:
    """Return the openings by which a new code reaches what was written before it. `old_keys`: the log keys of the code
    that was given up, 32 bytes each. Raises MisuseError.
    """
    openings = [LeafText("rekey", (hex_id(case_id), key.hex())) for key in old_keys]
    for opening in openings:
        opening.text()
    return openings


def forget_opening(case_id: bytes, signed: bytes) -> LeafText:
    """Return the opening of forgetting. `signed`: the `forget` text and the signature behind it (docs/format.md, 6)."""
    return LeafText("forget", (hex_id(case_id), sha256(signed).hexdigest()))


def read_opening(text: bytes) -> LeafText:
    """Return an opening. Raises LeafOpening."""
    try:
        said = text.decode("ascii")
    except UnicodeDecodeError:
        raise LeafOpening from None
    for kind, pattern in _OPENINGS.items():
        if pattern.fullmatch(said):
            return LeafText(kind, tuple(said.split("\n")[1:-1]))
    raise LeafOpening


@dataclass(frozen=True, order=True)
class Reader:
    """A card that has a place in a leaf: key id (16 bytes) and box key (32)."""

    key_id: bytes
    box_pk: bytes


def _curve(secret: bytes, public: bytes) -> bytes:
    try:
        return bytes(crypto_scalarmult(secret, public))
    except exceptions.RuntimeError:
        raise LowOrderKey from None


def _tag(shared: bytes, bound: bytes, envelope_sha256: bytes) -> bytes:
    """`bound`: C ‖ e_pk ‖ box_pk."""
    there = b2(8, bound, shared, "mybk1-logtag")
    return there + b2(8, bound + envelope_sha256, shared, "mybk1-logbind")


def blinding(key: bytes, text: bytes) -> bytes:
    """Return b (32 bytes): with it and the opening anybody checks the commitment."""
    return b2(32, text, key, "mybk1-logblind")


def commitment(b: bytes, text: bytes) -> bytes:
    """Return C, 32 bytes, of a blinding and an opening's text."""
    return sha256(b"mybk1/leaf\n" + b + text).digest()


def make(key: bytes, opening: LeafText, readers: Collection[Reader]) -> bytes:
    """Return the hidden leaf of an opening. `key`: Lk. `readers`: those of the newest day leaf's list, in any order.

    Raises MisuseError, LowOrderKey.
    """
    text, places = opening.text(), sorted(readers)
    if len(key) != 32 or len(places) > MAX_TAGS or len({place.key_id for place in places}) != len(places):
        raise MisuseError
    c = commitment(blinding(key, text), text)
    nonce = b2(24, text, key, "mybk1-lognonce")
    secret = b2(32, text, key, "mybk1-logeph")
    e_pk = bytes(crypto_scalarmult_base(secret))
    padded = (text + _MARK).ljust(ROOM, b"\0")
    box_key = b2(32, b"", key, "mybk1-logbox")
    box = crypto_aead_xchacha20poly1305_ietf_encrypt(padded, c, nonce, box_key)
    if opening.kind in WITH_TAGS:
        digest = bytes.fromhex(opening.fields[1])
        tags = [_tag(_curve(secret, place.box_pk), c + e_pk + place.box_pk, digest) for place in places]
    else:
        tags = [b2(TAG, text + place.key_id, key, "mybk1-logfill") for place in places]
    return b"".join((c, nonce, box, e_pk, *tags))


def dummy(tags: int) -> bytes:
    """Return a leaf that nobody can tell from one that says something. `tags`: how many places it has."""
    if not 0 <= tags <= MAX_TAGS:
        raise MisuseError
    e_pk = bytes(crypto_scalarmult_base(secrets.token_bytes(32)))
    return secrets.token_bytes(_EPHEMERAL.start) + e_pk + secrets.token_bytes(TAG * tags)


def length(tags: int) -> int:
    """Return the length of a hidden leaf with so many tags."""
    return FIXED + TAG * tags


def tags_of(leaf: bytes) -> list[bytes]:
    """Return a hidden leaf's tags. Raises LeafLength."""
    rest = len(leaf) - FIXED
    if rest < 0 or rest % TAG or rest > TAG * MAX_TAGS:
        raise LeafLength
    return [leaf[at : at + TAG] for at in range(FIXED, len(leaf), TAG)]


def open_leaf(key: bytes, leaf: bytes) -> LeafText:
    """Return what a leaf says to the holder of its log key.

    Raises LeafLength; LeafForeign where it does not open (any other leaf, or a dummy); LeafOpening, LeafCommitment for
    one that its maker spoiled.
    """
    tags_of(leaf)
    c, nonce, box = leaf[_COMMITMENT], leaf[_NONCE], leaf[_BOX]
    try:
        padded = crypto_aead_xchacha20poly1305_ietf_decrypt(box, c, nonce, b2(32, b"", key, "mybk1-logbox"))
    except exceptions.CryptoError:
        raise LeafForeign from None
    text, mark, zeros = bytes(padded).rpartition(_MARK)
    if not mark or any(zeros):
        raise LeafOpening
    opening = read_opening(text)
    if not hmac.compare_digest(commitment(blinding(key, text), text), c):
        raise LeafCommitment
    return opening


def check_leaf(key: bytes, leaf: bytes, readers: Collection[Reader]) -> LeafText:
    """Return what a leaf says, and make sure that every byte of it follows from that.

    Raises what `open_leaf` raises, and LeafSpoiled: then it counts for nothing.
    """
    opening = open_leaf(key, leaf)
    if not hmac.compare_digest(make(key, opening, readers), leaf):
        raise LeafSpoiled
    return opening


def check_opening(leaf: bytes, b: bytes, text: bytes) -> LeafText:
    """Return what a leaf says, shown by its blinding and its opening and without the log key.

    Raises LeafLength, LeafCommitment, LeafOpening.
    """
    tags_of(leaf)
    if len(b) != 32 or not hmac.compare_digest(commitment(b, text), leaf[_COMMITMENT]):
        raise LeafCommitment
    return read_opening(text)


@dataclass(frozen=True)
class Bell:
    """A leaf's tag for a card: a report or message is there for it. `bound`: what `fits` compares envelopes with."""

    _shared: bytes
    _bound: bytes
    _second: bytes

    def fits(self, envelope_sha256: bytes) -> bool:
        """Tell whether an envelope (its SHA-256, 32 bytes) is the one that the leaf was made for."""
        expected = _tag(self._shared, self._bound, envelope_sha256)[TAG // 2 :]
        return hmac.compare_digest(expected, self._second)


def find_bell(leaf: bytes, box_sk: bytes, box_pk: bytes) -> Bell | None:
    """Return a card's tag in a leaf, at whatever place; None where there is none. Raises LeafLength.

    A dummy has one with a chance of 2^-58 at most.
    """
    tags = tags_of(leaf)
    e_pk = leaf[_EPHEMERAL]
    try:
        shared = bytes(crypto_scalarmult(box_sk, e_pk))
    except exceptions.RuntimeError:
        return None
    bound = leaf[_COMMITMENT] + e_pk + box_pk
    there = b2(8, bound, shared, "mybk1-logtag")
    for tag in tags:
        if hmac.compare_digest(tag[:8], there):
            return Bell(shared, bound, tag[8:])
    return None


def readers_of(cards: Sequence[tuple[bytes, bytes]]) -> list[Reader]:
    """Return the places of cards, given as key id and box key, in their order in a leaf."""
    return sorted(Reader(key_id, box_pk) for key_id, box_pk in cards)
