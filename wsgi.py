"""The WSGI application: the reporter's site, and the desk's API under /api.

`meyasubako serve` is the way to run it. `gunicorn wsgi:application` works too, with one worker, `--preload`,
or the setting `server.token_key_file`: workers that do not share the key of status tokens ask reporters for
their code again and again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from admin.api import create_api
from admin.log_thread import TICK_SECONDS, LastLook, keep_going
from admin.logbook import LogKeeper
from admin.nightly import keep_renewing
from cases.days import today_jst
from crypto import messages
from crypto.logbatch import release_leaf
from portal import bundle
from portal.app import create_app, make_objects
from store import db
from store.config.secrets import load_secrets
from store.config.settings import Settings, load_settings
from store.db import StoreFailed
from store.fault_board import FaultBoard
from store.health import health_of
from store.objects import folder_of
from store.sqlite import is_sqlite

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_application(
    settings: Settings,
    token_key: bytes,
    now: Callable[[], float] = time.time,
    tick: float = TICK_SECONDS,
    faults: FaultBoard | None = None,
) -> WSGIApplication:
    """Return the whole server; call it after a fork, since it makes the database's engine and starts the thread that
    makes the log's batches. `now`: this machine's clock, the server's one question for the time; `tick`: seconds after
    which a batch that is due is looked for; `faults`: where faults of the database are counted for the metrics.
    """

    def today() -> date:
        return today_jst(datetime.fromtimestamp(now(), UTC))

    engine = db.make_engine(settings.store.url, is_server=True)
    health_of(engine).board = faults
    objects = make_objects(settings, engine)
    # What an interrupted server left is swept at the next start; a database that is away is no reason not to.
    with suppress(StoreFailed):
        objects.sweep(today())
    secrets = load_secrets(settings.server.secret_file)
    last = LastLook()
    site = create_app(
        settings, engine, secrets, token_key, today, now=now, objects=objects, log_refusal=last.refusal
    )

    def sign(text: bytes) -> bytes:
        return messages.sign(secrets.sign_seed, text)

    api = create_api(settings, engine, today, objects=objects, first_card=secrets.first_card, sign=sign)
    keep_going(LogKeeper(engine, settings.server.secret_file, release_leaf(bundle.served())), now, tick, last)
    keep_renewing(objects, now, tick)
    return DispatcherMiddleware(site, {"/api": api})


def __getattr__(name: str) -> Any:
    if name not in ("app", "application"):
        raise AttributeError(name)
    from portal.edge.server import token_key

    settings = load_settings(os.environ["MEYASUBAKO_CONFIG"])
    engine = db.make_engine(settings.store.url)
    if is_sqlite(engine):
        folder_of(engine).check()
    engine.dispose()
    globals()["application"] = globals()["app"] = create_application(settings, token_key(settings.server))
    return globals()[name]
