"""The API as a process that is killed between the writes of one decision: after the status, before the answer's row.

Its arguments: the database's URL, a folder, the first card's key id as hex, the site's day. It writes its port.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from admin.api import create_api
from crypto.envelope import Kind
from store import db, reports
from store.config.settings import LimitSettings, ServerSettings, Settings, SiteSettings, StoreSettings

_keep = reports.store_envelope


def _die(*given: Any) -> None:
    _keep(*given)
    if given[3] == Kind.TO_REPORTER:
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, folder: str, first_card: str, day: str) -> None:
    """Serve until the first answer to a reporter has been written, and not been committed."""
    settings = Settings(
        path=Path(folder) / "meyasubako.toml",
        site=SiteSettings("試験の目安箱", "Test Meyasubako", True),
        store=StoreSettings(url),
        server=ServerSettings(secret_file=Path(folder) / "server.secret"),
        limits=LimitSettings(),
    )
    setattr(reports, "store_envelope", _die)  # noqa: B010 - mypy takes no other function here
    api = create_api(
        settings,
        db.make_engine(url),
        today=lambda: date.fromisoformat(day),
        first_card=bytes.fromhex(first_card),
    )
    server = create_server(
        DispatcherMiddleware(Response("", 404), {"/api": api.wsgi_app}), host="127.0.0.1", port=0, threads=1
    )
    sys.stdout.write(f"{server.effective_port}\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
