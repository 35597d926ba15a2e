"""Writes `log-code.json` anew, the same bytes each time: `python -m tests.vectors.make_log_codes`."""

from __future__ import annotations

from typing import Any

from crypto.certificate import read_certificate
from crypto.certificate_verdict import judge
from crypto.code_reading import LogFile, beside_copy, read_by_code
from crypto.receipt import parse_code
from crypto.tlog import bundle_entries, entry_bundle
from tests.vectors import small_log as small
from tests.vectors.make_certificates import DAYS, LOG, NOTE, TIMES, burying, run, shown, whole
from tests.vectors.parts import Vector, write

LEAVES = entry_bundle(LOG.leaves).hex()
UNSEEN_SIZE = LOG.places[f"day {DAYS[2]}"] + 1
UNSEEN = LOG.note({}, UNSEEN_SIZE)
"""A checkpoint of before, which nobody cosigned."""
FORK = small.small_log()
FORK.leaves[1] = FORK.leaves[1][:-1] + bytes([FORK.leaves[1][-1] ^ 1])
"""Another history: the policy leaf has another last byte."""
ALONE = {
    "twofold": whole(
        shown=[FORK.show(0, FORK.note({}, UNSEEN_SIZE)), *shown("report", checkpoint=UNSEEN)[1:]]
    )
    .encode()
    .decode(),
    "unseen": burying(shown=run(DAYS[1], DAYS[2], UNSEEN)).encode().decode(),
    "certificate": whole(shown=shown("report", checkpoint=UNSEEN)).encode().decode(),
}


def copies() -> list[Vector]:
    """Files that nobody cosigned, beside a copy whose newest checkpoint was cosigned, or was not."""
    few = LOG.note({"union": TIMES["union"]})
    short = LOG.note(TIMES, LOG.places[f"day {DAYS[2]}"])
    late = LOG.note({name: time + 86400 * 20 for name, time in TIMES.items()})
    forked = {"leaves": entry_bundle(FORK.leaves).hex(), "note": FORK.note(TIMES)}
    rows: list[tuple[str, str, dict[str, Any], tuple[str, str]]] = [
        ("a burying beside a cosigned copy", "unseen", {}, ("good", "")),
        ("a certificate beside a cosigned copy", "certificate", {}, ("good", "")),
        ("beside a copy cosigned too late for the rule", "certificate", {"note": late}, ("good", "")),
        ("beside a copy that too few cosigned", "unseen", {"note": few}, ("open", "quorum")),
        ("beside a copy that is shorter", "unseen", {"note": short}, ("open", "quorum")),
        ("beside a copy, no policy", "unseen", {"policy": None}, ("open", "no_policy")),
        (
            "beside a copy, a policy without witnesses",
            "unseen",
            {"policy": small.policy_text("none")},
            ("open", "no_witness"),
        ),
        ("two histories of one size, one of them the copy's", "twofold", {}, ("bad", "ProofWrong")),
        ("beside a copy of another history", "unseen", forked, ("bad", "ProofWrong")),
    ]
    made: list[Vector] = []
    for name, file, changed, (verdict, why) in rows:
        given = {"file": f"@{file}", "leaves": "@leaves", "note": "@note", "policy": "@policy", **changed}
        plain = {"leaves": LEAVES, "note": NOTE, "policy": small.POLICY, **changed}
        raw, copy = (
            ALONE[file].encode(),
            LogFile(bundle_entries(bytes.fromhex(plain["leaves"])), plain["note"]),
        )
        told = beside_copy(read_certificate(raw), judge(raw, plain["policy"]), copy, plain["policy"]).judged
        fields = told.fields()
        assert (told.verdict, told.fault or fields["lacking"]) == (verdict, why), (name, told)
        result = {"error": told.fault, "verdict": verdict} if told.fault else {"output": fields}
        made.append({"name": name, "operation": "beside_copy", "input": given, **result})
    return made


def codes() -> list[Vector]:
    """Codes with a copy: one that opens the case, one that opens nothing, and copies and policies that are no good."""
    own, other = "K7Q2-9M4X-TB8V-3HNE-5RW0", "0" * 20
    shared = {"code": own, "leaves": "@leaves", "note": "@note", "policy": "@policy"}
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("a code", {}, ""),
        ("a code, no policy", {"policy": None}, ""),
        ("a code that opens nothing", {"code": other}, "CodeOpensNothing"),
        ("a code that opens nothing, no policy", {"code": other, "policy": None}, "CodeOpensNothing"),
        ("a code, and a policy that is none", {"policy": "log x\n"}, "OwnPolicyMalformed"),
        ("a code, and a copy with a leaf changed", {"leaves": LEAVES[:-2] + "00"}, "ProofWrong"),
        (
            "a code that opens nothing, in such a copy",
            {"code": other, "leaves": LEAVES[:-2] + "00"},
            "ProofWrong",
        ),
    ]
    made: list[Vector] = []
    for name, changed, fault in rows:
        given = {**shared, **changed}
        known = {"@leaves": LEAVES, "@note": NOTE, "@policy": small.POLICY}
        leaves, policy = (known.get(given[part], given[part]) for part in ("leaves", "policy"))
        copy = LogFile(bundle_entries(bytes.fromhex(leaves)), NOTE)
        seen = read_by_code(parse_code(given["code"]), copy, policy)
        assert seen.judged.fault == fault, (name, seen.judged.fault, fault)
        told = {"error": fault, "verdict": seen.judged.verdict} if fault else {"output": seen.fields()}
        made.append({"name": name, "operation": "read_code", "input": given, **told})
    return made


def main() -> None:
    about = (
        "What a receipt code and a copy of a log give (docs/format.md, 5.9): ours, CC0. `leaves`: an entry bundle in "
        "hex; `note`: the copy's newest checkpoint; `policy`: the verifier's own, or none."
    )
    given = {"leaves": LEAVES, "note": NOTE, "policy": small.POLICY}
    write("log-code", about, [*codes(), *copies()], {**given, **ALONE})


if __name__ == "__main__":
    main()
