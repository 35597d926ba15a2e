"""The demo from its start to Ctrl-C: the site's server, the sample reports, the first auditor's desk."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.demo import days
from admin.demo.child import HOST, server
from admin.demo.clock import DemoClock
from admin.demo.samples import post_samples
from admin.demo.site import first_auditor, is_empty, lay_out

if TYPE_CHECKING:
    from crypto.identity import Identity


def run(folder: Path, port: int, desk_port: int, with_days: bool = False) -> None:
    """Run the demo until Ctrl-C or SIGTERM. Raises Failure.

    `with_days`: it has a day of its own, which Enter moves on; a folder that has had one keeps it.
    """
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
        _run(folder, port, desk_port, with_days)
    click.echo("\n終了しました。データは残っています。/ Stopped; the data stays.")


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _run(folder: Path, port: int, desk_port: int, with_days: bool) -> None:
    if not (folder / "meyasubako.toml").is_file():
        lay_out(folder)
    clock = _clock(folder, with_days)
    key_file, identity = first_auditor(folder)
    with server(folder, port, clock) as base:
        code = post_samples(base) if is_empty(folder) else None
        shown = _Shown(folder, base, code, clock if with_days else None)
        _run_desk(shown, desk_port, key_file, identity, clock)


def _clock(folder: Path, with_days: bool) -> DemoClock | None:
    """Return the demo's own clock, where it has one. Raises Failure."""
    from admin.commands.support.site import today

    clock = DemoClock(folder / "day")
    if not clock.file.exists():
        if not with_days:
            return None
        clock.set(today())
    try:
        clock.day()
    except (OSError, ValueError):
        raise Failure(Exit.CONFIG, f"{clock.file} holds no day (YYYY-MM-DD). It was left as it is.") from None
    return clock


@dataclass(frozen=True)
class _Shown:
    """The text that is printed once both parts run. `moving`: the clock that Enter moves on."""

    folder: Path
    base: str
    code: str | None
    moving: DemoClock | None


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
    shown: _Shown, desk_port: int, key_file: bytes, identity: Identity, clock: DemoClock | None
) -> None:
    from admin.desk.web.app import DeskOptions
    from admin.desk.web.run import run_desk

    announced = threading.Event()

    def announce(url: str) -> None:
        if announced.is_set():
            click.echo(f"  新しいリンク / a new link to the desk: {url}")
            return
        announced.set()
        _say_what_to_open(shown, url)
        if shown.moving is not None:
            days.start(days.Days(shown.moving, shown.base))

    try:
        options = DeskOptions(
            cache_dir=shown.folder / "desk", identity=identity, port=desk_port, announce=announce
        )
        if clock is not None:
            options = replace(options, today=clock.day)
        run_desk(shown.base, key_file, options)
    except OSError as error:
        raise Failure(
            Exit.REFUSED,
            f"The desk can't listen on {HOST}:{desk_port} ({error.strerror}); choose another DESK_PORT=.",
        ) from None


def _say_what_to_open(shown: _Shown, link: str) -> None:
    base, code = shown.base, shown.code
    lines = [
        "",
        "目安箱の試用サイトが動いています。/ The demo is running.",
        "",
        f"  通報者のサイト / the reporter's site:  {base}/",
        f"  担当者のデスク / the auditor's desk: {link}",
        "      (リンクは一度だけ、2分以内。あとで開くと、ここに新しいリンクが出ます)",
        "      (the link works once, within two minutes; open the desk later and a new link appears here)",
        f"  鍵ファイルとパスフレーズ / key files, passphrase.txt: {shown.folder}",
    ]
    if code is not None:
        lines += [
            "",
            f"  受付コードの例 / a receipt code to try at {base}/ja/status (shown this once):",
            f"      {code}",
        ]
    if shown.moving is not None:
        lines += [
            "",
            f"  この試用サイトの日付 / this demo's day: {shown.moving.day()}",
            "      Enter で次の日に、数字と Enter でその日数だけ進みます。",
            "      Enter goes on to the next day, a number and Enter that many days.",
        ]
    lines += ["", "Ctrl-C で終了します。/ Ctrl-C ends both.", ""]
    click.echo("\n".join(lines))
    sys.stdout.flush()
