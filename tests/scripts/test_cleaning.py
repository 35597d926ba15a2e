"""What the page's scripts take out of pictures."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from crypto.encoding import b64d, b64e
from tests.scripts.bundle import in_node

_EXIF = (
    b"Exif\0\0MM\0*\0\0\0\x08\0\x02"
    + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    + struct.pack(">HHII", 0x8825, 4, 1, 38)
    + bytes(4)
)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _jpeg(*segments: bytes) -> bytes:
    scan = _segment(0xDA, bytes(10)) + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + b"".join(segments) + _segment(0xDB, bytes(65)) + scan + b"\xff\xd9"


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(*chunks: bytes) -> bytes:
    head, end = _chunk(b"IHDR", bytes(13)), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IDAT", b"pixels") + end


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + _riff(b"VP8L", b"pixel") + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _cleaned(bundle: Path, raw: bytes) -> dict[str, Any]:
    (found,) = in_node(bundle, "cleaned", [b64e(raw)])
    return {**found, "data": b64d(found["data"])}


@pytest.mark.parametrize("plain", [_jpeg(), _png(), _webp()])
def test_nothing_to_find_changes_nothing(tests_bundle: Path, plain: bytes) -> None:
    assert _cleaned(tests_bundle, plain) == {"data": plain, "cleaned": "nothing", "found": []}


@pytest.mark.parametrize(
    ("dirty", "plain", "found"),
    [
        (_jpeg(_segment(0xFE, b"by me")), _jpeg(), ["comment"]),
        (_jpeg(_segment(0xED, b"Photoshop")), _jpeg(), ["other"]),
        (_jpeg() + b"a second picture", _jpeg(), ["other"]),
        (_png(_chunk(b"tEXt", b"Author\0me")), _png(), ["comment"]),
        (_png(_chunk(b"tIME", bytes(7))), _png(), ["time"]),
        (_png(_chunk(b"eXIf", _EXIF[6:])), _png(), ["place"]),
        (_webp(_riff(b"EXIF", _EXIF)), _webp(), ["place"]),
        (_webp(_riff(b"XMP ", b"<x/>")), _webp(), ["other"]),
    ],
)
def test_what_is_found_goes_and_the_picture_stays(
    tests_bundle: Path, dirty: bytes, plain: bytes, found: list[str]
) -> None:
    assert _cleaned(tests_bundle, dirty) == {"data": plain, "cleaned": "removed", "found": found}


def test_a_picture_stays_the_right_way_up(tests_bundle: Path) -> None:
    done = _cleaned(tests_bundle, _jpeg(_segment(0xE1, _EXIF)))
    assert done["found"] == ["place"]
    assert struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in done["data"]
    assert struct.pack(">H", 0x8825) not in done["data"]


@pytest.mark.parametrize(
    "raw", [b"", b"%PDF-1.7", b"\xff\xd8broken", _png()[:-5], _webp()[:-3], _jpeg()[:-2]]
)
def test_what_cannot_be_cleaned_is_said(tests_bundle: Path, raw: bytes) -> None:
    assert _cleaned(tests_bundle, raw) == {"data": raw, "cleaned": "not", "found": []}
