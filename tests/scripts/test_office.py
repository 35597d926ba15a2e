"""Office files in the page: the same results as the server's cleaner, part by part (docs/cleaning.md, 3)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from lxml import etree

from crypto.encoding import b64d, b64e
from portal.cleaning import kinds
from portal.cleaning.words import CannotClean, Cleaned
from tests.portal.cleaning import files
from tests.scripts.bundle import in_node
from tests.scripts.test_cleaning import RESULTS, VECTORS


def _parts(raw: bytes) -> dict[str, Any]:
    """Return an archive's parts by name, XML in its canonical form, an archive in it as its parts."""
    parts: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0) and not entry.extra and not entry.comment
            content = archive.read(entry)
            parts[entry.filename] = _parts(content) if content.startswith(b"PK") else content
            with suppress(etree.XMLSyntaxError):
                parts[entry.filename] = etree.tostring(etree.fromstring(content), method="c14n")
    return parts


def _repacked(raw: bytes, edit: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    edit(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _with(name: str, content: bytes | None) -> Callable[[dict[str, bytes]], None]:
    def edit(parts: dict[str, bytes]) -> None:
        if content is None:
            del parts[name]
        else:
            parts[name] = content

    return edit


def _written(before: bytes, after: bytes) -> Callable[[dict[str, bytes]], None]:
    def edit(parts: dict[str, bytes]) -> None:
        for name, content in parts.items():
            parts[name] = content.replace(before, after)

    return edit


def _renamed(parts: dict[str, bytes]) -> None:
    """As Word Online calls it."""
    for name in list(parts):
        content = parts.pop(name)
        parts[name.replace("document.xml", "document2.xml")] = content.replace(
            b"document.xml", b"document2.xml"
        )


def _cases() -> dict[str, bytes]:
    docx, xlsx, pptx = files.docx(), files.xlsx(), files.pptx()
    text = b"this text stays"
    field = rb"<w:instrText>INCLUDEPICTURE &quot;C:\Users\ha</w:instrText><w:instrText>nako\a.png&quot;</w:instrText>"
    many = b"<w:p/>" * 150_000 + b"</w:body>"
    view = "<customWorkbookViews><a name='目安 花子'/></customWorkbookViews><sheets>".encode()
    attribute = b'w:rsidR="00417417"'
    return {
        "docx": docx,
        "docx with deleted text": files.docx(deleted=True),
        "docx with comments": files.docx(comment=True),
        "xlsx": xlsx,
        "xlsm": files.xlsx(binary=True),
        "pptx": pptx,
        "cleaned once": kinds.clean(docx).data,
        "main part of another name": _repacked(docx, _renamed),
        "no types": _repacked(docx, _with("[Content_Types].xml", None)),
        "no main part": _repacked(docx, _with("word/document.xml", None)),
        "a main part that is no XML": _repacked(docx, _with("word/document.xml", b"<w:document")),
        "a part that is no XML": _repacked(docx, _with("word/settings.xml", b"<w:settings")),
        "an empty part": _repacked(docx, _with("word/settings.xml", b"")),
        "a DTD": _repacked(docx, _with("word/settings.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
        "an unknown entity": _repacked(docx, _with("word/settings.xml", b"<a>&b;</a>")),
        "UTF-16": _repacked(docx, _with("word/settings.xml", '<?xml version="1.0"?><a b="目安"/>'.encode("utf-16"))),
        "a picture without its end": _repacked(docx, _with("word/media/image1.jpeg", files.jpeg()[:3000])),
        "a broken picture": _repacked(docx, _with("word/media/image1.jpeg", b"\xff\xd8\xff\xe0broken")),
        "an Office file in it": _repacked(docx, _with("word/embeddings/a.xlsx", xlsx)),
        "an unusual name": _repacked(docx, _with("word/media/hanako.png", files.png())),
        "names that differ in case": _repacked(docx, _with("WORD/document.xml", b"<a/>")),
        "a name that leads out": _repacked(docx, _with("../a.xml", b"<a/>")),
        "a Windows path": _repacked(docx, _written(attribute, rb'w:a="C:\Users\hanako\a.docx"')),
        "a Mac path": _repacked(docx, _written(attribute, b'w:a="/Users/hanako/a.docx"')),
        "an old Mac path": _repacked(docx, _written(attribute, b'w:a="Macintosh HD:Users:hanako:a.docx"')),
        "a personal link": _repacked(docx, _written(attribute, b'w:a="https://a-my.sharepoint.com/personal/hanako"')),
        "who may edit": _repacked(docx, _written(attribute, rb'w:ed="CORP\hanako"')),
        "a field with a path": _repacked(docx, _written(b"<w:t>" + text + b"</w:t>", field)),
        "white space and signs": _repacked(docx, _written(text, b" a\r\n\tb &lt;&amp;&gt;&quot;&#13; \xe3\x80\x80 ")),
        "CDATA": _repacked(docx, _written(text, b"<![CDATA[a <b> & c]]>")),
        "a view with a name": _repacked(xlsx, _written(b"<sheets>", view)),
        "a scenario": _repacked(xlsx, _written(b"<sheets>", b"<scenario user='hanako' comment='x'/><sheets>")),
        "rows with formulas, paths and references": _repacked(xlsx, _with("xl/worksheets/sheet1.xml", _sheet())),
        "more paragraphs than a call may have arguments": _repacked(docx, _written(b"</w:body>", many)),
        "an archive of something else": _zip({"a.txt": b"x"}),
        "cut": docx[:-40],
        "something before it": b"x" + docx,
    }  # fmt: skip


def _sheet() -> bytes:
    """Return a sheet whose rows are cleaned one by one."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(
        f'<row r="{n}" x14:dyDescent="0.2"><c r="A{n}"><f>\'C:\\Users\\hanako\\[a.xlsx]x\'!A{n}</f><v>a &lt; b</v></c>'
        f'<c r="B{n}" uid="{n}"><extLst><ext><securityDescriptor/></ext></extLst></c></row>'
        for n in range(1, 50)
    )
    return (
        f'<worksheet xmlns="{main}" xmlns:r="{office}" xmlns:x14="urn:x14"><sheetData>{rows}<row r:id="gone"/>'
        '<!-- hanako --><row r="99"/></sheetData><pageSetup r:id="gone"/></worksheet>'
    ).encode()


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _server(raw: bytes) -> Cleaned:
    try:
        return kinds.clean(raw)
    except CannotClean:
        return Cleaned(raw, "not_cleaned")


def test_both_cleaners_make_the_same_of_it(tests_bundle: Path) -> None:
    cases = {name: raw for name, raw in _cases().items() if raw.startswith(b"PK")}
    done: list[dict[str, Any]] = in_node(tests_bundle, "cleaned", [b64e(raw) for raw in cases.values()])
    wrong: dict[str, object] = {}
    for (name, raw), page in zip(cases.items(), done, strict=True):
        server, made = _server(raw), b64d(page["data"])
        if (page["cleaned"], page["found"]) != (RESULTS[server.outcome], list(server.found)):
            wrong[name] = (page["cleaned"], page["found"], server.outcome, server.found)
        elif server.outcome == "not_cleaned":
            assert made == raw
        elif _parts(made) != _parts(server.data):
            ours, theirs = _parts(made), _parts(server.data)
            wrong[name] = [
                (one, ours.get(one), theirs.get(one))
                for one in ours | theirs
                if ours.get(one) != theirs.get(one)
            ]
    assert wrong == {}
    results = [page["cleaned"] for page in done]
    assert {"removed", "nothing", "partly", "not"} == set(results), "the control: all results are tried"


def test_every_office_file_of_the_vectors(tests_bundle: Path) -> None:
    vectors: list[dict[str, Any]] = json.loads((VECTORS / "cleaning-office.json").read_text("utf-8"))[
        "vectors"
    ]
    wrong = {}
    done = in_node(tests_bundle, "cleaned", [one["file"] for one in vectors])
    for vector, page in zip(vectors, done, strict=True):
        main = _parts(b64d(page["data"]))["word/document.xml"]
        wanted = etree.tostring(etree.fromstring(vector["main"].encode()), method="c14n")
        if (page["cleaned"], page["found"], main) != (RESULTS[vector["result"]], vector["found"], wanted):
            wrong[vector["name"]] = (page["cleaned"], page["found"], main)
    assert wrong == {} and len(vectors) > 20
