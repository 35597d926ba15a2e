"""Places of files of Excel (xlsx)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.places.mark import BYTES, MARK, Place
from tests.support.places.office import LINUX, PERSONAL, REL, WINDOWS, X, properties, workbook


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
    for name, relations, parts in properties("xl"):
        yield Place("xlsx", name, workbook("", "", {"": relations}, parts))
    for name, data in _for_excel():
        yield Place("xlsx", name, data)
