"""Request filtering: strips identifying headers, rejects truncated bodies, keeps bodies off disk.

`Edge` is a WSGI filter in front of the application. What it takes out, no view, log or error page can ever
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Request, current_app, request
from gunicorn.http.errors import ParseException
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, Forbidden, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_accept_header
from werkzeug.utils import cached_property

from portal.context import Portal
from portal.edge.body import RequestBody
from portal.uploads.receive import LARGE, Limits, Uploads, read_form

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.datastructures import MultiDict

    Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]

_EXTENSION: Final = "meyasubako"

KEPT_HEADERS: Final = frozenset({"HTTP_HOST", "HTTP_ACCEPT_LANGUAGE"})
"""The request headers that the site works with. Whatever else a browser or a proxy says stays outside."""

INSIDE_HEADER: Final = "HTTP_X_MEYASUBAKO_INSIDE"
GZIP: Final = "meyasubako.gzip"
BROTLI: Final = "meyasubako.brotli"
FOREIGN: Final = "meyasubako.foreign"
"""Four more are kept, each as one bit: a proxy says that the visitor is in a network of the company; a browser
says that it takes compressed answers (as every browser does; how it says so differs, and stays outside), and that
the page which sent a form is another site's (which site that is stays outside)."""

DRAIN_AT_MOST: Final = 32_000_000
"""Bytes of a refused body that are read and thrown away, so that the browser gets to see the answer."""

MAX_FIELDS: Final = 200
"""Form fields in one request: the questions, the hidden ones, and one for each of 64 recipients, with
room."""

WITH_FILES: Final = frozenset({"report.send", "status.come_back"})
"""Endpoints whose forms can bring files, and so be larger than others."""

FORM_TYPES: Final = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


def portal() -> Portal:
    """Return the site that this request belongs to."""
    return cast(Portal, current_app.extensions[_EXTENSION])


def install(app: Flask, site: Portal) -> None:
    """Make `portal()` return this site."""
    app.extensions[_EXTENSION] = site


class Edge:
    """WSGI filter: removes what identifies a visitor, and reads a refused body to its end."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Call the application with a cleaned copy of the environment."""
        clean = {key: value for key, value in environ.items() if _may_pass(key)}
        if environ.get(INSIDE_HEADER) == "1":
            clean[INSIDE_HEADER] = "1"
        if environ["REQUEST_METHOD"] == "GET":  # nothing else is ever compressed
            taken = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
            clean |= {name: True for name, coding in ((GZIP, "gzip"), (BROTLI, "br")) if taken[coding]}
        if _is_foreign(environ):
            clean[FOREIGN] = True
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


def _is_foreign(environ: WSGIEnvironment) -> bool:
    """Tell whether a browser says that another site's page sent this.

    Browsers since 2023 say so in Sec-Fetch-Site; of older ones there is Origin, which names the page's site. Our own
    pages have `Referrer-Policy: no-referrer`, with which a form's Origin is "null".
    """
    fetch_site = environ.get("HTTP_SEC_FETCH_SITE")
    if fetch_site is not None:
        return fetch_site in ("cross-site", "same-site")
    origin = environ.get("HTTP_ORIGIN", "null")
    place = _place(origin)
    return origin != "null" and (place is None or place != _place(f"//{environ.get('HTTP_HOST', '')}"))


def _place(address: str) -> tuple[str, int | None] | None:
    """Return the host and, where it is not the scheme's own, the port of an address; None where there are none.

    The scheme does not count: behind a proxy the site does not know its own.
    """
    try:
        parts = urlsplit(address)
        port = None if parts.port in (80, 443) else parts.port
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None


class _Body:
    """The request's body as it is read, remembering how much of it is still to come; it ends where it said it would.

    A read can return less than it was asked for. `is_measured`: the request says how long it is.
    """

    def __init__(self, environ: WSGIEnvironment) -> None:
        source: Any = environ["wsgi.input"]
        self._read: Callable[[int], bytes] = source.read1 if isinstance(source, RequestBody) else source.read
        length = environ.get("CONTENT_LENGTH") or ""
        self.is_measured: Final = length.isascii() and length.isdigit()
        if self.is_measured:
            self._left = int(length)
        else:
            self._left = DRAIN_AT_MOST if environ.get("wsgi.input_terminated") else 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises BadRequest where the body breaks off or can't be read."""
        if self.is_measured:
            if size < 0:
                return b"".join(iter(lambda: self.read(self._left), b""))
            size = min(size, self._left)
        try:
            data = self._read(size) if size else b""
        except ParseException:
            # "from None": what the server's parser says can quote the body.
            raise BadRequest from None
        except (OSError, ValueError):
            raise ClientDisconnected from None
        if size and not data and self.is_measured:
            raise ClientDisconnected
        self._left -= len(data)
        return data

    def drain(self) -> None:
        """Throw the rest away, within bounds: while a browser sends, it does not look at the answer."""
        left = min(self._left, DRAIN_AT_MOST)
        try:
            while left > 0 and (data := self._read(min(left, 65_536))):
                left -= len(data)
        except (OSError, ValueError, ParseException):
            # The sender went away or sent nonsense; the answer is ready all the same.
            return


def refuse_foreign_forms() -> None:
    """Take no form that another site's page sent; for the start of a request. Raises Forbidden.

    A ticket is bound to its code, not to a visitor: another site could send a form of ours with a code that it
    knows, and the page that answers would have the visitor go on under that code.
    """
    if request.method == "POST" and FOREIGN in request.environ:
        raise Forbidden


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
    """A request whose form is whole, or an error; its files are sealed by the time it is read."""

    form_data_parser_class = FormParser
    _uploads: Uploads | None = None

    @property
    def uploads(self) -> Uploads:
        """The files that came with the form. They are deleted at the end of the request unless kept or named."""
        self._load_form_data()
        if self._uploads is None:
            self._uploads = Uploads(portal().objects)
        return self._uploads

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body. One that said how long it is ends there by itself: Werkzeug's guard would copy all of it twice.

        Raises RequestEntityTooLarge.
        """
        guarded, body = super().stream, self.environ["wsgi.input"]
        return cast(IO[bytes], body) if isinstance(body, _Body) and body.is_measured else guarded

    @property
    def max_content_length(self) -> int | None:
        """The largest body: text alone, or text and files where a form takes them."""
        limits = portal().settings.limits
        if self.endpoint not in WITH_FILES or self.mimetype != "multipart/form-data":
            return limits.max_request_bytes
        return limits.max_request_bytes + limits.max_files * limits.max_file_bytes

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        raise AttributeError("a request does not choose how large it may be")

    def make_form_data_parser(self) -> FormDataParser:
        """Return a parser that tells of errors (Werkzeug's default is to be silent and give an empty
        form)."""
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        try:
            if self.mimetype == "multipart/form-data":
                self._load_multipart()
            else:
                super()._load_form_data()
        except HTTPException:
            raise
        except (ValueError, OSError, EOFError):
            # "from None": the parser's own words can quote the body.
            raise BadRequest from None

    def _load_multipart(self) -> None:
        here, stream = portal(), self._get_stream_for_parsing()
        sizes = here.settings.limits
        limits = Limits(sizes.max_request_bytes, MAX_FIELDS, sizes.max_files, sizes.max_file_bytes)
        boundary = self.mimetype_params.get("boundary", "").encode("latin-1", "replace")
        collected = self.content_length is not None and self.content_length <= LARGE
        with nullcontext(True) if collected else here.slots.taken() as free:
            parsed = read_form(stream, boundary, limits, here.objects, here.today(), free)
        self._uploads = parsed.uploads
        # What Werkzeug's own parser sets, so that nothing reads the body a second time.
        self.__dict__["stream"] = stream
        self.__dict__["form"] = ImmutableMultiDict(parsed.form)
        self.__dict__["files"] = ImmutableMultiDict()

    def forget_files(self) -> None:
        """Delete the files that nothing keeps; for the end of the request."""
        if self._uploads is not None:
            self._uploads.close()


__all__ = [
    "DRAIN_AT_MOST",
    "FORM_TYPES",
    "MAX_FIELDS",
    "WITH_FILES",
    "Edge",
    "PortalRequest",
    "refuse_foreign_forms",
]
