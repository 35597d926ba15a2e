"""PDF: written anew without document information, XMP, private data of applications and older versions.

Everything that a page shows stays what it was; pictures on it lose what cameras wrote into them (ISO 32000-2).
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final

import pikepdf

from portal.cleaning import jpeg, words
from portal.cleaning.words import CannotClean, Cleaned

_LARGEST_XMP: Final = 4 * 1024 * 1024
# Keys of any dictionary that say who or when and change nothing of what is shown.
_OUT: Final = {
    "/PieceInfo": words.HISTORY,
    "/Thumb": words.THUMBNAIL,
    "/LastModified": words.TIME,
    "/CreatorInfo": words.SOFTWARE,
    "/SpiderInfo": words.HISTORY,
}
# Of a comment: who and when. A form's field has its name under /T and keeps it.
_OF_COMMENT: Final = {"/T": words.AUTHOR, "/M": words.TIME, "/CreationDate": words.TIME, "/NM": words.OTHER}
_OF_EMBEDDED: Final = {"/CreationDate": words.TIME, "/ModDate": words.TIME, "/Mac": words.OTHER}
# What is not looked into, or can't be changed without being worthless: files within, signatures, XFA forms;
# what leads to a file on somebody's disk.
_NOT_LOOKED_INTO: Final = ("/EF", "/ByteRange", "/DSS", "/XFA")
_TO_FILES: Final = frozenset({"/GoToR", "/Launch", "/ImportData", "/Movie", "/Sound"})
_STARTS: Final = re.compile(rb"startxref\s")


class _Walk:
    """One look at each object of a file; `found` and `rest` as words.result has them."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.rest = False

    def over(self, top: pikepdf.Object) -> None:
        """Go through an object and the direct objects in it."""
        todo = [top]
        while todo:
            item = todo.pop()
            if isinstance(item, pikepdf.Array):
                todo += [value for value in item if _has_parts(value)]
            elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                self._dictionary(item)
                todo += [value for value in item.values() if _has_parts(value)]
                if isinstance(item, pikepdf.Stream):
                    self._stream(item)

    def _drop(self, item: pikepdf.Object, key: str, word: str) -> None:
        if key in item:
            del item[key]
            self.found.add(word)

    def _dictionary(self, item: pikepdf.Object) -> None:
        for key, word in _OUT.items():
            self._drop(item, key, word)
        if isinstance(metadata := item.get("/Metadata"), pikepdf.Stream):
            self.found |= words.in_xmp(_decoded(metadata, _LARGEST_XMP))
            del item["/Metadata"]
        if "/Rect" in item and item.get("/Subtype") != pikepdf.Name.Widget:
            for key, word in _OF_COMMENT.items():
                self._drop(item, key, word)
        if item.get("/Type") == pikepdf.Name.EmbeddedFile and isinstance(
            params := item.get("/Params"), pikepdf.Dictionary
        ):
            for key, word in _OF_EMBEDDED.items():
                self._drop(params, key, word)
        self.rest |= any(key in item for key in _NOT_LOOKED_INTO) or str(item.get("/S", "")) in _TO_FILES
        self.rest |= str(item.get("/URI", "")).lower().startswith("file:")

    def _stream(self, item: pikepdf.Stream) -> None:
        """Take out of a JPEG picture what its camera wrote; the coded pixels are the same bytes."""
        filters = item.get("/Filter")
        names = list(filters) if isinstance(filters, pikepdf.Array) else [filters]
        if pikepdf.Name.JPXDecode in names:
            raw = item.read_raw_bytes()
            self.rest |= len(names) > 1 or any(box in raw for box in (b"uuid", b"xml ", b"\xff\x64"))
        elif pikepdf.Name.DCTDecode in names:
            if len(names) > 1:
                self.rest = True
                return
            data, found = jpeg.clean(item.read_raw_bytes(), turned=False)
            self.found |= found
            parms = item.get("/DecodeParms")
            item.write(
                data,
                filter=pikepdf.Name.DCTDecode,
                decode_parms=parms if isinstance(parms, pikepdf.Dictionary | pikepdf.Array) else None,
            )


def _has_parts(value: object) -> bool:
    """True for a direct array or dictionary; what stands for itself comes by itself."""
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def _decoded(stream: pikepdf.Stream, most: int) -> bytes:
    try:
        return stream.read_bytes()[:most]
    except pikepdf.PdfError:
        return b""


def _document_information(pdf: pikepdf.Pdf) -> set[str]:
    """Take out the document information; return the words for its entries."""
    info = pdf.trailer.get("/Info")
    if info is None:
        return set()
    del pdf.trailer["/Info"]
    if not isinstance(info, pikepdf.Dictionary):
        return {words.OTHER}
    # "Creator" is the program that the text was written with: ISO 32000-2, table 349.
    return {words.SOFTWARE if key == "/Creator" else words.by_name(key.strip("/")) for key in info.keys()}  # noqa: SIM118


def clean_pdf(data: bytes) -> Cleaned:
    """Clean a PDF file. Raises CannotClean for an encrypted one, pikepdf.PdfError for a broken one: a repair
    could lose a page."""
    with pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
        if pdf.is_encrypted:
            raise CannotClean
        walk = _Walk()
        walk.found |= _document_information(pdf)
        if len(_STARTS.findall(data)) > (2 if b"/Linearized" in data[:1024] else 1):
            walk.found.add(words.HISTORY)
        for item in pdf.objects:
            walk.over(item)
        if "/ID" in pdf.trailer:
            del pdf.trailer["/ID"]
        out = BytesIO()
        # The identifier then follows from what the file holds, not from a clock.
        pdf.save(out, deterministic_id=True)
    return words.result(out.getvalue(), walk.found, walk.rest)
