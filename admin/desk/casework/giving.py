"""Grants for a key that a case was given to: all earlier and later envelopes of that case (docs/format.md, 2.16).

A key without slots is granted what each desk opens that reads the whole case. The server sees that something
of this case was granted to this key, and keeps other cases from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from admin.desk.casework.content import open_one, record_of
from admin.desk.casework.handover import is_whole
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.copy import Cache
from admin.desk.server.session import GRANTS_AT_ONCE, AuditorSession
from cases import roles
from crypto import seal
from crypto.cards import Card
from crypto.encoding import canonical_json, hex_id
from crypto.errors import LowOrderKey
from crypto.identity import Identity
from crypto.unseal import Opened

GIVEN: Final = "given"
"""Stored under this name: by case and key (hex), up to which place in the feed this desk has granted."""


@dataclass(frozen=True, repr=False)
class Giving:
    """Everything that granting needs."""

    identity: Identity
    cache: Cache

    def note(self, case: OpenedCase, roster: SiteRoster) -> None:
        """Note to whom a case was given that this desk has just opened. Raises CacheUnusable, Locked."""
        kept = self._kept()
        case_id = hex_id(case.line.case_id)
        before = kept.get(case_id, {})
        cards = case.given_to(roster) if self._may_give(case, roster) else ()
        new = {hex_id(card.key_id): before.get(hex_id(card.key_id), 0) for card in cards}
        if new != before:
            self._keep({**kept, case_id: new})

    def _may_give(self, case: OpenedCase, roster: SiteRoster) -> bool:
        own = self.identity.key_id
        return roles.reads_reports(roster.role_of(own)) and own not in case.out(roster) and is_whole(case)

    def waiting(self) -> list[bytes]:
        """Return the cases of which something is not granted yet."""
        lines = {case_id: self.cache.case(bytes.fromhex(case_id)) for case_id in self._kept()}
        return [
            bytes.fromhex(case_id)
            for case_id, keys in self._kept().items()
            if (line := lines[case_id]) is not None and any(place < line.last_seq for place in keys.values())
        ]

    def give(self, session: AuditorSession, case: OpenedCase, roster: SiteRoster) -> None:
        """Grant what is new of a case to the keys that it was given to. Raises ServerTrouble, ServerRefusal."""
        self.note(case, roster)
        case_id = case.line.case_id
        kept = dict(self._kept().get(hex_id(case_id), {}))
        if not kept or all(place >= case.line.last_seq for place in kept.values()):
            return
        new = [
            grant
            for card in case.given_to(roster)
            for grant in self._grants(case_id, card, kept.get(hex_id(card.key_id), 0))
        ]
        for start in range(0, len(new), GRANTS_AT_ONCE):
            session.add_grants(new[start : start + GRANTS_AT_ONCE])
        self._keep({**self._kept(), hex_id(case_id): dict.fromkeys(kept, case.line.last_seq)})

    def tell(self, session: AuditorSession, case: OpenedCase, roster: SiteRoster, person: bytes) -> None:
        """Grant the newest removal to the keys without slots of whom it takes off: it is how their desk learns of it.

        Raises ServerTrouble, ServerRefusal.
        """
        removal = next(
            signed.envelope_id for signed in reversed(case.access.counted) if signed.change.target == person
        )
        cards = [card for card in roster.guests if card.person == person]
        line = next(line for line in self.cache.envelopes(case.line.case_id) if line.envelope_id == removal)
        opened = open_one(line, self.cache.sealed([removal]).get(removal), self.identity)
        if cards and opened is not None:
            session.add_grants(
                [(removal, card.key_id, seal.grant(opened.content_key, card.box_pk)) for card in cards]
            )

    def _grants(self, case_id: bytes, card: Card, after: int) -> Iterator[tuple[bytes, bytes, bytes]]:
        lines = [line for line in self.cache.envelopes(case_id) if line.seq > after]
        sealed = self.cache.sealed([line.envelope_id for line in lines])
        for line in lines:
            opened = open_one(line, sealed.get(line.envelope_id), self.identity)
            if opened is None or opened.payload.get("case_id") != hex_id(case_id) or _is_about(opened, card):
                continue
            try:
                yield line.envelope_id, card.key_id, seal.grant(opened.content_key, card.box_pk)
            except LowOrderKey:
                continue

    def _kept(self) -> Mapping[str, Mapping[str, int]]:
        kept: Mapping[str, Mapping[str, int]] = json.loads(self.cache.get(GIVEN) or b"{}")
        return kept

    def _keep(self, new: Mapping[str, Mapping[str, int]]) -> None:
        self.cache.put(
            {GIVEN: canonical_json({case_id: dict(keys) for case_id, keys in new.items() if keys})}
        )


def _is_about(opened: Opened, card: Card) -> bool:
    """Tell whether this proposes to take the card's person off: it is not for them."""
    record = record_of(opened)
    return record is not None and record.type == "access" and record["target"] == hex_id(card.person)
