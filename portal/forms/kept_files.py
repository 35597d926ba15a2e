"""Files that are uploaded already, while their form is put right: a sealed list in the form itself.

The server keeps nothing of it. The list holds the files' keys, so it is sealed; and it belongs to one code, so
that nobody can put a file of one form into another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from crypto import secretkey
from crypto.encoding import b2, b64d, b64e, hex_id, id_from_hex
from crypto.errors import BadSealed, BadText
from crypto.payloads import MAX_FILES, is_file
from portal.uploads.receive import Uploaded, Uploads, remove

FIELD: Final = "kept_files"
"""Name of the form's hidden field."""
DROP: Final = "drop_file"
"""Name of the checkboxes of files that are not to be sent after all; the value is the object's id in hex."""
AS_IS: Final = "send_as_is"
"""Name of the checkboxes of files that are sent although they are not cleaned; the value is as with DROP."""
NOT_CLEANED: Final = "files_not_cleaned"
"""The problem of a form with files whose sender has not said yet that they go as they are."""
GONE: Final = "files_gone"
"""The problem of a form whose files can't be had any more: swept, or kept for another code."""
_LONGEST: Final = 4 * MAX_FILES * 1024


def write(key: bytes, index: bytes, files: Sequence[Uploaded]) -> str:
    """Return the sealed list for the form whose code has this index (16 bytes). `key`: the form key."""
    text = json.dumps([[file.entry(), file.why] for file in files], ensure_ascii=False).encode()
    return b64e(secretkey.seal_box(_key(key, index), text))


def read(key: bytes, index: bytes, text: str) -> list[Uploaded]:
    """Return the files of a sealed list; none when it is not one of this site, for this code."""
    if not text or len(text) > _LONGEST:
        return []
    try:
        pairs = json.loads(secretkey.open_box(_key(key, index), b64d(text)))
    except (BadSealed, BadText, ValueError):
        return []
    return [_uploaded(entry, str(why)) for entry, why in pairs if is_file(entry)]


def _uploaded(entry: dict[str, Any], why: str) -> Uploaded:
    return Uploaded(
        object_id=id_from_hex(entry["object"]),
        key=b64d(entry["key"]),
        hash=b64d(entry["hash"]),
        size=entry["size"],
        name=entry["name"],
        type=entry["type"],
        cleaned=entry["cleaned"],
        found=tuple(entry["found"]),
        why=why,
    )


def gather(
    uploads: Uploads, key: bytes, index: bytes, sent: MultiDict[str, str], most: int
) -> tuple[list[Uploaded], str]:
    """Return the files of a form: those it kept and those it brings, without those taken off it, at most `most`.

    With them a problem, or empty: why some are not among them, or that some are not cleaned and their sender has to
    say first whether they go. What is left out is deleted.
    """
    kept = read(key, index, sent.get(FIELD, ""))
    # The field is empty without files (`field_value`): text that opens to none stood for some.
    lost = GONE if sent.get(FIELD) and not kept else ""
    stay, off = dropped(kept, sent.getlist(DROP))
    room = max(0, most - len(stay))
    off += uploads.files[room:]
    problem = uploads.problem or ("too_many_files" if uploads.files[room:] else lost)
    uploads.files = uploads.files[:room]
    remove(uploads.objects, off)
    files = [*stay, *uploads.files]
    return files, problem or (NOT_CLEANED if _unanswered(files, sent.getlist(AS_IS)) else "")


def _unanswered(files: Sequence[Uploaded], as_is: Sequence[str]) -> bool:
    """True when a file could not be cleaned and its sender has not said that it goes as it is."""
    return any(file.why and hex_id(file.object_id) not in as_is for file in files)


def field_value(key: bytes, index: bytes, files: Sequence[Uploaded]) -> str:
    """Return the hidden field's value: empty without files."""
    return write(key, index, files) if files else ""


def dropped(files: Sequence[Uploaded], ids: Sequence[str]) -> tuple[list[Uploaded], list[Uploaded]]:
    """Return which files stay in a form, and which were taken off it."""
    off = set(ids)
    stay = [file for file in files if hex_id(file.object_id) not in off]
    return stay, [file for file in files if hex_id(file.object_id) in off]


def _key(key: bytes, index: bytes) -> bytes:
    return b2(secretkey.KEY_BYTES, index, key=key, person="mybk1-kept")
