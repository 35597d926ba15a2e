"""The server's own two secrets, and the key id of the first card, in one small file. None of it opens a report.

The signing seed lets the server sign receipts and states; the form key dates and binds the form's tokens.
A thief of them can forge the site's receipts and keep a form alive, and read nothing.

The first card's key id is public. It is here because it must not be in the database alone: writing there can't
make the server seal to a list of their own (ADR 0010).
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_MAGIC: Final = b"MYSS2\n"
_BEFORE: Final = b"MYSS1\n"
"""Version 1 had no first card."""
_KEY_ID: Final = 16
_SIZE: Final = len(_MAGIC) + 32 + 32 + _KEY_ID
_NO_CARD: Final = bytes(_KEY_ID)
_LOG_SEED: Final = 32
MAX_LOG_SEEDS: Final = 3
"""Keys of the log that the file has room for: the one before, the one that signs, and the next."""


class SecretFileError(Exception):
    """The secret file can't be used; the text says why, `ja` the same in Japanese, and never what is in it."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


@dataclass(frozen=True, repr=False)
class ServerSecrets:
    """`sign_seed`: the site's Ed25519 seed, 32 bytes. `form_key`: key of the form's tokens, 32 bytes.

    `first_card`: the key id (16 bytes) that the list of readers begins with; None while nobody is enrolled.
    `log_seeds`: seeds (32 bytes) of the log's keys behind the first one, which follows from `sign_seed`; oldest first.
    """

    sign_seed: bytes
    form_key: bytes
    first_card: bytes | None = None
    log_seeds: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return (
            _MAGIC + self.sign_seed + self.form_key + (self.first_card or _NO_CARD) + b"".join(self.log_seeds)
        )


def is_private(path: Path) -> bool:
    """Tell whether only this process's user reads a file: by its mode, or because systemd put it among the service's
    credentials (an access list gives it to this user then, which the mode shows as the group's).
    """
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    forbidden = 0o037 if given and path.parent == Path(given) else 0o077
    return not stat.S_IMODE(path.stat().st_mode) & forbidden


def create_secrets(path: str | Path) -> ServerSecrets:
    """Make new secrets and write them to a new file that only its owner can read.

    Raises SecretFileError when the file exists (the site's signatures would change) or can't be written.
    """
    made = ServerSecrets(secrets.token_bytes(32), secrets.token_bytes(32))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise SecretFileError(
            f"{path} exists already; it is kept as it is.", f"{path} はすでにあり、そのまま残しました。"
        ) from None
    except OSError as error:
        raise SecretFileError(
            f"{path} can't be written: {error.strerror}.", f"{path} に書き込めません({error.strerror})。"
        ) from None
    with os.fdopen(handle, "wb") as file:
        file.write(made.encode())
        file.flush()
        os.fsync(file.fileno())
    return made


def _private_bytes(path: str | Path) -> bytes:
    """Return the bytes of a file that its owner alone can use. Raises SecretFileError."""
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_SIZE + MAX_LOG_SEEDS * _LOG_SEED + 1)
    except FileNotFoundError:
        raise SecretFileError(
            f"{path} is missing. Put this site's own one back from your safekeeping (docs/operations.md, section 8):\n"
            "another one does not fit its database. Only for a new site, without a database, `meyasubako init` makes "
            "it.",
            f"{path} がありません。このサイトのものを、保管場所から戻してください。",
        ) from None
    except OSError as error:
        raise SecretFileError(
            f"{path} can't be read: {error.strerror}.", f"{path} を読めません({error.strerror})。"
        ) from None
    if not stat.S_ISREG(mode):
        raise SecretFileError(f"{path} is not a file.", f"{path} はファイルではありません。")
    if os.name == "posix" and mode & 0o077:
        raise SecretFileError(
            f"{path} can be used by others than its owner; run: chmod 600 {path}",
            f"{path} を所有者以外も使えます。chmod 600 {path} を実行してください。",
        )
    return raw


def load_secrets(path: str | Path) -> ServerSecrets:
    """Read the secrets. Raises SecretFileError when the file is missing, open to others, or not such a
    file.
    """
    raw = _private_bytes(path)
    if raw.startswith(_BEFORE):
        raise SecretFileError(
            f"{path} was made by an earlier version, whose reports do not name their readers. Such a site can't be "
            "upgraded:\nkeep it running with that version until its cases are closed, and make a new one beside it "
            "(docs/operations.md, section 9).",
            f"{path} は以前の版のものです。この版では使えません(docs/operations.md 第9節)。",
        )
    more = len(raw) - _SIZE
    is_whole = 0 <= more <= MAX_LOG_SEEDS * _LOG_SEED and more % _LOG_SEED == 0
    if not is_whole or not raw.startswith(_MAGIC):
        raise SecretFileError(
            f"{path} is not a secret file of this program, or it is damaged.",
            f"{path} はこのプログラムの秘密ファイルではないか、壊れています。",
        )
    seed, key, first = raw[6:38], raw[38:70], raw[70:_SIZE]
    seeds = tuple(raw[at : at + _LOG_SEED] for at in range(_SIZE, len(raw), _LOG_SEED))
    return ServerSecrets(seed, key, None if first == _NO_CARD else first, seeds)


def pin_first_card(path: str | Path, key_id: bytes) -> ServerSecrets:
    """Write the first card's key id (16 bytes) into the file, whole or not at all.

    The caller has made sure that the list is empty, or that the card is its first one. Raises SecretFileError, also
    when the file names another card: the first one never changes, whatever the database holds by now.
    """
    known = load_secrets(path)
    if known.first_card == key_id:
        return known
    if known.first_card is not None:
        fingerprint = known.first_card.hex(" ", 2)
        raise SecretFileError(
            f"{path} names another first card: {fingerprint}. The first card of a site never changes, so nothing was\n"
            "changed. If that card is not the first one in the database any more, somebody wrote there: run "
            "`meyasubako doctor`.",
            f"{path} には別の最初のカードが書かれています。最初のカードは変えられないため、何も変えていません。",
        )
    return _rewritten(path, replace(known, first_card=key_id))


def keep_log_seeds(path: str | Path, seeds: tuple[bytes, ...]) -> ServerSecrets:
    """Write the seeds of the log's later keys (32 bytes each, at most MAX_LOG_SEEDS) into the file, whole or not at
    all. Raises SecretFileError.
    """
    return _rewritten(path, replace(load_secrets(path), log_seeds=seeds))


def _rewritten(path: str | Path, made: ServerSecrets) -> ServerSecrets:
    place = Path(path).resolve()
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        owner = place.stat()
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            if os.name == "posix" and os.geteuid() == 0:
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)  # root may enrol for the server's user
            file.write(made.encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SecretFileError(
            f"{path} can't be written: {error.strerror}. Nothing was changed.",
            f"{path} に書き込めません({error.strerror})。何も変わっていません。",
        ) from None
    return made


class FirstCard:
    """The key id that the roster begins with; read again while no auditor is enrolled: the first may be while the
    server runs.
    """

    def __init__(self, path: str | Path, known: bytes | None = None) -> None:
        """`known`: the key id (16 bytes) where it is known already."""
        self._path = path
        self._known = known

    def __call__(self) -> bytes | None:
        """Return the key id; None while no auditor is enrolled, or the secret file can't be read."""
        if self._known is None:
            with suppress(SecretFileError):
                self._known = load_secrets(self._path).first_card
        return self._known
