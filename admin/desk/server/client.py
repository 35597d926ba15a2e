"""What the desk asks of the server. Every answer is checked as if a stranger had written it.

The server is not trusted with more than delivery: whatever it says about people is checked in `people`,
whatever it says about cases in `casefile`.
"""

from __future__ import annotations

import ipaddress
import secrets
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from admin.desk.server.responses import (
    Feed,
    Granted,
    SealedBytes,
    SealedNumbers,
    ServerTrouble,
    Signed,
    SiteFacts,
    Trouble,
    an_object,
    checking,
    day_of,
    one_change,
    sealed_numbers,
    site_facts,
)
from cases.days import format_day
from crypto import messages, wire
from crypto.encoding import b64e, canonical_json, hex_id
from crypto.envelope import decode
from crypto.errors import BadData
from crypto.identity import Identity

BATCH: Final = 50
"""Envelopes at a time, as many as the API hands out."""

CHANGES: Final = 1000
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
LONGEST_WAIT: Final = 120.0
"""Seconds that one answer may take in all: one that drips would hold the desk's pages for as long as it likes."""
GRANTS_AT_ONCE: Final = 200
LONGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes of one answer, as they come over the line. The longest true one: BATCH envelopes of the largest size class."""
LONGEST_PIECE: Final = 1024 * 1024
"""Bytes of a piece of a file: what the API hands out at most."""
_PLAIN: Final = {"Accept-Encoding": "identity"}
"""An encoding is undone in memory before its length can be looked at: 12 KiB that were packed twice become 1 GiB."""
_REFUSALS: Final = frozenset({400, 401, 403, 404, 409, 410, 413, 415, 429})


class DeskError(ValueError):
    """The desk can't be started like this; the text is for people."""


class Refused(Exception):
    """The server understood and refused: HTTP status and code word (`admin.api`)."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(f"{status} {word}")
        self.status = status
        self.word = word


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
        self,
        url: str,
        today: Callable[[], date],
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = checked_url(url)
        self._today, self._now = today, now
        self._http = httpx.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False, headers=_PLAIN
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
        answer = an_object(body)
        if type(answer.get("v")) is not int:
            raise ServerTrouble(Trouble.ODD)
        return answer

    def changes(self, identity: Identity, salt: bytes, after: int) -> Feed:
        """Return what happened after a place in the feed. Raises ServerTrouble."""
        answer = self._ask(identity, salt, "GET", f"/changes?after={after}&limit={CHANGES}")
        with checking():
            changes = [one_change(row) for row in wire.items(answer["changes"])]
            more, last = wire.flag(answer["more"]), wire.number(answer["last"], 0)
            granted = wire.number(answer["granted"], 0)
            places = [after, *(change.seq for change in changes)]
            # A feed that does not move on would keep the desk asking for ever; one that runs ahead of itself would
            # make it pass over what comes.
            if places != sorted(set(places)) or (more and not changes) or (changes and places[-1] > last):
                raise ValueError
        return Feed(changes, more, last, granted)

    def granted(self, identity: Identity, salt: bytes, after: int) -> Granted:
        """Return what colleagues granted to this key after a number. Raises ServerTrouble."""
        answer = self._ask(identity, salt, "GET", f"/grants?after={after}")
        with checking():
            rows = wire.items(answer["grants"])
            numbers = [wire.number(row["number"], after + 1) for row in rows]
            grants = [(wire.identifier(row["envelope"]), wire.octets(row["sealed"])) for row in rows]
            upto, more = wire.number(answer["upto"], 0), wire.flag(answer["more"])
            # One that does not move on would be asked for ever.
            if numbers != sorted(numbers) or (numbers and numbers[-1] > upto) or (more and upto <= after):
                raise ValueError
        return Granted(grants, upto, more)

    def site(self, identity: Identity, salt: bytes) -> SiteFacts:
        """Return what the site's operator has set. Raises ServerTrouble."""
        with checking():
            return site_facts(self._ask(identity, salt, "GET", "/site"))

    def envelopes(self, identity: Identity, salt: bytes, ids: Sequence[bytes]) -> list[SealedBytes]:
        """Return up to BATCH sealed envelopes; missing are those that the server withholds, and those whose bytes are
        plainly another envelope or none: a later look asks for them again. Raises ServerTrouble.
        """
        answer = self._ask(
            identity, salt, "POST", "/envelopes", {"ids": [hex_id(envelope_id) for envelope_id in ids]}
        )
        with checking():
            envelopes = [
                SealedBytes(
                    wire.identifier(row["id"]),
                    wire.octets(row["raw"]),
                    tuple(wire.octets(sealed) for sealed in wire.items(row["grants"])),
                )
                for row in wire.items(answer["envelopes"])
            ]
        return [sealed for sealed in envelopes if sealed.envelope_id in set(ids) and _is_named_right(sealed)]

    def object_piece(
        self, identity: Identity, salt: bytes, object_id: bytes, offset: int
    ) -> tuple[bytes, int] | None:
        """Return the bytes of a sealed object from `offset` on, at most 1 MiB, and the object's length; None when
        the server does not have it. Raises ServerTrouble.
        """
        request = self._request(identity, salt, "GET", f"/objects/{hex_id(object_id)}?offset={offset}", None)
        status, headers, body = self._exchange(request, LONGEST_PIECE)
        if status == 404:
            return None
        if status != 200:
            refusal = self._refusal(status, day_of(headers.get("Date")), body)
            raise refusal if isinstance(refusal, ServerTrouble) else ServerTrouble(Trouble.ODD)
        with checking():
            return body, _length(headers["Meyasubako-Length"])

    def set_status(self, identity: Identity, salt: bytes, case_id: bytes, status: Mapping[str, Any]) -> None:
        """Send a signed status. Raises ServerTrouble, Refused."""
        self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/status", status)

    def add_envelope(self, identity: Identity, salt: bytes, case_id: bytes, sent: Mapping[str, Any]) -> bool:
        """Send an envelope; True when the server had it (or another one with its id). Raises ServerTrouble,
        Refused.
        """
        answer = self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/envelopes", sent)
        return answer.get("repeat") is True

    def add_grants(
        self, identity: Identity, salt: bytes, grants: Sequence[tuple[bytes, bytes, bytes]]
    ) -> None:
        """Send up to GRANTS_AT_ONCE grants: envelope id, key id, sealed key. Raises ServerTrouble, Refused."""
        sent = [
            {"envelope_id": hex_id(envelope_id), "key_id": hex_id(key_id), "sealed": b64e(sealed)}
            for envelope_id, key_id, sealed in grants
        ]
        self._signed(identity, salt, "POST", "/grants", {"grants": sent})

    def enrol(self, identity: Identity, salt: bytes, card: bytes) -> None:
        """Send a newcomer's card that this auditor vouches for; again is no harm. Raises ServerTrouble, Refused."""
        self._signed(identity, salt, "POST", "/cards", {"card": b64e(card)})

    def retire(self, identity: Identity, salt: bytes, retirement: bytes) -> None:
        """Send a retirement that this auditor signed; again is no harm. Raises ServerTrouble, Refused."""
        self._signed(identity, salt, "POST", "/retirements", {"retirement": b64e(retirement)})

    def propose_deletion(self, identity: Identity, salt: bytes, case_id: bytes, act: Signed) -> None:
        """Propose a deletion. `act`: signatures of `messages.delete_text`. Raises ServerTrouble, Refused."""
        self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/deletion", _act(act))

    def agree_to_deletion(
        self, identity: Identity, salt: bytes, case_id: bytes, proposal: bytes, act: Signed
    ) -> None:
        """Agree to a colleague's proposal (its hash): the case is gone then.

        `act`: signatures of `messages.agree_text`. Raises ServerTrouble, Refused.
        """
        body = {**_act(act), "proposal": b64e(proposal)}
        self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/agreement", body)

    def keep_case(self, identity: Identity, salt: bytes, case_id: bytes, act: Signed) -> None:
        """Withdraw a proposal to delete a case. `act`: signatures of `messages.keep_text`. Raises ServerTrouble,
        Refused.
        """
        self._signed(identity, salt, "POST", f"/cases/{hex_id(case_id)}/keep", _act(act))

    def numbers(self, identity: Identity, salt: bytes) -> list[SealedNumbers]:
        """Return the numbers that leads sealed to this observer. Raises ServerTrouble."""
        answer = self._ask(identity, salt, "GET", "/numbers")
        with checking():
            return [sealed_numbers(row) for row in wire.items(answer["numbers"])]

    def put_numbers(self, identity: Identity, salt: bytes, numbers: Sequence[tuple[bytes, bytes]]) -> None:
        """Put numbers, sealed to observers (key id, sealed bytes), in place of all that this lead put before. Raises
        ServerTrouble, Refused.
        """
        sent = [{"key_id": hex_id(key_id), "sealed": b64e(sealed)} for key_id, sealed in numbers]
        self._signed(identity, salt, "PUT", "/numbers", {"numbers": sent})

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
            return an_object(answer)
        raise self._refusal(status, day_of(headers.get("Date")), answer)

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
        word = an_object(body).get("error") if status in _REFUSALS else None
        if not isinstance(word, str):
            return ServerTrouble(Trouble.ODD)
        apart = abs(there - self._today()).days if there else 0
        # Requests are taken a day early and late; a status only on its day.
        if (status == 401 and apart > 1) or (word == "day" and apart):
            return ServerTrouble(Trouble.CLOCK, there)
        return ServerTrouble(Trouble.REFUSED) if status == 401 else Refused(status, word)

    def _read(self, answer: httpx.Response, at_most: int) -> bytes:
        """Return the body as it came over the line. One in an encoding was not asked for, and is not undone."""
        stream = answer.stream
        if "Content-Encoding" in answer.headers or not isinstance(stream, httpx.SyncByteStream):
            raise ServerTrouble(Trouble.ODD)
        body, end = bytearray(), self._now() + LONGEST_WAIT
        for part in stream:
            body += part
            if len(body) > at_most:
                raise ServerTrouble(Trouble.ODD)
            if self._now() > end:
                raise ServerTrouble(Trouble.SLOW)
        return bytes(body)

    def _exchange(
        self, request: httpx.Request, at_most: int = LONGEST_ANSWER
    ) -> tuple[int, httpx.Headers, bytes]:
        """Send a request; return the answer's status, its headers and its body of up to `at_most` bytes."""
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


def _length(header: str) -> int:
    length = int(header)
    if not 1 <= length < 2**63:
        raise ValueError
    return length


def _act(act: Signed) -> dict[str, str]:
    return {"day": format_day(act.day), "sig": b64e(act.sig), "act_sig": b64e(act.act_sig)}


def _authorization(identity: Identity, salt: bytes, method: str, target: str, body: bytes, day: date) -> str:
    nonce = secrets.token_bytes(16)
    sig = messages.sign(identity.sign_seed, messages.request_text(salt, method, target, body, day, nonce))
    return f"Meyasubako {hex_id(identity.key_id)}.{format_day(day)}.{b64e(nonce)}.{b64e(sig)}"


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


def _is_named_right(sealed: SealedBytes) -> bool:
    """Tell whether an envelope's own header says that it is the one. It needs no key: what is asked for again because
    of this tells nothing about what this desk can open.
    """
    try:
        return decode(sealed.raw).envelope_id == sealed.envelope_id
    except BadData:
        return False
