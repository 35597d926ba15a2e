"""The register at the desk: fetched, checked, kept, folded, and written on (docs/format.md, 2.15). No Flask in here.

What was fetched once stays: a server that goes back behind it, or hands out another register, is told on every page,
and nothing is written until it is right again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from admin.desk.casework.kept_register import KeptRegister
from admin.desk.casework.register_rows import KeptRecord, RegisterHead
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import DoesNotCount, Situation
from admin.desk.local.copy import Cache
from admin.desk.server.client import Server, ServerRefusal
from admin.desk.server.session import AuditorSession
from cases import register, roles
from cases.records import Record
from cases.register import RegisterState, Said
from cases.replies import Reply
from crypto import register as records
from crypto.encoding import hex_id
from crypto.errors import BadData
from crypto.identity import Identity
from crypto.register import Earlier
from crypto.seal import Recipient

OLDER: Final = "older"
OTHER: Final = "other"
CLOSED: Final = "closed"
"""This key was enrolled since the newest record: a colleague's desk seals the register to it first."""
_TRIES: Final = 20


class RegisterBehind(Exception):
    """The server's register is not the one that this desk has: nothing is written. `reason`: OLDER, OTHER or CLOSED."""

    def __init__(self, reason: str) -> None:
        super().__init__("the server's register is not the one that this desk has")
        self.reason = reason


@dataclass(frozen=True, repr=False)
class ExportLine:
    """An entry of the export log that this auditor may read. `details`: what it says."""

    said: Said
    details: Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class Register:
    """Everything that a desk does about the register. `today`: the day in Japan; `again`: asks the server anew."""

    identity: Identity
    cache: Cache
    server: Server
    today: Callable[[], date]
    again: Callable[[], Situation]

    @property
    def kept(self) -> KeptRegister:
        """The records that are here."""
        return KeptRegister(self.identity, self.cache)

    @property
    def fault(self) -> str:
        """The fault of the server's register: "", OLDER or OTHER. Raises CacheUnusable, Locked."""
        return self.kept.head().fault

    @property
    def newest(self) -> int:
        """The number of the newest entry that is here; 0 for none. Raises CacheUnusable, Locked."""
        return self.kept.head().number

    def look(self, roster: SiteRoster, told: tuple[int, bytes] | None) -> tuple[bool, str]:
        """Tell whether there is something to fetch, to open, to hand in or to seal anew, and what was wrong before.

        `told`: number and hash of the server's newest record; None: it was not asked. Raises CacheUnusable, Locked.
        """
        head = self.kept.head()
        is_other = told not in (None, (head.number, head.hash))
        return is_other or bool(head.fault) or head.is_waiting or bool(
            self._without_slot(roster, head)
        ), head.fault

    def exchange(self, situation: Situation, told: tuple[int, bytes]) -> None:
        """Fetch what is new and hand in what the server lost (`told` as for `look`). Raises ServerTrouble,
        CacheUnusable, Locked.
        """
        roster, head = situation.roster, self.kept.head()
        session = AuditorSession(self.server, self.identity, roster.salt)
        if told[0] < head.number:
            self._hand_in(session, told[0])
        elif told[0] > head.number:
            self._fetch(session, told[0])
        else:
            self.kept.keep_head(replace(head, fault="" if told[1] == head.hash else OTHER))
        self.kept.open_all(roster)
        head = self.kept.head()
        if not head.fault and self._without_slot(roster, head):
            self._try(roster, register.make("readers"))

    def add(self, situation: Situation, entry: Record, shown: int | None = None) -> Situation:
        """Write an entry after all others; return the desk's situation then.

        `shown`: number of the newest entry when the page was made; one about the same thing that came since is not
        written over: DoesNotCount("changed"). None: nothing was shown. Raises DoesNotCount, RegisterBehind,
        PayloadTooLarge, ServerTrouble, ServerRefusal, CacheUnusable, Locked.
        """
        now = situation if situation.trouble is None else self.again()
        if now.trouble is not None:
            raise now.trouble
        for _ in range(_TRIES):
            if self.fault or not self._may_write(self.kept.head()):
                raise RegisterBehind(self.fault or CLOSED)
            self._check_counts(now.roster, entry, shown)
            refused = self._try(now.roster, entry)
            if not refused:
                return now
            if refused == "recipients":  # somebody was enrolled or retired
                now = self.again()
            else:  # a colleague was faster
                self._fetch(
                    AuditorSession(self.server, self.identity, now.roster.salt), self.kept.head().number
                )
                self.kept.open_all(now.roster)
        raise ServerRefusal(409, "number")

    def log_export(
        self, situation: Situation, details: Mapping[str, Any], out: Collection[bytes] = ()
    ) -> None:
        """Write into the export log what leaves the desk, before it does. `out`: key ids that may not read the case.

        Raises what `add` raises.
        """
        export_id = secrets.token_bytes(16)
        sealed = records.seal_details(export_id, details, _recipients(situation.roster, out))
        self.add(situation, register.make("export", export=hex_id(export_id), **sealed))

    def state(self, roster: SiteRoster) -> RegisterState:
        """Return what the register says, as far as it is here and counts. Raises CacheUnusable, Locked."""
        return register.fold(self.kept.said(roster))

    def templates(self, roster: SiteRoster | None) -> tuple[Reply, ...]:
        """Return the own templates. Raises CacheUnusable, Locked."""
        return register.templates(self.state(roster)) if roster is not None else ()

    def exports(self, roster: SiteRoster) -> tuple[ExportLine, ...]:
        """Return the export log, the newest entry first, as far as this auditor may read it."""
        own, lines = self.identity, list[ExportLine]()
        for export_id, said in self.state(roster).exports.items():
            entry, where = said.entry.fields, bytes.fromhex(export_id)
            try:
                details = records.open_details(where, entry, own.key_id, own.box_sk, own.box_pk)
            except BadData:
                continue
            lines.append(ExportLine(said, details))
        return tuple(reversed(lines))

    def _check_counts(self, roster: SiteRoster, entry: Record, shown: int | None) -> None:
        own = roster.by_key[self.identity.key_id]
        is_lead = roles.may_edit_register(roster.role_of(own.key_id))
        said = Said(self.kept.head().number + 1, own.person, is_lead, self.today(), entry)
        state = self.state(roster)
        reason = register.refusal(state, said)
        if reason:
            raise DoesNotCount(reason)
        if shown is not None and register.is_overtaken(state, entry, shown):
            raise DoesNotCount("changed")

    def _try(self, roster: SiteRoster, entry: Record) -> str:
        """Seal and hand in a record behind the newest one; return "", or the server's word: its list or register moved
        on.
        """
        head, own = self.kept.head(), self.identity
        earlier = _earlier(self.kept.rows())
        sealed = records.seal_register(
            entry.as_json(),
            (head.number + 1, head.hash),
            earlier,
            (own.key_id, own.sign_seed),
            self.today(),
            roster.listing.prefix(roster.in_log),
            _recipients(roster),
            roster.salt,
        )
        try:
            AuditorSession(self.server, own, roster.salt).add_to_register(sealed.raw)
        except ServerRefusal as refused:
            if refused.status == 409 and refused.code in ("number", "recipients"):
                return refused.code
            raise
        self.kept.add(sealed.raw)
        self.kept.open_all(roster)
        return ""

    def _hand_in(self, session: AuditorSession, told: int) -> None:
        """Hand in what the server lost: it goes on where its own newest record is one that is here."""
        for row in self.kept.rows()[told:]:
            kept = self.cache.sealed([row.row_id]).get(row.row_id)
            try:
                if kept is None:
                    raise RegisterBehind(OLDER)
                session.add_to_register(kept.raw)
            except (RegisterBehind, ServerRefusal):
                self.kept.keep_head(replace(self.kept.head(), fault=OLDER))
                return
        self.kept.keep_head(replace(self.kept.head(), fault=""))

    def _fetch(self, session: AuditorSession, told: int) -> None:
        more = True
        while more:
            page = session.register(self.kept.head().number)
            more = page.more
            for raw in page.records:
                if not self.kept.add(raw):
                    self.kept.keep_head(replace(self.kept.head(), fault=OTHER))
                    return
        now = self.kept.head()
        self.kept.keep_head(replace(now, fault=OLDER if now.number < told else ""))

    def _without_slot(self, roster: SiteRoster, head: RegisterHead) -> frozenset[bytes]:
        """Return the readers of today to whom the newest record is not sealed, where this desk can seal anew."""
        if not self._may_write(head):
            return frozenset()
        return roster.sealed_to - frozenset(head.slots) if head.number else frozenset()

    def _may_write(self, head: RegisterHead) -> bool:
        """Tell whether the newest record, if there is any, is sealed to this key: then it knows the keys of all."""
        return not head.number or self.identity.key_id in head.slots


def _earlier(rows: Sequence[KeptRecord]) -> Earlier | None:
    """Return what names the newest record from whose key most others follow; the newest, where nobody cut it off."""
    reach = dict[int, int]()
    for row in rows:
        if row.key:
            reach[row.number] = 1 + (reach.get(row.earlier.number, 0) if row.earlier else 0)
    if not reach:
        return None
    number = max(reach, key=lambda each: (reach[each], each))
    return Earlier(number, rows[number - 1].key)


def _recipients(roster: SiteRoster, out: Collection[bytes] = ()) -> list[Recipient]:
    return [Recipient(card.key_id, card.box_pk, card.key_id in out) for card in roster.readers]
