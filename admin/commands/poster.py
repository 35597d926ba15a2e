"""`meyasubako poster`: the sheet for the notice board."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import HELP, Exit, Failure
from admin.commands.support.files import write_new
from admin.commands.support.site import config_path, database, roster, settings, today

if TYPE_CHECKING:
    from admin.poster import Poster
    from crypto.cards import Card
    from store.config.settings import Settings

ADVICE: Final = "caa_consult_dial"
"""The line that every page of the site names (cases/data/contacts.toml)."""


@click.command(
    context_settings=HELP,
    epilog="Example:  meyasubako poster --out poster.pdf --address https://speakup.example.jp",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A new PDF file.")
@click.option("--address", metavar="URL", help="The site's address, instead of site.address of the settings.")
def poster(out: Path, address: str | None) -> None:
    """掲示用のポスター(PDF)を作ります。Make a poster (PDF, A4) for the notice board, on the server.

    It has the address, its QR code, the fingerprints of the readers' keys, and the line of the Consumer Affairs
    Agency. Each auditor compares the own fingerprint with the own card before it is hung up.
    """
    from admin.log_signing import chain_in
    from admin.poster import poster_pdf
    from crypto.log_mirror import log_fingerprint
    from store import db
    from store.config.secrets import load_secrets

    here = settings()
    where = _address(here, address)
    with database() as engine, db.reading(engine) as conn:
        readers = list(roster(conn).readers)
        log = chain_in(conn, load_secrets(here.server.secret_file)).keys.newest
    if not readers:
        raise Failure(
            Exit.REFUSED,
            "Nobody is enrolled, so a poster could name no reader. Nothing was written: meyasubako auditor enroll CARD",
            "まだだれも登録されていないため、ポスターを作れません。",
        )
    made = replace(_poster(here, where, readers, today()), log_print=log_fingerprint(log))
    write_new(out, poster_pdf(made), 0o644)
    click.echo(f"書きました / Written: {out}")
    click.echo("掲示する前に、担当者ごとに、カードの確認用の文字列と同じかを確かめてください。", err=True)
    click.echo("Before it is hung up, each auditor compares the fingerprint with the own card.", err=True)


def _address(here: Settings, given: str | None) -> str:
    """Return the address to print. Raises Failure, SettingsError."""
    from store.config.addresses import site_address_of
    from store.config.settings_file import SettingsSection

    if given is not None:
        address = site_address_of(SettingsSection("site", {"address": given}, config_path().parent))
    else:
        address = here.site.address
    if address is None:
        raise Failure(
            Exit.CONFIG,
            "The settings don't say where the site is reached. Write site.address, or give --address.",
            "サイトのアドレスがありません。設定 site.address を書くか、--address を付けてください。",
        )
    return address


def _poster(here: Settings, address: str, readers: list[Card], day: date) -> Poster:
    from admin.poster import Poster, PosterReader
    from cases.contacts import contact
    from crypto.cards import fingerprint

    operator = here.operator
    return Poster(
        name_ja=here.site.name_ja,
        name_en=here.site.name_en,
        address=address,
        readers=[
            PosterReader(
                f"{card.role['ja']}　{card.name['ja']}",
                f"{card.role['en']}, {card.name['en']}",
                fingerprint(card.key_id),
            )
            for card in readers
        ],
        advice=contact(ADVICE),
        day=day,
        onion=here.site.onion,
        operator_ja=operator.name_ja if operator else None,
        operator_en=operator.name_en if operator else None,
    )
