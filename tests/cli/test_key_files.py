"""Key files: back from paper; each fault in words of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto import keyfile, keysheet
from crypto.identity import new_identity
from tests.cli.command import PASSPHRASE
from tests.cli.support import LINE, quick_key, run


def sheet(folder: Path) -> tuple[bytes, list[str]]:
    """Return a key file's bytes and the groups of its sheet."""
    raw = quick_key(folder / "a.key", new_identity()).read_bytes()
    return raw, list(keysheet.groups(raw))


def test_a_sheet_that_is_typed_in_is_the_key_file_again(tmp_path: Path) -> None:
    raw, groups = sheet(tmp_path)
    typed = "\n".join(" ".join(groups[at : at + 5]).lower() for at in range(0, 40, 5))
    done = run(tmp_path, "auditor", "restore-key", "--out", "b.key", stdin=typed)
    assert done.code == 0 and "b.key" in done.out
    assert (tmp_path / "b.key").read_bytes() == raw
    assert (tmp_path / "b.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "typed.txt").write_bytes(
        b"\xef\xbb\xbf" + keyfile.check(raw)
    )  # as Notepad saves what a QR code held
    assert run(tmp_path, "auditor", "restore-key", "typed.txt", "--out", "c.key").code == 0
    assert keyfile.unlock((tmp_path / "c.key").read_bytes(), PASSPHRASE)
    again = run(tmp_path, "auditor", "restore-key", "--out", "a.key", stdin=typed)
    assert again.code == 1 and (tmp_path / "a.key").read_bytes() == raw


def test_a_slip_is_told_with_its_group_and_writes_nothing(tmp_path: Path) -> None:
    _raw, groups = sheet(tmp_path)
    other = keysheet.groups(keyfile.lock(bytes(32), "x", 1, keyfile.MEM_RANGE.start))
    wrong = groups[6][:2] + ("0" if groups[6][2] != "0" else "1") + groups[6][3:]
    for typed, said in (
        ([*groups[:6], wrong, *groups[7:]], "slip in group 7"),
        (groups[:-1], "group 40"),
        ([*groups[:8], other[8], *groups[9:]], "all together they are not"),
        (['{"v":2}'], "not the text of a key sheet"),
    ):
        refused = run(tmp_path, "auditor", "restore-key", "--out", "b.key", stdin=" ".join(typed))
        assert refused.code == 1 and said in refused.err, refused.err
        assert not (tmp_path / "b.key").exists()


def test_a_symbol_that_is_missing_is_told_with_its_place(tmp_path: Path) -> None:
    _raw, groups = sheet(tmp_path)
    typed = " ".join([*groups[:6], groups[6][1:], *groups[7:]])
    refused = run(tmp_path, "auditor", "restore-key", "--out", "b.key", stdin=typed)
    place = re.search(r"does not fit is group (\d+)", refused.err)
    # What moves up fits its check symbol by chance in one case of 32: then the next group is the first that does not.
    assert refused.code == 1 and place and 7 <= int(place[1]) <= 12, refused.err
    assert not (tmp_path / "b.key").exists()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda raw: raw[: len(raw) // 2], "cut off"),
        (lambda raw: raw.replace(b'"v":1', b'"v":2'), "no key file of this version"),
        (lambda raw: raw.replace(b'"ops":1', b'"ops":"1"'), "was changed"),
        (lambda raw: raw.replace(b'"ops":1', b'"ops":99'), "memory"),
        (lambda raw: b'{"box_pk":"x","v":1}', "is a CARD"),
    ],
)
def test_each_fault_has_its_own_words(tmp_path: Path, edit: Callable[[bytes], bytes], said: str) -> None:
    key = quick_key(tmp_path / "a.key", new_identity())
    key.write_bytes(edit(key.read_bytes()))
    for command in (
        ("desk", "--server", "http://127.0.0.1:9", "--key", key, "--no-browser"),
        ("open", "--key", key, "--passphrase-stdin", "x"),
    ):
        refused = run(tmp_path, *command, stdin=LINE)
        assert refused.code == 5 and said in refused.err, refused.err


def test_a_wrong_passphrase_and_a_file_open_to_others(tmp_path: Path) -> None:
    key = quick_key(tmp_path / "a.key", new_identity())
    key.chmod(0o640)
    warned = run(tmp_path, "open", "--key", key, "--passphrase-stdin", "x", stdin="not this one\n")
    assert warned.code == 5 and "passphrase does not open" in warned.err and "chmod 600" in warned.err
    key.chmod(0o600)
    quiet = run(tmp_path, "open", "--key", key, "--passphrase-stdin", "x", stdin="not this one\n")
    assert quiet.code == 5 and "chmod" not in quiet.err


NEW = "まったく あたらしい ことば です"


def test_another_passphrase(tmp_path: Path) -> None:
    raw, _groups = sheet(tmp_path)
    done = run(
        tmp_path, "auditor", "passphrase", "a.key", "--passphrase-stdin", stdin=f"{PASSPHRASE}\n{NEW}\n"
    )
    assert (
        done.code == 0
        and "鍵ファイルの写しと、鍵を印刷した紙を作り直してください" in done.out
        and NEW not in done.out + done.err
    )
    changed = (tmp_path / "a.key").read_bytes()
    assert keyfile.unlock(changed, NEW) == keyfile.unlock(raw, PASSPHRASE)
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("*a.key*")] == ["a.key"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (f"falsch und lang genug\n{NEW}\n", "does not open this key file"),
        (f"{PASSPHRASE}\nkurz\n", "12 characters or more"),
        (f"{PASSPHRASE}\n{PASSPHRASE}\n", "is the old one"),
        (f"{PASSPHRASE}\n", "12 characters or more"),
    ],
)
def test_a_passphrase_that_is_not_changed(tmp_path: Path, typed: str, said: str) -> None:
    raw, _groups = sheet(tmp_path)
    refused = run(tmp_path, "auditor", "passphrase", "a.key", "--passphrase-stdin", stdin=typed)
    assert refused.code != 0 and said in refused.err and "Traceback" not in refused.err
    assert (tmp_path / "a.key").read_bytes() == raw
