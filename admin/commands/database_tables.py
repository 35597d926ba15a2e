"""The operator's commands `db upgrade` and `db vacuum`: the database's tables."""

from __future__ import annotations

import click

from admin.commands.support.site import database, settings


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
