"""The site's roster as the desk has it in mind: verified from the pinned first card (trust on first use).

Rules, in this order:

1. The salt, the site's key and the first card stay what they were at the first contact.
2. Every card is signed by itself, and every later one by a key that was enrolled before it and not retired at its
   place; retirements are signed too (`crypto.listing`).
3. The list begins with the one that was there before: one that shrinks or changes hides somebody.
4. Its beginning is the list that the log names, no less of it than before. What is behind it is sealed nothing, and
   where the site does not show it, nothing is sealed at all: reading goes on, and the page about the log says more.

A list that breaks one of the first three is used for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cases.days import parse_day
from crypto.encoding import b64d, canonical_json
from crypto.errors import BadData, MisuseError
from crypto.listing import Document, Listing, parse_document
from crypto.log_errors import ListUnproved
from crypto.logged_list import logged_length
from crypto.roster import Roster
from crypto.seal import Recipient


class TrustBroken(Exception):
    """The list of auditors breaks a rule. `reason`: salt, site_key, first_card, chain, shrunk, log or old_copy (this
    desk's copy is of a version before).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class SiteRoster(Roster):
    """A site's roster with its salt (16 bytes) and its public key (32 bytes), as a desk has them in mind.

    `unproved`: the site does not show that the list is the one in its log. It can be read by; nothing is sealed by it.
    """

    salt: bytes = b""
    site_pk: bytes = b""
    unproved: bool = False

    def check_proved(self) -> None:
        """Raise TrustBroken("log") for a list that nothing may be sealed by."""
        if self.unproved:
            raise TrustBroken("log")

    def slots(self, out: Collection[bytes]) -> list[Recipient]:
        """Return the slots of an envelope, as `Roster.slots`. Raises TrustBroken."""
        self.check_proved()
        return super().slots(out)


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
    read = SiteRoster(listing, days, salt=salt, site_pk=site_pk)
    if "log" not in answer:
        return read
    try:
        return replace(read, logged=logged_length(answer["log"], listing, salt))
    except ListUnproved:
        # Begun, and no card is in it yet; or this is not the list that everybody else sees.
        return replace(read, logged=0, unproved=bool(listing.documents))


def _document(document: Mapping[str, Any]) -> Document:
    (what,) = document.keys() - {"day"}
    if what not in ("card", "retirement"):
        raise ValueError
    return parse_document(document, canonical_json(document[what]))


def checked_against(known: SiteRoster, new: SiteRoster) -> SiteRoster:
    """Return a new list after it was compared with the last good one, whose first card is the pinned one: unproved
    where less of it is in the log than before. Raises TrustBroken.
    """
    if new.salt != known.salt:
        raise TrustBroken("salt")
    if new.site_pk != known.site_pk:
        raise TrustBroken("site_key")
    if known.cards and (not new.cards or new.cards[0].encode() != known.cards[0].encode()):
        raise TrustBroken("first_card")
    if not new.continues(known):
        raise TrustBroken("shrunk")
    has_less = known.logged is not None and (new.logged is None or new.logged < known.logged)
    return replace(new, logged=0, unproved=True) if has_less else new
