"""A desk reduced to what it sends: signed requests, each part of which a test can get wrong."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from werkzeug.test import Client, TestResponse

from crypto import messages, seal
from crypto.cards import new_retirement
from crypto.encoding import b64d, b64e, canonical_json, hex_id
from crypto.envelope import Kind
from crypto.identity import Identity
from crypto.reading import ReadingJournal, make_journal
from tests.desk.world import Sent, World


@dataclass(frozen=True)
class Signed:
    """One signed request as it goes over the wire."""

    method: str
    target: str
    body: bytes
    authorization: str
    content_type: str = "application/json"

    def other(self, **changed: Any) -> Signed:
        """Return the same signature on another request."""
        return replace(self, **changed)


class Caller:
    """Asks the API in the name of one auditor."""

    def __init__(self, world: World, who: int = 0) -> None:
        self.world = world
        self.identity = world.auditors[who].identity
        self.client = Client(world.wsgi(), use_cookies=False)

    def signed(
        self,
        method: str,
        target: str,
        sent: object = None,
        *,
        day: date | None = None,
        identity: Identity | None = None,
        salt: bytes | None = None,
        nonce: bytes | None = None,
    ) -> Signed:
        """Sign a request; bytes are sent as they are."""
        body = b"" if sent is None else sent if isinstance(sent, bytes) else _body(sent)
        who, on, once = identity or self.identity, day or self.world.day, nonce or secrets.token_bytes(16)
        text = messages.request_text(salt or self.world.salt, method, target, body, on, once)
        parts = [hex_id(who.key_id), on.isoformat(), b64e(once), b64e(messages.sign(who.sign_seed, text))]
        return Signed(method, target, body, "Meyasubako " + ".".join(parts))

    def send(self, request: Signed) -> TestResponse:
        """Send a signed request."""
        answer = self.client.open(
            request.target,
            method=request.method,
            data=request.body,
            headers={"Authorization": request.authorization},
            content_type=request.content_type if request.body else None,
        )
        assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
        return answer

    def get(self, target: str) -> TestResponse:
        """Ask for something."""
        return self.send(self.signed("GET", target))

    def post(self, target: str, sent: object) -> TestResponse:
        """Send something."""
        return self.send(self.signed("POST", target, sent))

    def status(self, sent: Sent, status: str, sequence: int = 1, **changed: Any) -> TestResponse:
        """Set a status; what is given replaces a field."""
        return self.post(
            f"/api/v1/cases/{sent.case_id.hex()}/status", self.status_body(sent, status, sequence, **changed)
        )

    def status_body(
        self,
        sent: Sent,
        status: str,
        sequence: int = 1,
        day: date | None = None,
        key: bytes | None = None,
        **changed: Any,
    ) -> dict[str, Any]:
        """Return a signed status; `key` is the content key that the act is signed with."""
        on = day or self.world.day
        text = messages.status_text(sent.case_id, sequence, self.identity.key_id, status, on)
        return {
            "sequence": sequence,
            "status": status,
            "day": on.isoformat(),
            "sig": b64e(messages.sign(self.identity.sign_seed, text)),
            "act_sig": b64e(messages.sign(seal.act_seed(key or sent.content_key), text)),
        } | changed

    def journal(
        self, marks: Sequence[bytes] = (), number: int = 1, salt: bytes | None = None, **changed: Any
    ) -> ReadingJournal:
        """Return today's reading journal of this desk; what is given replaces `author`, `day` or `seed`."""
        given = {"author": self.identity.key_id, "day": self.world.day, "seed": self.identity.sign_seed}
        how: dict[str, Any] = {**given, **changed}
        return make_journal(salt or self.world.salt, how["author"], number, how["day"], marks, how["seed"])

    def envelope(self, sent: Sent, **changed: Any) -> TestResponse:
        """Send an answer to the reporter; what is given replaces a field."""
        return self.post(f"/api/v1/cases/{sent.case_id.hex()}/envelopes", self.envelope_body(sent) | changed)

    def envelope_body(
        self,
        sent: Sent,
        kind: Kind = Kind.TO_REPORTER,
        envelope_id: bytes | None = None,
        slots: list[seal.Recipient] | None = None,
        key: bytes | None = None,
    ) -> dict[str, Any]:
        """Return a sealed and signed envelope with its grant."""
        new_id, who = envelope_id or secrets.token_bytes(16), self.identity
        body: Mapping[str, Any] = (
            {"message": "調べます。"} if kind == Kind.TO_REPORTER else {"record": {"note": "x"}}
        )
        to = slots or self.world.slots()
        payload = messages.auditor_payload(
            kind,
            who.key_id,
            sent.case_id,
            new_id,
            body,
            [],
            who.sign_seed,
            self.world.readers(to),
            1 if kind == Kind.TO_REPORTER else 0,
        )
        sealed = seal.seal(kind, new_id, payload, to)
        act = messages.sign(
            seal.act_seed(key or sent.content_key), messages.act_text(sent.case_id, sealed.raw)
        )
        grant = {
            "key_id": sent.receipt.mailbox_key_id.hex(),
            "sealed": b64e(seal.grant(sealed.content_key, sent.receipt.mailbox_pk)),
        }
        return {
            "envelope": b64e(sealed.raw),
            "act_sig": b64e(act),
            "grants": [grant] if kind == Kind.TO_REPORTER else [],
        }

    def decision(self, sent: Sent, body: Mapping[str, Any] | None = None) -> TestResponse:
        """Send a status with what belongs to it."""
        return self.post(f"/api/v1/cases/{sent.case_id.hex()}/decision", body or self.decision_body(sent))

    def decision_body(
        self,
        sent: Sent,
        status: str = "investigating",
        sequence: int = 1,
        kinds: Sequence[Kind] = (Kind.TO_REPORTER, Kind.RECORD),
        **of_envelope: Any,
    ) -> dict[str, Any]:
        """Return a signed status with an envelope of each kind."""
        return {
            "status": self.status_body(sent, status, sequence),
            "envelopes": [self.envelope_body(sent, kind, **of_envelope) for kind in kinds],
        }

    def act(
        self, sent: Sent, text: bytes, day: date | None = None, key: bytes | None = None
    ) -> dict[str, str]:
        """Return an act about deleting a case: `text` signed by this auditor and with the report's key."""
        return {
            "day": (day or self.world.day).isoformat(),
            "sig": b64e(messages.sign(self.identity.sign_seed, text)),
            "act_sig": b64e(messages.sign(seal.act_seed(key or sent.content_key), text)),
        }

    def delete(self, sent: Sent, **changed: Any) -> TestResponse:
        """Propose to delete a case."""
        body = (
            self.act(sent, messages.delete_text(sent.case_id, self.identity.key_id, self.world.day)) | changed
        )
        return self.post(f"/api/v1/cases/{sent.case_id.hex()}/deletion", body)

    def agree(self, sent: Sent, **changed: Any) -> TestResponse:
        """Agree to the newest proposal that the feed has."""
        return self.post(f"/api/v1/cases/{sent.case_id.hex()}/agreement", self.agreement(sent) | changed)

    def agreement(self, sent: Sent) -> dict[str, str]:
        """Return what agrees to the newest proposal that the feed has."""
        changes = self.get("/api/v1/changes?after=0").get_json()["changes"]
        proposals = [one["acts"][0] for one in changes if one["case"] == sent.case_id.hex() and "acts" in one]
        named = messages.proposal_hash(b64d(proposals[-1]["sig"]))
        text = messages.agree_text(sent.case_id, self.identity.key_id, named, self.world.day)
        return self.act(sent, text) | {"proposal": b64e(named)}

    def keep(self, sent: Sent) -> TestResponse:
        """Withdraw a proposal."""
        body = self.act(sent, messages.keep_text(sent.case_id, self.identity.key_id, self.world.day))
        return self.post(f"/api/v1/cases/{sent.case_id.hex()}/keep", body)

    def grants(self, *pairs: tuple[bytes, Identity], sealed: bytes = b"s" * 80) -> dict[str, Any]:
        """Return grants of envelopes (by id) to keys."""
        return {
            "grants": [
                {"envelope_id": one.hex(), "key_id": who.key_id.hex(), "sealed": b64e(sealed)}
                for one, who in pairs
            ]
        }

    def retirement(self, who: Identity, day: date | None = None) -> dict[str, str]:
        """Return a retirement of a key, signed by this auditor."""
        note = new_retirement(
            who.key_id, day or self.world.day, self.identity.key_id, self.identity.sign_seed
        )
        return {"retirement": b64e(note.encode())}


def _body(sent: object) -> bytes:
    return canonical_json(sent) if isinstance(sent, Mapping) else json.dumps(sent).encode()
