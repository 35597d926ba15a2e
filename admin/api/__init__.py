"""The server's side of the desk: signed requests in, sealed bytes out.

May import `crypto` (never what reads a private key), `cases` and `store`, and nothing of `portal`, the desk or the
commands; it holds no key that opens an envelope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from admin.api.app import create_api

__all__ = ["create_api"]


def __getattr__(name: str) -> Any:
    """Load the application when it is asked for: the actions start without Flask."""
    if name != "create_api":
        raise AttributeError(name)
    from admin.api.app import create_api

    return create_api
