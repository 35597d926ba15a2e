"""Which changes of who reads a case its answers hold, and whose answers still count after them (docs/format.md, 2.16).
The twin of portal/scripts/format/casechanges.ts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crypto.access import OFF, Access, SignedChange, change_of, person_of
from crypto.cards import Card
from crypto.listing import signed_keys, signed_length
from crypto.unseal import Opened


def changes_of(
    rows: Iterable[tuple[bytes, bool]],
    opened: Mapping[bytes, Opened],
    excluded: Mapping[bytes, frozenset[bytes]],
    recorded: frozenset[bytes],
    signed: Mapping[bytes, bytes],
) -> list[SignedChange]:
    """Return the changes of who reads the case, each with whom the reporter had excluded before it.

    `rows`: envelope id, and whether it is an answer, in the order of the feed. `excluded`: the persons that each
    envelope of the reporter's names. `signed`: who signed which answer. Where an earlier envelope of the reporter's
    does not open any more, what the record says (`recorded`) counts as said before.
    """
    changes: list[SignedChange] = []
    exclude: frozenset[bytes] = frozenset()
    for envelope_id, is_answer in rows:
        message = opened.get(envelope_id)
        if message is not None:
            exclude |= excluded.get(envelope_id, frozenset())
        elif not is_answer:
            exclude |= recorded
        change = change_of(message.payload) if message and envelope_id in signed else None
        if message is not None and change is not None:
            slots = signed_keys(message.payload) or frozenset()
            length = signed_length(message.payload)
            changes.append(SignedChange(envelope_id, change, signed[envelope_id], slots, exclude, length))
    return changes


def still_on(
    signed: Mapping[bytes, bytes], by_key: Mapping[bytes, Card], access: Access
) -> dict[bytes, bytes]:
    """Return the answers without those of persons who were off the case by then."""
    counted = {signed_change.envelope_id: signed_change.change for signed_change in access.counted}
    shown = {person_of(change, by_key) for change in counted.values() if change.what == OFF}
    # Of a removal that is in the record alone nobody knows when it came: then no word of that person counts.
    off = set(access.off.keys() - shown)
    answers: dict[bytes, bytes] = {}
    for envelope_id, author in signed.items():
        if by_key[author].person not in off:
            answers[envelope_id] = author
        change = counted.get(envelope_id)
        if change is not None:
            (off.add if change.what == OFF else off.discard)(person_of(change, by_key))
    return answers
