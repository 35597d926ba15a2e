"""PDF: written anew from the catalogue down, without document information, XMP and keys that are not known.

Everything that a page shows stays what it was; pictures on it lose what cameras wrote into them (ISO 32000-2).
"""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from typing import Final

import pikepdf

from portal.cleaning import words
from portal.cleaning.kinds import HEAD
from portal.cleaning.pdf import rules
from portal.cleaning.pdf.walk import Walk
from portal.cleaning.words import CannotClean, Cleaned

_END: Final = b"%%EOF"
_STARTS: Final = re.compile(rb"startxref\s")


def prepare() -> None:
    """Let qpdf open the system's source of random numbers, which it wants for locked files: while it still can."""
    with pikepdf.new() as pdf:
        pdf.save(BytesIO(), encryption=pikepdf.Encryption(owner="owner", user=""))


def _open(data: bytes) -> tuple[pikepdf.Pdf, bool]:
    """Open a file as viewers do, with an empty password where it wants one; say whether it had to be repaired.

    Raises CannotClean.
    """
    for repair in (False, True):
        try:
            pdf = pikepdf.open(BytesIO(data), attempt_recovery=repair, suppress_warnings=True)
            if len(pdf.pages):
                return pdf, repair
        except pikepdf.PasswordError:
            break
        except pikepdf.PdfError:
            continue
    raise CannotClean


def _whole(pdf: pikepdf.Pdf) -> bool:
    """True when a repaired file has all pages that it says, and each what it shows."""
    return len(pdf.pages) == int(pdf.Root.Pages.get("/Count", -1)) and all(
        page.obj.get("/Type") == pikepdf.Name.Page and ("/Contents" not in page.obj or page.obj.Contents)
        for page in pdf.pages
    )


def _document_information(pdf: pikepdf.Pdf) -> set[str]:
    """Take out the document information; return the findings for its entries."""
    info = pdf.trailer.get("/Info")
    if info is None:
        return set()
    del pdf.trailer["/Info"]
    if not isinstance(info, pikepdf.Dictionary) or not info.keys():
        return {words.OTHER}
    # "Creator" is the program that the text was written with: ISO 32000-2, table 349.
    return {words.SOFTWARE if key == "/Creator" else words.by_name(key.strip("/")) for key in info.keys()}  # noqa: SIM118


def _drop_trailer(pdf: pikepdf.Pdf) -> set[str]:
    """Remove the trailer's other entries and replace the identifier; return the findings for them."""
    tells = set()
    for key in list(pdf.trailer.keys()):
        if key not in rules.TRAILER:
            tells.add(rules.word(key))
            del pdf.trailer[key]
    if "/ID" in pdf.trailer:
        # Each file has one; of another length, or changed since the file was made, it tells more than that.
        if {len(bytes(half)) for half in pdf.trailer.ID} != {16} or len(set(map(bytes, pdf.trailer.ID))) > 1:
            tells.add(words.OTHER)
        del pdf.trailer["/ID"]
    return tells


def clean_pdf(data: bytes) -> Cleaned:
    """Clean a PDF file. Raises CannotClean for one that needs a password or that viewers can't open, and
    pikepdf.PdfError."""
    before = data.index(b"%PDF-")
    pdf, repaired = _open(data[before:])
    with pdf:
        if repaired and not _whole(pdf):
            raise CannotClean
        walk = Walk(pdf)
        if before or repaired or data[data.rfind(_END) + len(_END) :].strip():
            walk.findings.add(words.OTHER)
        walk.findings |= _document_information(pdf)
        if len(_STARTS.findall(data)) > (2 if b"/Linearized" in data[:HEAD] else 1):
            walk.findings.add(words.HISTORY)
        walk.over_everything()
        walk.findings |= _drop_trailer(pdf)
        out = BytesIO()
        # All cleaned files have one identifier, neither from a clock nor from what they hold.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a form's field that the form does not list is left as it is
            pdf.save(out, static_id=True, encryption=False)
    return words.result(out.getvalue(), walk.findings, walk.rest)
