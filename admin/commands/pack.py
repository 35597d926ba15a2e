"""Packs from an auditor's desk, at their receiver's: the public key to hand over, and a pack opened offline."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.passphrases import key_option, passphrase_stdin, unlock

_PIECE: Final = 1 << 20


@click.group()
def pack() -> None:
    """担当者から渡された資料一式を開きます。Packs that an auditor made for counsel or an authority."""


@pack.command("key", epilog="Example:  meyasubako pack key --key counsel.key")
@key_option
@passphrase_stdin
def show_key(key: Path, passphrase_stdin: bool) -> None:
    """受取人の公開鍵を表示します。Print the public key to give to the auditor who makes a pack for you.

    The key file is an ordinary one (meyasubako auditor new). The line is not secret; let the auditor compare it with
    what you read out, by telephone.
    """
    from crypto.pack import receiver_text

    click.echo(receiver_text(unlock(key, passphrase_stdin).box_pk))


@pack.command("open", epilog="Example:  meyasubako pack open --key counsel.key pack.mypack --out pack.zip")
@key_option
@passphrase_stdin
@click.argument("file", metavar="PACK", type=click.Path(path_type=Path))
@click.option(
    "--out", "out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The ZIP to write."
)
def open_pack(key: Path, passphrase_stdin: bool, file: Path, out: Path) -> None:
    """渡された資料一式を、通信せずに開きます。Open a pack offline and write the ZIP that is in it.

    An existing file is never overwritten. Where the pack is damaged, nothing is left behind.
    """
    from crypto import errors
    from crypto.pack import opened

    mine = unlock(key, passphrase_stdin)
    try:
        with file.open("rb") as source, out.open("xb") as target:
            os.chmod(out, 0o600)
            try:
                for part in opened(_pieces(source), mine.box_sk, mine.box_pk):
                    target.write(part)
            except BaseException:
                target.close()
                out.unlink()
                raise
    except FileExistsError:
        raise Failure(Exit.REFUSED, f"{out} is there already. Nothing was written.") from None
    except OSError as error:
        raise Failure(Exit.REFUSED, f"The file can't be read or written: {error.strerror}.") from None
    except errors.CannotOpen:
        raise Failure(Exit.REFUSED, "This pack is not for this key, or it is damaged.") from None
    except errors.BadData:
        raise Failure(Exit.REFUSED, "This is not a whole pack. Nothing was written.") from None
    click.echo(f"{out}")


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece
