"""A pack at its receiver's: the key to hand over, and a pack opened offline."""

from __future__ import annotations

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
