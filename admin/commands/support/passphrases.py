"""Passphrases and the key files that they open."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import is_open_to_others, read_file
from crypto import passphrase

if TYPE_CHECKING:
    from crypto.identity import Identity

passphrase_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help="Read the passphrase from the first line of standard input."
)
key_option = click.option(
    "--key",
    "key",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your key file (it ends in .key).",
)


def _from_stdin() -> str:
    line = sys.stdin.buffer.readline(4096)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Failure(Exit.KEY, "The passphrase on standard input is not UTF-8 text.") from None


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty() and not _terminal():
        raise Failure(
            Exit.USAGE, "There is no terminal to ask for the passphrase on; give --passphrase-stdin."
        )
    return str(click.prompt(prompt, hide_input=True, err=True, default="", show_default=False))


def _terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def ask_passphrase(from_stdin: bool, prompt: str = "パスフレーズ / Passphrase") -> str:
    """Ask for a passphrase that is there already. Raises Failure without a terminal."""
    return _from_stdin() if from_stdin else _ask(prompt)


def new_passphrase(from_stdin: bool) -> str:
    """Ask for a new passphrase, twice on a terminal. Raises Failure for a short one."""
    if from_stdin:
        first = _from_stdin()
    else:
        click.echo(
            f"パスフレーズを決めてください({passphrase.LEAST} 文字以上。言葉を5つ以上並べると覚えやすく、"
            "破られにくくなります)。\n"
            f"Choose a passphrase of {passphrase.LEAST} characters or more; five or more words are easy "
            "to keep and hard to guess.",
            err=True,
        )
        first = _ask("パスフレーズ / Passphrase")
    if len(first) < passphrase.LEAST:
        raise Failure(
            Exit.KEY,
            f"A passphrase has {passphrase.LEAST} characters or more. No key was made; please try again.",
        )
    if any("\ud800" <= letter <= "\udfff" for letter in first):
        raise Failure(Exit.KEY, "The passphrase is not readable text in this terminal. No key was made.")
    if not from_stdin and _ask("もう一度 / Once more") != first:
        raise Failure(Exit.KEY, "The two passphrases are not the same. No key was made; please try again.")
    return first


def unlock(path: Path, from_stdin: bool) -> Identity:
    """Return the keys in a key file, after asking for its passphrase. Raises Failure."""
    from crypto import errors, identity, keyfile

    raw = read_key_file(path)
    typed = ask_passphrase(from_stdin)
    try:
        return identity.from_seed(keyfile.unlock(raw, typed))
    except errors.BadData as error:
        raise key_failure(path, keyfile.fault(error)) from None


_KEY_FAULTS: Final = {
    "wrong": (
        "The passphrase does not open this key file. Please try again; capital letters and the keyboard's language\n"
        "matter. If it surely is the right one, the file may be damaged: use your copy of it.",
        "パスフレーズで鍵ファイルを開けませんでした。",
    ),
    "cut": (
        "{path} is cut off or damaged, so that it can't be read. Use your copy of it, or your printed sheet\n"
        "(`meyasubako auditor restore-key`).",
        "鍵ファイルが途中で切れているか、壊れています。",
    ),
    "version": (
        "{path} is no key file of this version of the program. Was another file meant? Otherwise install the version\n"
        "that made it.",
        "このバージョンの鍵ファイルではありません。",
    ),
    "fields": (
        "{path} was changed: parts of a key file are missing, or are not what they have to be. Use your copy of it,\n"
        "or your printed sheet (`meyasubako auditor restore-key`).",
        "鍵ファイルの中身が変わっています。",
    ),
    "parameters": (
        "This computer does not have the memory that opening {path} takes (256 MiB are usual), or the file asks for\n"
        "an amount that no key file asks for. Close other programs and try again; otherwise use your copy of the file.",
        "鍵ファイルを開くためのメモリーが足りないか、ファイルの値が範囲外です。",
    ),
    "card": (
        "{path} is a CARD, which is public. The key file is the one beside it that ends in .key.",
        "これは鍵ファイルではなく、公開してよい「カード」です。",
    ),
}


def key_failure(path: Path, fault: str) -> Failure:
    """Return what to tell of a key file with a fault (a word of `crypto.keyfile.fault`, or "card")."""
    text, ja = _KEY_FAULTS[fault]
    return Failure(Exit.KEY, text.format(path=path), ja)


def read_key_file(path: Path) -> bytes:
    """Return the bytes of a key file whose form is right; warn where others on this computer can read it. Raises
    Failure.
    """
    from crypto import errors, keyfile

    raw = read_file(path, "key file", Exit.KEY, 100_000)
    try:
        keyfile.check(raw)
    except errors.CryptoError as error:
        raise key_failure(path, "card" if b'"box_pk"' in raw else keyfile.fault(error)) from None
    if is_open_to_others(path):
        click.echo(
            f"注意：ほかの利用者も {path} を読めます。\n"
            f"Warning: other users of this computer can read {path}, and could try passphrases on it. Mend it with:\n"
            f'  chmod 600 "{path}"',
            err=True,
        )
    return raw
