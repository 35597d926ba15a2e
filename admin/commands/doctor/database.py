"""Checks of the site's database: its tables, its durability, the site's key, the roster."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from admin.commands.doctor.findings import Finding, Findings, fail, guarded, ok, refuse, warn
from admin.commands.doctor.log import log
from admin.commands.doctor.survival import survival

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from store.cards import CardRow
    from store.config.secrets import ServerSecrets
    from store.config.settings import Settings


def _engine(settings: Settings) -> Engine:
    from store.db import make_engine

    return make_engine(settings.store.url)


def database(settings: Settings) -> Findings:
    from sqlalchemy import make_url

    from store import db, schema

    path = make_url(settings.store.url).database or ""
    sqlite = settings.store.url.startswith("sqlite")
    if sqlite and not Path(path).is_file():
        yield fail(
            "database",
            f"{path} is missing. Stop the service if it runs; then put it back (`meyasubako restore`), or, for a new "
            "site, run `meyasubako init`.",
        )
        return
    engine = _engine(settings)
    try:
        schema.check_schema(engine)
        yield ok("database", f"{'SQLite' if sqlite else 'PostgreSQL'}, tables of this version")
        if sqlite:
            yield _sqlite_durability(engine)
            if os.name == "posix" and stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
                yield fail("database", f"Others may read it; run: chmod 600 {path}")
        faults = db.durability_faults(engine)
        yield from (refuse("durability", fault) for fault in faults)
        if not sqlite and not faults:
            yield ok("durability", "accepted means on disk (fsync, full_page_writes)")
        yield from guarded("survival", lambda: survival(engine))
        yield from guarded("files", lambda: _files(engine, settings))
        yield from _site(engine, settings)
        yield from log(engine, settings)
    finally:
        engine.dispose()


def _files(engine: Engine, settings: Settings) -> Findings:
    """Look at the sealed files, and never make their folder: this command may run as another user."""
    import time

    from admin.nightly import day_that_runs
    from store.database_faults import StoreFailed
    from store.objects import Objects

    objects = Objects(engine, settings.limits.max_file_bytes, settings.limits.max_waiting_bytes)
    if objects.folder is not None:
        if not objects.folder.folder.exists():
            yield ok("files", f"{objects.folder.folder} is made at the first start")
            return
        try:
            objects.folder.check()
        except StoreFailed as error:
            yield refuse("files", f"{error}")
            return
        # The night before last and earlier: a run can be at it just now.
        if left := objects.folder.nightly.left_behind(day_that_runs(int(time.time()) - 86_400)):
            yield warn(
                "files",
                f"{left} files still have the times at which they came: the nightly run (03:00) could not write them "
                "anew. Make room on the disk.",
            )
    if missing := objects.missing():
        yield fail(
            "files", f"{missing} files that reports name are missing or cut off. Restore them from a backup."
        )
        return
    yield ok("files", "all that reports name are here")


def _sqlite_durability(engine: Engine) -> Finding:
    from store import db

    with db.reading(engine) as conn:
        mode = str(conn.exec_driver_sql("PRAGMA journal_mode").scalar()).upper()
        level = conn.exec_driver_sql("PRAGMA synchronous").scalar()
    if mode == "WAL" and level == 2:
        return ok("durability", "accepted means on disk (WAL, synchronous=FULL)")
    return refuse(
        "durability", f"journal_mode is {mode} and synchronous is {level}; WAL and 2 (FULL) are needed."
    )


def _site(engine: Engine, settings: Settings) -> Findings:
    from crypto.messages import public_key
    from store import cards, db, site
    from store.config.secrets import SecretFileError, load_secrets

    with db.reading(engine) as conn:
        row, known = site.get(conn), cards.enrolled(conn)
    try:
        secrets = load_secrets(settings.server.secret_file)
    except SecretFileError:
        pass  # said already
    else:
        if public_key(secrets.sign_seed) == row.sign_pk:
            yield ok("site key", "The secret file belongs to this database.")
        else:
            yield refuse(
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
        yield fail(
            "first card",
            "The secret file does not name the first card, so no report is accepted. Compare its fingerprint, then run "
            "`meyasubako auditor enroll` on that card once more; on other machines copy the secret file again.",
        )
    else:
        yield refuse(
            "first card",
            "The list in the database does not begin with the card that the secret file names: "
            f"{fingerprint(secrets.first_card)}. Somebody wrote into the database, or this is another site's "
            f"secret file.",
        )


def _recipients(known: list[CardRow]) -> Finding:
    from cases.roles import reads_reports
    from crypto.errors import CryptoError
    from crypto.listing import parse_document, verify_list
    from store.cards import documents

    readers, persons, others = 0, 0, 0
    try:
        if known:
            listing = verify_list(
                parse_document({document.what: document.raw}, document.raw) for document in documents(known)
            )
            keys = listing.readers()
            readers, persons = len(keys), len({listing.by_key[key].person for key in keys})
            others = sum(
                not reads_reports(listing.duties[key]) for key in listing.by_key.keys() - listing.retired
            )
    except CryptoError as error:
        return refuse("recipients", f"The cards in the database were tampered with or damaged: {error}")
    if readers == 0:
        return fail(
            "recipients",
            "Nobody who reads reports is enrolled, so none is accepted: meyasubako auditor enroll CARD",
        )
    if persons == 1:
        return warn("recipients", "Only one auditor: a lost key would lose every report. Enrol a second one.")
    said = f"{persons} auditors" + (f" with {readers} keys" if readers != persons else "")
    watching = f", {others} who see numbers only" if others else ""
    return ok("recipients", f"{said}{watching}; every signature holds")
