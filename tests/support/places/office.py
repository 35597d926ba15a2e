"""Places of Office files (ECMA-376 and what Office adds to it)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

from tests.support.places import jpegs, pngs
from tests.support.places.mark import BYTES, MARK, Place

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
REL = OFFICE + "/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
TYPES = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
CORE = (
    f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/">{}</cp:coreProperties>'
)
IMAGE = jpegs.plain()[:20] + jpegs.segment(0xFE, BYTES) + jpegs.plain()[20:]
PNG = pngs.plain()[:33] + pngs.chunk(b"tEXt", b"Author\0" + BYTES) + pngs.plain()[33:]
WINDOWS, MAC, LINUX = f"C:\\Users\\{MARK}\\a.dat", f"Macintosh HD:Users:{MARK}:a.dat", f"/home/{MARK}/a.dat"
PERSONAL = f"https://corp-my.sharepoint.com/personal/{MARK}/a.xlsx"

Relations = Mapping[str, tuple[str, str]]
"""Id: kind and target, by source."""


def package(
    main: str,
    parts: Mapping[str, str | bytes],
    links: Mapping[str, Relations],
    types: Mapping[str, str] | None = None,
) -> bytes:
    """Return a package. `links`: relations of each part, of the package under ""."""
    every: dict[str, str | bytes] = {}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name, kind in {main: TYPES[main], **(types or {})}.items()
    )
    every["[Content_Types].xml"] = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="jpeg" ContentType="image/jpeg"/>{overrides}</Types>'
    )
    whole = {
        "": {"rId1": ("officeDocument", main), **links.get("", {})},
        **{k: v for k, v in links.items() if k},
    }
    for source, relations in whole.items():
        folder, _, file = source.rpartition("/")
        rows = "".join(
            f'<Relationship Id="{id}" Type="{kind if ":" in kind else REL + "/" + kind}" Target="{target}"'
            + (' TargetMode="External"/>' if ":" in target else "/>")
            for id, (kind, target) in relations.items()
        )
        name = f"{folder}/_rels/{file}.rels".lstrip("/") if source else "_rels/.rels"
        every[name] = f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'
    return zipped({**every, **parts})


def zipped(parts: Mapping[str, str | bytes], comment: bytes = b"", extra: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.extra = extra
            archive.writestr(entry, content)
        archive.comment = comment
    return out.getvalue()


def document(
    body: str = "",
    links: Mapping[str, Relations] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    types: Mapping[str, str] | None = None,
) -> bytes:
    """Return a Word file with this in its body."""
    main = (
        f'<w:document xmlns:w="{W}" xmlns:r="{REL}" xmlns:a="{A}" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
        f'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><w:body><w:p>{body}'
        "<w:r><w:t>text</w:t></w:r></w:p></w:body></w:document>"
    )
    return package("word/document.xml", {"word/document.xml": main, **(parts or {})}, links or {}, types)


def workbook(
    inner: str = "",
    sheet: str = "",
    links: Mapping[str, Relations] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    types: Mapping[str, str] | None = None,
) -> bytes:
    """Return an Excel file with this in its workbook and its sheet."""
    name = f'xmlns="{X}" xmlns:r="{REL}" xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"'
    made = {
        "xl/workbook.xml": f'<workbook {name}>{inner}<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet {name}><sheetData/>{sheet}</worksheet>",
    }
    own: dict[str, Relations] = {"xl/workbook.xml": {"rId1": ("worksheet", "worksheets/sheet1.xml")}}
    for source, relations in (links or {}).items():
        own[source] = {**own.get(source, {}), **relations}
    return package("xl/workbook.xml", {**made, **(parts or {})}, own, types)


def slides(
    inner: str = "",
    slide: str = "",
    links: Mapping[str, Relations] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    types: Mapping[str, str] | None = None,
) -> bytes:
    """Return a PowerPoint file with this in its presentation and its slide."""
    name = f'xmlns:p="{P}" xmlns:a="{A}" xmlns:r="{REL}" xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"'
    made = {
        "ppt/presentation.xml": f"<p:presentation {name}>{inner}</p:presentation>",
        "ppt/slides/slide1.xml": f"<p:sld {name}><p:cSld/>{slide}</p:sld>",
    }
    own: dict[str, Relations] = {"ppt/presentation.xml": {"rId1": ("slide", "slides/slide1.xml")}}
    for source, relations in (links or {}).items():
        own[source] = {**own.get(source, {}), **relations}
    return package("ppt/presentation.xml", {**made, **(parts or {})}, own, types)


def _core(element: str) -> str:
    return CORE.format(f"<{element}>{MARK}</{element}>")


def _properties(folder: str) -> Iterator[tuple[str, dict[str, tuple[str, str]], dict[str, str | bytes]]]:
    """Yield name, the package's relations and parts of properties, which all three formats have."""
    kind = PACKAGE + "/relationships/metadata/core-properties"
    names = (
        "dc:creator",
        "cp:lastModifiedBy",
        "dc:title",
        "dc:subject",
        "dc:description",
        "cp:keywords",
        "cp:category",
    )
    for element in (*names, "cp:contentStatus", "dc:identifier", "cp:version", "dcterms:created"):
        yield (
            f"core properties, {element}",
            {"rId2": (kind, "docProps/core.xml")},
            {"docProps/core.xml": _core(element)},
        )
    for where in (
        "properties/core1.xml",
        "DOCPROPS/CORE.XML",
        "package/services/metadata/core-properties/0a1b.psmdcp",
    ):
        yield f"core properties, in {where}", {"rId2": (kind, where)}, {where: _core("dc:creator")}
    for element in ("Company", "Manager", "Application", "HyperlinkBase", "Template"):
        app = f'<Properties xmlns="{OFFICE}/extended-properties"><{element}>{MARK}</{element}></Properties>'
        yield (
            f"extended properties, {element}",
            {"rId2": ("extended-properties", "docProps/app.xml")},
            {"docProps/app.xml": app},
        )
    custom = f'<Properties xmlns="{OFFICE}/custom-properties"><property name="x"><lpwstr>{MARK}</lpwstr></property></Properties>'
    yield (
        "custom properties",
        {"rId2": ("custom-properties", "docProps/custom.xml")},
        {"docProps/custom.xml": custom},
    )
    thumbnail = PACKAGE + "/relationships/metadata/thumbnail"
    yield "thumbnail", {"rId2": (thumbnail, "docProps/thumbnail.jpeg")}, {"docProps/thumbnail.jpeg": IMAGE}
    label = "http://schemas.microsoft.com/office/2020/02/relationships/classificationlabels"
    labels = f'<clbl:labelList xmlns:clbl="x"><clbl:label siteId="{MARK}"/></clbl:labelList>'
    yield (
        "classification labels",
        {"rId2": (label, "docMetadata/LabelInfo.xml")},
        {"docMetadata/LabelInfo.xml": labels},
    )
    signature = PACKAGE + "/relationships/digital-signature/origin"
    yield (
        "signature",
        {"rId2": (signature, "_xmlsignatures/origin.sigs")},
        {"_xmlsignatures/origin.sigs": MARK},
    )
    yield "a part that nothing points at", {}, {f"{folder}/orphan.xml": f'<a author="{MARK}"/>'}


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
                parts={"docProps/core.xml": _core("dc:creator")},
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
    for name, relations, parts in _properties("word"):
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


def _for_excel() -> Iterator[tuple[str, bytes]]:
    yield (
        "view, its name",
        workbook(
            f'<customWorkbookViews><customWorkbookView name="{MARK} - Personal View" guid="{{1}}"/></customWorkbookViews>'
        ),
    )
    yield (
        "view, its id",
        workbook("", f'<customSheetViews><customSheetView guid="{MARK}"/></customSheetViews>'),
    )
    yield "who shares it", workbook(f'<fileSharing userName="{MARK}"/>')
    yield "where it lay", workbook(f'<absPath url="{WINDOWS}"/>')
    yield "file version, its id", workbook(f'<fileVersion appName="xl" codeName="{MARK}"/>')
    yield "revision pointer", workbook(f'<xr:revisionPtr documentId="{MARK}"/>')
    for name, path in {"Windows": WINDOWS, "Linux": LINUX, "macOS": f"/Users/{MARK}/a.xlsx"}.items():
        yield (
            f"defined name, path of {name}",
            workbook(f"<definedNames><definedName name=\"a\">'{path}'!$A$1</definedName></definedNames>"),
        )
    yield "scenario, user", workbook("", f'<scenarios><scenario name="a" user="{MARK}"/></scenarios>')
    yield (
        "scenario, comment",
        workbook("", f'<scenarios><scenario name="a" comment="Created by {MARK} on 4/17/2026"/></scenarios>'),
    )
    yield (
        "protected range, security descriptor",
        workbook(
            "", f'<protectedRanges><protectedRange name="a" securityDescriptor="{MARK}"/></protectedRanges>'
        ),
    )
    yield "sheet, its id", workbook("", f'<pageSetup xr:uid="{MARK}"/>')
    yield "formula, path", workbook("", f"<c><f>'{WINDOWS}'!A1</f></c>")
    sheet = "xl/worksheets/sheet1.xml"

    def part(kind: str, name: str, content: str | bytes, inner: str = "") -> bytes:
        return workbook("", inner, {sheet: {"rId7": (kind, f"../{name}")}}, {f"xl/{name}": content})

    yield (
        "link to a person's store",
        workbook("", '<hyperlink r:id="rId7"/>', {sheet: {"rId7": ("hyperlink", PERSONAL)}}),
    )
    yield (
        "printer's settings",
        part("printerSettings", "printerSettings/p1.bin", BYTES, '<pageSetup r:id="rId7"/>'),
    )
    yield (
        "custom property",
        part(
            "customProperty",
            "customProperty1.bin",
            BYTES,
            '<customProperties><customPr name="a" r:id="rId7"/></customProperties>',
        ),
    )
    comments = f'<comments xmlns="{X}"><authors><author>{MARK}</author></authors><commentList><comment ref="A1" authorId="0"><text><r><t>{MARK}:</t></r></text></comment></commentList></comments>'
    yield "comments, author and the name before the text", part("comments", "comments1.xml", comments)
    threaded = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    yield (
        "threaded comment, time",
        part(
            threaded,
            "threadedComments/threadedComment1.xml",
            f'<a><threadedComment ref="A1" dT="{MARK}"/></a>',
        ),
    )
    person = "http://schemas.microsoft.com/office/2017/10/relationships/person"
    for attribute in ("displayName", "userId", "providerId"):
        yield (
            f"person, {attribute}",
            workbook(
                "",
                "",
                {"xl/workbook.xml": {"rId7": (person, "persons/person.xml")}},
                {"xl/persons/person.xml": f'<personList><person {attribute}="{MARK}" id="1"/></personList>'},
            ),
        )
    cache = {"xl/workbook.xml": {"rId7": ("pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml")}}
    for attribute in ("refreshedBy", "refreshedDate"):
        yield (
            f"pivot, {attribute}",
            workbook(
                "",
                "",
                cache,
                {
                    "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{X}" {attribute}="{MARK}"/>'
                },
            ),
        )
    yield (
        "pivot, source",
        workbook(
            "",
            "",
            cache,
            {
                "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{X}" xmlns:r="{REL}"><worksheetSource ref="A1" name="{WINDOWS}"/></pivotCacheDefinition>'
            },
        ),
    )
    yield (
        "connection",
        workbook(
            "",
            "",
            {"xl/workbook.xml": {"rId7": ("connections", "connections.xml")}},
            {
                "xl/connections.xml": f'<connections xmlns="{X}"><connection odcFile="{MARK}" sourceFile="{WINDOWS}"/></connections>'
            },
        ),
    )
    external = {
        "xl/workbook.xml": {"rId7": ("externalLink", "externalLinks/externalLink1.xml")},
        "xl/externalLinks/externalLink1.xml": {
            "rId1": ("externalLinkPath", f"file:///C:/Users/{MARK}/b.xlsx")
        },
    }
    yield (
        "link to another workbook",
        workbook(
            "",
            "",
            external,
            {
                "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{X}" xmlns:r="{REL}"><externalBook r:id="rId1"/></externalLink>'
            },
        ),
    )
    revisions = {"xl/workbook.xml": {"rId7": ("revisionHeaders", "revisions/revisionHeaders.xml")}}
    yield (
        "revisions",
        workbook("", "", revisions, {"xl/revisions/revisionHeaders.xml": f'<headers userName="{MARK}"/>'}),
    )
    yield (
        "users",
        workbook(
            "",
            "",
            {"xl/workbook.xml": {"rId7": ("usernames", "revisions/userNames.xml")}},
            {"xl/revisions/userNames.xml": f'<users><userInfo name="{MARK}"/></users>'},
        ),
    )
    view = "http://schemas.microsoft.com/office/2019/04/relationships/namedSheetView"
    yield (
        "sheet view of a person",
        part(
            view,
            "namedSheetViews/namedSheetView1.xml",
            f'<namedSheetViews><namedSheetView name="{MARK}"/></namedSheetViews>',
        ),
    )


def xlsx_places() -> Iterator[Place]:
    """Yield every place of xlsx."""
    for name, relations, parts in _properties("xl"):
        yield Place("xlsx", name, workbook("", "", {"": relations}, parts))
    for name, data in _for_excel():
        yield Place("xlsx", name, data)


def _for_powerpoint() -> Iterator[tuple[str, bytes]]:
    main, slide = "ppt/presentation.xml", "ppt/slides/slide1.xml"
    authors = {main: {"rId7": ("commentAuthors", "commentAuthors.xml")}}
    for attribute in ("name", "initials"):
        yield (
            f"comment's author, {attribute}",
            slides(
                "",
                "",
                authors,
                {
                    "ppt/commentAuthors.xml": f'<p:cmAuthorLst xmlns:p="{P}"><p:cmAuthor id="0" {attribute}="{MARK}"/></p:cmAuthorLst>'
                },
            ),
        )
    new = "http://schemas.microsoft.com/office/2018/10/relationships/authors"
    for attribute in ("name", "initials", "userId", "providerId"):
        yield (
            f"author, {attribute}",
            slides(
                "",
                "",
                {main: {"rId7": (new, "authors.xml")}},
                {
                    "ppt/authors.xml": f'<p:authorLst xmlns:p="x"><p:author id="1" {attribute}="{MARK}"/></p:authorLst>'
                },
            ),
        )
    yield (
        "comment, time",
        slides(
            "",
            "",
            {slide: {"rId7": ("comments", "../comments/comment1.xml")}},
            {
                "ppt/comments/comment1.xml": f'<p:cmLst xmlns:p="{P}"><p:cm authorId="0" dt="{MARK}"/></p:cmLst>'
            },
        ),
    )
    changes = "http://schemas.microsoft.com/office/2016/11/relationships/changesInfo"
    yield (
        "changes",
        slides(
            "",
            "",
            {main: {"rId7": (changes, "changesInfos/changesInfo1.xml")}},
            {"ppt/changesInfos/changesInfo1.xml": f'<c name="{MARK}"/>'},
        ),
    )
    revision = "http://schemas.microsoft.com/office/2015/10/relationships/revisionInfo"
    yield (
        "revision",
        slides(
            "",
            "",
            {main: {"rId7": (revision, "revisionInfo.xml")}},
            {"ppt/revisionInfo.xml": f'<c name="{MARK}"/>'},
        ),
    )
    yield (
        "tags",
        slides(
            "",
            '<p:custDataLst><p:tags r:id="rId7"/></p:custDataLst>',
            {slide: {"rId7": ("tags", "../tags/tag1.xml")}},
            {"ppt/tags/tag1.xml": f'<p:tagLst xmlns:p="{P}"><p:tag name="A" val="{MARK}"/></p:tagLst>'},
        ),
    )
    yield (
        "slide, its id",
        slides("", f'<p:extLst><p:ext uri="x"><p14:creationId val="{MARK}"/></p:ext></p:extLst>'),
    )
    update = {slide: {"rId7": ("slideUpdateInfo", "../slideUpdateInfo/slideUpdateInfo1.xml")}}
    yield (
        "slide on a server, ids and times",
        slides(
            "",
            "",
            update,
            {
                "ppt/slideUpdateInfo/slideUpdateInfo1.xml": f'<p:sldSyncPr xmlns:p="{P}" serverSldId="{MARK}" serverSldModifiedTime="{MARK}"/>'
            },
        ),
    )
    yield "presence", slides("", f'<p:presenceInfo userId="{MARK}"/>')
    yield "picture, path", slides("", f'<p:cNvPr id="1" name="x" descr="{WINDOWS}"/>')
    yield "picture, name of a file", slides("", f'<p:cNvPr id="1" name="{MARK}.png" descr="{MARK}.png"/>')
    yield (
        "picture, its segments",
        slides(
            "",
            '<a:blip r:embed="rId7"/>',
            {slide: {"rId7": ("image", "../media/image1.jpeg")}},
            {"ppt/media/image1.jpeg": IMAGE},
        ),
    )
    yield (
        "link to a file",
        slides(
            "", '<a:hlinkClick r:id="rId7"/>', {slide: {"rId7": ("hyperlink", f"file:///home/{MARK}/a.pdf")}}
        ),
    )
    yield (
        "film within",
        slides(
            "",
            '<a:videoFile r:link="rId7"/>',
            {slide: {"rId7": ("video", "../media/media1.mp4")}},
            {"ppt/media/media1.mp4": BYTES},
        ),
    )
    yield (
        "chart, its workbook's author",
        slides(
            "",
            '<a:c r:id="rId7"/>',
            {
                slide: {"rId7": ("chart", "../charts/chart1.xml")},
                "ppt/charts/chart1.xml": {"rId1": ("package", "../embeddings/Microsoft_Excel_Sheet1.xlsx")},
            },
            {
                "ppt/charts/chart1.xml": f'<c:chartSpace xmlns:c="x" xmlns:r="{REL}"><c:externalData r:id="rId1"/></c:chartSpace>',
                "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx": workbook(
                    links={
                        "": {
                            "rId2": (PACKAGE + "/relationships/metadata/core-properties", "docProps/core.xml")
                        }
                    },
                    parts={"docProps/core.xml": _core("dc:creator")},
                ),
            },
        ),
    )


def pptx_places() -> Iterator[Place]:
    """Yield every place of pptx."""
    for name, relations, parts in _properties("ppt"):
        yield Place("pptx", name, slides("", "", {"": relations}, parts))
    for name, data in _for_powerpoint():
        yield Place("pptx", name, data)
