"""Places of WebP (RFC 9649)."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from tests.support.places.mark import BYTES, XMP, Place, exif_blocks


def riff(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


def _file(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def plain() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((16, 16)).convert("RGB").save(out, "WEBP")
    return out.getvalue()


def places() -> Iterator[Place]:
    """Yield every place of WebP."""
    pixels = plain()[12:]

    def extended(flags: int) -> bytes:
        return riff(b"VP8X", bytes((flags, 0, 0, 0)) + (15).to_bytes(3, "little") * 2)

    frame = bytes(16) + pixels
    yield Place("webp", "ICCP", _file(extended(0x20), riff(b"ICCP", bytes(128) + BYTES), pixels))
    yield Place("webp", "XMP", _file(extended(4), pixels, riff(b"XMP ", XMP)))
    yield Place("webp", "an unknown chunk", _file(extended(0), pixels, riff(b"NAME", BYTES)))
    yield Place("webp", "an unknown chunk of a simple file", _file(pixels, riff(b"NAME", BYTES)))
    yield Place(
        "webp", "an unknown chunk of a frame",
        _file(extended(2), riff(b"ANIM", bytes(6)), riff(b"ANMF", frame + riff(b"NAME", BYTES))),
    )  # fmt: skip
    yield Place(
        "webp",
        "ANIM, longer than it is",
        _file(extended(2), riff(b"ANIM", bytes(6) + BYTES), riff(b"ANMF", frame)),
    )
    yield Place("webp", "VP8X, longer than it is", _file(riff(b"VP8X", bytes(10) + BYTES), pixels))
    yield Place(
        "webp",
        "VP8X, its reserved bits",
        _file(riff(b"VP8X", b"\0" + BYTES[:3] + bytes(6)), pixels, riff(b"NAME", BYTES)),
    )
    yield Place("webp", "behind the file", plain() + BYTES)
    for name, block in exif_blocks():
        yield Place("webp", name, _file(extended(8), pixels, riff(b"EXIF", block)))
