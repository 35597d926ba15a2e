"""Checks of the transparency log: a batch that is late, an older database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from admin.commands.doctor.findings import Findings, fail, ok, warn

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from store.config.settings import Settings


def log(engine: Engine, settings: Settings) -> Findings:
    """Look at the log's head, and at `log-head` beside the secret file."""
    from crypto import logbatch
    from store import log as store_log
    from store.config.log_head import LogHeadDamaged, head_path, read_head_file
    from store.db import reading

    with reading(engine) as conn:
        head = store_log.head(conn)
    if head is None or head.day is None:
        yield ok("log", "not begun: the server begins it when it starts")
        return
    try:
        known = read_head_file(head_path(settings.server.secret_file))
    except LogHeadDamaged:
        yield fail(
            "log", "log-head beside the secret file is damaged. Put it back from that folder's safekeeping."
        )
        return
    if known is not None and known[0] > head.size:
        yield fail(
            "log",
            f"The database has {head.size} leaves and log-head knows {known[0]}: an older copy was put back. No batch "
            "is made until the newest copy is there.",
        )
    elif logbatch.is_late(head.day, int(time.time())):
        days = len(logbatch.missing_days(head.day, int(time.time())))
        yield warn(
            "log",
            f"The batches of {days} days are late. The server makes up to 7 by itself when it runs; for more: "
            "`meyasubako log batch --yes`.",
        )
    else:
        yield ok("log", f"{head.size} leaves, every day up to {head.day.isoformat()}")
