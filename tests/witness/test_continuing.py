"""A new log beside the folder of the old one (docs/format.md, 5.3): what a witness is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from admin.witness.continuing import Continuing, continuing
from crypto.messages import sign
from crypto.plainleaf import ContinuesLeaf, SiteLeaf, read_site
from crypto.tlog import leaf_hash, root_of
from tests.vectors import small_log as small

OLD = small.small_log().leaves
KEPT = OLD[:40]
ROOT = root_of([leaf_hash(leaf) for leaf in KEPT])
NEW_SALT = bytes([9]) * 16
TRUE = ContinuesLeaf(small.ORIGIN, 40, ROOT)


def _site() -> bytes:
    from crypto import logbatch

    old = read_site(OLD[0])
    log = logbatch.log_verifier(NEW_SALT, bytes([8]) * 32)
    return SiteLeaf(NEW_SALT, log, bytes([7]) * 32, 16, old.rule).encode()


def _signed(leaf: ContinuesLeaf, seed: bytes = small.SITE_SEED) -> ContinuesLeaf:
    return replace(leaf, sig=sign(seed, leaf.signed_text(NEW_SALT)))


@pytest.mark.parametrize(
    ("leaf", "told"),
    [
        (_signed(TRUE), "signed"),
        (TRUE, "unsigned"),
        (_signed(TRUE, bytes([5]) * 32), "forged"),
        (replace(_signed(TRUE), size=39), "forged"),
        (_signed(replace(TRUE, root=bytes(32))), "apart"),
        (_signed(replace(TRUE, size=len(KEPT) + 1)), "ahead"),
        (_signed(replace(TRUE, origin="meyasubako/" + "0b" * 16)), "other"),
    ],
)
def test_what_the_new_log_says_of_the_kept_one(leaf: ContinuesLeaf, told: Continuing) -> None:
    assert continuing([_site(), leaf.encode()], KEPT) == told


def test_a_signature_for_one_new_site_serves_no_other() -> None:
    stolen = replace(TRUE, sig=sign(small.SITE_SEED, TRUE.signed_text(bytes(16))))
    assert continuing([_site(), stolen.encode()], KEPT) == "forged"


def test_logs_that_do_not_name_each_other() -> None:
    assert continuing([_site()], KEPT) == continuing(KEPT, KEPT) == continuing([], []) == "other"
