"""`meyasubako doctor`: looks at what is installed and configured here, and says in one line each what is
wrong."""

from __future__ import annotations

import gettext
import importlib.util
import os
import shutil
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.base import (
    CONFIG_VARIABLE,
    DESK_LIBRARIES,
    SERVER_LIBRARIES,
    Exit,
    Failure,
    as_failure,
    config_path,
    how_to_install,
    today,
    unforeseen,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from store.cards import CardRow
    from store.secrets import ServerSecrets
    from store.settings import Settings

MEGABYTE: Final = 1024 * 1024
LEAST_SPACE: Final = 200 * MEGABYTE
GOOD_SPACE: Final = 1024 * MEGABYTE
LEAST_PYTHON: Final = (3, 11)
LEAST_PATCH: Final = {(3, 11): 8, (3, 12): 2}
"""The least patch release of each Python: those before read ZIP files with overlapping entries (CVE-2024-0450, in
Python's changelog for 3.11.8 and 3.12.2) and bring an older Expat. Later versions of Python have it from the start."""
TOKEN_KEY_BYTES: Final = 32
SANDBOX: Final = ("no_new_privileges", "landlock", "seccomp")
"""The layers that portal/cleaning/sandbox.py asks of the kernel."""


@dataclass(frozen=True)
class Finding:
    """One line: how it is ("ok", "note", "warn" or "FAIL"), what was looked at, and what to do."""

    level: str
    what: str
    text: str


Findings = Iterator[Finding]


def _ok(what: str, text: str) -> Finding:
    return Finding("ok", what, text)


def _fail(what: str, text: str) -> Finding:
    return Finding("FAIL", what, text)


def _warn(what: str, text: str) -> Finding:
    return Finding("warn", what, text)


def _missing(libraries: tuple[str, ...]) -> list[str]:
    return [name for name in libraries if importlib.util.find_spec(name) is None]


def _program() -> Findings:
    try:
        version = metadata.version("meyasubako")
    except metadata.PackageNotFoundError:
        version = "not installed as a package"
    python = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < LEAST_PYTHON:
        yield _fail("program", f"Python {python} is too old; 3.11 or newer is needed.")
    else:
        yield _ok("program", f"meyasubako {version}, Python {python}")
        yield from python_patch(*sys.version_info[:3])


def python_patch(major: int, minor: int, micro: int) -> Findings:
    """Warn of a patch release of Python that lacks mends which this program counts on."""
    least = LEAST_PATCH.get((major, minor), 0)
    if micro < least:
        yield _warn(
            "program",
            f"Python {major}.{minor}.{micro}: faults in reading ZIP and XML files were mended in "
            f"{major}.{minor}.{least}. Please install that one or a later one, unless it is your distribution's Python "
            "(Debian and Ubuntu mend theirs and keep the number).",
        )


def _cryptography() -> Findings:
    from crypto.identity import new_identity
    from crypto.seal import grant
    from crypto.unseal import open_grant

    keys = new_identity()
    if open_grant(grant(keys.seed, keys.box_pk), keys.box_sk, keys.box_pk) == keys.seed:
        yield _ok("cryptography", "PyNaCl seals and opens.")
    else:
        yield _fail("cryptography", "PyNaCl does not open what it sealed; install it again.")


def _folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) if places else None


def _texts() -> Findings:
    wrong = []
    for package in ("portal", "admin.desk"):
        for language in ("ja", "en"):
            folder = _folder(package)
            file = folder / "translations" / language / "LC_MESSAGES" / "messages.mo" if folder else None
            try:
                with open(file or "", "rb") as opened:
                    gettext.GNUTranslations(opened)
            except (OSError, ValueError, EOFError, struct.error):
                wrong.append(f"{package}/{language}")
    if wrong:
        yield _fail("translations", f"Missing or damaged: {', '.join(wrong)}. Install the package again.")
    else:
        yield _ok("translations", "Japanese and English, site and desk.")
    needed = {"templates": ("portal", "desk", "components"), "portal": ("static",), "admin.desk": ("static",)}
    gone = [
        f"{package}/{part}"
        for package, parts in needed.items()
        for part in parts
        if not any(((_folder(package) or Path("/nonexistent")) / part).glob("*.*"))
    ]
    if gone:
        yield _fail("pages", f"Missing: {', '.join(gone)}. Install the package again.")
    else:
        yield _ok("pages", "Templates and static files are there.")


def _parts() -> Findings:
    for part, libraries in (("desk", DESK_LIBRARIES), ("server", SERVER_LIBRARIES)):
        missing = _missing(libraries)
        if not missing:
            yield _ok(f"{part} part", "installed")
        elif len(missing) == len(libraries):
            yield Finding("note", f"{part} part", f"not installed here. {how_to_install(part)}")
        else:
            yield _fail(f"{part} part", f"incomplete, {', '.join(missing)} missing. {how_to_install(part)}")


def _cleaner() -> Findings:
    """Say what the kernel takes from the process that looks into files (portal/cleaning/sandbox.py)."""
    command = [sys.executable, "-I", "-B", "-m", "portal.cleaning.sandbox"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    missing = [layer for layer in SANDBOX if layer not in done.stdout.split()]
    if sys.platform != "linux":
        yield Finding("note", "file cleaner", "runs without a sandbox: this system has none for it.")
    elif missing:
        yield _warn(
            "file cleaner",
            f"This kernel or unit does not give {' or '.join(missing)}: a fault in a library that reads files could do "
            "more there. See docs/operations.md, section 4.",
        )
    else:
        yield _ok("file cleaner", f"closed off: {', '.join(SANDBOX)}")


def _settings_file(settings: Settings) -> Findings:
    yield _ok("settings", str(settings.path))
    mode = stat.S_IMODE(settings.path.stat().st_mode)
    from sqlalchemy import make_url

    if make_url(settings.store.url).password and os.name == "posix" and mode & 0o077:
        yield _fail("settings", f"It holds a password and others may read it; run: chmod 600 {settings.path}")


def _own_contacts(settings: Settings) -> Findings:
    from store.contacts import own_contacts_of

    if settings.site.contacts_file is not None:
        own = own_contacts_of(settings, today())
        yield _ok("own contacts", f"{len(own)} in {settings.site.contacts_file}")


def _secret_file(settings: Settings) -> Findings:
    from store.secrets import load_secrets

    load_secrets(settings.server.secret_file)
    yield _ok("secret file", f"{settings.server.secret_file}, for its owner only")


def _token_key(settings: Settings) -> Findings:
    if settings.server.token_key_file is None:
        yield _ok("token key", "in memory only, new at each start")
        return
    path = settings.server.token_key_file
    if not path.is_file() or path.stat().st_size != TOKEN_KEY_BYTES:
        yield _fail("token key", f"{path} has to be a file of {TOKEN_KEY_BYTES} bytes (ADR 0005).")
    elif os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield _fail("token key", f"Others may read it; run: chmod 600 {path}")
    else:
        yield _ok("token key", f"{path}, shared by several machines")


def _engine(settings: Settings) -> Engine:
    from store.db import make_engine

    return make_engine(settings.store.url)


def _database(settings: Settings) -> Findings:
    from sqlalchemy import make_url

    from store import db

    path = make_url(settings.store.url).database or ""
    sqlite = settings.store.url.startswith("sqlite")
    if sqlite and not Path(path).is_file():
        yield _fail(
            "database",
            f"{path} is missing. Stop the service if it runs; then put it back (`meyasubako restore`), or, for a new "
            "site, run `meyasubako init`.",
        )
        return
    engine = _engine(settings)
    try:
        db.check_schema(engine)
        yield _ok("database", f"{'SQLite' if sqlite else 'PostgreSQL'}, tables of this version")
        if sqlite:
            yield _sqlite_durability(engine)
            if os.name == "posix" and stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
                yield _fail("database", f"Others may read it; run: chmod 600 {path}")
        faults = db.durability_faults(engine)
        yield from (_fail("durability", fault) for fault in faults)
        if not sqlite and not faults:
            yield _ok("durability", "accepted means on disk (fsync, full_page_writes)")
        yield from _site(engine, settings)
    finally:
        engine.dispose()


def _sqlite_durability(engine: Engine) -> Finding:
    from store import db

    with db.reading(engine) as conn:
        mode = str(conn.exec_driver_sql("PRAGMA journal_mode").scalar()).upper()
        level = conn.exec_driver_sql("PRAGMA synchronous").scalar()
    if mode == "WAL" and level == 2:
        return _ok("durability", "accepted means on disk (WAL, synchronous=FULL)")
    return _fail(
        "durability", f"journal_mode is {mode} and synchronous is {level}; WAL and 2 (FULL) are needed."
    )


def _site(engine: Engine, settings: Settings) -> Findings:
    from nacl.bindings import crypto_sign_seed_keypair

    from store import cards, db, site
    from store.secrets import SecretFileError, load_secrets

    with db.reading(engine) as conn:
        row, known = site.get(conn), cards.enrolled(conn)
    try:
        secrets = load_secrets(settings.server.secret_file)
    except SecretFileError:
        pass  # said already
    else:
        if crypto_sign_seed_keypair(secrets.sign_seed)[0] == row.sign_pk:
            yield _ok("site key", "The secret file belongs to this database.")
        else:
            yield _fail(
                "site key", "The secret file belongs to another database; put this site's own one back."
            )
        yield from _first_card(known, secrets)
    yield _recipients(known)


def _first_card(known: list[CardRow], secrets: ServerSecrets) -> Findings:
    """The list begins with the card that the secret file names, or nothing is sealed to anybody on it."""
    from crypto.cards import fingerprint

    if not known or secrets.first_card == known[0].key_id:
        return
    if secrets.first_card is None:
        yield _fail(
            "first card",
            "The secret file does not name the first card, so no report is accepted. Compare its fingerprint, then run "
            "`meyasubako auditor enroll` on that card once more; on other machines copy the secret file again.",
        )
    else:
        yield _fail(
            "first card",
            "The list in the database does not begin with the card that the secret file names: "
            f"{fingerprint(secrets.first_card)}. Somebody wrote into the database, or this is another site's "
            f"secret file.",
        )


def _recipients(known: list[CardRow]) -> Finding:
    from crypto.errors import CryptoError
    from crypto.listing import parse_document, verify_list
    from store.cards import documents

    active = sum(row.retired_day is None for row in known)
    try:
        if known:
            verify_list(
                parse_document({document.what: document.raw}, document.raw) for document in documents(known)
            )
    except CryptoError as error:
        return _fail("recipients", f"The cards in the database were tampered with or damaged: {error}")
    if active == 0:
        return _fail(
            "recipients", "Nobody is enrolled, so no report is accepted: meyasubako auditor enroll CARD"
        )
    if active == 1:
        return _warn(
            "recipients", "Only one auditor: a lost key would lose every report. Enrol a second one."
        )
    return _ok("recipients", f"{active} auditors, every signature holds")


def _disk(settings: Settings) -> Findings:
    from sqlalchemy import make_url

    url = make_url(settings.store.url)
    if not settings.store.url.startswith("sqlite"):
        yield Finding(
            "note", "disk space", "Look at it on PostgreSQL's machine; a full disk refuses reports."
        )
        return
    folder = Path(url.database or "").parent
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    text = f"{free // MEGABYTE} MiB free beside the database"
    if free < LEAST_SPACE:
        yield _fail("disk space", f"{text}; a full disk refuses reports. Make room now.")
    elif free < GOOD_SPACE:
        yield _warn("disk space", f"{text}; make room soon.")
    else:
        yield _ok("disk space", text)


def _bind(settings: Settings) -> Findings:
    bind = settings.server.bind
    host = bind.rpartition(":")[0]
    if bind.startswith("unix:") or host in ("127.0.0.1", "localhost", "[::1]"):
        yield _ok("address", f"{bind}, behind your reverse proxy or onion service")
    else:
        yield _warn(
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
        yield _warn(
            "swap", "Memory can be written to disk; encrypt the swap space or switch it off (swapoff -a)."
        )
    else:
        yield _ok("swap", "none")


_SERVER_CHECKS: Final[tuple[tuple[str, Callable[[Settings], Findings]], ...]] = (
    ("settings", _settings_file),
    ("own contacts", _own_contacts),
    ("secret file", _secret_file),
    ("token key", _token_key),
    ("database", _database),
    ("disk space", _disk),
    ("address", _bind),
    ("swap", _swap),
)


def _server() -> Findings:
    """Check what a server needs; nothing of it concerns a laptop that has the desk part only."""
    if len(_missing(SERVER_LIBRARIES)) == len(SERVER_LIBRARIES):
        if os.environ.get(CONFIG_VARIABLE):
            yield _fail("settings", f"{CONFIG_VARIABLE} is set, but the server part is not installed here.")
        return
    from store.settings import SettingsError, load_settings

    try:
        settings = load_settings(config_path())
    except (Failure, SettingsError) as error:
        yield _fail("settings", _in_one_line(error.message if isinstance(error, Failure) else str(error)))
        return
    for what, check in _SERVER_CHECKS:
        yield from _guarded(what, lambda check=check: check(settings))  # type: ignore[misc]


def _guarded(what: str, check: Callable[[], Findings]) -> Findings:
    """Turn an error of a check into its finding, so that the other checks are made."""
    try:
        yield from check()
    except Exception as error:
        failure = as_failure(error)
        yield _fail(what, _in_one_line((failure or unforeseen(error)).message))


def _in_one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines())


def facts_reviewed(day: date) -> Finding:
    """Say whether every contact and rule of the guide is within its review day on `day` (Japan)."""
    from cases import contacts, law

    due = len(contacts.due_for_review(day)) + len(law.due_for_review(day))
    if not due:
        return _ok("facts", "Every contact and rule of the guide is within its review day.")
    return _warn(
        "facts",
        f"{due} contacts or rules of the guide are past their review day; see `meyasubako facts check`.",
    )


def _facts() -> Findings:
    yield facts_reviewed(today())


def findings() -> Findings:
    """Look at everything that can be looked at here."""
    for what, check in (
        ("program", _program),
        ("cryptography", _cryptography),
        ("translations", _texts),
        ("facts", _facts),
        ("parts", _parts),
        ("file cleaner", _cleaner),
        ("settings", _server),
    ):
        yield from _guarded(what, check)


@click.command(epilog="Example:  meyasubako doctor && echo ready")
def doctor() -> None:
    """設定と状態を調べます。Check what is installed and configured here.

    One line per check: ok, note (for your information), warn (works, but read it) or FAIL (what to do is
    beside it). Exit code 1 when anything fails. Nothing is changed. On a laptop it checks what the desk
    needs.
    """
    failed = 0
    for finding in findings():
        click.echo(f"{finding.level:<5} {finding.what:<13} {finding.text}")
        failed += finding.level == "FAIL"
    if failed:
        click.echo(f"\n{failed} 件の問題があります / {failed} to be put right.", err=True)
        raise click.exceptions.Exit(Exit.REFUSED)
    click.echo("\n問題はありません / No fault found.", err=True)
