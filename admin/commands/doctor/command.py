"""`meyasubako doctor`: one line for each check."""

from __future__ import annotations

import click

from admin.commands.doctor.findings import Findings, guarded
from admin.commands.doctor.program import cleaner, cryptography, facts, parts, program, texts
from admin.commands.doctor.server import server
from admin.commands.support.exit_codes import Exit


def findings() -> Findings:
    """Look at everything that can be looked at here."""
    for what, check in (
        ("program", program),
        ("cryptography", cryptography),
        ("translations", texts),
        ("facts", facts),
        ("parts", parts),
        ("file cleaner", cleaner),
        ("settings", server),
    ):
        yield from guarded(what, check)


@click.command(epilog="Example:  meyasubako doctor && echo ready")
@click.option(
    "--start",
    is_flag=True,
    help="For a service, before it starts: fail only for faults that would lose reports or mix them up.",
)
def doctor(start: bool) -> None:
    """設定と状態を調べます。Check what is installed and configured here.

    One line per check: ok, note (for your information), warn (works, but read it) or FAIL (what to do is
    beside it). Exit code 1 when anything fails. Nothing is changed. On a laptop it checks what the desk
    needs.

    With --start a full disk or a site without auditors is told and lets the service start: it answers, says that it
    takes no reports, and takes them again by itself. `serve` ends by itself while the database is out of reach.
    """
    failed = 0
    for finding in findings():
        counts = finding.keeps_from_starting or not start
        level = finding.level if counts or finding.level != "FAIL" else "warn"
        click.echo(f"{level:<5} {finding.what:<13} {finding.text}")
        failed += level == "FAIL"
    if failed:
        click.echo(f"\n{failed} 件の問題があります / {failed} to be put right.", err=True)
        raise click.exceptions.Exit(Exit.REFUSED)
    if start:
        click.echo("\n起動を止める問題はありません / Nothing that keeps it from starting.", err=True)
    else:
        click.echo("\n問題はありません / No fault found.", err=True)
