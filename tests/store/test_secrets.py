"""The server's secret file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from store.config.secrets import SecretFileError, create_secrets, load_secrets, pin_first_card

posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


def test_what_was_made_is_read_back(tmp_path: Path) -> None:
    made = create_secrets(tmp_path / "server.secret")
    assert load_secrets(tmp_path / "server.secret") == made
    assert len(made.sign_seed) == len(made.form_key) == 32 and made.sign_seed != made.form_key
    assert create_secrets(tmp_path / "other.secret") != made


def test_secrets_do_not_print_themselves(tmp_path: Path) -> None:
    made = create_secrets(tmp_path / "server.secret")
    for secret in (made.sign_seed, made.form_key):
        assert secret.hex() not in repr(made) and repr(secret) not in f"{made!r} {made!s}"


@posix_only
def test_the_file_is_its_owners_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_secrets(tmp_path / "server.secret")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "server.secret").stat().st_mode) == 0o600


@posix_only
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o677])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "server.secret"
    create_secrets(path)
    path.chmod(mode)
    with pytest.raises(SecretFileError, match="chmod 600"):
        load_secrets(path)


def test_secrets_are_never_overwritten(tmp_path: Path) -> None:
    made = create_secrets(tmp_path / "server.secret")
    with pytest.raises(SecretFileError, match="exists already"):
        create_secrets(tmp_path / "server.secret")
    assert load_secrets(tmp_path / "server.secret") == made


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw[:-1], lambda raw: raw + b"\n", lambda raw: b"x" + raw[1:], lambda raw: b""]
)
def test_another_size_or_format_is_refused_without_telling_the_content(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "server.secret"
    made = create_secrets(path)
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(SecretFileError, match="damaged") as caught:
        load_secrets(path)
    assert made.sign_seed.hex() not in str(caught.value)


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretFileError, match="is missing"):
        load_secrets(tmp_path / "none")
    with pytest.raises(SecretFileError, match="can't be read"):
        load_secrets(tmp_path)
    with pytest.raises(SecretFileError, match="can't be written"):
        create_secrets(tmp_path / "none" / "server.secret")


def test_the_first_card_is_pinned_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "server.secret"
    made = create_secrets(path)
    assert made.first_card is None
    pinned = pin_first_card(path, b"k" * 16)
    assert load_secrets(path) == pinned == pin_first_card(path, b"k" * 16)
    assert (pinned.sign_seed, pinned.form_key, pinned.first_card) == (
        made.sign_seed,
        made.form_key,
        b"k" * 16,
    )
    assert os.listdir(tmp_path) == ["server.secret"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(SecretFileError, match="is missing"):
        pin_first_card(tmp_path / "none", b"k" * 16)


def test_a_file_of_a_site_made_before_is_refused_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "server.secret"
    create_secrets(path)
    before = b"MYSS1\n" + path.read_bytes()[6:70]
    path.write_bytes(before)
    with pytest.raises(SecretFileError, match="do not name their readers"):
        load_secrets(path)
    with pytest.raises(SecretFileError, match="section 9"):
        pin_first_card(path, b"k" * 16)
    assert path.read_bytes() == before
