"""What the operations of the vectors of envelopes, cases and files do (docs/format.md, 9), as in `operations`."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from nacl import bindings

from crypto import access as accesses
from crypto import (
    access_errors,
    attachment,
    cards,
    choice,
    encoding,
    envelope,
    errors,
    identity,
    intake,
    messages,
    pack,
    receipt,
    seal,
    unseal,
)
from crypto.casehead import StoredEnvelope, head_of
from crypto.envelope import Kind
from crypto.treated import treated_as
from tests.crypto.assemble import with_payload
from tests.crypto.given import Given, Operation, edited, unhex
from tests.vectors.stored_cases import told

ENVELOPE_OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    ENVELOPE_OPERATIONS[function.__name__] = function
    return function


@operation
def decode(given: Given) -> Any:
    raw = edited(given)
    found = envelope.decode(raw)
    assert found.encode() == raw
    return {
        "kind": int(found.kind),
        "envelope_id": found.envelope_id.hex(),
        "slots": [one.key_id.hex() for one in found.slots],
        "hash": envelope.envelope_hash(raw).hex(),
    }


@operation
def sha256(given: Given) -> Any:
    """Nothing of ours: it tells whether a copy is still the same."""
    return hashlib.sha256(edited(given)).hexdigest()


@operation
def content_key(given: Given) -> Any:
    key = unhex(given["content_key"])
    return {"commitment": seal.commitment(key).hex(), "act_pk": seal.act_pk(key).hex()}


@operation
def open(given: Given) -> Any:
    """Open with an auditor's `seed` or a receipt's `root`, and `grants`."""
    grants = [unhex(one) for one in given.get("grants", [])]
    if "root" in given:
        mailbox = receipt.from_root(unhex(given["root"]))
        keys = (mailbox.mailbox_sk, mailbox.mailbox_pk, mailbox.mailbox_key_id)
    else:
        auditor = identity.from_seed(unhex(given["seed"]))
        keys = (auditor.box_sk, auditor.box_pk, auditor.key_id)
    found = unseal.unseal(edited(given), *keys, grants)
    return {"payload": found.payload, "unusual": list(found.unusual)}


@operation
def payload(given: Given) -> Any:
    """Put `raw` (or the canonical form of `object`) in an envelope of a `kind` and open it."""
    raw = unhex(given["raw"]) if "raw" in given else encoding.canonical_json(given["object"])
    auditor = identity.from_seed(bytes(32))
    sealed = with_payload(Kind(given["kind"]), unhex(given["envelope_id"]), raw, auditor)
    found = unseal.unseal(sealed, auditor.box_sk, auditor.box_pk, auditor.key_id)
    assert found.raw_payload == raw
    return {"payload": found.payload, "unusual": list(found.unusual)}


@operation
def intake_of(given: Given) -> Any:
    """Read who wrote a report down. `cards`: pairs of a key id and a signing key."""
    cards = {unhex(key_id): unhex(sign_pk) for key_id, sign_pk in given["cards"]}
    said = intake.read_intake(given["payload"], cards)
    if said is None:
        return None
    return {
        "channel": said.channel,
        "day": str(said.day),
        "code": said.code,
        "author": said.author.hex(),
    }


@operation
def pack_key(given: Given) -> Any:
    return pack.read_receiver(given["text"]).hex()


@operation
def pack_open(given: Given) -> Any:
    """Open a pack that comes in pieces of 1000 bytes."""
    who, raw = identity.from_seed(unhex(given["seed"])), edited(given)
    pieces = [raw[at : at + 1000] for at in range(0, len(raw), 1000)]
    return b"".join(pack.opened(pieces, who.box_sk, who.box_pk)).hex()


@operation
def seal_for(given: Given) -> Any:
    """Seal a text of `length` for `recipients` ([key id, box_pk]); returns the envelope's length."""
    recipients = [seal.Recipient(unhex(key_id), unhex(box_pk)) for key_id, box_pk in given["recipients"]]
    text = given.get("text", "a" * given.get("length", 1))
    return len(seal.seal(Kind.RECORD, bytes(16), {"message": text}, recipients).raw)


@operation
def exclude_record(given: Given) -> Any:
    found = choice.open_record(unhex(given["root"]), unhex(given["case_id"]), edited(given))
    return {
        "number": found.choice.number,
        "persons": sorted(person.hex() for person in found.choice.persons),
        "report": found.report_hash.hex(),
        "act_pk": found.act_pk.hex(),
        "off": {person.hex(): change for person, change in found.off.items()},
    }


@operation
def treated(given: Given) -> Any:
    """Tell what a case is treated as; `answers`: pairs of a word and a day."""
    said = treated_as((word, date.fromisoformat(day)) for word, day in given["answers"])
    return {"category": said.category, "since": str(said.since)} if said else None


@operation
def access(given: Given) -> Any:
    """Fold changes of who reads a case; where the last one does not count, fail as it does."""
    known = [cards.parse_card(text.encode()) for text in given["cards"]]
    changes = []
    for place, one in enumerate(given["changes"]):
        change = accesses.change_of({"access": one["access"]})
        assert change is not None
        slots, exclude = (frozenset(map(unhex, one[name])) for name in ("slots", "exclude"))
        author, length = unhex(one["author"]), one["length"]
        changes.append(accesses.SignedChange(bytes([place]), change, author, slots, exclude, length))
    off = {unhex(person): number for person, number in given["known"].items()}
    at_report = [unhex(key_id) for key_id in given["at_report"]]
    retired = {unhex(key_id): place for key_id, place in given["retired"].items()}
    state = accesses.fold(unhex(given["case_id"]), known, at_report, changes, off, retired=retired)
    for refused, error in state.refused:
        if refused is changes[-1]:
            raise getattr(access_errors, error, None) or getattr(errors, error)
    return {
        "off": {person.hex(): number for person, number in state.off.items()},
        "given": [key_id.hex() for key_id in state.given],
        "counted": [one.envelope_id[0] for one in state.counted],
    }


@operation
def stored_case(given: Given) -> Any:
    """Judge a stored case with a code's `root`."""
    stored = [
        StoredEnvelope(
            unhex(one["id"]),
            encoding.b64d(one["raw_b64"]),
            [unhex(grant) for grant in one["grants"]],
            unhex(one["act_sig"]) if one["act_sig"] else None,
        )
        for one in given["envelopes"]
    ]
    known = [cards.parse_card(text.encode()) for text in given["cards"]]
    record, own = encoding.b64d(given["record_b64"]), receipt.from_root(unhex(given["root"]))
    return told(head_of(unhex(given["case_id"]), record, stored, known, own, retired={}))


@operation
def repeat_id(given: Given) -> Any:
    return messages.repeat_id(unhex(given["nonce"]), given["payload"], unhex(given["root"])).hex()


# Files


@operation
def object_length(given: Given) -> Any:
    length = attachment.object_length(given["size"])
    assert attachment.is_object_length(length)
    return {"padded": attachment.padded_length(given["size"]), "object": length}


@operation
def is_object_length(given: Given) -> Any:
    return attachment.is_object_length(given["length"])


@operation
def open_object(given: Given) -> Any:
    """Open with a file `key` a file of `size`; `entry`, where there is one, has to name this very file."""
    opener, hashed, size = attachment.Opener(unhex(given["key"]), given["size"]), attachment.FileHash(), 0
    for piece in (opener.update(edited(given)), b""):
        hashed.update(piece)
        size += len(piece)
    opener.finish()
    digest = hashed.digest()
    if "entry" in given:
        attachment.check_file(given["entry"], size, digest)
    return {"size": size, "hash": digest.hex()}


@operation
def frames(given: Given) -> Any:
    """Open a file of `size` that libsodium sealed in `frames`: `head`, then `zeros`, tagged with `tag`."""
    state, key = bindings.crypto_secretstream_xchacha20poly1305_state(), unhex(given["key"])
    raw = b"MYA1" + bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    for one in given["frames"]:
        plain = unhex(one["head"]) + bytes(one["zeros"])
        raw += bindings.crypto_secretstream_xchacha20poly1305_push(state, plain, None, one["tag"])
    opener = attachment.Opener(key, given["size"])
    found = opener.update(raw)
    opener.finish()
    return found.hex() if len(found) < 100 else len(found)


@operation
def seal_object(given: Given) -> Any:
    """Seal `length` bytes 0x61; returns the object's length."""
    sealer = attachment.Sealer(bytes(32))
    return len(sealer.header + sealer.update(b"a" * given["length"]) + sealer.finish())
