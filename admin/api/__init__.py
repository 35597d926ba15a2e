"""The server's side of the desk: signed requests in, sealed bytes out.

May import `crypto` (never what reads a private key), `cases` and `store`, and nothing of `portal`, the desk or the
commands; it holds no key that opens an envelope.
"""

from admin.api.app import create_api

__all__ = ["create_api"]
