"""One XML part: without people, dates, sessions, paths, and without references to what is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from portal.cleaning import words
from portal.cleaning.office import rules
from portal.cleaning.office.rules import OfficeWork
from portal.cleaning.words import CannotClean

if TYPE_CHECKING:
    from portal.cleaning.office.package import Part

_REFERENCES: Final = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)
_THEN: Final = {"dt": "1980-01-01T00:00:00Z", "dT": "1980-01-01T00:00:00Z", "created": "1980-01-01T00:00:00Z"}
"""Instead of dates that a schema wants; others go."""
_KEPT_AS_IT_IS: Final = frozenset({"formatCode"})
"""Formats of numbers look like paths: \\\\#,##0."""
_NAMING: Final = frozenset({"name", "descr", "title", "alt"})
_FORMULAS: Final = frozenset({"definedName", "f", "formula", "formula1", "formula2"})
_PERSON_BOUND: Final = re.compile(r"creator|lastModifiedBy|manager|company", re.IGNORECASE)


def parse(content: bytes) -> Any:
    """Return the root of an XML part. Raises CannotClean when it brings a DTD, etree's errors when it is
    broken."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.doctype:
        raise CannotClean
    return root


def printed(root: Any) -> bytes:
    """Return a part's bytes."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


def clean(part: Part, ids: dict[str, str], work: OfficeWork) -> bytes:
    """Return a part's bytes without what the rules take out. `ids`: the relations that stay, old id to new.

    Raises CannotClean, etree.XMLSyntaxError.
    """
    root = parse(part.content)
    _drop_remarks(root, work)
    authors = _comment_authors(root) if part.tells else []
    for element in list(root.iter()):
        if _is_out(element):
            work.note(rules.ELEMENTS_OUT[_local(element.tag)])
            # What is bound to the properties shows them, and stays.
            work.rest |= (
                _local(element.tag) == "dataBinding"
                and _PERSON_BOUND.search(" ".join(element.attrib.values())) is not None
            )
            _remove(element)
            continue
        if not _clean_references(element, ids, work):
            continue
        _clean_attributes(element, work)
        kind = _local(element.tag)
        work.rest |= kind in rules.DELETED
        if kind in _FORMULAS and element.text:
            _replace_text(element, rules.without_paths(element.text), work)
        elif authors and kind == "t" and element.text:
            _clean_author_prefix(element, authors, work)
    _clean_fields(root, work)
    return printed(root)


def _drop_remarks(root: Any, work: OfficeWork) -> None:
    """Take out comments and processing instructions."""
    beside = root.getprevious() is not None or root.getnext() is not None
    if beside or next(root.iter(etree.Comment, etree.PI), None) is not None:
        work.note(words.COMMENT)
        etree.strip_tags(root, etree.Comment, etree.PI)


def _is_out(element: Any) -> bool:
    kind = _local(element.tag)
    if kind not in rules.ELEMENTS_OUT or element.getparent() is None:
        return False
    where = rules.ELEMENTS_OUT_IN.get(kind)
    return where is None or where in str(element.tag)


def _remove(element: Any) -> None:
    """Take an element out, and what is left empty of the list of extensions that it stood in."""
    parent = element.getparent()
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
    if len(parent) == 0 and _local(parent.tag) in ("ext", "extLst") and parent.getparent() is not None:
        _remove(parent)


def _clean_references(element: Any, ids: dict[str, str], work: OfficeWork) -> bool:
    """Point at relations by their new ids; an element that was only a reference to one that is gone goes too.
    Return False for that."""
    for key in element.attrib:
        value = element.get(key)
        if key.startswith(_REFERENCES):
            if value in ids:
                if ids[value] != value:
                    element.set(key, ids[value])
            elif value:
                work.note(words.OTHER)
                if _only_refers(element):
                    _remove(element)
                    return False
                del element.attrib[key]
        elif _local(key).lower() == "relid" and ids.get(value, value) != value:
            element.set(key, ids[value])
    return True


def _only_refers(element: Any) -> bool:
    return (
        len(element) == 0
        and _local(element.tag) != "pageSetup"  # without one the paper is another
        and not (element.text or "").strip()
        and element.getparent() is not None
        and all(key.startswith(_REFERENCES) for key in element.attrib)
    )


def _clean_attributes(element: Any, work: OfficeWork) -> None:
    kind = _local(element.tag)
    for key in list(element.attrib):
        name, value = _local(key), element.get(key)
        word, instead = rules.ATTRIBUTES.get(name, ("", None))
        if name.startswith("rsid"):
            word, instead = words.HISTORY, None
        elif name in rules.DATES and rules.DATED.search(kind):
            word, instead = words.TIME, _THEN.get(name)
        elif name in ("name", "displayName") and kind in rules.PEOPLE:
            word, instead = words.AUTHOR, "Author"
        elif kind == "scenario" and name == "comment":
            word, instead = words.AUTHOR, None  # "Created by ... on ...", written by Excel
        elif not word and name not in _KEPT_AS_IT_IS:
            instead = _clean_value(name, value, work)
            word = words.OTHER if instead != value else ""
        if not word or value == instead:
            continue
        work.note(word)
        if instead is None:
            del element.attrib[key]
        else:
            element.set(key, instead)


def _clean_value(name: str, value: str, work: OfficeWork) -> str:
    """Return an attribute's value without paths and names of files."""
    instead = rules.without_paths(value)
    work.rest |= "://" in instead and rules.is_personal(instead)
    if name in _NAMING and rules.FILE_NAMES.match(instead):
        instead = ""
    return "Object" if name == "name" and value and not instead else instead


def _replace_text(element: Any, text: str, work: OfficeWork) -> None:
    if element.text != text:
        work.note(words.OTHER)
        element.text = text


def _comment_authors(root: Any) -> list[str]:
    """Return the names of those who wrote comments of a workbook."""
    return [
        element.text
        for element in root.iter()
        if _local(element.tag) == "author" and element.text and len(element) == 0
    ]


def _clean_author_prefix(element: Any, authors: list[str], work: OfficeWork) -> None:
    """Excel begins the text of a comment with the name of who wrote it, as a run of its own."""
    begin = element.text.rstrip()
    if begin.endswith((":", "：")) and begin[:-1] in authors:
        work.note(words.AUTHOR)
        element.text = "Author:" + element.text[len(begin) :]


def _clean_fields(root: Any, work: OfficeWork) -> None:
    """Take paths out of fields, whose instructions Word spreads over several runs; a comment's author too."""
    waiting: list[Any] = []
    for element in root.iter():
        kind = _local(element.tag)
        if kind in ("instrText", "delInstrText"):
            waiting.append(element)
        elif kind in ("fldChar", "p", "sectPr"):
            _clean_field(waiting, work)
            waiting = []
        elif kind == "fldSimple":
            instruction = next((element.get(key) for key in element.attrib if _local(key) == "instr"), "")
            work.rest |= rules.FIELDS_TELLING.search(instruction) is not None
        elif kind == "author" and element.text and len(element) == 0 and element.text != "Author":
            work.note(words.AUTHOR)
            element.text = "Author"
    _clean_field(waiting, work)


def _clean_field(parts: list[Any], work: OfficeWork) -> None:
    if not parts:
        return
    instruction = "".join(part.text or "" for part in parts)
    work.rest |= rules.FIELDS_TELLING.search(instruction) is not None
    cleaned = rules.without_paths(instruction)
    work.rest |= rules.is_personal(cleaned) and "://" in cleaned
    if cleaned != instruction:
        work.note(words.OTHER)
        parts[0].text = cleaned
        for part in parts[1:]:
            part.text = ""
