"""Strict reader of the server's responses. A malformed one raises `ServerTrouble`, never another exception."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Final, NamedTuple

from cases.days import parse_day, today_jst
from cases.deadlines import Promises
from cases.status import STATUSES
from cases.totals import MOST_YEARS, YearTotal
from crypto import wire
from crypto.envelope import Kind
from crypto.errors import BadData
from crypto.messages import SIGNATURE_BYTES

DELETION: Final = "deletion"
KEPT: Final = "kept"
DELETED: Final = "deleted"
_PROMISES: Final = ("acknowledge_days", "decide_days", "result_days", "retention_days")


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


@dataclass(frozen=True)
class Signed:
    """A signed act about deleting a case: its author (key id), day and both signatures, 64 bytes each."""

    author: bytes
    day: date
    sig: bytes
    act_sig: bytes


@dataclass(frozen=True)
class Change:
    """One thing that happened: an envelope (kind 1 to 4), a status, or something about deleting the case. What
    belongs to the others is None. `what`: "report", "message", "status", "deletion" (proposed), "kept" (not after
    all), "deleted". `acts`: for the last three, who signed (for "deleted" two persons).
    """

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
    what: str = ""
    acts: tuple[Signed, ...] = ()


class Feed(NamedTuple):
    """The feed after one of its places. `more`: there is more; `last`: the number of the newest change.

    `last` is below the place that was asked for where the server was put back to an earlier state: then all has to be
    fetched again, from 0 on. `granted`: how often colleagues granted something to the asker. `register`: number and
    hash of the newest record of the register.
    """

    changes: list[Change]
    more: bool
    last: int
    granted: int
    register: tuple[int, bytes]


class Granted(NamedTuple):
    """Colleagues' grants to the asker after a number: envelope ids with sealed keys.

    `upto`: the number up to which all of it is here; `more`: there is more after that.
    """

    grants: list[tuple[bytes, bytes]]
    upto: int
    more: bool


@dataclass(frozen=True)
class SealedBytes:
    """A sealed envelope and the grants to this auditor's key."""

    envelope_id: bytes
    raw: bytes
    grants: tuple[bytes, ...]

    def joined_to(self, there: SealedBytes | None) -> SealedBytes:
        """Return these bytes, or those that are there already, with the grants of both."""
        if there is None:
            return self
        return SealedBytes(there.envelope_id, there.raw, tuple(dict.fromkeys(there.grants + self.grants)))

    def pack(self) -> bytes:
        """Return what the local copy keeps."""
        return b"".join(struct.pack(">I", len(part)) + part for part in (self.raw, *self.grants))

    @classmethod
    def unpack(cls, envelope_id: bytes, kept: bytes) -> SealedBytes:
        """Return what was kept. Raises struct.error, IndexError."""
        parts, at = [], 0
        while at < len(kept):
            (length,) = struct.unpack_from(">I", kept, at)
            parts.append(kept[at + 4 : at + 4 + length])
            at += 4 + length
        return cls(envelope_id, parts[0], tuple(parts[1:]))


class Promise(NamedTuple):
    """The server's word that a leaf (its hash, 32 bytes) will be in the batch of a day; nobody has checked `sig`."""

    leaf: bytes
    day: date
    sig: bytes


class ActAnswer(NamedTuple):
    """The server's answer to an act. `repeat`: it had it, or another one with its id."""

    repeat: bool
    promises: tuple[Promise, ...]


@dataclass(frozen=True)
class SiteFacts:
    """The operator's settings: is this a designated line for reports inside, and the site's own promises; and
    `received`: how many reports came in each fiscal year that is over."""

    designated: bool
    promises: Promises
    received: tuple[YearTotal, ...] = ()


@dataclass(frozen=True)
class SealedStatistics:
    """One lead's statistics, sealed to this observer: who sealed them (key id), and on which day."""

    author: bytes
    day: date
    sealed: bytes


@dataclass(frozen=True)
class Readings:
    """Some of the reading journals of all desks. `upto`: the place up to which all are here; `last`: the newest place
    that there is."""

    journals: tuple[bytes, ...]
    upto: int
    more: bool
    last: int


@dataclass(frozen=True)
class RegisterPage:
    """Some records of the register: their bytes, in the order of their numbers. `more`: there are more."""

    records: tuple[bytes, ...]
    more: bool


@contextmanager
def checking() -> Iterator[None]:
    """Turn whatever goes wrong while an answer is read into one error: the answer is odd."""
    try:
        yield
    except (BadData, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        raise ServerTrouble(Trouble.ODD) from None


def an_object(body: bytes) -> dict[str, Any]:
    """Return an answer's JSON object (`crypto.wire.read_object`). Raises ServerTrouble."""
    with checking():
        return wire.read_object(body)


def accepted(answer: Mapping[str, Any]) -> ActAnswer:
    """Return what the server says to an act. Raises ServerTrouble."""
    with checking():
        rows = [answer["promise"]] if "promise" in answer else wire.items(answer.get("promises", []))
        promises = tuple(
            Promise(bytes.fromhex(row["leaf"]), parse_day(row["day"]), wire.octets(row["sig"], 64))
            for row in rows
        )
    return ActAnswer(answer.get("repeat") is True, promises)


def day_of(header: str | None) -> date | None:
    """Return the day in Japan of a `Date` header; None for what is none."""
    try:
        return today_jst(parsedate_to_datetime(header)) if header else None
    except (ValueError, TypeError, OverflowError):
        return None


def one_change(row: Mapping[str, Any]) -> Change:
    """Return a change of the feed. Raises what `checking` takes."""
    head = wire.number(row["seq"], 1), wire.identifier(row["case"]), parse_day(row["day"])
    what = row["what"]
    read = _READERS.get(what)
    if read is None:
        raise ValueError
    return read(*head, what, row)


def _status(seq: int, case_id: bytes, day: date, what: str, row: Mapping[str, Any]) -> Change:
    if row["status"] not in STATUSES:
        raise ValueError
    return Change(
        seq,
        case_id,
        day,
        sequence=wire.number(row["sequence"], 1),
        status=row["status"],
        author=wire.identifier(row["author"]),
        sig=wire.octets(row["sig"]),
        act_sig=wire.octets(row["act_sig"]),
        what=what,
    )


def _envelope(seq: int, case_id: bytes, day: date, what: str, row: Mapping[str, Any]) -> Change:
    kind = wire.number(row["kind"], 1)
    if kind not in set(Kind) or (what == "report") != (kind == Kind.REPORT):
        raise ValueError
    act_sig = wire.octets(row["act_sig"]) if "act_sig" in row else None
    return Change(
        seq, case_id, day, envelope_id=wire.identifier(row["envelope"]), kind=kind, act_sig=act_sig, what=what
    )


def _deletion(seq: int, case_id: bytes, day: date, what: str, row: Mapping[str, Any]) -> Change:
    acts = tuple(
        Signed(
            wire.identifier(act["author"]),
            parse_day(act["day"]),
            wire.octets(act["sig"], SIGNATURE_BYTES),
            wire.octets(act["act_sig"], SIGNATURE_BYTES),
        )
        for act in wire.items(row["acts"])
    )
    if len(acts) != (2 if what == DELETED else 1):
        raise ValueError
    return Change(seq, case_id, day, author=acts[-1].author, what=what, acts=acts)


_READERS: Final[Mapping[str, Callable[[int, bytes, date, str, Mapping[str, Any]], Change]]] = {
    "report": _envelope,
    "message": _envelope,
    "status": _status,
    DELETION: _deletion,
    KEPT: _deletion,
    DELETED: _deletion,
}


def site_facts(answer: Mapping[str, Any]) -> SiteFacts:
    """Return the answer of GET /site. Raises what `checking` takes."""
    told = answer["promises"]
    days = {name: None if told[name] is None else wire.number(told[name], 1) for name in _PROMISES}
    received = tuple(year_total(row) for row in wire.items(answer["received"], MOST_YEARS))
    return SiteFacts(wire.flag(answer["designated"]), Promises(**days), received)


def year_total(row: Mapping[str, Any]) -> YearTotal:
    """Return the total of one year. Raises what `checking` takes."""
    count = wire.number(row["received"])
    deleted = wire.number(row["deleted"])
    if deleted > count:
        raise ValueError("more were deleted than received")
    return YearTotal(parse_day(row["year"]), count, deleted)


def sealed_statistics_row(row: Mapping[str, Any]) -> SealedStatistics:
    """Return one entry of GET /numbers. Raises what `checking` takes."""
    return SealedStatistics(wire.identifier(row["author"]), parse_day(row["day"]), wire.octets(row["sealed"]))


def register_end(row: Mapping[str, Any]) -> tuple[int, bytes]:
    """Return number and hash of the register's newest record. Raises what `checking` takes."""
    number, own_hash = wire.number(row["number"], 0), bytes.fromhex(wire.text(row["hash"]))
    if len(own_hash) != 32:
        raise ValueError
    return number, own_hash
