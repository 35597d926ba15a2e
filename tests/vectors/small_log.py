"""A small log, the same bytes each time, for `make_certificates`: a case with a report, a status and an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from nacl.bindings import crypto_scalarmult_base

from cases.log_rule import log_rule
from crypto import log_policy, logbatch, logleaf, messages, note, plainleaf
from crypto.certificate import CertificateFile, CertificateKind, Promised, ShownContent, ShownLeaf, show
from crypto.encoding import b64e, canonical_json, hex_id
from crypto.envelope import Kind, Slot, envelope_hash
from crypto.identity import Identity, from_seed
from crypto.log_witness import witness_name, witness_seed
from crypto.logproof import read_policy
from crypto.padding import pad
from crypto.receipt import derive
from crypto.signer import Signer
from crypto.tlog import leaf_hash, root_of
from tests.crypto.assemble import assemble

SALT = bytes(range(16))
SITE_SEED = bytes([0x51]) * 32
ORIGIN = plainleaf.origin_of(SALT)
RULE = log_rule()
LOG = logbatch.log_verifier(SALT, SITE_SEED)
LOG_SEED = logbatch.log_seed(SITE_SEED)
RECEIPT = derive("K7Q29M4XTB8V3HNE5RW0", SALT)
KEY = logleaf.log_key(RECEIPT.root)
FIRST_DAY = date(2026, 11, 23)
BATCH_TIME = 1795629600
"""03:00 of Japan on 2026-11-26."""
AUTHORS: tuple[Identity, ...] = tuple(
    sorted((from_seed(bytes([n]) * 32) for n in (1, 2)), key=lambda i: i.key_id)
)
AUTHOR = AUTHORS[0]
READERS = logleaf.readers_of([(card.key_id, card.box_pk) for card in AUTHORS])
WITNESSES: Mapping[str, tuple[str, bytes]] = {
    "union": ("union.example/witness", bytes([0x61]) * 32),
    "counsel": ("counsel.example/witness", bytes([0x62]) * 32),
    "desk1": (witness_name(SALT, AUTHORS[0].key_id), witness_seed(bytes([0x63]) * 32)),
    "desk2": (witness_name(SALT, AUTHORS[1].key_id), witness_seed(bytes([0x64]) * 32)),
}


def vkey(name: str) -> str:
    key_name, seed = WITNESSES[name]
    return note.verifier_key(key_name, note.COSIGNATURE, messages.public_key(seed)).text()


def policy_text(quorum: str = "all", log: note.VerifierKey = LOG) -> str:
    """One of union and counsel, and one of two desks; `quorum`: also a single name or none."""
    lines = [f"log {log.text()}", *(f"witness {name} {vkey(name)}" for name in WITNESSES)]
    groups = ["group outside any union counsel", "group desks any desk1 desk2", "group all all outside desks"]
    return "\n".join([*lines, *groups, f"quorum {quorum}"]) + "\n"


POLICY = policy_text()
SERVED = log_policy.first_text(LOG)


def _dummy(label: str) -> bytes:
    """A dummy's bytes from a label: curve point where one belongs."""
    stream = b"".join(sha256(f"{label} {part}".encode()).digest() for part in range(14))
    return stream[:288] + bytes(crypto_scalarmult_base(stream[288:320])) + stream[320:][: 16 * len(READERS)]


@dataclass
class SmallLog:
    """Leaves in order, and what a case's acts were made of."""

    leaves: list[bytes] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def add_day(self, day: date, acts: Mapping[str, bytes], plain: Sequence[bytes] = ()) -> None:
        """Add a batch: acts by name; their places follow from their hashes, as if shuffled."""
        first = len(self.leaves)
        count = plainleaf.batch_size(len(acts), 16)
        hidden = [*acts.values(), *(_dummy(f"{day} {n}") for n in range(count - len(acts)))]
        hidden.sort(key=leaf_hash)
        rules = plainleaf.rules_hash(SERVED, RULE)
        leaf = plainleaf.DayLeaf(day, first, len(plain), count, bytes([0xAA]) * 32, rules).encode()
        self.leaves += [leaf, *plain, *hidden]
        for name, act in acts.items():
            self.places[name] = self.leaves.index(act)
        self.places[f"day {day}"] = first

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(leaf) for leaf in self.leaves]

    def note(
        self,
        signers: Mapping[str, int],
        size: int | None = None,
        log_seed: bytes = LOG_SEED,
    ) -> str:
        """Return the checkpoint at a size, cosigned by these witnesses at these times."""
        hashes = self.hashes[:size]
        checkpoint = note.Checkpoint(ORIGIN, len(hashes), root_of(hashes))
        text = note.sign_checkpoint(checkpoint, log_seed)
        lines = [note.cosign(checkpoint.text(), *WITNESSES[name], time) for name, time in signers.items()]
        return note.with_lines(text, lines)

    def show(
        self, index: int, checkpoint: str, opening: logleaf.LeafText | None = None, key: bytes = KEY
    ) -> ShownLeaf:
        """Return a leaf with its proof under a checkpoint, opened or not."""
        size = int(checkpoint.split("\n")[1])
        text = opening.text() if opening else b""
        secret = (logleaf.blinding(key, text), text) if opening else None
        return show(self.leaves[:size], self.hashes[:size], index, checkpoint, secret)


def _envelope(kind: Kind, number: int, fields: Mapping[str, object], key: bytes) -> bytes:
    envelope_id = bytes([number]) * 16
    keys = [hex_id(card.key_id) for card in AUTHORS]
    payload = {
        **fields,
        "v": 1,
        "case_id": hex_id(RECEIPT.case_id),
        "envelope_id": hex_id(envelope_id),
        "files": [],
        "readers": {"length": 2, "digest": b64e(bytes([0xAA]) * 32), "keys": keys},
    }
    if kind is Kind.TO_REPORTER:
        signed = messages._sign_message(kind, payload, Signer(AUTHOR.sign_seed))
    else:
        signed = messages.sign_reporter(kind, payload, RECEIPT)
    slots = [
        Slot(card.key_id, sha256(bytes([number]) + card.key_id).digest() * 2 + bytes(16)) for card in AUTHORS
    ]
    return assemble(kind, envelope_id, pad(canonical_json(signed)), slots, key)


CONTENT_KEYS = {"report": bytes([0x71]) * 32, "answer": bytes([0x72]) * 32}
REPORT = _envelope(
    Kind.REPORT,
    0xE1,
    {
        "what_happened": "名簿が外に出ました。",
        "exclude": [],
        "choice": 1,
        "mailbox_pk": b64e(RECEIPT.mailbox_pk),
        "reporter_sign_pk": b64e(RECEIPT.sign_pk),
        "log_key": b64e(KEY),
    },
    CONTENT_KEYS["report"],
)
ANSWER = _envelope(
    Kind.TO_REPORTER,
    0xE2,
    {
        "message": "調べています。",
        "author": hex_id(AUTHOR.key_id),
        "choice": 1,
        "seen": [hex_id(bytes([0xE1]) * 16)],
    },
    CONTENT_KEYS["answer"],
)
OPENINGS: Mapping[str, logleaf.LeafText] = {
    "report": logleaf.envelope_opening("report", RECEIPT.case_id, REPORT, envelope_hash(REPORT)),
    "status": logleaf.status_opening(
        RECEIPT.case_id, 1, "investigating", AUTHOR.key_id, b"text and signatures"
    ),
    "answer": logleaf.envelope_opening("answer", RECEIPT.case_id, ANSWER, AUTHOR.key_id),
    "rekey": logleaf.LeafText("rekey", (hex_id(RECEIPT.case_id), "ab" * 32)),
    "lost": logleaf.envelope_opening("message", RECEIPT.case_id, b"a lost message", bytes([0x99]) * 32),
    "other": logleaf.envelope_opening("report", bytes([0xCC]) * 16, b"another case", bytes([0x98]) * 32),
}
ACTS = {name: logleaf.make(KEY, opening, READERS) for name, opening in OPENINGS.items()}
CARD_LEAF = plainleaf._leaf(
    "card",
    hex_id(AUTHOR.key_id),
    AUTHOR.box_pk.hex(),
    AUTHOR.sign_pk.hex(),
    "auditor",
    sha256(b"the card's document").hexdigest(),
)
RESTORED = plainleaf.restored_leaf(FIRST_DAY + timedelta(days=1))


def small_log() -> SmallLog:
    """Site, policy and a card; a report on the first day, nothing on the second, a status, an answer, another day."""
    log = SmallLog([*logbatch.founding_leaves(SALT, SITE_SEED, 16, RULE), CARD_LEAF])
    days = [FIRST_DAY + timedelta(days=number) for number in range(6)]
    log.add_day(days[0], {"report": ACTS["report"], "other": ACTS["other"]})
    log.add_day(days[1], {})
    log.add_day(days[2], {"status": ACTS["status"], "rekey": ACTS["rekey"]})
    log.add_day(days[3], {"answer": ACTS["answer"]}, [RESTORED])
    log.add_day(days[5], {})  # the day before was left out
    return log


def promised(name: str, day: date, seed: bytes = SITE_SEED) -> Promised:
    hashed = leaf_hash(ACTS[name])
    return Promised(day, hashed, messages.sign(seed, plainleaf.logged_text(hashed, day)))


def receipt(day: date = FIRST_DAY, raw: bytes = REPORT) -> Promised:
    hashed = envelope_hash(raw)
    return Promised(day, hashed, messages.sign(SITE_SEED, messages.receipt_text(hashed, day)))


def certificate(kind: CertificateKind, shown: Sequence[ShownLeaf], **more: object) -> CertificateFile:
    """Return a file from its parts."""
    ordered = tuple(sorted(shown, key=lambda leaf: leaf.proof.index))
    return CertificateFile(kind, ORIGIN, SERVED, read_policy(SERVED), RULE, ordered, **more)  # type: ignore[arg-type]


CONTENT = tuple(
    ShownContent(raw, CONTENT_KEYS[name]) for name, raw in (("report", REPORT), ("answer", ANSWER))
)
