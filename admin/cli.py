"""The command `meyasubako`: of the operator on the server, and of the auditors on their laptops.

This, `admin.serving` and wsgi.py alone bring the reporter's site and the auditors' side together.
"""

from __future__ import annotations

import sys
from importlib import metadata
from typing import IO, Any

import click

from admin import serving
from admin.commands import (
    auditor,
    backup_restore,
    backups,
    clean,
    database_tables,
    desk,
    digest,
    doctor,
    envelope,
    facts,
    health,
    keyfiles,
    log_continues,
    new_site,
    pack,
    poster,
    verify,
    witness,
)
from admin.commands.support.exit_codes import HELP, PlainGroup


def _version() -> str:
    try:
        return metadata.version("meyasubako")
    except metadata.PackageNotFoundError:
        return "(not installed)"


@click.group(
    cls=PlainGroup,
    context_settings=HELP,
    epilog="\b\nExit codes: 0 done; 1 refused, or something was found; 2 wrong use; 3 configuration;\n"
    "4 database; 5 key file or passphrase. `meyasubako COMMAND --help` says more.",
)
@click.version_option(_version(), prog_name="meyasubako")
def main() -> None:
    """目安箱: 匿名の通報窓口。An anonymous intake portal whose server cannot read what it keeps.

    \b
    サーバーで / on the server:    init, serve, auditor enroll|list|retire, backup, backups, restore, doctor,
                                   digest, health, log, poster
    担当者の PC で / on a laptop:  auditor new|sign|passphrase|restore-key, desk, open, doctor
    案内の確認 / the guide:        facts check|route
    社外の立会人 / a witness:      witness key|init|run|show
    どの PC でも / anywhere:       clean, verify, pack key|open|check
    試す / to try it:             demo

    Commands for the server read the settings file that MEYASUBAKO_CONFIG names.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console that lacks a letter shows a question mark; it does not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@main.command(epilog="Example:  meyasubako demo --port 8000 --desk-port 8001")
@click.option(
    "--dir", "folder", default="var/demo", show_default=True, metavar="DIR", help="The demo site's folder."
)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The site's port."
)
@click.option(
    "--desk-port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="The desk's port."
)
@click.option("--days", is_flag=True, help="Give the demo a date of its own; Enter goes on to the next day.")
def demo(folder: str, port: int, desk_port: int, days: bool) -> None:
    """試用のサイトとデスクを動かします。Run a demo site with sample reports, and an auditor's desk.

    For trying it out only: the demo's passphrase is beside its keys. Ctrl-C ends both; the next start keeps
    the data. With --days, docs/how-to/bury-a-report.md says what to try.
    """
    from pathlib import Path

    from admin.demo import run

    run(Path(folder), port, desk_port, days)


def _clean_file(opened: IO[bytes]) -> Any:
    from portal import cleaning

    return cleaning.clean(opened.read(cleaning.LIMIT_BYTES + 1))


main.add_command(new_site.init)
main.add_command(serving.serve)
main.add_command(auditor.auditor)
for command in (keyfiles.restore_key, keyfiles.passphrase):
    auditor.auditor.add_command(command)
main.add_command(desk.desk)
main.add_command(envelope.envelope)
main.add_command(envelope.open_envelope)
main.add_command(database_tables.db_group)
main.add_command(backup_restore.backup)
main.add_command(backup_restore.restore)
main.add_command(backups.backups)
main.add_command(doctor.doctor)
main.add_command(facts.facts)
main.add_command(digest.digest)
main.add_command(health.health)
main.add_command(log_continues.log)
main.add_command(poster.poster)
main.add_command(witness.witness)
main.add_command(verify.verify)
main.add_command(pack.pack)
main.add_command(clean.command(_clean_file))


if __name__ == "__main__":
    main()
