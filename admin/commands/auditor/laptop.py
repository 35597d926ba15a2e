"""`auditor new` and `auditor sign`, which need a key file and run on a laptop."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import click

from admin.commands.auditor.cards import describe, make_card, read_card
from admin.commands.auditor.group import auditor
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import write_new
from admin.commands.support.passphrases import key_option, new_passphrase, passphrase_stdin, unlock


@auditor.command(
    epilog='Example:  meyasubako auditor new --name "佐藤 花子" --name-en "Hanako Sato"'
    ' --role "監査部 部長" --role-en "Head of audit" --out .'
)
@click.option("--name", "name_ja", required=True, help="Your name in Japanese; reporters see it.")
@click.option("--name-en", "name_en", required=True, help="Your name in English.")
@click.option("--role", "role_ja", required=True, help="Your role in Japanese; reporters see it.")
@click.option("--role-en", "role_en", required=True, help="Your role in English.")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the key file and the card.",
)
@click.option(
    "--same-person-as",
    "earlier",
    type=click.Path(path_type=Path),
    metavar="CARD",
    help="Your own earlier card, when this key replaces a lost one: what excluded you from a report still "
    "does.",
)
@click.option(
    "--person", metavar="HEX", help="The same, when the card is gone: your person id, 32 hex digits."
)
@click.option(
    "--duty",
    type=click.Choice(["auditor", "lead", "observer", "guest"]),
    default="auditor",
    show_default=True,
    help="What you may do: a lead also assigns and retires, observers see statistics only, guests "
    "single cases that they are given. Leads bring everybody in.",
)
@passphrase_stdin
def new(
    name_ja: str,
    name_en: str,
    role_ja: str,
    role_en: str,
    folder: Path,
    earlier: Path | None,
    person: str | None,
    duty: str,
    passphrase_stdin: bool,
) -> None:
    """自分の鍵を作ります(自分の PC で)。Make your own key, on your own laptop.

    Writes NAME.key, which opens reports and never leaves this laptop, and NAME.card, which is public: hand
    the card to a colleague who is enrolled. There is no way to open reports without key file AND passphrase;
    back the key file up.
    """
    known = _person(earlier, person)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(Exit.REFUSED, f"The folder {folder} can't be made: {error.strerror}.") from None
    passphrase = new_passphrase(passphrase_stdin)
    key_path, card_path, card = make_card(
        {"ja": name_ja, "en": name_en}, {"ja": role_ja, "en": role_en}, passphrase, folder, known, duty=duty
    )
    click.echo(f"鍵ファイル(だれにも渡さない)/ key file, for nobody else: {key_path}")
    click.echo(f"カード(公開してよい)      / card, public:             {card_path}")
    click.echo(describe(card))


def _person(earlier: Path | None, person: str | None) -> bytes | None:
    """Return whom a key that replaces an earlier one belongs to, or None for a new person."""
    if earlier is not None and person is not None:
        raise click.UsageError("Give --same-person-as or --person, not both.")
    if earlier is not None:
        return read_card(earlier).person
    if person is None:
        return None
    if not re.fullmatch(r"[0-9a-f]{32}", person):
        raise click.UsageError("--person is 32 hex digits, as the site's keys.json shows it.")
    return bytes.fromhex(person)


@auditor.command(epilog="Example:  meyasubako auditor sign hanako-sato.card --key taro-suzuki.key")
@click.argument("card", type=click.Path(path_type=Path))
@key_option
@click.option(
    "--out",
    "-o",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the signed card here instead of over CARD.",
)
@click.option("--yes", is_flag=True, help="The fingerprint was compared; do not ask.")
@passphrase_stdin
def sign(card: Path, key: Path, out: Path | None, yes: bool, passphrase_stdin: bool) -> None:
    """同僚のカードに署名します。Sign a colleague's card with your own key.

    Compare the fingerprint with your colleague first, in person or by voice: your signature says that this
    key is theirs. On a terminal you are asked; with --passphrase-stdin you are taken to have done so.
    """
    from crypto import cards

    new_card = read_card(card)
    click.echo(describe(new_card), err=True)
    if not (yes or passphrase_stdin):
        click.confirm(
            "この確認用の文字列を本人と確かめましたか / Did your colleague confirm this fingerprint?",
            abort=True,
            err=True,
        )
    mine = unlock(key, passphrase_stdin)
    if mine.key_id == new_card.key_id:
        raise Failure(Exit.REFUSED, "This is your own card; a colleague who is enrolled has to sign it.")
    signed = cards.vouch(new_card, mine.key_id, mine.sign_seed)
    _replace(out or card, signed.encode() + b"\n")
    click.echo(f"署名しました / Signed: {out or card}")


def _replace(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_new(part, raw, 0o644)
    try:
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Failure(Exit.REFUSED, f"{path} can't be written: {error.strerror}.") from None
