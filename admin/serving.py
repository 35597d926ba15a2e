"""The command `serve`: what has to be there before the server starts, and the start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import database, roster, today
from admin.commands.support.site import settings as site_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from store.config.settings import Settings
    from store.fault_board import FaultBoard


def _ready_to_serve() -> Settings:
    """Return the settings once everything that serving needs is there. Raises what says why not."""
    from crypto.messages import public_key
    from store import db
    from store import site as store_site
    from store.config.secrets import load_secrets

    settings = site_settings()
    secrets = load_secrets(settings.server.secret_file)
    with database() as engine, db.reading(engine) as conn:
        row = store_site.get(conn)
        # Before the readers: a list that begins with another card than the file names looks empty.
        if public_key(secrets.sign_seed) != row.sign_pk:
            raise Failure(
                Exit.CONFIG,
                "server.secret_file belongs to another site than the database: receipts would not verify.\n"
                "Put the file back that was made together with this database.",
                "server.secret_file が、このデータベースのサイトのものではありません。",
            )
        # Cards that are not in the log yet count: the server puts them there before it answers.
        if not roster(conn).listing.readers():
            click.echo("通報を読める人がまだ登録されていないため、通報は受け付けられません。", err=True)
            click.echo(
                "Nobody who reads reports is enrolled, so none is accepted yet: meyasubako auditor enroll CARD",
                err=True,
            )
        _check_folder_of_files(engine)
    return settings


def _check_folder_of_files(engine: Engine) -> None:
    """Raise Failure where the folder of files beside a SQLite database can't be used."""
    from store.database_faults import StoreFailed
    from store.objects import folder_of
    from store.sqlite import is_sqlite

    if not is_sqlite(engine):
        return
    folder = folder_of(engine)
    try:
        folder.check()
    except StoreFailed as error:
        raise Failure(
            Exit.CONFIG,
            f"store.url: the folder of files beside the database, {folder.folder}, can't be used: {error}.\n"
            "Nothing was changed. Give it to the service's user alone, or make room on its disk, and start again.",
            f"store.url: データベースの隣にある添付ファイルのフォルダーを使えません。{error.ja}",
        ) from None


@click.command(epilog="Example:  MEYASUBAKO_CONFIG=/var/lib/meyasubako/meyasubako.toml meyasubako serve")
@click.option(
    "--bind", metavar="HOST:PORT", help="Listen on this address instead of the one in the settings."
)
@click.option("--check", is_flag=True, help="Check whether the server would start, and exit.")
@click.option("--running", is_flag=True, help="With --check: the site is running and uses its addresses.")
@click.option("--doctor", "first_doctor", is_flag=True, help="Run `doctor --start` first: for a service.")
@click.option("--demo-day", "day_file", hidden=True, help="For the demo: a file with its date.")
def serve(bind: str | None, check: bool, running: bool, first_doctor: bool, day_file: str | None) -> None:
    """サイトを動かします。Serve the site until told to stop (Ctrl-C, or SIGTERM).

    SIGHUP takes new code and new settings without a pause, and only where --check finds nothing.
    Put a reverse proxy without access logs or an onion service in front (docs/operations.md). Logs go to
    standard error and hold nothing about any request.
    """
    if os.name != "posix":
        raise Failure(Exit.CONFIG, "The server needs Linux or macOS; only the desk runs on this system.")
    if bind is not None and not re.fullmatch(r"[^\s:]+:[0-9]{1,5}|\[[0-9a-f:]+\]:[0-9]{1,5}|unix:/.+", bind):
        raise click.UsageError("--bind is an address and a port, such as 127.0.0.1:8000")
    if check:
        settings = _settings_to_serve(bind)
        if not running:
            _metrics_could_listen(settings)
        return
    from portal.edge import server
    from portal.edge.takeover import dismiss_visitors, takes_over
    from store.config.server_lock import serving

    try:
        if first_doctor and not takes_over():
            _ask_doctor()
        settings = _settings_to_serve(bind)
        # Loaded before the fork: workers share the memory, and one that was killed is replaced in no time.
        from wsgi import create_application

        with serving(settings):
            board = _metrics(settings)
            server.run(
                settings,
                lambda token_key: create_application(
                    settings, token_key, faults=board, **_clock_of(day_file)
                ),
            )
    except Exception:
        dismiss_visitors()
        raise


def _ask_doctor() -> None:
    """Run `doctor --start` in a process of its own, which leaves nothing in this one's memory. Raises Exit."""
    command = [sys.executable, *sys.orig_argv[1 : sys.orig_argv.index("serve")], "doctor", "--start"]
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    if code != 0:
        raise click.exceptions.Exit(code)


def _settings_to_serve(bind: str | None) -> Settings:
    """Return the settings, with another address where one is given, once nothing keeps the site from starting. Raises
    Failure and what else says why not."""
    from portal.edge import server
    from store.config.contacts import own_contacts_of

    settings = _ready_to_serve()
    try:
        server.token_key(settings.server)
    except OSError as error:
        raise Failure(
            Exit.CONFIG,
            f"server.token_key_file: the file can't be read: {error.strerror}.",
            f"server.token_key_file のファイルを読めません({error.strerror})。",
        ) from None
    except ValueError as error:
        raise Failure(Exit.CONFIG, f"{error}.", "server.token_key_file のファイルを使えません。") from None
    own_contacts_of(settings, today())  # what is wrong with them is said before anything listens
    import wsgi  # noqa: F401  # that all of the program can be loaded is looked at too

    if bind is not None:
        settings = replace(settings, server=replace(settings.server, bind=bind))
    _held_where_settings_say(settings)
    return settings


def _metrics_could_listen(settings: Settings) -> None:
    """Raise Failure where the address of the metrics is taken by another program."""
    from portal.edge.takeover import held_addresses

    if settings.metrics is not None and settings.metrics.bind not in held_addresses():
        from admin.metrics import server

        with _metrics_bind_named(settings.metrics.bind):
            server.listen(settings.metrics.bind).close()


@contextmanager
def _metrics_bind_named(bind: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failure(
            Exit.CONFIG,
            f"metrics.bind: {bind} can't be listened on: {error.strerror}.",
            f"metrics.bind: {bind} で待ち受けできません({error.strerror})。",
        ) from None


def _metrics(settings: Settings) -> FaultBoard | None:
    """Serve metrics where the settings say so; return what faults are counted on then. Raises Failure."""
    if settings.metrics is None:
        return None
    import sandbox
    from admin.metrics import server

    sandbox.hide_memory()  # of the process that is forked, too
    with _metrics_bind_named(settings.metrics.bind):
        return server.start(settings, settings.metrics.bind)


def _held_where_settings_say(settings: Settings) -> None:
    """Raise Failure where systemd holds another address than the settings name."""
    from portal.edge.takeover import held_addresses, is_held

    held = held_addresses()
    if held and not is_held(settings.server.bind, held):
        raise Failure(
            Exit.CONFIG,
            f"server.bind: the settings say {settings.server.bind}, and the socket that is open listens on "
            f"{', '.join(held)}.\nMake them the same (systemctl edit meyasubako.socket), then restart both units.",
            "server.bind が、開いているソケット(meyasubako.socket)のアドレスと違います。",
        )


def _clock_of(day_file: str | None) -> dict[str, Any]:
    """Return what the server takes of a demo that has a day of its own; nothing for a true one."""
    if day_file is None:
        return {}
    from pathlib import Path

    from admin.demo.clock import DemoClock

    return {"now": DemoClock(Path(day_file)).now, "tick": 0.5}
