"""`meyasubako digest`: the daily reminder by mail."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click

from admin.commands.support.exit_codes import HELP, Exit, Failure
from admin.commands.support.site import settings
from cases.days import JST


@click.command(context_settings=HELP)
@click.option("--daily", is_flag=True, help="Keep running and send it each day at mail.hour (Japan).")
@click.option(
    "--due", is_flag=True, help="For an hourly timer: send it in the hour of mail.hour (Japan) only."
)
def digest(daily: bool, due: bool) -> None:
    """毎日の確認メールを送ります。Send the auditors the daily reminder.

    It is the same every day and knows nothing of the reports: its arrival says nothing.
    """
    from admin.digest import MailFailed, run_daily, send

    mail = settings().mail
    if mail is None:
        raise Failure(
            Exit.CONFIG,
            "The settings have no [mail] section, so there is nobody to send to (docs/operations.md, section 7).",
            "設定に [mail] がないため、送り先がありません。",
        )
    if due and _now().hour != mail.hour:
        return
    if daily:
        run_daily(mail, _now, _wait_until, lambda text: click.echo(text, err=True))
    try:
        send(mail, _now())
    except MailFailed as failed:
        raise Failure(Exit.REFUSED, str(failed), failed.ja) from None
    click.echo("送りました。 / Sent.")


def _now() -> datetime:
    return datetime.now(UTC).astimezone(JST)


def _wait_until(then: datetime) -> None:
    # In steps: a laptop's or a virtual machine's clock jumps when it wakes.
    while (left := (then - _now()).total_seconds()) > 0:
        time.sleep(min(left, 60.0))
