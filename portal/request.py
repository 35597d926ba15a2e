"""What is let in of a request: nothing that says who sent it, no half of a body, nothing to disk.

`Edge` is a WSGI filter in front of the application. What it takes out, no view, log or error page can ever
read.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.datastructures import MultiDict

    Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]

KEPT_HEADERS: Final = frozenset({"HTTP_HOST", "HTTP_ACCEPT_LANGUAGE"})
"""The request headers that the site works with. Whatever else a browser or a proxy says stays outside."""

DRAIN_AT_MOST: Final = 32_000_000
"""Bytes of a refused body that are read and thrown away, so that the browser gets to see the answer."""

MAX_FIELDS: Final = 200
"""Form fields in one request: the questions, the hidden ones, and one for each of 64 recipients, with
room."""

FORM_TYPES: Final = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


class Edge:
    """WSGI filter: removes what identifies a visitor, and reads a refused body to its end."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Call the application with a cleaned copy of the environment."""
        clean = {key: value for key, value in environ.items() if _may_pass(key)}
        body = clean["wsgi.input"] = _Body(environ)
        if clean.get("CONTENT_LENGTH"):
            # Without this flag Werkzeug compares what came with the length that was announced. With it, a
            # body that breaks off counts as complete (it trusts the server to have noticed): half a report.
            clean.pop("wsgi.input_terminated", None)
        answer = self._app(clean, start_response)
        body.drain()
        return answer


def _may_pass(key: str) -> bool:
    # Servers pass a connection's address on as REMOTE_*, and every header as HTTP_*.
    return key in KEPT_HEADERS or not key.startswith(("HTTP_", "REMOTE_"))


class _Body:
    """The request's body as it is read, remembering how much of it is still to come."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._source: Any = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit():
            self._left: int = int(length)
        else:
            self._left = DRAIN_AT_MOST if environ.get("wsgi.input_terminated") else 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._source.read(size)
        self._left -= len(data)
        return data

    def readline(self, size: int = -1) -> bytes:
        data: bytes = self._source.readline(size)
        self._left -= len(data)
        return data

    def drain(self) -> None:
        """Throw the rest away, within bounds: while a browser sends, it does not look at the answer."""
        left = min(self._left, DRAIN_AT_MOST)
        try:
            while left > 0 and (data := self._source.read(min(left, 65_536))):
                left -= len(data)
        except (OSError, ValueError):
            # The sender went away or sent nonsense; the answer is ready all the same.
            return


class _Discarded(io.BytesIO):
    """Takes a file's bytes and keeps none."""

    def write(self, data: Any, /) -> int:
        return len(data)


class FormParser(FormDataParser):
    """Werkzeug's parser, which takes neither half a form nor one that it can't read for an empty one."""

    def _parse_urlencoded(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Parsed:
        # Werkzeug would keep bytes that are not UTF-8 as "%82%A0": nobody could read that. As U+FFFD the form
        # says so.
        items = parse_qsl(
            stream.read().decode("ascii", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
        return stream, self.cls(items), self.cls()


class PortalRequest(Request):
    """A request whose form is whole, or an error."""

    form_data_parser_class = FormParser

    def make_form_data_parser(self) -> FormDataParser:
        """Return a parser that tells of errors (Werkzeug's default is to be silent and give an empty
        form)."""
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except HTTPException:
            raise
        except (ValueError, OSError, EOFError):
            # "from None": the parser's own words can quote the body.
            raise BadRequest from None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        # Werkzeug puts files above 500 kB into a temporary file, in plain text.
        return _Discarded()


__all__ = ["DRAIN_AT_MOST", "FORM_TYPES", "MAX_FIELDS", "Edge", "PortalRequest"]
