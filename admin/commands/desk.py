"""The auditor's desk."""

from __future__ import annotations

import signal
import webbrowser
from pathlib import Path

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.passphrases import key_option, read_key_file


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
    epilog="Example:  meyasubako desk --server https://meyasubako.example.jp --key hanako-sato.key"
)
@click.option(
    "--server", required=True, metavar="URL", help="The site's address, https://... (or http:// for .onion)."
)
@key_option
@click.option(
    "--port",
    default=8001,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="The port on this computer.",
)
@click.option(
    "--cache",
    "cache",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where sealed reports are kept [default: your system's place for application data].",
)
@click.option(
    "--lock-after",
    default=15,
    show_default=True,
    type=click.IntRange(1, 120),
    metavar="MINUTES",
    help="Lock the desk after so many minutes without use.",
)
@click.option("--no-browser", is_flag=True, help="Print the link only; do not open a browser.")
def desk(server: str, key: Path, port: int, cache: Path | None, lock_after: int, no_browser: bool) -> None:
    """デスク(担当者の画面)を開きます。Start the desk, for this computer only.

    Prints a link that works once, for two minutes; the passphrase is typed into the page it leads to. Ctrl-C
    ends it. Reports stay sealed on this disk; only the running desk holds the key.
    """
    from admin.desk.web.app import DeskOptions
    from admin.desk.web.run import run_desk

    raw = read_key_file(key)
    # Started in the background, a shell makes a program deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        announce = Announcer(not no_browser)
        options = DeskOptions(
            cache_dir=cache, port=port, key_path=key, announce=announce, idle_minutes=lock_after
        )
        run_desk(server, raw, options)
    except OSError as error:
        raise Failure(
            Exit.REFUSED,
            f"The desk can't listen on 127.0.0.1:{port}: {error.strerror or 'the port is in use'}. "
            "Choose another one with --port.",
        ) from None
