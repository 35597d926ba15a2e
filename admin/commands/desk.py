"""The auditor's desk."""

from __future__ import annotations

import signal
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.passphrases import read_key_file

if TYPE_CHECKING:
    from admin.desk.local.start_settings import StartSettings
    from admin.desk.web.app import DeskOptions


class Announcer:
    """Prints each one-time link; opens the first one in the browser if wished."""

    def __init__(self, browser: bool) -> None:
        self._browser = browser

    def __call__(self, url: str) -> None:
        """Announce one link."""
        click.echo(f"デスクを開く(一度だけ、2分以内)/ Open the desk (once, within two minutes): {url}")
        if self._browser:
            self._browser = False
            webbrowser.open(url)


@click.command(
    epilog="\b\nExamples:  meyasubako desk\n"
    "           meyasubako desk --server https://meyasubako.example.jp --key hanako-sato.key"
)
@click.option("--server", metavar="URL", help="The site's address, https://... (or http:// for .onion).")
@click.option(
    "--key",
    "key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your key file (it ends in .key). Without --server and --key: those of the first run, in ~/meyasubako.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="The port on this computer [default: the last one, or 8001].",
)
@click.option(
    "--cache",
    "cache",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the sealed local copy [default: your system's folder for application data].",
)
@click.option(
    "--lock-after",
    default=15,
    show_default=True,
    type=click.IntRange(1, 120),
    metavar="MINUTES",
    help="Minutes without use until the desk locks itself.",
)
@click.option("--no-browser", is_flag=True, help="Print the link only; do not open a browser.")
@click.pass_obj
def desk(
    origin: Mapping[str, str] | None,
    server: str | None,
    key: Path | None,
    port: int | None,
    cache: Path | None,
    lock_after: int,
    no_browser: bool,
) -> None:
    """デスク(担当者の画面)を開きます。Start the desk, for this computer only.

    The first start leads to a page that makes a key, or brings one back; later ones use that key. A desk that runs
    already is opened in the browser once more.

    Prints a link that works once, for two minutes; the passphrase is typed into the page it leads to. Ctrl-C
    ends it. Reports stay sealed on this disk; only the running desk holds the key.
    """
    from dataclasses import replace

    from admin.desk.local.start_settings import PORT
    from admin.desk.web.app import DeskOptions
    from admin.desk.web.run import run_desk

    if (server is None) != (key is None):
        raise click.UsageError("Give --server and --key together, or neither.")
    known = None if server is not None else _settings()
    announce = Announcer(not no_browser)
    options = DeskOptions(
        cache_dir=cache,
        port=port or (known.port if known else PORT),
        announce=announce,
        idle_minutes=lock_after,
        origin=origin,
    )
    if server is None and _open_running(options):
        return
    raw = None
    if key is not None:
        raw, options = read_key_file(key), replace(options, key_path=key)
    elif known is not None and known.key.is_file():
        server, raw, options = known.server, read_key_file(known.key), replace(options, key_path=known.key)
    else:
        options = _first_run(options, known)
    # Started in the background, a shell makes a program deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run_desk(server, raw, options)
    except OSError as error:
        raise Failure(
            Exit.REFUSED,
            f"The desk can't listen on 127.0.0.1:{options.port}: {error.strerror or 'the port is in use'}. "
            "Choose another one with --port.",
        ) from None


def _settings() -> StartSettings | None:
    """Return what the first run noted. Raises Failure when it can't be read: a second key must not come of that."""
    from admin.desk.local import start_settings

    try:
        return start_settings.load(start_settings.own_folder())
    except start_settings.SettingsFault as fault:
        raise Failure(
            Exit.CONFIG,
            f"{fault.path} can't be read, or is not what the desk wrote there. Your key file is not touched.\n"
            "Put the file back from a copy of the folder; or move it away, start the desk again and choose\n"
            "“I have a key file”.",
            "デスクの設定ファイルを読めません。鍵ファイルはそのままです。",
        ) from None


def _open_running(options: DeskOptions) -> bool:
    """Open the desk that runs already, if one of this user does."""
    from admin.desk.web.running import link_of_running

    link = link_of_running(options.folder, options.port)
    if link is None:
        return False
    click.echo("デスクはもう動いています。/ The desk is running already.")
    options.announce(link)
    return True


def _first_run(options: DeskOptions, known: StartSettings | None) -> DeskOptions:
    """Return the options of a first run, or of one whose key file is gone."""
    from dataclasses import replace

    from admin.desk.local.start_settings import own_folder
    from admin.desk.server.client import Server
    from admin.desk.web.first_run import FirstRun

    first = FirstRun(
        own_folder(),
        lambda url: Server(url, options.today, options.transport),
        known.key if known else None,
        known.server if known else "",
    )
    return replace(options, first=first)
