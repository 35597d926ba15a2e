"""Signed notes, checkpoints and cosignatures (docs/format.md, 5.2; C2SP signed-note, tlog-checkpoint,
tlog-cosignature).

Base64 here is the standard alphabet with padding, one spelling only; everywhere else it is base64url without.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from crypto.errors import MisuseError, SignatureWrong
from crypto.log_errors import (
    BadNote,
    CheckpointMalformed,
    CheckpointOrigin,
    NoteMalformed,
    NoteSignatureWrong,
    NoteUnsigned,
    VerifierKeyMalformed,
)
from crypto.messages import public_key, sign, verify
from crypto.tlog import EMPTY_ROOT, HASH_BYTES, MAX_SIZE

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
"""Types of keys: a log's, a witness's. Others (0x06 is ML-DSA-44) are unknown here: their lines are passed over."""
MAX_SIGNATURES: Final = 64
MAX_NOTE: Final = 1_000_000
"""Bytes of a note that a reader looks at."""
TIME_BYTES: Final = 8
MAX_TIME: Final = 2**63 - 1
_DASH: Final = "\u2014 "
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]+\Z")
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def std_encode(raw: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def std_decode(text: str, error: type[BadNote] = NoteMalformed) -> bytes:
    """Return the bytes of standard base64 with padding, in its one spelling. Raises `error`."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise error from None
    if std_encode(raw) != text:
        raise error
    return raw


def number(text: str) -> int | None:
    """Return a decimal from 0 to 2^63 - 1 without leading zeros; None for any other text."""
    value = int(text) if _NUMBER.match(text) else None
    return value if value is not None and value <= MAX_SIZE else None


@dataclass(frozen=True, order=True)
class VerifierKey:
    """A public key under a name: a log's (type 0x01) or a witness's (type 0x04)."""

    name: str
    key_type: int
    pk: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which a signature line names the key."""
        return sha256(f"{self.name}\n".encode() + bytes([self.key_type]) + self.pk).digest()[:4]

    def text(self) -> str:
        """Return the key as it is written down (a vkey)."""
        return f"{self.name}+{self.key_id.hex()}+{std_encode(bytes([self.key_type]) + self.pk)}"


def verifier_key(name: str, key_type: int, pk: bytes) -> VerifierKey:
    """Return a key under a name. Raises MisuseError for what can't be one."""
    if not _NAME.match(name) or key_type not in (ED25519, COSIGNATURE) or len(pk) != 32:
        raise MisuseError
    return VerifierKey(name, key_type, pk)


def read_key(text: str) -> VerifierKey:
    """Return the key of a vkey. Raises VerifierKeyMalformed, also for a type that is unknown here."""
    parts = text.split("+", 2)  # base64 has "+" too
    if len(parts) != 3 or not _KEY_ID.match(parts[1]):
        raise VerifierKeyMalformed
    raw = std_decode(parts[2], VerifierKeyMalformed)
    try:
        key = verifier_key(parts[0], raw[0] if raw else 0, raw[1:])
    except MisuseError:
        raise VerifierKeyMalformed from None
    if key.key_id.hex() != parts[1]:
        raise VerifierKeyMalformed
    return key


@dataclass(frozen=True)
class SignatureLine:
    """A signature line: the name, the key id (4 bytes) and what follows."""

    name: str
    key_id: bytes
    signature: bytes

    def text(self) -> str:
        """Return the line with its line feed."""
        return f"{_DASH}{self.name} {std_encode(self.key_id + self.signature)}\n"


def read_line(text: str) -> SignatureLine:
    """Return a signature line, given without its line feed. Raises NoteMalformed."""
    name, space, encoded = text.removeprefix(_DASH).partition(" ")
    if not text.startswith(_DASH) or not space or not _NAME.match(name):
        raise NoteMalformed
    raw = std_decode(encoded)
    if len(raw) < 5:
        raise NoteMalformed
    return SignatureLine(name, raw[:4], raw[4:])


@dataclass(frozen=True)
class Note:
    """A note whose signatures nobody has checked yet."""

    text: str
    lines: tuple[SignatureLine, ...]

    def encode(self) -> str:
        """Return the note as it is written down."""
        return self.text + "\n" + "".join(line.text() for line in self.lines)


def read_note(note: str) -> Note:
    """Return a note's text and lines. Raises NoteMalformed."""
    text, empty, signatures = note.rpartition("\n\n")
    if (
        not empty
        or not text
        or not signatures.endswith("\n")
        or len(note) > MAX_NOTE
        or _CONTROL.search(note)
    ):
        raise NoteMalformed
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteMalformed
    return Note(text + "\n", tuple(read_line(line) for line in lines))


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _check_line(line: SignatureLine, key: VerifierKey, text: str) -> int:
    """Return a cosignature's time, 0 for a log's signature. Raises NoteSignatureWrong."""
    try:
        if key.key_type == ED25519:
            verify(key.pk, text.encode(), line.signature)
            return 0
        time = int.from_bytes(line.signature[:TIME_BYTES], "big")
        if not 0 < time <= MAX_TIME:
            raise NoteSignatureWrong
        verify(key.pk, _cosigned(text, time), line.signature[TIME_BYTES:])
    except SignatureWrong:
        raise NoteSignatureWrong from None
    return time


def signers(note: Note, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
    """Return which of these keys signed a note, with the cosignature's time (0 for a log's signature).

    Lines of other keys are passed over. Raises NoteSignatureWrong where a line of a known key does not hold.
    """
    known = {(key.name, key.key_id): key for key in keys}
    signed: dict[VerifierKey, int] = {}
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is not None:
            time = _check_line(line, key, note.text)
            signed.setdefault(key, time)
    return signed


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: how many leaves, and the root above them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return what is signed. Raises MisuseError for what no checkpoint can say."""
        if not _NAME.match(self.origin) or not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise MisuseError
        return f"{self.origin}\n{self.size}\n{std_encode(self.root)}\n"


def checkpoint_of(text: str, origin: str) -> Checkpoint:
    """Return the checkpoint that a note's text is. Raises CheckpointMalformed, CheckpointOrigin."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise CheckpointMalformed
    size, root = number(lines[1]), std_decode(lines[2], CheckpointMalformed)
    if size is None or len(root) != HASH_BYTES or (size == 0 and root != EMPTY_ROOT):
        raise CheckpointMalformed
    if lines[0] != origin:
        raise CheckpointOrigin
    return Checkpoint(lines[0], size, root)


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint that the log's key signed, and which witnesses cosigned it, each with its time."""

    checkpoint: Checkpoint
    note: str
    cosigned: Mapping[VerifierKey, int]


@dataclass(frozen=True)
class LogKeys:
    """The keys of one log, oldest first: each with the first size (leaves) of the checkpoints that it has to sign."""

    keys: tuple[tuple[int, VerifierKey], ...]

    @property
    def all(self) -> tuple[VerifierKey, ...]:
        """Every key that the log ever had."""
        return tuple(key for _since, key in self.keys)

    @property
    def newest(self) -> VerifierKey:
        """The key that signs now."""
        return self.keys[-1][1]

    def at(self, size: int) -> VerifierKey:
        """Return the key that has to sign a checkpoint of this size."""
        return [key for since, key in self.keys if since <= size][-1]

    def trusted_by(self, pinned: VerifierKey) -> LogKeys:
        """Return these keys where a reader knows one of them, else the reader's own key alone."""
        return self if pinned in self.all else LogKeys(((0, pinned),))


def read_checkpoint(
    note: str, log: VerifierKey | LogKeys, witnesses: Sequence[VerifierKey] = (), origin: str = ""
) -> SignedCheckpoint:
    """Return a checkpoint of this log. `log`: its key, or all that it had: then the one that its size asks for has to
    have signed, and a line of another one has to hold. `origin`: the log key's name unless given.

    Raises NoteMalformed, CheckpointMalformed, CheckpointOrigin, NoteSignatureWrong, NoteUnsigned. One witness key
    counts once, under whatever names it is listed.
    """
    read = read_note(note)
    known = log if isinstance(log, LogKeys) else LogKeys(((0, log),))
    signed = signers(read, [*known.all, *witnesses])
    if not signed.keys() & set(known.all):
        raise NoteUnsigned
    checkpoint = checkpoint_of(read.text, origin or known.newest.name)
    if known.at(checkpoint.size) not in signed:
        raise NoteUnsigned
    cosigned: dict[VerifierKey, int] = {}
    for key, time in signed.items():
        if key not in known.all and key.pk not in {other.pk for other in cosigned}:
            cosigned[key] = time
    return SignedCheckpoint(checkpoint, note, cosigned)


def signed_text(text: str, name: str, seed: bytes) -> SignatureLine:
    """Return a log's signature line over a note's text. `seed`: Ed25519, 32 bytes."""
    key = verifier_key(name, ED25519, public_key(seed))
    return SignatureLine(name, key.key_id, sign(seed, text.encode()))


def sign_checkpoint(checkpoint: Checkpoint, *seeds: bytes) -> str:
    """Return the note of a checkpoint, signed by the log's key under the origin's name. `seeds`: 32 bytes each, the
    newest key's first; more than one while a changed key has two lines.
    """
    text = checkpoint.text()
    return Note(text, tuple(signed_text(text, checkpoint.origin, seed) for seed in seeds)).encode()


def cosign(text: str, name: str, seed: bytes, time: int) -> SignatureLine:
    """Return a witness's line over a checkpoint's text. `time`: seconds since 1970, UTC, above 0.

    Ours is the last 03:00 of Japan (docs/format.md, 5.2): a true time would tell when somebody works.
    """
    if not 0 < time <= MAX_TIME:
        raise MisuseError
    key = verifier_key(name, COSIGNATURE, public_key(seed))
    return SignatureLine(
        name, key.key_id, time.to_bytes(TIME_BYTES, "big") + sign(seed, _cosigned(text, time))
    )


def with_lines(note: str, lines: Iterable[SignatureLine]) -> str:
    """Return a note with further signature lines; one of a key that is there already is not added again.

    Raises NoteMalformed.
    """
    read = read_note(note)
    kept = {(line.name, line.key_id): line for line in read.lines}
    for line in lines:
        kept.setdefault((line.name, line.key_id), line)
    return Note(read.text, tuple(kept.values())).encode()


def last_batch_time(seconds: int) -> int:
    """Return the last 03:00 of Japan (18:00 UTC) at or before a time, in seconds since 1970: ours write it."""
    return seconds - (seconds - 18 * 3600) % 86400
