"""Pages of a PDF file as pixels."""

from __future__ import annotations

from contextlib import closing

import pypdfium2


def drawn(data: bytes) -> list[bytes]:
    """Return the pixels of each page, drawn by PDFium with 40 dots an inch."""
    with closing(pypdfium2.PdfDocument(data)) as document:
        return [page.render(scale=40 / 72, draw_annots=True).to_pil().tobytes() for page in document]
