"""Why an envelope, or a case, does not open at this desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from admin.desk.casework.addressed import Floors, floor_of, list_fault
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.rows import CaseLine, EnvelopeLine
from admin.desk.local.summary import SHUT
from admin.desk.server.responses import SealedBytes
from crypto.envelope import decode
from crypto.errors import BadData, CannotOpen, NotAddressed
from crypto.identity import Identity
from crypto.unseal import unseal

BEFORE: Final = "before"
"""The fault of an envelope that came before this key was enrolled."""


LIST: Final = "list"
"""The fault of an envelope that was locked for others than the list of auditors says."""


def fault_of(
    line: EnvelopeLine,
    sealed: SealedBytes | None,
    roster: SiteRoster,
    identity: Identity,
    floors: Floors = (),
) -> str:
    """Return why an envelope does not open here; empty when it does.

    SHUT; BEFORE: it came before this key was enrolled, and no grant opens; `withheld`: the server did not hand it out;
    `no_slot`: it has none for this key, which was on the list; LIST: its slots don't fit the list in another way (2.5);
    `damaged`: it is not what was sealed, or not what the feed says. Of SHUT nobody can tell whether the reporter shut
    this key out, and nothing of it is shown.
    """
    if sealed is None:
        return "withheld"
    try:
        opened = unseal(sealed.raw, identity.box_sk, identity.box_pk, identity.key_id, sealed.grants)
    except (CannotOpen, NotAddressed):
        fault = list_fault(roster, sealed.raw, None, identity.key_id, floor_of(floors, line.seq))
        if fault:
            return "no_slot" if fault == "SlotMissing" else LIST
        own = identity.key_id in {slot.key_id for slot in decode(sealed.raw).slots}
        return SHUT if own else BEFORE
    except BadData:
        return "damaged"
    return "" if (opened.envelope_id, int(opened.kind)) == (line.envelope_id, line.kind) else "damaged"


def fault_of_case(
    line: CaseLine,
    envelopes: Sequence[EnvelopeLine],
    sealed: Mapping[bytes, SealedBytes],
    roster: SiteRoster,
    identity: Identity,
    floors: Floors,
) -> str:
    """Return why a case's report does not open; SHUT only where nothing of the case shows a fault or opens."""
    faults = {
        envelope.envelope_id: fault_of(envelope, sealed.get(envelope.envelope_id), roster, identity, floors)
        for envelope in envelopes
    }
    first = faults.pop(line.report_id, "withheld") if line.report_id else "withheld"
    later = next((fault for fault in faults.values() if fault not in ("", SHUT, BEFORE)), "")
    if first not in (SHUT, BEFORE):
        return first
    if "" in faults.values():
        # A reader of a part of a case was not exclude of it: the report was exchanged, or not handed over yet.
        return later or (BEFORE if first == BEFORE else "damaged")
    return later or SHUT
