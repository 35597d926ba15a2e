"""Office files (docx, xlsx, pptx; ECMA-376): a new archive, with people's names and dates out of its parts.

Text stays as it is. What was deleted with tracked changes, the text of comments, files within and parts that are
not XML stay too; then the result says "partly".
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from lxml import etree

from portal.cleaning import jpeg, pictures, png, words
from portal.cleaning.words import CannotClean, Cleaned

PARTS: Final = 5_000
UNPACKED: Final = 160 * 1024 * 1024
"""Bytes of all parts together, unpacked."""

_MAIN: Final = ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml")
_TYPES: Final = "[Content_Types].xml"
_CORE, _APP = "docProps/core.xml", "docProps/app.xml"
_MINIMAL: Final = {
    _CORE: b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    _APP: b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
}
# Whole parts that say who, when, on which printer or in which tenant, and without which the file opens.
_PARTS_OUT: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"docProps/thumbnail\.", words.THUMBNAIL),
        (r"docProps/(?!core\.xml$|app\.xml$)", words.OTHER),
        (r"docMetadata/", words.OTHER),
        (r"customXml/", words.OTHER),
        (r"word/people\.xml$", words.AUTHOR),
        (r"(?:word|xl|ppt)/printerSettings/", words.OTHER),
        (r"ppt/changesInfos/", words.HISTORY),
        (r"ppt/revisionInfo\.xml$", words.HISTORY),
        (r"xl/revisions/", words.HISTORY),
    )
)
# Attributes by their local names: what they say, and what stands there then (None: nothing).
_ATTRIBUTES: Final[dict[str, tuple[str, str | None]]] = {
    "author": (words.AUTHOR, "Author"),
    "initials": (words.AUTHOR, "A"),
    "userId": (words.AUTHOR, "Author"),
    "userName": (words.AUTHOR, "Author"),
    "refreshedBy": (words.AUTHOR, None),
    "refreshedDate": (words.TIME, None),
    "refreshedDateIso": (words.TIME, None),
    "dateUtc": (words.TIME, None),
}
# Common words: they say when something was written only on the elements of comments and changes.
_DATES: Final = frozenset({"date", "dt", "dT", "created", "modified"})
_CHANGES: Final = re.compile(
    r"^(?:ins|del|moveFrom|moveTo|comment|cm|threadedComment|reply)$|Change$|RangeStart$|^cell"
)
_PEOPLE: Final = frozenset({"cmAuthor", "author", "person"})
# Elements that go as a whole: where the file lay, which template and which session made it.
_ELEMENTS: Final = {
    "rsids": words.HISTORY,
    "attachedTemplate": words.OTHER,
    "mailMerge": words.OTHER,
    "docId": words.OTHER,
    "absPath": words.OTHER,
    "revisionPtr": words.HISTORY,
    "fileSharing": words.AUTHOR,
    "docVars": words.OTHER,
}
# What stays although it can tell: deleted text.
_TELLS: Final = frozenset({"del", "moveFrom", "delText"})
# Excel begins the text of a comment with the name of who wrote it; connections and links name servers and folders.
_TELLING_PARTS: Final = re.compile(
    r"(?:word|xl|ppt)/(?:comments|threadedComments)|xl/(?:connections|externalLinks)|_xmlsignatures/"
)
_RELATIONS_OUT: Final = ("/attachedTemplate", "/mailMergeSource", "/mailMergeHeaderSource", "/customXml")
_LOCAL_PATH: Final = re.compile(r"^(?:file:|\\\\[\w.-]+\\|[A-Za-z]:[\\/])", re.IGNORECASE)
_RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class _Work:
    """What one archive's parts tell; `found` and `rest` as words.result has them."""

    found: set[str] = field(default_factory=set)
    rest: bool = False

    def note(self, word: str) -> None:
        if word:
            self.found.add(word)


def _read(data: bytes) -> tuple[dict[str, bytes], set[str]]:
    """Return an archive's parts in their order, and what its directory tells. Raises CannotClean."""
    found: set[str] = set()
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED:
            raise CannotClean
        if archive.comment:
            found.add(words.COMMENT)
        for entry in entries:
            name = entry.filename
            if (
                entry.flag_bits & 1
                or name in parts
                or posixpath.normpath(name) != name
                or name.startswith(("/", ".."))
            ):
                raise CannotClean
            if entry.date_time > (1980, 1, 1, 23, 59, 59):
                found.add(words.TIME)
            # A part that is larger than it said is cut there by zipfile, and its sum is wrong then.
            parts[name] = archive.read(entry)
    return parts, found


def _write(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)  # of 1980, as Office itself writes
            entry.create_system = 0
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def _parse(content: bytes) -> Any:
    """Return the root of an XML part. Raises CannotClean when it brings a DTD, etree's errors when it is
    broken."""
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.doctype:
        raise CannotClean
    return root


def _print(root: Any) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


def _clean_attributes(element: Any, work: _Work) -> None:
    kind = _local(element.tag)
    about_people = kind in _PEOPLE
    for key in list(element.attrib):
        name = _local(key)
        word, instead = _ATTRIBUTES.get(name, ("", None))
        if name.startswith("rsid"):
            word, instead = words.HISTORY, None
        elif name in _DATES and _CHANGES.search(kind):
            word, instead = words.TIME, "1980-01-01T00:00:00Z" if name in ("dt", "dT", "created") else None
        elif name in ("name", "displayName") and about_people:
            word, instead = words.AUTHOR, "Author"
        elif name != "formatCode" and _LOCAL_PATH.match(element.get(key)):
            word, instead = words.OTHER, ""
        if not word or element.get(key) == instead:
            continue
        work.note(word)
        if instead is None:
            del element.attrib[key]
        else:
            element.set(key, instead)


def _clean_xml(name: str, content: bytes, work: _Work) -> bytes:
    """Return a part without people, dates and sessions."""
    root = _parse(content)
    for element in list(root.iter()):
        kind = _local(element.tag)
        if kind in _ELEMENTS and element.getparent() is not None:
            work.note(_ELEMENTS[kind])
            element.getparent().remove(element)
            continue
        if kind == "author" and element.text and "comments" in name:
            work.note(words.AUTHOR)
            element.text = "Author"
        if kind == "pageSetup" and _RELATION_ID in element.attrib:
            del element.attrib[_RELATION_ID]
        work.rest |= kind in _TELLS
        _clean_attributes(element, work)
    work.rest |= bool(_TELLING_PARTS.match(name))
    return _print(root)


def _source_of(relations: str) -> str:
    """Return the folder that the targets of a .rels part are relative to."""
    return posixpath.dirname(posixpath.dirname(relations))


def _clean_relations(name: str, content: bytes, work: _Work) -> bytes:
    """Return a .rels part without what points at parts that are out, or at a template on somebody's disk."""
    root = _parse(content)
    for relation in list(root):
        target = relation.get("Target", "")
        if relation.get("Type", "").endswith(_RELATIONS_OUT):
            root.remove(relation)
        elif relation.get("TargetMode") == "External":
            work.rest |= bool(_LOCAL_PATH.match(target))
        else:
            path = posixpath.normpath(posixpath.join("/", _source_of(name), target)).lstrip("/")
            if _word_for_part(path) is not None:
                root.remove(relation)
    return _print(root)


def _clean_types(content: bytes) -> bytes:
    root = _parse(content)
    for override in list(root):
        if _word_for_part(override.get("PartName", "").lstrip("/")) is not None:
            root.remove(override)
    return _print(root)


def _word_for_part(name: str) -> str | None:
    """Return the word for a part that is out as a whole; None for one that stays."""
    return next((word for pattern, word in _PARTS_OUT if pattern.match(name)), None)


def _clean_properties(name: str, content: bytes, work: _Work) -> bytes:
    for element in _parse(content):
        if element.text and element.text.strip():
            work.note(words.by_name(_local(element.tag)))
    return _MINIMAL[name]


def _clean_picture(content: bytes, work: _Work) -> bytes:
    """Return a picture without what its camera wrote; its coded pixels are the same bytes. Where it stands and
    how it is turned says the page, so it is not turned here."""
    data, found = pictures.strip(content, turned=False)
    work.found |= found
    return data


def _clean_part(name: str, content: bytes, work: _Work) -> bytes:
    if name == _TYPES:
        return _clean_types(content)
    if name in _MINIMAL:
        return _clean_properties(name, content, work)
    if name.endswith(".rels"):
        return _clean_relations(name, content, work)
    if name.endswith(".xml"):
        return _clean_xml(name, content, work)
    if content.startswith((jpeg.START, png.START)):
        return _clean_picture(content, work)
    work.rest = True
    return content


def clean_office(data: bytes) -> Cleaned:
    """Clean a docx, xlsx or pptx file. Raises CannotClean for any other archive, an encrypted or an odd one."""
    parts, found = _read(data)
    if _TYPES not in parts or not any(name in parts for name in _MAIN):
        raise CannotClean
    work = _Work(found)
    clean: dict[str, bytes] = {}
    for name, content in parts.items():
        word = _word_for_part(name)
        if word is None:
            clean[name] = _clean_part(name, content, work)
        else:
            work.note(word)
    return words.result(_write(clean), work.found, work.rest)
