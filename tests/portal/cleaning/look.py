"""Looks into a file for what could name somebody, with other programs than those that cleaned it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

import pikepdf

from tests.portal.cleaning.files import MARK, exiftool
from tests.support.leaks import disguises

# What exiftool says of any file: how large it is, how its pixels are coded, what exiftool is.
_PLAIN_GROUPS = frozenset({"ExifTool", "System", "Composite"})
_PLAIN = re.compile(
    r"^(?:File Type.*|MIME Type|Current IPTC Digest|Image Width|Image Height|Encoding Process|Bits Per Sample|"
    r"Color Components|Y Cb Cr Sub Sampling|JFIF Version|Resolution Unit|[XY] Resolution|Bit Depth|Color Type|"
    r"Compression|Filter|Interlace|PDF Version|Linearized|Page Count|VP8 Version|Horizontal Scale|Vertical Scale|"
    r"Alpha Is Used|WebP Flags|Animation .*|Background Color|Duration|Frame Count|Palette|Has XFA|Transparency|Zip .*|"
    r"Canvas .*)$"
)


def _told_by_exiftool(data: bytes) -> list[str]:
    group, told = "", []
    for line in exiftool("-a", "-u", "-g1", data=data).decode(errors="replace").splitlines():
        if line.startswith("----"):
            group = line.strip("- ")
            continue
        name, _, value = line.partition(":")
        if group not in _PLAIN_GROUPS and not _PLAIN.match(name.strip()):
            told.append(f"{group}: {name.strip()} = {value.strip()}")
    return told


def layers(data: bytes) -> list[bytes]:
    """Return the file and everything that can be unpacked from it."""
    found = [data]
    if data.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(data)) as document:
            for item in document.objects:
                found.append(item.unparse())
                if isinstance(item, pikepdf.Stream):
                    found.append(item.read_raw_bytes())
                    try:
                        found.append(item.read_bytes())
                    except pikepdf.PdfError:
                        continue  # a picture: its raw bytes are here already
            found.append(document.trailer.unparse())
    elif data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += [archive.read(entry) for entry in archive.infolist()]
            found += [str(entry.date_time).encode() for entry in archive.infolist()]
    for match in re.finditer(rb"x\x9c|x\xda|x\x01|x\x5e", data):
        unpacker = zlib.decompressobj()
        try:
            found.append(unpacker.decompress(data[match.start() :], 1 << 20))
        except zlib.error:
            continue
    return found


_WHEN = (b"20260417", b"2026-04-17", b"2026:04:17", b"(2026, 4, 17", b"00417417")


def told(data: bytes) -> list[str]:
    """Return everything that a file still says about somebody."""
    marks = [MARK.encode(), *disguises(MARK).values(), *_WHEN]
    every = layers(data)
    found = [f"bytes: {mark!r}" for mark in marks if any(mark in layer for layer in every)]
    return found if data.startswith(b"PK") else found + _told_by_exiftool(data)
