"""The reporter's site: a Flask application without cookies, accounts, scripts or addresses."""

from __future__ import annotations

from portal.app import create_app

__all__ = ["create_app"]
