"""What the vectors' operations do (docs/format.md, section 9): a few lines each.

Each takes a vector's `input` and returns its `output`, or raises an error class of `crypto.errors`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from cases import form
from crypto import (
    cards,
    encoding,
    filename,
    identity,
    key_errors,
    keyfile,
    keysheet,
    listing,
    messages,
    padding,
    reading,
    receipt,
    register,
    reporter_keys,
)
from crypto.envelope import Kind
from tests.crypto.assemble import sealed_register
from tests.crypto.envelope_operations import ENVELOPE_OPERATIONS
from tests.crypto.given import Given, Operation, unhex
from tests.crypto.log_operations import LOG_OPERATIONS

OPERATIONS: dict[str, Operation] = {**ENVELOPE_OPERATIONS, **LOG_OPERATIONS}


def operation(function: Operation) -> Operation:
    OPERATIONS[function.__name__] = function
    return function


# Bytes as text, canonical JSON, padding


@operation
def b64(given: Given) -> Any:
    return encoding.b64d(given["text"]).hex()


@operation
def id_text(given: Given) -> Any:
    return encoding.id_from_hex(given["text"]).hex()


@operation
def json(given: Given) -> Any:
    return encoding.parse_canonical_json(unhex(given["raw"]))


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
    return len(padding.unpad(b"a" * given.get("fill", 0) + unhex(given["head"]) + bytes(given["zeros"])))


# Auditors


@operation
def auditor_keys(given: Given) -> Any:
    found = identity.from_seed(unhex(given["seed"]))
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
    own = None if given["own"] is None else unhex(given["own"])
    slots = [unhex(one) for one in given["slots"]]
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
    exclude, at_report = [[unhex(one) for one in given[name]] for name in ("exclude", "at_report")]
    return sorted(key_id.hex() for key_id in cards.excluded_keys(known, exclude, at_report))


# Receipt codes


@operation
def code(given: Given) -> Any:
    return receipt.format_code(receipt.parse_code(given["text"]))


@operation
def derive(given: Given) -> Any:
    found = receipt.derive(receipt.parse_code(given["text"]), unhex(given["site_salt"]))
    names = ("root", "lookup_id", "index", "case_id", "mailbox_pk", "mailbox_key_id", "sign_pk")
    return {name: getattr(found, name).hex() for name in names}


# Signatures


@operation
def message(given: Given) -> Any:
    kind, public = Kind(given["kind"]), unhex(given["sign_pk"])
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
    messages.verify(unhex(given["sign_pk"]), text, unhex(given["sig"]))
    return text.hex()


def _day(given: Given) -> date:
    return date.fromisoformat(given["day"])


_TEXTS: dict[str, Callable[[Given], bytes]] = {
    "status": lambda given: messages.status_text(
        unhex(given["case_id"]), given["sequence"], unhex(given["author"]), given["status"], _day(given)
    ),
    "act": lambda given: messages.act_text(unhex(given["case_id"]), encoding.b64d(given["raw_b64"])),
    "receipt": lambda given: messages.receipt_text(unhex(given["envelope_hash"]), _day(given)),
    "state": lambda given: messages.state_text(unhex(given["case_id"]), _day(given), given["statuses"]),
    "replace": lambda given: messages.replace_text(
        *(unhex(given[name]) for name in ("case_id", "old_index", "new_index", "mailbox_pk", "new_sign_pk"))
    ),
    "taken": lambda given: messages.taken_text(
        *(unhex(given[name]) for name in ("case_id", "old_sign_pk", "mailbox_pk"))
    ),
    "forget": lambda given: messages.forget_text(unhex(given["case_id"]), _day(given)),
    "delete": lambda given: messages.delete_text(
        unhex(given["case_id"]), unhex(given["author"]), _day(given)
    ),
    "agree": lambda given: messages.agree_text(
        unhex(given["case_id"]),
        unhex(given["author"]),
        messages.proposal_hash(unhex(given["proposal_sig"])),
        _day(given),
    ),
    "keep": lambda given: messages.keep_text(unhex(given["case_id"]), unhex(given["author"]), _day(given)),
    "request": lambda given: messages.request_text(
        unhex(given["site_salt"]),
        given["method"],
        given["target"],
        unhex(given["body"]),
        _day(given),
        unhex(given["nonce"]),
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
