"""A reporter's page with scripts, played in Python: it seals and opens by itself and sends sealed bytes only."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crypto import attachment, cards, messages, seal
from crypto.casehead import StoredEnvelope, head_of
from crypto.choice import Choice, ExcludeRecord, first_choice, record_hash, seal_record
from crypto.encoding import b64d, b64e, canonical_json, hex_id, id_from_hex
from crypto.envelope import Kind, envelope_hash
from crypto.errors import BadData
from crypto.listing import Listing, addressed, parse_document, verify_list
from crypto.logged_list import logged_length
from crypto.receipt import Receipt, derive, new_code
from crypto.unseal import Opened, unseal

Answer = tuple[int, dict[str, Any]]
Post = Callable[[str, bytes, str], Answer]
"""Sends a body of a media type to a path; returns status and JSON."""


@dataclass
class SealedPage:
    """One reporter's page. `keys`: what /keys.json says; `post`: how it reaches the site."""

    post: Post
    keys: Mapping[str, Any]
    code: str = field(default_factory=new_code)
    case_id: bytes = b""

    @property
    def receipt(self) -> Receipt:
        """What the page derives from its code."""
        return derive(self.code, b64d(self.keys["salt"]))

    def send(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send one JSON request."""
        return self.post(f"/sealed/{path}", json.dumps(dict(body)).encode(), "application/json")

    @property
    def listing(self) -> Listing:
        """The list of readers, checked."""
        entries = [(one, canonical_json(one.get("card") or one["retirement"])) for one in self.keys["list"]]
        return verify_list(parse_document(one, raw) for one, raw in entries)

    @property
    def in_log(self) -> int:
        """How much of the list is in the log; all of it on a site without one."""
        listing, log = self.listing, self.keys.get("log")
        return len(listing) if log is None else logged_length(log, listing, b64d(self.keys["salt"]))

    def slots(self, exclude: Sequence[bytes] = ()) -> list[seal.Recipient]:
        """Return a slot for every card that is sealed to, as the rule of section 1.6 has it."""
        known = self.listing
        sealed_to = known.sealed_to(self.in_log)
        out = cards.excluded_keys(known.cards, exclude, sealed_to)
        readers = [card for card in known.cards if card.key_id in sealed_to]
        return [seal.Recipient(card.key_id, card.box_pk, card.key_id in out) for card in readers]

    def _signed(self, kind: Kind, payload: Mapping[str, Any], envelope_id: bytes) -> dict[str, Any]:
        named = addressed(payload, self.listing.prefix(self.in_log), [slot.key_id for slot in self.slots()])
        return messages.sign_reporter(kind, {**named, "envelope_id": hex_id(envelope_id)}, self.receipt)

    def report_body(
        self,
        answers: Mapping[str, str],
        exclude: Sequence[bytes] = (),
        files: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """Return a sealed report as it is sent."""
        own, envelope_id = self.receipt, secrets.token_bytes(16)
        self.case_id = own.case_id
        payload = messages.report_payload(answers, exclude, own, files)
        signed = self._signed(Kind.REPORT, payload, envelope_id)
        sealed = seal.seal(Kind.REPORT, envelope_id, signed, self.slots(exclude))
        record = ExcludeRecord(
            first_choice(exclude), envelope_hash(sealed.raw), seal.act_pk(sealed.content_key)
        )
        return {
            "index": hex_id(own.index),
            "case": hex_id(own.case_id),
            "mailbox_pk": b64e(own.mailbox_pk),
            "reporter_sign_pk": b64e(own.sign_pk),
            "mailbox_record": b64e(seal_record(own.root, own.case_id, record)),
            "envelope": b64e(sealed.raw),
            "grant": b64e(seal.grant(sealed.content_key, own.mailbox_pk)),
            "objects": [one["object"] for one in files],
        }

    def message_body(
        self, body: Mapping[str, Any], files: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """Return a sealed message as it is sent."""
        own, envelope_id = self.receipt, secrets.token_bytes(16)
        choice, written = self.choice(own.root)
        payload = messages.reporter_message(body, own, [], self.case_id, files, choice=choice)
        signed = self._signed(Kind.FROM_REPORTER, payload, envelope_id)
        sealed = seal.seal(Kind.FROM_REPORTER, envelope_id, signed, self.slots(sorted(choice.persons)))
        return {
            "lookup": b64e(own.lookup_id),
            **written,
            "envelope": b64e(sealed.raw),
            "grant": b64e(seal.grant(sealed.content_key, own.mailbox_pk)),
            "objects": [one["object"] for one in files],
        }

    def choice(self, root: bytes) -> tuple[Choice, dict[str, str]]:
        """Return the choice of the next envelope, and the record that goes with it, made with a code's root."""
        status, found = self.look()
        if status != 200:  # no such case (yet): what is refused for it is checked by the test
            raw = seal_record(root, self.case_id, ExcludeRecord(Choice(frozenset(), 2)))
            return Choice(frozenset(), 2), {"mailbox_record": b64e(raw), "before": b64e(record_hash(b""))}
        before = b64d(found["mailbox_record"])
        stored = [
            StoredEnvelope(id_from_hex(one["id"]), b64d(one["raw"]), [b64d(box) for box in one["grants"]])
            for one in found["envelopes"]
        ]
        known = self.listing
        head = head_of(self.case_id, before, stored, known.cards, self.receipt, retired=known.retired_at)
        assert head.stop is None, head.stop
        choice = head.next_choice()
        raw = seal_record(root, self.case_id, head.record(choice))
        return choice, {"mailbox_record": b64e(raw), "before": b64e(record_hash(before))}

    def forget_body(self, day: date) -> dict[str, Any]:
        """Return what has the code's copy forgotten."""
        own = self.receipt
        _choice, written = self.choice(own.root)
        sig = messages.sign(own.sign_seed, messages.forget_text(self.case_id, day))
        return {"lookup": b64e(own.lookup_id), **written, "day": day.isoformat(), "sig": b64e(sig)}

    def look(self) -> Answer:
        """Ask for the case."""
        return self.send("look", {"lookup": b64e(self.receipt.lookup_id)})

    def opened(self) -> list[Opened]:
        """Return what the code opens, oldest first."""
        status, found = self.look()
        assert status == 200, found
        return [one for one in map(self.open, found["envelopes"]) if one is not None]

    def open(self, envelope: Mapping[str, Any]) -> Opened | None:
        """Open one envelope of an answer; None when the code does not open it."""
        own = self.receipt
        grants = [b64d(one) for one in envelope["grants"]]
        try:
            return unseal(b64d(envelope["raw"]), own.mailbox_sk, own.mailbox_pk, own.mailbox_key_id, grants)
        except BadData:
            return None

    def replace_body(self, new: Receipt) -> dict[str, Any]:
        """Return what gives this page's code up for another one."""
        own, envelope_id = self.receipt, secrets.token_bytes(16)
        _status, found = self.look()
        choice, written = self.choice(new.root)
        payload = messages.new_keys_message(new, own, [], self.case_id, choice)
        signed = self._signed(Kind.FROM_REPORTER, payload, envelope_id)
        sealed = seal.seal(Kind.FROM_REPORTER, envelope_id, signed, self.slots())
        keys = [(envelope_id, sealed.content_key)]
        opened = [one for one in map(self.open, found["envelopes"]) if one is not None]
        keys += [(one.envelope_id, one.content_key) for one in opened]
        text = messages.replace_text(self.case_id, own.index, new.index, new.mailbox_pk, new.sign_pk)
        return {
            "lookup": b64e(own.lookup_id),
            "index": hex_id(new.index),
            "mailbox_pk": b64e(new.mailbox_pk),
            "reporter_sign_pk": b64e(new.sign_pk),
            **written,
            "envelope": b64e(sealed.raw),
            "grants": [
                {"envelope": hex_id(one), "sealed": b64e(seal.grant(key, new.mailbox_pk))}
                for one, key in keys
            ],
            "sig": b64e(messages.sign(own.sign_seed, text)),
        }

    def upload(self, data: bytes, name: str = "名簿.txt", step: int = 1_048_576) -> dict[str, Any]:
        """Seal a file, send it in pieces, and return its entry."""
        object_id, key, hashed = secrets.token_bytes(16), attachment.new_key(), attachment.FileHash()
        sealer = attachment.Sealer(key)
        hashed.update(data)
        raw = sealer.header + sealer.update(data) + sealer.finish()
        for at in range(0, len(raw), step):
            head = object_id + len(raw).to_bytes(8, "big") + at.to_bytes(8, "big")
            status, answer = self.post(
                "/sealed/piece", head + raw[at : at + step], "application/octet-stream"
            )
            assert (status, answer) == (200, {"have": min(at + step, len(raw))})
        return attachment.entry(object_id, key, hashed.digest(), len(data), name, "text/plain", "not")
