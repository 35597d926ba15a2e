"""Policies in the log: which one is in force, and how a lead signs a change (docs/format.md, 5.2 and 5.3).

Days are given by the caller; which cosignatures there are, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from crypto.encoding import b64d, b64e, canonical_json, hex_id, id_from_hex, parse_json
from crypto.errors import BadData
from crypto.log_errors import PolicyMalformed
from crypto.logproof import Policy, read_policy
from crypto.messages import sign, verify
from crypto.note import VerifierKey
from crypto.plainleaf import SHA, Batch, document_leaf, rules_hash, word_of
from crypto.tlog import leaf_hash

MAX_POLICY: Final = 16_384
"""Bytes of a policy's document."""
EIGHTH_DAY: Final = timedelta(days=8)
"""A change counts from the eighth day after its batch's day on: time for everybody to see it."""
SHOWN_DAYS: Final = 90
"""For how many days pages show a change, or that a database was put back."""
_FIELDS: Final = {"v", "key_id", "before", "text", "sig"}
_DESK: Final = "/desk/"


@dataclass(frozen=True)
class PolicyChange:
    """A later policy. `key_id`: of the lead, 16 bytes; `before`: leaf hash of the policy before it (32 bytes), so
    that a signature serves once; `sig`: empty while no lead has signed.
    """

    key_id: bytes
    before: bytes
    text: str
    sig: bytes = b""

    def signed_text(self, salt: bytes) -> bytes:
        """Return what the lead signs (docs/format.md, 6)."""
        return b"mybk1/policy\n" + salt + self.key_id + self.before + sha256(self.text.encode()).digest()

    def encode(self) -> bytes:
        """Return the document."""
        fields = {"v": 1, "key_id": hex_id(self.key_id), "before": self.before.hex(), "text": self.text}
        return canonical_json({**fields, "sig": b64e(self.sig)})


def sign_change(change: PolicyChange, salt: bytes, key_id: bytes, sign_seed: bytes) -> PolicyChange:
    """Return a change that a lead signed. `key_id`: of the lead's card; `sign_seed`: of its signing key."""
    own = PolicyChange(key_id, change.before, change.text)
    return PolicyChange(key_id, change.before, change.text, sign(sign_seed, own.signed_text(salt)))


def check_change(change: PolicyChange, salt: bytes, sign_pk: bytes) -> None:
    """Raise SignatureWrong unless this card's signing key signed the change. That it is a lead's asks the caller."""
    verify(sign_pk, change.signed_text(salt), change.sig)


def read_change(raw: bytes) -> PolicyChange:
    """Return a change whose signature nobody has checked yet; one without a signature is a proposal.

    Raises PolicyMalformed.
    """
    try:
        fields: dict[str, Any] = parse_json(raw) if len(raw) <= MAX_POLICY else {}
        if set(fields) != _FIELDS or fields["v"] != 1 or type(fields["v"]) is not int:
            raise PolicyMalformed
        if not SHA.match(fields["before"]) or not isinstance(fields["text"], str):
            raise PolicyMalformed
        before, sig = bytes.fromhex(fields["before"]), b64d(fields["sig"])
        read = PolicyChange(id_from_hex(fields["key_id"]), before, fields["text"], sig)
    except PolicyMalformed:
        raise
    except (BadData, TypeError, AttributeError):
        raise PolicyMalformed from None
    if read.encode() != raw or len(read.sig) not in (0, 64):
        raise PolicyMalformed
    read_policy(read.text)
    return read


@dataclass(frozen=True)
class LoggedPolicy:
    """A policy in the log. `day`: of its batch; `change`: its document. Both are None for the first one."""

    index: int
    day: date | None
    leaf: bytes
    text: str
    change: PolicyChange | None

    @property
    def policy(self) -> Policy:
        """The policy in the text."""
        return read_policy(self.text)


def read_policy_leaf(leaf: bytes, index: int, day: date | None) -> LoggedPolicy:
    """Return what a `policy` leaf says: the first one is the text itself. Raises PolicyMalformed."""
    document = leaf.partition(b"\n")[2]
    if document.startswith(b"{"):
        change = read_change(document)
        if not change.sig:
            raise PolicyMalformed
        return LoggedPolicy(index, day, leaf, change.text, change)
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError:
        raise PolicyMalformed from None
    read_policy(text)
    return LoggedPolicy(index, day, leaf, text, None)


def logged_policies(batches: Iterable[Batch]) -> list[LoggedPolicy]:
    """Return the policies of a log, oldest first; a `policy` leaf that is none is left out, for it changes nothing."""
    policies: list[LoggedPolicy] = []
    for batch in batches:
        first = batch.first + (batch.day is not None)
        for at, leaf in enumerate(batch.plain):
            if word_of(leaf) == "policy":
                try:
                    policies.append(read_policy_leaf(leaf, first + at, batch.day.day if batch.day else None))
                except PolicyMalformed:
                    continue
    return policies


def named_policy(policies: Sequence[LoggedPolicy], rules: bytes | None, rule: str) -> LoggedPolicy | None:
    """Return the policy that a day leaf names. `rules`: of that leaf, None before the first; `rule`: the text."""
    if rules is None:
        return next((policy for policy in policies if policy.change is None), None)
    return next((known for known in policies if rules_hash(known.text, rule) == rules), None)


def next_policy(
    policies: Sequence[LoggedPolicy],
    current: LoggedPolicy,
    day: date,
    cosigned: Iterable[tuple[VerifierKey, int]],
) -> LoggedPolicy:
    """Return the policy of the batch of a day: the current one, or the change behind it where that counts by then.

    `cosigned`: which witnesses signed a checkpoint, and its size (leaves). A change counts from the eighth day after
    its batch's day on, and only when the quorum of the current one has cosigned a tree that holds it.
    """
    signed = list(cosigned)
    for policy in policies:
        change = policy.change
        if change is None or policy.day is None or change.before != leaf_hash(current.leaf):
            continue
        keys = [key for key, size in signed if size > policy.index]
        if day >= policy.day + EIGHTH_DAY and current.policy.has_quorum(keys):
            return policy
    return current


def outside(policy: Policy) -> list[VerifierKey]:
    """Return the witnesses of a policy that are no desks of this site."""
    desks = policy.log.name + _DESK
    return [key for key in policy.witnesses.values() if not key.name.startswith(desks)]


def policy_leaf(change: PolicyChange) -> bytes:
    """Return the leaf of a signed change."""
    return document_leaf("policy", change.encode())


def first_text(log: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> str:
    """Return the policy that a site begins with: any of its outside witnesses is enough; none named: no quorum.

    Raises PolicyMalformed where two have one name or one key, or one is no witness's.
    """
    lines = [f"log {log.text()}", *(f"witness {key.name} {key.text()}" for key in witnesses)]
    if witnesses:
        lines += [f"group outside any {' '.join(key.name for key in witnesses)}", "quorum outside"]
    else:
        lines.append("quorum none")
    text = "".join(f"{line}\n" for line in lines)
    read_policy(text)
    return text


def proposal(text: str, log: VerifierKey, before: bytes) -> bytes:
    """Return the document that a lead is to sign. `before`: hash of the newest policy's leaf (32 bytes).

    Raises PolicyMalformed, also for a policy of another log.
    """
    if read_policy(text).log != log:
        raise PolicyMalformed
    return PolicyChange(bytes(16), before, text).encode()


def is_signed(raw: bytes) -> bool:
    """Tell whether a file is a change's document, signed or not; a policy's text is none."""
    try:
        return isinstance(json.loads(raw), dict)
    except (ValueError, RecursionError):
        return False
