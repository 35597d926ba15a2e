"""Attachments: what goes in comes out, in pieces of any length; anything else is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import attachment, errors
from crypto.attachment import FRAME, SEALED_FRAME, Opener, Sealer, entry, object_length, padded_length

SIZES = st.integers(0, 3 * FRAME) | st.sampled_from([FRAME - 9, FRAME - 8, FRAME - 7, 2 * FRAME - 8])
STEPS = st.integers(1, 2 * FRAME)


def _pieces(data: bytes, step: int) -> list[bytes]:
    return [data[at : at + step] for at in range(0, len(data), step)]


def _sealed(key: bytes, data: bytes, step: int) -> bytes:
    sealer = Sealer(key)
    sealed = sealer.header + b"".join(map(sealer.update, _pieces(data, step))) + sealer.finish()
    assert sealer.size == len(data)
    return sealed


def _opened(key: bytes, size: int, raw: bytes, step: int) -> bytes:
    opener = Opener(key, size)
    found = b"".join(map(opener.update, _pieces(raw, step)))
    opener.finish()
    assert len(found) == size
    return found


@settings(max_examples=60)
@given(SIZES, STEPS, STEPS, st.binary(min_size=1, max_size=64))
def test_what_is_sealed_opens(size: int, step_in: int, step_out: int, pattern: bytes) -> None:
    data = (pattern * (size // len(pattern) + 1))[:size]
    key = attachment.new_key()
    raw = _sealed(key, data, step_in)
    assert len(raw) == object_length(size)
    assert _opened(key, size, raw, step_out) == data


@settings(max_examples=60)
@given(SIZES, st.data())
def test_one_changed_bit_is_refused(size: int, data: st.DataObject) -> None:
    key = attachment.new_key()
    raw = bytearray(_sealed(key, bytes(size), FRAME))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(errors.BadData):
        _opened(key, size, bytes(raw), SEALED_FRAME)


@settings(max_examples=60)
@given(SIZES, st.data())
def test_a_part_is_refused(size: int, data: st.DataObject) -> None:
    key = attachment.new_key()
    raw = _sealed(key, bytes(size), FRAME)
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(errors.Truncated):
        _opened(key, size, raw[:cut], SEALED_FRAME)


def test_frames_can_not_change_places() -> None:
    key = attachment.new_key()
    raw = _sealed(key, bytes(2 * FRAME), FRAME)
    frames = _pieces(raw[28:], SEALED_FRAME)
    for order in itertools.permutations(range(len(frames))):
        moved = raw[:28] + b"".join(frames[at] for at in order)
        if list(order) == sorted(order):
            assert len(_opened(key, 2 * FRAME, moved, SEALED_FRAME)) == 2 * FRAME
        else:
            with pytest.raises(errors.CiphertextForged):
                _opened(key, 2 * FRAME, moved, SEALED_FRAME)


@given(st.integers(0, 2**40))
def test_the_padded_length(size: int) -> None:
    padded = padded_length(size)
    assert padded % FRAME == 0
    assert size <= padded
    # Padmé's bound: at most 12 % on top; below it, powers of two at most double.
    assert padded <= max(FRAME, 2 * size if size <= 2**24 else int(1.12 * size))
    assert padded_length(max(0, size - 1)) <= padded
    assert attachment.is_object_length(object_length(size))


def test_the_same_file_never_makes_the_same_object() -> None:
    key = attachment.new_key()
    assert _sealed(key, b"a", 1) != _sealed(key, b"a", 1)
    assert attachment.new_key() != attachment.new_key()


@pytest.mark.parametrize("size", [-1, 2**40 + 1])
def test_a_size_that_no_file_has(size: int) -> None:
    with pytest.raises(errors.MisuseError):
        padded_length(size)


def test_an_entry_that_would_be_refused_is_not_made() -> None:
    made = entry(bytes(16), bytes(32), bytes(32), 0, "a", "a/b", "removed", ["time", "place", "time"])
    assert made["found"] == ["place", "time"]
    with pytest.raises(errors.MisuseError):
        entry(bytes(16), bytes(32), bytes(32), 0, "", "a/b", "nothing")
    with pytest.raises(errors.MisuseError):
        entry(bytes(15), bytes(32), bytes(32), 0, "a", "a/b", "nothing")


@settings(max_examples=40)
@given(SIZES, SIZES)
def test_another_size_gives_nothing_as_whole(size: int, said: int) -> None:
    key, data = attachment.new_key(), b"a"
    raw = _sealed(key, data * size, FRAME)
    if said < size:
        with pytest.raises((errors.ObjectPadding, errors.ObjectSize)):
            _opened(key, said, raw, SEALED_FRAME)
    elif padded_length(said) != padded_length(size):
        with pytest.raises(errors.ObjectSize):
            _opened(key, said, raw, SEALED_FRAME)
    else:
        # Zeros behind it: the entry's hash tells.
        assert _opened(key, said, raw, SEALED_FRAME) == (data * size).ljust(said, b"\0")


def test_an_opener_does_not_grow_with_the_object() -> None:
    key = attachment.new_key()
    raw = _sealed(key, bytes(40 * FRAME), FRAME)
    opener = Opener(key, 40 * FRAME)
    for piece in _pieces(raw, 1000):
        assert len(opener.update(piece)) <= FRAME
        assert len(opener._waiting) < SEALED_FRAME + 1000
    opener.finish()
