"""A new key: its key file and its card, made on the auditor's own computer. The page of the first run and the command
`auditor new` both use it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from admin.desk.local.start_settings import write_new
from crypto import cards, errors, identity, keyfile
from crypto.cards import Card


class CannotMakeKey(Exception):
    """No key was made. `reason`: text (a name or role that can't be used), exists (`path` is taken) or folder (`path`
    can't be written; `why` is the system's word for it).
    """

    def __init__(self, reason: str, path: Path | None = None, why: str = "") -> None:
        super().__init__(reason)
        self.reason, self.path, self.why = reason, path, why


@dataclass(frozen=True, repr=False)
class NewKey:
    """The new key. `key_file`: the bytes in `key_path`, sealed under the passphrase."""

    key_path: Path
    card_path: Path
    card: Card
    key_file: bytes


def file_stem(name_en: str) -> str:
    """Return a file name's stem from an English name: small ASCII letters, digits, hyphens."""
    plain = unicodedata.normalize("NFKD", name_en).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "auditor"


def make_new_key(
    name: Mapping[str, str],
    role: Mapping[str, str],
    passphrase: str,
    folder: Path,
    person: bytes | None = None,
    mem: int = keyfile.MEM,
    duty: str = cards.AUDITOR,
) -> NewKey:
    """Make a key and write its two files into a folder. `person`: whose earlier key it replaces (16 bytes); None: a new
    person's. `mem`: Argon2id's memory in bytes, less for the demo only. `duty`: one of `crypto.cards.DUTIES`.

    Raises CannotMakeKey, and MisuseError for a passphrase that can't be used.
    """
    keys = identity.new_identity()
    try:
        card = cards.new_card(
            keys.box_pk, keys.sign_pk, keys.sign_seed, _as_written(name), _as_written(role), person, duty
        )
        cards.parse_card(card.encode())
    except (errors.CryptoError, UnicodeError):
        raise CannotMakeKey("text") from None
    stem = file_stem(name["en"])
    key_path, card_path = folder / f"{stem}.key", folder / f"{stem}.card"
    for path in (key_path, card_path):
        if path.exists():
            raise CannotMakeKey("exists", path)
    locked = keyfile.lock(keys.seed, passphrase, mem=mem) + b"\n"
    write(key_path, locked)
    try:
        write(card_path, card.encode() + b"\n", 0o644)
    except CannotMakeKey:
        key_path.unlink(missing_ok=True)
        raise
    return NewKey(key_path, card_path, card, locked)


def _as_written(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: unicodedata.normalize("NFC", text.strip()) for language, text in texts.items()}


def write(path: Path, raw: bytes, mode: int = 0o600) -> None:
    """Write a new file. Raises CannotMakeKey."""
    try:
        write_new(path, raw, mode)
    except FileExistsError:
        raise CannotMakeKey("exists", path) from None
    except OSError as error:
        raise CannotMakeKey("folder", path, error.strerror or "") from None
