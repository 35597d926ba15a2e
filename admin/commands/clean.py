"""`meyasubako clean`: does with one file on this computer what the server does with a file before it is sealed."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import click

from admin.commands.support.exit_codes import Exit, Failure

Cleaner = Callable[[IO[bytes]], Any]
"""Reads a file to its end and returns what became of it: portal.cleaning.Cleaned. It comes from admin.cli, since the
site's rooms and the auditors' meet only there."""

_JA: Final = {
    "cleaned": "見つかったものを取り除きました。",
    "nothing_found": "取り除くものは見つかりませんでした。",
    "partly": "見つかったものは取り除きましたが、作った人が分かるものが残っているかもしれません。",
    "not_cleaned": "取り除けませんでした。新しいファイルは作っていません。",
}
_EN: Final = {
    "cleaned": "What was found was taken out.",
    "nothing_found": "Nothing to take out was found.",
    "partly": "What was found was taken out, but something stays that can say who made it.",
    "not_cleaned": "It could not be cleaned. No file was written.",
}
_WHY: Final = {
    "busy": "No process could be started for it.",
    "slow": "It took too much time or memory.",
    "large": "It is larger than 32 MB.",
    "unreadable": "It is damaged, or locked with a password.",
    "type": "There is no cleaner for files of this type.",
}


def command(cleaner: Cleaner) -> click.Command:
    """Return the command `clean`."""

    @click.command(
        epilog="Example:  meyasubako clean photo.jpg --out cleaned.jpg --json\n\n"
        "Exit codes: 0 cleaned, or nothing found; 1 partly or not cleaned, or OUT was there already; 2 wrong use."
    )
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--out", required=True, type=click.Path(path_type=Path), help="The cleaned file to write.")
    @click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
    def clean(file: Path, out: Path, as_json: bool) -> None:
        """ファイルから、作った人が分かる情報を取り除きます。Take out of a file what can say who made it.

        JPEG, PNG, WebP, PDF, docx, xlsx and pptx; nothing leaves this computer. OUT is a new file and never written
        over another one. "nothing_found" writes the rebuilt file, "partly" too: what was found is out of it, and the
        exit code is 1 because something stays. "not_cleaned" writes nothing. The file's name stays yours to choose.
        """
        done = _clean(cleaner, file, out)
        _say(done, as_json)
        if done.outcome not in ("cleaned", "nothing_found"):
            raise click.exceptions.Exit(Exit.REFUSED)

    return clean


def _there(out: Path) -> Failure:
    return Failure(
        Exit.REFUSED, f"{out} is there already; it was not touched.", "出力先のファイルがすでにあります。"
    )


def _clean(cleaner: Cleaner, file: Path, out: Path) -> Any:
    """Clean a file into a new one; return what became of it. Raises Failure."""
    if os.path.lexists(out):
        raise _there(out)
    try:
        with open(file, "rb") as opened:
            done = cleaner(opened)
    except OSError as error:
        raise Failure(
            Exit.REFUSED, f"{file} can't be read: {error.strerror}.", "ファイルを読めませんでした。"
        ) from None
    if done.outcome != "not_cleaned":
        try:
            _write_new(out, done.data)
        except FileExistsError:
            raise _there(out) from None
        except OSError as error:
            raise Failure(
                Exit.REFUSED, f"{out} can't be written: {error.strerror}.", "ファイルに書けませんでした。"
            ) from None
    return done


def _write_new(out: Path, data: bytes) -> None:
    """Write a new file whole or not at all. Raises OSError; FileExistsError when there is one by now."""
    part = out.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(part, out)  # fails where something is; a rename would write over it
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            _copy_new(out, data)
    finally:
        with suppress(OSError):
            os.unlink(part)


def _copy_new(out: Path, data: bytes) -> None:
    with open(out, "xb") as opened:
        try:
            opened.write(data)
        except OSError:
            opened.close()
            os.unlink(out)
            raise


def _say(done: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"result": done.outcome, "found": list(done.found)}))
        return
    click.echo(_JA[done.outcome])
    why = f" {_WHY[done.why]}" if done.why in _WHY else ""
    what = f" ({', '.join(done.found)})" if done.found else ""
    click.echo(f"{done.outcome}: {_EN[done.outcome]}{why}{what}")
