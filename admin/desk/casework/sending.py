"""Signs, seals and sends answers, records and statuses, each exactly once, also after a lost response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from admin.desk.casework.log_acts import LogActs
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import (
    CannotReply,
    ChoiceWithheld,
    DecisionParted,
    DoesNotCount,
    OtherReplySent,
    Situation,
    StatusMovedOn,
)
from admin.desk.server.client import Server, ServerRefusal
from admin.desk.server.session import AuditorSession
from cases import records, roles
from cases.case_fold import reasons_against
from cases.case_state import AuthoredRecord
from cases.days import format_day
from crypto import messages, seal
from crypto.access import GIVEN, OFF
from crypto.encoding import b64e, hex_id
from crypto.envelope import Kind
from crypto.errors import LowOrderKey
from crypto.identity import Identity
from crypto.listing import readers_field
from crypto.receipt import mailbox_key_id


@dataclass(frozen=True, repr=False)
class Decision:
    """A status with what goes out together with it: (envelope id, kind, body), no two of one kind."""

    sequence: int
    status: str
    envelopes: tuple[tuple[bytes, Kind, Mapping[str, Any]], ...]


@dataclass(frozen=True, repr=False)
class Sending:
    """Everything that sending needs. `again`: asks the server for what is new and opens a case once more."""

    identity: Identity
    server: Server
    today: Callable[[], date]
    again: Callable[[bytes], tuple[Situation, OpenedCase | None]]
    log: LogActs

    def once(
        self, situation: Situation, case: OpenedCase, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> None:
        """Sign, seal and send an envelope, once for each `envelope_id`.

        Raises CannotReply, ChoiceWithheld, DoesNotCount, OtherReplySent, ServerTrouble, ServerRefusal, PayloadTooLarge.
        """
        if not self._was_sent(case, envelope_id, body):
            repeat = self._send(situation, case, envelope_id, kind, body)
            if repeat:
                # The server has an envelope with this id, sent when its answer was lost: is it this one?
                _now, latest = self.again(case.line.case_id)
                if latest is None or not self._was_sent(latest, envelope_id, body):
                    raise OtherReplySent

    def _was_sent(self, case: OpenedCase, envelope_id: bytes, body: Mapping[str, Any]) -> bool:
        there = case.entry(envelope_id)
        if there is None:
            return False
        said: dict[str, Any] = {"message": there.message}
        if there.record is not None:
            said = {"record": there.record.as_json()}
        elif there.change is not None:
            said["access"] = there.change.fields()
        if there.verified and said == body and _own(there.author) == self.identity.key_id:
            return True
        raise OtherReplySent

    def _send(
        self, situation: Situation, case: OpenedCase, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> bool:
        try:
            return self._seal_and_send(situation.roster, case, envelope_id, kind, body)
        except ServerRefusal as refused:
            if not self.log.again(lambda: situation, refused) and not _is_old_list(refused):
                raise
        # Since this was fetched, somebody was enrolled or retired, or the reporter took a new code.
        now, latest = self.again(case.line.case_id)
        return self._seal_and_send(now.roster, latest or case, envelope_id, kind, body)

    def _seal_and_send(
        self, now: SiteRoster, case: OpenedCase, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> bool:
        case_id, sent = case.line.case_id, self._sealed(now, case, envelope_id, kind, body)
        answer = AuditorSession(self.server, self.identity, now.salt).add_envelope(case_id, sent)
        self.log.keep(now, case_id, [sent], answer)
        return answer.repeat

    def _sealed(
        self, now: SiteRoster, case: OpenedCase, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return an envelope as it is sent. Raises CannotReply, ChoiceWithheld, PayloadTooLarge."""
        if case.content_key is None:
            raise CannotReply
        if case.choice_withheld:
            raise ChoiceWithheld
        self._check_counts(now, case, envelope_id, body)
        case_id, own = case.line.case_id, self.identity
        choice = 0
        if kind is Kind.TO_REPORTER:
            choice = case.choice
            body = {**body, "category": case.told_category} if case.told_category else body
        slots = now.slots(_out(now, case, body))
        readers = readers_field(now.listing.prefix(now.in_log), [slot.key_id for slot in slots])
        payload = messages.auditor_payload(
            kind, own.key_id, case_id, envelope_id, body, case.seen, own.sign_seed, readers, choice
        )
        sealed = seal.seal(kind, envelope_id, payload, slots)
        act_sig = messages.sign(seal.act_seed(case.content_key), messages.act_text(case_id, sealed.raw))
        return {
            "envelope": b64e(sealed.raw),
            "act_sig": b64e(act_sig),
            "grants": self._grants(now, case, kind, sealed.content_key),
            **(self.log.envelope(now, case_id, sealed.raw) if kind is Kind.TO_REPORTER else {}),
        }

    def _grants(
        self, now: SiteRoster, case: OpenedCase, kind: Kind, content_key: bytes
    ) -> list[dict[str, str]]:
        """Return the grant that goes with an envelope: the reporter's to an answer, a guest's own to a record."""
        if kind is Kind.TO_REPORTER:
            return _mailbox_grants(case, content_key)
        own = self.identity
        if not roles.reads_given_cases(now.role_of(own.key_id)):
            return []
        return [{"key_id": hex_id(own.key_id), "sealed": b64e(seal.grant(content_key, own.box_pk))}]

    def _check_counts(
        self, now: SiteRoster, case: OpenedCase, envelope_id: bytes, body: Mapping[str, Any]
    ) -> None:
        """Raise DoesNotCount for a record that no desk would count: the auditor would take it for done."""
        if "record" not in body:
            return
        record = records.parse(body["record"])
        own = now.by_key[self.identity.key_id]
        new = AuthoredRecord(
            envelope_id, own.key_id, own.person, now.role_of(own.key_id), self.today(), record
        )
        reasons = reasons_against(case.said, new)
        if reasons:
            raise DoesNotCount(reasons[0])

    def set_status(self, situation: Situation, case: OpenedCase, sequence: int, status: str) -> None:
        """Sign and send a status. Raises StatusMovedOn, CannotReply, ServerTrouble, ServerRefusal."""
        if any(
            (entry.sequence, entry.status, _own(entry.author)) == (sequence, status, self.identity.key_id)
            for entry in case.statuses
        ):
            return  # sent before; its answer was lost or the page was sent twice
        try:
            self._send_status(situation, case, sequence, status)
        except ServerRefusal as refused:
            if self.log.again(lambda: situation, refused):
                self._send_status(situation, case, sequence, status)
                return
            case_id = case.line.case_id
            if refused.status != 409:
                raise
            _now, latest = self.again(case_id)
            raise _moved_on(self.identity, latest or case, sequence) from None

    def _send_status(self, situation: Situation, case: OpenedCase, sequence: int, status: str) -> None:
        case_id, sent = case.line.case_id, self._signed(situation.roster, case, sequence, status)
        session = AuditorSession(self.server, self.identity, situation.roster.salt)
        self.log.keep(situation.roster, case_id, [sent], session.set_status(case_id, sent))

    def _signed(self, now: SiteRoster, case: OpenedCase, sequence: int, status: str) -> dict[str, Any]:
        """Return a status as it is sent. Raises StatusMovedOn, CannotReply."""
        if sequence != case.next_sequence:
            raise _moved_on(self.identity, case, sequence)
        if case.content_key is None:
            raise CannotReply
        day, case_id = self.today(), case.line.case_id
        text = messages.status_text(case_id, sequence, self.identity.key_id, status, day)
        sig = messages.sign(self.identity.sign_seed, text)
        act_sig = messages.sign(seal.act_seed(case.content_key), text)
        return {
            "sequence": sequence,
            "status": status,
            "day": format_day(day),
            "sig": b64e(sig),
            "act_sig": b64e(act_sig),
            **self.log.status(now, case_id, sequence, status, text + sig + act_sig),
        }

    def decide(self, situation: Situation, case: OpenedCase, decision: Decision) -> None:
        """Sign, seal and send a status with what belongs to it, once: the server takes all of it or nothing.

        Raises StatusMovedOn, DecisionParted, CannotReply, ChoiceWithheld, OtherReplySent, ServerTrouble, ServerRefusal,
        PayloadTooLarge.
        """
        if self._was_decided(case, decision):
            return
        try:
            self._seal_and_decide(situation.roster, case, decision)
        except ServerRefusal as refused:
            if refused.status != 409:
                raise
            now, latest = self.again(case.line.case_id)
            if latest is None:
                raise
            # Its answer was lost, a colleague was faster, somebody was enrolled, or the reporter took a new code.
            if not self._was_decided(latest, decision):
                if not self.log.again(lambda: now, refused) and not _is_old_list(refused):
                    raise _moved_on(self.identity, latest, decision.sequence) from None
                self._seal_and_decide(now.roster, latest, decision)

    def _was_decided(self, case: OpenedCase, decision: Decision) -> bool:
        """Tell whether all of it was sent before. Raises DecisionParted where a part of it was, OtherReplySent."""
        is_set = any(
            entry.verified
            and (entry.sequence, entry.status) == (decision.sequence, decision.status)
            and _own(entry.author) == self.identity.key_id
            for entry in case.statuses
        )
        sent = [self._was_sent(case, envelope_id, body) for envelope_id, _kind, body in decision.envelopes]
        if is_set and all(sent):
            return True
        if any(sent):
            raise DecisionParted
        if is_set:
            raise StatusMovedOn(own=True)
        return False

    def _seal_and_decide(self, now: SiteRoster, case: OpenedCase, decision: Decision) -> None:
        sent: dict[str, Any] = {
            "status": self._signed(now, case, decision.sequence, decision.status),
            "envelopes": [self._sealed(now, case, *envelope) for envelope in decision.envelopes],
        }
        answer = AuditorSession(self.server, self.identity, now.salt).decide(case.line.case_id, sent)
        self.log.keep(now, case.line.case_id, [sent["status"], *sent["envelopes"]], answer)
        if answer.repeat:
            # The server has envelopes with these ids, sent when its answer was lost: are they these ones?
            _now, latest = self.again(case.line.case_id)
            if latest is None or not self._was_decided(latest, decision):
                raise OtherReplySent


def _moved_on(identity: Identity, case: OpenedCase, sequence: int) -> StatusMovedOn:
    return StatusMovedOn(
        any(
            entry.verified and entry.sequence == sequence and _own(entry.author) == identity.key_id
            for entry in case.statuses
        )
    )


def _is_old_list(refused: ServerRefusal) -> bool:
    """Tell whether somebody was enrolled or retired, or the reporter took a new code, since this was fetched."""
    return refused.status == 409 and refused.code in ("recipients", "mailbox")


def _own(author: Any) -> bytes | None:
    return author.key_id if author is not None else None


def _out(now: SiteRoster, case: OpenedCase, body: Mapping[str, Any]) -> frozenset[bytes]:
    """Return the keys that get a slot which opens for nobody: excluded by the reporter, stepped back, or taken off.

    Whom a record or an answer brings back can open it: it is how their desk learns of it. A proposal to take somebody
    off is not for that person, and neither is the refusal of that.
    """
    record, change = body.get("record", {}), body.get("access", {})
    proposed = _proposed(case, record)
    if proposed.get("what") == OFF:
        target = bytes.fromhex(proposed["target"])
        return now.may_not_read(case.exclude, case.gone | {target}, case.at_report)
    back = bytes.fromhex(record["person"]) if record.get("type") == "bring_back" else None
    if change.get("what") == GIVEN:
        back = now.by_key[bytes.fromhex(change["target"])].person
    return case.out(now, back)


def _proposed(case: OpenedCase, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the proposal that a record is, or refuses; nothing for another record."""
    if record.get("type") != "access_refused":
        return record if record.get("type") == "access" else {}
    said = (said for said in case.said if said.envelope_id.hex() == record["proposal"])
    return next((proposal.record.fields for proposal in said if proposal.record.type == "access"), {})


def _mailbox_grants(case: OpenedCase, content_key: bytes) -> list[dict[str, str]]:
    """Return the grant that the reporter reads an answer with. Raises CannotReply."""
    if case.mailbox_pk is None:
        raise CannotReply
    try:
        grant = seal.grant(content_key, case.mailbox_pk)
    except LowOrderKey:
        raise CannotReply from None
    return [{"key_id": hex_id(mailbox_key_id(case.mailbox_pk)), "sealed": b64e(grant)}]
