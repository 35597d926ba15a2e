"""The demo from its start to Ctrl-C: the site's server, the sample reports, the first auditor's desk."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.demo.child import HOST, server
from admin.demo.samples import post_samples
from admin.demo.site import first_auditor, is_empty, lay_out

if TYPE_CHECKING:
    from crypto.identity import Identity


def run(folder: Path, port: int, desk_port: int) -> None:
    """Run the demo until Ctrl-C or SIGTERM. Raises Failure."""
    if os.name != "posix":
        raise Failure(
            Exit.CONFIG, "The site's server needs Linux or macOS; only the desk runs on this system."
        )
    folder = folder.absolute()
    if port == desk_port:
        raise Failure(Exit.USAGE, "The site and the desk need two different ports.")
    for wanted, option in ((port, "PORT= or --port"), (desk_port, "DESK_PORT= or --desk-port")):
        _check_free(wanted, option)
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    # Started in the background, a shell makes a program deaf to Ctrl-C; the demo still ends both parts on
    # SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        _run(folder, port, desk_port)
    click.echo("\n終了しました。データは残っています。/ Stopped; the data stays.")


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _run(folder: Path, port: int, desk_port: int) -> None:
    if not (folder / "meyasubako.toml").is_file():
        lay_out(folder)
    key_file, identity = first_auditor(folder)
    with server(folder, port) as base:
        code = post_samples(base) if is_empty(folder) else None
        _run_desk(folder, base, desk_port, key_file, identity, code)


def _check_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Failure(
                Exit.REFUSED,
                f"{HOST}:{port} can't be used ({error.strerror}): another program listens there, perhaps "
                "another demo.\n"
                f"Nothing was changed. Stop it, or choose another port with {option}.",
            ) from None


def _run_desk(
    folder: Path, base: str, desk_port: int, key_file: bytes, identity: Identity, code: str | None
) -> None:
    from admin.desk.web.app import DeskOptions
    from admin.desk.web.run import run_desk

    announced = threading.Event()

    def announce(url: str) -> None:
        if announced.is_set():
            click.echo(f"  新しいリンク / a new link to the desk: {url}")
            return
        announced.set()
        _say_what_to_open(folder, base, url, code)

    try:
        options = DeskOptions(cache_dir=folder / "desk", identity=identity, port=desk_port, announce=announce)
        run_desk(base, key_file, options)
    except OSError as error:
        raise Failure(
            Exit.REFUSED,
            f"The desk can't listen on {HOST}:{desk_port} ({error.strerror}); choose another DESK_PORT=.",
        ) from None


def _say_what_to_open(folder: Path, base: str, link: str, code: str | None) -> None:
    lines = [
        "",
        "目安箱の試用サイトが動いています。/ The demo is running.",
        "",
        f"  通報者のサイト / the reporter's site:  {base}/",
        f"  担当者のデスク / the auditor's desk: {link}",
        "      (リンクは一度だけ、2分以内。あとで開くと、ここに新しいリンクが出ます)",
        "      (the link works once, within two minutes; open the desk later and a new link appears here)",
        f"  鍵ファイルとパスフレーズ / key files, passphrase.txt: {folder}",
    ]
    if code is not None:
        lines += [
            "",
            f"  受付コードの例 / a receipt code to try at {base}/ja/status (shown this once):",
            f"      {code}",
        ]
    lines += ["", "Ctrl-C で終了します。/ Ctrl-C ends both.", ""]
    click.echo("\n".join(lines))
    sys.stdout.flush()
