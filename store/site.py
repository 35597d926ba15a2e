"""The site's one row: the salt of its receipt codes and its public signing key."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from store import tables as t
from store.outcome import Outcome


class NoSite(Exception):
    """The database has no site yet; `meyasubako init` makes it."""

    ja = "データベースに、まだサイトがありません。"


@dataclass(frozen=True)
class SiteRow:
    """`salt`: 16 bytes, public, the same for ever. `sign_pk`: 32 bytes, Ed25519."""

    salt: bytes
    sign_pk: bytes


_GET = select(t.site.c.salt, t.site.c.sign_pk)


def get(conn: Connection) -> SiteRow:
    """Return the site. Raises NoSite when there is none yet."""
    row = conn.execute(_GET).first()
    if row is None:
        raise NoSite("the database has no site yet")
    return SiteRow(row.salt, row.sign_pk)


def create(conn: Connection, salt: bytes, sign_pk: bytes) -> Outcome:
    """Store the site, once: REPEAT for the same again, REFUSED for another one (codes would die with the
    salt).
    """
    there = conn.execute(_GET).first()
    if there is not None:
        return Outcome.REPEAT if (there.salt, there.sign_pk) == (salt, sign_pk) else Outcome.REFUSED
    conn.execute(insert(t.site), {"id": 1, "salt": salt, "sign_pk": sign_pk})
    return Outcome.STORED
