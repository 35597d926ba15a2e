"""An auditor's own key file: restore it from paper, change its passphrase."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file, write_new
from admin.commands.support.passphrases import (
    ask_passphrase,
    key_failure,
    new_passphrase,
    passphrase_stdin,
    read_key_file,
)

if TYPE_CHECKING:
    from crypto.key_errors import SheetGroups, SheetLength

_CANT_WRITE: Final = {
    "changed": "The key file was changed meanwhile. Nothing was replaced; please look which file is the right one.",
}


@click.command(
    "restore-key",
    epilog="\b\nExamples:  meyasubako auditor restore-key --out hanako-sato.key        (type, then an empty line)\n"
    "           meyasubako auditor restore-key typed.txt --out hanako-sato.key",
)
@click.argument("text", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option(
    "--out",
    "out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="KEYFILE",
    help="The key file to write.",
)
def restore_key(text: Path | None, out: Path) -> None:
    """鍵を印刷した紙から鍵ファイルを戻します。Bring a key file back from its printed sheet.

    Reads the sheet's 40 groups, or the text in its QR code, from FILE or from what is typed (an empty line ends it).
    Spaces, dashes and line breaks don't matter. The passphrase is the one that the key file had when the sheet was
    printed. An existing file is never overwritten.
    """
    from crypto import errors, key_errors, keysheet

    typed = read_file(text, "text", limit=20_000) if text is not None else _typed_lines()
    try:
        raw = keysheet.restore(typed.decode("utf-8-sig", "replace"))
    except (key_errors.SheetLength, key_errors.SheetGroups) as error:
        raise _slip(error) from None
    except key_errors.SheetChecksum:
        raise Failure(
            Exit.REFUSED,
            "Each group is right by itself, and all together they are not: groups of two different sheets, or several\n"
            "slips in one group. Compare every group with the sheet once more. No key file was written.",
            "それぞれの組は正しい形ですが、全体の検査が合いません。",
        ) from None
    except errors.CryptoError as error:
        raise Failure(
            Exit.REFUSED,
            f"This is not the text of a key sheet for this version: {error} No key file was written.",
        ) from None
    write_new(out, raw + b"\n")
    click.echo(f"鍵ファイルを戻しました / The key file is back: {out}")
    click.echo(
        "開くには、印刷したときのパスフレーズを使います。/ It opens with the passphrase of the day of printing."
    )


def _typed_lines() -> bytes:
    """Return what is typed, up to an empty line behind some text, or to the end."""
    if sys.stdin.isatty():
        click.echo(
            "40組を入力し、空行で終えてください。/ Type the 40 groups; an empty line ends them.", err=True
        )
    typed = b""
    for line in iter(lambda: sys.stdin.buffer.readline(20_000), b""):
        if typed.strip() and not line.strip() and sys.stdin.isatty():
            break
        typed += line
        if len(typed) > 20_000:
            break
    return typed


def _slip(error: SheetLength | SheetGroups) -> Failure:
    from crypto.key_errors import SheetLength

    places = ", ".join(map(str, error.groups)) or "-"
    if isinstance(error, SheetLength):
        why = (
            "This is not as many symbols as a sheet has (40 groups of 5): some are missing or too many. The first\n"
            f"place that does not fit is group {places}."
        )
    else:
        why = f"There is a slip in group {places}: compare it with the sheet, symbol by symbol."
    return Failure(
        Exit.REFUSED, f"{why} No key file was written.", f"{places} 番の組をもう一度ご確認ください。"
    )


@click.command(epilog="Example:  meyasubako auditor passphrase hanako-sato.key")
@click.argument("key", type=click.Path(path_type=Path), metavar="KEYFILE")
@passphrase_stdin
def passphrase(key: Path, passphrase_stdin: bool) -> None:
    """鍵ファイルのパスフレーズを変えます。Change the passphrase of your key file.

    The key stays the same. Copies and printed sheets from before open with the old passphrase: replace them. With
    --passphrase-stdin the first line is the old passphrase, the second one the new.
    """
    from admin.desk.keys import CannotWrite, Keyring
    from crypto import errors, keyfile

    ring = Keyring(read_key_file(key), None, lambda: 0.0, path=key)
    old = ask_passphrase(passphrase_stdin, "今のパスフレーズ / The passphrase of today")
    new = new_passphrase(passphrase_stdin)
    if new == old:
        raise Failure(Exit.KEY, "The new passphrase is the old one. Nothing was changed.")
    try:
        ring.change_passphrase(old, new)
    except errors.BadData as error:
        raise key_failure(key, keyfile.fault(error)) from None
    except CannotWrite as error:
        why = _CANT_WRITE.get(error.reason, f"{key} can't be replaced in its folder.")
        raise Failure(Exit.REFUSED, f"{why} The old passphrase still opens it.") from None
    click.echo(f"パスフレーズを変えました / The passphrase was changed: {key}")
    click.echo(
        "鍵ファイルの写しと、鍵を印刷した紙を作り直してください。/ Please make new copies and a new printed sheet."
    )
