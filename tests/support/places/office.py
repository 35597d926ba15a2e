"""Office files (ECMA-376 and what Office adds to it) with something in one place, and the places that all kinds have."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

from tests.support.places import jpegs, pngs
from tests.support.places.mark import BYTES, MARK

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


def core(element: str) -> str:
    return CORE.format(f"<{element}>{MARK}</{element}>")


def properties(folder: str) -> Iterator[tuple[str, dict[str, tuple[str, str]], dict[str, str | bytes]]]:
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
            {"docProps/core.xml": core(element)},
        )
    for where in (
        "properties/core1.xml",
        "DOCPROPS/CORE.XML",
        "package/services/metadata/core-properties/0a1b.psmdcp",
    ):
        yield f"core properties, in {where}", {"rId2": (kind, where)}, {where: core("dc:creator")}
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
