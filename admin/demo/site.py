"""The demo's folder: settings, keys, cards and database; made whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.demo.child import HOST
from admin.demo.samples import AUDITORS, OPERATOR, WORDS

if TYPE_CHECKING:
    from crypto.identity import Identity

_KEY_MEMORY: Final = 64 * 1024 * 1024
"""Bytes; less than real keys take (the passphrase is stored with them anyhow), so that the demo starts at once."""


def lay_out(folder: Path) -> None:
    """Make the demo's folder, whole or not at all: an interrupted first start leaves nothing half made."""
    if folder.exists() and any(folder.iterdir()):
        raise Failure(
            Exit.REFUSED,
            f"{folder} is there and holds something else than a demo site. It was left as it is.",
        )
    click.echo("試用サイトを準備しています… / Making the demo site…")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    making.mkdir(mode=0o700)
    try:
        _fill(making)
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _fill(folder: Path) -> None:
    from admin.commands.auditor import make_card
    from admin.commands.new_site import create_site
    from admin.commands.support.files import write_new
    from admin.commands.support.site import today
    from crypto import cards as crypto_cards
    from crypto import identity, keyfile
    from store import cards, db
    from store.config.secrets import pin_first_card

    settings = create_site(
        folder / "meyasubako.toml",
        "目安箱(試用)",
        "Meyasubako (demo)",
        "sqlite:///meyasubako.db",
        f"{HOST}:8000",
        designated=True,
    )
    with settings.path.open("a", encoding="utf-8") as file:
        file.write(OPERATOR)
    passphrase = "-".join(secrets.choice(WORDS) for _ in range(6))
    write_new(folder / "passphrase.txt", passphrase.encode() + b"\n")
    (folder / "cards").mkdir(mode=0o700)
    made = [make_card(name, role, passphrase, folder, mem=_KEY_MEMORY) for name, role in AUDITORS]
    first = identity.from_seed(keyfile.unlock(made[0][0].read_bytes(), passphrase))
    pin_first_card(settings.server.secret_file, first.key_id)
    engine = db.make_engine(settings.store.url)
    try:
        with db.writing(engine) as conn:
            for number, (_key, path, card) in enumerate(made):
                signed = crypto_cards.vouch(card, first.key_id, first.sign_seed) if number else card
                cards.enroll(conn, signed.key_id, signed.person, signed.encode(), today())
                write_new(folder / "cards" / path.name, signed.encode() + b"\n", 0o644)
                path.unlink()
    finally:
        engine.dispose()


def first_auditor(folder: Path) -> tuple[bytes, Identity]:
    """Return the key file, which unlocks the desk again once it was locked, and what it opens to."""
    from admin.desk.local.new_key import file_stem
    from crypto import identity, keyfile
    from crypto.errors import CryptoError

    path = folder / f"{file_stem(AUDITORS[0][0]['en'])}.key"
    try:
        passphrase = (folder / "passphrase.txt").read_text(encoding="utf-8").strip()
        key_file = path.read_bytes()
        return key_file, identity.from_seed(keyfile.unlock(key_file, passphrase))
    except (OSError, CryptoError):
        raise Failure(
            Exit.KEY,
            f"{path} does not open with passphrase.txt beside it. The demo's data was left as it is.\n"
            "For a new demo, choose another folder (VAR= or --dir).",
        ) from None


def is_empty(folder: Path) -> bool:
    """Tell whether the demo site has taken no report yet."""
    from store import db, feed
    from store.config.settings import load_settings

    engine = db.make_engine(load_settings(folder / "meyasubako.toml").store.url)
    try:
        with db.reading(engine) as conn:
            return feed.last(conn) == 0
    finally:
        engine.dispose()
