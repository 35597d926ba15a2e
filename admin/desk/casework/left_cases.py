"""The cases that this desk's auditor does not read any more: stepped back from, or taken off. No Flask in here.

What is open of them is forgotten (`CaseReader.leave`); what stays is that they were left, and by whom the auditor was
taken off. A record or an answer that came since may bring the auditor back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin.desk.casework.content import open_one, record_of
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.copy import Cache, EnvelopeLine, left_name
from admin.desk.server.responses import SealedBytes
from cases.days import format_day
from crypto.access import GIVEN, OFF, change_of
from crypto.encoding import canonical_json, hex_id
from crypto.envelope import Kind
from crypto.identity import Identity


@dataclass(frozen=True, repr=False)
class LeftCases:
    """The cases that one auditor left."""

    identity: Identity
    cache: Cache

    def holds(self, case_id: bytes) -> bool:
        """Tell whether this auditor gave the own access to a case up. Raises CacheUnusable."""
        return bool(self.cache.get(left_name(case_id)))

    def note_removal(self, case: OpenedCase, roster: SiteRoster) -> None:
        """Keep on which day and by whom this auditor was taken off a case. Raises CacheUnusable, Locked."""
        own = self._person(roster)
        removal = next(
            signed
            for signed in reversed(case.access.counted)
            if signed.change.what == OFF and signed.change.target == own
        )
        entry = case.entry(removal.envelope_id)
        keys = (removal.change.proposer, removal.author)
        told = {
            "day": format_day(entry.day) if entry else "",
            "by": [hex_id(roster.by_key[key].person) for key in keys],
        }
        self.cache.put({_off_name(case.line.case_id): canonical_json(told)})

    def removal(self, case_id: bytes) -> tuple[str, tuple[bytes, ...]] | None:
        """Return the day on which this auditor was taken off a case, and the two persons; None for who stepped back."""
        kept = self.cache.get(_off_name(case_id)) if self.holds(case_id) else None
        told = json.loads(kept) if kept else None
        return (told["day"], tuple(map(bytes.fromhex, told["by"]))) if told else None

    def still_holds(
        self,
        roster: SiteRoster,
        case_id: bytes,
        envelopes: Sequence[EnvelopeLine],
        sealed: Mapping[bytes, SealedBytes],
    ) -> bool:
        """Tell whether a case is still closed to this auditor, who stepped back from it; `envelopes`: those since.

        One of the records that came since may bring the auditor back: then it is forgotten that the case was left.
        """
        if not self.holds(case_id):
            return False
        own = roster.by_key[self.identity.key_id].person
        later = [envelope for envelope in envelopes if envelope.kind == Kind.RECORD]
        opened = (open_one(envelope, sealed.get(envelope.envelope_id), self.identity) for envelope in later)
        records = [record_of(content) for content in opened if content is not None]
        is_back = any(
            record and record.type == "bring_back" and record["person"] == own.hex() for record in records
        )
        if is_back or any(self._gives_back(roster, envelope, sealed) for envelope in envelopes):
            self.cache.put({left_name(case_id): b"", _off_name(case_id): b""})
            return False
        return True

    def _gives_back(
        self, roster: SiteRoster, line: EnvelopeLine, sealed: Mapping[bytes, SealedBytes]
    ) -> bool:
        """Tell whether an answer gives the case to a key of this auditor's; opening the case then checks it."""
        if line.kind != Kind.TO_REPORTER:
            return False
        content = open_one(line, sealed.get(line.envelope_id), self.identity)
        change = change_of(content.payload) if content is not None else None
        if change is None or change.what != GIVEN:
            return False
        card = roster.by_key.get(change.target)
        return card is not None and card.person == roster.by_key[self.identity.key_id].person

    def _person(self, roster: SiteRoster) -> bytes:
        card = roster.by_key.get(self.identity.key_id)
        return card.person if card else b""


def _off_name(case_id: bytes) -> str:
    """Return under which name is kept by whom this auditor was taken off a case."""
    return f"taken_off:{case_id.hex()}"
