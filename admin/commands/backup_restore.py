"""The operator's commands `backup` and `restore`: one backup into a file, and a file back into an empty database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import undone_on_failure
from admin.commands.support.site import database, missing_file, settings


def progress(table: str, done: int, total: int) -> None:
    """Say on standard error how far a backup or a restore is; in a log, one line for each table."""
    if done == total or sys.stderr.isatty():
        click.echo(f"  {table:<14} {done}/{total}", err=True)


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
    with undone_on_failure(made):
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
