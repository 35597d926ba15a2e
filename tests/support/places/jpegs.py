"""Places of JPEG (ITU-T T.81, JFIF 1.02, Exif, XMP part 3, ICC.1, CIPA DC-007, ISO 19566-5)."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from tests.support.places.mark import BYTES, IPTC, XMP, Place, exif_blocks, iptc


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def plain() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((16, 16)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def _with(*segments: bytes) -> bytes:
    """Return the picture with segments behind JFIF's."""
    picture = plain()
    return picture[:20] + b"".join(segments) + picture[20:]


def _segments() -> Iterator[tuple[str, bytes]]:
    yield "COM", segment(0xFE, BYTES)
    yield "JFXX", segment(0xE0, b"JFXX\0\x10" + BYTES)
    yield "XMP", segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    yield "extended XMP", segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP)
    yield "ICC profile", segment(0xE2, b"ICC_PROFILE\0\x01\x01" + bytes(128) + BYTES)
    yield "MPF, the list of pictures", segment(0xE2, b"MPF\0" + BYTES)
    yield "FlashPix", segment(0xE2, b"FPXR\0" + BYTES)
    yield "JUMBF, where C2PA stands", segment(0xEB, b"JP\0\1\0\0\0\1" + BYTES)
    yield "Ducky, comment", segment(0xEC, b"Ducky\0\2" + len(BYTES).to_bytes(2) + BYTES)
    yield "Adobe, behind its 14 bytes", segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + BYTES)
    yield "Adobe, version and flags", segment(0xEE, b"Adobe" + BYTES[:6] + b"\x01" + BYTES)
    for number in range(16):
        yield f"APP{number}", segment(0xE0 + number, BYTES)
    for marker in (0x02, 0xBF, 0xC8, 0xDE, 0xDF, *range(0xF0, 0xFE)):
        yield f"reserved marker {marker:02X}", segment(marker, BYTES)
    for record, name in IPTC.items():
        yield f"IPTC {name}", segment(0xED, b"Photoshop 3.0\0" + iptc(record))
    for name, block in exif_blocks():
        yield name, segment(0xE1, b"Exif\0\0" + block)


def places() -> Iterator[Place]:
    """Yield every place of JPEG."""
    for name, data in _segments():
        yield Place("jpeg", name, _with(data))
    picture = plain()
    jfif = segment(0xE0, picture[6:18] + b"\x06\x01" + BYTES)
    yield Place("jpeg", "JFIF, its thumbnail", picture[:2] + jfif + picture[20:])
    yield Place("jpeg", "between segments", _with(BYTES))
    yield Place("jpeg", "behind the end mark", picture + BYTES)
    yield Place("jpeg", "another picture behind the end mark", picture + _with(segment(0xFE, BYTES)))
    yield Place("jpeg", "COM between scan and end mark", picture[:-2] + segment(0xFE, BYTES) + picture[-2:])
