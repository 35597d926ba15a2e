"""`meyasubako verify`: good and bad files, a code without a server, and openssl on the same files."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from admin.cli import main
from admin.verify.words import reason, sentences
from crypto import logleaf
from crypto.code_reading import LogFile, read_by_code
from crypto.receipt import derive
from crypto.tlog import entry_bundle, tile_path
from tests.cli.command import meyasubako
from tests.crypto.log_operations import certificate_file
from tests.crypto.test_vectors import VECTORS
from tests.vectors import small_log as small

FILES = {name: vector for name, vector in VECTORS.items() if vector["operation"] == "certificate"}
CODES = {"good": 0, "bad": 1, "open": 2, "unreadable": 3}
CODE = "k7q2 9m4x tb8v 3hne 5rw0"


def verdict(vector: dict[str, Any]) -> str:
    return str(vector["verdict"] if "error" in vector else vector["output"]["verdict"])


def stored(vector: dict[str, Any], folder: Path) -> list[str | Path]:
    """Write a vector's file and policy; return the arguments of the command."""
    (folder / "file.json").write_bytes(certificate_file(vector["input"]))
    arguments: list[str | Path] = ["verify", folder / "file.json"]
    if vector["input"]["policy"] is not None:
        (folder / "policy").write_text(vector["input"]["policy"], encoding="utf-8")
        arguments += ["--policy", folder / "policy"]
    return arguments


@pytest.fixture(scope="module")
def log() -> small.SmallLog:
    return small.small_log()


@pytest.fixture
def mirror(log: small.SmallLog, tmp_path: Path) -> Path:
    """A witness's folder."""
    folder = tmp_path / "witness"
    folder.mkdir()
    (folder / "leaves").write_bytes(entry_bundle(log.leaves))
    note = log.note(dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 3))
    (folder / "head.json").write_text(json.dumps({"note": note}), encoding="utf-8")
    (tmp_path / "policy").write_text(small.POLICY, encoding="utf-8")
    return folder


def check_answer(vector: dict[str, Any], code: int, out: str) -> None:
    told = json.loads(out)
    assert (told["verdict"], code) == (verdict(vector), CODES[verdict(vector)])
    assert told["fault"] == vector.get("error", "")
    assert vector["input"]["policy"] is not None or told["verdict"] != "good"


@pytest.mark.parametrize("name", FILES)
def test_the_command_says_the_verdict(name: str, tmp_path: Path) -> None:
    """In this process; the next test starts the real command."""
    arguments = [*map(str, stored(FILES[name], tmp_path)), "--json"]
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    check_answer(FILES[name], done.exit_code, done.stdout)


@pytest.mark.parametrize("word", CODES)
def test_a_process_of_its_own_says_each_verdict(word: str, tmp_path: Path) -> None:
    vector = next(vector for vector in FILES.values() if verdict(vector) == word)
    done = meyasubako(*stored(vector, tmp_path), "--json")
    check_answer(vector, done.code, done.out)


def test_there_are_fifty_files_of_every_verdict() -> None:
    told = [verdict(vector) for vector in FILES.values()]
    assert len(told) >= 50
    assert {word: told.count(word) >= 5 for word in CODES} == dict.fromkeys(CODES, True)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_says_so_in_plain_words(language: str, tmp_path: Path) -> None:
    words = sentences(language)
    for name, sentence in (
        ("with content", "good"),
        ("no policy", "no_policy"),
        ("desks only", "quorum"),
        ("a policy without witnesses", "no_witness"),
        ("a hash of the path changed", "bad"),
        ("nothing", "unreadable"),
    ):
        done = meyasubako(*stored(FILES[f"log-certificate: {name}"], tmp_path), "--lang", language)
        assert words[sentence] in done.out
    done = meyasubako(*stored(FILES["log-certificate: with content"], tmp_path), "--lang", language)
    assert "名簿が外に出ました。" in done.out and "2026-11-23" in done.out


def test_both_languages_have_every_sentence() -> None:
    def gaps(text: str) -> list[str]:
        return sorted(part.split(")")[0] for part in text.split("%(")[1:])

    told = [{name: gaps(text) for name, text in sentences(language).items()} for language in ("ja", "en")]
    assert told[0] == told[1]


def test_a_certificate_is_no_proof_of_burying(tmp_path: Path) -> None:
    assert meyasubako(*stored(FILES["log-certificate: a certificate"], tmp_path), "--buried").code == 3
    assert meyasubako(*stored(FILES["log-certificate: a burying"], tmp_path), "--buried").code == 0


def test_a_burying_names_what_the_copy_says_of_lost_acts(mirror: Path, tmp_path: Path) -> None:
    """The file keeps quiet about the restored leaf; the verifier's copy does not."""
    given = stored(FILES["log-certificate: a burying"], tmp_path)
    alone, beside = meyasubako(*given, "--lang", "en"), meyasubako(*given, "--log", mirror, "--lang", "en")
    restored = sentences("en")["restored"] % {"day": "2026-11-24"}
    assert (alone.code, beside.code) == (0, 0)
    assert restored not in alone.out and restored in beside.out


def test_who_signed_the_copy_counts_for_the_file(mirror: Path, tmp_path: Path) -> None:
    """The code and the folder were good, the file and the same folder too few: one history, one answer."""
    vector = VECTORS["log-code: a burying beside a cosigned copy"]
    (tmp_path / "file.json").write_text(vector["input"]["file"], encoding="utf-8")
    given = ("verify", tmp_path / "file.json", "--buried", "--policy", tmp_path / "policy", "--json")
    alone, beside = meyasubako(*given), meyasubako(*given, "--log", mirror)
    assert (alone.code, json.loads(alone.out)["lacking"]) == (2, "quorum")
    assert (beside.code, json.loads(beside.out)["verdict"]) == (0, "good")
    assert [by["name"] for by in json.loads(beside.out)["cosigners"]] == sorted(small.WITNESSES)


def test_a_copy_of_another_history_or_another_log(mirror: Path, log: small.SmallLog, tmp_path: Path) -> None:
    """A fork: the copy is signed too and has other leaves below the file's checkpoint. The control is above."""
    given = stored(FILES["log-certificate: a certificate"], tmp_path)
    assert meyasubako(*given, "--log", mirror).code == 0
    other = small.small_log()
    other.leaves[-1] = other.leaves[-1][:-1] + bytes([other.leaves[-1][-1] ^ 1])
    note = other.note(dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 3))
    (mirror / "leaves").write_bytes(entry_bundle(other.leaves))
    (mirror / "head.json").write_text(json.dumps({"note": note}), encoding="utf-8")
    done = meyasubako(*given, "--log", mirror, "--json")
    assert (done.code, json.loads(done.out)["fault"]) == (1, "ProofWrong")
    (mirror / "leaves").write_bytes(entry_bundle(log.leaves))
    assert meyasubako(*given, "--log", mirror).code == 3


# Statement 13: from the code and a copy alone, the server off, also after a new code


@pytest.mark.parametrize("served", [False, True])
def test_a_code_brings_everything_back(
    served: bool, mirror: Path, log: small.SmallLog, tmp_path: Path
) -> None:
    if served:  # as files below /log/
        note = json.loads((mirror / "head.json").read_text(encoding="utf-8"))["note"]
        (mirror / "head.json").unlink()
        (mirror / "checkpoint").write_text(note, encoding="utf-8")
        path = mirror / tile_path(-1, 0, len(log.leaves))
        path.parent.mkdir(parents=True)
        (mirror / "leaves").rename(path)
    arguments = ("verify", "--code-from-stdin", "--log", mirror, "--policy", tmp_path / "policy", "--json")
    done = meyasubako(*arguments, stdin=CODE)
    told = json.loads(done.out)
    assert done.code == 0 and told["verdict"] == "good"
    acts = [(act["kind"], act["day"]) for act in told["acts"]]
    assert [act for act in acts if act[0] != "rekey"] == [
        ("report", "2026-11-23"),
        ("status", "2026-11-25"),
        ("answer", "2026-11-26"),
    ]
    assert told["notice"] == {"state": "given", "by": "2026-12-13", "missing": ["2026-11-27"]}
    assert "ab" * 32 not in done.out, "the old log key is shown to nobody"
    assert CODE not in done.out + done.err


def test_a_code_that_was_replaced_still_counts(log: small.SmallLog) -> None:
    """The new code's own log key opens one leaf, which holds the old one's: everything before comes back."""
    new = derive("8V3HK7Q29M4XTB1NE5R" + _check("8V3HK7Q29M4XTB1NE5R"), small.SALT)
    handed = logleaf.LeafText("rekey", (small.RECEIPT.case_id.hex(), small.KEY.hex()))
    leaf = logleaf.make(logleaf.log_key(new.root), handed, small.READERS)
    days = small.small_log()
    days.add_day(small.FIRST_DAY.replace(day=30), {"handed": leaf})
    note = days.note(dict.fromkeys(small.WITNESSES, small.BATCH_TIME + 86400 * 9))
    code = "8V3HK7Q29M4XTB1NE5R" + _check("8V3HK7Q29M4XTB1NE5R")
    seen = read_by_code(code, LogFile(days.leaves, note), small.POLICY).fields()
    assert [act["kind"] for act in seen["acts"]] == ["report", "rekey", "status", "answer", "rekey"]  # type: ignore[attr-defined]
    stranger = "0" * 19 + _check("0" * 19)
    nothing = read_by_code(stranger, LogFile(days.leaves, note), small.POLICY).fields()
    assert (nothing["verdict"], nothing["fault"]) == ("unreadable", "CodeOpensNothing")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("has_policy", [True, False])
def test_a_code_that_opens_nothing_is_unreadable(
    has_policy: bool, language: str, mirror: Path, tmp_path: Path
) -> None:
    """Never "Good" and 0: a mistyped code and a report that was never logged look the same."""
    policy = ("--policy", tmp_path / "policy") if has_policy else ()
    arguments = ("verify", "--code-from-stdin", "--log", mirror, *policy)
    done = meyasubako(*arguments, "--lang", language, stdin="0" * 20)
    words = sentences(language)
    assert done.code == 3
    assert words["unreadable"] in done.out and words["fault_CodeOpensNothing"] in done.out
    assert words["last_day"] % {"day": "2026-11-28"} in done.out
    told = json.loads(meyasubako(*arguments, "--json", stdin="0" * 20).out)
    assert (told["verdict"], told["fault"]) == ("unreadable", "CodeOpensNothing")


def test_every_fault_has_a_plain_sentence_and_its_class() -> None:
    faults = {(vector["error"], verdict(vector)) for vector in FILES.values() if "error" in vector}
    for language in ("ja", "en"):
        words = sentences(language)
        for fault, word in faults:
            line = reason(fault, word, language)
            assert (
                line.endswith(f" [{fault}]") and len(line) > len(f"{words['what_is_wrong']}:  [{fault}]") + 10
            )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_fault_of_the_own_policy_is_none_of_the_certificate(language: str, tmp_path: Path) -> None:
    vector = FILES["log-certificate: the verifier's policy is none"]
    done = meyasubako(*stored(vector, tmp_path), "--lang", language)
    assert done.code == 3 and sentences(language)["fault_OwnPolicyMalformed"] in done.out
    inside = FILES["log-certificate: its own policy is none"]
    assert (
        sentences(language)["fault_PolicyMalformed"]
        in meyasubako(*stored(inside, tmp_path), "--lang", language).out
    )


def _check(symbols: str) -> str:
    from crypto.receipt import _check_symbol

    return _check_symbol(symbols)


def test_a_copy_with_one_leaf_changed_is_bad(mirror: Path, tmp_path: Path) -> None:
    raw = bytearray((mirror / "leaves").read_bytes())
    raw[-1] ^= 1
    (mirror / "leaves").write_bytes(raw)
    done = meyasubako("verify", "--code-from-stdin", "--log", mirror, "--json", stdin=CODE)
    assert (done.code, json.loads(done.out)["fault"]) == (1, "ProofWrong")


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["verify"], ""),
        (["verify", "no-such-file"], ""),
        (["verify", "--nonsense"], ""),
        (["verify", "--code-from-stdin"], CODE),
        (["verify", "--code-from-stdin", "--log", "no-such-folder"], CODE),
        (["verify", "--code-from-stdin", "--log", "http://127.0.0.1:9/log"], CODE),
        (["verify", CODE], ""),
    ],
)
def test_wrong_use_is_three_and_never_open(arguments: list[str], stdin: str, tmp_path: Path) -> None:
    assert meyasubako(*arguments, stdin=stdin, cwd=tmp_path).code == 3


_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_errors_are_in_the_language_that_was_asked_for(language: str, mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"\xff")
    (tmp_path / "nothing").mkdir()
    code = ["--code-from-stdin", "--log"]
    for arguments in (
        ["no-such-file"],
        ["none", "--openssl"],
        [*code, "nothing"],
        [*code, mirror, "--policy", "none"],
        [*code, mirror],
    ):
        done = meyasubako("verify", *arguments, "--lang", language, stdin="abc", cwd=tmp_path)
        lines = done.err.strip().splitlines()
        assert done.code == 3 and len(lines) == 1, arguments
        assert bool(_JAPANESE.search(lines[0])) == (language == "ja"), lines
    assert len(meyasubako("verify", "no-such-file", cwd=tmp_path).err.strip().splitlines()) == 2


def test_a_code_that_is_none_is_not_repeated(mirror: Path) -> None:
    done = meyasubako("verify", "--code-from-stdin", "--log", mirror, stdin="K7Q2-9M4X-TB8V-3HNE-5RW1")
    assert done.code == 3 and "K7Q2" not in done.out + done.err


# openssl alone

OPENSSL = (
    *(
        "a certificate",
        "with content",
        "two checkpoints",
        "a burying, with a restored leaf",
        "no policy",
        "desks only",
    ),
    *("a policy without witnesses", "cosigned by nobody", "by a policy that asks for the union alone"),
    *(
        "signed by another log's key",
        "a cosignature of another checkpoint",
        "a cosignature with another time",
    ),
    *(
        "a cosignature that is forged",
        "a hash of the path changed",
        "the status at another index",
        "another rule",
    ),
    *(
        "an opening of another leaf",
        "a promise by another key",
        "a receipt with another day",
        "the leaf is there",
    ),
    *("a leaf is left out", "another day's batch", "a policy with another log key"),
    "a policy of another origin",
)
"""What openssl decides: signatures, places in the tree, openings, promise, receipt, the rule, a run without a gap. Not
the form, texts of envelopes, whether all leaves are of one case, the counts in day leaves."""


@pytest.mark.parametrize("name", OPENSSL)
def test_openssl_alone_agrees(name: str, tmp_path: Path) -> None:
    vector = FILES[f"log-certificate: {name}"]
    lines = meyasubako(*stored(vector, tmp_path), "--openssl")
    done = subprocess.run(["sh"], input=lines.raw, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (CODES[verdict(vector)], b""), done.stdout[-300:]
