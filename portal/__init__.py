"""The reporter's site: a Flask application without cookies, accounts or addresses, which works without scripts.

May import `crypto` (never what reads a private key), `cases`, `store` and `templates`, and nothing of `admin`; only
its edge, pages and forms touch Flask, its use cases do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Load the application when it is asked for: portal.cleaning's worker starts without it."""
    if name != "create_app":
        raise AttributeError(name)
    from portal.app import create_app

    return create_app
