"""Writes `log-certificate.json` anew, the same bytes each time: `python -m tests.vectors.make_certificates`.

A file is stored as what differs from one of a few whole ones: `at`, `cut` characters, `put` instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from crypto import log_errors, logleaf, note, plainleaf
from crypto.certificate import CertificateFile, ShownContent
from crypto.certificate_verdict import judge
from crypto.messages import public_key, sign
from tests.vectors import small_log as small
from tests.vectors.parts import Vector, write

LOG = small.small_log()
DAYS = [small.FIRST_DAY + timedelta(days=number) for number in range(6)]
TIMES = dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 3)
NOTE = LOG.note(TIMES)


def shown(*names: str, checkpoint: str = NOTE) -> list[Any]:
    """The site's leaf and these acts, each with its batch's day leaf."""
    indexes: dict[int, logleaf.LeafText | None] = {0: None}
    for name in names:
        at = LOG.places[name]
        indexes[at] = small.OPENINGS[name]
        starts = [place for key, place in LOG.places.items() if key.startswith("day ") and place < at]
        indexes[max(starts)] = None
    return [LOG.show(at, checkpoint, opening) for at, opening in indexes.items()]


def run(day: date, following: date, checkpoint: str = NOTE) -> list[Any]:
    first, last = LOG.places[f"day {day}"], LOG.places[f"day {following}"]
    return [LOG.show(at, checkpoint) for at in (0, *range(first, last + 1))]


def whole(**changed: Any) -> CertificateFile:
    parts = {"promise": small.promised("report", DAYS[0]), "receipt": small.receipt(), **changed}
    leaves = parts.pop("shown", None) or shown("report", "status", "answer")
    return small.certificate("certificate", leaves, **parts)


def burying(**changed: Any) -> CertificateFile:
    parts = {"promise": small.promised("lost", DAYS[1]), **changed}
    leaves = parts.pop("shown", None) or run(DAYS[1], DAYS[2])
    return small.certificate("burying", leaves, **parts)


BASES: dict[str, str] = {
    "certificate": whole().encode().decode(),
    "content": whole(shown=[*shown("report", "answer"), LOG.show(2, NOTE)], content=small.CONTENT)
    .encode()
    .decode(),
    "burying": burying().encode().decode(),
}


def difference(base: str, text: str) -> dict[str, Any]:
    head = 0
    while head < min(len(base), len(text)) and base[head] == text[head]:
        head += 1
    tail = 0
    while tail < min(len(base), len(text)) - head and base[-1 - tail] == text[-1 - tail]:
        tail += 1
    return {"at": head, "cut": len(base) - head - tail, "put": text[head : len(text) - tail]}


def vector(
    name: str, base: str, made: CertificateFile | str, fault: str = "", policy: str | None = small.POLICY
) -> Vector:
    text = made if isinstance(made, str) else made.encode().decode()
    given: dict[str, Any] = {"file": f"@{base}"}
    if text != BASES[base]:
        given["edit"] = difference(BASES[base], text)
    given["policy"] = "@policy" if policy == small.POLICY else policy
    judged = judge(text.encode(), policy)
    assert judged.fault == fault, (name, judged.fault, fault)
    told = {"error": fault, "verdict": judged.verdict} if fault else {"output": judged.fields()}
    return {"name": name, "operation": "certificate", "input": given, **told}


def edited(base: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A file whose JSON was changed, written canonically."""
    fields = json.loads(BASES[base])
    change(fields)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def put(base: str, **fields: Any) -> str:
    return edited(base, lambda there: there.update(fields))


def without(base: str, name: str) -> str:
    return edited(base, lambda there: there.pop(name))


def proof_changed(base: str, number: int, old: str, new: str) -> str:
    def change(fields: dict[str, Any]) -> None:
        text = fields["proofs"][number]
        assert old in text
        fields["proofs"][number] = text.replace(old, new, 1)

    return edited(base, change)


def goods() -> list[Vector]:
    late = LOG.note(dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 20))
    two = [*shown("report", checkpoint=LOG.note(TIMES, 54)), *shown("answer")[1:]]
    restored = LOG.places[f"day {DAYS[3]}"] + 1
    no_day = {"promise": small.promised("lost", DAYS[4]), "shown": run(DAYS[3], DAYS[5])}
    none = small.policy_text("none")
    return [
        vector("a certificate", "certificate", whole()),
        vector("with a line feed at the end", "certificate", BASES["certificate"] + "\n"),
        vector("without promise and receipt", "certificate", whole(promise=None, receipt=None)),
        vector("the report alone", "certificate", whole(shown=shown("report"))),
        vector("with content", "content", BASES["content"]),
        vector(
            "an answer whose author has no card in it",
            "content",
            whole(shown=shown("report", "answer"), content=small.CONTENT),
        ),
        vector("two checkpoints", "certificate", whole(shown=two)),
        vector(
            "cosigned too late for the rule",
            "certificate",
            whole(shown=shown("report", "status", checkpoint=late)),
        ),
        vector(
            "by a policy that asks for the union alone",
            "certificate",
            whole(),
            policy=small.policy_text("union"),
        ),
        vector("a burying", "burying", burying()),
        vector(
            "a burying, with a restored leaf",
            "burying",
            burying(shown=[*run(DAYS[1], DAYS[2]), LOG.show(restored, NOTE)]),
        ),
        vector(
            "a burying, with a restored leaf of a later day",
            "burying",
            burying(
                promise=small.promised("lost", DAYS[0]),
                shown=[*run(DAYS[0], DAYS[1]), LOG.show(restored, NOTE)],
            ),
        ),
        vector("a day without a batch", "burying", burying(**no_day)),
        vector("no policy", "certificate", whole(), policy=None),
        vector("no policy, a burying", "burying", burying(), policy=None),
        vector("a policy without witnesses", "certificate", whole(), policy=none),
        vector("cosigned by nobody", "certificate", whole(shown=shown("report", checkpoint=LOG.note({})))),
        vector(
            "desks only",
            "certificate",
            whole(
                shown=shown("report", checkpoint=LOG.note({"desk1": TIMES["desk1"], "desk2": TIMES["desk2"]}))
            ),
        ),
        vector(
            "one of two checkpoints without a quorum",
            "certificate",
            whole(
                shown=[
                    *shown("report", checkpoint=LOG.note({"union": 1, "desk1": 1}, 54)),
                    *shown("answer", checkpoint=LOG.note({"union": 1}))[1:],
                ]
            ),
        ),
        vector(
            "a witness unknown to the policy",
            "certificate",
            whole(),
            policy=f"log {small.LOG.text()}\nwitness other other.example+{_unknown()}\nquorum other\n",
        ),
    ]


def _unknown() -> str:
    return (
        note.verifier_key("other.example", note.COSIGNATURE, public_key(bytes([0x77]) * 32))
        .text()
        .partition("+")[2]
    )


def unreadable() -> list[Vector]:
    base = BASES["certificate"]
    rows = [
        ("no JSON", base[:-1], "NotJson"),
        ("nothing", "", "NotJson"),
        ("another spelling", base.replace(":", ": ", 1), "NotCanonical"),
        ("a name twice", base.replace("{", '{"v":1,', 1), "DuplicateKey"),
        ("another version", put("certificate", v=2), "CertificateVersion"),
        ("a version that is a word", put("certificate", v="1"), "CertificateVersion"),
        ("a version that is true", put("certificate", v=True), "CertificateVersion"),
        ("another kind", put("certificate", kind="letter"), "CertificateMalformed"),
        ("a field too many", put("certificate", name="x"), "CertificateMalformed"),
        *(
            (f"{name} missing", without("certificate", name), "CertificateMalformed")
            for name in ("v", "kind", "origin", "policy", "rule", "proofs")
        ),
        ("an origin that is none", put("certificate", origin="https://example.com"), "CertificateMalformed"),
        ("a rule that is no text", put("certificate", rule=1), "CertificateMalformed"),
        ("no proofs", put("certificate", proofs=[]), "CertificateMalformed"),
        (
            "a proof that is no text",
            edited("certificate", lambda there: there["proofs"].append(1)),
            "CertificateMalformed",
        ),
        (
            "proofs in another order",
            edited("certificate", lambda there: there["proofs"].reverse()),
            "CertificateMalformed",
        ),
        (
            "a proof twice",
            edited("certificate", lambda there: there["proofs"].append(there["proofs"][-1])),
            "CertificateMalformed",
        ),
        (
            "a promise of a day that is none",
            edited("certificate", lambda there: there["promise"].update(day="2026-02-30")),
            "CertificateMalformed",
        ),
        (
            "a promise with upper-case hex",
            edited("certificate", lambda there: there["promise"].update(leaf="AB" * 32)),
            "CertificateMalformed",
        ),
        (
            "a receipt with a short signature",
            edited("certificate", lambda there: there["receipt"].update(sig="AAAA")),
            "CertificateMalformed",
        ),
        ("content that is empty", put("content", content=[]), "CertificateMalformed"),
        (
            "content with a short key",
            edited("content", lambda there: there["content"][0].update(key="AAAA")),
            "CertificateMalformed",
        ),
        ("its own policy is none", put("certificate", policy="quorum none\n"), "PolicyMalformed"),
        ("another header of a proof", proof_changed("certificate", 1, "@v1", "@v2"), "ProofMalformed"),
        ("an extra without a space", proof_changed("certificate", 0, "extra ", "extra"), "ProofMalformed"),
        ("a note without its dash", proof_changed("certificate", 0, "\u2014 ", "- "), "NoteMalformed"),
        (
            "a size with a leading zero",
            proof_changed("certificate", 0, f"\n{len(LOG.leaves)}\n", f"\n0{len(LOG.leaves)}\n"),
            "CheckpointMalformed",
        ),
        (
            "a hidden leaf that is not opened",
            whole(shown=[*shown("report"), LOG.show(LOG.places["status"], NOTE)]).encode().decode(),
            "CertificateMalformed",
        ),
        (
            "nothing opened",
            whole(shown=run(DAYS[1], DAYS[1]), promise=None, receipt=None).encode().decode(),
            "CertificateMalformed",
        ),
        ("extra that ends within the leaf", _extra(whole(), cut=300), "CertificateMalformed"),
    ]
    bury = [
        (
            "a burying with a receipt",
            put("burying", receipt=json.loads(base)["receipt"]),
            "CertificateMalformed",
        ),
        ("a burying without a promise", without("burying", "promise"), "CertificateMalformed"),
        (
            "a burying that opens a leaf",
            burying(shown=shown("report", "status")).encode().decode(),
            "CertificateMalformed",
        ),
    ]
    made = [
        vector(name, "content" if name.startswith("content") else "certificate", text, fault)
        for name, text, fault in rows
    ]
    made += [vector(name, "burying", text, fault) for name, text, fault in bury]
    return [
        *made,
        vector("the verifier's policy is none", "certificate", whole(), "OwnPolicyMalformed", "log x\n"),
    ]


def _extra(made: CertificateFile, cut: int) -> str:
    first, *others = made.shown
    short = replace(first, proof=replace(first.proof, extra=(first.proof.extra or b"")[:cut]))
    return replace(made, shown=(short, *others)).encode().decode()


def bads() -> list[Vector]:
    other_log = note.verifier_key(small.ORIGIN, note.ED25519, public_key(bytes([0x52]) * 32))
    foreign = note.verifier_key("meyasubako/" + "ab" * 16, note.ED25519, public_key(small.LOG_SEED))
    unsigned = LOG.note(TIMES, log_seed=bytes([0x52]) * 32)
    moved = _with_cosignature_of(LOG.note(TIMES, 54))
    rows: list[tuple[str, CertificateFile | str, str]] = [
        ("another origin", put("certificate", origin="meyasubako/" + "ab" * 16), "CheckpointOrigin"),
        ("signed by another log's key", whole(shown=shown("report", checkpoint=unsigned)), "NoteUnsigned"),
        (
            "a cosignature of another checkpoint",
            whole(shown=shown("report", checkpoint=moved)),
            "NoteSignatureWrong",
        ),
        (
            "a cosignature with another time",
            whole(shown=shown("report", checkpoint=_with_other_time())),
            "NoteSignatureWrong",
        ),
        (
            "a cosignature that is forged",
            whole(shown=shown("report", checkpoint=_forged())),
            "NoteSignatureWrong",
        ),
        ("a hash of the path changed", _path_changed(), "ProofWrong"),
        (
            "the status at another index",
            proof_changed(
                "certificate", 4, f"index {LOG.places['status']}\n", f"index {LOG.places['status'] + 1}\n"
            ),
            "ProofWrong",
        ),
        ("the first leaf is not the site's", whole(shown=shown("report")[1:]), "CertificateSite"),
        ("another rule", put("certificate", rule="Nothing counts.\n"), "CertificateSite"),
        ("an opening of another leaf", _opened_as("report", "status"), "LeafCommitment"),
        ("the old log key's leaf", whole(shown=shown("report", "rekey")), "CertificateSecret"),
        (
            "no day leaf of its batch",
            whole(shown=[*shown("report"), *shown("status")[1:2]]),
            "CertificateDay",
        ),
        ("two cases", whole(shown=shown("report", "other")), "CertificateCases"),
        ("a promise of another day", whole(promise=small.promised("report", DAYS[1])), "PromiseUnfit"),
        ("a promise of another leaf", whole(promise=small.promised("lost", DAYS[0])), "PromiseUnfit"),
        (
            "a promise by another key",
            whole(promise=small.promised("report", DAYS[0], bytes([0x53]) * 32)),
            "SignatureWrong",
        ),
        ("a receipt of another envelope", whole(receipt=small.receipt(raw=small.ANSWER)), "ReceiptUnfit"),
        (
            "a receipt with another day",
            whole(receipt=replace(small.receipt(), day=DAYS[1])),
            "SignatureWrong",
        ),
    ]
    report, answer = small.CONTENT
    flipped = ShownContent(report.envelope[:-1] + bytes([report.envelope[-1] ^ 1]), report.key)
    contents: list[tuple[str, Any, str]] = [
        ("content that no leaf names", (replace(answer),), "ContentUnfit"),
        ("content with another key", (replace(report, key=answer.key),), "CommitmentMismatch"),
        ("content with a changed byte", (flipped,), "CiphertextForged"),
        ("content that is no envelope", (replace(report, envelope=b"MYB0"),), "UnknownVersion"),
    ]
    made = [vector(name, "certificate", text, fault) for name, text, fault in rows]
    made += [
        vector(name, "content", whole(shown=shown("report"), content=part), fault)
        for name, part, fault in contents
    ]
    made += [
        vector(
            "a policy of another origin",
            "certificate",
            whole(),
            "CheckpointOrigin",
            small.policy_text(log=foreign),
        ),
        vector(
            "a policy with another log key",
            "certificate",
            whole(),
            "NoteUnsigned",
            small.policy_text(log=other_log),
        ),
        vector("no policy, and a path that does not fit", "certificate", _path_changed(), "ProofWrong", None),
        vector(
            "one key under two names",
            "certificate",
            whole(),
            "OwnPolicyMalformed",
            small.POLICY.replace("quorum all", f"witness again {small.vkey('union')}\nquorum all"),
        ),
    ]
    return made


def _with_cosignature_of(other: str) -> str:
    line = next(line for line in other.split("\n") if "union" in line)
    return "\n".join([*NOTE.rstrip("\n").split("\n")[:5], line]) + "\n"


def _with_other_time() -> str:
    read = note.read_note(NOTE)
    lines = [
        replace(line, signature=(1).to_bytes(8, "big") + line.signature[8:]) if "union" in line.name else line
        for line in read.lines
    ]
    return note.Note(read.text, tuple(lines)).encode()


def _forged() -> str:
    read = note.read_note(NOTE)
    lines = [
        replace(line, signature=line.signature[:8] + sign(bytes([0x78]) * 32, b"x"))
        if "union" in line.name
        else line
        for line in read.lines
    ]
    return note.Note(read.text, tuple(lines)).encode()


def _path_changed() -> str:
    made = whole()
    first, *others = made.shown
    hashes = (bytes(32), *first.proof.hashes[1:])
    return (
        replace(made, shown=(replace(first, proof=replace(first.proof, hashes=hashes)), *others))
        .encode()
        .decode()
    )


def _opened_as(name: str, other: str) -> CertificateFile:
    leaves = [leaf for leaf in shown(name) if not leaf.is_opened]
    return whole(
        shown=[*leaves, LOG.show(LOG.places[name], NOTE, small.OPENINGS[other])], promise=None, receipt=None
    )


def buryings() -> list[Vector]:
    leaves = run(DAYS[1], DAYS[2])
    two = [*leaves[:-1], LOG.show(LOG.places[f"day {DAYS[2]}"], LOG.note(TIMES, 60))]
    rows = [
        (
            "the leaf is there",
            burying(promise=small.promised("report", DAYS[0]), shown=run(DAYS[0], DAYS[1])),
            "BuryingFalse",
        ),
        ("a leaf is left out", burying(shown=[*leaves[:5], *leaves[6:]]), "BuryingGap"),
        ("no next day", burying(shown=leaves[:-1]), "BuryingGap"),
        (
            "a leaf of another batch besides",
            burying(shown=[*leaves, LOG.show(LOG.places["status"], NOTE)]),
            "BuryingGap",
        ),
        ("the policy leaf besides", burying(shown=[leaves[0], LOG.show(1, NOTE), *leaves[1:]]), "BuryingGap"),
        ("another day's batch", burying(promise=small.promised("lost", DAYS[2])), "BuryingDay"),
        ("an earlier day's promise", burying(promise=small.promised("lost", DAYS[0])), "BuryingDay"),
        ("two checkpoints in a burying", burying(shown=two), "BuryingCheckpoint"),
        (
            "a promise that is not the site's",
            burying(promise=small.promised("lost", DAYS[1], bytes([0x53]) * 32)),
            "SignatureWrong",
        ),
    ]
    return [vector(name, "burying", made, fault) for name, made, fault in rows]


def main() -> None:
    vectors = [*goods(), *unreadable(), *bads(), *buryings(), *broken_logs()]
    shared = {**BASES, "policy": small.POLICY}
    about = (
        "Certificates and proofs of burying (docs/format.md, 5.9), from fixed seeds: ours, CC0. `file`: a whole file's "
        "text; `edit`: `cut` characters from `at` on are replaced by `put`; `policy`: the verifier's own, or none."
    )
    write("log-certificate", about, vectors, shared)


def broken_logs() -> list[Vector]:
    """Logs whose leaves are not as they should be, signed and cosigned all the same."""
    log = small.small_log()
    at = log.places[f"day {DAYS[1]}"]
    day = plainleaf.read_day(log.leaves[at])

    def files(leaf: bytes) -> CertificateFile:
        log.leaves[at] = leaf
        note_ = log.note(TIMES)
        return burying(
            shown=[log.show(place, note_) for place in (0, *range(at, log.places[f"day {DAYS[2]}"] + 1))]
        )

    return [
        vector(
            "a day leaf with another index",
            "burying",
            files(replace(day, first=day.first + 1).encode()),
            "BatchMalformed",
        ),
        vector(
            "a day that does not rise", "burying", files(replace(day, day=DAYS[3]).encode()), "BatchMalformed"
        ),
        vector(
            "a day leaf with other counts", "burying", files(replace(day, plain=1).encode()), "BuryingGap"
        ),
        vector("a day leaf that is none", "burying", files(day.encode()[:-1]), "PlainLeafMalformed"),
    ]


if __name__ == "__main__":
    assert issubclass(log_errors.BadCertificate, log_errors.BadLog)
    main()
