"""The process that draws files: nothing but pixels comes out of it, hostile files end it and not the desk."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from itertools import chain
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from admin.desk.blackout import process, source, worker
from admin.desk.blackout.marks import (
    FULL,
    BadBoxes,
    BlackBox,
    Marks,
    box_of,
    marks_of,
    read_boxes,
    write_boxes,
)
from admin.desk.blackout.process import CannotDraw
from admin.desk.reports.fonts import font_path
from tests.desk.pages_of_files import one_page
from tests.portal.cleaning.test_worker import _encrypted_pdf, _png_bomb
from tests.support.leaks import disguises
from tests.support.places import jpegs, pdfs, pngs, webps
from tests.support.places.mark import MARK

FONT = font_path()


@pytest.mark.filterwarnings("ignore")  # Pillow's, about files that are odd
def test_no_place_of_a_file_is_in_what_is_drawn() -> None:
    """Every place that the cleaners know: they take what they know, this takes nothing."""
    hidden, drawn, missing = disguises(MARK).values(), 0, []
    for place in chain(pdfs.places(), jpegs.places(), pngs.places(), webps.places()):
        try:
            opened = source.opened(place.data)
            pages = [opened.picture(number + 1) for number in range(len(opened.sizes))]
        except (source.Refused, OSError, SyntaxError, ValueError):
            missing.append(place.name)
            continue
        drawn += 1
        for page in pages:
            raw = worker._encoded(page, opened.ending, 90)
            assert not any(spelled in raw for spelled in hidden), place.name
            assert not page.info and not page.getexif(), place.name
    assert drawn > 300 and len(missing) < 40, missing


def refused(data: bytes) -> str:
    with pytest.raises(CannotDraw) as raised:
        process.draw(data, FONT, Marks(), 1, 1, 1)
    return raised.value.why


def test_bombs_and_locked_files_end_the_process_and_not_the_desk() -> None:
    assert refused(_encrypted_pdf()) == "locked"
    assert refused(_png_bomb()) == "large"
    assert refused(b"%PDF-1.7\n" + b"[" * 200_000) == "unreadable"
    huge = one_page().replace(b"/MediaBox [0 0 300.00 400.00]", b"/MediaBox [0 0 90000 90000]")
    [page] = process.draw(huge, FONT, Marks(), 1, 1, 1)
    across, down = Image.open(BytesIO(page.picture)).size
    assert across * down <= source.PAGE_PIXELS * 1.01  # sides are rounded up


def test_a_page_that_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TIMEOUT", 0.0)
    assert refused(one_page()) == "slow"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "text\n",
        '{"bytes": 5}\nabc',
        '{"bytes": -1}\n',
        '{"bytes": 999999999999}\n',
        '{"bytes": 0, "page": 2, "passages": 0}\n',
        '{"bytes": 3, "page": 1, "passages": 0}\nabc',
        '{"bytes": 4, "page": 1, "passages": -1}\n\x7fPNG',
        '{"bytes": 0, "refused": {"x": 1}}\n',
        '{"bytes": 0, "refused": "<script>"}\n',
    ],
)
def test_what_the_process_says_is_not_believed(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(process, "_BOOT", f"import sys; sys.stdin.read(); sys.stdout.write({answer!r})")
    assert refused(one_page()) == "unreadable"


ATTACKS = {
    "read a file": "open('/etc/hostname').read()",
    "write a file": "open('/tmp/meyasubako-attack', 'w').write('x')",
    "connect": "__import__('socket').socket()",
    "start a program": "__import__('os').posix_spawn('/bin/true', ['true'], {})",
}
ATTACK = """
import sys, json
sys.path[:] = json.loads(sys.argv[1])
from admin.desk.blackout import wire, worker
if sys.argv[2] == "free":
    worker.sandbox.enter = lambda: ()
    worker.sandbox.lower = lambda *limits: None
def attack(question, data, out):
    done = []
    for name, line in question["attacks"].items():
        try:
            eval(line)
            done.append(name)
        except Exception:
            pass
    wire.say(out, {"done": done})
worker._ANSWERS = {"look": attack}
worker.run()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no sandbox (ADR 0046)")
def test_what_runs_in_the_process_reaches_nothing() -> None:
    done = {}
    for way in ("free", "closed"):
        question = json.dumps({"do": "look", "font": str(FONT), "attacks": ATTACKS, "bytes": 0}) + "\n"
        command = [sys.executable, "-I", "-c", ATTACK, json.dumps([str(Path.cwd()), *sys.path]), way]
        ended = subprocess.run(
            command, input=question, capture_output=True, text=True, timeout=60, check=True
        )
        done[way] = json.loads(ended.stdout)["done"]
    Path("/tmp/meyasubako-attack").unlink(missing_ok=True)
    assert done == {"free": list(ATTACKS), "closed": []}


def turned(rotate: int) -> bytes:
    """Return a page with one word, turned, of which a part is shown."""
    out = BytesIO()
    with pikepdf.open(BytesIO(one_page("SECRET"))) as pdf:
        page = pdf.pages[0]
        page.Rotate = rotate
        page.CropBox = pikepdf.Array([10, 200, 290, 400])
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_word_is_painted_over_where_it_is_on_a_turned_page(rotate: int) -> None:
    opened = source.opened(turned(rotate))
    [spot] = opened.text(1, ("secret",)).spots
    picture = opened.picture(1)
    assert picture.convert("L").getextrema()[0] < 60  # type: ignore[operator]
    source.paint(picture, [spot])
    across, down = picture.size
    left, top = spot.left * across // FULL, spot.top * down // FULL
    right, bottom = -(-(spot.left + spot.width) * across // FULL), -(-(spot.top + spot.height) * down // FULL)
    assert picture.crop((left, top, right, bottom)).convert("L").getextrema() == (0, 0)
    picture.paste("white", (left, top, right, bottom))
    assert picture.convert("L").getextrema()[0] > 200  # type: ignore[operator]


def filled_in(kind: str) -> bytes:
    """Return a page that shows SECRET in a form field or an annotation, by its appearance or its value alone."""
    out, name = BytesIO(), pikepdf.Name
    with pikepdf.open(BytesIO(one_page("page"))) as pdf:
        font = pikepdf.Dictionary(H=next(iter(pdf.pages[0].Resources.Font.values())))
        box = pikepdf.Array([50, 100, 250, 130])
        note = pikepdf.Dictionary(Type=name.Annot, Rect=box, F=4, DA="/H 18 Tf 0 g")
        if kind == "annotation":
            note.update({"/Subtype": name.FreeText, "/Contents": "SECRET"})
        else:
            note.update({"/Subtype": name.Widget, "/FT": name.Tx, "/T": "a", "/V": "SECRET"})
        if kind != "value":
            look = pdf.make_stream(
                b"BT /H 18 Tf 2 6 Td (SECRET) Tj ET",
                Type=name.XObject,
                Subtype=name.Form,
                BBox=pikepdf.Array([0, 0, 200, 30]),
                Resources=pikepdf.Dictionary(Font=font),
            )
            note.AP = pikepdf.Dictionary(N=look)
        annotation = pdf.make_indirect(note)
        pdf.pages[0].Annots = pikepdf.Array([annotation])
        pdf.Root.AcroForm = pikepdf.Dictionary(
            Fields=pikepdf.Array([annotation]), DA="/H 18 Tf 0 g", DR=pikepdf.Dictionary(Font=font)
        )
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["field", "value", "annotation"])
def test_a_word_is_painted_over_in_form_fields_and_annotations(kind: str) -> None:
    opened = source.opened(filled_in(kind))
    picture = opened.picture(1)
    shown = opened.text(1, ("secret",))
    [spot] = shown.spots
    assert [line for line, _box in shown.lines] == ["page", "SECRET"]
    # Below the line of the page itself everything is in the box.
    across, down = picture.size
    below = (0, down // 3, across, down)
    assert picture.convert("L").crop(below).getextrema()[0] < 60  # type: ignore[operator]
    source.paint(picture, [spot])
    left, top = spot.left * across // FULL, spot.top * down // FULL
    right, bottom = -(-(spot.left + spot.width) * across // FULL), -(-(spot.top + spot.height) * down // FULL)
    picture.paste("white", (left, top, right, bottom))
    assert picture.convert("L").crop(below).getextrema()[0] > 200  # type: ignore[operator]


def test_letters_beyond_the_first_plane_are_found() -> None:
    """PDFium gives 𠀋 as two codes, as it does with 𠮷 in 𠮷田."""
    made = FPDF(unit="pt", format=(300, 400))
    made.add_font("ja", "", FONT)
    made.add_page()
    made.set_font("ja", size=18)
    made.cell(text="経理の𠀋田さん")
    shown = source.opened(bytes(made.output())).text(1, ("𠀋田", "さん"))
    assert [line for line, _box in shown.lines] == ["経理の𠀋田さん"]
    name, ending = shown.spots
    assert name.left + name.width <= ending.left + 200 and name.width > 500


def test_letters_whose_font_is_not_in_the_file_are_drawn() -> None:
    written = "目安箱の鈴木".encode("utf-16-be").hex()
    out = BytesIO()
    with pikepdf.open(BytesIO(one_page())) as pdf:
        page = pdf.pages[0]
        name, info = pikepdf.Name, pikepdf.Dictionary(Registry="Adobe", Ordering="Japan1", Supplement=2)
        inner = pikepdf.Dictionary(
            Type=name.Font, Subtype=name.CIDFontType2, BaseFont=name("/MS-Gothic"), CIDSystemInfo=info
        )
        page.Resources["/Font"] = pikepdf.Dictionary(
            F1=pikepdf.Dictionary(
                Type=name.Font,
                Subtype=name.Type0,
                BaseFont=name("/MS-Gothic"),
                Encoding=name("/UniJIS-UCS2-H"),
                DescendantFonts=pikepdf.Array([pdf.make_indirect(inner)]),
            )
        )
        page.Contents = pdf.make_stream(f"BT /F1 40 Tf 20 300 Td <{written}> Tj ET".encode())
        pdf.save(out)
    shown = process.page(out.getvalue(), FONT, 1, ("鈴木",), 600)
    assert [line for line, _box in shown.lines] == ["目安箱の鈴木"] and len(shown.spots) == 1
    dark = Image.open(BytesIO(shown.picture)).convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert dark is not None and dark[2] - dark[0] > 400


def test_colours_that_nobody_saw_are_gone() -> None:
    hidden = Image.new("RGBA", (60, 40), (255, 255, 255, 255))
    hidden.paste((10, 20, 30, 0), (0, 0, 30, 40))
    out = BytesIO()
    hidden.save(out, "PNG")
    [page] = process.draw(out.getvalue(), FONT, Marks(), 1, 1, 1)
    assert page.media_type == "image/png"
    assert Image.open(BytesIO(page.picture)).convert("RGB").getcolors() == [(60 * 40, (255, 255, 255))]


sides = st.integers(0, FULL)


@given(st.lists(st.tuples(sides, sides, sides, sides), max_size=8))
def test_boxes_are_read_as_they_are_written(corners: list[tuple[int, int, int, int]]) -> None:
    boxes = tuple(dict.fromkeys(box for some in corners if (box := box_of(*some)) is not None))
    assert read_boxes(write_boxes(boxes)) == boxes
    marks = Marks({1: boxes}, frozenset({2}), ("語",))
    assert marks_of(json.loads(json.dumps(marks.as_json()))).digest() == marks.digest()


@given(st.text(alphabet="0123456789 .,-%\n", max_size=30))
def test_no_text_of_boxes_gets_off_the_page(text: str) -> None:
    try:
        boxes = read_boxes(text)
    except BadBoxes:
        return
    for box in boxes:
        assert 0 <= box.left < box.left + box.width <= FULL and 0 <= box.top < box.top + box.height <= FULL
        assert isinstance(box, BlackBox)
