"""The reporter's files: fetched as sealed pieces and checked as a whole.

No Flask in here. Nothing is ever opened by the desk: it hands the bytes to the auditor's browser as a download.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from admin.desk.casework.attachments import File
from admin.desk.local.copy import Cache
from admin.desk.server.session import AuditorSession
from crypto.attachment import FileHash, Opener, check_file
from crypto.errors import BadData, FileMismatch, ObjectPadding, ObjectSize

FETCH_SECONDS: Final = 2.0
"""How long one page fetches before it shows how far it has come."""


class FileFault(Exception):
    """A file can't be had. `code`: its sentence (`labels.problems.FILE`)."""

    code: ClassVar[str]


class Withheld(FileFault):
    """The server does not have the object, or not all of it."""

    code = "withheld"


class Damaged(FileFault):
    """The server's bytes are not those that the reporter sealed."""

    code = "damaged"


class Mismatched(FileFault):
    """The reporter's sealed bytes are not the file that the entry names: no server can do that."""

    code = "mismatched"


@dataclass(frozen=True)
class Progress:
    """How much of an object is here, in bytes of what there are."""

    done: int
    total: int

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it is here."""
        return self.done >= self.total


def progress(cache: Cache, file: File) -> Progress:
    """Return how much of a file's object is here. Raises CacheUnusable."""
    return Progress(cache.object_length(file.object_id), file.sealed_size)


def fetch(session: AuditorSession, cache: Cache, file: File) -> Progress:
    """Fetch what is missing of a file's object, for about FETCH_SECONDS; at least one piece.

    Raises ServerTrouble, CacheUnusable, Withheld, Damaged (an object of another length than the file's).
    What was fetched before is kept, but for the last.
    """
    end = time.monotonic() + FETCH_SECONDS
    now = progress(cache, file)
    while not now.is_whole:
        fetched = session.object_piece(file.object_id, now.done)
        if fetched is None:
            raise Withheld
        piece, total = fetched
        if total == now.total and not piece:
            raise Withheld
        if total != now.total or now.done + len(piece) > total:
            cache.drop_object(file.object_id)
            raise Damaged
        # Two pages may fetch at once: what another one has put there meanwhile counts, not this piece.
        now = Progress(cache.add_piece(file.object_id, now.done, piece), total)
        if time.monotonic() >= end:
            break
    return now


def verify(cache: Cache, file: File) -> bytes:
    """Open the whole object once and compare it with its entry; return the file's SHA-256 (32 bytes).

    Raises Damaged, Mismatched, CacheUnusable.

    What is damaged is forgotten, so that it is fetched again.
    """
    hashed, sha256, size = FileHash(), hashlib.sha256(), 0
    try:
        for part in _opened(cache, file):
            hashed.update(part)
            sha256.update(part)
            size += len(part)
        check_file(file.entry, size, hashed.digest())
    except BadData as fault:
        cache.drop_object(file.object_id)
        # The key's holder alone can seal a wrong length or other bytes so that they open.
        is_sealed_so = isinstance(fault, FileMismatch | ObjectSize | ObjectPadding)
        raise (Mismatched if is_sealed_so else Damaged) from None
    return sha256.digest()


def contents(cache: Cache, file: File, keep: bool = False) -> Iterator[bytes]:
    """Return a verified file in pieces; its sealed bytes are let go of at the end, unless `keep`. Raises BadData."""
    yield from _opened(cache, file)
    if not keep:
        cache.drop_object(file.object_id)


def _opened(cache: Cache, file: File) -> Iterator[bytes]:
    opener, start = Opener(file.key, file.size), 0
    while piece := cache.piece(file.object_id, start):
        start += len(piece)
        yield opener.update(piece)
    opener.finish()
