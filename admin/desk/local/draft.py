"""Unsent input in a case: a row of the local copy (docs/format.md, section 10). Pure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from crypto.encoding import hex_id, id_from_hex

MAX_DRAFT: Final = 2 * 1024 * 1024
"""Bytes of one case's draft before it is sealed."""
_PREFIX: Final = b"mybk1/deskdraft\n"


class DraftTooLarge(Exception):
    """A draft is longer than the local copy keeps; what was kept before stays."""


@dataclass(frozen=True, repr=False)
class Draft:
    """One case's draft. `fields`: what was typed, by the names of the page's fields, where it differs from what is
    kept in the case; `before`: what was kept when it was typed. `reply_id`, `record_id`: the envelopes that it is sent
    under, so that a lost answer leads to no second one. `number`: another one each time it is kept, 0 before that.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    reply_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    record_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    number: int = 0

    def typed(self, given: Mapping[str, str], before: Mapping[str, str], is_current: bool) -> Draft:
        """Return the draft with what a page's fields hold. `before`: what the case kept when the page was made.

        `is_current`: the page shows this draft, and a field as it was before takes the draft's away; what an older page
        does not show is left alone.
        """
        fields, was = dict(self.fields), dict(self.before)
        for name, text in given.items():
            kept = before.get(name, "")
            if text != kept:
                fields[name] = text
                was.setdefault(name, kept)
            elif is_current:
                fields.pop(name, None)
                was.pop(name, None)
        return replace(self, fields=fields, before=was, number=_number())

    def without(self, names: Iterable[str]) -> Draft:
        """Return the draft without some fields, as another record."""
        gone = set(names)
        return replace(
            self,
            fields={name: text for name, text in self.fields.items() if name not in gone},
            before={name: text for name, text in self.before.items() if name not in gone},
            record_id=secrets.token_bytes(16),
            reply_id=secrets.token_bytes(16) if "message" in gone else self.reply_id,
            number=_number(),
        )

    def renewed(self) -> Draft:
        """Return the same, to be sent as other envelopes."""
        return replace(self, reply_id=secrets.token_bytes(16), record_id=secrets.token_bytes(16))

    def unsent(self, kept: Mapping[str, str]) -> dict[str, str]:
        """Return what still differs from what is kept in the case now."""
        return {name: text for name, text in self.fields.items() if text != kept.get(name, "")}

    def conflicts(self, kept: Mapping[str, str]) -> frozenset[str]:
        """Return the fields that somebody set to something else after they were typed."""
        return frozenset(
            name
            for name in self.unsent(kept)
            if name in self.before and self.before[name] != kept.get(name, "")
        )

    def encode(self) -> bytes:
        """Return the bytes that are sealed. Raises DraftTooLarge."""
        kept = {
            "v": 1,
            "reply": hex_id(self.reply_id),
            "record": hex_id(self.record_id),
            "number": self.number,
            "fields": dict(self.fields),
            "before": dict(self.before),
        }
        raw = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
        if len(raw) > MAX_DRAFT:
            raise DraftTooLarge
        return raw


def decode(raw: bytes) -> Draft:
    """Return a draft that was kept. Raises ValueError, LookupError, TypeError for bytes of another version."""
    kept = json.loads(raw)
    if kept["v"] != 1:
        raise ValueError("another version")
    return Draft(
        kept["fields"],
        kept["before"],
        id_from_hex(kept["reply"]),
        id_from_hex(kept["record"]),
        kept["number"],
    )


def _number() -> int:
    return secrets.randbits(48) | 1


PACK: Final = b"pack"
"""Behind a case's id: the place of what was marked for a pack."""


def rows_of(case_id: bytes) -> tuple[bytes, bytes]:
    """Return the ids of all drafts of a case."""
    return row_id(case_id), row_id(case_id + PACK)


def row_id(case_id: bytes) -> bytes:
    """Return the id of a case's draft among the rows: longer than an envelope's, so none is taken for the other."""
    return _PREFIX + case_id
