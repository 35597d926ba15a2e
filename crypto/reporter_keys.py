"""The chain of a reporter's signing keys over replaced receipt codes (docs/format.md, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crypto import errors, messages
from crypto.encoding import b64d, id_from_hex
from crypto.envelope import Kind


@dataclass(frozen=True)
class ReporterKeys:
    """A reporter's public keys, 32 bytes each: where answers go, and what checks the reporter's words."""

    mailbox_pk: bytes
    sign_pk: bytes


class Chain:
    """The keys of a case's reporter: the report's, then each new pair that the one before has signed.

    `current` is None when the report names no usable keys, or is not signed with the one it names: then the report
    is unverified, and nothing later is the reporter's.
    """

    def __init__(self, report: Mapping[str, Any]) -> None:
        keys = _keys(report)
        self.current = keys if keys and _is_signed(Kind.REPORT, report, keys) else None

    @classmethod
    def of(cls, keys: ReporterKeys | None) -> Chain:
        """Return a chain that begins with known keys; None: with a report that is unverified."""
        chain = cls.__new__(cls)
        chain.current = keys
        return chain

    def accept(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether a kind 2 payload is the reporter's; new keys in it are the current ones from here on.

        Payloads are to be given in the order of the feed, of this case only: the caller checks where they
        belong.
        """
        if self.current is None or not _is_signed(Kind.FROM_REPORTER, payload, self.current):
            return False
        new = _keys(payload) if "message" not in payload else None
        if new is not None and not _is_taken(payload, self.current, new):
            return False
        self.current = new or self.current
        return True


def _is_signed(kind: Kind, payload: Mapping[str, Any], keys: ReporterKeys) -> bool:
    try:
        messages.verify_reporter(kind, payload, keys.sign_pk)
    except (errors.BadData, errors.MisuseError):
        return False
    return True


def _is_taken(payload: Mapping[str, Any], old: ReporterKeys, new: ReporterKeys) -> bool:
    """Tell whether the holder of the new keys agreed: else a forger's keys could lead to the keys of a true code."""
    try:
        text = messages.taken_text(id_from_hex(payload["case_id"]), old.sign_pk, new.mailbox_pk)
        messages.verify(new.sign_pk, text, b64d(payload["new_sig"]))
    except (errors.BadData, errors.MisuseError, KeyError):
        return False
    return True


def _keys(payload: Mapping[str, Any]) -> ReporterKeys | None:
    try:
        keys = [b64d(payload[name]) for name in ("mailbox_pk", "reporter_sign_pk")]
    except (errors.BadData, KeyError):
        return None
    return ReporterKeys(*keys) if all(len(key) == 32 for key in keys) else None
