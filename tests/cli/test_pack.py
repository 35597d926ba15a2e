"""A pack at its receiver's: the key to hand over, and a pack opened offline."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from crypto import pack
from crypto.identity import new_identity
from tests.cli.support import LINE, quick_key, run

CONTENT = b"PK\x03\x04" + bytes(range(256)) * 500


@pytest.fixture
def received(tmp_path: Path) -> Path:
    who = new_identity()
    quick_key(tmp_path / "counsel.key", who)
    quick_key(tmp_path / "other.key", new_identity())
    shown = run(tmp_path, "pack", "key", "--key", "counsel.key", "--passphrase-stdin", stdin=LINE)
    assert shown.code == 0 and shown.out == f"{pack.receiver_text(who.box_pk)}\n"
    made = b"".join(pack.sealed([CONTENT], len(CONTENT), pack.read_receiver(shown.out)))
    (tmp_path / "a.mypack").write_bytes(made)
    return tmp_path


def opened(folder: Path, key: str, file: str = "a.mypack") -> int:
    given = ("--key", key, "--passphrase-stdin", file, "--out", "a.zip")
    return run(folder, "pack", "open", *given, stdin=LINE).code


def test_it_opens_with_the_receivers_key_and_is_the_owners_alone(received: Path) -> None:
    assert opened(received, "counsel.key") == 0
    assert (received / "a.zip").read_bytes() == CONTENT and (received / "a.zip").stat().st_mode & 0o077 == 0


def test_what_is_not_for_this_key_damaged_or_there_already_leaves_nothing_behind(received: Path) -> None:
    assert opened(received, "other.key") == 1 and not (received / "a.zip").exists()
    raw = (received / "a.mypack").read_bytes()
    (received / "cut.mypack").write_bytes(raw[:-1])
    (received / "changed.mypack").write_bytes(raw[:-9] + bytes(9))
    for name in ("cut.mypack", "changed.mypack", "missing.mypack"):
        assert opened(received, "counsel.key", name) == 1 and not (received / "a.zip").exists(), name
    (received / "a.zip").write_bytes(b"mine")
    assert opened(received, "counsel.key") == 1 and (received / "a.zip").read_bytes() == b"mine"


def pack_of(entries: dict[str, bytes], listed: dict[str, bytes] | None = None) -> bytes:
    made = io.BytesIO()
    sums = "".join(
        f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in (listed or entries).items()
    )
    with zipfile.ZipFile(made, "w") as folder:
        for name, raw in {**entries, "SHA256SUMS": sums.encode()}.items():
            folder.writestr(name, raw)
    return made.getvalue()


GOOD = {"pack.pdf": b"%PDF", "files/1.pdf": b"a"}


def flipped(name: str) -> bytes:
    """Return a pack with one bit changed in the content of a file."""
    raw = bytearray(pack_of(GOOD))
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        raw[folder.getinfo(name).header_offset + 30 + len(name)] ^= 1
    return bytes(raw)


def test_a_pack_is_checked_with_its_list_and_with_the_sheet(tmp_path: Path) -> None:
    raw = pack_of(GOOD)
    (tmp_path / "a.zip").write_bytes(raw)
    number = hashlib.sha256(raw).hexdigest()
    done = run(tmp_path, "pack", "check", "a.zip", "--sha256", f"{number[:8].upper()} {number[8:]}")
    assert done.code == 0 and number in done.out and "the one on the sheet" in done.out
    assert run(tmp_path, "pack", "check", "a.zip").code == 0
    other = run(tmp_path, "pack", "check", "a.zip", "--sha256", "0" * 64)
    assert other.code == 1 and "another file" in other.err


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (pack_of({**GOOD, "files/1.pdf": b"b"}, GOOD), "files/1.pdf"),
        (pack_of({**GOOD, "more": b""}, GOOD), "more"),
        (pack_of({"pack.pdf": b"%PDF"}, GOOD), "files/1.pdf"),
        (flipped("files/1.pdf"), "list in the pack says: files/1.pdf"),
        (flipped("SHA256SUMS"), "list in the pack says: SHA256SUMS"),
        (pack_of(GOOD)[:-30], "not the ZIP"),
        (b"MYP1" + bytes(200), "not the ZIP"),
    ],
)
def test_a_pack_that_was_changed_is_found(tmp_path: Path, raw: bytes, said: str) -> None:
    (tmp_path / "a.zip").write_bytes(raw)
    done = run(tmp_path, "pack", "check", "a.zip")
    assert done.code == 1 and said in done.err
