"""What the desk asks of the server. Every answer is checked as if a stranger had written it.

The server is not trusted with more than delivery: whatever it says about people is checked in `people`,
whatever it says about cases in `casefile`.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from cases.days import format_day, parse_day, today_jst
from crypto import messages
from crypto.encoding import b64d, b64e, canonical_json, hex_id, id_from_hex
from crypto.errors import BadData
from crypto.identity import Identity

BATCH: Final = 50
"""Envelopes at a time, as many as the API hands out."""

CHANGES: Final = 1000
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
LONGEST_ANSWER: Final = 64 * 1024 * 1024
_KINDS: Final = (1, 2, 3, 4)


class DeskError(ValueError):
    """The desk can't be started like this; the text is for people."""


class Trouble(Enum):
    """Why the server could not be asked, as far as the desk can tell."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    TLS = "tls"
    BUSY = "busy"
    ODD = "odd"
    REFUSED = "refused"
    CLOCK = "clock"


class ServerTrouble(Exception):
    """The server could not be asked. `there` is its day when it is not this computer's (Trouble.CLOCK)."""

    def __init__(self, trouble: Trouble, there: date | None = None) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.there = there


class Refused(Exception):
    """The server understood and refused: HTTP status and code word (`admin.api`)."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(f"{status} {word}")
        self.status = status
        self.word = word


@dataclass(frozen=True)
class Change:
    """One thing that happened: an envelope (kind 1 to 4) or a status. What belongs to the other is None."""

    seq: int
    case_id: bytes
    day: date
    envelope_id: bytes | None = None
    kind: int | None = None
    sequence: int | None = None
    status: str | None = None
    author: bytes | None = None
    sig: bytes | None = None
    act_sig: bytes | None = None


@dataclass(frozen=True)
class SealedBytes:
    """A sealed envelope and the grants to this auditor's key."""

    envelope_id: bytes
    raw: bytes
    grants: tuple[bytes, ...]


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
    """The site's server. Follows no redirects, uses no proxy settings of the environment, never waits for
    ever.
    """

    def __init__(
        self, url: str, today: Callable[[], date], transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = checked_url(url)
        self._today = today
        self._http = httpx.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def keys(self) -> dict[str, Any]:
        """Return the public list of cards. Raises ServerTrouble."""
        status, _headers, body = self._exchange(self._http.build_request("GET", f"{self.url}/keys.json"))
        if status >= 500:
            raise ServerTrouble(Trouble.BUSY)
        if status != 200:
            raise ServerTrouble(Trouble.ODD)
        return _object(body)

    def changes(self, identity: Identity, salt: bytes, after: int) -> tuple[list[Change], bool]:
        """Return what happened after a place in the feed, and whether there is more. Raises ServerTrouble."""
        answer = self._ask(identity, salt, "GET", f"/changes?after={after}&limit={CHANGES}")
        with _checking():
            found = [_change(one) for one in _list(answer["changes"])]
            more = answer["more"]
            places = [after, *(change.seq for change in found)]
            # A feed that does not move on would keep the desk asking for ever.
            if type(more) is not bool or places != sorted(set(places)) or (more and not found):
                raise ValueError
        return found, more

    def envelopes(self, identity: Identity, salt: bytes, ids: Sequence[bytes]) -> list[SealedBytes]:
        """Return up to BATCH sealed envelopes; those that the server withholds are missing. Raises
        ServerTrouble.
        """
        answer = self._ask(identity, salt, "POST", "/envelopes", {"ids": [hex_id(one) for one in ids]})
        with _checking():
            found = [
                SealedBytes(
                    id_from_hex(one["id"]),
                    b64d(one["raw"]),
                    tuple(b64d(sealed) for sealed in _list(one["grants"])),
                )
                for one in _list(answer["envelopes"])
            ]
        return [sealed for sealed in found if sealed.envelope_id in set(ids)]

    def object_piece(
        self, identity: Identity, salt: bytes, object_id: bytes, offset: int
    ) -> tuple[bytes, int] | None:
        """Return the bytes of a sealed object from `offset` on, at most 1 MiB, and the object's length; None when
        the server does not have it. Raises ServerTrouble.
        """
        request = self._request(identity, salt, "GET", f"/objects/{hex_id(object_id)}?offset={offset}", None)
        status, headers, body = self._exchange(request)
        if status == 404:
            return None
        if status != 200:
            refusal = self._refusal(status, _day_of(headers.get("Date")), body)
            raise refusal if isinstance(refusal, ServerTrouble) else ServerTrouble(Trouble.ODD)
        with _checking():
            return body, _number(int(headers["Meyasubako-Length"]))

    def set_status(self, identity: Identity, salt: bytes, case_id: bytes, status: Mapping[str, Any]) -> None:
        """Send a signed status. Raises ServerTrouble, Refused."""
        self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/status", status)

    def add_envelope(self, identity: Identity, salt: bytes, case_id: bytes, sent: Mapping[str, Any]) -> bool:
        """Send an envelope; True when the server had it (or another one with its id). Raises ServerTrouble,
        Refused.
        """
        answer = self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/envelopes", sent)
        return answer.get("repeat") is True

    def _ask(
        self, identity: Identity, salt: bytes, method: str, path: str, sent: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Fetch something that no server of this kind refuses."""
        try:
            return self._signed(identity, salt, method, path, sent)
        except Refused:
            raise ServerTrouble(Trouble.ODD) from None

    def _signed(
        self, identity: Identity, salt: bytes, method: str, path: str, sent: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        status, headers, answer = self._exchange(self._request(identity, salt, method, path, sent))
        if status in (200, 201):
            return _object(answer)
        raise self._refusal(status, _day_of(headers.get("Date")), answer)

    def _request(
        self, identity: Identity, salt: bytes, method: str, path: str, sent: Mapping[str, Any] | None
    ) -> httpx.Request:
        body = b"" if sent is None else canonical_json(sent)
        headers = {} if sent is None else {"Content-Type": "application/json"}
        request = self._http.build_request(
            method, f"{self.url}/api/v1{path}", content=body or None, headers=headers
        )
        target = request.url.raw_path.decode("ascii")
        request.headers["Authorization"] = _authorization(identity, salt, method, target, body, self._today())
        return request

    def _refusal(self, status: int, there: date | None, body: bytes) -> Exception:
        if status >= 500:
            return ServerTrouble(Trouble.BUSY)
        word = _object(body).get("error") if status in (400, 401, 403, 404, 409, 413, 415) else None
        if not isinstance(word, str):
            return ServerTrouble(Trouble.ODD)
        apart = abs(there - self._today()).days if there else 0
        # Requests are taken a day early and late; a status only on its day.
        if (status == 401 and apart > 1) or (word == "day" and apart):
            return ServerTrouble(Trouble.CLOCK, there)
        return ServerTrouble(Trouble.REFUSED) if status == 401 else Refused(status, word)

    def _exchange(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        """Send a request; return the answer's status, its headers and its body."""
        try:
            answer = self._http.send(request, stream=True)
            try:
                return answer.status_code, answer.headers, _read(answer)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise ServerTrouble(Trouble.SLOW) from None
        except httpx.HTTPError as error:
            raise ServerTrouble(_why(error)) from None


@contextmanager
def _checking() -> Iterator[None]:
    """Turn whatever goes wrong while an answer is read into one error: the answer is odd."""
    try:
        yield
    except (BadData, ValueError, TypeError, LookupError, AttributeError):
        raise ServerTrouble(Trouble.ODD) from None


def _authorization(identity: Identity, salt: bytes, method: str, target: str, body: bytes, day: date) -> str:
    nonce = secrets.token_bytes(16)
    sig = messages.sign(identity.sign_seed, messages.request_text(salt, method, target, body, day, nonce))
    return f"Meyasubako {hex_id(identity.key_id)}.{format_day(day)}.{b64e(nonce)}.{b64e(sig)}"


def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise ServerTrouble(Trouble.ODD)
    return bytes(body)


def _day_of(header: str | None) -> date | None:
    try:
        return today_jst(parsedate_to_datetime(header)) if header else None
    except (ValueError, TypeError):
        return None


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


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ServerTrouble(Trouble.ODD) from None
    if not isinstance(found, dict):
        raise ServerTrouble(Trouble.ODD)
    return found


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _number(value: object, least: int = 1) -> int:
    if type(value) is not int or not least <= value < 2**63:
        raise ValueError
    return value


def _change(one: Mapping[str, Any]) -> Change:
    seq, case_id, day = _number(one["seq"]), id_from_hex(one["case"]), parse_day(one["day"])
    act_sig = b64d(one["act_sig"]) if "act_sig" in one else None
    if one["what"] == "status":
        return Change(
            seq,
            case_id,
            day,
            sequence=_number(one["sequence"]),
            status=str(one["status"]),
            author=id_from_hex(one["author"]),
            sig=b64d(one["sig"]),
            act_sig=act_sig,
        )
    kind = _number(one["kind"])
    if kind not in _KINDS or (one["what"] == "report") != (kind == 1):
        raise ValueError
    return Change(seq, case_id, day, envelope_id=id_from_hex(one["envelope"]), kind=kind, act_sig=act_sig)
