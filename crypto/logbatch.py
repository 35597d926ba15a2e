"""The leaves of a batch of the log (docs/format.md, 5.3), and the log's own key."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from crypto import logleaf
from crypto.cards import Card, Retirement
from crypto.encoding import b2, canonical_json
from crypto.log_errors import BatchMalformed
from crypto.log_policy import first_text
from crypto.messages import public_key
from crypto.note import ED25519, VerifierKey, verifier_key
from crypto.plainleaf import (
    DayLeaf,
    SiteLeaf,
    batch_size,
    card_leaf,
    day_of_batch,
    document_leaf,
    list_leaf,
    origin_of,
    rules_hash,
)

DEFAULT_HIDDEN: Final = 16


def log_seed(sign_seed: bytes) -> bytes:
    """Return the seed of the log's Ed25519 key (32 bytes) from the site's signing seed (ADR 0031)."""
    return b2(32, b"", key=sign_seed, person="mybk1-logsign")


def log_verifier(salt: bytes, sign_seed: bytes) -> VerifierKey:
    """Return the log's key under its origin's name."""
    return verifier_key(origin_of(salt), ED25519, public_key(log_seed(sign_seed)))


def founding_leaves(
    salt: bytes, sign_seed: bytes, hidden: int, rule: str, witnesses: Sequence[VerifierKey] = ()
) -> list[bytes]:
    """Return the leaves that a log begins with: the site's, and the first policy with its outside witnesses.

    Raises PolicyMalformed.
    """
    log = log_verifier(salt, sign_seed)
    site = SiteLeaf(salt, log, public_key(sign_seed), hidden, sha256(rule.encode()).digest())
    return [site.encode(), document_leaf("policy", first_text(log, witnesses).encode())]


def list_leaves(documents: Iterable[Card | Retirement]) -> list[bytes]:
    """Return the plain leaves of cards and retirements, in their order."""
    return [
        card_leaf(document) if isinstance(document, Card) else document_leaf("retirement", document.encode())
        for document in documents
    ]


def plain_batch(documents: Sequence[Card | Retirement], roster: bytes) -> list[bytes]:
    """Return the leaves of cards and retirements that are in no day's batch, and the `list` leaf that closes them.
    `roster`: the digest of the list with them. None for no documents.
    """
    return [*list_leaves(documents), list_leaf(roster)] if documents else []


def release_leaf(scripts: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the leaf of what a site serves to its pages: names and bytes."""
    return document_leaf("release", canonical_json({name: sha256(raw).hexdigest() for name, raw in scripts}))


@dataclass(frozen=True)
class NewBatch:
    """The parts of a batch. `acts`: hidden leaves of the day, in any order; `tags`: how many places each has;
    `roster`: the list's digest (32 bytes).
    """

    day: date
    first: int
    plain: Sequence[bytes]
    acts: Sequence[bytes]
    tags: int
    roster: bytes
    policy: str
    rule: str

    def leaves(self, hidden: int) -> list[bytes]:
        """Return the leaves: dummies fill the acts up to a multiple of `hidden`, and all are shuffled.

        Raises BatchMalformed where an act's leaf has another length: it would stand out.
        """
        if any(len(leaf) != logleaf.length(self.tags) for leaf in self.acts):
            raise BatchMalformed
        count = batch_size(len(self.acts), hidden)
        filled = [*self.acts, *(logleaf.dummy(self.tags) for _ in range(count - len(self.acts)))]
        secrets.SystemRandom().shuffle(filled)
        rules = rules_hash(self.policy, self.rule)
        day = DayLeaf(self.day, self.first, len(self.plain), count, self.roster, rules)
        return [day.encode(), *self.plain, *filled]


def missing_days(done: date, seconds: int) -> list[date]:
    """Return the days after `done` whose batch is due at a time (seconds since 1970), in order."""
    last = day_of_batch(seconds)
    return [done + timedelta(days=number) for number in range(1, (last - done).days + 1)]


def is_clock_behind(done: date, seconds: int) -> bool:
    """Tell whether a day that is not over at a time has its batch already."""
    return done > day_in_japan(seconds) - timedelta(days=1)


def day_in_japan(seconds: int) -> date:
    """Return the calendar day in Japan at a time (seconds since 1970)."""
    return date(1970, 1, 1) + timedelta(days=(seconds + 9 * 3600) // 86400)


def is_late(done: date, seconds: int) -> bool:
    """Tell whether a batch is late: it was due more than ten minutes ago."""
    return bool(missing_days(done, seconds - 600))
