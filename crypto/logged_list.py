"""How much of the list of readers is in the log, as a site shows it (docs/format.md, 1.4, 5.3, 8.1).

Envelopes are sealed to cards that are in the log: a card that a server shows to one visitor only is not, unless the log
has a second history, which the visitor then holds the signed checkpoint of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto.encoding import b64d
from crypto.errors import BadData
from crypto.listing import Listing
from crypto.log_errors import ListUnproved
from crypto.note import ED25519, read_checkpoint, read_key
from crypto.plainleaf import named_list, origin_of
from crypto.tlog import check_inclusion, leaf_hash


def logged_length(log: Mapping[str, Any], listing: Listing, salt: bytes) -> int:
    """Return how many documents of a list are in the log: as many as its newest `day` or `list` leaf names.

    `log`: the field of `/keys.json`, of which `vkey` and `listed` are read. `salt`: the site's, 16 bytes. Raises
    ListUnproved for whatever does not fit.
    """
    try:
        key, shown = read_key(log["vkey"]), log["listed"]
        leaf, index, proof = b64d(shown["leaf"]), shown["index"], [b64d(text) for text in shown["proof"]]
        if key.name != origin_of(salt) or key.key_type != ED25519 or type(index) is not int:
            raise ListUnproved
        signed = read_checkpoint(shown["checkpoint"], key).checkpoint
        check_inclusion(leaf_hash(leaf), index, signed.size, proof, signed.root)
        length = listing.length_of(named_list(leaf))
    except (BadData, ValueError, TypeError, LookupError, AttributeError):
        raise ListUnproved from None
    if length is None:
        raise ListUnproved
    return length
