"""Writes the vectors of the cleaners anew: `python -m tests.vectors.make_cleaning`.

What a cleaner has to do with each file follows from docs/cleaning.md and is written here by hand, not taken from
a cleaner: `makes` is put together from the same pieces as the file that goes in.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from crypto.encoding import b64e
from tests.support.places import office as package

FOLDER = Path(__file__).parent
NAME = "目安 花子".encode()
XMP = b"<x:xmpmeta><dc:creator>Hanako</dc:creator></x:xmpmeta>"

Vector = dict[str, Any]


def vector(
    name: str, file: bytes, result: str, words: Sequence[str] = (), makes: bytes | None = None
) -> Vector:
    """`makes`: the file that comes out; None: "not_cleaned", the file as it came."""
    out: Vector = {"name": name, "file": b64e(file), "result": result, "found": list(words)}
    return out if makes is None else {**out, "makes": b64e(makes)}


def same(name: str, file: bytes) -> Vector:
    return vector(name, file, "nothing_found", makes=file)


def refused(name: str, file: bytes) -> Vector:
    return vector(name, file, "not_cleaned")


# Exif


def tiff(*directories: Sequence[tuple[int, int, int]], order: str = "MM") -> bytes:
    """Return an Exif block of directories that follow each other; an entry: tag, type, value in its place."""
    byte_order: Any = "big" if order == "MM" else "little"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, byte_order)

    out = order.encode() + number(42, 2) + number(8, 4)
    for position, directory in enumerate(directories):
        out += number(len(directory), 2)
        for tag, kind, value in directory:
            sized = number(value, 2) + bytes(2) if kind == 3 else number(value, 4)
            out += number(tag, 2) + number(kind, 2) + number(1, 4) + sized
        out += number(len(out) + 4 if position + 1 < len(directories) else 0, 4)
    return out


def turned(orientation: int) -> bytes:
    return tiff([(0x112, 3, orientation)])


SHORT, LONG = 3, 4
MAKE = (0x10F, LONG, 0x43616D00)
HOST = (0x13C, LONG, 0x4D594D00)
XP_AUTHOR = (0x9C9D, LONG, 0x82303700)
UNKNOWN = (0xFDE8, LONG, 0x4D594D00)


# JPEG


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def _plain_jpeg() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((8, 8)).save(out, "JPEG", quality=50, optimize=True)
    return out.getvalue()


JPEG = _plain_jpeg()
JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
assert JPEG.startswith(b"\xff\xd8" + JFIF)
PICTURE = JPEG[2 + len(JFIF) :]
"""Tables, frame, scan and end mark."""
FRAME_AT = PICTURE.index(b"\xff\xc0")


def jpeg(*first: bytes, jfif: bytes = JFIF, picture: bytes = PICTURE) -> bytes:
    return b"\xff\xd8" + b"".join(first) + jfif + picture


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


UPRIGHT = exif_segment(turned(6))


def jpeg_orientation() -> list[Vector]:
    both = tiff([MAKE, (0x112, SHORT, 1)], [(0x112, SHORT, 8), (0x201, LONG, 0)])
    return [
        same("jpeg: nothing but the picture", JPEG),
        same("jpeg: which way up, and nothing else", jpeg(UPRIGHT)),
        *(
            vector(f"jpeg: turned by {turn}, with an unknown tag", jpeg(exif_segment(block)), "cleaned", ["other"], made)
            for turn in range(1, 9)
            for block in [tiff([(0x112, SHORT, turn), UNKNOWN])]
            for made in [jpeg(exif_segment(turned(turn))) if turn > 1 else JPEG]
        ),
        vector("jpeg: turned, with XPAuthor alone", jpeg(exif_segment(tiff([(0x112, SHORT, 6), XP_AUTHOR]))), "cleaned", ["author"], jpeg(UPRIGHT)),
        vector("jpeg: turned, with HostComputer alone", jpeg(exif_segment(tiff([(0x112, SHORT, 6), HOST], order="II"))), "cleaned", ["camera"], jpeg(UPRIGHT)),
        vector("jpeg: the thumbnail's orientation is not the picture's", jpeg(exif_segment(both)), "cleaned", ["camera", "thumbnail"], JPEG),
        vector("jpeg: the picture's orientation is not the thumbnail's", jpeg(exif_segment(tiff([(0x112, SHORT, 6)], [(0x112, SHORT, 1)]))), "cleaned", ["other"], jpeg(UPRIGHT)),
        vector("jpeg: orientation 1 is not written", jpeg(exif_segment(turned(1))), "cleaned", ["other"], JPEG),
        vector("jpeg: orientation 9 is none", jpeg(exif_segment(turned(9))), "cleaned", ["other"], JPEG),
        vector("jpeg: orientation as a long number", jpeg(exif_segment(tiff([(0x112, LONG, 6)]))), "cleaned", ["other"], jpeg(UPRIGHT)),
        vector("jpeg: orientation as text is none", jpeg(exif_segment(tiff([(0x112, 2, 0x00060000)]))), "cleaned", ["other"], JPEG),
        vector("jpeg: of two Exif blocks the first one turns", jpeg(UPRIGHT, exif_segment(turned(3))), "cleaned", ["other"], jpeg(UPRIGHT)),
        vector("jpeg: a directory that points at itself", jpeg(exif_segment(turned(6)[:-4] + (8).to_bytes(4))), "cleaned", ["other"], jpeg(UPRIGHT)),
        vector("jpeg: an Exif block that is cut", jpeg(exif_segment(turned(6)[:12])), "cleaned", ["other"], JPEG),
        vector("jpeg: a byte behind the Exif block", jpeg(exif_segment(turned(6) + b"M")), "cleaned", ["other"], jpeg(UPRIGHT)),
    ]  # fmt: skip


def jpeg_segments() -> list[Vector]:
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")
    two = PICTURE[:FRAME_AT] + PICTURE[FRAME_AT : FRAME_AT + 13] + PICTURE[FRAME_AT:]
    return [
        vector("jpeg: a comment", jpeg(segment(0xFE, NAME)), "cleaned", ["comment"], JPEG),
        vector("jpeg: XMP", jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)), "cleaned", ["author"], JPEG),
        vector("jpeg: IPTC", jpeg(segment(0xED, b"Photoshop 3.0\0008BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x50\0\x03ABC")), "cleaned", ["author"], JPEG),
        vector("jpeg: a colour profile", jpeg(segment(0xE2, b"ICC_PROFILE\0\x01\x01" + NAME)), "cleaned", ["other"], JPEG),
        *(vector(f"jpeg: an application's segment {marker:02X}", jpeg(segment(marker, NAME)), "cleaned", ["other"], JPEG) for marker in range(0xE0, 0xF0)),
        *(vector(f"jpeg: a reserved segment {marker:02X}", jpeg(segment(marker, NAME)), "cleaned", ["other"], JPEG) for marker in (0x02, 0xBF, 0xC8, 0xDE, 0xDF, 0xF0, 0xF5, 0xFD)),
        vector("jpeg: a thumbnail in JFIF", jpeg(jfif=segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01ABC")), "cleaned", ["thumbnail"], JPEG),
        vector("jpeg: JFIF twice", jpeg(JFIF), "cleaned", ["thumbnail"], JPEG),
        vector("jpeg: JFXX", jpeg(picture=segment(0xE0, b"JFXX\0\x10" + NAME) + PICTURE), "cleaned", ["other"], JPEG),
        same("jpeg: Adobe's segment of 14 bytes", jpeg(adobe)),
        vector("jpeg: Adobe's segment with a name behind it", jpeg(segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + NAME)), "cleaned", ["other"], jpeg(adobe)),
        vector("jpeg: Adobe's segment with a name in its version and flags", jpeg(segment(0xEE, b"AdobeMEYASU\x01")), "cleaned", ["other"], jpeg(adobe)),
        vector("jpeg: Adobe's segment with an unknown transform", jpeg(segment(0xEE, b"Adobe Meyasu Hanako")), "cleaned", ["other"], JPEG),
        vector("jpeg: Adobe's segment twice", jpeg(adobe, adobe), "cleaned", ["other"], jpeg(adobe)),
        vector("jpeg: bytes between segments", jpeg(b"MYM"), "cleaned", ["other"], JPEG),
        vector("jpeg: bytes before the frame", jpeg(picture=PICTURE[:FRAME_AT] + NAME + PICTURE[FRAME_AT:]), "cleaned", ["other"], JPEG),
        vector("jpeg: filling before a marker", jpeg(b"\xff\xff\xff"), "cleaned", ["other"], JPEG),
        vector("jpeg: a marker that stands alone", jpeg(b"\xff\x01\xff\xd3"), "cleaned", ["other"], JPEG),
        vector("jpeg: behind the end", JPEG + NAME, "cleaned", ["other"], JPEG),
        vector("jpeg: a zero behind the end", JPEG + b"\0", "cleaned", ["other"], JPEG),
        vector("jpeg: another picture behind the end", JPEG + JPEG, "cleaned", ["other"], JPEG),
        vector("jpeg: no end mark", JPEG[:-2], "cleaned", ["other"], JPEG),
        vector("jpeg: cut in the scan", JPEG[:-4], "cleaned", ["other"], JPEG[:-4] + b"\xff\xd9"),
        vector("jpeg: half an end mark", JPEG[:-1], "cleaned", ["other"], JPEG),
        vector("jpeg: a comment between scan and end", jpeg(picture=PICTURE[:-2] + segment(0xFE, NAME) + PICTURE[-2:]), "cleaned", ["comment"], JPEG),
        vector("jpeg: a segment behind the scan that is cut", JPEG[:-2] + segment(0xE1, NAME)[:-3], "cleaned", ["other"], JPEG),
        refused("jpeg: cut in the tables", JPEG[:40]),
        refused("jpeg: a start and an end", b"\xff\xd8\xff\xd9"),
        refused("jpeg: two frames", jpeg(picture=two)),
        refused("jpeg: a frame with a byte too many", jpeg(picture=PICTURE[:FRAME_AT] + segment(0xC0, PICTURE[FRAME_AT + 4 : FRAME_AT + 13] + b"M") + PICTURE[FRAME_AT + 13 :])),
        refused("jpeg: a quantization table with a byte too many", jpeg(segment(0xDB, bytes(66)))),
        refused("jpeg: a Huffman table with a byte too many", jpeg(segment(0xC4, bytes(18)))),
        refused("jpeg: a restart interval with a byte too many", jpeg(segment(0xDD, bytes(3)))),
    ]  # fmt: skip


# PNG

PNG_START = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def header(colour: int) -> bytes:
    return chunk(b"IHDR", (4).to_bytes(4) * 2 + bytes((8, colour, 0, 0, 0)))


PIXELS = zlib.compress(b"".join(b"\0" + bytes((16 * line, 80, 160, 240)) for line in range(4)), 9)
IDAT, IEND = chunk(b"IDAT", PIXELS), chunk(b"IEND", b"")


def png(*parts: bytes, behind: bytes = b"", colour: int = 0) -> bytes:
    return PNG_START + header(colour) + b"".join(parts) + IDAT + behind + IEND


PNG = png()


def pngs() -> list[Vector]:
    up = chunk(b"eXIf", turned(6))
    animated = [chunk(b"acTL", (1).to_bytes(4) + bytes(4)), chunk(b"fcTL", bytes(26))]
    moving = png(*animated, behind=chunk(b"fcTL", bytes(26)) + chunk(b"fdAT", bytes(4) + PIXELS))
    plain = [
        (b"gAMA", 4, 0), (b"cHRM", 32, 0), (b"sRGB", 1, 0), (b"cICP", 4, 0), (b"pHYs", 9, 0), (b"bKGD", 2, 0),
        (b"sBIT", 1, 0), (b"tRNS", 2, 0), (b"PLTE", 12, 3), (b"acTL", 8, 0), (b"fcTL", 26, 0),
    ]  # fmt: skip
    out_as_other = (b"iCCP", b"sPLT", b"hIST", b"oFFs", b"pCAL", b"sCAL", b"sTER", b"gIFg", b"gIFx", b"dSIG", b"prVt", b"caBX", b"mDCV", b"cLLI", b"vpAg", b"iDOT")  # fmt: skip
    return [
        same("png: nothing but the picture", PNG),
        same("png: which way up, and nothing else", png(up)),
        same("png: frames", moving),
        *(same(f"png: {name.decode()}", png(chunk(name, bytes(size)), colour=colour)) for name, size, colour in plain),
        *(vector(f"png: {name.decode()} with a byte too many", png(chunk(name, bytes(size + (name != b"PLTE")) + b"M" * (name == b"PLTE")) if name not in (b"tRNS", b"sBIT") else chunk(name, bytes(257)), colour=colour), "cleaned", ["other"], png(colour=colour)) for name, size, colour in plain if name != b"bKGD"),
        *(vector(f"png: {name.decode()}", png(chunk(name, NAME)), "cleaned", ["other"], PNG) for name in out_as_other),
        vector("png: a palette beside true colours", png(chunk(b"PLTE", NAME[:12]), colour=2), "cleaned", ["other"], png(colour=2)),
        vector("png: an author", png(chunk(b"tEXt", b"Author\0Hanako")), "cleaned", ["author"], PNG),
        vector("png: a packed comment", png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"Hanako"))), "cleaned", ["comment"], PNG),
        vector("png: a text of another name", png(chunk(b"iTXt", b"Foo\0\0\0\0\0Hanako")), "cleaned", ["other"], PNG),
        vector("png: XMP", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), "cleaned", ["author"], PNG),
        vector("png: a time", png(chunk(b"tIME", bytes(7))), "cleaned", ["time"], PNG),
        vector("png: turned, with a camera", png(chunk(b"eXIf", tiff([MAKE, (0x112, SHORT, 6)]))), "cleaned", ["camera"], png(up)),
        vector("png: turned, said behind the pixels", png(behind=chunk(b"eXIf", turned(6))), "cleaned", ["other"], png(up)),
        vector("png: the thumbnail's orientation is not the picture's", png(chunk(b"eXIf", tiff([(0x112, SHORT, 1)], [(0x112, SHORT, 8)]))), "cleaned", ["other"], PNG),
        vector("png: behind the end", PNG + NAME, "cleaned", ["other"], PNG),
        vector("png: text in the end", PNG[:-12] + chunk(b"IEND", NAME), "cleaned", ["other"], PNG),
        vector("png: no end", PNG[:-12], "cleaned", ["other"], PNG),
        vector("png: cut in the pixels", PNG[:-20], "cleaned", ["other"], PNG_START + header(0) + chunk(b"IDAT", PIXELS[:-4]) + IEND),
        vector("png: a name that is none ends the file", PNG_START + header(0) + IDAT + chunk(b"1234", NAME), "cleaned", ["other"], PNG),
        vector("png: a wrong checksum is put right", PNG[:-1] + b"\0", "cleaned", ["other"], PNG),
        refused("png: no pixels", PNG_START + header(0) + IEND),
        refused("png: no header", PNG_START + IDAT + IEND),
        refused("png: a header with a byte too many", PNG_START + chunk(b"IHDR", bytes(14)) + IDAT + IEND),
        refused("png: a start alone", PNG_START),
    ]  # fmt: skip


# WebP


def riff(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


def webp(*parts: bytes) -> bytes:
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _plain_webp() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((8, 8)).convert("RGB").save(out, "WEBP", quality=30)
    return out.getvalue()


WEBP = _plain_webp()
VP8 = WEBP[12:]


def extended(flags: int, reserved: bytes = bytes(3)) -> bytes:
    return riff(b"VP8X", bytes((flags,)) + reserved + (7).to_bytes(3, "little") * 2)


def webps() -> list[Vector]:
    up = webp(extended(0x08), VP8, riff(b"EXIF", turned(6)))
    bare = webp(extended(0), VP8)
    anim, frame = riff(b"ANIM", bytes(6)), bytes(16)
    moving = webp(extended(0x02), anim, riff(b"ANMF", frame + VP8), riff(b"ANMF", frame + VP8))
    named = webp(
        extended(0x02), anim, riff(b"ANMF", frame + VP8 + riff(b"NAME", NAME)), riff(b"ANMF", frame + VP8)
    )
    camera = tiff([MAKE, (0x112, SHORT, 6)])
    return [
        same("webp: nothing but the picture", WEBP),
        same("webp: extended, nothing but the picture", bare),
        same("webp: which way up, and nothing else", up),
        same("webp: frames", moving),
        same("webp: transparent", webp(extended(0x10), riff(b"ALPH", bytes(6)), VP8)),
        vector("webp: turned, with a camera", webp(extended(0x08), VP8, riff(b"EXIF", camera)), "cleaned", ["camera"], up),
        vector("webp: turned, the block as in JPEG", webp(extended(0x08), VP8, riff(b"EXIF", b"Exif\0\0" + camera)), "cleaned", ["camera"], up),
        vector("webp: the thumbnail's orientation is not the picture's", webp(extended(0x08), VP8, riff(b"EXIF", tiff([(0x112, SHORT, 1)], [(0x112, SHORT, 8)]))), "cleaned", ["other"], bare),
        vector("webp: simple, with Exif", webp(VP8, riff(b"EXIF", camera)), "cleaned", ["camera"], WEBP),
        vector("webp: XMP", webp(extended(0x04), VP8, riff(b"XMP ", XMP)), "cleaned", ["author"], bare),
        vector("webp: a colour profile", webp(extended(0x20), riff(b"ICCP", NAME), VP8), "cleaned", ["other"], bare),
        vector("webp: an unknown chunk", webp(extended(0), VP8, riff(b"NAME", NAME)), "cleaned", ["other"], bare),
        vector("webp: an unknown chunk in a frame", named, "cleaned", ["other"], moving),
        vector("webp: text in reserved bits", webp(extended(0xC1, b"MYM"), VP8), "cleaned", ["other"], bare),
        vector("webp: a header twice", webp(extended(0), extended(0), VP8), "cleaned", ["other"], bare),
        vector("webp: an animation's header with a byte too many", webp(extended(0), riff(b"ANIM", bytes(7)), VP8), "cleaned", ["other"], bare),
        vector("webp: behind the end", WEBP + NAME, "cleaned", ["other"], WEBP),
        vector("webp: filling that is not zero", webp(extended(0x10), riff(b"ALPH", bytes(5))[:-1] + b"M", VP8), "cleaned", ["other"], webp(extended(0x10), riff(b"ALPH", bytes(5)), VP8)),
        refused("webp: cut", WEBP[:-2]),
        refused("webp: no picture", webp(extended(0))),
        refused("webp: a chunk longer than its file", webp(b"VP8 " + (1000).to_bytes(4, "little") + bytes(20))),
        refused("webp: a frame that is cut", webp(extended(0x02), anim, riff(b"ANMF", bytes(15)))),
    ]  # fmt: skip


def others() -> list[Vector]:
    return [
        refused("nothing", b""),
        refused("text", NAME),
        refused("gif", b"GIF89a" + bytes(20)),
        refused("heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(20)),
    ]


# Office files


def office(
    name: str,
    before: str,
    after: str,
    result: str,
    words: Sequence[str] = (),
    links: Any = None,
    parts: Any = None,
) -> Vector:
    """`before`, `after`: what stands in the paragraph of a Word file; `after` of "not_cleaned" is the file's own."""
    file = package.document(before, links, parts)
    with zipfile.ZipFile(io.BytesIO(package.document(after))) as archive:
        main = archive.read("word/document.xml").decode()
    return {"name": name, "file": b64e(file), "result": result, "found": list(words), "main": main}


def offices() -> list[Vector]:
    image = {"word/document.xml": {"rId5": ("image", "media/image1.jpeg")}}
    printer = {"word/document.xml": {"rId7": ("printerSettings", "p.bin")}}
    store = {
        "word/document.xml": {"rId5": ("hyperlink", "https://c-my.sharepoint.com/personal/hanako/a.docx")}
    }
    descr = '<wp:docPr id="1" name="x" descr="{}"/>'
    field = "<w:r><w:instrText>{}</w:instrText></w:r><w:r><w:instrText>{}</w:instrText></w:r>"
    picture = '<a:blip r:embed="rId5"/>'
    return [
        office("docx: nothing in it", "", "", "nothing_found"),
        office("docx: an editor's account", '<w:permStart w:id="1" w:ed="CORP\\hanako"/>', '<w:permStart w:id="1" w:ed="Author"/>', "cleaned", ["author"]),
        office("docx: a change", '<w:ins w:id="1" w:author="Hanako" w:date="2026-04-17T10:11:12Z"/>', '<w:ins w:id="1" w:author="Author"/>', "cleaned", ["author", "time"]),
        office("docx: rsids", '<w:r w:rsidR="00417417"/>', "<w:r/>", "cleaned", ["history"]),
        office("docx: a path of Windows", descr.format("C:\\Users\\hanako\\a.png"), descr.format(""), "cleaned", ["other"]),
        office("docx: a path of macOS", descr.format("/Users/hanako/a.png"), descr.format(""), "cleaned", ["other"]),
        office("docx: an old path of macOS", descr.format("Macintosh HD:Users:hanako:a.png"), descr.format(""), "cleaned", ["other"]),
        office("docx: a path of Linux", descr.format("/home/hanako/a.png"), descr.format(""), "cleaned", ["other"]),
        office("docx: a path in a network", descr.format("\\\\server\\hanako\\a.png"), descr.format(""), "cleaned", ["other"]),
        office("docx: a path behind words stays behind", descr.format("See C:\\Users\\hanako\\a.png"), descr.format("See "), "cleaned", ["other"]),
        office("docx: words, times and addresses are no paths", descr.format("Ratio 1:2 at 10:30, https://example.org/home/a and/or b"), descr.format("Ratio 1:2 at 10:30, https://example.org/home/a and/or b"), "nothing_found"),
        office("docx: the name of a file", descr.format("shoko.png"), descr.format(""), "cleaned", ["other"]),
        office("docx: a field in two runs", field.format('INCLUDEPICTURE "C:\\\\Us', 'ers\\\\hanako\\\\a.png" \\*'), field.format('INCLUDEPICTURE "" \\*', ""), "cleaned", ["other"]),
        office("docx: a remark", "<!-- hanako -->", "", "cleaned", ["comment"]),
        office("docx: a picture stays", picture, picture, "nothing_found", (), image, {"word/media/image1.jpeg": JPEG}),
        office("docx: a picture's comment", picture, picture, "cleaned", ["comment"], image, {"word/media/image1.jpeg": jpeg(segment(0xFE, NAME))}),
        office("docx: a picture that can't be cleaned", picture, picture, "partly", (), image, {"word/media/image1.jpeg": JPEG[:40]}),
        office("docx: what pointed at the printer goes with it", '<w:printerSettings r:id="rId7"/>', "", "cleaned", ["other"], printer, {"word/p.bin": b"x"}),
        office("docx: a reference to nothing", '<a:blip r:embed="rId9" cstate="x"/>', '<a:blip cstate="x"/>', "cleaned", ["other"]),
        office("docx: a link to a person's store stays and is said", '<w:hyperlink r:id="rId5"/>', '<w:hyperlink r:id="rId5"/>', "partly", (), store),
        office("docx: an empty part", "", "", "cleaned", ["other"], None, {"word/fontTable.xml": b""}),
        office("docx: a part that is no XML", "", "", "partly", (), {"word/document.xml": {"rId6": ("settings", "settings.xml")}}, {"word/settings.xml": b"<w:settings"}),
    ]  # fmt: skip


def write(stem: str, about: str, vectors: Sequence[Vector]) -> None:
    names = [vector["name"] for vector in vectors]
    assert len(set(names)) == len(names)
    text = json.dumps({"about": about, "vectors": list(vectors)}, ensure_ascii=False, indent=1)
    (FOLDER / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    write(
        "cleaning-pictures",
        "Cleaning of pictures (docs/cleaning.md). `file` and `makes` in URL-safe base64 without padding; without "
        "`makes` the file comes back as it was.",
        [*jpeg_orientation(), *jpeg_segments(), *pngs(), *webps(), *others()],
    )
    write(
        "cleaning-office",
        "Cleaning of Office files (docs/cleaning.md, section 3). `file` in URL-safe base64 without padding; `main`: what "
        "its main part is then, compared in canonical form.",
        offices(),
    )


if __name__ == "__main__":
    main()
