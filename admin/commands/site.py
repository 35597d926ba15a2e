"""The operator's commands for the site as a whole: init, db upgrade, backup, restore."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import write_new
from admin.commands.support.log_witnesses import NO_WITNESS, ask_witnesses
from admin.commands.support.settings_file import SETTINGS_FILE
from admin.commands.support.site import CONFIG_VARIABLE, config_path, database, missing_file, settings

if TYPE_CHECKING:
    from crypto.note import VerifierKey
    from store.config.settings import Settings

NEUTRAL_PLACE: Final = "https://www.jma.go.jp/"
"""Where the quick exit of a new site leads: the weather, which anybody may look at anywhere."""


def _toml_text(value: str) -> str:
    # JSON's string is a TOML basic string, as long as nothing outside the BMP is written as two escapes.
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextmanager
def _undone_on_failure(made: list[Path]) -> Iterator[None]:
    """Remove the files that this run made when it does not come to its end, so that it can be run again."""
    try:
        yield
    except BaseException:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
        raise


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
    with _undone_on_failure(made):
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
        with _undone_on_failure(made):
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


def progress(table: str, done: int, total: int) -> None:
    """Say on standard error how far a backup or a restore is; in a log, one line for each table."""
    if done == total or sys.stderr.isatty():
        click.echo(f"  {table:<14} {done}/{total}", err=True)


@click.group("db")
def db_group() -> None:
    """データベースの表を管理します。The database's tables."""


@db_group.command("upgrade", epilog="Example:  meyasubako db upgrade")
def db_upgrade() -> None:
    """表をこのバージョンに合わせます。Bring the tables to this version.

    In one transaction: after an error they are as they were. Make a backup with the old version first.
    """
    from store import schema
    from store.config.server_lock import standing_still

    config = settings()
    with standing_still(config):
        schema.upgrade(config.store.url)
    click.echo("The database's tables are those of this version.")


@db_group.command("vacuum", epilog="Example:  meyasubako db vacuum")
def db_vacuum() -> None:
    """消したものをファイルからも除きます。Rewrite the database without what was deleted.

    With the server stopped. SQLite overwrites what it deletes at once, so there it gives room back; on PostgreSQL
    (VACUUM FULL) it is what takes deleted reports out of the data files. Backups and archives of the write-ahead log
    keep them.
    """
    from crypto.attachment import object_length
    from store.config.server_lock import standing_still
    from store.objects import Objects

    config = settings()
    with standing_still(config), database() as engine:
        limits = config.limits
        Objects(engine, object_length(limits.max_file_bytes), limits.max_waiting_bytes).vacuum()
    click.echo("済みました / Done. What was deleted is not in the database's files any more.")


@click.command(epilog="Example:  meyasubako backup /backup/meyasubako-$(date +%F).backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """バックアップを作ります(開ける人は増えません)。Write a backup to a new file.

    Works while the site serves. The file is one SQLite database, whatever the site uses, and holds nothing
    that opens a report. Keep server.secret and the settings file too: they are not in it.
    """
    from store.backup import backup as write

    with database() as engine:
        rows = write(engine, file, progress)
    click.echo(f"Backup written: {file} ({rows} rows).")


def _restore(file: Path, url: str) -> int:
    """Make the tables where there are none and fill them; return the number of rows."""
    from store import db, schema
    from store.backup import restore as read
    from store.objects import SUFFIX

    made: list[Path] = []
    missing = missing_file(url)
    if missing is not None:
        made = [missing.with_name(missing.name + end) for end in ("", "-wal", "-shm", "-writer", SUFFIX)]
        made = [path for path in made if not path.exists()]
    with _undone_on_failure(made):
        if missing is not None:
            schema.upgrade(url)
        engine = db.make_engine(url)
        try:
            if schema.schema_state(engine) is schema.SchemaState.EMPTY:
                schema.upgrade(url)
            return read(file, engine, progress)
        finally:
            engine.dispose()


def _tell_of_loss(url: str) -> None:
    """Let a leaf wait that says from which day acts may be lost: the first one without a batch in the backup."""
    from datetime import timedelta

    from crypto.plainleaf import restored_leaf
    from crypto.tlog import leaf_hash
    from store import db, log_documents
    from store import log as store_log

    engine = db.make_engine(url)
    try:
        with db.writing(engine) as conn:
            head = store_log.head(conn)
            if head is not None and head.day is not None:
                leaf = restored_leaf(head.day + timedelta(days=1))
                log_documents.wait_again(conn, leaf_hash(leaf), "restored", leaf)
    finally:
        engine.dispose()


@click.command(epilog="Example:  meyasubako restore /backup/meyasubako-2026-04-01.backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--moved",
    is_flag=True,
    help="The server was stopped during the backup and has accepted nothing since: pages mention no loss.",
)
def restore(file: Path, moved: bool) -> None:
    """バックアップを空のデータベースに戻します。Restore a backup into an empty database.

    All of it or nothing. Put the settings file and server.secret back first; the database must not hold
    anything yet (do not run `init`). Old receipt codes work again afterwards. What came after the backup is lost: the
    log and every page about it say so for 90 days. When the log is behind: `meyasubako log catch-up`.
    """
    from store.backup import check_backup
    from store.config.server_lock import standing_still

    if not file.is_file():
        raise Failure(Exit.REFUSED, f"{file} is not a file. Nothing was changed.")
    config = settings()
    check_backup(file)
    with standing_still(config):
        rows = _restore(file, config.store.url)
        if not moved:
            _tell_of_loss(config.store.url)
    click.echo(f"Restored from {file} ({rows} rows). Please run `meyasubako doctor` now.")
