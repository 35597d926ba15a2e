"""The operator's command `init`: a new site with its settings, its secret, its database and its log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import undone_on_failure, write_new
from admin.commands.support.log_witnesses import NO_WITNESS, ask_witnesses
from admin.commands.support.settings_file import SETTINGS_FILE
from admin.commands.support.site import CONFIG_VARIABLE, config_path

if TYPE_CHECKING:
    from crypto.note import VerifierKey
    from store.config.settings import Settings

NEUTRAL_PLACE: Final = "https://www.jma.go.jp/"
"""Where the quick exit of a new site leads: the weather, which anybody may look at anywhere."""


def _toml_text(value: str) -> str:
    # JSON's string is a TOML basic string, as long as nothing outside the BMP is written as two escapes.
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lay_out(config: Settings, made: list[Path], hidden: int, witnesses: Sequence[VerifierKey]) -> None:
    """Make the secret, the tables, the site's row and its log; `made` gets the files."""
    from admin.logbook import begin_log
    from crypto.messages import public_key
    from store import db, schema, site
    from store.config.secrets import create_secrets
    from store.outcome import Outcome

    secret = config.server.secret_file
    secrets = create_secrets(secret)
    made.append(secret)
    schema.upgrade(config.store.url)
    engine = db.make_engine(config.store.url)
    try:
        with db.writing(engine) as conn:
            outcome = site.create(conn, os.urandom(16), public_key(secrets.sign_seed))
            if outcome is Outcome.STORED:
                begin_log(conn, secret, hidden, witnesses)
    finally:
        engine.dispose()
    if outcome is not Outcome.STORED:
        raise Failure(
            Exit.REFUSED,
            "The database holds a site already, and it was left as it is. A new site needs an empty "
            "database;\n"
            "for an existing one, put its own server.secret back instead of running init.",
        )


def create_site(
    path: Path,
    name_ja: str,
    name_en: str,
    url: str,
    bind: str,
    designated: bool,
    hidden: int = 16,
    witnesses: Sequence[VerifierKey] = (),
) -> Settings:
    """Make a new site beside a new settings file. Raises Failure, SettingsError, SecretFileError,
    StoreFailed."""
    from store.config.settings import load_settings

    text = SETTINGS_FILE.format(
        name_ja=_toml_text(name_ja),
        name_en=_toml_text(name_en),
        url=_toml_text(url),
        bind=_toml_text(bind),
        designated="true" if designated else "false",
        exit_url=_toml_text(NEUTRAL_PLACE),
    )
    made: list[Path] = []
    with undone_on_failure(made):
        write_new(path, text.encode())
        made.append(path)
        config = load_settings(path)
        _lay_out(config, made, hidden, witnesses)
    return config


@click.command(
    epilog=f"Example:  {CONFIG_VARIABLE}=/var/lib/meyasubako/meyasubako.toml meyasubako init"
    ' --name-ja "○○株式会社 目安箱" --name-en "Example Inc. Meyasubako" --designated'
)
@click.option("--name-ja", "--name", "name_ja", help="The site's name in Japanese.")
@click.option("--name-en", "name_en", help="The site's name in English.")
@click.option(
    "--designated/--not-designated",
    "designated",
    default=None,
    help="Whether the company has designated this line beforehand for reports inside (Whistleblower Protection "
    "Act, Art. 2(1)). It has to be answered: reporters are told what protects them by it.",
)
@click.option(
    "--url",
    "--database",
    "url",
    default="sqlite:///meyasubako.db",
    show_default=True,
    help="The database's URL. For one with a password in it, write the settings file yourself and use "
    "--keep-settings.",
)
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="The server's address.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The settings file to write [default: the one that {CONFIG_VARIABLE} names].",
)
@click.option(
    "--log-leaves",
    type=click.Choice(["16", "64"]),
    default="16",
    show_default=True,
    help="Number of leaves that the log gets on each day; 64 for a company with several reports or "
    "messages a day. It can't be changed later.",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="VKEY",
    help="A witness outside the company that looks after the log (union, outside counsel, works council): the line "
    "that `meyasubako witness key` printed there. Several are possible; any one of them is enough.",
)
@click.option(
    "--keep-settings",
    is_flag=True,
    help="Use the existing settings file; make only the secret file and the database.",
)
def init(
    name_ja: str | None,
    name_en: str | None,
    designated: bool | None,
    url: str,
    bind: str,
    config: Path | None,
    log_leaves: str,
    witnesses: tuple[str, ...],
    keep_settings: bool,
) -> None:
    """新しいサイトを用意します。Make a new site.

    Writes the settings file that MEYASUBAKO_CONFIG names, the secret file beside it and the database. Nothing
    that exists is ever overwritten: then it stops with exit code 1 and leaves everything as it was.
    """
    from store.config.settings import load_settings

    path = config or config_path()
    outside = ask_witnesses(witnesses)
    if keep_settings:
        made: list[Path] = []
        with undone_on_failure(made):
            created = load_settings(path)
            _lay_out(created, made, int(log_leaves), outside)
    elif not name_ja or not name_en:
        raise click.UsageError("A new site needs --name-ja and --name-en.")
    elif designated is None:
        raise click.UsageError(
            "A new site needs --designated or --not-designated: has the company designated this line beforehand for "
            "reports inside (Whistleblower Protection Act, Art. 2(1))?"
        )
    else:
        created = create_site(path, name_ja, name_en, url, bind, designated, int(log_leaves), outside)
    click.echo(f"サイトを用意しました / The site is ready: {path}")
    click.echo(f"  secret file: {created.server.secret_file} (back it up too, apart from the database)")
    if not outside:
        click.echo(NO_WITNESS)
    click.echo(_NEXT)


_NEXT: Final = """\
次に: 担当者がそれぞれの PC で `meyasubako auditor new` を実行し、カードを渡します。サーバーでは
  `meyasubako auditor enroll カード`、`meyasubako doctor`、`meyasubako serve` の順に実行します。
Next: each auditor runs `meyasubako auditor new` on their own laptop and hands you the card. On the server
  `meyasubako auditor enroll CARD`, then `meyasubako doctor` and `meyasubako serve`.
パッケージで入れたサーバーでは / On a server with the package: `meyasubako-site` in place of `meyasubako`,
  `systemctl start meyasubako.socket meyasubako.service` in place of `serve` (docs/operations.md)."""
