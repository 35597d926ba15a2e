"""Places of PNG (W3C, third edition, and its register of extensions)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.support.places.mark import BYTES, XMP, Place, exif_blocks

KEYWORDS = (
    "Title", "Author", "Description", "Copyright", "Creation Time", "Software", "Disclaimer", "Warning", "Source",
    "Comment", "Collection", "Raw profile type iptc", "Raw profile type exif", "parameters",
)  # fmt: skip


def chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def plain() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((16, 16)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def _chunks() -> Iterator[tuple[str, bytes]]:
    for key in KEYWORDS:
        yield f"tEXt {key}", chunk(b"tEXt", key.encode() + b"\0" + BYTES)
    yield "tEXt, its keyword", chunk(b"tEXt", BYTES + b"\0text")
    yield "zTXt", chunk(b"zTXt", b"Author\0\0" + zlib.compress(BYTES))
    yield "iTXt", chunk(b"iTXt", b"Author\0\0\0\0\0" + BYTES)
    yield "iTXt, packed", chunk(b"iTXt", b"Author\0\1\0\0\0" + zlib.compress(BYTES))
    yield "iTXt, its language", chunk(b"iTXt", b"Author\0\0\0" + BYTES + b"\0\0text")
    yield "iTXt, its translated keyword", chunk(b"iTXt", b"Author\0\0\0\0" + BYTES + b"\0text")
    yield "XMP", chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    yield "tIME", chunk(b"tIME", BYTES[:7] + BYTES)
    yield "iCCP, its name", chunk(b"iCCP", BYTES + b"\0\0" + zlib.compress(bytes(128)))
    yield "iCCP, its profile", chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(bytes(128) + BYTES))
    yield "sPLT, its name", chunk(b"sPLT", BYTES + b"\0\x08" + bytes(6))
    yield "PLTE beside true colours", chunk(b"PLTE", BYTES)
    names = (
        "pCAL",
        "sCAL",
        "oFFs",
        "sTER",
        "gIFg",
        "gIFx",
        "gIFt",
        "fRAc",
        "hIST",
        "dSIG",
        "caBX",
        "mkBT",
        "prVt",
        "vpAg",
    )
    for name in names:
        yield name, chunk(name.encode(), BYTES)
    for name in ("gAMA", "cHRM", "sRGB", "cICP", "pHYs", "bKGD", "sBIT", "acTL", "fcTL"):
        yield f"{name}, longer than it is", chunk(name.encode(), bytes(32) + BYTES)
    for name, block in exif_blocks():
        yield name, chunk(b"eXIf", block)


def places() -> Iterator[Place]:
    """Yield every place of PNG."""
    picture = plain()
    head = 8 + 25
    for name, data in _chunks():
        yield Place("png", name, picture[:head] + data + picture[head:])
    yield Place("png", "between pixels and end", picture[:-12] + chunk(b"prVt", BYTES) + picture[-12:])
    yield Place("png", "IEND, its content", picture[:-12] + chunk(b"IEND", BYTES))
    yield Place("png", "behind the end", picture + BYTES)
