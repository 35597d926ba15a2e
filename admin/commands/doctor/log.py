"""Checks of the transparency log: overwritten leaves, a late batch, an older database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from admin.commands.doctor.findings import Finding, Findings, fail, ok, warn

AWAY_BATCHES: Final = 3
"""Batches that an outside witness may miss before doctor says so: a computer is off over a weekend."""

_WRITTEN_OVER: Final = {
    "damaged": "The leaves in the database do not give the root that is stored: a disk error, or somebody wrote there.",
    "forked": "The database's log is not the one that was signed.",
}
_NO_KEY: Final = (
    "The secret file does not have the key that the log is signed with now, or the one of a change that waits. No "
    "batch is made and nothing is signed. Put the newest copy of the file back (`meyasubako log key status`)."
)
_NEWEST_COPY: Final = (
    "No batch is made and nothing is signed. Reports are taken all the same. Keep a copy of the database as it is, "
    "then put back the newest backup (docs/operations.md)."
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Engine

    from store.config.settings import Settings
    from store.log import HeadRow


def log(engine: Engine, settings: Settings) -> Findings:
    """Look at the log's head, and at `log-head` beside the secret file."""
    from admin.log_signing import lacks_key
    from crypto.tlog import leaf_hash
    from store import log as store_log
    from store import log_documents
    from store.config.log_head import LogHeadDamaged, head_path, read_head_file
    from store.config.secrets import load_secrets
    from store.db import reading

    with reading(engine) as conn:
        head, documents = store_log.head(conn), log_documents.documents(conn)
        batches, sizes = store_log.batches(conn), dict(store_log.newest_sizes(conn))
        strange = log_documents.evidence(conn)
        lacks = head is not None and lacks_key(conn, load_secrets(settings.server.secret_file), head.day)
        hashes = [leaf_hash(raw) for raw in store_log.leaves(conn, 0, head.size)] if head else []
    if head is None or head.day is None:
        yield ok("log", "not begun: the server begins it when it starts")
        if head is not None:
            yield from _witnesses([row.raw for row in documents if row.in_force])
        return
    try:
        known = read_head_file(head_path(settings.server.secret_file))
    except LogHeadDamaged:
        yield fail(
            "log", "log-head beside the secret file is damaged. Put it back from that folder's safekeeping."
        )
        return
    yield fail("log", _NO_KEY) if lacks else _standing(head, head.day, hashes, known, strange)
    policies = [row.raw for row in documents if row.in_force]
    yield from _witnesses(policies)
    if policies:
        yield from _away(policies[-1], batches, sizes)


def _standing(
    head: HeadRow,
    day: date,
    hashes: Sequence[bytes],
    known: tuple[int, bytes] | None,
    strange: Sequence[tuple[bytes, int, str]],
) -> Finding:
    """Return the state of the log. `day`: of its newest batch; `hashes`: of all its leaves as they are stored; `known`:
    what `log-head` holds; `strange`: checkpoints that were handed in and that it does not hold.
    """
    from admin.log_condition import LogCondition, judge_head
    from crypto import logbatch

    state = judge_head(head, hashes, known)
    if state is LogCondition.AHEAD and known is not None:
        return fail(
            "log",
            f"The database has {head.size} leaves and log-head knows {known[0]}: an older copy was put back. No batch "
            "is made until the missing leaves are there: `meyasubako log catch-up MIRROR` (docs/operations.md).",
        )
    if state in (LogCondition.DAMAGED, LogCondition.FORKED):
        return fail("log", f"{_WRITTEN_OVER[state.value]} {_NEWEST_COPY}")
    if strange:
        return fail(
            "log",
            f"Somebody has a checkpoint of {strange[-1][1]} leaves that this site's key signed and that this database "
            "does not hold: an older copy of the whole machine was put back. No batch is made. Run `meyasubako log "
            "catch-up MIRROR` with the folder of a witness or a desk's copy (docs/operations.md).",
        )
    if logbatch.is_clock_behind(day, int(time.time())):
        return fail(
            "log",
            f"This machine's clock is behind: the batch of {day.isoformat()} is made already. No report is taken until "
            "it is right; look at NTP (timedatectl). Where it is right now and was ahead when that batch was made, "
            "reports are taken again when that day is over (docs/operations.md, section 7).",
        )
    if logbatch.is_late(day, int(time.time())):
        days = len(logbatch.missing_days(day, int(time.time())))
        return warn(
            "log",
            f"The batches of {days} days are late. The server makes up to 7 by itself when it runs; for more: "
            "`meyasubako log batch --yes`.",
        )
    return ok("log", f"{head.size} leaves, every day up to {day.isoformat()}")


def _away(policy: bytes, batches: list[tuple[date, int, int]], sizes: dict[str, int]) -> Findings:
    """Name the witnesses that have not cosigned for more than three batches, with the newest day that they saw."""
    from crypto.log_policy import outside, read_policy_leaf

    for key in outside(read_policy_leaf(policy, 0, None).policy):
        unseen = [day for day, _first, end in batches if end > sizes.get(key.name, 0)]
        if len(unseen) > AWAY_BATCHES:
            yield warn(
                "witnesses",
                f"{key.name} has cosigned nothing since the batch of {unseen[0].isoformat()}. It may be away, or it "
                "saw a fault and stopped: ask. Batches go on meanwhile.",
            )


def _witnesses(policies: list[bytes]) -> Findings:
    from crypto.log_policy import outside, read_policy_leaf

    named = outside(read_policy_leaf(policies[-1], 0, None).policy) if policies else []
    if named:
        yield ok("witnesses", f"{len(named)} outside the company: {', '.join(key.name for key in named)}")
    else:
        yield warn(
            "witnesses",
            "The policy names no witness outside the company, and pages say so: a log that only the company looks "
            "after proves little. Ask a union, outside counsel or the works council (docs/operations.md), then "
            "`meyasubako log policy`.",
        )
