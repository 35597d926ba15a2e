"""The register in the desk's sealed local copy: a row for each record, and the newest number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.days import format_day, parse_day
from crypto.encoding import b64d, b64e, canonical_json, hex_id, id_from_hex
from crypto.register import NONE_BEFORE, Earlier


@dataclass(frozen=True, repr=False)
class KeptRecord:
    """One record. `author`: key id, empty while it was not opened; `fault`: the class of what is wrong with it;
    `length`: of the list by which it was sealed; `key`: its content key.
    """

    number: int
    hash: bytes
    key: bytes = b""
    author: bytes = b""
    day: date = date.min
    length: int = 0
    entry: Mapping[str, Any] = field(default_factory=dict)
    earlier: Earlier | None = None
    fault: str = ""

    @property
    def row_id(self) -> bytes:
        """The id under which the record's bytes are kept."""
        return self.hash[:16]

    def encode(self) -> bytes:
        """Return what is kept."""
        return canonical_json(
            {
                "number": self.number,
                "hash": b64e(self.hash),
                "key": b64e(self.key),
                "author": b64e(self.author),
                "day": format_day(self.day),
                "length": self.length,
                "entry": dict(self.entry),
                "earlier": [self.earlier.number, b64e(self.earlier.key)] if self.earlier else [],
                "fault": self.fault,
            }
        )

    @classmethod
    def decode(cls, kept: bytes) -> KeptRecord:
        """Return what was kept."""
        read = json.loads(kept)
        earlier = Earlier(read["earlier"][0], b64d(read["earlier"][1])) if read["earlier"] else None
        return cls(
            read["number"],
            b64d(read["hash"]),
            b64d(read["key"]),
            b64d(read["author"]),
            parse_day(read["day"]),
            read["length"],
            read["entry"],
            earlier,
            read["fault"],
        )


@dataclass(frozen=True)
class RegisterHead:
    """Where the register ends here.

    `slots`: key ids of the newest record; `is_waiting`: something was not opened yet; `fault`: "", "older", "other".
    """

    number: int = 0
    hash: bytes = NONE_BEFORE
    slots: tuple[bytes, ...] = ()
    is_waiting: bool = False
    fault: str = ""

    def encode(self) -> bytes:
        """Return what is kept."""
        return canonical_json(
            {
                "number": self.number,
                "hash": b64e(self.hash),
                "slots": [hex_id(key_id) for key_id in self.slots],
                "waiting": self.is_waiting,
                "fault": self.fault,
            }
        )

    @classmethod
    def decode(cls, read: Mapping[str, Any]) -> RegisterHead:
        """Return what was kept."""
        return cls(
            read["number"],
            b64d(read["hash"]),
            tuple(map(id_from_hex, read["slots"])),
            read["waiting"],
            read["fault"],
        )
