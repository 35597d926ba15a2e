"""Makes the vectors of the list that the log names, and of a code's log keys: `python -m tests.vectors.make_log`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto import listing, logleaf, note, plainleaf, tlog
from crypto.encoding import b64e
from crypto.identity import from_seed
from crypto.messages import public_key
from tests.vectors.parts import AUDITORS, FOUNDER, Vector, bad, card_json, good, text_of, vouched, write
from tests.vectors.parts import note as retirement

SALT = bytes(range(16))
LOG_SEED, OTHER_SEED, WITNESS_SEED = (bytes([number]) * 32 for number in (1, 5, 2))
ORIGIN = plainleaf.origin_of(SALT)
LOG = note.verifier_key(ORIGIN, note.ED25519, public_key(LOG_SEED))
OTHERS = [tlog.leaf_hash(b"leaf %d" % number) for number in range(6)]


def _texts() -> dict[str, str]:
    texts = {"founder": text_of(card_json(FOUNDER))}
    texts |= {name: text_of(vouched(card_json(AUDITORS[name]), FOUNDER)) for name in ("second", "third")}
    return texts | {"no_second": text_of(retirement(AUDITORS["second"], FOUNDER))}


def _log(leaf: bytes, index: int = 4, seed: bytes = LOG_SEED, origin: str = ORIGIN) -> dict[str, Any]:
    """What a site says of its log, whose leaf at `index` is this one."""
    hashes = [*OTHERS[:index], tlog.leaf_hash(leaf), *OTHERS[index:]]
    checkpoint = note.Checkpoint(origin, len(hashes), tlog.root_of(hashes))
    proof = [b64e(part) for part in tlog.inclusion_proof(hashes, index)]
    signed = note.sign_checkpoint(checkpoint, seed)
    listed = {"leaf": b64e(leaf), "index": index, "proof": proof, "checkpoint": signed}
    return {"vkey": LOG.text(), "listed": listed}


def logged_lists() -> tuple[list[Vector], dict[str, Any]]:
    texts = _texts()
    words = ["founder", "second", "third", "no_second"]
    entries = [{"retirement" if word.startswith("no_") else "card": f"@{word}"} for word in words]
    documents = [
        listing.parse_document({what: texts[word]}, texts[word].encode())
        for entry, word in zip(entries, words, strict=True)
        for what in entry
    ]
    known = listing.Listing(documents)

    def digest(length: int) -> bytes:
        return known.prefix(length).digest

    def asked(log: Mapping[str, Any], of: int = 4) -> dict[str, Any]:
        return {"list": entries[:of], "salt": SALT.hex(), "log": dict(log)}

    def names(name: str, length: int, log: Mapping[str, Any]) -> Vector:
        keys = sorted(key.hex() for key in known.sealed_to(length))
        return good(name, "logged_list", asked(log), {"length": length, "sealed_to": keys})

    def wrong(name: str, log: Mapping[str, Any], of: int = 4) -> Vector:
        return bad(name, "logged_list", asked(log, of), "ListUnproved")

    def day(length: int) -> bytes:
        from datetime import date

        return plainleaf.DayLeaf(date(2026, 11, 27), 4, 1, 16, digest(length), bytes(32)).encode()

    true = _log(day(3))
    shown = true["listed"]
    witness = note.cosign(note.read_note(shown["checkpoint"]).text, "witness", WITNESS_SEED, 1_795_802_400)
    cosigned = {**true, "listed": {**shown, "checkpoint": note.with_lines(shown["checkpoint"], [witness])}}

    def changed(**fields: Any) -> dict[str, Any]:
        return {**true, "listed": {**shown, **fields}}

    cosigner = note.verifier_key(ORIGIN, note.COSIGNATURE, public_key(LOG_SEED))
    renamed = note.verifier_key("meyasubako/other", note.ED25519, public_key(LOG_SEED))
    made_for_one = from_seed(bytes([8]) * 32)
    planted = [
        *documents[:3],
        listing.parse_document({"card": 1}, text_of(vouched(card_json(made_for_one), FOUNDER)).encode()),
    ]
    other_list = listing.Listing(planted).prefix().digest
    return [
        names("a day leaf names a part of the list", 3, true),
        names("a day leaf names all of it", 4, _log(day(4))),
        names("a list leaf, before the first day", 2, _log(plainleaf.list_leaf(digest(2)))),
        names("the first leaf", 1, _log(plainleaf.list_leaf(digest(1)), 0)),
        names("the only leaf that is not ours is behind it", 3, _log(day(3), 6)),
        names("with a witness's line", 3, cosigned),
        wrong("the list is shorter than what the log names", true, of=2),
        wrong("a list with a card for one visitor only", _log(plainleaf.list_leaf(other_list))),
        wrong("the leaf names another list than the tree's", changed(leaf=b64e(day(4)))),
        wrong("signed by another key", _log(day(3), seed=OTHER_SEED)),
        wrong("another origin", _log(day(3), origin="meyasubako/" + "00" * 16)),
        wrong("a card leaf names no list", _log(b"mybk1/card\n")),
        wrong("a site leaf names no list", _log(b"mybk1/site\n" + digest(3).hex().encode() + b"\n")),
        wrong("a list leaf with a line more", _log(plainleaf.list_leaf(digest(3)) + b"more\n")),
        wrong("a list leaf in capitals", _log(b"mybk1/list\n" + digest(3).hex().upper().encode() + b"\n")),
        wrong("another index", changed(index=5)),
        wrong("an index beyond the tree", changed(index=7)),
        wrong("an index that is no number", changed(index="4")),
        wrong("a proof without its last hash", changed(proof=shown["proof"][:-1])),
        wrong("a proof with a hash too many", changed(proof=[*shown["proof"], shown["proof"][0]])),
        wrong("a proof with a changed hash", changed(proof=[b64e(bytes(32)), *shown["proof"][1:]])),
        wrong("a checkpoint of another size", changed(checkpoint=shown["checkpoint"].replace("\n7\n", "\n8\n"))),
        wrong("a checkpoint without a signature", changed(checkpoint=shown["checkpoint"].split("\n\n")[0] + "\n")),
        wrong("no checkpoint", {**true, "listed": {name: shown[name] for name in ("leaf", "index", "proof")}}),
        wrong("a log without a leaf that names the list", {"vkey": LOG.text()}),
        wrong("a witness's key for the log's", {**true, "vkey": cosigner.text()}),
        wrong("a key under another name", {**true, "vkey": renamed.text()}),
    ], texts  # fmt: skip


def log_keys() -> tuple[list[Vector], dict[str, Any]]:
    """`leaves`: of three codes of one case, each given up for the next; others are another case's, or plain."""
    roots = [bytes([number]) * 32 for number in (0x11, 0x22, 0x33)]
    case = bytes([0xCA]) * 16
    places = [logleaf.Reader(FOUNDER.key_id, FOUNDER.box_pk)]

    def leaf(root: bytes, opening: logleaf.LeafText, epoch: int = 0) -> bytes:
        return logleaf.make(logleaf.log_key(root, epoch), opening, places)

    def envelope(kind: str, number: int) -> logleaf.LeafText:
        return logleaf.envelope_opening(kind, case, b"envelope %d" % number, bytes([number]) * 32)

    def rekey(*keys: bytes) -> list[logleaf.LeafText]:
        return logleaf.rekey_openings(case, keys)

    first, second, third = roots
    key = logleaf.log_key
    made = {
        "report": leaf(first, envelope("report", 0)),
        "form": leaf(first, envelope("message", 1), 1),
        "new": leaf(second, envelope("message", 2)),
        "to_first": leaf(second, rekey(key(first))[0]),
        "to_form": leaf(second, rekey(key(first, 1))[0]),
        "newer": leaf(third, envelope("message", 3)),
        "to_second": leaf(third, rekey(key(second))[0]),
        "later": leaf(third, envelope("message", 4), 2),
        "too_late": leaf(third, envelope("message", 5), 5),
        "forgotten": leaf(third, logleaf.forget_opening(case, b"signed")),
        "in_a_ring": leaf(first, rekey(key(third))[0]),
        "foreign": leaf(bytes([0x44]) * 32, envelope("report", 6)),
        "plain": plainleaf.list_leaf(bytes(32)),
    }
    no_opening = bytearray(made["report"])
    no_opening[300] ^= 1  # another e_pk: it opens, and is not the leaf that its opening gives
    texts = {name: raw.hex() for name, raw in made.items()} | {"changed": bytes(no_opening).hex()}

    def opens(name: str, root: bytes, leaves: str, expected: str) -> Vector:
        words = leaves.split()
        given = {"root": root.hex(), "leaves": [f"@{word}" for word in words]}
        output = [[words.index(word), kind] for word, kind in (part.split(":") for part in expected.split())]
        return good(name, "opened_leaves", given, output)

    return [
        opens("nothing there", first, "", ""),
        opens("another case's, and a plain one", first, "foreign plain", ""),
        opens("the report", first, "plain report foreign", "report:report"),
        opens("the next epoch", first, "form report", "form:message report:report"),
        opens("an old code leads to nothing newer", first, "report new to_first", "report:report"),
        opens("the code before", second, "report new to_first", "report:report new:message to_first:rekey"),
        opens("without the leaf that holds the old key", second, "report new", "new:message"),
        opens(
            "each epoch of the code before has a leaf",
            second, "form report to_form to_first",
            "form:message report:report to_form:rekey to_first:rekey",
        ),
        opens("a leaf of the code before is missing", second, "form report to_first", "report:report to_first:rekey"),
        opens(
            "two codes before, in any order",
            third, "newer report to_second foreign to_first new",
            "newer:message report:report to_second:rekey to_first:rekey new:message",
        ),
        opens("a link is missing", third, "newer report to_second new", "newer:message to_second:rekey new:message"),
        opens("one epoch in which nothing opens", third, "newer later", "newer:message later:message"),
        opens("behind two such epochs no more are tried", third, "newer later too_late", "newer:message later:message"),
        opens("forgetting", third, "forgotten", "forgotten:forget"),
        opens(
            "a chain that leads back to itself ends",
            third, "to_second to_first in_a_ring report",
            "to_second:rekey to_first:rekey in_a_ring:rekey report:report",
        ),
        opens("a changed leaf opens: the readers tell that it is spoiled", first, "changed", "changed:report"),
    ], texts  # fmt: skip


def main() -> None:
    write("log-keys", "What a code opens in a copy of the log (docs/format.md, 5.4).", *log_keys())
    write("log-list", "How much of the list is in the log (docs/format.md, 1.4, 5.3, 8.1).", *logged_lists())


if __name__ == "__main__":
    main()
