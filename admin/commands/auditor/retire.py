"""`auditor retire`: a note is signed on a laptop and applied on the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.commands.auditor.cards import refuse
from admin.commands.auditor.group import auditor
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file, write_new
from admin.commands.support.passphrases import passphrase_stdin, unlock
from admin.commands.support.site import database, roster, today

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crypto.cards import Retirement


@auditor.command(
    epilog="\b\nExamples, on the laptop and then on the server:\n"
    "  meyasubako auditor retire 1a2b... --key taro-suzuki.key --out retire.note\n"
    "  meyasubako auditor retire --note retire.note"
)
@click.argument("key_id", required=False, metavar="[KEYID]")
@click.option(
    "--key",
    "key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Laptop: your key file, to sign with.",
)
@click.option(
    "--out", "out", type=click.Path(path_type=Path), metavar="NOTE", help="Laptop: the note to write."
)
@click.option(
    "--note",
    "note",
    type=click.Path(path_type=Path),
    metavar="NOTE",
    help="Server: the signed note to apply.",
)
@click.option("--yes", is_flag=True, help="Server: apply the note even if nobody is left to read reports.")
@passphrase_stdin
def retire(
    key_id: str | None,
    key: Path | None,
    out: Path | None,
    note: Path | None,
    yes: bool,
    passphrase_stdin: bool,
) -> None:
    """鍵の使用を終えます。Stop sealing to a key: somebody leaves, or a key is lost.

    Two steps. On a laptop, a person who is enrolled signs a note (KEYID: 32 hex digits, as `auditor list` and
    the keys page show it; --key and --out). On the server, the operator applies it (--note). What was sealed
    to the key before can still be opened with it: take the key file and its copies back.
    """
    if note is not None:
        if key_id is not None or key is not None or out is not None or passphrase_stdin:
            raise click.UsageError("--note stands alone: it applies a note that was signed before.")
        _apply(note, yes)
        return
    if yes:
        raise click.UsageError("--yes goes with --note.")
    if key_id is None or key is None or out is None:
        raise click.UsageError("Give KEYID, --key and --out to sign a note, or --note to apply one.")
    _sign_note(key_id, key, out, passphrase_stdin)


def _sign_note(key_id: str, key: Path, out: Path, from_stdin: bool) -> None:
    from crypto import cards

    digits = re.sub(r"[\s:-]", "", key_id).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        raise click.UsageError("KEYID is 32 hex digits, as `meyasubako auditor list` shows it.")
    mine = unlock(key, from_stdin)
    note = cards.new_retirement(bytes.fromhex(digits), today(), mine.key_id, mine.sign_seed)
    write_new(out, note.encode() + b"\n", 0o644)
    click.echo(f"署名しました / Signed: {out}\n  {cards.fingerprint(note.key_id)}")
    click.echo("The operator applies it on the server: meyasubako auditor retire --note NOTE")


def _apply(path: Path, yes: bool) -> None:
    from crypto import cards as crypto_cards
    from crypto import errors
    from store import cards, db
    from store.outcome import Outcome

    try:
        note = crypto_cards.parse_retirement(read_file(path, "note", limit=20_000).removesuffix(b"\n"))
    except errors.CryptoError as error:
        raise Failure(Exit.REFUSED, f"{path} is not a retirement note: {error}") from None
    with database() as engine, db.writing(engine) as conn:
        _check_note(conn, note, yes)
        outcome = cards.retire(conn, note.key_id, note.encode(), today())
    done = outcome is Outcome.STORED
    click.echo("使用を終えました / Retired:" if done else "すでに終えています / Retired already:")
    click.echo(f"  {crypto_cards.fingerprint(note.key_id)}")


def _check_note(conn: Connection, note: Retirement, yes: bool) -> None:
    from cases import roles
    from crypto import errors

    known = roster(conn)
    if note.key_id not in known.by_key:
        refuse("The note names a key that is not enrolled here.")
    # A note that was applied already may be applied again, also by who has left since.
    if note.by not in known.by_key or (note.by in known.retired and known.is_active(note.key_id)):
        refuse("Anyone who signed this note is not enrolled here, or not any more.")
    if note.day > today():
        refuse("The note is dated in the future. Check the clock of the laptop and of this server.")
    if known.is_active(note.key_id):
        try:
            known.listing.check(note)
        except errors.CryptoError as error:
            refuse(str(error))
    left = [known.role_of(card.key_id) for card in known.active if card.key_id != note.key_id]
    if not roles.is_last(known.role_of(note.key_id), left):
        return
    if any(map(roles.reads_reports, left)):
        click.echo("責任者がいなくなります。/ No lead would be left.", err=True)
        why = "Without a lead nobody can sign a newcomer's card, and nobody can retire another's key."
    else:
        click.echo("通報を読める人がいなくなります。/ Nobody would be left to read reports.", err=True)
        why = (
            "Without anybody the site accepts no report, and nobody is left to sign a new card: it would be\n"
            "closed for good."
        )
    if not yes:
        refuse(f"{why} Enrol another one first, or add --yes if that is what you want.")
