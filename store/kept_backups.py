"""A folder of daily backups: which there are, whether one is whole, and which have to go.

How long backups are kept is a promise, since a report that was deleted lives on in them: the days are counted by
their names, and PostgreSQL's write-ahead archives, which hold the same, end with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from cases.days import format_day, parse_day
from store import site
from store import tables as t
from store.backup import BackupError, open_backup
from store.database_faults import StoreFailed
from store.db import reading

_NAME: Final = re.compile(r"meyasubako-([0-9]{4}-[0-9]{2}-[0-9]{2})\.backup")
_PART: Final = re.compile(r"\.meyasubako-[0-9]{4}-[0-9]{2}-[0-9]{2}\.backup\.[0-9a-f]{8}\.part(-journal)?")
_ARCHIVED: Final = re.compile(
    r"([0-9A-F]{24}(\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history)(\.partial)?(\.(gz|zst|lz4|bz2|xz))?"
)
"""A file of PostgreSQL's archive (its manual, "Continuous Archiving"), compressed or not."""
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True)
class BackupContents:
    """The contents of a whole backup. `sign_pk`: the site's public key, 32 bytes. `files`: of reports and messages."""

    sign_pk: bytes
    cards: int
    files: int


def daily_name(day: date) -> str:
    """Return the name of a day's backup."""
    return f"meyasubako-{format_day(day)}.backup"


def check_contents(path: Path) -> BackupContents:
    """Read a backup through: tables of this version, rows that belong together, files whose pieces are all there.

    Raises BackupError.
    """
    engine = open_backup(path.absolute())
    try:
        with reading(engine) as conn:
            sign_pk = site.get(conn).sign_pk
            cards = int(conn.scalar(select(func.count()).select_from(t.card)) or 0)
            objects = conn.execute(select(t.stored_object.c.object_id, t.stored_object.c.size)).all()
            stored = dict(
                conn.execute(
                    select(t.object_piece.c.object_id, func.sum(func.length(t.object_piece.c.raw))).group_by(
                        t.object_piece.c.object_id
                    )
                ).all()
            )
    except (StoreFailed, site.NoSite) as error:
        raise BackupError(f"{path} is damaged ({error}).") from None
    finally:
        engine.dispose()
    if any(int(stored.get(object_id, 0)) != size for object_id, size in objects):
        raise BackupError(f"{path} is damaged: a file of a report is not complete in it.")
    return BackupContents(sign_pk, cards, len(objects))


def prune(folder: Path, keep_days: int, today: date) -> list[Path]:
    """Delete the backups of more than `keep_days` days before `today`, and what interrupted ones left on days before;
    return them. A file under any other name stays. Raises BackupError.
    """
    gone = []
    for path in sorted(folder.iterdir()):
        day = _day_of(path.name)
        left_over = _PART.fullmatch(path.name) and format_day(today) not in path.name
        if left_over or (day is not None and day < today - timedelta(days=keep_days)):
            gone.append(path)
    return _delete(gone)


def prune_archive(folder: Path, keep_days: int, now: float) -> list[Path]:
    """Delete the files of PostgreSQL's write-ahead archive that were written more than `keep_days` days before `now`
    (seconds since 1970); return them. A file under any other name stays. Raises BackupError.
    """
    oldest = now - keep_days * _DAY_SECONDS
    try:
        named = [path for path in sorted(folder.iterdir()) if _ARCHIVED.fullmatch(path.name)]
        return _delete([path for path in named if path.stat().st_mtime < oldest])
    except OSError as error:
        raise BackupError(f"{folder} can't be read: {error.strerror}.") from None


def _day_of(name: str) -> date | None:
    named = _NAME.fullmatch(name)
    try:
        return parse_day(named.group(1)) if named else None
    except ValueError:
        return None


def _delete(paths: list[Path]) -> list[Path]:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BackupError(
                f"{path} is older than backups are kept and can't be deleted: {error.strerror}."
            ) from None
    return paths
