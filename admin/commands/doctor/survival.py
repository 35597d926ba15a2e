"""Checks whether an accepted report survives the loss of the database's machine, and why."""

from __future__ import annotations

import json
import ssl
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from admin.commands.doctor.findings import Finding, Findings, fail, note, ok, warn

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

    from store.replication import Replication

WHAT: Final = "survival"
CHAPTER: Final = "docs/cluster.md"
PATRONI_PORT: Final = 8008
_SECONDS: Final = 3
_ALONE: Final = "A lost disk takes every report since the newest backup with it, although its code was shown."


@dataclass(frozen=True)
class PatroniMode:
    """How Patroni replicates: `mode` is "off", "on" or "quorum"; `is_strict`: it waits when no standby is left."""

    mode: str
    is_strict: bool


def survival(engine: Engine) -> Findings:
    """Say what the loss of the database's machine costs."""
    if engine.dialect.name == "sqlite":
        yield note(WHAT, f"One machine with SQLite. {_ALONE} Back up often, or see {CHAPTER}.")
        return
    from store.db import reading
    from store.replication import replication_of

    with reading(engine) as conn:
        replication = replication_of(conn)
    yield judge(replication)
    if replication.scope:
        yield from judge_patroni(replication, patroni_mode(engine.url))


def judge(replication: Replication) -> Finding:
    """Return the finding about PostgreSQL's own settings and standbys."""
    needed, holding = replication.needed, replication.holding
    if not replication.is_primary:
        return fail(
            WHAT, "This PostgreSQL is a standby: it stores no report. Add target_session_attrs=read-write."
        )
    if not needed and replication.standbys == ():
        return note(WHAT, f"PostgreSQL without a standby. {_ALONE} See {CHAPTER}.")
    if not needed:
        return warn(
            WHAT,
            "The standbys are asynchronous (synchronous_standby_names is empty): when the primary is lost, reports of "
            f"the last seconds are lost, although their codes were shown. See {CHAPTER}.",
        )
    if replication.commit not in ("on", "remote_apply"):
        return fail(
            WHAT,
            f"synchronous_commit is {replication.commit}; on is needed, so that a standby has it on disk.",
        )
    told = f"synchronous_standby_names is {replication.names!r}, synchronous_commit is {replication.commit}"
    if replication.standbys is None:
        return ok(
            WHAT,
            f"Survives the loss of the primary: {told}. Which standbys hold it can't be seen; GRANT pg_read_all_stats "
            "to the site's role shows them.",
        )
    if len(holding) < needed:
        return fail(
            WHAT,
            f"{told}, and {len(holding)} of {needed} standbys are there: no report is accepted until they are. Bring "
            "a standby back; don't empty the setting.",
        )
    some = f"at least {needed} of " if needed < len(holding) else ""
    return ok(WHAT, f"Survives the loss of the primary: {told}; held by {some}{', '.join(holding)}.")


def judge_patroni(replication: Replication, patroni: PatroniMode | None) -> Findings:
    """Yield what Patroni's own mode adds: PostgreSQL shows what is, Patroni decides what will be."""
    if patroni is None:
        yield note(
            "Patroni",
            f"Patroni runs this PostgreSQL ({replication.scope}); its mode can't be asked from here. On its machine: "
            "`patronictl show-config` has to say synchronous_mode and synchronous_mode_strict.",
        )
    elif patroni.mode == "off" and replication.needed:
        yield fail(
            "Patroni",
            "synchronous_standby_names is set by hand beside Patroni: it may promote a standby that lacks reports. "
            "Empty it and set synchronous_mode and synchronous_mode_strict.",
        )
    elif patroni.mode == "off":
        yield warn("Patroni", f"synchronous_mode is off: a failover can lose reports. See {CHAPTER}.")
    elif not patroni.is_strict:
        yield warn(
            "Patroni",
            "synchronous_mode_strict is off: with the last standby gone the primary goes on alone, and what it accepts "
            "then is lost with it. Switch it on.",
        )
    else:
        yield ok(
            "Patroni",
            f"synchronous_mode is {patroni.mode} and strict: only a standby with every commit is promoted.",
        )


def patroni_mode(url: URL) -> PatroniMode | None:
    """Ask Patroni on the database's machines for its mode; None where none of them answers."""
    context, scheme = _trusting(url), "https" if "sslrootcert" in url.query else "http"
    for host in hosts_of(url):
        place = f"{scheme}://{host}:{PATRONI_PORT}/config"
        # A machine that does not answer, or answers something else, is no reason to stop.
        with (
            suppress(OSError, ValueError, KeyError, AttributeError),
            urllib.request.urlopen(place, timeout=_SECONDS, context=context) as answer,
        ):
            return read_config(json.loads(answer.read(100_000)))
    return None


def _trusting(url: URL) -> ssl.SSLContext | None:
    """Return what checks Patroni's certificate: the authority that the database's URL names, for the same machines."""
    authority = url.query.get("sslrootcert")
    with suppress(OSError):
        return ssl.create_default_context(cafile=authority) if isinstance(authority, str) else None
    return None


def hosts_of(url: URL) -> list[str]:
    """Return the names of the machines that a URL names; sockets of this machine are "localhost"."""
    query = url.query.get("host", ())
    named = [url.host] if url.host else [query] if isinstance(query, str) else list(query)
    names = [part.partition(":")[0] for place in named for part in place.split(",")]
    return ["localhost" if not name or name.startswith("/") else name for name in names]


def read_config(config: dict[str, Any]) -> PatroniMode:
    """Read Patroni's dynamic configuration: synchronous_mode is false, true or "quorum"."""
    mode = config.get("synchronous_mode", False)
    name = "quorum" if mode == "quorum" else "on" if str(mode).lower() in ("true", "on") else "off"
    return PatroniMode(name, str(config.get("synchronous_mode_strict", False)).lower() in ("true", "on"))
