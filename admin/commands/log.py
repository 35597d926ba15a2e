"""`meyasubako log`: state of the transparency log, and batches made by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from admin.commands.support.exit_codes import HELP, Exit, Failure, PlainGroup
from admin.commands.support.site import database, settings

if TYPE_CHECKING:
    from admin.logbook import LogRun

_MORE: dict[str, tuple[str, str]] = {
    "busy": ("Another server is making the batch.", "ほかのサーバーが作成しています。"),
    "clock": (
        "This machine's clock is behind the newest batch, so nothing was signed. Put the clock right.",
        "このサーバーの時計が遅れているため、署名していません。時計を直してください。",
    ),
    "many": (
        "More than 7 days are missing. Is the clock right, and did the server stand still so long? Then: "
        "meyasubako log batch --yes",
        "7日より多くの日の記録がありません。時計が正しければ meyasubako log batch --yes を実行してください。",
    ),
    "ahead": (
        "The file log-head beside the secret file knows a larger log than the database: an older copy of the database "
        "was put back. Nothing was signed, or every witness would refuse this log for ever. Put back the newest copy.",
        "データベースが古いものに戻されています。署名していません。いちばん新しいものを戻してください。",
    ),
    "other": (
        "Somebody has a checkpoint that this site's key signed and that this database does not hold: an older copy of "
        "the whole machine was put back. Nothing was signed. meyasubako log catch-up MIRROR takes the missing leaves.",
        "サーバー全体が古いものに戻されています。署名していません。meyasubako log catch-up を使ってください。",
    ),
    "key": (
        "The secret file does not have the key that the log is signed with now, or the one of a change that waits. "
        "Nothing was signed. Put the newest copy of the file back (`meyasubako log key status`).",
        "秘密ファイルに、今の記録簿の鍵がありません。署名していません。新しいものを戻してください。",
    ),
    "forked": (
        "The database's log is not the one that was signed. Nothing was signed. Put this site's own database back.",
        "データベースの記録簿が、署名したものと違います。署名していません。",
    ),
    "damaged": (
        "The leaves in the database do not give the root that is stored: a disk error, or somebody wrote there. "
        "Nothing was signed. Put back the newest backup.",
        "データベースの記録簿が壊れているか、書き換えられています。署名していません。",
    ),
}


@click.group(cls=PlainGroup, context_settings=HELP)
def log() -> None:
    """記録簿の状態を調べます。The transparency log. The server keeps it by itself.

    Nothing here is needed day by day.
    """


@log.command(epilog="Example:  meyasubako log status")
def status() -> None:
    """記録簿の状態を表示します。Show the newest batch, the checkpoint and what is late. Nothing is changed."""
    from admin.log_condition import LogCondition
    from admin.logbook import LogKeeper
    from crypto import logbatch
    from store import log as store_log
    from store.config.log_head import head_path, read_head_file
    from store.db import reading

    with database() as engine:
        with reading(engine) as conn:
            head = store_log.head(conn)
            batches, waiting = store_log.batches(conn), store_log.waiting(conn)
        keeper = LogKeeper(engine, settings().server.secret_file)
        state = LogCondition.CURRENT if head is None else keeper.may_go_on(head)
    if head is None:
        click.echo("記録簿はまだありません / The log was not begun; the server begins it when it starts.")
        return
    known = read_head_file(head_path(settings().server.secret_file))
    newest = batches[-1][0].isoformat() if batches else "-"
    click.echo(
        f"leaves           {head.size} (checkpoint: {head.published}; log-head: {known[0] if known else '-'})"
    )
    click.echo(f"newest batch     {newest}")
    click.echo(f"hidden a day     {head.hidden}, or a multiple")
    click.echo(f"acts that wait   {waiting}")
    if head.day is not None:
        late = logbatch.missing_days(head.day, int(time.time()))
        click.echo(f"days missing     {len(late)}")
    if state.value in _MORE:
        raise Failure(Exit.REFUSED, *_MORE[state.value])


@log.command(epilog="Example:  meyasubako log batch --yes")
@click.option("--yes", is_flag=True, help="Make the batches of more than 7 missing days, too.")
def batch(yes: bool) -> None:
    """遅れている日の記録を作ります。Make the batches that are due, as the server does at 03:00 of Japan.

    Needed only after the server stood still for more than a week.
    """
    from admin.log_condition import LogCondition
    from admin.logbook import MOST_DAYS, LogKeeper

    with database() as engine:
        keeper = LogKeeper(engine, settings().server.secret_file)
        run: LogRun = keeper.run(int(time.time()), 100_000 if yes else MOST_DAYS)
    for day in run.made:
        click.echo(f"{day.isoformat()}: 作成しました / made")
    if run.state is not LogCondition.CURRENT:
        raise Failure(Exit.REFUSED, *_MORE[run.state.value])
    if not run.made:
        click.echo("作成するものはありません / Nothing is due.")
