"""Vectors of docs/format.md, 6: signed texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nacl.bindings import crypto_sign_seed_keypair

from crypto import messages, seal
from crypto.encoding import b64d, b64e, canonical_json, hex_id
from crypto.envelope import Kind, envelope_hash
from crypto.padding import pad
from crypto.payloads import ANSWERS
from tests.crypto.assemble import CONTENT_KEY, assemble, slot
from tests.vectors.parts import (
    DAY,
    ENVELOPE_ID,
    FOUNDER,
    NEW_RECEIPT,
    READERS,
    RECEIPT,
    SALT,
    SECOND,
    SEEDS,
    Vector,
    bad,
    form_payload,
    good,
    message_payload,
    record_payload,
    reply_payload,
    without,
)

OPTIONAL = [name for name in ANSWERS if name != "what_happened"]


RECIPIENTS = [[hex_id(FOUNDER.key_id), FOUNDER.box_pk.hex()]]


def signatures() -> tuple[list[Vector], dict[str, Any]]:
    reporter, founder = RECEIPT.sign_pk.hex(), FOUNDER.sign_pk.hex()
    message, reply, record = message_payload(), reply_payload(), record_payload()
    raw = assemble(Kind.TO_REPORTER, ENVELOPE_ID, pad(canonical_json(reply)), [slot(FOUNDER)])
    case, author = hex_id(RECEIPT.case_id), hex_id(FOUNDER.key_id)

    def valid(name: str, kind: int, payload: Mapping[str, Any], public: str) -> Vector:
        return good(name, "message", {"kind": kind, "payload": dict(payload), "sign_pk": public}, "valid")

    def wrong(
        name: str, kind: int, payload: Mapping[str, Any], public: str, error: str = "SignatureWrong"
    ) -> Vector:
        return bad(name, "message", {"kind": kind, "payload": dict(payload), "sign_pk": public}, error)

    made: dict[str, tuple[dict[str, Any], bytes, bytes]] = {
        "status": (
            {
                "case_id": case,
                "sequence": 1,
                "author": author,
                "status": "investigating",
                "day": "2026-11-23",
            },
            messages.status_text(RECEIPT.case_id, 1, FOUNDER.key_id, "investigating", DAY),
            FOUNDER.sign_seed,
        ),
        "act": (
            {"case_id": case, "raw_b64": "@reply"},
            messages.act_text(RECEIPT.case_id, raw),
            seal.act_seed(CONTENT_KEY),
        ),
        "receipt": (
            {"envelope_hash": envelope_hash(raw).hex(), "day": "2026-11-23"},
            messages.receipt_text(envelope_hash(raw), DAY),
            SEEDS["zero"],
        ),
        "state": (
            {"case_id": case, "day": "2026-11-23", "statuses": ["investigating", "corrected"]},
            messages.state_text(RECEIPT.case_id, DAY, ["investigating", "corrected"]),
            SEEDS["zero"],
        ),
        "request": (
            {
                "site_salt": SALT.hex(),
                "method": "POST",
                "target": "/api/v1/changes?after=7",
                "body": b"{}".hex(),
                "day": "2026-11-23",
                "nonce": "42" * 16,
            },
            messages.request_text(SALT, "POST", "/api/v1/changes?after=7", b"{}", DAY, bytes([0x42]) * 16),
            FOUNDER.sign_seed,
        ),
        "replace": (
            {
                "case_id": case,
                "old_index": RECEIPT.index.hex(),
                "new_index": NEW_RECEIPT.index.hex(),
                "mailbox_pk": NEW_RECEIPT.mailbox_pk.hex(),
                "new_sign_pk": NEW_RECEIPT.sign_pk.hex(),
            },
            messages.replace_text(
                RECEIPT.case_id, RECEIPT.index, NEW_RECEIPT.index, NEW_RECEIPT.mailbox_pk, NEW_RECEIPT.sign_pk
            ),
            RECEIPT.sign_seed,
        ),
        "taken": (
            {
                "case_id": case,
                "old_sign_pk": RECEIPT.sign_pk.hex(),
                "mailbox_pk": NEW_RECEIPT.mailbox_pk.hex(),
            },
            messages.taken_text(RECEIPT.case_id, RECEIPT.sign_pk, NEW_RECEIPT.mailbox_pk),
            NEW_RECEIPT.sign_seed,
        ),
        "forget": (
            {"case_id": case, "day": "2026-11-23"},
            messages.forget_text(RECEIPT.case_id, DAY),
            RECEIPT.sign_seed,
        ),
        "delete": (
            {"case_id": case, "author": author, "day": "2026-11-23"},
            messages.delete_text(RECEIPT.case_id, FOUNDER.key_id, DAY),
            seal.act_seed(CONTENT_KEY),
        ),
        "agree": (
            {"case_id": case, "author": author, "proposal_sig": "ab" * 64, "day": "2026-11-23"},
            messages.agree_text(RECEIPT.case_id, FOUNDER.key_id, messages.proposal_hash(b"\xab" * 64), DAY),
            seal.act_seed(CONTENT_KEY),
        ),
        "keep": (
            {"case_id": case, "author": author, "day": "2026-11-23"},
            messages.keep_text(RECEIPT.case_id, FOUNDER.key_id, DAY),
            seal.act_seed(CONTENT_KEY),
        ),
    }
    publics = {
        "status": founder,
        "replace": reporter,
        "forget": reporter,
        "taken": NEW_RECEIPT.sign_pk.hex(),
        "act": seal.act_pk(CONTENT_KEY).hex(),
        "delete": seal.act_pk(CONTENT_KEY).hex(),
        "keep": seal.act_pk(CONTENT_KEY).hex(),
        "agree": seal.act_pk(CONTENT_KEY).hex(),
        "request": founder,
    }
    publics |= dict.fromkeys(("receipt", "state"), _public(SEEDS["zero"]))
    inputs: dict[str, dict[str, Any]] = {}
    vectors: list[Vector] = []
    for what, (parts, text, seed) in made.items():
        sig = messages.sign(seed, text).hex()
        inputs[what] = {"what": what, **parts, "sign_pk": publics[what], "sig": sig}
        vectors.append(good(f"{what}", "signed_text", inputs[what], text.hex()))

    def changed(name: str, what: str, error: str = "SignatureWrong", **parts: Any) -> Vector:
        return bad(name, "signed_text", {**inputs[what], **parts}, error)

    return [
        valid("a message of the reporter", 2, message, reporter),
        valid("a form of the reporter", 2, form_payload(), reporter),
        valid("a reply", 3, reply, founder),
        valid("a record", 4, record, founder),
        wrong("a message without signature", 2, without(message, "sig"), reporter, "SignatureMissing"),
        wrong("a reply without signature", 3, without(reply, "sig"), founder, "SignatureMissing"),
        wrong("a changed message", 2, {**message, "message": "取り下げます"}, reporter),
        wrong("a message with a field more", 2, {**message, "who": "x"}, reporter),
        wrong("a message moved to another case", 2, {**message, "case_id": "00" * 16}, reporter),
        wrong("a message under another id", 2, {**message, "envelope_id": "00" * 16}, reporter),
        wrong("a message with another seen", 2, {**message, "seen": []}, reporter),
        wrong(
            "a message to other readers",
            2,
            {**message, "readers": {**READERS, "keys": READERS["keys"][:1]}},
            reporter,
        ),
        wrong("a message by another list", 2, {**message, "readers": {**READERS, "length": 4}}, reporter),
        wrong("a message without a case", 2, without(message, "case_id"), reporter),
        wrong("a signature that is no text", 2, {**message, "sig": 1}, reporter),
        wrong("a signature of 63 bytes", 2, {**message, "sig": b64e(b64d(message["sig"])[:63])}, reporter),
        wrong("a signature in ordinary base64", 2, {**message, "sig": message["sig"] + "=="}, reporter),
        wrong("a reporter's message with an auditor's key", 2, message, founder),
        wrong("a reply of another auditor", 3, reply, SECOND.sign_pk.hex()),
        wrong("a reply taken for a record", 4, reply, founder),
        wrong("a key of small order", 3, reply, "00" * 32),
        *vectors,
        good(
            "state without statuses",
            "signed_text",
            {
                **inputs["state"],
                "statuses": [],
                "sig": messages.sign(SEEDS["zero"], messages.state_text(RECEIPT.case_id, DAY, [])).hex(),
            },
            messages.state_text(RECEIPT.case_id, DAY, []).hex(),
        ),
        changed("status: another word", "status", status="no_fault"),
        changed("status: another sequence", "status", sequence=2),
        changed("status: another day", "status", day="2026-11-24"),
        changed("status: another case", "status", case_id="00" * 16),
        changed("status: under another author's name", "status", author=hex_id(SECOND.key_id)),
        changed("status: signed by somebody else", "status", sign_pk=SECOND.sign_pk.hex()),
        changed("status: a word with a capital", "status", "MisuseError", status="Closed"),
        changed("status: a sequence beyond 32 bits", "status", "MisuseError", sequence=2**32),
        changed("status: a case id of 15 bytes", "status", "MisuseError", case_id="00" * 15),
        changed("act: another case", "act", case_id="00" * 16),
        changed("act: by the author's own key", "act", sign_pk=founder),
        changed("act: another envelope", "act", raw_b64=b64e(raw[:-1] + bytes([raw[-1] ^ 1]))),
        changed("receipt: another day", "receipt", day="2026-11-22"),
        changed("receipt: another envelope", "receipt", envelope_hash="00" * 32),
        changed("receipt: a signature of 65 bytes", "receipt", sig=inputs["receipt"]["sig"] + "00"),
        changed("state: a status less", "state", statuses=["investigating"]),
        changed("state: in another order", "state", statuses=["corrected", "investigating"]),
        changed("state: a comma in a word", "state", "MisuseError", statuses=["investigating,corrected"]),
        changed("request: another method", "request", method="GET"),
        changed("request: another query", "request", target="/api/v1/changes?after=0"),
        changed("request: another body", "request", body=b"{ }".hex()),
        changed("request: another day", "request", day="2026-11-24"),
        changed("request: another nonce", "request", nonce="43" * 16),
        changed("replace: another case", "replace", case_id="00" * 16),
        changed("replace: of another code", "replace", old_index="00" * 16),
        changed("replace: by another code", "replace", new_index="00" * 16),
        changed("replace: another mailbox", "replace", mailbox_pk="00" * 32),
        changed("replace: another key", "replace", new_sign_pk="00" * 32),
        changed("replace: signed by the new code", "replace", sign_pk=NEW_RECEIPT.sign_pk.hex()),
        changed("replace: an index of 15 bytes", "replace", "MisuseError", new_index="00" * 15),
        changed("replace: a key of 31 bytes", "replace", "MisuseError", new_sign_pk="00" * 31),
        changed("taken: another case", "taken", case_id="00" * 16),
        changed("taken: from another code", "taken", old_sign_pk=NEW_RECEIPT.sign_pk.hex()),
        changed("taken: another mailbox", "taken", mailbox_pk=RECEIPT.mailbox_pk.hex()),
        changed("taken: signed by the old code", "taken", sign_pk=reporter),
        changed("taken: a key of 31 bytes", "taken", "MisuseError", old_sign_pk="00" * 31),
        changed("forget: another case", "forget", case_id="00" * 16),
        changed("forget: another day", "forget", day="2026-11-24"),
        changed("forget: signed by somebody else", "forget", sign_pk=founder),
        changed("delete: another case", "delete", case_id="00" * 16),
        changed("delete: under another author's name", "delete", author=hex_id(SECOND.key_id)),
        changed("delete: another day", "delete", day="2026-11-24"),
        changed("delete: signed by somebody else", "delete", sign_pk=founder),
        changed("delete: a withdrawal taken for a proposal", "delete", sig=inputs["keep"]["sig"]),
        changed("agree: another case", "agree", case_id="00" * 16),
        changed("agree: under another author's name", "agree", author=hex_id(SECOND.key_id)),
        changed("agree: another proposal", "agree", proposal_sig="ac" * 64),
        changed("agree: another day", "agree", day="2026-11-24"),
        changed("agree: a proposal taken for an agreement", "agree", sig=inputs["delete"]["sig"]),
        changed("agree: a proposal's signature of 63 bytes", "agree", "MisuseError", proposal_sig="ab" * 63),
        changed("delete: an agreement taken for a proposal", "delete", sig=inputs["agree"]["sig"]),
        changed("keep: another case", "keep", case_id="00" * 16),
        changed("keep: under another author's name", "keep", author=hex_id(SECOND.key_id)),
        changed("keep: another day", "keep", day="2026-11-22"),
        changed("keep: a proposal taken for a withdrawal", "keep", sig=inputs["delete"]["sig"]),
        changed("request: another site", "request", site_salt="ff" * 16),
    ], {"reply": b64e(raw)}


def _public(seed: bytes) -> str:
    return bytes(crypto_sign_seed_keypair(seed)[0]).hex()
