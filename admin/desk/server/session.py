"""One auditor's session: signed requests, strictly checked responses."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from admin.desk.server.client import LONGEST_PIECE, Server, ServerRefusal
from admin.desk.server.responses import (
    ActAnswer,
    Feed,
    Granted,
    Readings,
    RegisterPage,
    SealedBytes,
    SealedStatistics,
    ServerTrouble,
    Signed,
    SiteFacts,
    Trouble,
    accepted,
    an_object,
    checking,
    day_of,
    one_change,
    register_end,
    sealed_statistics_row,
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
GRANTS_AT_ONCE: Final = 200


@dataclass(frozen=True, repr=False)
class AuditorSession:
    """The server, asked with one auditor's key. `salt`: the site's, 16 bytes."""

    server: Server
    identity: Identity
    salt: bytes

    def changes(self, after: int) -> Feed:
        """Return what happened after a place in the feed. Raises ServerTrouble."""
        answer = self._ask("GET", f"/changes?after={after}&limit={CHANGES}")
        with checking():
            changes = [one_change(row) for row in wire.items(answer["changes"])]
            more, last = wire.flag(answer["more"]), wire.number(answer["last"], 0)
            granted = wire.number(answer["granted"], 0)
            newest = register_end(answer["register"])
            places = [after, *(change.seq for change in changes)]
            # A feed that does not move on would keep the desk asking for ever; one that runs ahead of itself would
            # make it pass over what comes.
            if places != sorted(set(places)) or (more and not changes) or (changes and places[-1] > last):
                raise ValueError
        return Feed(changes, more, last, granted, newest)

    def granted(self, after: int) -> Granted:
        """Return what colleagues granted to this key after a number. Raises ServerTrouble."""
        answer = self._ask("GET", f"/grants?after={after}")
        with checking():
            rows = wire.items(answer["grants"])
            numbers = [wire.number(row["number"], after + 1) for row in rows]
            grants = [(wire.identifier(row["envelope"]), wire.octets(row["sealed"])) for row in rows]
            upto, more = wire.number(answer["upto"], 0), wire.flag(answer["more"])
            # One that does not move on would be asked for ever.
            if numbers != sorted(numbers) or (numbers and numbers[-1] > upto) or (more and upto <= after):
                raise ValueError
        return Granted(grants, upto, more)

    def readings(self, after: int) -> Readings:
        """Return the reading journals of all desks behind a place. Raises ServerTrouble."""
        answer = self._ask("GET", f"/readings?after={after}")
        with checking():
            rows = wire.items(answer["readings"])
            places = [after, *(wire.number(row["seq"], 0) for row in rows)]
            more, last = wire.flag(answer["more"]), wire.number(answer["last"], 0)
            # One that does not move on would be asked for ever.
            if places != sorted(set(places)) or (more and not rows) or (rows and places[-1] > last):
                raise ValueError
            return Readings(tuple(wire.octets(row["raw"]) for row in rows), places[-1], more, last)

    def add_reading(self, journal: bytes) -> None:
        """Send this desk's reading journal of today; the same again is no harm. Raises ServerTrouble, ServerRefusal."""
        self._signed("POST", "/readings", {"journal": b64e(journal)})

    def register(self, after: int) -> RegisterPage:
        """Return records of the register above a number. Raises ServerTrouble."""
        answer = self._ask("GET", f"/register?after={after}")
        with checking():
            rows, more = wire.items(answer["records"]), wire.flag(answer["more"])
            numbers = [wire.number(row["number"], 1) for row in rows]
            if numbers != list(range(after + 1, after + 1 + len(rows))) or (more and not rows):
                raise ValueError
            return RegisterPage(tuple(wire.octets(row["raw"]) for row in rows), more)

    def add_to_register(self, record: bytes) -> None:
        """Hand in the next record of the register; the same again is no harm. Raises ServerTrouble, ServerRefusal."""
        self._signed("POST", "/register", {"record": b64e(record)})

    def site(self) -> SiteFacts:
        """Return what the site's operator has set. Raises ServerTrouble."""
        with checking():
            return site_facts(self._ask("GET", "/site"))

    def envelopes(self, ids: Sequence[bytes]) -> list[SealedBytes]:
        """Return up to BATCH sealed envelopes; missing are those that the server withholds, and those whose bytes are
        plainly another envelope or none: a later look asks for them again. Raises ServerTrouble.
        """
        answer = self._ask("POST", "/envelopes", {"ids": [hex_id(envelope_id) for envelope_id in ids]})
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

    def object_piece(self, object_id: bytes, offset: int) -> tuple[bytes, int] | None:
        """Return the bytes of a sealed object from `offset` on, at most 1 MiB, and the object's length; None when
        the server does not have it. Raises ServerTrouble.
        """
        request = self._request("GET", f"/objects/{hex_id(object_id)}?offset={offset}", None)
        status, headers, body = self.server.exchange(request, LONGEST_PIECE)
        if status == 404:
            return None
        if status != 200:
            refusal = self.server.refusal(status, day_of(headers.get("Date")), body)
            raise refusal if isinstance(refusal, ServerTrouble) else ServerTrouble(Trouble.ODD)
        with checking():
            return body, _length(headers["Meyasubako-Length"])

    def set_status(self, case_id: bytes, status: Mapping[str, Any]) -> ActAnswer:
        """Send a signed status. Raises ServerTrouble, ServerRefusal."""
        return accepted(self._signed("POST", f"/cases/{hex_id(case_id)}/status", status))

    def decide(self, case_id: bytes, sent: Mapping[str, Any]) -> ActAnswer:
        """Send a status with its envelopes, all or nothing. Raises ServerTrouble, ServerRefusal."""
        return accepted(self._signed("POST", f"/cases/{hex_id(case_id)}/decision", sent))

    def add_envelope(self, case_id: bytes, sent: Mapping[str, Any]) -> ActAnswer:
        """Send an envelope. Raises ServerTrouble, ServerRefusal."""
        return accepted(self._signed("POST", f"/cases/{hex_id(case_id)}/envelopes", sent))

    def add_grants(self, grants: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        """Send up to GRANTS_AT_ONCE grants: envelope id, key id, sealed key. Raises ServerTrouble, ServerRefusal."""
        sent = [
            {"envelope_id": hex_id(envelope_id), "key_id": hex_id(key_id), "sealed": b64e(sealed)}
            for envelope_id, key_id, sealed in grants
        ]
        self._signed("POST", "/grants", {"grants": sent})

    def enrol(self, card: bytes) -> None:
        """Send a newcomer's card that this auditor vouches for; idempotent. Raises ServerTrouble, ServerRefusal."""
        self._signed("POST", "/cards", {"card": b64e(card)})

    def retire(self, retirement: bytes) -> None:
        """Send a retirement that this auditor signed; again is no harm. Raises ServerTrouble, ServerRefusal."""
        self._signed("POST", "/retirements", {"retirement": b64e(retirement)})

    def add_witness(self, document: bytes) -> None:
        """Name this desk's cosigning key to the site; again is no harm. Raises ServerTrouble, ServerRefusal."""
        self._signed("POST", "/log/witness", {"witness": b64e(document)})

    def propose_deletion(self, case_id: bytes, act: Signed) -> None:
        """Propose a deletion. `act`: signatures of `messages.delete_text`. Raises ServerTrouble, ServerRefusal."""
        self._signed("POST", f"/cases/{hex_id(case_id)}/deletion", _act(act))

    def agree_to_deletion(
        self, case_id: bytes, proposal: bytes, act: Signed, leaf: Mapping[str, str] | None = None
    ) -> ActAnswer:
        """Agree to a colleague's proposal (its hash): the case is gone then.

        `act`: signatures of `messages.agree_text`; `leaf`: the field of its leaf. Raises ServerTrouble, ServerRefusal.
        """
        body = {**_act(act), "proposal": b64e(proposal), **(leaf or {})}
        return accepted(self._signed("POST", f"/cases/{hex_id(case_id)}/agreement", body))

    def keep_case(self, case_id: bytes, act: Signed) -> None:
        """Withdraw a proposal to delete a case. `act`: signatures of `messages.keep_text`. Raises ServerTrouble,
        ServerRefusal.
        """
        self._signed("POST", f"/cases/{hex_id(case_id)}/keep", _act(act))

    def statistics(self) -> list[SealedStatistics]:
        """Return the statistics that leads sealed to this observer. Raises ServerTrouble."""
        answer = self._ask("GET", "/numbers")
        with checking():
            return [sealed_statistics_row(row) for row in wire.items(answer["numbers"])]

    def put_statistics(self, new: Sequence[tuple[bytes, bytes]]) -> None:
        """Put statistics, sealed to observers (key id, sealed bytes), in place of all that this lead put before. Raises
        ServerTrouble, ServerRefusal.
        """
        sent = [{"key_id": hex_id(key_id), "sealed": b64e(sealed)} for key_id, sealed in new]
        self._signed("PUT", "/numbers", {"numbers": sent})

    def _ask(self, method: str, path: str, sent: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Fetch something that no server of this kind refuses."""
        try:
            return self._signed(method, path, sent)
        except ServerRefusal:
            raise ServerTrouble(Trouble.ODD) from None

    def _signed(self, method: str, path: str, sent: Mapping[str, Any] | None = None) -> dict[str, Any]:
        status, headers, answer = self.server.exchange(self._request(method, path, sent))
        if status in (200, 201):
            return an_object(answer)
        raise self.server.refusal(status, day_of(headers.get("Date")), answer)

    def _request(self, method: str, path: str, sent: Mapping[str, Any] | None) -> httpx.Request:
        body = b"" if sent is None else canonical_json(sent)
        headers = {} if sent is None else {"Content-Type": "application/json"}
        request = self.server.build(
            method, f"{self.server.url}/api/v1{path}", content=body or None, headers=headers
        )
        target = request.url.raw_path.decode("ascii")
        request.headers["Authorization"] = self._authorization(method, target, body)
        return request

    def _authorization(self, method: str, target: str, body: bytes) -> str:
        nonce, day, own = secrets.token_bytes(16), self.server.today(), self.identity
        text = messages.request_text(self.salt, method, target, body, day, nonce)
        sig = messages.sign(own.sign_seed, text)
        return f"Meyasubako {hex_id(own.key_id)}.{format_day(day)}.{b64e(nonce)}.{b64e(sig)}"


def _length(header: str) -> int:
    length = int(header)
    if not 1 <= length < 2**63:
        raise ValueError
    return length


def _act(act: Signed) -> dict[str, str]:
    return {"day": format_day(act.day), "sig": b64e(act.sig), "act_sig": b64e(act.act_sig)}


def _is_named_right(sealed: SealedBytes) -> bool:
    """Tell whether an envelope's own header says that it is the one. It needs no key: what is asked for again because
    of this tells nothing about what this desk can open.
    """
    try:
        return decode(sealed.raw).envelope_id == sealed.envelope_id
    except BadData:
        return False
