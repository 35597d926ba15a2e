"""Reading journals: who opened which case on which day, told only to those who can open it (docs/format.md, 2.13)."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from crypto import errors
from crypto.encoding import b2
from crypto.messages import SIGNATURE_BYTES, sign, verify

MAGIC: Final = b"MYR1"
MARKS: Final = 32
"""Marks in each journal, made up ones included."""
MARK_BYTES: Final = 16
MAX_NUMBER: Final = 2**32 - 1
_ID_BYTES: Final = 16
_DAY_BYTES: Final = 10
_HEAD_BYTES: Final = len(MAGIC) + _ID_BYTES + 4 + _DAY_BYTES
JOURNAL_BYTES: Final = _HEAD_BYTES + MARKS * MARK_BYTES + SIGNATURE_BYTES


@dataclass(frozen=True, repr=False)
class ReadingJournal:
    """One journal of a desk. `author`: the auditor's key id; `marks`: ascending, `MARKS` of them."""

    author: bytes
    number: int
    day: date
    marks: tuple[bytes, ...]
    sig: bytes

    @property
    def unsigned(self) -> bytes:
        """All bytes before the signature."""
        head = MAGIC + self.author + self.number.to_bytes(4, "big") + self.day.isoformat().encode()
        return head + b"".join(self.marks)

    def encode(self) -> bytes:
        """Return the journal's bytes, always JOURNAL_BYTES of them."""
        return self.unsigned + self.sig


def reading_key(content_key: bytes) -> bytes:
    """Return the reading key (32 bytes) of a case. `content_key`: of the report that heads it, 32 bytes.

    Raises MisuseError.
    """
    if len(content_key) != 32:
        raise errors.MisuseError
    return b2(32, b"", key=content_key, person="mybk1-readkey")


def reading_mark(key: bytes, author: bytes, day: date) -> bytes:
    """Return what says, to holders of a case's reading key, that an auditor (key id) opened it on a day: 16 bytes.

    Raises MisuseError.
    """
    if len(key) != 32 or len(author) != _ID_BYTES:
        raise errors.MisuseError
    return b2(MARK_BYTES, author + day.isoformat().encode(), key=key, person="mybk1-readmark")


def make_journal(
    salt: bytes, author: bytes, number: int, day: date, marks: Collection[bytes], sign_seed: bytes
) -> ReadingJournal:
    """Return a signed journal with these marks, filled up with random ones. `salt`: the site's, 16 bytes.

    Raises MisuseError for more than MARKS marks, for one twice, and for wrong lengths.
    """
    given = set(marks)
    fits = len(given) == len(marks) <= MARKS and all(len(mark) == MARK_BYTES for mark in given)
    if not fits or len(author) != _ID_BYTES or len(salt) != 16 or not 1 <= number <= MAX_NUMBER:
        raise errors.MisuseError
    while len(given) < MARKS:
        given.add(secrets.token_bytes(MARK_BYTES))
    bare = ReadingJournal(author, number, day, tuple(sorted(given)), b"")
    return ReadingJournal(author, number, day, bare.marks, sign(sign_seed, _text(salt, bare)))


def read_journal(raw: bytes) -> ReadingJournal:
    """Return a journal whose signature nobody has checked yet. Raises JournalMalformed."""
    if len(raw) != JOURNAL_BYTES or not raw.startswith(MAGIC):
        raise errors.JournalMalformed
    author, rest = raw[4 : 4 + _ID_BYTES], raw[4 + _ID_BYTES :]
    number = int.from_bytes(rest[:4], "big")
    try:
        written = rest[4 : 4 + _DAY_BYTES].decode("ascii")
        day = date.fromisoformat(written)
    except ValueError:
        raise errors.JournalMalformed from None
    body = raw[_HEAD_BYTES:-SIGNATURE_BYTES]
    marks = tuple(body[start : start + MARK_BYTES] for start in range(0, len(body), MARK_BYTES))
    if number == 0 or day.isoformat() != written or list(marks) != sorted(set(marks)):
        raise errors.JournalMalformed
    return ReadingJournal(author, number, day, marks, raw[-SIGNATURE_BYTES:])


def check_journal(journal: ReadingJournal, salt: bytes, sign_pk: bytes) -> None:
    """Raise SignatureWrong unless the author's card signed this journal for this site."""
    verify(sign_pk, _text(salt, journal), journal.sig)


def _text(salt: bytes, journal: ReadingJournal) -> bytes:
    return b"mybk1/reading\n" + salt + journal.unsigned
