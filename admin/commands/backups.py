"""`meyasubako backups`: the daily backup, its check, and the end of old ones; for the timers in deploy/systemd."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import database, settings, today

if TYPE_CHECKING:
    from store.kept_backups import BackupContents

LONGEST_DAYS: Final = 3650
_FOLDER: Final = click.Path(path_type=Path)
_KEEP_DAYS: Final = click.option(
    "--keep-days",
    type=click.IntRange(1, LONGEST_DAYS),
    required=True,
    help="Delete older backups. Backups keep a deleted report for so long.",
)


@click.group()
def backups() -> None:
    """毎日のバックアップと、その確認・削除。The daily backup, its check, and the end of old ones."""


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise Failure(
            Exit.CONFIG,
            f"MEYASUBAKO_BACKUPS: {path} is not a folder that {_user()} can use. Nothing was written or deleted.\n"
            "/etc/default/meyasubako names it; docs/operations.md, section 8.",
            "バックアップの置き場所を使えません。何も書いていません。",
        )
    return path


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _checked(file: Path) -> BackupContents:
    """Read a backup through and compare it with this site's key. Raises Failure, BackupError, SecretFileError."""
    from crypto.messages import public_key
    from store.config.secrets import load_secrets
    from store.kept_backups import check_contents

    contents = check_contents(file)
    if contents.sign_pk != public_key(load_secrets(settings().server.secret_file).sign_seed):
        raise Failure(
            Exit.REFUSED,
            f"{file} is a whole backup, but of another site than server.secret_file is.",
            "別のサイトのバックアップです。",
        )
    return contents


@backups.command(epilog="Example:  meyasubako backups daily /var/backups/meyasubako --keep-days 35")
@click.argument("folder", type=_FOLDER)
@_KEEP_DAYS
def daily(folder: Path, keep_days: int) -> None:
    """今日のバックアップを作り、確認し、古いものを消します。Make today's backup, check it, delete old ones.

    Nothing is deleted before today's was read through. A second run on the same day checks what is there.
    """
    from store.backup import backup
    from store.kept_backups import daily_name, prune

    day = today()
    file = _folder(folder) / daily_name(day)
    if not file.exists():
        with database() as engine:
            backup(engine, file)
    contents = _checked(file)
    gone = prune(folder, keep_days, day)
    click.echo(
        f"{file}: whole, {contents.files} files. Older than {keep_days} days and deleted: {len(gone)}."
    )


@backups.command(
    epilog="Example:  meyasubako backups verify /var/backups/meyasubako/meyasubako-2026-04-01.backup"
)
@click.argument("file", type=_FOLDER)
def verify(file: Path) -> None:
    """バックアップを最後まで読んで確かめます。Read a backup through: whole, of this version or older, of this site."""
    contents = _checked(file)
    click.echo(f"{file}: whole; {contents.cards} cards, {contents.files} files.")


@backups.command(
    "prune-archive",
    epilog="Example:  meyasubako backups prune-archive /var/lib/postgresql/archive --keep-days 35",
)
@click.argument("folder", type=_FOLDER)
@_KEEP_DAYS
def prune_archive(folder: Path, keep_days: int) -> None:
    """PostgreSQL の古い WAL を消します。Delete PostgreSQL's write-ahead archives that are older than backups are kept.

    For the user postgres; it needs no settings file.
    """
    from store.kept_backups import prune_archive as prune

    if not folder.is_dir():
        raise Failure(
            Exit.CONFIG,
            f"MEYASUBAKO_WAL_ARCHIVE: {folder} is not a folder that {_user()} can read. Nothing was deleted.",
            "WAL の保存先を読めません。何も消していません。",
        )
    click.echo(
        f"{folder}: older than {keep_days} days and deleted: {len(prune(folder, keep_days, time.time()))}."
    )
