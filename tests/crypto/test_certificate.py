"""Attacks on certificates and on the cosignatures in them: statements 5, 8 and 9 of the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto import note
from crypto.certificate_verdict import Judged, judge
from crypto.errors import CryptoError
from crypto.logproof import check_proof, read_policy
from tests.vectors import make_certificates as made
from tests.vectors import small_log as small

POLICY = read_policy(small.POLICY)
KEYS = list(POLICY.witnesses.values())


def by(checkpoint: str, policy: str = small.POLICY) -> Judged:
    return judge(made.whole(shown=made.shown("report", checkpoint=checkpoint)).encode(), policy)


def lines(change: Callable[[note.SignatureLine], list[note.SignatureLine]]) -> str:
    """The checkpoint with each line changed, taken out or doubled."""
    read = note.read_note(made.NOTE)
    return note.Note(read.text, tuple(other for line in read.lines for other in change(line))).encode()


def _lacking(judged: Judged) -> str:
    return judged.verified.lacking if judged.verified else judged.fault


def test_the_control_is_good() -> None:
    assert by(made.NOTE).verdict == "good"


# Statement 8


def test_the_same_witness_twice_counts_once() -> None:
    """Two lines of the union are no union and counsel."""
    policy = small.policy_text("all").replace("group outside any", "group outside all")
    twice = lines(
        lambda line: [] if "counsel" in line.name else [line, line] if "union" in line.name else [line]
    )
    assert (by(made.NOTE, policy).verdict, _lacking(by(twice, policy))) == ("good", "quorum")


def test_one_key_under_two_names_is_no_policy() -> None:
    key = note.read_key(small.vkey("union"))
    again = note.verifier_key("another.example", note.COSIGNATURE, key.pk).text()
    policy = small.POLICY.replace("group outside", f"witness again {again}\ngroup outside", 1)
    assert by(made.NOTE, policy).fault == "OwnPolicyMalformed"


@pytest.mark.parametrize("name", ["union", "desk1"])
def test_a_cosignature_moved_retimed_or_forged_refuses_the_file(name: str) -> None:
    key_name = small.WITNESSES[name][0]
    other = LOOKED_UP[key_name]
    attacks = {
        "moved": lambda line: replace(line, signature=other.signature),
        "retimed": lambda line: replace(line, signature=(1).to_bytes(8, "big") + line.signature[8:]),
        "forged": lambda line: replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1])),
        "short": lambda line: replace(line, signature=line.signature[:-1]),
    }
    for attack in attacks.values():
        told = by(lines(lambda line, attack=attack: [attack(line) if line.name == key_name else line]))  # type: ignore[misc]
        assert (told.verdict, told.fault) == ("bad", "NoteSignatureWrong")


LOOKED_UP = {line.name: line for line in note.read_note(made.LOG.note(made.TIMES, 54)).lines}


# Statement 9


def test_every_flipped_bit_of_a_proof_file_is_noticed() -> None:
    """Read by a verifier that knows the log and four witnesses: never all of them again."""
    shown = made.shown("report")[-1]
    text = replace(shown.proof, extra=None).text()
    raw = text.encode()
    proof, signed = check_proof(text, shown.leaf, POLICY.log, KEYS)
    assert len(signed.cosigned) == 4, "the control: nothing flipped"
    for at in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[at // 8] ^= 1 << at % 8
        try:
            read, told = check_proof(flipped.decode(), shown.leaf, POLICY.log, KEYS)
        except (CryptoError, UnicodeDecodeError):
            continue
        assert (
            len(told.cosigned) < 4 and told.checkpoint == signed.checkpoint and read.index == proof.index
        ), at


def test_a_flipped_bit_of_a_certificate_never_makes_it_say_something_else() -> None:
    """A sample over the whole file: it is refused, or a line of a witness is passed over."""
    raw = made.whole(shown=made.shown("report")).encode()
    whole = judge(raw, small.POLICY)
    assert whole.verified is not None
    for at in range(0, len(raw) * 8, 41):
        flipped = bytearray(raw)
        flipped[at // 8] ^= 1 << at % 8
        told = judge(bytes(flipped), small.POLICY)
        if told.verified is not None:
            assert [(act.kind, act.day, act.fields) for act in told.verified.acts] == [
                (act.kind, act.day, act.fields) for act in whole.verified.acts
            ]


# Statement 5: a notice counts on its batch's day


def test_a_notice_is_of_its_batchs_day_and_of_no_other() -> None:
    """Another day leaf does not cover the leaf, and a day leaf with an earlier day is not in the tree."""
    status, day = made.shown("status")[-1], made.shown("report")[1]
    earlier = made.whole(shown=[made.shown("status")[0], day, status], promise=None, receipt=None)
    assert judge(earlier.encode(), small.POLICY).fault == "CertificateDay"
    fields = json.loads(made.BASES["certificate"])
    text = fields["proofs"][3]
    leaf = made.LOG.leaves[made.LOG.places["day 2026-11-25"]]
    backdated = leaf.replace(b"2026-11-25", b"2026-11-20")
    fields["proofs"][3] = text.replace(
        note.std_encode(len(leaf).to_bytes(2, "big") + leaf),
        note.std_encode(len(leaf).to_bytes(2, "big") + backdated),
    )
    assert fields["proofs"][3] != text
    raw = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert judge(raw, small.POLICY).fault == "ProofWrong"
    told = judge(made.BASES["certificate"].encode(), small.POLICY)
    assert told.verified is not None
    assert [str(act.day) for act in told.verified.acts if act.kind == "status"] == ["2026-11-25"]
