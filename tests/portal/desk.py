"""What an auditor's desk does, reduced to what the reporter's site shows of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from crypto import messages, seal
from crypto.access import AccessChange, propose
from crypto.encoding import hex_id
from crypto.envelope import Kind
from crypto.listing import readers_field
from crypto.seal import Recipient
from crypto.unseal import Opened, unseal
from store import cases as store_cases
from store import db
from store import reports as store_intake
from store.outcome import Outcome
from tests.portal.conftest import World
from tests.support.roster import stored_roster
from tests.support.site import Auditor


def envelopes(world: World) -> list[tuple[bytes, store_cases.EnvelopeRow]]:
    """Return every stored envelope with its case, oldest first."""
    from sqlalchemy import select

    from store import tables as t

    with db.reading(world.engine) as conn:
        ids = list(conn.scalars(select(t.case_file.c.case_id)))
        found = [(case_id, row) for case_id in ids for row in store_cases.envelopes(conn, case_id)]
    return sorted(found, key=lambda pair: pair[1].seq)


def open_as(auditor: Auditor, raw: bytes) -> Opened:
    """Open an envelope with an auditor's key."""
    identity = auditor.identity
    return unseal(raw, identity.box_sk, identity.box_pk, identity.key_id)


@dataclass
class Desk:
    """One auditor who has opened one case's report."""

    world: World
    auditor: Auditor
    case_id: bytes
    content_key: bytes

    @classmethod
    def of(cls, world: World, auditor: Auditor) -> Desk:
        """Open the only case of a site."""
        case_id, row = envelopes(world)[0]
        return cls(world, auditor, case_id, open_as(auditor, row.raw).content_key)

    def act(self, text: bytes) -> bytes:
        """Sign with the report's act key, which only anyone who opened the report has."""
        return messages.sign(seal.act_seed(self.content_key), text)

    def status(
        self,
        sequence: int,
        status: str,
        day: date | None = None,
        sig: bytes | None = None,
        act_sig: bytes | None = None,
    ) -> Outcome:
        """Set a status; other signatures than the right ones can be given."""
        identity, day = self.auditor.identity, day or self.world.day
        text = messages.status_text(self.case_id, sequence, identity.key_id, status, day)
        with db.writing(self.world.engine) as conn:
            return store_cases.add_status(
                conn,
                self.case_id,
                sequence,
                status,
                day,
                identity.key_id,
                sig or messages.sign(identity.sign_seed, text),
                act_sig or self.act(text),
            )

    def change(self, what: str, target: bytes, second: Desk, number: int = 1) -> Outcome:
        """Change who reads the case, together with a second auditor, whose answer it is."""
        own = self.auditor.identity
        made = propose(self.case_id, what, target, number, own.key_id, own.sign_seed)
        return second.say("担当者を変更しました。", change=made)

    def say(
        self,
        message: str,
        sign_seed: bytes | None = None,
        act_sig: bytes | None = None,
        choice: int = 1,
        change: AccessChange | None = None,
        category: str = "",
    ) -> Outcome:
        """Write to the reporter; with a false key or act signature if one is given, a change of who reads, and what the
        report is treated as.
        """
        identity, envelope_id = self.auditor.identity, secrets.token_bytes(16)
        with db.reading(self.world.engine) as conn:
            found = stored_roster(conn, self.world.secrets.first_card)
            case = store_cases.get(conn, self.case_id)
        assert case is not None
        slots = [Recipient(card.key_id, card.box_pk) for card in found.readers]
        payload = messages.auditor_payload(
            Kind.TO_REPORTER,
            identity.key_id,
            self.case_id,
            envelope_id,
            {
                "message": message,
                **({"access": change.fields()} if change else {}),
                **({"category": category} if category else {}),
            },
            [],
            sign_seed or identity.sign_seed,
            readers_field(found.listing.prefix(), [slot.key_id for slot in slots]),
            choice,
        )
        assert payload["envelope_id"] == hex_id(envelope_id)
        sealed = seal.seal(Kind.TO_REPORTER, envelope_id, payload, slots)
        own = seal.grant(sealed.content_key, case.mailbox_pk)
        act = act_sig or self.act(messages.act_text(self.case_id, sealed.raw))
        with db.writing(self.world.engine) as conn:
            return store_intake.add_message(
                conn,
                store_intake.NewMessage(
                    self.case_id,
                    envelope_id,
                    Kind.TO_REPORTER,
                    sealed.raw,
                    self.world.day,
                    [(case.mailbox_key_id, identity.key_id, own)],
                    act,
                ),
            )
