"""Places of files of PowerPoint (pptx)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.places.mark import BYTES, MARK, Place
from tests.support.places.office import IMAGE, PACKAGE, REL, WINDOWS, P, core, properties, slides, workbook


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
                    parts={"docProps/core.xml": core("dc:creator")},
                ),
            },
        ),
    )


def pptx_places() -> Iterator[Place]:
    """Yield every place of pptx."""
    for name, relations, parts in properties("ppt"):
        yield Place("pptx", name, slides("", "", {"": relations}, parts))
    for name, data in _for_powerpoint():
        yield Place("pptx", name, data)
