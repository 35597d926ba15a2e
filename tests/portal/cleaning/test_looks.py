"""What is seen stays what it was: pictures and PDF pixel by pixel, Office files by text, relations and styles."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile

import pytest
from lxml import etree
from PIL import Image, ImageOps

from portal.cleaning import kinds
from tests.portal.cleaning import files
from tests.support.pdfpages import drawn
from tests.support.places import FORMATS, Place

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHOWN = {"t", "v", "pStyle", "rStyle", "numFmt", "font", "sheet", "hyperlink", "blip", "pgSz"}


def _pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).convert("RGBA").tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_pictures_pixel_by_pixel(name: str) -> None:
    different, seen = [], 0
    for place in FORMATS[name]():
        if "longer than it is" in place.name:
            continue  # not by the specification: what each viewer makes of it differs
        try:
            before = _pixels(place.data)
        except (OSError, SyntaxError, ValueError):
            continue  # Pillow stops at what it can't read of a mark; others of the format remain
        seen += 1
        if _pixels(kinds.clean(place.data).data) != before:
            different.append(place.name)
    assert different == [] and seen > 40
    for turn in range(1, 9):
        data: bytes = getattr(files, name)(orientation=turn)
        assert _pixels(kinds.clean(data).data) == _pixels(data)


_PAGES = (
    "picture, its segments", "picture, packed once more", "marked content, its properties", "layer, its name",
    "Exif of a picture within the content", "form, LastModified", "colour profile, its texts", "comment, T",
)  # fmt: skip


@pytest.mark.parametrize(
    "place", [one for one in FORMATS["pdf"]() if one.name in _PAGES], ids=lambda one: one.name
)
def test_pages_of_a_pdf_pixel_by_pixel(place: Place) -> None:
    before = drawn(place.data)
    assert before and drawn(kinds.clean(place.data).data) == before


def test_the_control_another_page_is_seen() -> None:
    first, other = [one for one in FORMATS["pdf"]() if one.name in ("picture, its segments", "form, Name")]
    assert drawn(first.data) != drawn(other.data)


def _opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _shown(parts: dict[str, bytes]) -> list[str]:
    """Return texts, styles and fonts of the parts that are read, in order."""
    shown = []
    for name in sorted(parts):
        if re.search(r"(document|sheet\d*|slide\d*|styles|header\d*)\.xml$", name):
            for element in etree.fromstring(parts[name]).iter("*"):
                kind = etree.QName(element).localname
                if kind in _SHOWN:
                    shown.append(f"{kind} {(element.text or '').strip()} {sorted(element.attrib.values())}")
    return shown


def dangling(data: bytes) -> list[str]:
    """Return what points at nothing: relations without a part, references without a relation, types without."""
    parts, wrong = _opened(data), []
    for name, content in parts.items():
        folder, file = posixpath.split(name)
        own = parts.get(posixpath.join(folder, "_rels", file + ".rels"), b"<a/>")
        ids = {entry.get("Id") for entry in etree.fromstring(own)}
        if name.endswith(".rels"):
            base = posixpath.dirname(folder)
            for entry in etree.fromstring(content):
                target = posixpath.normpath(posixpath.join("/" + base, entry.get("Target"))).lstrip("/")
                if entry.get("TargetMode") != "External" and target not in parts:
                    wrong.append(f"{name}: {entry.get('Target')}")
        elif name.endswith(".xml"):
            for element in etree.fromstring(content).iter("*"):
                if name == "[Content_Types].xml" and element.get("PartName", "/").lstrip("/") not in {
                    *parts,
                    "",
                }:
                    wrong.append(f"type of {element.get('PartName')}")
                wrong += [f"{name}: {v}" for k, v in element.attrib.items() if RELATION in k and v not in ids]
    return wrong


@pytest.mark.parametrize("name", ["docx", "xlsx", "pptx"])
def test_office_files_keep_what_they_show_and_point_at_nothing_that_is_gone(name: str) -> None:
    different, wrong = [], []
    for place in FORMATS[name]():
        done = kinds.clean(place.data)
        wrong += [f"{place.name}: {one}" for one in dangling(done.data)]
        if place.name not in ("id of a relation", "comments, author and the name before the text") and _shown(
            _opened(place.data)
        ) != _shown(_opened(done.data)):
            different.append(place.name)
    assert wrong == []
    assert different == []


def test_the_control_a_reference_without_its_relation_is_seen() -> None:
    place = next(one for one in FORMATS["docx"]() if one.name == "picture, JPEG")
    parts = _opened(place.data)
    del parts["word/_rels/document.xml.rels"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert dangling(out.getvalue()) == ["word/document.xml: rId7"]
