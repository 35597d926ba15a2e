"""The refusal of a request, as an exception. No Flask in here."""

from __future__ import annotations


class ApiRefusal(Exception):
    """A request that is not carried out: HTTP status and error code. Nothing has been changed."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
