"""Single envelopes: listed and fetched, still sealed, on the server; opened offline on a laptop."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file, write_new
from admin.commands.support.passphrases import key_option, passphrase_stdin, unlock
from admin.commands.support.site import database

_KINDS: Final = {1: "report", 2: "from reporter", 3: "to reporter", 4: "case record"}
_PAGE: Final = 1000
_NOBODY: Final = bytes(16)
# What a terminal would act on instead of showing it: C1 controls, and marks that turn the direction of text.
_UNSHOWN: Final = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@click.group()
def envelope() -> None:
    """暗号化したままの封書を扱います。Envelopes as the server keeps them: sealed."""


@envelope.command("list", epilog="Example:  meyasubako envelope list")
def list_envelopes() -> None:
    """封書を一覧します。List all envelopes: id, case, day, kind, bytes; nothing else can be seen here."""
    from store import db, feed

    with database() as engine:
        seq = 0
        while True:
            with db.reading(engine) as conn:
                rows = feed.after(conn, seq, _PAGE)
            for row in rows:
                if row.envelope_id is not None:
                    kind = _KINDS.get(row.kind or 0, "?")
                    click.echo(
                        f"{row.envelope_id.hex()}  {row.case_id.hex()}  {row.day}  {kind:<13}  {row.size}"
                    )
            if not rows:
                break
            seq = rows[-1].seq


@envelope.command(epilog="Example:  meyasubako envelope get 0123456789abcdef0123456789abcdef -o one.envelope")
@click.argument("envelope_id", metavar="ID")
@click.option(
    "--out",
    "-o",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to a new file, not to standard output.",
)
def get(envelope_id: str, out: Path | None) -> None:
    """封書を1つ取り出します。Fetch one envelope's bytes, sealed as they are.

    An auditor opens it offline with `meyasubako open`.
    """
    from crypto.encoding import id_from_hex
    from crypto.errors import BadId
    from store import db, feed

    try:
        wanted = id_from_hex(envelope_id.strip().lower())
    except BadId:
        raise click.UsageError("ID is 32 hex digits, as `meyasubako envelope list` shows it.") from None
    with database() as engine, db.reading(engine) as conn:
        rows = feed.envelopes(conn, [wanted], _NOBODY)
    if not rows:
        raise Failure(Exit.REFUSED, "There is no envelope with this id.")
    if out is not None:
        write_new(out, rows[0].raw)
    elif sys.stdout.isatty():
        raise Failure(
            Exit.USAGE, "These bytes are not for a terminal: give -o FILE, or send them into a file."
        )
    else:
        sys.stdout.buffer.write(rows[0].raw)
        sys.stdout.buffer.flush()


def as_text(payload: dict[str, Any]) -> str:
    """Return a payload as JSON that people can read and a terminal shows as it is."""
    text = json.dumps(payload, ensure_ascii=False, indent=2, sort_keys=True)
    return _UNSHOWN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


@click.command(
    "open",
    epilog="Example:  meyasubako open --key hanako-sato.key one.envelope",
)
@key_option
@passphrase_stdin
@click.argument("file", metavar="ENVELOPE", type=click.Path(path_type=Path))
def open_envelope(key: Path, passphrase_stdin: bool, file: Path) -> None:
    """封書を1つ、通信せずに開きます。Open one envelope offline and print its JSON.

    ENVELOPE is a file, or - for standard input. With --passphrase-stdin the first line of standard input is
    the passphrase; with - too, what follows that line is the envelope. Mind where the output goes: it is the
    report itself.
    """
    from crypto import errors
    from crypto.unseal import unseal

    mine = unlock(key, passphrase_stdin)
    raw = sys.stdin.buffer.read(4_000_001) if str(file) == "-" else read_file(file, "envelope")
    try:
        opened = unseal(raw, mine.box_sk, mine.box_pk, mine.key_id)
    except errors.NotAddressed:
        raise Failure(Exit.REFUSED, "This envelope is not addressed to this key.") from None
    except errors.CannotOpen:
        raise Failure(
            Exit.REFUSED,
            "This envelope can't be opened with this key: excluded by the reporter, damaged, or withheld.\n"
            "Nobody can tell which, and that is how it is meant to be.",
        ) from None
    except errors.CryptoError as error:
        raise Failure(Exit.REFUSED, f"This is not an envelope that can be opened: {error}") from None
    if opened.unusual:
        click.echo(
            f"形式どおりでない点があります / Not as the format says: {', '.join(opened.unusual)}", err=True
        )
    readable = as_text(
        opened.payload if opened.payload else {"unreadable": opened.raw_payload.decode("utf-8", "replace")}
    )
    click.echo(readable if sys.stdout.isatty() else readable.encode() + b"\n", nl=sys.stdout.isatty())
