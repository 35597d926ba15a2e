"""What the copy on this computer says of the cases beside the log: their log keys, and the digests of their acts.

Asks the server for nothing: what it is asked for would tell which cases this desk can open. No Flask in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from admin.desk.casework import deletion_proof
from admin.desk.casework.content import open_one
from admin.desk.casework.log_checks import LoggedCase
from admin.desk.local.copy import Cache
from admin.desk.local.rows import StatusLine
from admin.desk.server.responses import DELETED, Change
from crypto import messages
from crypto.encoding import b64d
from crypto.envelope import Kind
from crypto.errors import BadData, MisuseError
from crypto.identity import Identity

_REPORTERS: Final = (Kind.REPORT, Kind.FROM_REPORTER)


@dataclass(frozen=True, repr=False)
class LoggedCases:
    """The cases of one desk's copy."""

    identity: Identity
    cache: Cache

    def open_cases(self) -> list[LoggedCase]:
        """Return the open cases that this desk can open, out of what is here: asking for them would tell which."""
        cases = []
        for case_id in self.cache.open_ids():
            keys = self.log_keys(case_id)
            if keys:
                answers = [line for line in self.cache.envelopes(case_id) if line.kind == Kind.TO_REPORTER]
                sealed = self.cache.sealed([line.envelope_id for line in answers])
                acts = {sha256(answer.raw).hexdigest() for answer in sealed.values()}
                acts |= {_digest_of(case_id, status) for status in self.cache.statuses(case_id)}
                acts |= {_deletion_digest(case_id, change) for change in self.cache.acts(case_id)}
                cases.append(LoggedCase(case_id, keys, frozenset(acts), len(answers) - len(sealed)))
        return cases

    def log_keys(self, case_id: bytes) -> tuple[bytes, ...] | None:
        """Return a case's log keys as its reporter gave them, oldest first; None where its report does not open."""
        lines = self.cache.envelopes(case_id)
        sealed = self.cache.sealed([line.envelope_id for line in lines if line.kind in _REPORTERS])
        keys: list[bytes] = []
        is_open = False
        for line in lines:
            opened = (
                open_one(line, sealed.get(line.envelope_id), self.identity)
                if line.kind in _REPORTERS
                else None
            )
            is_open = is_open or (opened is not None and line.kind == Kind.REPORT)
            key = _log_key(opened.payload.get("log_key")) if opened is not None else None
            if key is not None and key not in keys:
                keys.append(key)
        return tuple(keys) if is_open else None


def _digest_of(case_id: bytes, status: StatusLine) -> str:
    """Return the digest of a status as its leaf names it; "" for one that is none."""
    try:
        text = messages.status_text(case_id, status.sequence, status.author, status.status, status.day)
    except MisuseError:
        return ""
    return sha256(text + status.sig + status.act_sig).hexdigest()


def _deletion_digest(case_id: bytes, change: Change) -> str:
    """Return the digest of a deletion as its leaf names it; "" for what is none."""
    if change.what != DELETED or len(change.acts) != 2:
        return ""
    try:
        return sha256(deletion_proof.signed_texts(case_id, *change.acts)).hexdigest()
    except MisuseError:
        return ""


def _log_key(value: object) -> bytes | None:
    try:
        key = b64d(value) if isinstance(value, str) else b""
    except BadData:
        return None
    return key if len(key) == 32 else None
