"""HTTP client of the server's API. Every response is treated as untrusted.

The server is not trusted with more than delivery: whatever it says about people is checked in `roster`,
whatever it says about cases in `opening`.
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from admin.desk.server.responses import (
    ServerTrouble,
    Trouble,
    an_object,
)

LONGEST_PIECE: Final = 1024 * 1024
"""Bytes of a piece of a file: what the API hands out at most."""
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
PAGE_SECONDS: Final = 3.0
"""How long a page that has a copy to show instead waits for the server; the fetching goes on beside it."""
SILENCE: Final = 20.0
"""Seconds for which such pages do not ask again a server that did not answer."""
LONGEST_WAIT: Final = 120.0
"""Seconds that one answer may take in all: one that drips would hold the desk's pages for as long as it likes."""
LONGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes of one answer, as they come over the line. The longest true one: BATCH envelopes of the largest size class."""
_PLAIN: Final = {"Accept-Encoding": "identity"}
"""An encoding is undone in memory before its length can be looked at: 12 KiB that were packed twice become 1 GiB."""
_REFUSALS: Final = frozenset({400, 401, 403, 404, 409, 410, 413, 415, 429})


class DeskError(ValueError):
    """The desk can't be started like this; the text is for people."""


class ServerRefusal(Exception):
    """The server understood and refused: HTTP status and error code (`admin.api`)."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


def checked_url(url: str) -> str:
    """Return the server's address without a slash at its end. Raises DeskError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DeskError("The server's address can't be read.") from None
    if parts.scheme not in ("http", "https") or not host or port == 0 or parts.query or parts.fragment:
        raise DeskError("The server's address must look like https://meyasubako.example.jp.")
    if parts.username is not None or parts.password is not None:
        raise DeskError("The server's address must not hold a name or a password.")
    if parts.scheme == "http" and not _may_go_plain(host):
        raise DeskError("The server's address must begin with https:// (except on this computer, or .onion).")
    return url.rstrip("/")


def _may_go_plain(host: str) -> bool:
    if host == "localhost" or host.endswith(".onion"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Server:
    """The site's server. Follows no redirects, never waits for ever, and uses proxy settings of the environment only
    where `from_environment` says so (a witness may be behind a proxy; a desk may not be led through one unseen).
    """

    def __init__(
        self,
        url: str,
        today: Callable[[], date],
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
        from_environment: bool = False,
    ) -> None:
        self.url = checked_url(url)
        self.today, self._now = today, now
        self._of_thread = threading.local()
        self._silent: tuple[float, ServerTrouble] | None = None
        self._fetched: float | None = None
        self._owed_from: float | None = None
        self._log_from = float("-inf")
        self._http = httpx.Client(
            transport=transport,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=from_environment,
            headers=_PLAIN,
        )

    @property
    def limit(self) -> float | None:
        """Seconds that this thread waits for an answer; None: as long as TIMEOUT says."""
        return getattr(self._of_thread, "limit", None)

    @limit.setter
    def limit(self, seconds: float | None) -> None:
        self._of_thread.limit = seconds

    @contextmanager
    def within(self, seconds: float | None) -> Iterator[None]:
        """Have this thread wait so long for each answer."""
        before, self.limit = self.limit, seconds
        try:
            yield
        finally:
            self.limit = before

    def silence(self) -> ServerTrouble | None:
        """Return why the server is not asked again yet; None when it is."""
        return self._silent[1] if self._silent and self._now() < self._silent[0] else None

    def owes(self) -> bool:
        """Tell whether a page went on without what it asked for, and it is time to fetch that beside the pages."""
        return self._owed_from is not None and self._now() >= self._owed_from

    def note(self, trouble: ServerTrouble | None) -> None:
        """Note whether everything that is new was fetched just now, or why not."""
        if trouble is None:
            self._fetched, self._silent, self._owed_from = self._now(), None, None
            return
        if trouble.trouble in (Trouble.SLOW, Trouble.UNREACHABLE):
            self._owed_from = self._now() + SILENCE
        if trouble.trouble is Trouble.SLOW:  # one that refuses says so at once, and can be asked again
            self._silent = self._now() + SILENCE, trouble

    def log_is_due(self) -> bool:
        """Tell whether the log, where it was behind, is to be asked for again."""
        return self._now() >= self._log_from

    def log_was_asked(self, seconds: float) -> None:
        """Note that the log was asked for just now, and after how many seconds it may be again."""
        self._log_from = self._now() + seconds

    def fetched_minutes(self) -> int | None:
        """Return how many minutes ago everything that is new was fetched; None: not since the desk was started."""
        return None if self._fetched is None else int((self._now() - self._fetched) // 60)

    def build(self, method: str, url: str, **more: Any) -> httpx.Request:
        """Return a request that `exchange` can send."""
        return self._http.build_request(method, url, **more)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def keys(self) -> dict[str, Any]:
        """Return the public list of cards. Raises ServerTrouble."""
        status, _headers, body = self.exchange(self.build("GET", f"{self.url}/keys.json"))
        if status >= 500:
            raise ServerTrouble(Trouble.BUSY)
        if status != 200:
            raise ServerTrouble(Trouble.ODD)
        answer = an_object(body)
        if type(answer.get("v")) is not int:
            raise ServerTrouble(Trouble.ODD)
        return answer

    def refusal(self, status: int, there: date | None, body: bytes) -> Exception:
        """Return what an answer that is no success means. `there`: the server's day."""
        if status >= 500:
            return ServerTrouble(Trouble.BUSY)
        code = an_object(body).get("error") if status in _REFUSALS else None
        if not isinstance(code, str):
            return ServerTrouble(Trouble.ODD)
        apart = abs(there - self.today()).days if there else 0
        # Requests are taken a day early and late; a status only on its day.
        if (status == 401 and apart > 1) or (code == "day" and apart):
            return ServerTrouble(Trouble.CLOCK, there)
        return ServerTrouble(Trouble.REFUSED) if status == 401 else ServerRefusal(status, code)

    def _read(self, answer: httpx.Response, at_most: int) -> bytes:
        """Return the body as it came over the line. One in an encoding was not asked for, and is not undone."""
        stream = answer.stream
        if "Content-Encoding" in answer.headers or not isinstance(stream, httpx.SyncByteStream):
            raise ServerTrouble(Trouble.ODD)
        body, end = bytearray(), self._now() + (self.limit or LONGEST_WAIT)
        for part in stream:
            body += part
            if len(body) > at_most:
                raise ServerTrouble(Trouble.ODD)
            if self._now() > end:
                raise ServerTrouble(Trouble.SLOW)
        return bytes(body)

    def exchange(
        self, request: httpx.Request, at_most: int = LONGEST_ANSWER
    ) -> tuple[int, httpx.Headers, bytes]:
        """Send a request; return the answer's status, its headers and its body of up to `at_most` bytes."""
        if self.limit is not None:
            request.extensions = {**request.extensions, "timeout": httpx.Timeout(self.limit).as_dict()}
        try:
            answer = self._http.send(request, stream=True)
            try:
                return answer.status_code, answer.headers, self._read(answer, at_most)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise ServerTrouble(Trouble.SLOW) from None
        except httpx.HTTPError as error:
            raise ServerTrouble(_why(error)) from None


def _why(error: BaseException) -> Trouble:
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLError):
            return Trouble.TLS
        at = at.__cause__ or at.__context__
    return (
        Trouble.ODD
        if isinstance(error, httpx.RemoteProtocolError | httpx.DecodingError)
        else Trouble.UNREACHABLE
    )
