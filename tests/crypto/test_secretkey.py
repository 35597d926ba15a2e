"""What a program seals for itself opens for itself, whole and in its place, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors, secretkey
from tests.crypto.strategies import PLAIN

KEYS = st.binary(min_size=secretkey.KEY_BYTES, max_size=secretkey.KEY_BYTES)


def _bound(key: bytes, plain: bytes) -> bytes:
    return secretkey.seal_bound(key, plain, b"here")


def _open_bound(key: bytes, sealed: bytes) -> bytes:
    return secretkey.open_bound(key, sealed, b"here")


WAYS = pytest.mark.parametrize(
    ("seal", "open_"),
    [(secretkey.seal_box, secretkey.open_box), (_bound, _open_bound)],
    ids=["box", "bound"],
)
Way = Callable[[bytes, bytes], bytes]


@WAYS
@PLAIN
@given(key=KEYS, plain=st.binary(max_size=200), place=st.integers(min_value=0))
def test_it_opens_unchanged_and_nothing_else(
    seal: Way, open_: Way, key: bytes, plain: bytes, place: int
) -> None:
    sealed = seal(key, plain)
    assert open_(key, sealed) == plain
    assert seal(key, plain) != sealed, "the nonce is random"
    assert len(sealed) == len(plain) + secretkey.BOX_OVERHEAD
    at = place % len(sealed)
    changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
    other = bytes([key[0] ^ 1]) + key[1:]
    for with_key, raw in ((key, changed), (key, sealed[:at]), (key, sealed + b"\0"), (other, sealed)):
        with pytest.raises(errors.CiphertextForged):
            open_(with_key, raw)


@PLAIN
@given(key=KEYS, plain=st.binary(max_size=50), place=st.binary(max_size=20))
def test_what_is_bound_to_a_place_opens_nowhere_else(key: bytes, plain: bytes, place: bytes) -> None:
    sealed = secretkey.seal_bound(key, plain, place)
    assert secretkey.open_bound(key, sealed, place) == plain
    with pytest.raises(errors.CiphertextForged):
        secretkey.open_bound(key, sealed, place + b"\0")


@WAYS
@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_the_callers_fault(seal: Way, open_: Way, size: int) -> None:
    with pytest.raises(errors.MisuseError):
        seal(bytes(size), b"x")
    with pytest.raises(errors.MisuseError):
        open_(bytes(size), bytes(60))
