"""The ZIP file around an Office file's parts: read with limits, written without times, comments and fields."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Final

from portal.cleaning import words
from portal.cleaning.office.rules import OfficeWork
from portal.cleaning.words import CannotClean

PARTS: Final = 5_000
UNPACKED: Final = 160 * 1024 * 1024
"""Bytes of all parts together, unpacked."""
_OLDEST: Final = (1980, 1, 1, 23, 59, 59)


def read(data: bytes, work: OfficeWork) -> dict[str, bytes]:
    """Return an archive's parts in their order, and note what its directory tells. Raises CannotClean."""
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED:
                raise CannotClean
            _note_directory(archive, entries, work)
            names = list(map(_name, entries))
            # Names of parts are the same whatever their case (ECMA-376, part 2).
            if len({name.lower() for name in names}) < len(names):
                raise CannotClean
            for name, entry in zip(names, entries, strict=True):
                # A part that is larger than it said is cut there by zipfile, and its sum is wrong then.
                parts[name] = archive.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError):
        raise CannotClean from None
    return parts


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry's part. Raises CannotClean where it is encrypted or leads outside."""
    name = entry.filename.replace("\\", "/")
    if entry.flag_bits & 1 or posixpath.normpath(name) != name or name.startswith(("/", "..")):
        raise CannotClean
    return name


def _note_directory(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], work: OfficeWork) -> None:
    """Note what an archive's directory tells besides the parts: comments, times, fields, bytes before it."""
    if archive.comment or any(entry.comment for entry in entries):
        work.note(words.COMMENT)
    if min((entry.header_offset for entry in entries), default=0) or any(entry.extra for entry in entries):
        work.note(words.OTHER)
    if any(entry.date_time > _OLDEST for entry in entries):
        work.note(words.TIME)


def write(parts: dict[str, bytes]) -> bytes:
    """Return an archive of the parts, in their order."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)  # of 1980, as Office itself writes
            entry.create_system = 3  # one for all: mat2 takes others for a trace
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
