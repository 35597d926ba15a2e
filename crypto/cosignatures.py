"""What cosignatures on checkpoints show to a verifier with a policy (docs/format.md, 5.9). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crypto.logbatch import day_in_japan
from crypto.logproof import Policy
from crypto.note import SignedCheckpoint, VerifierKey


@dataclass(frozen=True)
class Cosigner:
    """A witness of the policy that cosigned a checkpoint of the file, and on which day."""

    name: str
    day: date
    is_outside: bool


def is_outside(origin: str, key: VerifierKey) -> bool:
    """Tell whether a witness is none of the auditors' desks."""
    return not key.name.startswith(f"{origin}/desk/")


def lacking(policy: Policy, checkpoints: Sequence[SignedCheckpoint]) -> str:
    """Return what checkpoints lack of the verifier's policy; "" for nothing."""
    if not policy.quorum:
        return "no_witness"
    return "" if all(policy.has_quorum(signed.cosigned) for signed in checkpoints) else "quorum"


def cosigned_on(policy: Policy, index: int, checkpoints: Sequence[SignedCheckpoint]) -> date | None:
    """Return the day from which the leaf at an index counts under the rule; None where nothing shows one.

    That of the earliest cosignature by a witness outside the company; in a policy without any, the day on which the
    quorum was complete.
    """
    origin = policy.log.name
    has_outside = any(is_outside(origin, key) for key in policy.witnesses.values())
    days: list[date] = []
    for signed in checkpoints:
        if signed.checkpoint.size <= index:
            continue
        times = sorted((time, key) for key, time in signed.cosigned.items())
        for count, (time, key) in enumerate(times, 1):
            complete = bool(policy.quorum) and policy.has_quorum(key for _, key in times[:count])
            if is_outside(origin, key) if has_outside else complete:
                days.append(day_in_japan(time))
                break
    return min(days, default=None)


def cosigners_of(policy: Policy, checkpoints: Sequence[SignedCheckpoint]) -> tuple[Cosigner, ...]:
    """Return the witnesses of a policy that cosigned, each with its earliest day."""
    names = {key: name for name, key in policy.witnesses.items()}
    earliest: dict[VerifierKey, int] = {}
    for signed in checkpoints:
        for key, time in signed.cosigned.items():
            earliest[key] = min(time, earliest.get(key, time))
    origin = policy.log.name
    told = [
        Cosigner(names[key], day_in_japan(time), is_outside(origin, key)) for key, time in earliest.items()
    ]
    return tuple(sorted(told, key=lambda cosigner: (cosigner.day, cosigner.name)))
