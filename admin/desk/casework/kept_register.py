"""The records of the register that a desk has: kept as they came, opened and checked (docs/format.md, 2.15).

Asks the server for nothing. No Flask in here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from admin.desk.casework.register_rows import KeptRecord, RegisterHead
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.copy import Cache
from admin.desk.server.responses import SealedBytes
from cases import register, roles
from cases.records import BadRecord
from cases.register import Said
from crypto import register as records
from crypto.errors import BadData, RegisterMalformed
from crypto.identity import Identity
from crypto.listing import check_readers
from crypto.register import RegisterPayload, RegisterRecord
from crypto.roster_errors import ListLonger

_HEAD: Final = "register_head"
_ROW: Final = "register:"


@dataclass(frozen=True, repr=False)
class KeptRegister:
    """The register in one desk's sealed copy."""

    identity: Identity
    cache: Cache

    def unread(self) -> tuple[int, ...]:
        """Return the numbers of records that do not open here, or count for nothing because of how they are made."""
        return tuple(row.number for row in self.rows() if row.fault or not row.author)

    def said(self, roster: SiteRoster) -> list[Said]:
        """Return what the records say that count, oldest first. Raises CacheUnusable, Locked."""
        length, said = 0, list[Said]()
        for row in self.rows():
            card = roster.by_key.get(row.author)
            is_reader = row.length <= len(roster.listing) and row.author in roster.listing.readers(row.length)
            if card is None or row.fault or row.length < length or not is_reader:
                continue
            length = row.length
            try:
                entry = register.parse(row.entry)
            except BadRecord:
                continue
            is_lead = roles.may_edit_register(roster.role_of(row.author))
            said.append(Said(row.number, card.person, is_lead, row.day, entry))
        return said

    def add(self, raw: bytes) -> bool:
        """Keep the next record; False for one that does not follow the newest that is here."""
        head = self.head()
        try:
            record = records.decode_register(raw)
        except RegisterMalformed:
            return False
        if (record.number, record.before) != (head.number + 1, head.hash):
            return False
        row = KeptRecord(record.number, records.register_hash(raw))
        self.cache.add_sealed([SealedBytes(row.row_id, raw, ())])
        slots = tuple(slot.key_id for slot in record.slots)
        new = RegisterHead(row.number, row.hash, slots, is_waiting=True)
        self.cache.put({f"{_ROW}{row.number:010}": row.encode(), _HEAD: new.encode()})
        return True

    def open_all(self, roster: SiteRoster) -> None:
        """Open what was not opened yet, the newest first: each names the key of one before it."""
        head = self.head()
        if not head.is_waiting:
            return
        keys, opened, is_waiting = dict[int, bytes](), dict[str, bytes](), False
        for row in reversed(self.rows()):
            if row.author and not row.fault:
                if row.earlier is not None:
                    keys.setdefault(row.earlier.number, row.earlier.key)
                continue
            try:
                new = self._opened(row, keys, roster)
            except ListLonger:
                is_waiting = True  # by a list that is newer than this desk's: the next visit has it
                continue
            if new.earlier is not None:
                keys.setdefault(new.earlier.number, new.earlier.key)
            opened[f"{_ROW}{row.number:010}"] = new.encode()
        self.cache.put({**opened, _HEAD: replace(head, is_waiting=is_waiting).encode()})

    def _opened(self, row: KeptRecord, keys: Mapping[int, bytes], roster: SiteRoster) -> KeptRecord:
        kept = self.cache.sealed([row.row_id]).get(row.row_id)
        if kept is None:
            return replace(row, fault="missing")
        record, own = records.decode_register(kept.raw), self.identity
        key = b""
        try:
            try:
                key = records.key_of_slot(record, own.key_id, own.box_sk, own.box_pk)
            except BadData:
                if row.number not in keys:
                    raise
                key = keys[row.number]
            payload = records.open_register(record, key)
            _check(record, payload, roster)
        except ListLonger:
            raise
        except BadData as fault:
            return replace(row, key=key, fault=type(fault).__name__)
        return replace(
            row,
            key=key,
            author=payload.author,
            day=payload.day,
            length=payload.readers["length"],
            entry=payload.entry,
            earlier=payload.earlier,
            fault="",
        )

    def rows(self) -> list[KeptRecord]:
        """Return all records, oldest first. Raises CacheUnusable, Locked."""
        return [KeptRecord.decode(raw) for raw in self.cache.parts(_ROW)]

    def head(self) -> RegisterHead:
        """Return what is known of the newest record. Raises CacheUnusable, Locked."""
        kept = self.cache.get(_HEAD)
        return RegisterHead() if kept is None else RegisterHead.decode(json.loads(kept))

    def keep_head(self, new: RegisterHead) -> None:
        """Keep it, where it is another one than before. Raises CacheUnusable, Locked."""
        if new != self.head():
            self.cache.put({_HEAD: new.encode()})


def _check(record: RegisterRecord, payload: RegisterPayload, roster: SiteRoster) -> None:
    """Raise BadData unless a reader signed this, sealed to the readers of the list that it names."""
    card = roster.by_key.get(payload.author)
    slots = [slot.key_id for slot in record.slots]
    if payload.readers["length"] > len(roster.listing):
        raise ListLonger
    check_readers(roster.listing, slots, {"readers": payload.readers})
    records.check_register(record, payload, roster.salt, card.sign_pk if card is not None else b"")
