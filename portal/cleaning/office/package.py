"""The package (ECMA-376, part 2): parts are found by the relations between them, whatever they are called."""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

from portal.cleaning import words
from portal.cleaning.office import rules
from portal.cleaning.office.markup import parse, printed
from portal.cleaning.office.rules import OfficeWork
from portal.cleaning.words import CannotClean

_TYPES: Final = "[content_types].xml"
_TYPES_NAME: Final = "[Content_Types].xml"
_NS_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_NS_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_CONVENTIONAL: Final = ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml")
_FOLDERS: Final = ("word/", "xl/", "ppt/")
_RELATIONS_NAME: Final = re.compile(r"^(?P<folder>.*/|)_rels/(?P<file>[^/]*)\.rels$", re.IGNORECASE)
_MAIN_TYPE: Final = re.compile(r"word|spreadsheet|excel|presentation|powerpoint", re.IGNORECASE)
_USUAL_ID: Final = re.compile(r"^(?:rId|rel|Id|R|r)?[0-9a-fA-F]{1,32}$")
_XML: Final = re.compile(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<")


@dataclass
class Relation:
    """An arrow from one part to another, or to something outside (`target` is None then, `address` is set)."""

    id: str
    type: str
    target: Part | None
    address: str

    @property
    def kind(self) -> str:
        """The last part of its type, in lower case; the same for the strict and the transitional form."""
        return self.type.rstrip("/").rpartition("/")[2].lower()


@dataclass(eq=False)
class Part:
    """One part. `type`: its content type; `word`: what it tells, when it is out as a whole."""

    name: str
    content: bytes
    type: str
    word: str | None = None
    tells: bool = False
    relations: list[Relation] = field(default_factory=list)

    @property
    def is_xml(self) -> bool:
        return self.type.lower().endswith("xml") or _XML.match(self.content) is not None


class Package:
    """The parts of one file without the parts about them, which are written anew. Raises CannotClean."""

    def __init__(self, files: dict[str, bytes], work: OfficeWork) -> None:
        self._work = work
        by_name = {name.lower(): name for name in files}
        if _TYPES not in by_name:
            raise CannotClean
        self._read_types(files[by_name[_TYPES]])
        self.parts: dict[str, Part] = {}
        sources: dict[str, bytes] = {}
        for name, content in files.items():
            if name.lower() == _TYPES:
                continue
            if match := _RELATIONS_NAME.match(name):
                sources[(match["folder"] + match["file"]).lower()] = content
            else:
                self.parts[name.lower()] = Part(name, content, self._type(name))
        self.relations = self._relations("", sources.pop("", b""), strict=True)
        self.main = self._find_main()
        for name, content in sources.items():
            if name in self.parts:
                part = self.parts[name]
                part.relations = self._relations(name, content, strict=part is self.main)
        self._sort_out()

    def _read_types(self, content: bytes) -> None:
        self._defaults: dict[str, str] = {}
        self._overrides: dict[str, str] = {}
        try:
            root = parse(content)
        except etree.XMLSyntaxError:
            raise CannotClean from None
        for entry in root:
            kind = etree.QName(entry).localname
            if kind == "Default":
                self._defaults[entry.get("Extension", "").lower()] = entry.get("ContentType", "")
            elif kind == "Override":
                name = unquote(entry.get("PartName", "")).lstrip("/").lower()
                self._overrides[name] = entry.get("ContentType", "")

    def _type(self, name: str) -> str:
        extension = name.rpartition(".")[2].lower()
        return self._overrides.get(name.lower()) or self._defaults.get(extension, "")

    def _relations(self, source: str, content: bytes, strict: bool) -> list[Relation]:
        """Return what a .rels part says. `strict`: a broken one means that the file can't be cleaned."""
        if not content:
            return []
        try:
            root = parse(content)
        except (etree.XMLSyntaxError, CannotClean):
            if strict:
                raise CannotClean from None
            self._work.rest = True
            return []
        return [self._relation(source, entry) for entry in root if entry.get("Target") is not None]

    def _relation(self, source: str, entry: Any) -> Relation:
        target, kind = entry.get("Target"), entry.get("Type", "")
        if entry.get("TargetMode", "").lower() == "external":
            return Relation(entry.get("Id", ""), kind, None, target)
        path = unquote(target.partition("#")[0]).replace("\\", "/")
        name = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), path)).lstrip("/")
        return Relation(entry.get("Id", ""), kind, self.parts.get(name.lower()), "")

    def _find_main(self) -> Part:
        """Return the part that the package begins with. Raises CannotClean when it is not an Office file's."""
        for relation in self.relations:
            if relation.kind == "officedocument" and relation.target is not None:
                main = relation.target
                break
        else:
            named = [self.parts[name] for name in _CONVENTIONAL if name in self.parts]
            if self.relations or len(named) != 1:
                raise CannotClean
            main = named[0]
        known = _MAIN_TYPE.search(main.type) or main.name.lower().startswith(_FOLDERS)
        if not main.is_xml or not known:
            raise CannotClean
        return main

    def _sort_out(self) -> None:
        """Say of each part whether it is out as a whole, and whether it can identify a person."""
        for part in self.parts.values():
            part.word = self._word_by_name(part)
            part.tells = rules.NAMES_TELLING.match(part.name) is not None
            if not part.content and part is not self.main:
                part.word = words.OTHER
        sources: list[Package | Part] = [self, *self.parts.values()]
        for source in sources:
            for relation in source.relations:
                if relation.target is not None and relation.target is not self.main:
                    self._sort_target(relation.target, relation.kind, is_from_outside=source is self)
        self.main.word = None
        for part in self.parts.values():
            if part.word is not None:
                self._note_properties(part)

    def _sort_target(self, target: Part, kind: str, *, is_from_outside: bool) -> None:
        word = rules.RELATIONS_OUT.get(kind)
        if word is None and is_from_outside:
            word = words.OTHER  # nothing but the main part is needed from outside
        if word is not None:
            target.word = word
        elif kind not in rules.RELATIONS_KEPT:
            self._work.rest = True
        target.tells |= kind in rules.RELATIONS_TELLING

    @staticmethod
    def _word_by_name(part: Part) -> str | None:
        kind = re.split(r"[./]", part.type.lower())[-1]
        if kind in rules.TYPES_OUT:
            return rules.TYPES_OUT[kind]
        return next((word for pattern, word in rules.NAMES_OUT if pattern.match(part.name.lower())), None)

    def _note_properties(self, part: Part) -> None:
        """Note what the properties in a part that is out are called, or what it is."""
        tells = set()
        if part.is_xml:
            with suppress(etree.XMLSyntaxError, CannotClean):
                tells = {
                    words.by_name(etree.QName(element).localname)
                    for element in parse(part.content).iter("*")
                    if element.text and element.text.strip()
                }
        self._work.findings |= tells or {part.word or words.OTHER}

    def remove(self, part: Part) -> None:
        """Take a part out, with the relations that point at it and those that begin at it."""
        self.parts = {name: other for name, other in self.parts.items() if other is not part}
        sources: list[Package | Part] = [self, *self.parts.values()]
        for source in sources:
            source.relations = [relation for relation in source.relations if relation.target is not part]

    def kept_ids(self, part: Part) -> dict[str, str]:
        """Take relations without an end out of a part, and note personal addresses; return the ids that stay,
        each with what it is called from now on."""
        ids: dict[str, str] = {}
        stay = []
        for number, relation in enumerate(part.relations, start=1):
            if relation.kind in rules.RELATIONS_OUT or (relation.target is None and not relation.address):
                self._work.note(words.OTHER)
                continue
            self._work.rest |= relation.target is None and rules.is_personal(relation.address)
            ids[relation.id] = relation.id
            if not _USUAL_ID.match(relation.id):
                ids[relation.id] = f"rId{9000 + number}"
                relation.id = ids[relation.id]
                self._work.note(words.OTHER)
            stay.append(relation)
        part.relations = stay
        return ids

    def files(self) -> dict[str, bytes]:
        """Return all parts by name, the content types first."""
        kind = next((relation.type for relation in self.relations if relation.target is self.main), _OFFICE)
        self.relations = [Relation("rId1", kind, self.main, "")]
        out = {_TYPES_NAME: self._printed_types(), "_rels/.rels": self._printed_relations("", self.relations)}
        for part in self.parts.values():
            out[part.name] = part.content
            if part.relations:
                folder, file = posixpath.split(part.name)
                name = posixpath.join(folder, "_rels", file + ".rels")
                out[name] = self._printed_relations(part.name, part.relations)
        return out

    def _printed_types(self) -> bytes:
        root = etree.Element(f"{{{_NS_TYPES}}}Types", nsmap={None: _NS_TYPES})
        defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
        for part in self.parts.values():
            extension = part.name.rpartition(".")[2].lower()
            if part.type and self._defaults.get(extension) == part.type:
                defaults[extension] = part.type
        for extension, kind in defaults.items():
            etree.SubElement(root, f"{{{_NS_TYPES}}}Default", Extension=extension, ContentType=kind)
        for part in self.parts.values():
            if part.type and defaults.get(part.name.rpartition(".")[2].lower()) != part.type:
                etree.SubElement(
                    root, f"{{{_NS_TYPES}}}Override", PartName=f"/{part.name}", ContentType=part.type
                )
        return printed(root)

    @staticmethod
    def _printed_relations(source: str, relations: list[Relation]) -> bytes:
        root = etree.Element(f"{{{_NS_RELATIONS}}}Relationships", nsmap={None: _NS_RELATIONS})
        for relation in relations:
            entry = etree.SubElement(root, f"{{{_NS_RELATIONS}}}Relationship", Id=relation.id)
            entry.set("Type", relation.type)
            if relation.target is None:
                entry.set("Target", relation.address)
                entry.set("TargetMode", "External")
            else:
                folder = "/" + posixpath.dirname(source)
                entry.set("Target", posixpath.relpath("/" + relation.target.name, folder))
        return printed(root)
