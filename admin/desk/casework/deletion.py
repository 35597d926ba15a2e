"""Deleting a case: one auditor proposes, another agrees, and every desk that gets both signatures deletes its copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from admin.desk.casework import deletion_proof
from admin.desk.casework.log_acts import LogActs
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import CannotReply, Situation
from admin.desk.local.copy import Cache, CaseLine
from admin.desk.server.client import Server, ServerRefusal
from admin.desk.server.responses import DELETED, Signed
from admin.desk.server.responses import DELETION as PROPOSED
from admin.desk.server.session import AuditorSession
from cases import retention
from cases.days import format_day, parse_day
from crypto import messages, seal
from crypto.encoding import b64e, canonical_json, hex_id
from crypto.identity import Identity


@dataclass(frozen=True, repr=False)
class Deletions:
    """Everything that deleting needs. `from_copy`: opens a case from what is here; `log`: leaves of what is sent."""

    identity: Identity
    cache: Cache
    server: Server
    today: Callable[[], date]
    from_copy: Callable[[CaseLine, SiteRoster], OpenedCase]
    log: LogActs

    def bury(self, roster: SiteRoster) -> tuple[bytes, ...]:
        """Forget the cases that two persons have deleted, as far as their signatures show it. Return the other ones of
        which the feed says something about deleting them.
        """
        acted = self.cache.acted()
        forgotten = set()
        for case_id in acted:
            last = self.cache.acts(case_id)[-1]
            line = self.cache.case(case_id)
            if last.what != DELETED or line is None:
                continue
            report_id = line.report_id or b""
            sealed = self.cache.sealed([report_id]).get(report_id)
            case = self.from_copy(line, roster) if sealed else None
            out = case.out(roster) if case else ()
            # A desk that never had the report has nothing to lose, and can't see who opened it.
            if deletion_proof.is_shown(case_id, last.acts, sealed.raw if sealed else None, roster, out):
                was_read = (case is not None and case.is_open) or case_id in self.cache.left()
                received = line.received_day if was_read else None
                self.cache.forget_case(case_id, _object_ids(case))
                self.cache.put({_gone(case_id): canonical_json(_tombstone(last.acts, received))})
                forgotten.add(case_id)
        return tuple(case_id for case_id in acted if case_id not in forgotten)

    def _acted(self, situation: Situation) -> Sequence[bytes]:
        return self.cache.acted() if situation.acted is None else situation.acted

    def deleted(self, case_id: bytes) -> tuple[date, list[bytes]] | None:
        """Return when a case was deleted and by which keys; None for one that was not, as far as this desk knows."""
        kept = self.cache.get(_gone(case_id))
        deletion = json.loads(kept) if kept else None
        return (
            (parse_day(deletion["day"]), [bytes.fromhex(author) for author in deletion["by"]])
            if deletion
            else None
        )

    def cases(self) -> list[tuple[bytes, date]]:
        """Return the deleted cases that this desk had read, with the day of the deletion, the newest first."""
        days = [(case_id, parse_day(deletion["day"])) for case_id, deletion in self._read().items()]
        return sorted(days, key=lambda case: case[1], reverse=True)

    def may_decide(self, case: OpenedCase, roster: SiteRoster) -> bool:
        """Tell whether this auditor may be one of the two who delete a case today."""
        own = roster.by_key[self.identity.key_id]
        return deletion_proof.may(roster, own, self.today(), case.at_report)

    def received_days(self) -> list[date]:
        """Return when the deleted cases came that this desk had read."""
        return [parse_day(deletion["received"]) for deletion in self._read().values()]

    def _read(self) -> dict[bytes, dict[str, Any]]:
        kept = {case_id: json.loads(raw) for case_id, raw in self.cache.tombstones().items()}
        return {case_id: deletion for case_id, deletion in kept.items() if "received" in deletion}

    def claimed_deleted(self, situation: Situation) -> list[CaseLine]:
        """Return the cases of which the server says that they were deleted, and no two signatures show it."""
        acted = self._acted(situation)
        claimed = (case_id for case_id in acted if self.cache.acts(case_id)[-1].what == DELETED)
        shown = (case_id for case_id in claimed if self.cache.is_shown(case_id))
        return [line for case_id in shown if (line := self.cache.case(case_id)) is not None]

    def propose(self, situation: Situation, case: OpenedCase) -> None:
        """Propose that a case is deleted. Raises CannotReply, ServerTrouble, ServerRefusal."""
        act = self._act(case, messages.delete_text)
        self._session(situation).propose_deletion(case.line.case_id, act)

    def agree(self, situation: Situation, case: OpenedCase, proposal: Signed) -> None:
        """Agree to a colleague's proposal: the case is gone then. Raises CannotReply, ServerTrouble, ServerRefusal."""
        named = messages.proposal_hash(proposal.sig)
        act = self._act(case, lambda case_id, own, day: messages.agree_text(case_id, own, named, day))
        try:
            self._send(situation, case.line.case_id, proposal, act)
        except ServerRefusal as refused:
            if not self.log.again(lambda: situation, refused):
                raise
            self._send(situation, case.line.case_id, proposal, act)

    def _send(self, situation: Situation, case_id: bytes, proposal: Signed, act: Signed) -> None:
        """Send an agreement with its leaf, and keep the server's promise."""
        signed = deletion_proof.signed_texts(case_id, proposal, act)
        leaf = self.log.deletion(situation.roster, case_id, signed)
        named = messages.proposal_hash(proposal.sig)
        answer = self._session(situation).agree_to_deletion(case_id, named, act, leaf)
        self.log.keep(situation.roster, case_id, [{"proposal": b64e(named), **leaf}], answer)

    def keep(self, situation: Situation, case: OpenedCase) -> None:
        """Withdraw a proposal to delete a case. Raises CannotReply, ServerTrouble, ServerRefusal."""
        act = self._act(case, messages.keep_text)
        self._session(situation).keep_case(case.line.case_id, act)

    def proposal(self, situation: Situation, case: OpenedCase) -> Signed | None:
        """Return the proposal to delete a case that waits for a second person, if its signatures hold.

        Raises CacheUnusable, Locked.
        """
        acts = self.cache.acts(case.line.case_id)
        if not acts or acts[-1].what != PROPOSED or not acts[-1].acts or case.content_key is None:
            return None
        act, act_pk = acts[-1].acts[0], seal.act_pk(case.content_key)
        stands = retention.stands(act.day, self.today())
        shown = deletion_proof.is_proposal(case.line.case_id, act, act_pk, situation.roster)
        return act if stands and shown else None

    def awaiting(self, situation: Situation) -> list[bytes]:
        """Return the cases whose deletion a colleague proposed and this auditor can agree to.

        Raises CacheUnusable, Locked.
        """
        people, own = situation.roster, situation.roster.by_key[self.identity.key_id].person
        waiting = []
        for case_id in self._acted(situation):
            line = self.cache.case(case_id) if self.cache.acts(case_id)[-1].what == PROPOSED else None
            case = self.from_copy(line, people) if line else None
            proposal = self.proposal(situation, case) if case else None
            if case is None or proposal is None or people.by_key[proposal.author].person == own:
                continue
            if self.may_decide(case, people):
                waiting.append(case_id)
        return waiting

    def _session(self, situation: Situation) -> AuditorSession:
        return AuditorSession(self.server, self.identity, situation.roster.salt)

    def _act(self, case: OpenedCase, text: Callable[[bytes, bytes, date], bytes]) -> Signed:
        if case.content_key is None:
            raise CannotReply
        day = self.today()
        signed = text(case.line.case_id, self.identity.key_id, day)
        return Signed(
            self.identity.key_id,
            day,
            messages.sign(self.identity.sign_seed, signed),
            messages.sign(seal.act_seed(case.content_key), signed),
        )


def _gone(case_id: bytes) -> str:
    return f"deleted:{hex_id(case_id)}"


def _tombstone(acts: Sequence[Signed], received: date | None) -> dict[str, Any]:
    """Return what stays on the desk of a case that two persons deleted: the day, who they were, and for the statistics
    when the report came, if this desk could read it."""
    kept: dict[str, Any] = {"day": format_day(acts[-1].day), "by": [hex_id(act.author) for act in acts]}
    return kept if received is None else {**kept, "received": format_day(received)}


def _object_ids(case: OpenedCase | None) -> list[bytes]:
    entries = [entry for entry in (case.report, *case.entries) if entry is not None] if case else []
    return [file.object_id for entry in entries for file in entry.files]
