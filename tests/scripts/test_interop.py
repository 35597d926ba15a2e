"""What the page's scripts seal, crypto/ opens, and the other way round; what was tampered with, nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from crypto import attachment, errors, identity, seal
from crypto.encoding import b64d, b64e, canonical_json
from crypto.envelope import Kind
from crypto.unseal import unseal
from tests.crypto.error_names import leaves
from tests.scripts.bundle import in_node
from tests.support.trials import trials

ENVELOPES: Final = trials(150, 1000)
FILES: Final = trials(200, 1000)
BORDERS: Final = (8191, 8192, 32767, 32768)
FILE_BORDERS: Final = (0, 1, 65527, 65528, 65529, 131064, 131065)
LETTERS: Final = 'aé漢🙂\n"\\\u2028ｱ'


def _auditor(chance: random.Random) -> identity.Identity:
    return identity.from_seed(chance.randbytes(32))


def _payload(chance: random.Random, envelope_id: bytes) -> dict[str, Any]:
    """A record with a text of some length, now and then one at a size class's border."""
    text = "".join(chance.choices(LETTERS, k=chance.randrange(1, 200)))
    found: dict[str, Any] = {
        "envelope_id": envelope_id.hex(),
        "what_happened": text,
        "n": chance.randrange(2**53),
    }
    if chance.random() < trials(10, 2) / 100:
        room = chance.choice(BORDERS) - len(canonical_json({**found, "message": ""}))
        found["message"] = "a" * room
    return found


def _sealed_here(chance: random.Random) -> Iterator[tuple[identity.Identity, bytes, bytes]]:
    for _ in range(ENVELOPES):
        auditor, envelope_id = _auditor(chance), chance.randbytes(16)
        payload = _payload(chance, envelope_id)
        recipients = [seal.Recipient(auditor.key_id, auditor.box_pk)]
        kind = chance.choice([Kind.REPORT, Kind.FROM_REPORTER])
        yield auditor, canonical_json(payload), seal.seal(kind, envelope_id, payload, recipients).raw


def _flipped(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def test_the_page_opens_what_python_sealed(tests_bundle: Path) -> None:
    chance = random.Random(1)
    made = list(_sealed_here(chance))
    given = [{"seed": who.seed.hex(), "raw": b64e(raw)} for who, _, raw in made]
    assert in_node(tests_bundle, "opened", given) == [plain.hex() for _, plain, _ in made]
    tampered = [{**one, "raw": b64e(_flipped(chance, b64d(str(one["raw"]))))} for one in given[::10]]
    names = leaves(errors.BadData)
    assert set(in_node(tests_bundle, "opened", tampered)) <= names


def test_python_opens_what_the_page_sealed(tests_bundle: Path) -> None:
    chance = random.Random(2)
    auditors = [_auditor(chance) for _ in range(ENVELOPES)]
    ids = [chance.randbytes(16) for _ in auditors]
    payloads = [_payload(chance, one) for one in ids]
    given = [
        {"seed": who.seed.hex(), "id": one.hex(), "payload": payload, "kind": chance.choice([1, 2])}
        for who, one, payload in zip(auditors, ids, payloads, strict=True)
    ]
    made = [b64d(raw) for raw in in_node(tests_bundle, "sealed", given)]
    for who, payload, raw in zip(auditors, payloads, made, strict=True):
        opened = unseal(raw, who.box_sk, who.box_pk, who.key_id)
        assert opened.payload == payload
        assert opened.raw_payload == canonical_json(payload)
    for who, raw in list(zip(auditors, made, strict=True))[::10]:
        with pytest.raises(errors.BadData):
            unseal(_flipped(chance, raw), who.box_sk, who.box_pk, who.key_id)


def _sizes(chance: random.Random) -> list[int]:
    return [
        chance.choice(FILE_BORDERS) if at % (FILES // 10) == 0 else chance.randrange(3000)
        for at in range(FILES)
    ]


def _sealed(key: bytes, file: bytes) -> bytes:
    sealer = attachment.Sealer(key)
    return sealer.header + sealer.update(file) + sealer.finish()


def _opened(key: bytes, size: int, raw: bytes) -> bytes:
    opener = attachment.Opener(key, size)
    found = opener.update(raw)
    opener.finish()
    return found


def test_the_page_opens_files_that_python_sealed(tests_bundle: Path) -> None:
    chance = random.Random(3)
    files = [(chance.randbytes(32), chance.randbytes(size)) for size in _sizes(chance)]
    given = [{"key": key.hex(), "size": len(file), "raw": b64e(_sealed(key, file))} for key, file in files]
    assert in_node(tests_bundle, "objects", given) == [b64e(file) for _, file in files]
    tampered = [{**one, "raw": b64e(_flipped(chance, b64d(str(one["raw"]))))} for one in given[::10]]
    names = leaves(errors.BadData)
    assert set(in_node(tests_bundle, "objects", tampered)) <= names


def test_python_opens_files_that_the_page_sealed(tests_bundle: Path) -> None:
    chance = random.Random(4)
    files = [(chance.randbytes(32), chance.randbytes(size)) for size in _sizes(chance)]
    given = [
        {"key": key.hex(), "file": b64e(file), "step": chance.randrange(100, 100_000)} for key, file in files
    ]
    made = [b64d(raw) for raw in in_node(tests_bundle, "files", given)]
    for (key, file), raw in zip(files, made, strict=True):
        assert _opened(key, len(file), raw) == file
    for (key, file), raw in list(zip(files, made, strict=True))[::10]:
        with pytest.raises(errors.BadData):
            _opened(key, len(file), _flipped(chance, raw))
