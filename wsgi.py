"""Where the house is joined: the reporter's site, and the desk's side of the server under /api.

`meyasubako serve` is the way to run it. `gunicorn wsgi:application` works too, with one worker, `--preload`,
or the setting `server.token_key_file`: workers that do not share the key of status tokens ask reporters for
their code again and again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from admin.api import create_api
from portal import create_app
from store import db
from store.secrets import load_secrets
from store.settings import Settings, load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_application(settings: Settings, token_key: bytes) -> WSGIApplication:
    """Return the whole server; call it after a fork, since it makes the database's engine."""
    engine = db.make_engine(settings.store.url)
    site = create_app(settings, engine, load_secrets(settings.server.secret_file), token_key)
    return DispatcherMiddleware(site, {"/api": create_api(settings, engine)})


def __getattr__(name: str) -> Any:
    if name not in ("app", "application"):
        raise AttributeError(name)
    from portal.server import token_key

    settings = load_settings(os.environ["MEYASUBAKO_CONFIG"])
    globals()["application"] = globals()["app"] = create_application(settings, token_key(settings.server))
    return globals()[name]
