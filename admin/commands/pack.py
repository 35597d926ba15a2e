"""For receivers of packs from an auditor's desk: make a key pair, open a pack offline."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.passphrases import key_option, passphrase_stdin, unlock

_PIECE: Final = 1 << 20
_HASHES: Final = "SHA256SUMS"


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

    mine, whole = unlock(key, passphrase_stdin), hashlib.sha256()
    try:
        with file.open("rb") as source, out.open("xb") as target:
            os.chmod(out, 0o600)
            try:
                for part in opened(_pieces(source), mine.box_sk, mine.box_pk):
                    target.write(part)
                    whole.update(part)
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
    click.echo(f"{out}\nSHA-256 {whole.hexdigest()}")


@pack.command("check", epilog="Example:  meyasubako pack check pack.zip --sha256 9f86d081…")
@click.argument("file", metavar="ZIP", type=click.Path(path_type=Path))
@click.option(
    "--sha256", "wanted", metavar="HEX", help="The SHA-256 from the sheet that came separately from the pack."
)
def check_pack(file: Path, wanted: str | None) -> None:
    """渡された資料一式（ZIP）が、渡されたときのままかを確かめます。Check the ZIP of a pack, offline.

    Prints the SHA-256 of the file, and compares each file in it with the list SHA256SUMS inside. With --sha256 the
    whole file is compared with the number on the sheet, too. Without it, please compare them yourself: a pack that was
    changed on its way can have a list that fits.
    """
    try:
        with file.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            wrong = _differences(source)
    except OSError as error:
        raise Failure(Exit.REFUSED, f"The file can't be read: {error.strerror}.") from None
    except (zipfile.BadZipFile, ValueError, LookupError, NotImplementedError, RuntimeError, zlib.error):
        raise Failure(Exit.REFUSED, "This is not the ZIP of a pack.") from None
    click.echo(f"SHA-256 {digest}")
    if wrong:
        raise Failure(Exit.REFUSED, "Not as the list in the pack says: " + ", ".join(wrong))
    if wanted is not None and "".join(wanted.split()).lower() != digest:
        raise Failure(Exit.REFUSED, "This is another file than the one on the sheet.")
    click.echo("Each file in the pack is as its list says.")
    if wanted is not None:
        click.echo("The pack is the one on the sheet.")


def _differences(source: IO[bytes]) -> list[str]:
    """Return the names in a pack that are not as its list says. Raises what a file that is no pack leads to."""
    with zipfile.ZipFile(source) as folder:
        names = folder.namelist()
        try:
            lines = [line.partition("  ") for line in folder.read(_HASHES).decode().splitlines()]
        except zipfile.BadZipFile:
            return [_HASHES]
        listed = {name: digest for digest, _, name in lines}
        wrong = {name for name in names if names.count(name) > 1} | set(listed) ^ (set(names) - {_HASHES})
        for name in set(listed) & set(names):
            try:
                with folder.open(name) as entry:
                    digest = hashlib.file_digest(entry, "sha256").hexdigest()  # type: ignore[arg-type]
            except zipfile.BadZipFile:
                # The ZIP has a checksum of each file, too.
                digest = ""
            if digest != listed[name]:
                wrong.add(name)
    return sorted(wrong)


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece
