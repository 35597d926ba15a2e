"""The content of an opened envelope before any check: its author is unverified here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from admin.desk.casework.attachments import File, files_of
from admin.desk.casework.case_entries import Entry
from admin.desk.local.rows import EnvelopeLine
from admin.desk.server.responses import SealedBytes
from cases.form import REPORT_FIELDS
from cases.records import BadRecord, Record
from cases.records import parse as parse_record
from crypto.access import change_of
from crypto.envelope import Kind
from crypto.errors import BadData
from crypto.identity import Identity
from crypto.payloads import CATEGORIES, PAGE_LANGUAGES, TREATED, meaning_of
from crypto.unseal import Opened, unseal

_FRAME: Final = frozenset(
    {
        "v",
        "case_id",
        "envelope_id",
        "mailbox_pk",
        "reporter_sign_pk",
        "exclude",
        "choice",
        "new_sig",
        "files",
        "seen",
        "sig",
        "author",
        "readers",
        "language",
        "log_key",
        "intake",
        "access",
    }
)
"""Fields of a payload that are not its author's words."""
_NAMED: Final = _FRAME | {"message", "record", *REPORT_FIELDS}


def open_one(line: EnvelopeLine, sealed: SealedBytes | None, identity: Identity) -> Opened | None:
    """Open an envelope that has to be what the feed says; None when it can't be (nobody can tell why)."""
    if sealed is None:
        return None
    try:
        opened = unseal(sealed.raw, identity.box_sk, identity.box_pk, identity.key_id, sealed.grants)
    except BadData:
        return None
    return opened if (opened.envelope_id, int(opened.kind)) == (line.envelope_id, line.kind) else None


def show(value: object) -> str:
    """Return what a payload holds as text that can be shown, whatever it is."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def record_of(opened: Opened) -> Record | None:
    """Return what a record says; None for what is none, or not as the format says."""
    if opened.kind != Kind.RECORD:
        return None
    try:
        return parse_record(opened.payload.get("record"))
    except BadRecord:
        return None


def entry_of(line: EnvelopeLine, opened: Opened | None) -> Entry:
    """Return what an envelope says, as unverified yet."""
    if opened is None:
        return Entry(line.envelope_id, line.kind, line.day, seq=line.seq)
    answers = tuple((name, show(opened.payload[name])) for name in REPORT_FIELDS if name in opened.payload)
    meaning = meaning_of(opened.payload) if opened.kind == Kind.FROM_REPORTER else ""
    category = opened.payload.get("category")
    known = TREATED if opened.kind == Kind.TO_REPORTER else CATEGORIES
    is_category = isinstance(category, str) and category in known
    named = _NAMED | ({"meaning"} if meaning else set()) | ({"category"} if is_category else set())
    others = tuple((show(name), show(value)) for name, value in opened.payload.items() if name not in named)
    message = show(opened.payload["message"]) if "message" in opened.payload else None
    is_new_code = (
        opened.kind == Kind.FROM_REPORTER and message is None and "reporter_sign_pk" in opened.payload
    )
    files, record = files_of(opened.payload), record_of(opened)
    language = opened.payload.get("language")
    said = message is not None or answers or others or files or is_new_code or record
    return Entry(
        envelope_id=line.envelope_id,
        kind=line.kind,
        day=line.day,
        opened=True,
        message=message,
        answers=answers,
        others=others,
        raw="" if said else _raw(opened),
        unusual=opened.unusual,
        files=files,
        odd_files=_counts_more(opened.payload.get("files", []), files),
        new_code=is_new_code,
        record=record,
        language=language if isinstance(language, str) and language in PAGE_LANGUAGES else "",
        meaning=meaning,
        category=str(category) if is_category else "",
        change=change_of(opened.payload) if opened.kind == Kind.TO_REPORTER else None,
        seq=line.seq,
    )


def _raw(opened: Opened) -> str:
    return show(opened.raw_payload.decode("utf-8", "replace"))


def _counts_more(listed: object, files: Sequence[File]) -> bool:
    return not isinstance(listed, list) or len(listed) != len(files)
