"""Forms with files, scripts off: each file is sealed while it arrives. No plaintext byte of one reaches a disk.

A browser does not say how long a file is, and a sealed object does not need to know before its end (format.md, section
4.1): it is sealed in one pass. Memory: a few pieces for each upload, or the whole file where it has to be cleaned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, Final

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from crypto import attachment
from crypto.filename import file_name
from portal.cleaning import LIMIT_BYTES, Cleaned, Patience, clean, kinds, words
from store.db import StoreFailed
from store.objects import MAX_PIECE, Full, Objects, Octets, TooLarge, WrongOffset

FIELD: Final = "files"
"""Name of the form's field that files come in."""
LARGE: Final = 2 * 1024 * 1024
"""Bytes of a request from which on it is not collected beforehand but holds a thread (portal.edge.worker)."""
PIECE: Final = 512 * 1024
"""Bytes of a file that are kept at once."""
_CHUNK: Final = 128 * 1024
"""Bytes that are read at once: small enough to stay in the processor's cache while they are parsed and sealed."""
_UNKNOWN_TYPE: Final = "application/octet-stream"
_OUTCOMES: Final = {
    "cleaned": "removed",
    "nothing_found": "nothing",
    "partly": "partly",
    "not_cleaned": "not",
}
_OFFICE_ENDINGS: Final = (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm")


@dataclass(frozen=True, repr=False)
class Uploaded:
    """A file that is sealed and stored and waits for its envelope; the fields of format.md, section 4.2.

    `why`: its sender has to say first that it goes as it is, and why (words.UNCLEANED); not in the entry.
    """

    object_id: bytes
    key: bytes
    hash: bytes
    size: int
    name: str
    type: str
    cleaned: str
    found: tuple[str, ...] = ()
    why: str = ""

    def entry(self) -> dict[str, Any]:
        """Return its entry for a payload. Raises MisuseError when it is not one."""
        return attachment.entry(
            self.object_id, self.key, self.hash, self.size, self.name, self.type, self.cleaned, self.found
        )


@dataclass(frozen=True)
class Limits:
    """`max_text`: bytes of a form without its files; `max_fields`: fields; `max_files`, `max_file_bytes`."""

    max_text: int
    max_fields: int
    max_files: int
    max_file_bytes: int


@dataclass(repr=False)
class Uploads:
    """The files of one request. `problem`: why some were not taken (`portal.labels.problems.PROBLEMS`), or empty.

    `foreign`: there was a file in a field that takes none. `keep` says that they wait for the form to come
    back; without it, and without an envelope, nothing of them stays.
    """

    objects: Objects
    files: list[Uploaded] = field(default_factory=list)
    problem: str = ""
    foreign: bool = False
    _kept: bool = False

    def keep(self) -> None:
        """Leave the files where they are at the end of the request."""
        self._kept = True

    def close(self) -> None:
        """Delete the files, unless they are kept or named."""
        if not self._kept:
            remove(self.objects, self.files)


def remove(objects: Objects, files: Sequence[Uploaded]) -> None:
    """Delete those of the files that no envelope names; the others wait no longer.

    What fails here is swept later.
    """
    with suppress(StoreFailed):
        objects.settle([file.object_id for file in files])


class Parsed:
    """A form that is read to its end: its text fields, and its files."""

    def __init__(self, uploads: Uploads) -> None:
        self.form: MultiDict[str, str] = MultiDict()
        self.uploads = uploads


def read_form(
    stream: IO[bytes], boundary: bytes, limits: Limits, objects: Objects, today: date, take: bool
) -> Parsed:
    """Read a multipart form; its files are sealed and stored while they come in.

    `take`: False throws files away, with a problem that says so. Raises BadRequest for what is not a whole
    form, RequestEntityTooLarge when there is too much text; then nothing is left of its files.
    """
    parsed = Parsed(Uploads(objects))
    reader = _FormReader(parsed, limits, objects, today, take)
    try:
        reader.read(stream, boundary)
    except ParserLimitReached:
        reader.give_up()
        raise RequestEntityTooLarge from None
    except (MultipartError, ValueError, OSError, EOFError):
        reader.give_up()
        # "from None": the parser's own words can quote the body.
        raise BadRequest from None
    except BaseException:
        reader.give_up()
        raise
    return parsed


class _FormReader:
    """Sorts a form's parts: text into memory, files into the store."""

    def __init__(self, parsed: Parsed, limits: Limits, objects: Objects, today: date, take: bool) -> None:
        self._parsed, self._limits = parsed, limits
        self._objects, self._today, self._take = objects, today, take
        self._text = bytearray()
        self._name = ""
        self._is_text = True
        self._receiver: _Receiver | None = None
        self._count = 0
        self._of_files = 0
        self._patience = Patience()

    def read(self, stream: IO[bytes], boundary: bytes) -> None:
        count = self._limits.max_fields + self._limits.max_files
        parser = PushMultipartParser(boundary, max_segment_count=count)
        total = 0
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if parser.closed:
                continue
            for event in parser.parse(chunk):
                self._on(event)
            if total - self._of_files > self._limits.max_text + _CHUNK * bool(self._receiver):
                raise RequestEntityTooLarge
        parser.close()

    def _on(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._is_text:
            self._text += event
        else:
            self._of_files += len(event)
            self._feed(bytes(event))

    def _begin(self, part: MultipartSegment) -> None:
        self._name, self._is_text = part.name, part.filename is None
        if self._is_text:
            return
        # A field without a chosen file comes with an empty name.
        most = self._limits.max_file_bytes
        self._receiver = _Receiver(self._objects, most, self._today, self._patience)
        self._receiver.name = file_name(part.filename or "")
        self._receiver.type = _media_type(part.content_type or "")
        self._receiver.anonymous = not part.filename

    def _feed(self, data: bytes) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        if not receiver.counted:
            receiver.counted = True
            refused = self._refusal()
            if refused is not None:
                self._refuse(refused)
                return
        with self._problems():
            receiver.update(data)

    def _refusal(self) -> str | None:
        """Return why a file that begins is not taken: a problem, "" for a field without files, or None."""
        if self._name != FIELD:
            self._parsed.uploads.foreign = True
            return ""
        self._count += 1
        if self._count > self._limits.max_files:
            return "too_many_files"
        return None if self._take else "files_busy"

    def _refuse(self, problem: str) -> None:
        if self._receiver is not None:
            self._receiver.discard()
            self._receiver = None
        uploads = self._parsed.uploads
        uploads.problem = uploads.problem or problem

    @contextmanager
    def _problems(self) -> Iterator[None]:
        """Turn what can go wrong with one file into a problem of the form, so that the text is not lost."""
        try:
            yield
        except TooLarge:
            self._refuse("file_too_large")
        except Full:
            self._refuse("files_full")
        except (StoreFailed, WrongOffset):
            # WrongOffset: what was stored of it was taken away meanwhile.
            self._refuse("store_failed")

    def _end(self) -> None:
        if self._is_text:
            self._parsed.form.add(self._name, self._text.decode("utf-8", "replace"))
            self._text = bytearray()
            return
        receiver = self._receiver
        if receiver is not None and (receiver.counted or not receiver.anonymous):
            with self._problems():
                if not receiver.counted and (refused := self._refusal()) is not None:
                    self._refuse(refused)
                else:
                    self._parsed.uploads.files.append(receiver.finish())
        self._receiver = None

    def give_up(self) -> None:
        if self._receiver is not None:
            self._receiver.discard()
        self._parsed.uploads.close()


class _Receiver:
    """One file on its way in: held while it can be cleaned, otherwise sealed as it comes."""

    def __init__(self, objects: Objects, most: int, today: date, patience: Patience) -> None:
        self._most, self._patience = most, patience
        self._held = bytearray()
        self._pieces: list[bytes] = []
        self._size = 0
        self._kind: str | None = None
        self._cleanable = True
        self._sealing = _Sealing(objects, today)
        self.name = self.type = ""
        self.anonymous = self.counted = False

    def update(self, data: bytes) -> None:
        """Take the next bytes. Raises TooLarge, Full, StoreFailed."""
        self._size += len(data)
        if self._size > self._most:
            raise TooLarge
        if not self._cleanable:
            self._sealing.add(data)
            return
        self._held += data
        if len(self._held) >= kinds.HEAD:
            self._tell_kind()
        if self._size > LIMIT_BYTES:
            self._cleanable = False
        if len(self._held) >= PIECE or not self._cleanable:
            self._pieces.append(bytes(self._held))
            self._held.clear()
        if not self._cleanable:
            self._seal_what_was_held()

    def _tell_kind(self) -> None:
        """Say by its first bytes what it is, once; what is not looked into need not be held."""
        if self._kind is None:
            self._kind = kinds.kind_of(bytes(self._held[: kinds.HEAD]))
            self._cleanable &= self._kind in kinds.CLEANED

    def _seal_what_was_held(self) -> None:
        """Seal in order what was held in the hope of cleaning it; it leaves memory."""
        pieces, self._pieces = self._pieces, []
        pieces.reverse()
        while pieces:
            self._sealing.add(pieces.pop())

    def finish(self) -> Uploaded:
        """Seal the file for good. Raises TooLarge, Full, StoreFailed."""
        self._tell_kind()
        self._pieces.append(bytes(self._held))
        self._held.clear()
        pieces, self._pieces = self._pieces, []
        cleaned: Cleaned | None = None
        if self._cleanable:
            cleaned = clean(pieces, patience=self._patience)
            del pieces
            if len(cleaned.data) > self._most:
                raise TooLarge
        for piece in _slices(cleaned.data) if cleaned else pieces:
            self._sealing.add(piece)
        sealed = self._sealing.end()
        outcome = _OUTCOMES[cleaned.outcome] if cleaned else "not"
        findings = tuple(cleaned.found) if cleaned else ()
        why = self._why(cleaned)
        return Uploaded(*sealed, self.name, self.type, outcome, findings, why)

    def _why(self, cleaned: Cleaned | None) -> str:
        """Return why it was not cleaned, when that is to be asked before it goes; "" for what was cleaned, and
        for texts and unknown types, which no sender takes for cleaned."""
        if cleaned is None:
            return words.LARGE if self._kind in kinds.CLEANED else self._kind or ""
        if cleaned.why == words.UNREADABLE and self._kind == kinds.OFFICE:
            return cleaned.why if self.name.lower().endswith(_OFFICE_ENDINGS) else kinds.ARCHIVE
        return cleaned.why

    def discard(self) -> None:
        """Leave nothing of it. What fails here is swept later."""
        self._pieces.clear()
        self._held.clear()
        self._sealing.discard()


class _Sealing:
    """A file that is sealed and stored while it comes in, in one pass: how long it is, its end tells."""

    def __init__(self, objects: Objects, today: date) -> None:
        self._objects, self._today = objects, today
        self._id, self._key = attachment.new_object_id(), attachment.new_key()
        self._sealer, self._hash = attachment.Sealer(self._key), attachment.FileHash()
        self._waiting: list[Octets] = [self._sealer.header]
        self._waiting_bytes = len(self._sealer.header)
        self._stored = 0

    def add(self, data: bytes) -> None:
        """Seal the next bytes. Raises TooLarge, Full, StoreFailed."""
        self._hash.update(data)
        self._keep(self._sealer.update(data))

    def end(self) -> tuple[bytes, bytes, bytes, int]:
        """Store the rest; return object id, key, hash and the file's size. Raises TooLarge, Full, StoreFailed."""
        for frame in self._sealer.rest():
            self._keep(frame)
        self._store()
        self._objects.end(self._id, self._stored)
        return self._id, self._key, self._hash.digest(), self._sealer.size

    def _keep(self, sealed: bytes) -> None:
        if not sealed:
            return
        if self._waiting_bytes + len(sealed) > MAX_PIECE:
            self._store()
        self._waiting.append(sealed)
        self._waiting_bytes += len(sealed)
        if self._waiting_bytes >= PIECE:
            self._store()

    def _store(self) -> None:
        if not self._waiting:
            return
        piece, self._waiting, self._waiting_bytes = self._waiting, [], 0
        # As long as the largest object may be until its end is known: nothing can name it before.
        largest = self._objects.largest
        self._stored = self._objects.put_piece(self._id, largest, self._stored, piece, self._today)

    def discard(self) -> None:
        """Leave nothing of it. What fails here is swept later."""
        self._waiting.clear()
        if self._stored:
            with suppress(StoreFailed):
                self._objects.settle([self._id])


def _slices(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), PIECE):
        yield data[at : at + PIECE]


def _media_type(sent: str) -> str:
    kind = sent.partition(";")[0].strip()
    return kind if 1 <= len(kind) <= 100 and all("!" <= char <= "~" for char in kind) else _UNKNOWN_TYPE
