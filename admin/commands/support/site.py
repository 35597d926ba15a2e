"""The site of this computer: its settings file and its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from admin.commands.support.exit_codes import Exit, Failure

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from crypto.roster import Roster
    from store.config.settings import Settings

CONFIG_VARIABLE: Final = "MEYASUBAKO_CONFIG"


def today() -> date:
    """Return the day in Japan."""
    from cases.days import today_jst

    return today_jst(datetime.now(UTC))


def config_path() -> Path:
    """Return the path of the settings file, which an environment variable names. Raises Failure."""
    named = os.environ.get(CONFIG_VARIABLE, "")
    if not named:
        raise Failure(
            Exit.CONFIG,
            f"{CONFIG_VARIABLE} is not set. It names the settings file of this site, for example:\n"
            f"  export {CONFIG_VARIABLE}=/var/lib/meyasubako/meyasubako.toml",
            f"環境変数 {CONFIG_VARIABLE} に設定ファイルの場所がありません。",
        )
    return Path(named)


def settings() -> Settings:
    """Return the settings. Raises Failure, SettingsError."""
    from store.config.settings import load_settings

    return load_settings(config_path())


def roster(conn: Connection) -> Roster:
    """Return the auditors' roster as the server uses it. Raises Failure, SettingsError, SecretFileError,
    StoreFailed.
    """
    from crypto.roster import fitting_roster
    from store import cards, log
    from store.config.secrets import load_secrets

    first_card = load_secrets(settings().server.secret_file).first_card
    return fitting_roster(cards.documents(cards.enrolled(conn)), first_card, log.listed(conn))


def missing_file(url: str) -> Path | None:
    """Return the path of a SQLite database whose file is not there."""
    from sqlalchemy import make_url

    parts = make_url(url)
    path = Path(parts.database or "")
    return path if parts.get_backend_name() == "sqlite" and not path.is_file() else None


@contextmanager
def database() -> Iterator[Engine]:
    """Give the site's database when its tables are those of this version.

    Raises Failure, SettingsError, WrongSchema, StoreFailed.
    """
    from store import db, schema

    url = settings().store.url
    # To ask SQLite about a file that is not there would make one.
    missing = missing_file(url)
    if missing is not None:
        raise Failure(
            Exit.DATABASE,
            f"The database {missing} is missing. `meyasubako init` makes a new site; `meyasubako restore` brings\n"
            "an old one back (stop the service first).",
            f"データベース {missing} がありません。",
        )
    engine = db.make_engine(url)
    try:
        schema.check_schema(engine)
        yield engine
    finally:
        engine.dispose()
