"""The site's roster as the desk has it in mind: verified from the pinned first card (trust on first use).

Rules, in this order:

1. The salt, the site's key and the first card stay what they were at the first contact.
2. Every card is signed by itself, and every later one by a key that was enrolled before it and not retired at its
   place; retirements are signed too (`crypto.listing`).
3. The list begins with the one that was there before: one that shrinks or changes hides somebody.
4. Its beginning is the list that the log names, no less of it than before; to what is behind it nothing is sealed.

A list that breaks a rule is used for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cases.days import parse_day
from crypto.encoding import b64d, canonical_json
from crypto.errors import BadData, MisuseError
from crypto.listing import Document, Listing, parse_document
from crypto.log_errors import ListUnproved
from crypto.logged_list import logged_length
from crypto.roster import Roster


class TrustBroken(Exception):
    """The list of auditors breaks a rule. `reason`: salt, site_key, first_card, chain, shrunk, log or old_copy (this
    desk's copy is of a version before).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class SiteRoster(Roster):
    """A site's roster with its salt (16 bytes) and its public key (32 bytes), as a desk has them in mind."""

    salt: bytes = b""
    site_pk: bytes = b""


def read_roster(answer: Mapping[str, Any]) -> SiteRoster:
    """Check a `keys.json`. Raises TrustBroken("chain") for whatever is wrong with it.

    An empty list is fine: a site where nobody is enrolled yet.
    """
    try:
        if answer["v"] != 1:
            raise TrustBroken("chain")
        documents = [(_document(entry), parse_day(entry["day"])) for entry in answer["list"]]
        listing = Listing(document for document, _day in documents)
        salt, site_pk = b64d(answer["salt"]), b64d(answer["site_sign_pk"])
    except (BadData, MisuseError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise TrustBroken("chain") from None
    if len(salt) != 16 or len(site_pk) != 32:
        raise TrustBroken("chain")
    days = tuple(day for _document, day in documents)
    return SiteRoster(listing, days, logged=_logged(answer, listing, salt), salt=salt, site_pk=site_pk)


def _logged(answer: Mapping[str, Any], listing: Listing, salt: bytes) -> int | None:
    """Return how much of the list is in the log; None before it was begun. Raises TrustBroken("log")."""
    if "log" not in answer:
        return None
    if listing.documents and "listed" not in answer["log"]:
        return 0  # begun, and no card is in it yet
    try:
        return logged_length(answer["log"], listing, salt) if listing.documents else 0
    except ListUnproved:
        raise TrustBroken("log") from None


def _document(document: Mapping[str, Any]) -> Document:
    (what,) = document.keys() - {"day"}
    if what not in ("card", "retirement"):
        raise ValueError
    return parse_document(document, canonical_json(document[what]))


def check_against_known(known: SiteRoster, new: SiteRoster) -> None:
    """Compare a new list with the last good one, whose first card is the pinned one. Raises TrustBroken."""
    if new.salt != known.salt:
        raise TrustBroken("salt")
    if new.site_pk != known.site_pk:
        raise TrustBroken("site_key")
    if known.cards and (not new.cards or new.cards[0].encode() != known.cards[0].encode()):
        raise TrustBroken("first_card")
    if not new.continues(known):
        raise TrustBroken("shrunk")
    if known.logged and (new.logged is None or new.logged < known.logged):
        raise TrustBroken("log")
