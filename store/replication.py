"""PostgreSQL's standbys: which must have a commit before it is confirmed, and which have it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

_COUNTED: Final = re.compile(r"(?:(?:ANY|FIRST)\s+)?(\d+)\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Standby:
    """One standby that is connected: its name, and "sync", "quorum", "potential" or "async"."""

    name: str
    state: str


@dataclass(frozen=True)
class Replication:
    """`names`: synchronous_standby_names as it is set. `commit`: synchronous_commit of the site's connections.
    `standbys`: None where the site's role may not see them. `is_primary`: False on a standby. `scope`: the name that
    Patroni gives its clusters on the command line; "" where PostgreSQL was started in another way.
    """

    names: str
    commit: str
    standbys: tuple[Standby, ...] | None
    is_primary: bool = True
    scope: str = ""

    @property
    def needed(self) -> int:
        """How many standbys have to hold a commit: PostgreSQL's own grammar of the setting; 0 for none."""
        counted = _COUNTED.match(self.names.strip())
        return int(counted[1]) if counted else int(bool(self.names.strip()))

    @property
    def holding(self) -> tuple[str, ...]:
        """The names of the standbys that count: those in state sync or quorum."""
        return tuple(standby.name for standby in self.standbys or () if standby.state in ("sync", "quorum"))


def replication_of(conn: Connection) -> Replication:
    """Ask PostgreSQL. Raises what SQLAlchemy raises; use it in `db.reading`."""

    def shown(name: str) -> str:
        return str(conn.execute(text(f"SHOW {name}")).scalar_one())

    # Others' rows have no states for a role without pg_read_all_stats.
    rows = conn.execute(
        text("SELECT application_name, sync_state FROM pg_stat_replication ORDER BY application_name")
    ).all()
    hidden = any(row.sync_state is None for row in rows)
    source = conn.execute(text("SELECT source FROM pg_settings WHERE name = 'cluster_name'")).scalar()
    return Replication(
        names=shown("synchronous_standby_names"),
        commit=shown("synchronous_commit"),
        standbys=None if hidden else tuple(Standby(row.application_name, row.sync_state) for row in rows),
        is_primary=not conn.execute(text("SELECT pg_is_in_recovery()")).scalar_one(),
        scope=shown("cluster_name") if source == "command line" else "",
    )
