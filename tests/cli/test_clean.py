"""`meyasubako clean`: on one's own computer what the server does; never a file that is worse than it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import meyasubako
from tests.portal.cleaning import files


@pytest.mark.parametrize(
    ("name", "data", "result", "code"),
    [
        ("photo.jpg", files.jpeg(), "cleaned", 0),
        ("photo.jpg", files.jpeg(told=False), "nothing_found", 0),
        ("report.docx", files.docx(comment=True), "partly", 1),
        ("scan.pdf", files.pdf(), "cleaned", 0),
        ("notes.txt", files.MARK.encode(), "not_cleaned", 1),
        ("broken.pdf", files.pdf()[:300], "not_cleaned", 1),
    ],
)
def test_the_result_the_exit_code_and_the_file(
    name: str, data: bytes, result: str, code: int, tmp_path: Path
) -> None:
    given, out = tmp_path / name, tmp_path / f"out-{name}"
    given.write_bytes(data)
    done = meyasubako("clean", str(given), "--out", str(out), "--json")
    said = json.loads(done.out)
    assert (said["result"], done.code, done.out.count("\n")) == (result, code, 1)
    assert set(said) == {"result", "found"} and said["found"] == sorted(said["found"])
    assert given.read_bytes() == data
    assert out.exists() == (result != "not_cleaned")
    assert sorted(tmp_path.iterdir()) == sorted({given, out} if out.exists() else {given})
    assert not out.exists() or files.MARK.encode() not in out.read_bytes()


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    given, out = tmp_path / "a.jpg", tmp_path / "b.jpg"
    given.write_bytes(files.jpeg())
    out.write_bytes(b"mine")
    for target in (out, given):
        done = meyasubako("clean", str(given), "--out", str(target), "--json")
        assert done.code == 1 and done.out == "" and "was not touched" in done.err
    assert (out.read_bytes(), given.read_bytes()) == (b"mine", files.jpeg())


def test_what_can_not_be_read_or_written_is_said_in_plain_words(tmp_path: Path) -> None:
    given = tmp_path / "a.jpg"
    given.write_bytes(files.jpeg())
    missing = meyasubako("clean", str(tmp_path / "none.jpg"), "--out", str(tmp_path / "o.jpg"))
    nowhere = meyasubako("clean", str(given), "--out", str(tmp_path / "none" / "o.jpg"))
    assert missing.code == nowhere.code == 1 and "Traceback" not in missing.err + nowhere.err
    assert "can't be read" in missing.err and "can't be written" in nowhere.err
    assert sorted(tmp_path.iterdir()) == [given]


def test_in_words(tmp_path: Path) -> None:
    given = tmp_path / "a.jpg"
    given.write_bytes(files.jpeg())
    done = meyasubako("clean", str(given), "--out", str(tmp_path / "b.jpg"))
    assert done.code == 0 and "取り除きました" in done.out and "camera" in done.out
