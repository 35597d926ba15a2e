"""Key files and cards: made, read and shown in the lines that people compare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file

if TYPE_CHECKING:
    from crypto.cards import Card


def read_card(path: Path) -> Card:
    """Return the card in a file; its own signature holds. Raises Failure."""
    from crypto import cards, errors

    raw = read_file(path, "card", limit=20_000)
    if path.suffix == ".key" or b'"kdf"' in raw:
        raise Failure(
            Exit.REFUSED,
            f"{path} is a KEY FILE, not a card. It belongs to its auditor alone and must not be on a server: if it is\n"
            "on one, or was sent to somebody, delete it there and have this key retired and replaced. The card is the\n"
            "file beside it that ends in .card. Nothing was changed.",
            f"{path} はカードではなく「鍵ファイル」です。本人以外の手元やサーバーに置いてはいけません。",
        )
    try:
        return cards.parse_card(raw.removesuffix(b"\n"))
    except errors.CryptoError as error:
        raise Failure(Exit.REFUSED, f"{path} is not a card that can be used: {error}") from None


def describe(card: Card, is_first: bool = False) -> str:
    """Return a card in the lines that people compare. `is_first`: of the site's list, and so a lead's."""
    from crypto.cards import fingerprint

    return (
        f"  {card.name['ja']} / {card.name['en']}\n"
        f"  {card.role['ja']} / {card.role['en']}\n"
        f"  役割 / duty: {'lead (最初の担当者 / the first one)' if is_first else card.duty}\n"
        f"  確認用の文字列 / fingerprint: {fingerprint(card.key_id)}"
    )


def make_card(
    name: Mapping[str, str],
    role: Mapping[str, str],
    passphrase: str,
    folder: Path,
    person: bytes | None = None,
    mem: int | None = None,
    duty: str | None = None,
) -> tuple[Path, Path, Card]:
    """Make a key file and its card in `folder`; return both paths and the card. Raises Failure.

    `duty`: one of `crypto.cards.DUTIES`; None: an auditor's. `mem`: Argon2id's memory in bytes, for the demo only; None
    is what real keys have.
    """
    from admin.desk.local.new_key import CannotMakeKey, make_new_key
    from crypto import cards, keyfile

    own_mem = keyfile.MEM if mem is None else mem
    try:
        made = make_new_key(name, role, passphrase, folder, person, own_mem, duty or cards.AUDITOR)
    except CannotMakeKey as fault:
        why = {
            "text": f"Names and roles are readable text of 1 to {cards.MAX_TEXT} characters. No key was made.",
            "exists": f"{fault.path} exists already. It was left as it is, and no key was made.",
            "folder": f"{fault.path} can't be written: {fault.why}. No key was made.",
        }
        raise Failure(Exit.REFUSED, why[fault.reason]) from None
    return made.key_path, made.card_path, made.card


def refuse(why: str) -> NoReturn:
    """Raise Failure with the reason: nothing was changed."""
    raise Failure(Exit.REFUSED, f"{why} Nothing was changed.")
