"""Places of files of Word (docx)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from tests.support.places import jpegs
from tests.support.places.mark import BYTES, MARK, Place
from tests.support.places.office import (
    IMAGE,
    LINUX,
    MAC,
    PACKAGE,
    PERSONAL,
    PNG,
    REL,
    WINDOWS,
    Relations,
    W,
    core,
    document,
    properties,
    workbook,
    zipped,
)


def _for_word() -> Iterator[tuple[str, bytes]]:
    for kind in ("ins", "moveTo", "rPrChange", "cellIns", "pPrChange"):
        for attribute in ("author", "date"):
            yield f"w:{kind}, {attribute}", document(f'<w:{kind} w:id="1" w:{attribute}="{MARK}"/>')
    for attribute in ("rsidR", "rsidRPr", "rsidP", "rsidDel"):
        yield f"w:{attribute}", document(f'<w:r w:{attribute}="{MARK}"/>')
    yield "w:permStart, ed", document(f'<w:permStart w:id="1" w:ed="CORP\\{MARK}"/>')
    yield "w14:textId", document(f'<w:r w14:textId="{MARK}"/>')
    for name, path in {
        "Windows": WINDOWS,
        "macOS": MAC,
        "Linux": LINUX,
        "network": f"\\\\server\\{MARK}\\a",
        "address": f"file:///C:/Users/{MARK}/a",
    }.items():
        yield f"alternative text, path of {name}", document(f'<wp:docPr id="1" name="x" descr="{path}"/>')
    yield "alternative text, name of a file", document(f'<wp:docPr id="1" name="x" descr="{MARK}.png"/>')
    yield "picture, name of a file", document(f'<a:cNvPr id="1" name="{MARK}.jpg"/>')
    yield "VML, title", document(f'<v:imagedata o:title="{MARK}.jpg"/>')
    yield "VML, address", document(f'<v:imagedata o:href="{WINDOWS}"/>')
    yield "VML, gfxdata", document(f'<v:shape o:gfxdata="{MARK}"/>')
    field = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    code = "<w:r><w:instrText>{}</w:instrText></w:r>"
    escaped = WINDOWS.replace("\\", "\\\\")
    yield (
        "field INCLUDEPICTURE",
        document(field.format(code.format(f'INCLUDEPICTURE "{escaped}" \\* MERGEFORMAT'))),
    )
    half = 8  # within "Users": neither run alone looks like a path
    yield (
        "field LINK in two runs",
        document(field.format(code.format(f'LINK "{escaped[:half]}') + code.format(f'{escaped[half:]}"'))),
    )
    yield "field HYPERLINK, simple", document(f'<w:fldSimple w:instr="HYPERLINK &quot;{escaped}&quot;"/>')
    yield (
        "field AUTHOR, its result",
        document(
            field.format(
                code.format("AUTHOR")
                + '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>'
                + MARK
                + "</w:t></w:r>"
            )
        ),
    )
    yield (
        "link to a person's store",
        document('<w:hyperlink r:id="rId5"/>', {"word/document.xml": {"rId5": ("hyperlink", PERSONAL)}}),
    )
    yield (
        "linked picture",
        document(
            '<a:blip r:link="rId5"/>',
            {"word/document.xml": {"rId5": ("image", f"file:///C:/Users/{MARK}/a.png")}},
        ),
    )
    yield (
        "id of a relation",
        document(
            f'<a:blip r:embed="{MARK}"/>',
            {"word/document.xml": {MARK: ("image", "media/image1.jpeg")}},
            {"word/media/image1.jpeg": jpegs.plain()},
        ),
    )
    yield (
        "name of a part",
        document(
            '<a:blip r:embed="rId5"/>',
            {"word/document.xml": {"rId5": ("image", f"media/{MARK}.jpeg")}},
            {f"word/media/{MARK}.jpeg": jpegs.plain()},
        ),
    )
    yield (
        "content bound to the properties",
        document(
            f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="/creator" w:storeItemID="{MARK}"/></w:sdtPr><w:sdtContent><w:r><w:t>{MARK}</w:t></w:r></w:sdtContent></w:sdt>'
        ),
    )
    yield (
        "smart tag",
        document(
            f'<w:smartTag w:element="x"><w:smartTagPr><w:attr w:name="n" w:val="{MARK}"/></w:smartTagPr></w:smartTag>'
        ),
    )
    yield "tracked deletion", document(f"<w:del w:id='1'><w:r><w:delText>{MARK}</w:delText></w:r></w:del>")
    yield "a remark in XML", document(f"<!-- {MARK} -->")
    yield "a processing instruction", document(f"<?app {MARK}?>")
    yield from _word_parts()


def _word_parts() -> Iterator[tuple[str, bytes]]:
    def settings(inner: str, links: Relations | None = None) -> bytes:
        content = f'<w:settings xmlns:w="{W}" xmlns:r="{REL}" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">{inner}</w:settings>'
        every: dict[str, Relations] = {"word/document.xml": {"rId7": ("settings", "settings.xml")}}
        return document(
            "", {**every, **({"word/settings.xml": links} if links else {})}, {"word/settings.xml": content}
        )

    yield "settings, rsids", settings(f'<w:rsids><w:rsid w:val="{MARK}"/></w:rsids>')
    yield "settings, docId", settings(f'<w15:docId w15:val="{MARK}"/>')
    yield "settings, docVars", settings(f'<w:docVars><w:docVar w:name="a" w:val="{MARK}"/></w:docVars>')
    yield (
        "settings, template",
        settings(
            '<w:attachedTemplate r:id="rId1"/>',
            {"rId1": ("attachedTemplate", f"file:///C:/Users/{MARK}/a.dotm")},
        ),
    )
    yield "settings, mail merge", settings(f'<w:mailMerge><w:connectString w:val="{MARK}"/></w:mailMerge>')
    yield "settings, stylesheet", settings(f'<w:saveThroughXslt w:solutionID="{MARK}"/>')

    def part(kind: str, name: str, content: str | bytes, body: str = "") -> bytes:
        return document(body, {"word/document.xml": {"rId7": (kind, name)}}, {f"word/{name}": content})

    yield (
        "people",
        part(
            "http://schemas.microsoft.com/office/2011/relationships/people",
            "people.xml",
            f'<p author="{MARK}"/>',
        ),
    )
    styles = f'<w:styles xmlns:w="{W}"><w:style w:styleId="a"><w:rsid w:val="{MARK}"/></w:style></w:styles>'
    yield "style, its rsid", part("styles", "styles.xml", styles)
    for element in ("nsid", "tmpl"):
        numbering = f'<w:numbering xmlns:w="{W}"><w:abstractNum><w:{element} w:val="{MARK}"/></w:abstractNum></w:numbering>'
        yield f"numbering, {element}", part("numbering", "numbering.xml", numbering)
    comments = f'<w:comments xmlns:w="{W}"><w:comment w:id="0" w:author="{MARK}" w:initials="{MARK}" w:date="{MARK}"/></w:comments>'
    yield "comments, author and time", part("comments", "comments.xml", comments)
    ids = "http://schemas.microsoft.com/office/2016/09/relationships/commentsIds"
    yield "comments, ids", part(ids, "commentsIds.xml", f'<a durableId="{MARK}"/>')
    extended = "http://schemas.microsoft.com/office/2018/08/relationships/commentsExtensible"
    yield "comments, dates", part(extended, "commentsExtensible.xml", f'<a dateUtc="{MARK}"/>')
    yield (
        "custom XML",
        document(
            "",
            {"word/document.xml": {"rId7": ("customXml", "../customXml/item1.xml")}},
            {"customXml/item1.xml": f"<a>{MARK}</a>"},
        ),
    )
    yield (
        "printer's settings",
        part("printerSettings", "printerSettings/p1.bin", BYTES, '<w:printerSettings r:id="rId7"/>'),
    )
    yield "picture, JPEG", part("image", "media/image1.jpeg", IMAGE, '<a:blip r:embed="rId7"/>')
    yield "picture, PNG", part("image", "media/image1.png", PNG, '<a:blip r:embed="rId7"/>')
    yield (
        "picture, EMF",
        part("image", "media/image1.emf", b"\1\0\0\0" + bytes(60) + BYTES, '<a:blip r:embed="rId7"/>'),
    )
    yield (
        "picture, SVG",
        part(
            "image",
            "media/image1.svg",
            f'<svg xmlns="http://www.w3.org/2000/svg"><metadata>{MARK}</metadata></svg>',
        ),
    )
    yield (
        "macros",
        part("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin", BYTES),
    )
    yield (
        "file within, its properties",
        part(
            "package",
            "embeddings/Microsoft_Excel_Sheet1.xlsx",
            workbook(
                links={
                    "": {"rId2": (PACKAGE + "/relationships/metadata/core-properties", "docProps/core.xml")}
                },
                parts={"docProps/core.xml": core("dc:creator")},
            ),
        ),
    )
    yield (
        "header, changes",
        part("header", "header1.xml", f'<w:hdr xmlns:w="{W}"><w:ins w:author="{MARK}"/></w:hdr>'),
    )
    yield (
        "glossary, changes",
        part(
            "glossaryDocument",
            "glossary/document.xml",
            f'<w:glossaryDocument xmlns:w="{W}"><w:ins w:author="{MARK}"/></w:glossaryDocument>',
        ),
    )


def docx_places() -> Iterator[Place]:
    """Yield every place of docx."""
    for name, relations, parts in properties("word"):
        yield Place("docx", name, document("", {"": relations}, parts))
    for name, data in _for_word():
        yield Place("docx", name, data)
    with zipfile.ZipFile(io.BytesIO(document())) as archive:
        bare = {name: archive.read(name) for name in archive.namelist()}
    yield Place("docx", "archive, its remark", zipped(bare, comment=BYTES))
    yield Place(
        "docx",
        "archive, extra fields",
        zipped(bare, extra=b"\xfe\xca" + len(BYTES).to_bytes(2, "little") + BYTES),
    )
    yield Place(
        "docx",
        "archive, its remark and an empty part",
        zipped({**bare, "word/empty.xml": b""}, comment=BYTES),
    )
