"""Auditors' keys and cards: made and signed on laptops, enrolled and retired on the server."""

from __future__ import annotations

import os
import re
import secrets
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from admin.commands.base import (
    Exit,
    Failure,
    database,
    key_option,
    new_passphrase,
    passphrase_stdin,
    read_file,
    settings,
    today,
    unlock,
    write_new,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crypto.cards import Card, Retirement
    from store.cards import CardRow


@click.group()
def auditor() -> None:
    """監査担当者の鍵とカードを扱います。Auditors' keys and cards.

    \b
    1. 担当者の PC で      on the new auditor's laptop:   meyasubako auditor new
    2. 登録済みの人の PC で  on an enrolled one's laptop:   meyasubako auditor sign CARD --key FILE
    3. サーバーで          on the server:                 meyasubako auditor enroll CARD

    The first card of a site needs no step 2. A key file never leaves its laptop; cards are public.
    """


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


def describe(card: Card) -> str:
    """Return a card in the lines that people compare."""
    from crypto.cards import fingerprint

    return (
        f"  {card.name['ja']} / {card.name['en']}\n"
        f"  {card.role['ja']} / {card.role['en']}\n"
        f"  権限 / duty: {card.duty}\n"
        f"  指紋 / fingerprint: {fingerprint(card.key_id)}"
    )


def file_stem(name_en: str) -> str:
    """Return a file name's stem from an English name: small ASCII letters, digits, hyphens."""
    plain = unicodedata.normalize("NFKD", name_en).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "auditor"


def make_card(
    name: Mapping[str, str],
    role: Mapping[str, str],
    passphrase: str,
    folder: Path,
    person: bytes | None = None,
    mem: int | None = None,
    duty: str = "auditor",
) -> tuple[Path, Path, Card]:
    """Make a key file and its card in `folder`; return both paths and the card. Raises Failure.

    `mem`: Argon2id's memory in bytes, for the demo only; None is what real keys have.
    """
    from crypto import cards, errors, identity, keyfile

    keys = identity.new_identity()
    try:
        card = cards.new_card(
            keys.box_pk,
            keys.sign_pk,
            keys.sign_seed,
            {language: unicodedata.normalize("NFC", text.strip()) for language, text in name.items()},
            {language: unicodedata.normalize("NFC", text.strip()) for language, text in role.items()},
            person,
            duty,
        )
        cards.parse_card(card.encode())
    except (errors.CryptoError, UnicodeError):
        raise Failure(
            Exit.REFUSED,
            f"Names and roles are readable text of 1 to {cards.MAX_TEXT} characters. No key was made.",
        ) from None
    stem = file_stem(name["en"])
    key_path, card_path = folder / f"{stem}.key", folder / f"{stem}.card"
    for path in (key_path, card_path):
        if path.exists():
            raise Failure(Exit.REFUSED, f"{path} exists already. It was left as it is, and no key was made.")
    locked = keyfile.lock(keys.seed, passphrase, mem=mem if mem is not None else keyfile.MEM)
    write_new(key_path, locked + b"\n")
    try:
        write_new(card_path, card.encode() + b"\n", 0o644)
    except Failure:
        key_path.unlink(missing_ok=True)
        raise
    return key_path, card_path, card


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
    help="Where the key file and the card go.",
)
@click.option(
    "--same-person-as",
    "earlier",
    type=click.Path(path_type=Path),
    metavar="CARD",
    help="Your own earlier card, when this key replaces a lost one: what shut you out of a report still "
    "does.",
)
@click.option(
    "--person", metavar="HEX", help="The same, when the card is gone: your person id, 32 hex digits."
)
@click.option(
    "--duty",
    type=click.Choice(["auditor", "lead", "observer"]),
    default="auditor",
    show_default=True,
    help="What you may do: a lead also assigns and retires, an observer sees numbers only. A lead brings everybody in.",
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
    click.echo(f"鍵ファイル(誰にも渡さない)/ key file, for nobody else: {key_path}")
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
@passphrase_stdin
def sign(card: Path, key: Path, out: Path | None, passphrase_stdin: bool) -> None:
    """同僚のカードに署名します。Sign a colleague's card with your own key.

    Compare the fingerprint with your colleague first, in person or by voice: your signature says that this
    key is theirs. On a terminal you are asked; with --passphrase-stdin you are taken to have done so.
    """
    from crypto import cards

    new_card = read_card(card)
    click.echo(describe(new_card), err=True)
    if not passphrase_stdin:
        click.confirm(
            "この指紋を本人と確かめましたか / Did your colleague confirm this fingerprint?",
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


@auditor.command(epilog="Example:  meyasubako auditor enroll hanako-sato.card")
@click.argument("card", type=click.Path(path_type=Path))
@click.option(
    "--yes", is_flag=True, help="The first card's fingerprint was compared; do not ask (for scripts)."
)
def enroll(card: Path, yes: bool) -> None:
    """カードを登録します(サーバーで)。Enrol a card, on the server.

    From now on every report is sealed to it too. The first card of a site is your word; each later one needs
    the signature of a lead (`auditor sign`), or it is refused with exit code 1.

    The first card's fingerprint is shown, and asked for, before anything is changed: a second person, not from IT,
    compares it with the auditor.
    """
    from store import cards, db, site
    from store.outcome import Outcome
    from store.secrets import load_secrets, pin_first_card

    new_card, secret = read_card(card), settings().server.secret_file
    with database() as engine, db.reading(engine) as conn:
        site.get(conn)
        known = cards.enrolled(conn)
    is_first = (not known and new_card.voucher is None) or (
        bool(known) and known[0].key_id == new_card.key_id
    )
    if is_first and not _is_pinned(secret, new_card):
        if not yes:
            _ask_about_first(new_card)
        # Before the card itself: a card that the secret file does not name is sealed nothing.
        pin_first_card(secret, new_card.key_id)
    with database() as engine, db.writing(engine) as conn:
        known = cards.enrolled(conn)
        if new_card.key_id not in {row.key_id for row in known}:
            _check_voucher(new_card, known, load_secrets(secret).first_card)
        outcome = cards.enroll(conn, new_card.key_id, new_card.person, new_card.encode(), today())
    if outcome is Outcome.REFUSED:
        raise Failure(
            Exit.REFUSED,
            f"This key is enrolled with another card, or there are {cards.MAX_ACTIVE} cards. Nothing was "
            "changed.",
        )
    click.echo(
        "登録しました / Enrolled:" if outcome is Outcome.STORED else "登録済みです / Enrolled already:"
    )
    click.echo(describe(new_card))
    twice = [
        r
        for r in known
        if r.person == new_card.person and r.retired_day is None and r.key_id != new_card.key_id
    ]
    if twice:
        click.echo(
            "The same person has an older key that is still sealed to: retire it with `auditor retire`."
        )


def _is_pinned(secret: Path, card: Card) -> bool:
    """Tell whether the secret file names this card as the first one. Raises SecretFileError."""
    from store.secrets import load_secrets

    return load_secrets(secret).first_card == card.key_id


def _ask_about_first(card: Card) -> None:
    """Ask whether the card that nobody vouches for is the right one. Raises Abort, Failure without a terminal."""
    click.echo(
        "最初のカードです。この人を登録します / The first card. This person would be enrolled:", err=True
    )
    click.echo(describe(card), err=True)
    if not sys.stdin.isatty():
        raise Failure(
            Exit.USAGE,
            "There is no terminal to ask on whether this fingerprint was compared. Nothing was changed; once it was,\n"
            "give --yes.",
            "指紋を確かめたかどうかを尋ねる端末がありません。確かめた後、--yes を付けてください。",
        )
    click.confirm(
        "この指紋を本人と確かめましたか / Was this fingerprint compared with the auditor?",
        abort=True,
        err=True,
    )


def _check_voucher(card: Card, known: list[CardRow], first_card: bytes | None) -> None:
    """Refuse a card that nobody who is enrolled now has signed, except the first one."""
    from crypto import errors
    from crypto.listing import fitting
    from store.cards import documents

    listing = fitting([(document.what, document.raw) for document in documents(known)], first_card)[0]
    try:
        listing.check(card)
    except errors.FirstCardVouched:
        _refuse("The first card of a site is not signed by anybody else, and this one is.")
    except errors.VoucherMissing:
        _refuse(
            "Nobody has signed this card. Somebody who is enrolled runs `meyasubako auditor sign` on it first."
        )
    except (errors.VoucherUnknown, errors.VoucherRetired):
        _refuse("The signer of this card is not enrolled here, or not any more.")
    except errors.VoucherWrong:
        _refuse("The signature on this card does not hold.")
    except errors.DutyWrong:
        _refuse(
            "The signer of this card may not vouch for it. A lead signs for newcomers; others only for an own new "
            "key."
        )
    except errors.NameChanged:
        _refuse(
            "A new key that its own person vouches for carries the same name and role. Another lead may give another "
            "name."
        )
    except errors.NameTaken:
        _refuse(
            "Somebody else on the list has this name and role. For the same person make the key with --same-person-as;"
            "\nelse tell them apart in the role."
        )


@auditor.command("list", epilog="Example:  meyasubako auditor list")
def list_cards() -> None:
    """登録されたカードを一覧します。List every card, the retired ones too."""
    from crypto.cards import parse_card
    from store import cards, db

    with database() as engine, db.reading(engine) as conn:
        known = cards.enrolled(conn)
    if not known:
        click.echo(
            "まだ誰も登録されていません。報告は受け付けられません。\nNobody is enrolled yet; no report "
            "is accepted."
        )
    for row in known:
        retired = f", 終了 / retired {row.retired_day}" if row.retired_day is not None else ""
        click.echo(f"{row.key_id.hex()}  登録 / since {row.enrolled_day}{retired}")
        click.echo(describe(parse_card(row.raw)))


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
    "--out", "out", type=click.Path(path_type=Path), metavar="NOTE", help="Laptop: where the note goes."
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

    Two steps. On a laptop, somebody who is enrolled signs a note (KEYID: 32 hex digits, as `auditor list` and
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
    from crypto import errors
    from crypto.listing import fitting
    from store import cards

    known = {row.key_id: row for row in cards.enrolled(conn)}
    signer = known.get(note.by)
    if note.key_id not in known:
        _refuse("The note names a key that is not enrolled here.")
    # A note that was applied already may be applied again, also by who has left since.
    if signer is None or (signer.retired_day is not None and known[note.key_id].retired_day is None):
        _refuse("Whoever signed this note is not enrolled here, or not any more.")
    if note.day > today():
        _refuse("The note is dated in the future. Check the clock of the laptop and of this server.")
    if known[note.key_id].retired_day is None:
        listing = fitting(
            [(document.what, document.raw) for document in cards.documents(list(known.values()))]
        )[0]
        try:
            listing.check(note)
        except errors.CryptoError as error:
            _refuse(str(error))
    if any(row.retired_day is None and row.key_id != note.key_id for row in known.values()):
        return
    click.echo("報告を読める人がいなくなります。/ Nobody would be left to read reports.", err=True)
    if not yes:
        _refuse(
            "Without anybody the site accepts no report, and nobody is left to sign a new card: it would be\n"
            "closed for good. Enrol somebody else first, or add --yes if that is what you want."
        )


def _refuse(why: str) -> NoReturn:
    raise Failure(Exit.REFUSED, f"{why} Nothing was changed.")
