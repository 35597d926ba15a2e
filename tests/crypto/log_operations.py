"""What the operations of the log's vectors do (docs/format.md, 5 and 9): a few lines each, as in `operations`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from crypto import (
    certificate_verdict,
    code_reading,
    listing,
    log_mirror,
    log_witness,
    logkeys,
    logleaf,
    logpromise,
    logproof,
    note,
    plainleaf,
    tlog,
)
from crypto import log_key as keychange
from crypto.certificate import read_certificate
from crypto.errors import CryptoError
from crypto.identity import from_seed
from crypto.logged_list import logged_length
from crypto.receipt import from_root, parse_code
from tests.crypto.error_names import family
from tests.crypto.given import Given, Operation, unhex
from tests.crypto.walked_witness import WalkedWitness

ERRORS = {error.__name__: error for error in family(CryptoError)}
LOG_OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    LOG_OPERATIONS[function.__name__] = function
    return function


def _all(texts: Sequence[str]) -> list[bytes]:
    return [unhex(text) for text in texts]


def _hashes(size: int) -> list[bytes]:
    """The hashes of the leaves "leaf 0", "leaf 1" and so on."""
    return [tlog.leaf_hash(f"leaf {number}".encode()) for number in range(size)]


def _keys(given: Given) -> tuple[note.VerifierKey, list[note.VerifierKey]]:
    return note.read_key(given["log"]), [note.read_key(text) for text in given.get("witnesses", ())]


def _told(signed: note.SignedCheckpoint) -> dict[str, Any]:
    times = {key.name: time for key, time in sorted(signed.cosigned.items())}
    return {"size": signed.checkpoint.size, "root": signed.checkpoint.root.hex(), "cosigned": times}


# Tree, proofs, tiles


@operation
def inclusion(given: Given) -> Any:
    leaf, root, proof = unhex(given["leaf_hash"]), unhex(given["root"]), _all(given["proof"])
    tlog.check_inclusion(leaf, given["index"], given["size"], proof, root)
    return "holds"


@operation
def consistency(given: Given) -> Any:
    old_root, root, proof = unhex(given["old_root"]), unhex(given["root"]), _all(given["proof"])
    tlog.check_consistency(given["old"], old_root, given["size"], root, proof)
    return "holds"


@operation
def tree_root(given: Given) -> Any:
    hashes = _hashes(given["size"])
    assert tlog.Frontier(hashes).root == tlog.root_of(hashes)
    return tlog.root_of(hashes).hex()


@operation
def tree_consistency(given: Given) -> Any:
    return [part.hex() for part in tlog.consistency_proof(_hashes(given["size"]), given["old"])]


@operation
def tile_path(given: Given) -> Any:
    return tlog.tile_path(given["level"], given["number"], given["width"])


@operation
def tile_paths(given: Given) -> Any:
    return [tlog.tile_path(*tile) for tile in tlog.tile_paths(given["size"])]


@operation
def bundle(given: Given) -> Any:
    leaves = tlog.bundle_entries(unhex(given["raw"]))
    assert tlog.entry_bundle(leaves) == unhex(given["raw"])
    return {"leaves": len(leaves), "root": tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves]).hex()}


@operation
def write_bundle(given: Given) -> Any:
    return len(tlog.entry_bundle([bytes(given["length"])]))


# Notes, checkpoints, cosignatures, policies, proof files


@operation
def verifier_key(given: Given) -> Any:
    key = note.read_key(given["text"])
    assert key.text() == given["text"]
    return {"name": key.name, "type": key.key_type, "pk": key.pk.hex()}


@operation
def note_signers(given: Given) -> Any:
    read = note.read_note(given["note"])
    signed = note.signers(read, [note.read_key(given["vkey"])])
    return {"text": read.text, "times": list(signed.values())}


@operation
def checkpoint(given: Given) -> Any:
    return _told(note.read_checkpoint(given["note"], *_keys(given)))


@operation
def sign_checkpoint(given: Given) -> Any:
    made = note.Checkpoint(given["origin"], given["size"], unhex(given["root"]))
    return note.sign_checkpoint(made, unhex(given["seed"]))


@operation
def cosign(given: Given) -> Any:
    line = note.cosign(given["text"], given["name"], unhex(given["seed"]), given["time"])
    return line.text()


@operation
def batch_time(given: Given) -> Any:
    """What our witnesses write at a time, and the newest day whose batch is due then."""
    day = plainleaf.day_of_batch(given["seconds"])
    return [note.last_batch_time(given["seconds"]), day.isoformat()]


@operation
def policy(given: Given) -> Any:
    """With `note`: the policy has to be met by it."""
    read = logproof.read_policy(given["text"])
    if "note" in given:
        return sorted(read.signed_by(read.check(given["note"]).cosigned))
    return {"log": read.log.name, "witnesses": sorted(read.witnesses), "quorum": read.quorum}


@operation
def proof_file(given: Given) -> Any:
    proof, signed = logproof.check_proof(given["file"], given["leaf"].encode(), *_keys(given))
    assert proof.text() == given["file"]
    hashes = _hashes(signed.checkpoint.size)
    assert list(proof.hashes) == tlog.inclusion_proof(hashes, proof.index)
    return {"index": proof.index, **_told(signed)}


# Leaves


def _readers(given: Given) -> list[logleaf.Reader]:
    return [logleaf.Reader(unhex(card["key_id"]), unhex(card["box_pk"])) for card in given["readers"]]


@operation
def log_key(given: Given) -> Any:
    return logleaf.log_key(unhex(given["root"]), given["epoch"]).hex()


@operation
def make_leaf(given: Given) -> Any:
    opening = logleaf.read_opening(given["opening"].encode())
    leaf = logleaf.make(unhex(given["log_key"]), opening, _readers(given))
    return {"leaf": leaf.hex(), "hash": tlog.leaf_hash(leaf).hex()}


@operation
def open_leaf(given: Given) -> Any:
    """With `readers`: every byte is checked."""
    key, leaf = unhex(given["log_key"]), unhex(given["leaf"])
    opening = (
        logleaf.check_leaf(key, leaf, _readers(given)) if "readers" in given else logleaf.open_leaf(key, leaf)
    )
    return opening.text().decode()


@operation
def show_leaf(given: Given) -> Any:
    """A leaf that is shown by its blinding and its opening."""
    text = given["opening"].encode()
    return logleaf.check_opening(unhex(given["leaf"]), unhex(given["blinding"]), text).kind


@operation
def bell(given: Given) -> Any:
    """Whether a card has a tag in a leaf, and whether the envelope is the one of it."""
    identity = from_seed(unhex(given["seed"]))
    found = logleaf.find_bell(unhex(given["leaf"]), identity.box_sk, identity.box_pk)
    return "none" if found is None else "fits" if found.fits(unhex(given["envelope_sha256"])) else "another"


@operation
def logged(given: Given) -> Any:
    return plainleaf.logged_text(unhex(given["leaf_hash"]), date.fromisoformat(given["day"])).hex()


@operation
def open_promise(given: Given) -> Any:
    own = from_root(unhex(given["root"]))
    read = logpromise.open_promise(
        unhex(given["sealed"]), own.mailbox_pk, own.mailbox_sk, unhex(given["site_pk"])
    )
    return {"leaf": read.leaf.hex(), "day": read.day.isoformat()}


def _site(leaf: bytes) -> Any:
    read = plainleaf.read_site(leaf)
    assert read.encode() == leaf
    return {"origin": read.log.name, "hidden": read.hidden, "site_pk": read.site_pk.hex()}


def _day(leaf: bytes) -> Any:
    read = plainleaf.read_day(leaf)
    assert read.encode() == leaf
    return {"day": read.day.isoformat(), "first": read.first, "end": read.end}


def _card(leaf: bytes) -> Any:
    read = plainleaf.read_card_leaf(leaf)
    return {"key_id": read.key_id.hex(), "duty": read.duty}


_PLAIN: Mapping[str, Callable[[bytes], Any]] = {"site": _site, "day": _day, "card": _card}


@operation
def plain_leaf(given: Given) -> Any:
    """`as`: what it is read as; without: only its word is asked."""
    leaf = given["leaf"].encode()
    return _PLAIN[given["as"]](leaf) if "as" in given else plainleaf.word_of(leaf)


@operation
def batches(given: Given) -> Any:
    """`leaves`: texts of plain leaves, or the lengths of hidden ones."""
    leaves = [
        leaf.encode() if isinstance(leaf, str) else logleaf.dummy((leaf - logleaf.FIXED) // logleaf.TAG)
        for leaf in given["leaves"]
    ]
    read = plainleaf.read_batches(leaves, given["hidden"], given.get("first", 0))
    return [[batch.first, len(batch.plain), len(batch.hidden)] for batch in read]


@operation
def continues_leaf(given: Given) -> Any:
    read = plainleaf.read_continues(given["leaf"].encode("latin-1"))
    return {"origin": read.origin, "size": read.size, "root": read.root.hex()}


@operation
def log_key_leaf(given: Given) -> Any:
    read = keychange.check_key_leaf(given["leaf"].encode("latin-1"), unhex(given["salt"]))
    return {"day": read.day.isoformat(), "old": read.old.text(), "new": read.new.text()}


@operation
def log_key_chain(given: Given) -> Any:
    chain = keychange.chain_of([leaf.encode() for leaf in given["leaves"]])
    keys = [[since, key.text()] for since, key in chain.keys.keys]
    return {"keys": keys, "faults": [list(fault) for fault in chain.faults]}


@operation
def desk_witness(given: Given) -> Any:
    salt = unhex(given["salt"])
    read = log_witness.read_witness(given["document"].encode(), salt)
    log_witness.check_witness(read, salt, unhex(given["sign_pk"]))
    return {"key_id": read.key_id.hex(), "name": read.vkey.name}


@operation
def desk_witness_of(given: Given) -> Any:
    own = from_seed(unhex(given["seed"]))
    made = log_witness.make_witness(unhex(given["salt"]), own.key_id, own.seed, own.sign_seed)
    return made.encode().decode()


@operation
def witness_extends(given: Given) -> Any:
    """Whether a checkpoint extends the first `kept` leaves, where the site hands out those up to `leaves`."""
    all_of_them = [f"leaf {number}".encode() for number in range(given["leaves"])]
    kept, new = all_of_them[: given["kept"]], all_of_them[given["kept"] :]
    return log_mirror.extend(given["note"], note.read_key(given["log"]), kept, new).checkpoint.size


@operation
def witness_walk(given: Given) -> Any:
    """Requests to one witness, and what it answers to each."""
    asked = WalkedWitness(note.read_key(given["log"]), given["name"], unhex(given["seed"]), given["time"])
    return [[request["name"], *asked.answer(request["body"])] for request in given["requests"]]


# Certificates


def certificate_file(given: Given) -> bytes:
    """Return a file: a whole one's text with its one edit."""
    text, edit = given["file"], given.get("edit")
    if edit:
        text = text[: edit["at"]] + edit["put"] + text[edit["at"] + edit["cut"] :]
    return bytes(text.encode())


@operation
def certificate(given: Given) -> Any:
    judged = certificate_verdict.judge(certificate_file(given), given["policy"])
    if judged.fault:
        raise ERRORS[judged.fault]
    return judged.fields()


@operation
def read_code(given: Given) -> Any:
    copy = code_reading.LogFile(tlog.bundle_entries(unhex(given["leaves"])), given["note"])
    seen = code_reading.read_by_code(parse_code(given["code"]), copy, given["policy"])
    if seen.judged.fault:
        raise ERRORS[seen.judged.fault]
    return seen.fields()


@operation
def beside_copy(given: Given) -> Any:
    raw, policy = given["file"].encode(), given["policy"]
    copy = code_reading.LogFile(tlog.bundle_entries(unhex(given["leaves"])), given["note"])
    judged = certificate_verdict.judge(raw, policy)
    beside = code_reading.beside_copy(read_certificate(raw), judged, copy, policy)
    if beside.judged.fault:
        raise ERRORS[beside.judged.fault]
    return beside.judged.fields()


# The list that the log names


@operation
def logged_list(given: Given) -> Any:
    documents = [
        listing.parse_document(entry, text.encode()) for entry in given["list"] for text in entry.values()
    ]
    known = listing.Listing(documents)
    length = logged_length(given["log"], known, unhex(given["salt"]))
    return {"length": length, "sealed_to": sorted(key.hex() for key in known.sealed_to(length))}


# What a code opens


@operation
def opened_leaves(given: Given) -> Any:
    opened = logkeys.openings_of(unhex(given["root"]), _all(given["leaves"]))
    return [[leaf.index, leaf.says.kind if leaf.says else ""] for leaf in opened]
