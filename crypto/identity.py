"""An auditor's keys from a seed (docs/format.md, section 1). A serving process never loads this module."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.bindings import crypto_box_seed_keypair, crypto_sign_seed_keypair
from nacl.utils import random

from crypto import errors
from crypto.cards import key_id_of
from crypto.encoding import b2


@dataclass(frozen=True, repr=False)
class Identity:
    """All keys of one auditor; `repr` shows none of them."""

    seed: bytes
    box_pk: bytes
    box_sk: bytes
    sign_pk: bytes
    sign_seed: bytes
    key_id: bytes
    index_key: bytes


def from_seed(seed: bytes) -> Identity:
    """Derive the keys from a seed of 32 bytes. Raises MisuseError for another length."""
    if len(seed) != 32:
        raise errors.MisuseError
    box_pk, box_sk = crypto_box_seed_keypair(b2(32, seed, person="mybk1-box"))
    sign_seed = b2(32, seed, person="mybk1-sign")
    sign_pk = crypto_sign_seed_keypair(sign_seed)[0]
    index_key = b2(32, seed, person="mybk1-deskidx")
    return Identity(seed, box_pk, box_sk, sign_pk, sign_seed, key_id_of(box_pk, sign_pk), index_key)


def new_identity() -> Identity:
    """Make a new auditor's keys from the operating system's random source."""
    return from_seed(random(32))
