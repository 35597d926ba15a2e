"""PDFs and pictures that tests attach: with a marker everywhere where such a file can hold one."""

from __future__ import annotations

from io import BytesIO

import pikepdf
from fpdf import FPDF
from PIL import Image, ImageDraw, PngImagePlugin

from admin.desk.reports.fonts import font_path


def one_page(text: str = "page") -> bytes:
    """Return a PDF of one page with a line of ASCII."""
    made = FPDF(unit="pt", format=(300, 400))
    made.add_page()
    made.set_font("helvetica", size=20)
    made.cell(text=text)
    return bytes(made.output())


def marked_pdf(shown: str, hidden: str) -> bytes:
    """Return a PDF of two pages that shows a word on each in a line of its own; the other word is everywhere else: in
    document information, XMP, bookmark, attachment, annotation, thumbnail, alternate image, form field, hidden text.
    """
    made = FPDF(unit="pt", format="A4")
    made.add_font("ja", "", font_path())
    for number in (1, 2):
        made.add_page()
        made.set_font("ja", size=18)
        for line in (f"{number} 枚目の一行目", f"経理の{shown}さん", "これは残る行です"):
            made.cell(text=line)
            made.ln(40)
        made.start_section(f"{hidden}の章")
    made.set_text_color(255, 255, 255)
    made.cell(text=f"白い字の{hidden}")
    made.embed_file(bytes=hidden.encode() * 3, basename="a.txt", desc=hidden)
    made.set_title(hidden)
    out = BytesIO()
    with pikepdf.open(BytesIO(bytes(made.output()))) as pdf:
        page = pdf.pages[0].obj
        with pdf.open_metadata() as xmp:
            xmp["dc:creator"] = [hidden]
        thumb = pdf.make_stream(hidden.encode() * 9)
        thumb.stream_dict.update(pikepdf.Dictionary(Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image))
        page.Thumb = thumb
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=pikepdf.Array([10, 10, 30, 30]),
            Contents=hidden,
        )
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="a", V=hidden, F=2,
            Rect=pikepdf.Array([50, 10, 90, 30]),
        )  # fmt: skip
        page.Annots = pikepdf.Array([pdf.make_indirect(note), pdf.make_indirect(field)])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[page.Annots[1]], DA="/Helv 0 Tf 0 g")
        pdf.Root.MYNOTE = pikepdf.String(hidden)
        pdf.save(out)
    return out.getvalue()


def marked_picture(form: str, hidden: str) -> bytes:
    """Return a picture of 400 x 200 pixels, white but for a red area at the left; the word is in all that it says."""
    picture = Image.new("RGB", (400, 200), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 99, 199), fill="red")
    exif, out = Image.Exif(), BytesIO()
    exif[0x010E] = exif[0x013B] = hidden
    if form == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("Author", hidden)
        picture.save(out, "PNG", pnginfo=notes, exif=exif)
    else:
        picture.save(out, form, exif=exif, comment=hidden.encode())
    return out.getvalue()
