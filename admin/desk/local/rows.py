"""Rows of the local copy: cases, envelopes and statuses as the feed gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CaseLine:
    """A case as the cache knows it. `report_id`: its first envelope of kind 1, None while there is none."""

    case_id: bytes
    received_day: date
    report_id: bytes | None
    status: str
    last_seq: int
    last_in_seq: int
    seen_seq: int

    @property
    def is_new(self) -> bool:
        """Tell whether nobody has looked at this case at this desk."""
        return self.seen_seq == 0

    @property
    def has_new_message(self) -> bool:
        """Tell whether the reporter wrote after it was last looked at."""
        return not self.is_new and self.last_in_seq > self.seen_seq


@dataclass(frozen=True)
class EnvelopeLine:
    """The server's data of an envelope, unverified."""

    envelope_id: bytes
    kind: int
    day: date
    act_sig: bytes | None
    seq: int = 0
    """Its place in the feed."""


@dataclass(frozen=True)
class StatusLine:
    """The server's data of a status, with the signatures to check it by."""

    sequence: int
    status: str
    day: date
    author: bytes
    sig: bytes
    act_sig: bytes
    seq: int = 0
    """Its place in the feed."""
