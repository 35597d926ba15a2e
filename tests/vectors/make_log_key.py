"""Makes the vectors of a planned change of the log's key: `python -m tests.vectors.make_log_key`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from crypto import log_key, note, plainleaf
from crypto.certificate import CertificateFile
from crypto.certificate_verdict import judge
from crypto.code_reading import LogFile, read_by_code
from crypto.messages import public_key, sign
from crypto.receipt import parse_code
from crypto.tlog import entry_bundle
from tests.vectors import small_log as small
from tests.vectors.parts import Vector, bad, good, write

NEW_SEED, NEWER_SEED, THIEF_SEED = (bytes([number]) * 32 for number in (0x11, 0x12, 0x13))
SEEDS = {"first": small.LOG_SEED, "new": NEW_SEED, "newer": NEWER_SEED, "thief": THIEF_SEED}
KEYS = {name: note.verifier_key(small.ORIGIN, note.ED25519, public_key(seed)) for name, seed in SEEDS.items()}
DAYS = [small.FIRST_DAY + timedelta(days=number) for number in range(130)]
CHANGED = DAYS[1]
SITE = small.small_log().leaves[0]


def change(old: str = "first", new: str = "new", day: date = CHANGED) -> bytes:
    return log_key.make_key_leaf(small.SALT, day, SEEDS[old], SEEDS[new])


def resigned(leaf: bytes, old: str, new: str) -> bytes:
    """The leaf with signatures by other keys, each over the right text."""
    read = plainleaf.read_key_leaf(leaf)
    text = log_key._signed(small.SALT, read)
    return replace(read, old_sig=sign(SEEDS[old], text), new_sig=sign(SEEDS[new], text)).encode()


def line_changed(leaf: bytes, number: int, text: str) -> bytes:
    lines = leaf.decode().split("\n")
    lines[number] = text
    return "\n".join(lines).encode()


def leaves_alone() -> list[Vector]:
    right = change()
    lines = right.decode().split("\n")
    other_site = log_key.make_key_leaf(bytes(16), CHANGED, small.LOG_SEED, NEW_SEED)
    witness = note.verifier_key(small.ORIGIN, note.COSIGNATURE, public_key(NEW_SEED)).text()
    renamed = note.verifier_key("meyasubako/other", note.ED25519, public_key(NEW_SEED)).text()

    def given(leaf: bytes) -> dict[str, str]:
        return {"leaf": leaf.decode("latin-1"), "salt": small.SALT.hex()}

    told = {"day": CHANGED.isoformat(), "old": KEYS["first"].text(), "new": KEYS["new"].text()}
    wrong = [
        ("a day that is none", line_changed(right, 1, "2026-11-31"), "PlainLeafMalformed"),
        ("a key that is none", line_changed(right, 2, lines[2][:-4]), "PlainLeafMalformed"),
        ("a witness's key", line_changed(right, 3, witness), "PlainLeafMalformed"),
        ("a new key under another name", line_changed(right, 3, renamed), "PlainLeafMalformed"),
        ("a short signature", line_changed(right, 4, lines[4][:-2]), "PlainLeafMalformed"),
        ("a signature in capitals", line_changed(right, 5, lines[5].upper()), "PlainLeafMalformed"),
        ("no last line feed", right[:-1], "PlainLeafMalformed"),
        ("a line more", right + b"more\n", "PlainLeafMalformed"),
        ("another site's", other_site, "KeyChangeWrong"),
        ("signed by the old key alone", resigned(right, "first", "first"), "SignatureWrong"),
        ("signed by the new key alone", resigned(right, "new", "new"), "SignatureWrong"),
        ("the signatures exchanged", resigned(right, "new", "first"), "SignatureWrong"),
        ("signed by a third key", resigned(right, "first", "thief"), "SignatureWrong"),
        ("another day than what was signed", line_changed(right, 1, "2026-11-25"), "SignatureWrong"),
        (
            "another new key than what was signed",
            line_changed(right, 3, KEYS["thief"].text()),
            "SignatureWrong",
        ),
    ]
    made = [good("a key leaf", "log_key_leaf", given(right), told)]
    return made + [bad(f"key: {name}", "log_key_leaf", given(leaf), fault) for name, leaf, fault in wrong]


def continuations() -> list[Vector]:
    old_site = bytes([0x31]) * 32
    unsigned = plainleaf.ContinuesLeaf("meyasubako/" + "0a" * 16, 42, bytes([7]) * 32)
    signed = replace(unsigned, sig=sign(old_site, unsigned.signed_text(small.SALT)))
    lines = signed.encode().decode().split("\n")
    told = {"origin": unsigned.origin, "size": 42, "root": unsigned.root.hex()}
    wrong = [
        ("another origin's form", line_changed(signed.encode(), 1, "example.com/log")),
        ("a size with a leading zero", line_changed(signed.encode(), 2, "042")),
        ("a root of 31 bytes", line_changed(signed.encode(), 3, lines[3][2:])),
        ("a short signature", line_changed(signed.encode(), 4, lines[4][2:])),
        ("no signature line", b"\n".join(signed.encode().split(b"\n")[:4]) + b"\n"),
        ("a line more", signed.encode() + b"more\n"),
    ]
    made = [
        good("continues: signed", "continues_leaf", {"leaf": signed.encode().decode()}, told),
        good("continues: the old key is lost", "continues_leaf", {"leaf": unsigned.encode().decode()}, told),
    ]
    return made + [
        bad(f"continues: {name}", "continues_leaf", {"leaf": leaf.decode()}, "PlainLeafMalformed")
        for name, leaf in wrong
    ]


def day(at: int, first: int, *plain: bytes) -> list[bytes]:
    """A day leaf with its plain leaves; what else the batch has does not matter here."""
    leaf = plainleaf.DayLeaf(DAYS[at], first, len(plain), 16, bytes(32), bytes(32))
    return [leaf.encode(), *plain]


def chains() -> list[Vector]:
    second = change("new", "newer", DAYS[61])

    def chain(name: str, leaves: Sequence[bytes], keys: str, faults: str = "") -> Vector:
        told = [part.split(":") for part in keys.split()]
        output = {
            "keys": [[int(since), KEYS[key].text()] for since, key in told],
            "faults": [[int(at), fault] for at, fault in (part.split(":") for part in faults.split())],
        }
        read = log_key.chain_of(leaves)
        assert [[since, key.text()] for since, key in read.keys.keys] == output["keys"], name
        assert [list(fault) for fault in read.faults] == output["faults"], name
        return good(name, "log_key_chain", {"leaves": [leaf.decode() for leaf in leaves]}, output)

    one = [SITE, *day(1, 1, change())]
    return [
        chain("no change", [SITE, *day(1, 1)], "0:first"),
        chain("one change", one, "0:first 3:new"),
        chain("a second one 60 days later", [*one, *day(61, 3, second)], "0:first 3:new 5:newer"),
        chain(
            "a second one after 59 days",
            [*one, *day(60, 3, change("new", "newer", DAYS[60]))],
            "0:first 3:new",
            "4:KeyChangeWrong",
        ),
        chain(
            "two in one batch",
            [SITE, *day(1, 1, change(), change("new", "newer"))],
            "0:first 3:new",
            "3:KeyChangeWrong",
        ),
        chain(
            "two new keys for one old one",
            [SITE, *day(1, 1, change()), *day(70, 3, change("first", "thief", DAYS[70]))],
            "0:first 3:new",
            "4:KeyChangeWrong",
        ),
        chain(
            "back to the first key",
            [*one, *day(70, 3, change("new", "first", DAYS[70]))],
            "0:first 3:new",
            "4:KeyChangeWrong",
        ),
        chain(
            "from a key that is not the log's",
            [SITE, *day(1, 1, change("thief"))],
            "0:first",
            "2:KeyChangeWrong",
        ),
        chain("backdated", [SITE, *day(2, 1, change())], "0:first", "2:KeyChangeWrong"),
        chain("for a later day", [SITE, *day(0, 1, change())], "0:first", "2:KeyChangeWrong"),
        chain("before the first day", [SITE, change()], "0:first", "1:KeyChangeWrong"),
        chain("behind its batch", [SITE, *day(1, 1), change()], "0:first", "2:KeyChangeWrong"),
        chain(
            "signed by the new key alone",
            [SITE, *day(1, 1, resigned(change(), "new", "new"))],
            "0:first",
            "2:SignatureWrong",
        ),
        chain(
            "a wrong one, then a right one",
            [SITE, *day(1, 1, resigned(change(), "new", "new"), change())],
            "0:first 4:new",
            "2:SignatureWrong",
        ),
    ]


def _log() -> small.SmallLog:
    """A report on the first day, the change on the second, a status on the 70th."""
    log = small.SmallLog([*small.small_log().leaves[:3]])
    log.add_day(DAYS[0], {"report": small.ACTS["report"]})
    log.add_day(DAYS[1], {}, [change()])
    log.add_day(DAYS[2], {"status": small.ACTS["status"]})
    log.add_day(DAYS[70], {})
    return log


LOG = _log()
AT = LOG.places[f"day {DAYS[1]}"] + 1
"""The index of the `key` leaf."""
TIMES = dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 3)


def signed_by(*names: str, size: int | None = None, log: small.SmallLog = LOG) -> str:
    """A checkpoint with the lines of these keys of the log, and the witnesses'."""
    first = log.note(TIMES, size, SEEDS[names[0]])
    lines = [line for name in names[1:] for line in note.read_note(log.note({}, size, SEEDS[name])).lines]
    return note.with_lines(first, lines)


def shown(checkpoint: str, *names: str, key_leaf: bool = True, log: small.SmallLog = LOG) -> list[Any]:
    indexes: dict[int, Any] = {0: None, **({AT: None} if key_leaf else {})}
    for name in names:
        at = log.places[name]
        indexes[at] = small.OPENINGS[name]
        indexes[max(place for key, place in log.places.items() if key.startswith("day ") and place < at)] = (
            None
        )
    return [log.show(at, checkpoint, opening) for at, opening in indexes.items()]


def policy(name: str) -> str:
    return small.policy_text(log=KEYS[name])


def _forged_log() -> small.SmallLog:
    log = _log()
    log.leaves[AT] = resigned(change(), "new", "new")
    return log


def _judged(made: CertificateFile, text: str | None) -> Any:
    return judge(made.encode(), text)


def _continuing() -> small.SmallLog:
    """A log with a leaf that says which one it is in place of, and with one that says nothing."""
    log = small.SmallLog([*small.small_log().leaves[:3]])
    leaf = plainleaf.ContinuesLeaf("meyasubako/" + "0a" * 16, 42, bytes([7]) * 32).encode()
    log.add_day(DAYS[0], {"report": small.ACTS["report"]}, [leaf, b"mybk1/continues\nno such leaf\n"])
    return log


CONTINUING = _continuing()


def certificates() -> list[Vector]:
    before = AT - 1
    """The size of the last checkpoint before the change's batch."""
    old = shown(signed_by("first", size=before), "report", key_leaf=False)
    after = shown(signed_by("new"), "report", "status")
    forged = _forged_log()
    burying = [LOG.show(at, signed_by("new")) for at in (0, *range(3, AT))]

    def file(leaves: list[Any]) -> CertificateFile:
        return small.certificate("certificate", leaves)

    rows = [
        ("after the change, by the old key's policy", file(after), "first", ""),
        ("after the change, by the new key's policy", file(after), "new", ""),
        ("two lines", file(shown(signed_by("new", "first"), "report")), "first", ""),
        (
            "two lines, without the key leaf",
            file(shown(signed_by("new", "first"), "report", key_leaf=False)),
            "first",
            "",
        ),
        ("before the change, by the old key's policy", file(old), "first", ""),
        (
            "checkpoints of before and after, by the new key's policy",
            file([*old, *[leaf for leaf in after if leaf.proof.index >= AT - 1]]),
            "new",
            "",
        ),
        ("no policy", file(after), None, ""),
        (
            "a burying with the key leaf besides",
            small.certificate(
                "burying", [*burying, LOG.show(AT, signed_by("new"))], promise=small.promised("lost", DAYS[0])
            ),
            "first",
            "",
        ),
        (
            "before the change, by the new key's policy, without the key leaf",
            file(old),
            "new",
            "NoteUnsigned",
        ),
        (
            "after the change, without the key leaf",
            file(shown(signed_by("new"), "report", key_leaf=False)),
            "first",
            "NoteUnsigned",
        ),
        (
            "the old key alone after the change",
            file(shown(signed_by("first"), "report")),
            "first",
            "NoteUnsigned",
        ),
        (
            "the old key alone, by the new key's policy",
            file(shown(signed_by("first"), "report")),
            "new",
            "NoteUnsigned",
        ),
        (
            "the new key before the change",
            file(
                [
                    *shown(signed_by("new", size=before), "report", key_leaf=False),
                    LOG.show(AT, signed_by("new")),
                ]
            ),
            "first",
            "NoteUnsigned",
        ),
        (
            "a key leaf signed by the new key alone",
            file(shown(signed_by("new", log=forged), "report", log=forged)),
            "first",
            "NoteUnsigned",
        ),
        ("a key leaf of a thief's", file(shown(signed_by("thief"), "report")), "first", "NoteUnsigned"),
        (
            "a line of the old key that does not hold",
            file(
                shown(
                    note.with_lines(
                        signed_by("new"), note.read_note(signed_by("first", size=before)).lines[:1]
                    ),
                    "report",
                )
            ),
            "first",
            "NoteSignatureWrong",
        ),
    ]
    made: list[Vector] = []
    for name, file_, whose, fault in rows:
        text = policy(whose) if whose else None
        judged = _judged(file_, text)
        assert judged.fault == fault, (name, judged.fault)
        given = {"file": file_.encode().decode(), "policy": text}
        told = {"error": fault, "verdict": judged.verdict} if fault else {"output": judged.fields()}
        made.append({"name": f"certificate: {name}", "operation": "certificate", "input": given, **told})
    return made


def codes() -> list[Vector]:
    rows = [
        ("after the change, by the old key's policy", LOG, signed_by("new"), "first", ""),
        ("after the change, by the new key's policy", LOG, signed_by("new"), "new", ""),
        ("two lines", LOG, signed_by("first", "new"), "first", ""),
        ("the old key alone after the change", LOG, signed_by("first"), "first", "NoteUnsigned"),
        ("by the policy of a key that the log never had", LOG, signed_by("new"), "thief", "NoteUnsigned"),
        (
            "a key leaf that changes nothing",
            _forged_log(),
            signed_by("first", log=_forged_log()),
            "first",
            "",
        ),
        ("a forged key leaf", _forged_log(), signed_by("new", log=_forged_log()), "first", "NoteUnsigned"),
        ("a log in place of another one", CONTINUING, signed_by("first", log=CONTINUING), "first", ""),
    ]
    made: list[Vector] = []
    for name, log, signed, whose, fault in rows:
        copy, text = LogFile(log.leaves, signed), policy(whose)
        seen = read_by_code(parse_code("K7Q29M4XTB8V3HNE5RW0"), copy, text)
        assert seen.judged.fault == fault, (name, seen.judged.fault)
        leaves = "@leaves" if log is LOG else entry_bundle(log.leaves).hex()
        given = {"code": "K7Q29M4XTB8V3HNE5RW0", "leaves": leaves, "note": signed, "policy": text}
        told = {"error": fault} if fault else {"output": seen.fields()}
        made.append({"name": f"code: {name}", "operation": "read_code", "input": given, **told})
    return made


def main() -> None:
    about = (
        "Planned changes of the log's key (docs/format.md, 5.3, 5.9): ours, CC0. `leaf`: text; `leaves`: texts, or an "
        "entry bundle in hex."
    )
    shared = {"leaves": entry_bundle(LOG.leaves).hex()}
    write("log-key", about, [*leaves_alone(), *continuations(), *chains(), *certificates(), *codes()], shared)


if __name__ == "__main__":
    main()
