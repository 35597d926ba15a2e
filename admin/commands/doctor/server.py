"""Checks of what a server needs: settings, secrets, database, disk, address."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from admin.commands.doctor.database import database
from admin.commands.doctor.findings import Finding, Findings, fail, guarded, in_one_line, note, ok, warn
from admin.commands.doctor.program import missing_libraries
from admin.commands.support.exit_codes import Failure
from admin.commands.support.parts import SERVER_LIBRARIES, how_to_install
from admin.commands.support.site import CONFIG_VARIABLE, config_path, today

if TYPE_CHECKING:
    from store.config.settings import Settings

MEGABYTE: Final = 1024 * 1024
LEAST_SPACE: Final = 200 * MEGABYTE
GOOD_SPACE: Final = 1024 * MEGABYTE
TOKEN_KEY_BYTES: Final = 32
CREDENTIALS: Final = Path("/run/credentials")
"""Where systemd puts the credentials of each unit, in a folder with its name."""


def _settings_file(settings: Settings) -> Findings:
    yield ok("settings", str(settings.path))
    mode = stat.S_IMODE(settings.path.stat().st_mode)
    from sqlalchemy import make_url

    if make_url(settings.store.url).password and os.name == "posix" and mode & 0o077:
        yield fail("settings", f"It holds a password and others may read it; run: chmod 600 {settings.path}")


def _own_contacts(settings: Settings) -> Findings:
    from store.config.contacts import own_contacts_of

    if settings.site.contacts_file is not None:
        own = own_contacts_of(settings, today())
        yield ok("own contacts", f"{len(own)} in {settings.site.contacts_file}")


def _operator(settings: Settings) -> Findings:
    if settings.operator is None:
        yield warn(
            "operator",
            "There is no [operator] section: pages cannot say who runs the site, and the privacy notice says that "
            "nothing was entered. Please enter it (docs/operations.md).",
        )
    else:
        yield ok("operator", settings.operator.name("ja"))


def _secret_file(settings: Settings) -> Findings:
    from store.config.secrets import load_secrets

    load_secrets(settings.server.secret_file)
    yield ok("secret file", f"{settings.server.secret_file}, for its owner only")


def _token_key(settings: Settings) -> Findings:
    from store.config.secrets import is_private

    if settings.server.token_key_file is None:
        yield ok("token key", "in memory only, new at each start")
        return
    path = settings.server.token_key_file
    if is_of_another_unit(path, os.environ.get("CREDENTIALS_DIRECTORY"), os.access(path, os.R_OK)):
        yield note(
            "token key",
            f"{path} is a credential of a unit of systemd, which that unit alone can read while it runs; it looks at "
            "it at each start (docs/cluster.md, section 6).",
        )
    elif not path.is_file() or path.stat().st_size != TOKEN_KEY_BYTES:
        yield fail("token key", f"{path} has to be a file of {TOKEN_KEY_BYTES} bytes (ADR 0005).")
    elif os.name == "posix" and not is_private(path):
        yield fail("token key", f"Others may read it; run: chmod 600 {path}")
    else:
        yield ok("token key", f"{path}, shared by several machines")


def is_of_another_unit(path: Path, own: str | None, is_readable: bool) -> bool:
    """Tell whether a file is a credential that systemd keeps for another unit. `own`: where this process has its own
    (CREDENTIALS_DIRECTORY)."""
    return not is_readable and CREDENTIALS in path.parents and (own is None or Path(own) != path.parent)


def _disk(settings: Settings) -> Findings:
    from sqlalchemy import make_url

    from store.objects import SUFFIX

    url = make_url(settings.store.url)
    if not settings.store.url.startswith("sqlite"):
        yield note("disk space", "Look at it on PostgreSQL's machine; a full disk refuses reports.")
        return
    folder = Path(url.database or "").parent
    if not folder.is_dir():
        return
    yield _free(folder, "beside the database")
    files = folder / (Path(url.database or "").name + SUFFIX)
    if files.is_dir() and files.stat().st_dev != folder.stat().st_dev:
        yield _free(files, f"in the folder of files ({files})")


def _free(folder: Path, where: str) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{free // MEGABYTE} MiB free {where}"
    if free < LEAST_SPACE:
        return fail("disk space", f"{text}; a full disk refuses reports. Make room now.")
    if free < GOOD_SPACE:
        return warn("disk space", f"{text}; make room soon.")
    return ok("disk space", text)


def _bind(settings: Settings) -> Findings:
    bind = settings.server.bind
    host = bind.rpartition(":")[0]
    if bind.startswith("unix:") or host in ("127.0.0.1", "localhost", "[::1]"):
        yield ok("address", f"{bind}, behind your reverse proxy or onion service")
    else:
        yield warn(
            "address",
            f"{bind} can be reached from other machines without encryption. Bind to 127.0.0.1 behind a "
            "reverse proxy "
            "that"
            " keeps no access log (docs/operations.md), unless this is a container's own network.",
        )


def _swap(_settings: Settings) -> Findings:
    try:
        devices = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return
    if devices:
        yield warn(
            "swap", "Memory can be written to disk; encrypt the swap space or switch it off (swapoff -a)."
        )
    else:
        yield ok("swap", "none")


def _metrics(settings: Settings) -> Findings:
    from store.config.metrics import is_this_machine

    if settings.metrics is None:
        yield note("metrics", "none; [metrics] in the settings file serves them (docs/metrics.md).")
    elif missing_libraries(("prometheus_client",)):
        yield fail("metrics", f"prometheus_client is missing. {how_to_install('server')}")
    elif is_this_machine(settings.metrics.bind.rpartition(":")[0]):
        yield ok("metrics", f"{settings.metrics.bind}, for this machine only")
    else:
        yield warn(
            "metrics",
            f"{settings.metrics.bind} can be reached from other machines without encryption or a password; let a "
            "firewall allow the monitoring machine only.",
        )


_SERVER_CHECKS: Final[tuple[tuple[str, Callable[[Settings], Findings]], ...]] = (
    ("settings", _settings_file),
    ("own contacts", _own_contacts),
    ("operator", _operator),
    ("secret file", _secret_file),
    ("token key", _token_key),
    ("database", database),
    ("disk space", _disk),
    ("address", _bind),
    ("metrics", _metrics),
    ("swap", _swap),
)


def server() -> Findings:
    """Check what a server needs; nothing of it concerns a laptop that has the desk part only."""
    if len(missing_libraries(SERVER_LIBRARIES)) == len(SERVER_LIBRARIES):
        if os.environ.get(CONFIG_VARIABLE):
            yield fail("settings", f"{CONFIG_VARIABLE} is set, but the server part is not installed here.")
        return
    from store.config.settings import load_settings
    from store.config.settings_file import SettingsError

    try:
        settings = load_settings(config_path())
    except (Failure, SettingsError) as error:
        yield fail("settings", in_one_line(error.message if isinstance(error, Failure) else str(error)))
        return
    for what, check in _SERVER_CHECKS:
        yield from guarded(what, lambda check=check: check(settings))  # type: ignore[misc]
