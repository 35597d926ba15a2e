"""Sign, seal and send what an auditor says: answers, records, statuses; each once, whatever happens to an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from admin.desk.casework.opened_case import CaseFile
from admin.desk.casework.people import People
from admin.desk.casework.situation import (
    CannotReply,
    ChoiceWithheld,
    OtherReplySent,
    Situation,
    StatusMovedOn,
)
from admin.desk.server.client import Refused, Server
from cases.days import format_day
from crypto import messages, seal
from crypto.encoding import b64e, hex_id
from crypto.envelope import Kind
from crypto.errors import LowOrderKey
from crypto.identity import Identity
from crypto.listing import readers_field
from crypto.receipt import mailbox_key_id


@dataclass(frozen=True, repr=False)
class Sending:
    """Everything that sending needs. `again`: asks the server for what is new and opens a case once more."""

    identity: Identity
    server: Server
    today: Callable[[], date]
    again: Callable[[bytes], tuple[Situation, CaseFile | None]]

    def once(
        self, situation: Situation, found: CaseFile, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> None:
        """Sign, seal and send an envelope, once for each `envelope_id`.

        Raises CannotReply, ChoiceWithheld, OtherReplySent, ServerTrouble, Refused, PayloadTooLarge.
        """
        if not self._was_sent(found, envelope_id, body):
            repeat = self._send(situation, found, envelope_id, kind, body)
            if repeat:
                # The server has an envelope with this id, sent when its answer was lost: is it this one?
                _now, latest = self.again(found.line.case_id)
                if latest is None or not self._was_sent(latest, envelope_id, body):
                    raise OtherReplySent

    def _was_sent(self, found: CaseFile, envelope_id: bytes, body: Mapping[str, Any]) -> bool:
        there = found.entry(envelope_id)
        if there is None:
            return False
        said = {"message": there.message} if there.record is None else {"record": there.record.as_json()}
        if there.verified and said == body and _own(there.author) == self.identity.key_id:
            return True
        raise OtherReplySent

    def _send(
        self, situation: Situation, found: CaseFile, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> bool:
        try:
            return self._seal_and_send(situation.people, found, envelope_id, kind, body)
        except Refused as refused:
            if refused.status != 409 or refused.word not in ("recipients", "mailbox"):
                raise
        # Since this was fetched, somebody was enrolled or retired, or the reporter took a new code.
        now, latest = self.again(found.line.case_id)
        return self._seal_and_send(now.people, latest or found, envelope_id, kind, body)

    def _seal_and_send(
        self, now: People, found: CaseFile, envelope_id: bytes, kind: Kind, body: Mapping[str, Any]
    ) -> bool:
        if found.content_key is None:
            raise CannotReply
        if found.choice_withheld:
            raise ChoiceWithheld
        case_id, own = found.line.case_id, self.identity
        choice = found.choice if kind is Kind.TO_REPORTER else 0
        slots = now.recipients(_out(now, found, body))
        readers = readers_field(now.listing.prefix(), [slot.key_id for slot in slots])
        payload = messages.auditor_payload(
            kind, own.key_id, case_id, envelope_id, body, found.seen, own.sign_seed, readers, choice
        )
        sealed = seal.seal(kind, envelope_id, payload, slots)
        act_sig = messages.sign(seal.act_seed(found.content_key), messages.act_text(case_id, sealed.raw))
        sent = {
            "envelope": b64e(sealed.raw),
            "act_sig": b64e(act_sig),
            "grants": _mailbox_grants(found, sealed.content_key) if kind is Kind.TO_REPORTER else [],
        }
        return self.server.add_envelope(own, now.salt, case_id, sent)

    def set_status(self, situation: Situation, found: CaseFile, sequence: int, status: str) -> None:
        """Sign and send a status. Raises StatusMovedOn, CannotReply, ServerTrouble, Refused."""
        if any(
            (one.sequence, one.status, _own(one.author)) == (sequence, status, self.identity.key_id)
            for one in found.statuses
        ):
            return  # sent before; its answer was lost or the page was sent twice
        if sequence != found.next_sequence:
            raise _moved_on(self.identity, found, sequence)
        if found.content_key is None:
            raise CannotReply
        day, case_id = self.today(), found.line.case_id
        text = messages.status_text(case_id, sequence, self.identity.key_id, status, day)
        sent = {
            "sequence": sequence,
            "status": status,
            "day": format_day(day),
            "sig": b64e(messages.sign(self.identity.sign_seed, text)),
            "act_sig": b64e(messages.sign(seal.act_seed(found.content_key), text)),
        }
        try:
            self.server.set_status(self.identity, situation.people.salt, case_id, sent)
        except Refused as refused:
            if refused.status != 409:
                raise
            _now, latest = self.again(case_id)
            raise _moved_on(self.identity, latest or found, sequence) from None


def _moved_on(identity: Identity, found: CaseFile, sequence: int) -> StatusMovedOn:
    return StatusMovedOn(
        any(
            one.verified and one.sequence == sequence and _own(one.author) == identity.key_id
            for one in found.statuses
        )
    )


def _own(author: Any) -> bytes | None:
    return author.key_id if author is not None else None


def _out(now: People, found: CaseFile, body: Mapping[str, Any]) -> frozenset[bytes]:
    """Return the keys that get a slot which opens for nobody: shut out by the reporter, or stepped back.

    Whom a record brings back can open that record: it is how their desk learns of it.
    """
    back = (
        body.get("record", {}).get("person") if body.get("record", {}).get("type") == "bring_back" else None
    )
    stepped = {person for person in found.state.stepped_back if person.hex() != back}
    return now.may_not_read(found.exclude, stepped, found.at_report)


def _mailbox_grants(found: CaseFile, content_key: bytes) -> list[dict[str, str]]:
    """Return the grant that the reporter reads an answer with. Raises CannotReply."""
    if found.mailbox_pk is None:
        raise CannotReply
    try:
        grant = seal.grant(content_key, found.mailbox_pk)
    except LowOrderKey:
        raise CannotReply from None
    return [{"key_id": hex_id(mailbox_key_id(found.mailbox_pk)), "sealed": b64e(grant)}]
