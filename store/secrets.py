"""The server's own two secrets, in one small file. Neither opens a report.

The signing seed lets the server sign receipts and states; the form key dates and binds the form's tokens.
Who steals them can forge the site's receipts and keep a form alive, and read nothing.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = b"MYSS1\n"
_SIZE: Final = len(_MAGIC) + 32 + 32


class SecretFileError(Exception):
    """The secret file can't be used; the text says why, `ja` the same in Japanese, and never what is in it."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


@dataclass(frozen=True, repr=False)
class ServerSecrets:
    """`sign_seed`: the site's Ed25519 seed, 32 bytes. `form_key`: key of the form's tokens, 32 bytes."""

    sign_seed: bytes
    form_key: bytes


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
        file.write(_MAGIC + made.sign_seed + made.form_key)
        file.flush()
        os.fsync(file.fileno())
    return made


def load_secrets(path: str | Path) -> ServerSecrets:
    """Read the secrets. Raises SecretFileError when the file is missing, open to others, or not such a
    file.
    """
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_SIZE + 1)
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
    if len(raw) != _SIZE or not raw.startswith(_MAGIC):
        raise SecretFileError(
            f"{path} is not a secret file of this program, or it is damaged.",
            f"{path} はこのプログラムの秘密ファイルではないか、壊れています。",
        )
    return ServerSecrets(raw[-64:-32], raw[-32:])
