"""Office files (docx, xlsx, pptx; ECMA-376): a new archive of the known parts, without people, dates and paths.

Text stays as it is. What can name somebody and stays makes the result "partly". docs/cleaning.md, section 3.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from portal.cleaning import jpeg, pictures, png, webp, words
from portal.cleaning.office import archive, markup, names
from portal.cleaning.office.package import Package, Part
from portal.cleaning.office.rules import OfficeWork
from portal.cleaning.words import CannotClean, Cleaned

DEEPEST: Final = 2
"""Office files within Office files that are cleaned."""


def clean_office(data: bytes, depth: int = 0) -> Cleaned:
    """Clean a docx, xlsx or pptx file. Raises CannotClean for any other archive, an encrypted or an odd one."""
    work = OfficeWork()
    package = Package(archive.read(data, work), work)
    for part in list(package.parts.values()):
        if part.word is not None:
            package.remove(part)
    for part in list(package.parts.values()):
        _clean_part(package, part, work, depth)
    names.rename(package, work)
    return words.result(archive.write(package.files()), work.findings, work.rest)


def _clean_part(package: Package, part: Part, work: OfficeWork, depth: int) -> None:
    """Replace a part's content by what stays of it; one that can't be cleaned stays and is said."""
    try:
        if part.content.startswith((jpeg.START, png.START)) or webp.is_webp(part.content):
            part.content, findings = pictures.strip(part.content, turned=False)
            work.findings |= findings
        elif part.content.startswith(b"PK\x03\x04") and depth < DEEPEST:
            inner = clean_office(part.content, depth + 1)
            part.content = inner.data
            work.findings |= set(inner.found)
            work.rest |= inner.outcome == "partly"
        elif part.is_xml:
            part.content = markup.clean(part, package.kept_ids(part), work)
            work.rest |= part.tells
        else:
            work.rest = True
    except (CannotClean, etree.XMLSyntaxError):
        if part is package.main:
            raise CannotClean from None
        work.rest = True
