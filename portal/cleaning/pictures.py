"""Pictures: the pixels are decoded, turned as the camera said, and written anew into a file with nothing else.

What is found is told from the old file's own parts; what is written never comes from a list of what to leave
out, so that a part nobody knew does not get through.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

from PIL import ExifTags, Image, ImageFile, ImageSequence, JpegImagePlugin

from portal.cleaning import jpeg, words
from portal.cleaning.words import CannotClean, Cleaned

PIXELS: Final = 64_000_000
"""Pixels of one picture, or of all frames of a moving one: 4 bytes each, and twice that while it is turned."""
WEBP_PIXELS: Final = 24_000_000
"""The same for WebP, whose coder takes more."""
JPEG_QUALITY: Final = 92
WEBP_QUALITY: Final = 90
PNG_START: Final = b"\x89PNG\r\n\x1a\n"

# Size, resolution, colour space, orientation: what each camera writes and what says nothing about anybody.
_PLAIN_TAGS: Final = frozenset(
    {0x100, 0x101, 0x102, 0x103, 0x106, 0x112, 0x115, 0x11A, 0x11B, 0x128, 0x213, 0x8769, 0x9000, 0x9101}
    | {0xA000, 0xA001, 0xA002, 0xA003, 0xA005}
)
_WINDOWS: Final = {0x9C9B: words.COMMENT, 0x9C9C: words.COMMENT, 0x9C9D: words.AUTHOR, 0x9C9E: words.COMMENT}
_EXIF, _GPS = 0x8769, 0x8825
_IFDS: Final = (_EXIF, _GPS, ExifTags.IFD.IFD1)
_EXIF_START: Final = b"Exif\0\0"
_ORIENTATION: Final = 0x112
_TURN: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_IPTC: Final[Mapping[int, str]] = {
    **dict.fromkeys((26, 27, 90, 92, 95, 100, 101), words.PLACE),
    **dict.fromkeys((80, 85, 110, 115, 116, 118, 122), words.AUTHOR),
    **dict.fromkeys((30, 35, 37, 47, 55, 60, 62, 63), words.TIME),
    **dict.fromkeys((65, 70), words.SOFTWARE),
    **dict.fromkeys((5, 25, 40, 103, 105, 120), words.COMMENT),
}
_IPTC_RECORD: Final = re.compile(rb"\x1c\x02(.)[\x00-\x7f]", re.DOTALL)
_PNG_PLAIN: Final = frozenset(
    {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "cICP", "pHYs", "bKGD", "sBIT"}
    | {"acTL", "fcTL", "fdAT"}
)
_WEBP_PLAIN: Final = frozenset({"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"})


def _exif(block: bytes) -> Image.Exif:
    """Return an EXIF block; an empty one when there is none or nobody could read it."""
    exif = Image.Exif()
    try:
        exif.load(block)
        for ifd in _IFDS:
            exif.get_ifd(ifd)
    except Exception:  # whatever the block is, it is out; Pillow has no one error for it
        return Image.Exif()
    return exif


def in_exif(exif: Image.Exif) -> set[str]:
    """Return the words for the tags of an EXIF block; none for an empty one."""
    tags: dict[int, Any] = {**exif, **exif.get_ifd(_EXIF)}
    found = {
        _WINDOWS.get(tag) or words.by_name(ExifTags.TAGS.get(tag, ""))
        for tag in tags
        if tag not in _PLAIN_TAGS
    }
    if tags.get(0x9286) or tags.get(0x10E):
        found.add(words.COMMENT)
    if exif.get_ifd(_GPS):
        found.add(words.PLACE)
    if exif.get_ifd(ExifTags.IFD.IFD1):
        found.add(words.THUMBNAIL)
    return found


def _in_photoshop(content: bytes) -> set[str]:
    """Return the words for a segment of Photoshop's: its thumbnails, and what IPTC's records are called."""
    found = {words.THUMBNAIL} if b"8BIM\x04\x0c" in content or b"8BIM\x04\x09" in content else set()
    found |= {_IPTC.get(record[0], words.OTHER) for record in _IPTC_RECORD.findall(content) if record[0]}
    return found or {words.OTHER}


def in_jpeg_segments(stripped: jpeg.Stripped) -> set[str]:
    """Return the words for what the segments of a JPEG file are, as far as their first bytes tell."""
    found = {words.OTHER} if stripped.behind else set()
    for marker, content in stripped.taken:
        if marker == 0xFE:
            found.add(words.COMMENT)
        elif content.startswith(_EXIF_START):
            found |= in_exif(_exif(content))
        elif content.startswith((b"http://ns.adobe.com/", b"<?xpacket")):
            found |= words.in_xmp(content)
        elif content.startswith(b"Photoshop 3.0"):
            found |= _in_photoshop(content)
        else:
            found.add(words.OTHER)
    return found


def _open(data: bytes, kind: str, most: int = PIXELS) -> ImageFile.ImageFile:
    # The size is looked at here, before a pixel is decoded; Pillow's own limit would only warn.
    Image.MAX_IMAGE_PIXELS = None
    picture = Image.open(BytesIO(data), formats=[kind])
    if picture.width * picture.height * getattr(picture, "n_frames", 1) > most:
        raise CannotClean
    return picture


def _bare(frame: Image.Image, orientation: int) -> Image.Image:
    """Return the pixels of a frame, turned, without anything that a writer of Pillow's could pick up."""
    turn = _TURN.get(orientation)
    fresh = frame.copy() if turn is None else frame.transpose(turn)
    fresh.info = {}
    return fresh


def _orientation(exif: Image.Exif) -> int:
    value = exif.get(_ORIENTATION, 1)
    return value if isinstance(value, int) else 1


def clean_jpeg(data: bytes) -> Cleaned:
    """Clean a JPEG file: coded anew with its own subsampling and the same quality for everybody, since a
    camera's tables can name its model. Of several pictures in one file the first stays."""
    stripped = jpeg.strip(data)
    exif = _exif(next((content for _, content in stripped.taken if content.startswith(_EXIF_START)), b""))
    picture = _open(stripped.data, "JPEG")
    sampling = JpegImagePlugin.get_sampling(picture)
    picture.load()
    out = BytesIO()
    # Turned by a quarter, what was coarse in one direction is coarse in the other: 4:2:2 can't be kept then.
    if _orientation(exif) > 4 and sampling == 1:
        sampling = 0
    chosen = {"subsampling": sampling} if sampling >= 0 else {}
    progressive = "progressive" in picture.info
    bare = _bare(picture, _orientation(exif))
    bare.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=progressive, **chosen)
    return words.result(out.getvalue(), in_jpeg_segments(stripped))


def png_chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of each chunk up to IEND; the rest, if any, under the name "". Raises
    CannotClean."""
    at = len(PNG_START)
    while True:
        length = int.from_bytes(data[at : at + 4])
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if len(name) < 4 or len(content) < length or not name.isalpha():
            raise CannotClean
        at += 12 + length
        yield name.decode(), content
        if name == b"IEND":
            break
    if data[at:]:
        yield "", data[at:]


def in_png_chunks(data: bytes) -> set[str]:
    """Return the words for a PNG file's chunks. Raises CannotClean."""
    found: set[str] = set()
    for name, content in png_chunks(data):
        if name in ("tEXt", "zTXt", "iTXt"):
            key = content.partition(b"\0")[0].decode("latin-1")
            found |= words.in_xmp(content) if key.startswith("XML:") else {words.by_name(key)}
        elif name == "tIME":
            found.add(words.TIME)
        elif name == "eXIf":
            found |= in_exif(_exif(content))
        elif name not in _PNG_PLAIN:
            found.add(words.OTHER)
    return found


def strip_png(data: bytes) -> bytes:
    """Return a PNG file with the chunks that make the picture and no other. Raises CannotClean."""
    out = [PNG_START]
    for name, content in png_chunks(data):
        if name in _PNG_PLAIN:
            body = name.encode() + content
            out += [len(content).to_bytes(4), body, zlib.crc32(body).to_bytes(4)]
    return b"".join(out)


def _moving(picture: ImageFile.ImageFile, orientation: int) -> tuple[list[Image.Image], dict[str, Any]]:
    """Return the bare frames of a moving picture, each whole, and how they follow one another."""
    loop = picture.info.get("loop", 0)
    frames, durations = [], []
    for frame in ImageSequence.Iterator(picture):
        frame.load()
        durations.append(frame.info.get("duration", 0))
        frames.append(_bare(frame.convert("RGBA"), orientation))
    return frames, {
        "save_all": True,
        "append_images": frames[1:],
        "duration": durations,
        "loop": loop,
    }


def clean_png(data: bytes) -> Cleaned:
    """Clean a PNG file. Its pixels stay what they were, but 16 bits of a colour become 8; frames stay frames."""
    exif = _exif(next((content for name, content in png_chunks(data) if name == "eXIf"), b""))
    picture = _open(strip_png(data), "PNG")
    if picture.info.get("default_image"):
        raise CannotClean  # a picture beside the frames that is none of them: nothing here keeps it apart
    chosen: dict[str, Any] = {}
    if getattr(picture, "is_animated", False):
        frames, chosen = _moving(picture, _orientation(exif))
        bare = frames[0]
    else:
        picture.load()
        bare = _bare(picture, _orientation(exif))
        if "transparency" in picture.info:
            chosen["transparency"] = picture.info["transparency"]
    out = BytesIO()
    bare.save(out, "PNG", **chosen)
    return words.result(out.getvalue(), in_png_chunks(data))


def _webp_chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of each chunk of a WebP file; what stands behind the file under the name ""."""
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4].decode("latin-1"), data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    if data[end:].strip(b"\0"):
        yield "", data[end:]


def clean_webp(data: bytes) -> Cleaned:
    """Clean a WebP file: what was coded without loss is again; frames stay frames."""
    chunks = list(_webp_chunks(data))
    found = {words.OTHER for name, _ in chunks if name not in _WEBP_PLAIN and name not in ("EXIF", "XMP ")}
    for name, content in chunks:
        if name == "XMP ":
            found |= words.in_xmp(content)
    exif = _exif(next((content for name, content in chunks if name == "EXIF"), b""))
    found |= in_exif(exif)
    picture = _open(data, "WEBP", WEBP_PIXELS)
    # In a frame the coded picture is a chunk within its chunk.
    lossless = not any(
        name == "VP8 " or (name == "ANMF" and b"VP8 " in content[16:64]) for name, content in chunks
    )
    chosen: dict[str, Any] = (
        {"lossless": True, "exact": True, "quality": 30, "method": 2}
        if lossless
        else {"quality": WEBP_QUALITY}
    )
    if getattr(picture, "is_animated", False):
        frames, how = _moving(picture, _orientation(exif))
        bare, chosen = frames[0], chosen | how
    else:
        picture.load()
        bare = _bare(picture, _orientation(exif))
    out = BytesIO()
    bare.save(out, "WEBP", **chosen)
    return words.result(out.getvalue(), found)
