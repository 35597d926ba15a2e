"""The mark, and what the formats share: Exif, XMP, IPTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MARK = "MEYASU-HANAKO-0417"
BYTES = MARK.encode()
XMP = (
    "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:creator><rdf:Seq><rdf:li>" + MARK + "</rdf:li></rdf:Seq>"
    "</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
).encode()

_ASCII, _LONG, _UNDEFINED = 2, 4, 7
_EXIF, _GPS, _INTEROPERABILITY = 0x8769, 0x8825, 0xA005
# CIPA DC-008 and TIFF 6.0; 0x9C9x are what Windows writes.
_TAGS = {
    _LONG: {
        0x10D: "DocumentName", 0x10E: "ImageDescription", 0x10F: "Make", 0x110: "Model", 0x11D: "PageName",
        0x131: "Software", 0x132: "DateTime", 0x13B: "Artist", 0x13C: "HostComputer", 0x151: "TargetPrinter",
        0x2BC: "XMLPacket", 0x8298: "Copyright", 0x83BB: "IPTC", 0x8649: "Photoshop", 0x8773: "ICCProfile",
        0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords", 0x9C9F: "XPSubject",
        0xC614: "UniqueCameraModel", 0xC62F: "CameraSerialNumber", 0xC634: "DNGPrivateData", 0xFDE8: "OwnerName",
    },
    _EXIF: {
        0x9003: "DateTimeOriginal", 0x9004: "DateTimeDigitized", 0x9010: "OffsetTime", 0x927C: "MakerNote",
        0x9286: "UserComment", 0x9290: "SubSecTime", 0xA004: "RelatedSoundFile", 0xA420: "ImageUniqueID",
        0xA430: "CameraOwnerName", 0xA431: "BodySerialNumber", 0xA433: "LensMake", 0xA434: "LensModel",
        0xA435: "LensSerialNumber", 0xA436: "ImageTitle", 0xA437: "Photographer", 0xA438: "ImageEditor",
        0xA43A: "CameraFirmware",
    },
    _GPS: {
        0x1B: "GPSProcessingMethod", 0x1C: "GPSAreaInformation", 0x08: "GPSSatellites", 0x12: "GPSMapDatum",
        0x1D: "GPSDateStamp",
    },
    _INTEROPERABILITY: {0x1000: "RelatedImageFileFormat"},
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One place. `format`: which cleaner is asked; `name`: as the specification calls it."""

    format: str
    name: str
    data: bytes

    @property
    def id(self) -> str:
        return f"{self.format}: {self.name}"


def _directory(at: int, entries: list[tuple[int, int, bytes]], following: int) -> bytes:
    """Return a directory at `at`, with the values behind it. An entry: tag, type, value."""
    out = len(entries).to_bytes(2)
    behind = at + 2 + 12 * len(entries) + 4
    values = b""
    for tag, kind, value in entries:
        count = len(value) if kind != _LONG else len(value) // 4
        out += tag.to_bytes(2) + kind.to_bytes(2) + count.to_bytes(4)
        if len(value) <= 4:
            out += value.ljust(4, b"\0")
        else:
            out += (behind + len(values)).to_bytes(4)
            values += value
    return out + following.to_bytes(4) + values


def exif(directory: int, tag: int, value: bytes = BYTES) -> bytes:
    """Return an Exif block with one tag in the directory that `directory` points at; _LONG: in the first."""
    kind = _UNDEFINED if tag in (0x927C, 0x9286, 0x1B, 0x1C) else _ASCII
    head = b"MM\0*" + (8).to_bytes(4)
    if directory == _LONG:
        return head + _directory(8, [(tag, kind, value)], 0)
    pointer = [(directory, _LONG, (26).to_bytes(4))]
    if directory != _INTEROPERABILITY:
        return head + _directory(8, pointer, 0) + _directory(26, [(tag, kind, value)], 0)
    middle = _directory(26, [(_INTEROPERABILITY, _LONG, (44).to_bytes(4))], 0)
    return (
        head
        + _directory(8, [(_EXIF, _LONG, (26).to_bytes(4))], 0)
        + middle
        + _directory(44, [(tag, kind, value)], 0)
    )


def exif_blocks() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each tag that can hold a text, and a block with the mark in it."""
    for directory, tags in _TAGS.items():
        for tag, name in tags.items():
            yield f"Exif {name}", exif(directory, tag)
    second = _directory(14, [(0x10E, _ASCII, BYTES)], 0)
    yield "Exif, the thumbnail's directory", b"MM\0*" + (8).to_bytes(4) + bytes(2) + (14).to_bytes(4) + second
    yield "Exif, behind its directories", exif(_LONG, 0x112, b"\0\0\0\x01") + BYTES


IPTC = {
    5: "ObjectName", 25: "Keywords", 40: "SpecialInstructions", 55: "DateCreated", 65: "OriginatingProgram", 80: "By-line",
    85: "By-lineTitle", 90: "City", 101: "Country", 105: "Headline", 110: "Credit", 115: "Source",
    116: "CopyrightNotice", 118: "Contact", 120: "Caption", 122: "Writer",
}  # fmt: skip


def iptc(record: int) -> bytes:
    """Return Photoshop's resource with one record of IPTC-IIM."""
    body = b"\x1c\x02" + bytes((record,)) + len(BYTES).to_bytes(2) + BYTES
    return b"8BIM\x04\x04\0\0" + len(body).to_bytes(4) + body + bytes(len(body) % 2)
