"""The proof that a leaf that the server promised for an own act is in no batch (docs/format.md, 5.9). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from admin.desk.casework.log_checks import read_log
from admin.desk.casework.log_state import PromisedAct
from crypto.certificate import CertificateFile, Promised, show
from crypto.log_key import chain_of
from crypto.log_policy import logged_policies, named_policy
from crypto.logproof import read_policy
from crypto.tlog import leaf_hash


def proof_of_burying(act: PromisedAct, note: str, leaves: Sequence[bytes], rule: str) -> bytes | None:
    """Return the file that proves that a promise was not kept; None while the batch of the next day is not there, and
    for an act whose signature was not kept.

    `note`: the checkpoint of all these leaves, with its cosignatures; `rule`: the rule's text. Raises BadLog.
    """
    _site, batches = read_log(leaves)
    days = [batch for batch in batches if batch.day is not None]
    at = next((place for place, batch in enumerate(days) if batch.day and batch.day.day == act.day), None)
    if at is None or at + 1 >= len(days) or not act.sig:
        return None
    first, last = days[at].first, days[at + 1].first
    day = days[-1].day
    policy = named_policy(logged_policies(batches), day.rules if day else None, rule)
    if policy is None:
        return None
    hashes = [leaf_hash(leaf) for leaf in leaves]
    if act.leaf in hashes[first:last]:
        return None
    keys = {logged.index for logged in chain_of(leaves).changes}
    indexes = sorted({0, *keys, *range(first, last + 1)})
    shown = [show(leaves, hashes, index, note, None) for index in indexes]
    return CertificateFile(
        kind="burying",
        origin=note.partition("\n")[0],
        policy=policy.text,
        own_policy=read_policy(policy.text),
        rule=rule,
        shown=tuple(shown),
        promise=Promised(act.day, act.leaf, act.sig),
    ).encode()
