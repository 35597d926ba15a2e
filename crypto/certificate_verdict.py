"""The verdict over a certificate or a proof of burying, and how programs read it (docs/format.md, 5.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from crypto.certificate import read_certificate
from crypto.certificate_check import ShownAct, Verified, check_certificate
from crypto.errors import BadData
from crypto.log_errors import CheckpointOrigin, OwnPolicyMalformed, PolicyMalformed
from crypto.log_mirror import log_fingerprint
from crypto.logproof import Policy, read_policy

VERDICTS: Final = ("good", "bad", "open", "unreadable")
"""In the order of their exit codes."""


def as_fields(verified: Verified) -> dict[str, object]:
    """Return what a file shows as `meyasubako verify --json` prints it: days as text, no content."""
    return {
        "kind": verified.kind,
        "lacking": verified.lacking,
        "origin": verified.origin,
        "fingerprint": log_fingerprint(verified.log),
        "sizes": list(verified.sizes),
        "cosigners": [
            {"name": by.name, "day": by.day.isoformat(), "outside": by.is_outside}
            for by in verified.cosigners
        ],
        "case": verified.case_id,
        "acts": [act_fields(act) for act in verified.acts],
        "promised": _iso(verified.promised),
        "receipt": _iso(verified.receipt),
        "contents": [{"kind": part.kind, "signed": part.is_signed} for part in verified.contents],
        "missing_day": verified.missing_day,
        "restored": [day.isoformat() for day in verified.restored],
        "key_changes": [
            {"day": change.day.isoformat(), "fingerprint": log_fingerprint(change.new)}
            for change in verified.key_changes
        ],
        "continues": [
            {"origin": old.origin, "size": old.size, "root": old.root.hex()} for old in verified.continues
        ],
    }


def act_fields(act: ShownAct) -> dict[str, object]:
    """Return an act as `--json` prints it."""
    return {
        "kind": act.kind,
        "index": act.index,
        "day": act.day.isoformat(),
        "fields": list(act.fields),
        "notice": act.is_notice,
        "cosigned": _iso(act.cosigned),
        "in_time": act.is_in_time,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass(frozen=True)
class Judged:
    """A file's verdict: `good`, `open`, `bad` or `unreadable`; the class of its fault; what it shows."""

    verdict: str
    fault: str = ""
    verified: Verified | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of `meyasubako verify`."""
        return VERDICTS.index(self.verdict)

    def fields(self) -> dict[str, object]:
        """Return it as `meyasubako verify --json` prints it."""
        shown = as_fields(self.verified) if self.verified else {}
        return {"verdict": self.verdict, "fault": self.fault, **shown}


def own_policy(text: str | None) -> Policy | None:
    """Return the verifier's own policy from its text; None for None. Raises OwnPolicyMalformed."""
    try:
        return read_policy(text) if text is not None else None
    except PolicyMalformed:
        raise OwnPolicyMalformed from None


def judge(raw: bytes, policy: str | None) -> Judged:
    """Return the verdict over a file's bytes. `policy`: the text of the verifier's own; None: there is none."""
    try:
        own = own_policy(policy)
        certificate = read_certificate(raw)
    except CheckpointOrigin:
        return Judged("bad", "CheckpointOrigin")
    except BadData as fault:
        return Judged("unreadable", type(fault).__name__)
    try:
        verified = check_certificate(certificate, own)
    except BadData as fault:
        return Judged("bad", type(fault).__name__)
    return Judged("open" if verified.lacking else "good", "", verified)
