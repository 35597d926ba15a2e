"""The server's side of the desk: signed requests in, sealed bytes out. It holds no key that opens anything."""

from admin.api.app import create_api

__all__ = ["create_api"]
