"""`meyasubako log catch-up`: the missing leaves of a log, out of a copy that a witness or a desk kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from admin.commands.log_policy import log
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import database, settings

__all__ = ["catch_up", "log"]

if TYPE_CHECKING:
    from admin.catch_up import CaughtUp

_WHY: dict[str, tuple[str, str]] = {
    "busy": ("Another server is making a batch. Please try again.", "ほかのサーバーが作成しています。"),
    "no_log": ("This database has no log. Restore a backup first.", "このデータベースに記録簿がありません。"),
    "strange": (
        "This is no copy of this site's log: its checkpoint is not signed by this log's key, or its leaves do not give "
        "the root. Nothing was changed.",
        "この記録簿の写しではないか、壊れています。何も変更していません。",
    ),
    "short": (
        "This machine has signed more than the copy holds. Nothing was changed. Ask for the newest copy of another "
        "witness or desk; where there is none, only a new log leads on (docs/operations.md).",
        "写しが短すぎます。何も変更していません。",
    ),
    "cosigned": (
        "Witnesses have cosigned this database's log and the copy's, which are two histories. Nothing was changed: no "
        "program can decide that. Tell the witnesses, and begin a new log (docs/operations.md).",
        "二つの記録簿のどちらにも立会人の署名があります。何も変更していません。",
    ),
}


@log.command("catch-up", epilog="Example:  meyasubako log catch-up /mnt/union/meyasubako-witness")
@click.argument("source", metavar="MIRROR")
@click.option("--yes", is_flag=True, help="Do not ask.")
def catch_up(source: str, yes: bool) -> None:
    """古いデータベースを戻したあと、記録簿を立会人の写しに追いつかせます。Take missing leaves from a witness or desk.

    MIRROR: a witness's folder, a copy that a desk saved, or an address with the log's files. The leaves are sealed and
    their root is signed, so it does not matter who hands them in. Leaves that this server published in the meantime and
    that no witness cosigned are dropped and put into the next batch. Every page says for 90 days from which day reports
    may be lost, and to send again.
    """
    from admin.catch_up import CatchUpRefused
    from admin.catch_up import catch_up as take_over
    from admin.log_condition import LogCondition
    from admin.logbook import LogKeeper
    from admin.verify.copies import NoCopy, read_copy

    try:
        copy = read_copy(source)
    except NoCopy as error:
        text = f"There is no copy of a log at this place ({error}). Nothing was changed."
        raise Failure(Exit.REFUSED, text, "記録簿の写しを読めません。何も変更していません。") from None
    config = settings()
    if not yes:
        asked = f"写し / the copy: {len(copy.leaves)} leaves. 追いつかせますか / Take it over"
        click.confirm(asked, abort=True, err=True)
    with database() as engine:
        try:
            done = take_over(engine, config.server.secret_file, copy)
        except CatchUpRefused as refused:
            raise Failure(Exit.REFUSED, *_WHY[refused.fault.value]) from None
        _say(done)
        state = LogKeeper(engine, config.server.secret_file).run(int(time.time())).state
    if state is not LogCondition.CURRENT:
        click.echo(f"`meyasubako log status`: {state.value}", err=True)


def _say(done: CaughtUp) -> None:
    if not done.added:
        click.echo("足りないものはありません / Nothing was missing.")
        return
    click.echo(f"追加 / added            {done.added} leaves")
    click.echo(f"取り消し / dropped       {done.dropped} leaves, not cosigned by a witness")
    click.echo(f"次の記録に / put off     {done.again} leaves into the next batch")
    if done.lost:
        click.echo(f"入りません / given up     {done.lost} leaves, made for another list of readers")
    if done.since is not None:
        click.echo(
            f"画面に90日間出ます / said for 90 days: acts from {done.since.isoformat()} on may be lost"
        )
    for key_id in done.cards:
        click.echo(f"登録し直してください / enrol this card again: {key_id.hex()}")
