"""Real files that say who made them: with planted words in each place that a format has for it."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from functools import cache
from typing import Any

import pikepdf
from PIL import Image, ImageCms, PngImagePlugin

MARK = "HANAKO-SATO-0417"
"""Stands in everything that has to go, and in nothing that has to stay."""
YEN = r"\\#,##0"
"""How Japanese Excel writes amounts: looks like a path, and is none."""
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    f'xmp:CreatorTool="{MARK}"><dc:creator><rdf:Seq><rdf:li>{MARK}</rdf:li></rdf:Seq></dc:creator>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def exiftool(*arguments: str, data: bytes) -> bytes:
    """Run exiftool on a file that it gets through a pipe."""
    program = shutil.which("exiftool")
    assert program, "exiftool is needed: apt-get install libimage-exiftool-perl"
    done = subprocess.run(
        [program, *arguments, "-"], input=data, capture_output=True, timeout=60, check=False
    )
    return done.stdout


@cache
def profile() -> bytes:
    """Return a colour profile of somebody's screen."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK.encode()


@cache
def photo(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Return a picture that looks different whichever way it is turned."""
    picture = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (picture, picture.rotate(180), Image.new("L", size, 90)))
    picture.paste((250, 20, 20), (0, 0, size[0] // 4, size[1] // 4))
    return picture


def exif(orientation: int = 1, thumbnail: bool = False) -> Image.Exif:
    """Return an EXIF block with everything a telephone writes."""
    block = Image.Exif()
    block[0x10F], block[0x110], block[0x131] = MARK, MARK, MARK
    block[0x13B], block[0x10E], block[0x132] = MARK, MARK, "2026:04:17 10:11:12"
    block[0x112] = orientation
    block.get_ifd(0x8769).update({0x9003: "2026:04:17 10:11:12", 0xA431: MARK, 0x927C: MARK.encode()})
    block.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 22.0), 3: "E", 4: (139.0, 41.0, 30.0)})
    return block


def jpeg(orientation: int = 1, subsampling: int = 2, told: bool = True) -> bytes:
    """Return a photo with EXIF, GPS, XMP, IPTC, a comment, a thumbnail and something behind its end."""
    out = io.BytesIO()
    how: dict[str, Any] = {"quality": 93, "subsampling": subsampling}
    if not told:
        photo().save(out, "JPEG", **how)
        return out.getvalue()
    photo().save(
        out,
        "JPEG",
        exif=exif(orientation),
        comment=MARK.encode(),
        xmp=XMP.encode(),
        icc_profile=profile(),
        **how,
    )
    data = exiftool(f"-IPTC:By-line={MARK}", "-IPTC:City=Chiyoda", "-o", "-", data=out.getvalue())
    return data + MARK.encode()


def png(picture: Image.Image | None = None, **how: Any) -> bytes:
    """Return a PNG file with texts of all kinds, EXIF, a time and XMP."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", MARK)
    texts.add_text("Comment", MARK, zip=True)
    texts.add_itxt("Title", MARK, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP)
    texts.add(b"tIME", b"\x07\xea\x04\x11\x0a\x0b\x0c")
    texts.add(b"prVt", MARK.encode())
    out = io.BytesIO()
    how.setdefault("icc_profile", profile())
    (picture or photo()).save(out, "PNG", pnginfo=texts, exif=exif(how.pop("orientation", 1)), **how)
    return out.getvalue() + MARK.encode()


def webp(**how: Any) -> bytes:
    """Return a WebP file with EXIF, XMP and a colour profile."""
    out = io.BytesIO()
    photo().save(
        out, "WEBP", exif=exif(how.pop("orientation", 1)), xmp=XMP.encode(), icc_profile=profile(), **how
    )
    return out.getvalue()


def pdf(**how: Any) -> bytes:
    """Return a PDF file with everything that tells: also in a photo on its page, in a comment, in an older
    version."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(200, 200))
        image = pikepdf.Stream(document, jpeg())
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=96,
            Height=64,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        image.Metadata = pikepdf.Stream(document, XMP.encode())
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=document.make_indirect(image)))
        page.obj.Contents = pikepdf.Stream(document, b"q 96 0 0 64 20 20 cm /P Do Q % the page stays")
        page.obj.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=pikepdf.String(MARK)))
        page.obj.Thumb = pikepdf.Stream(document, MARK.encode())
        page.obj.LastModified = pikepdf.String("D:20260417101112")
        form_field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                Rect=[0, 0, 9, 9],
                FT=pikepdf.Name.Tx,
                T=pikepdf.String("this field stays"),
            )
        )
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([form_field]))
        page.obj.Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Text,
                    Rect=[0, 0, 9, 9],
                    T=pikepdf.String(MARK),
                    NM=pikepdf.String(MARK),
                    M=pikepdf.String("D:20260417101112"),
                    Contents=pikepdf.String("this comment stays"),
                ),
                form_field,
            ]
        )
        document.docinfo["/Author"] = MARK
        document.docinfo["/Creator"] = MARK
        document.docinfo["/CreationDate"] = "D:20260417101112"
        document.Root.Metadata = pikepdf.Stream(document, XMP.encode())
        document.trailer.ID = pikepdf.Array([pikepdf.String(MARK), pikepdf.String(MARK)])
        if how.pop("attached", False):
            document.attachments["notes.txt"] = MARK.encode()
        out = io.BytesIO()
        document.save(out, **how)
    return out.getvalue()


def pdf_of_nobody() -> bytes:
    """Return a PDF file that says nothing about anybody."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 200))
        document.save(out)
    return out.getvalue()


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _properties() -> dict[str, str]:
    return {
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:creator>{MARK}</dc:creator><cp:lastModifiedBy>{MARK}</cp:lastModifiedBy>"
        "<dcterms:created>2026-04-17T10:11:12Z</dcterms:created><cp:revision>7</cp:revision></cp:coreProperties>",
        "docProps/app.xml": f'<Properties xmlns="{_OFFICE}/extended-properties"><Company>{MARK}</Company>'
        f"<Application>{MARK}</Application></Properties>",
        "docProps/custom.xml": f'<Properties xmlns="{_OFFICE}/custom-properties"><p name="{MARK}"/></Properties>',
        "docProps/thumbnail.jpeg": MARK,
        "customXml/item1.xml": f"<a>{MARK}</a>",
    }


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/relationships/{kind}" Target="{target}" '
        + ('TargetMode="External"/>' if target.startswith("file:") else "/>")
        for number, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _package(parts: dict[str, str | bytes]) -> bytes:
    overrides = "".join(f'<Override PartName="/{name}" ContentType="x/x"/>' for name in parts)
    types = f'<Types xmlns="{_PACKAGE}/content-types">{overrides}</Types>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": types, **_properties(), **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 4, 17, 10, 11, 12)), content)
        archive.comment = MARK.encode()
    return out.getvalue()


def docx(deleted: bool = False, comment: bool = False) -> bytes:
    """Return a Word file with tracked changes, people, a template on somebody's disk and a photo."""
    gone = f'<w:del w:author="{MARK}"><w:r><w:delText>deleted</w:delText></w:r></w:del>' if deleted else ""
    parts: dict[str, str | bytes] = {
        "_rels/.rels": _relations(
            ("officeDocument", "word/document.xml"),
            ("custom-properties", "docProps/custom.xml"),
            ("core-properties", "docProps/core.xml"),
        ),
        "word/document.xml": f'<!-- {MARK} --><w:document xmlns:w="{_WORD}"><w:body>'
        f'<w:p w:rsidR="00417417"><w:ins w:id="1" w:author="{MARK}" w:initials="{MARK}" w:date="2026-04-17T10:11:12Z">'
        "<w:r><w:t>this text stays</w:t></w:r></w:ins>"
        f"<w:pic descr='C:\\Users\\{MARK}\\a.jpg'/></w:p>{gone}</w:body></w:document>",
        "word/settings.xml": f'<w:settings xmlns:w="{_WORD}" xmlns:r="{_OFFICE}/relationships">'
        f'<w:rsids><w:rsid w:val="00417417"/></w:rsids><w:attachedTemplate r:id="r0"/></w:settings>',
        "word/_rels/settings.xml.rels": _relations(("attachedTemplate", f"file:///C:/Users/{MARK}/a.dotm")),
        "word/_rels/document.xml.rels": _relations(
            ("settings", "settings.xml"), ("people", "people.xml"), ("customXml", "../customXml/item1.xml")
        ),
        "word/people.xml": f'<p author="{MARK}"/>',
        "word/media/image1.jpeg": jpeg(),
        "word/media/image2.png": png(),
    }
    if comment:
        parts["word/comments.xml"] = (
            f'<w:comments xmlns:w="{_WORD}"><w:comment w:id="0" w:author="{MARK}" w:initials="{MARK}" '
            'w:date="2026-04-17T10:11:12Z"><w:p/></w:comment></w:comments>'
        )
    return _package(parts)


def xlsx(binary: bool = False) -> bytes:
    """Return an Excel file whose workbook says where it lay and who shared it."""
    main = f"{_OFFICE.replace('officeDocument', 'spreadsheetml')}/main"
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook xmlns="{main}"><fileSharing userName="{MARK}"/>'
        f'<absPath url="C:\\Users\\{MARK}"/><sheets><sheet name="stays"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}" xmlns:r="{_OFFICE}/relationships">'
        '<pageSetup r:id="r0"/></worksheet>',
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(("printerSettings", "../printerSettings/p1.bin")),
        "xl/printerSettings/p1.bin": MARK,
        "xl/tables/table1.xml": f'<table xmlns="{main}" name="stays" displayName="stays"/>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmt formatCode="{YEN}"/></styleSheet>',
        "xl/persons/person.xml": f'<personList><person displayName="{MARK}" userId="{MARK}" id="1"/></personList>',
        "xl/pivotCache/p.xml": f'<pivotCacheDefinition refreshedBy="{MARK}" refreshedDate="46000"/>',
    }
    if binary:
        parts["xl/vbaProject.bin"] = b"macro"
    return _package(parts)


def pptx() -> bytes:
    """Return a PowerPoint file with people and their sessions."""
    return _package(
        {
            "ppt/presentation.xml": "<p:presentation xmlns:p='urn:p'/>",
            "ppt/commentAuthors.xml": f"<p:l xmlns:p='p:'><p:cmAuthor name='{MARK}' initials='{MARK}'/></p:l>",
            "ppt/authors.xml": f"<p:l xmlns:p='urn:p'><p:author id='0' name='{MARK}' userId='{MARK}'/></p:l>",
            "ppt/changesInfos/c1.xml": f"<c name='{MARK}'/>",
            "ppt/revisionInfo.xml": f"<c name='{MARK}'/>",
        }
    )
