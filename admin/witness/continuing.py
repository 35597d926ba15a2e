"""Checks whether a new log continues the one that a witness has stored (docs/format.md, 5.3). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from crypto.errors import SignatureWrong
from crypto.log_errors import PlainLeafMalformed
from crypto.messages import verify
from crypto.plainleaf import continued, origin_of, read_site
from crypto.tlog import leaf_hash, root_of

Continuing = Literal["signed", "unsigned", "forged", "apart", "ahead", "other"]


def continuing(new: Sequence[bytes], old: Sequence[bytes]) -> Continuing:
    """Return how a new log's leaves stand to the leaves of an old log.

    `signed`, `unsigned`: they name a state of it, with and without the old site's signature; `forged`: with one that
    does not hold; `ahead`: a larger state than what was kept; `apart`: another history; `other`: they do not name it.
    """
    try:
        site, before = read_site(new[0] if new else b""), read_site(old[0] if old else b"")
    except PlainLeafMalformed:
        return "other"
    named = next((leaf for leaf in continued(new) if leaf.origin == origin_of(before.salt)), None)
    if named is None:
        return "other"
    if named.sig:
        try:
            verify(before.site_pk, named.signed_text(site.salt), named.sig)
        except SignatureWrong:
            return "forged"
    if named.size > len(old):
        return "ahead"
    if root_of([leaf_hash(leaf) for leaf in old[: named.size]]) != named.root:
        return "apart"
    return "signed" if named.sig else "unsigned"
