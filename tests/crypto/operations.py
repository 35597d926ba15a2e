"""What the vectors' operations do (docs/format.md, section 9): a few lines each.

Each takes a vector's `input` and returns its `output`, or raises an error class of `crypto.errors`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from nacl import bindings

from cases import form
from crypto import access as accesses
from crypto import (
    access_errors,
    attachment,
    cards,
    choice,
    encoding,
    envelope,
    errors,
    filename,
    identity,
    intake,
    key_errors,
    keyfile,
    keysheet,
    listing,
    messages,
    pack,
    padding,
    reading,
    receipt,
    register,
    reporter_keys,
    seal,
    unseal,
)
from crypto.casehead import StoredEnvelope, head_of
from crypto.envelope import Kind
from crypto.treated import treated_as
from tests.crypto.assemble import sealed_register, with_payload
from tests.crypto.log_operations import LOG_OPERATIONS
from tests.vectors.stored_cases import told

Given = Mapping[str, Any]
Operation = Callable[[Given], Any]

OPERATIONS: dict[str, Operation] = {**LOG_OPERATIONS}


def operation(function: Operation) -> Operation:
    OPERATIONS[function.__name__] = function
    return function


def _hex(text: str) -> bytes:
    return bytes.fromhex(text)


def _edited(given: Given) -> bytes:
    """Return `raw_b64` after its one edit: `put` bytes `at`, `cut` to a length, or `append`."""
    raw, edit = encoding.b64d(given["raw_b64"]), given.get("edit", {})
    if "put" in edit:
        put = _hex(edit["put"])
        return raw[: edit["at"]] + put + raw[edit["at"] + len(put) :]
    if "cut" in edit:
        return raw[: edit["cut"]]
    return raw + _hex(edit.get("append", ""))


# Bytes as text, canonical JSON, padding


@operation
def b64(given: Given) -> Any:
    return encoding.b64d(given["text"]).hex()


@operation
def id_text(given: Given) -> Any:
    return encoding.id_from_hex(given["text"]).hex()


@operation
def json(given: Given) -> Any:
    return encoding.parse_canonical_json(_hex(given["raw"]))


@operation
def write_json(given: Given) -> Any:
    return encoding.canonical_json(given["object"]).hex()


@operation
def pad(given: Given) -> Any:
    """`length`: of a payload of bytes 0x61."""
    padded = padding.pad(b"a" * given["length"])
    assert padded[given["length"]] == 0x80 and not any(padded[given["length"] + 1 :])
    return len(padded)


@operation
def unpad(given: Given) -> Any:
    """`head`, then `zeros`: so many zero bytes. `fill`: so many bytes 0x61 before them."""
    return len(padding.unpad(b"a" * given.get("fill", 0) + _hex(given["head"]) + bytes(given["zeros"])))


# Auditors


@operation
def auditor_keys(given: Given) -> Any:
    found = identity.from_seed(_hex(given["seed"]))
    return {
        "box_pk": found.box_pk.hex(),
        "sign_pk": found.sign_pk.hex(),
        "key_id": found.key_id.hex(),
        "fingerprint": cards.fingerprint(found.key_id),
    }


@operation
def unlock(given: Given) -> Any:
    return keyfile.unlock(given["text"].encode(), given["passphrase"]).hex()


@operation
def key_groups(given: Given) -> Any:
    return " ".join(keysheet.groups(given["text"].encode()))


@operation
def key_sheet(given: Given) -> Any:
    try:
        return keysheet.restore(given["text"]).decode()
    except (key_errors.SheetLength, key_errors.SheetGroups) as fault:
        assert list(fault.groups) == given["groups"]
        raise


@operation
def card(given: Given) -> Any:
    return cards.parse_card(given["text"].encode()).key_id.hex()


def _documents(given: Given) -> list[listing.Document]:
    return [listing.parse_document(one, text.encode()) for one in given["list"] for text in one.values()]


@operation
def chain(given: Given) -> Any:
    found = listing.verify_list(_documents(given))
    return {
        "readers": sorted(one.hex() for one in found.readers()),
        "digest": encoding.b64e(found.prefix().digest),
    }


@operation
def prefix(given: Given) -> Any:
    return listing.Listing(_documents(given)).prefix().digest.hex()


@operation
def readers(given: Given) -> Any:
    """Ask to whom an envelope was sealed; `readers`: what its payload says, null where it was not opened."""
    payload = None if given["readers"] is None else {"readers": given["readers"]}
    own = None if given["own"] is None else _hex(given["own"])
    slots = [_hex(one) for one in given["slots"]]
    listing.check_readers(
        listing.Listing(_documents(given)), slots, payload, own, listing.Floor(*given["floor"])
    )
    return "fits"


@operation
def retirement(given: Given) -> Any:
    return cards.parse_retirement(given["text"].encode()).key_id.hex()


@operation
def excluded_keys(given: Given) -> Any:
    known = [cards.parse_card(text.encode()) for text in given["cards"]]
    exclude, at_report = [[_hex(one) for one in given[name]] for name in ("exclude", "at_report")]
    return sorted(key_id.hex() for key_id in cards.excluded_keys(known, exclude, at_report))


# Envelopes


@operation
def decode(given: Given) -> Any:
    raw = _edited(given)
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
    return hashlib.sha256(_edited(given)).hexdigest()


@operation
def content_key(given: Given) -> Any:
    key = _hex(given["content_key"])
    return {"commitment": seal.commitment(key).hex(), "act_pk": seal.act_pk(key).hex()}


@operation
def open(given: Given) -> Any:
    """Open with an auditor's `seed` or a receipt's `root`, and `grants`."""
    grants = [_hex(one) for one in given.get("grants", [])]
    if "root" in given:
        mailbox = receipt.from_root(_hex(given["root"]))
        keys = (mailbox.mailbox_sk, mailbox.mailbox_pk, mailbox.mailbox_key_id)
    else:
        auditor = identity.from_seed(_hex(given["seed"]))
        keys = (auditor.box_sk, auditor.box_pk, auditor.key_id)
    found = unseal.unseal(_edited(given), *keys, grants)
    return {"payload": found.payload, "unusual": list(found.unusual)}


@operation
def payload(given: Given) -> Any:
    """Put `raw` (or the canonical form of `object`) in an envelope of a `kind` and open it."""
    raw = _hex(given["raw"]) if "raw" in given else encoding.canonical_json(given["object"])
    auditor = identity.from_seed(bytes(32))
    sealed = with_payload(Kind(given["kind"]), _hex(given["envelope_id"]), raw, auditor)
    found = unseal.unseal(sealed, auditor.box_sk, auditor.box_pk, auditor.key_id)
    assert found.raw_payload == raw
    return {"payload": found.payload, "unusual": list(found.unusual)}


@operation
def intake_of(given: Given) -> Any:
    """Read who wrote a report down. `cards`: pairs of a key id and a signing key."""
    cards = {_hex(key_id): _hex(sign_pk) for key_id, sign_pk in given["cards"]}
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
    who, raw = identity.from_seed(_hex(given["seed"])), _edited(given)
    pieces = [raw[at : at + 1000] for at in range(0, len(raw), 1000)]
    return b"".join(pack.opened(pieces, who.box_sk, who.box_pk)).hex()


@operation
def seal_for(given: Given) -> Any:
    """Seal a text of `length` for `recipients` ([key id, box_pk]); returns the envelope's length."""
    recipients = [seal.Recipient(_hex(key_id), _hex(box_pk)) for key_id, box_pk in given["recipients"]]
    text = given.get("text", "a" * given.get("length", 1))
    return len(seal.seal(Kind.RECORD, bytes(16), {"message": text}, recipients).raw)


@operation
def exclude_record(given: Given) -> Any:
    found = choice.open_record(_hex(given["root"]), _hex(given["case_id"]), _edited(given))
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
        slots, exclude = (frozenset(map(_hex, one[name])) for name in ("slots", "exclude"))
        author, length = _hex(one["author"]), one["length"]
        changes.append(accesses.SignedChange(bytes([place]), change, author, slots, exclude, length))
    off = {_hex(person): number for person, number in given["known"].items()}
    at_report = [_hex(key_id) for key_id in given["at_report"]]
    retired = {_hex(key_id): place for key_id, place in given["retired"].items()}
    state = accesses.fold(_hex(given["case_id"]), known, at_report, changes, off, retired=retired)
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
            _hex(one["id"]),
            encoding.b64d(one["raw_b64"]),
            [_hex(grant) for grant in one["grants"]],
            _hex(one["act_sig"]) if one["act_sig"] else None,
        )
        for one in given["envelopes"]
    ]
    known = [cards.parse_card(text.encode()) for text in given["cards"]]
    record, own = encoding.b64d(given["record_b64"]), receipt.from_root(_hex(given["root"]))
    return told(head_of(_hex(given["case_id"]), record, stored, known, own, retired={}))


@operation
def repeat_id(given: Given) -> Any:
    return messages.repeat_id(_hex(given["nonce"]), given["payload"], _hex(given["root"])).hex()


# Attachments


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
    opener, hashed, size = attachment.Opener(_hex(given["key"]), given["size"]), attachment.FileHash(), 0
    for piece in (opener.update(_edited(given)), b""):
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
    state, key = bindings.crypto_secretstream_xchacha20poly1305_state(), _hex(given["key"])
    raw = b"MYA1" + bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    for one in given["frames"]:
        plain = _hex(one["head"]) + bytes(one["zeros"])
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


# Receipt codes


@operation
def code(given: Given) -> Any:
    return receipt.format_code(receipt.parse_code(given["text"]))


@operation
def derive(given: Given) -> Any:
    found = receipt.derive(receipt.parse_code(given["text"]), _hex(given["site_salt"]))
    names = ("root", "lookup_id", "index", "case_id", "mailbox_pk", "mailbox_key_id", "sign_pk")
    return {name: getattr(found, name).hex() for name in names}


# Signatures


@operation
def message(given: Given) -> Any:
    kind, public = Kind(given["kind"]), _hex(given["sign_pk"])
    if kind in (Kind.REPORT, Kind.FROM_REPORTER):
        messages.verify_reporter(kind, given["payload"], public)
    else:
        messages.verify_auditor(kind, given["payload"], public)
    return "valid"


@operation
def key_chain(given: Given) -> Any:
    """Which of `later` are the reporter's, from the keys of `report` on, and which keys are current then."""
    known = reporter_keys.Chain(given["report"])
    accepted = [known.accept(one) for one in given["later"]]
    current = known.current
    return {
        "accepted": accepted,
        "current": None if current is None else [current.mailbox_pk.hex(), current.sign_pk.hex()],
    }


@operation
def signed_text(given: Given) -> Any:
    """Make the text of a `what` from its parts and check the signature."""
    text = _TEXTS[given["what"]](given)
    messages.verify(_hex(given["sign_pk"]), text, _hex(given["sig"]))
    return text.hex()


def _day(given: Given) -> date:
    return date.fromisoformat(given["day"])


_TEXTS: dict[str, Callable[[Given], bytes]] = {
    "status": lambda given: messages.status_text(
        _hex(given["case_id"]), given["sequence"], _hex(given["author"]), given["status"], _day(given)
    ),
    "act": lambda given: messages.act_text(_hex(given["case_id"]), encoding.b64d(given["raw_b64"])),
    "receipt": lambda given: messages.receipt_text(_hex(given["envelope_hash"]), _day(given)),
    "state": lambda given: messages.state_text(_hex(given["case_id"]), _day(given), given["statuses"]),
    "replace": lambda given: messages.replace_text(
        *(_hex(given[name]) for name in ("case_id", "old_index", "new_index", "mailbox_pk", "new_sign_pk"))
    ),
    "taken": lambda given: messages.taken_text(
        *(_hex(given[name]) for name in ("case_id", "old_sign_pk", "mailbox_pk"))
    ),
    "forget": lambda given: messages.forget_text(_hex(given["case_id"]), _day(given)),
    "delete": lambda given: messages.delete_text(_hex(given["case_id"]), _hex(given["author"]), _day(given)),
    "agree": lambda given: messages.agree_text(
        _hex(given["case_id"]),
        _hex(given["author"]),
        messages.proposal_hash(_hex(given["proposal_sig"])),
        _day(given),
    ),
    "keep": lambda given: messages.keep_text(_hex(given["case_id"]), _hex(given["author"]), _day(given)),
    "request": lambda given: messages.request_text(
        _hex(given["site_salt"]),
        given["method"],
        given["target"],
        _hex(given["body"]),
        _day(given),
        _hex(given["nonce"]),
    ),
}


# The form's rules and names of files


@operation
def file_name(given: Given) -> str:
    return filename.file_name(
        given["text"].replace("{lone}", "\ud83d") * given.get("times", 1) + given.get("end", "")
    )


@operation
def form_text(given: Given) -> str:
    return form.clean_text(given["text"])


@operation
def form_too_long(given: Given) -> str:
    """Return the answer that is said to be too long; "" when all of them together are not."""
    answers = {name: unit * times for name, (unit, times) in given["answers"].items()}
    (field,) = [one.field for one in form.validate(answers, (), ()) if one.code == "too_long"] or [""]
    return field


@operation
def reading_mark(given: Given) -> Any:
    key = reading.reading_key(bytes.fromhex(given["content_key"]))
    return reading.reading_mark(key, bytes.fromhex(given["author"]), date.fromisoformat(given["day"])).hex()


@operation
def reading_journal(given: Given) -> Any:
    journal = reading.read_journal(bytes.fromhex(given["raw"]))
    reading.check_journal(journal, bytes.fromhex(given["salt"]), bytes.fromhex(given["sign_pk"]))
    marks = [mark.hex() for mark in journal.marks]
    return {"author": journal.author.hex(), "number": journal.number, "day": str(journal.day), "marks": marks}


@operation
def register_record(given: Given) -> Any:
    raw = sealed_register(given["record"])
    record = register.decode_register(raw)
    if "content_key" in given:
        key = bytes.fromhex(given["content_key"])
    else:
        who = identity.from_seed(bytes.fromhex(given["seed"]))
        key = register.key_of_slot(record, who.key_id, who.box_sk, who.box_pk)
    payload = register.open_register(record, key)
    register.check_register(record, payload, bytes.fromhex(given["salt"]), bytes.fromhex(given["sign_pk"]))
    return {
        "number": record.number,
        "before": record.before.hex(),
        "hash": register.register_hash(raw).hex(),
        "author": payload.author.hex(),
        "day": str(payload.day),
        "entry": payload.entry,
        "earlier": None if payload.earlier is None else [payload.earlier.number, payload.earlier.key.hex()],
    }
