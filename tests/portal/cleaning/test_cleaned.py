"""P2: what could name the reporter is out of a file before it is sealed, seen by other programs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageOps, ImageSequence, JpegImagePlugin

from portal import cleaning
from tests.portal.cleaning import files
from tests.portal.cleaning.look import told

EVERYTHING: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "jpeg": (files.jpeg, {"place", "camera", "author", "time", "software", "comment", "other"}),
    "png": (files.png, {"place", "camera", "author", "time", "software", "comment", "other"}),
    "webp": (files.webp, {"place", "camera", "author", "time", "software", "comment"}),
    "webp-lossless": (lambda: files.webp(lossless=True), {"place", "camera", "author"}),
    "pdf": (files.pdf, {"author", "time", "software", "thumbnail", "history", "place", "camera", "comment"}),
    "pdf-packed": (
        lambda: files.pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        {"author", "time", "software", "thumbnail", "history", "place"},
    ),
    "docx": (
        files.docx,
        {"author", "time", "software", "thumbnail", "history", "comment", "place", "camera"},
    ),
    "xlsx": (files.xlsx, {"author", "time", "software", "thumbnail", "comment", "other"}),
    "pptx": (files.pptx, {"author", "time", "software", "history"}),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_is_told_any_more(name: str) -> None:
    make, words = EVERYTHING[name]
    data = make()
    assert len(told(data)) >= 3, "the control: the file tells, and the look sees it"
    done = cleaning.clean(data)
    assert (done.outcome, words - set(done.found)) == ("cleaned", set())
    assert told(done.data) == []
    assert done.found == tuple(sorted(set(done.found))) and set(done.found) <= cleaning.FINDINGS
    again = cleaning.clean(done.data)
    assert (again.outcome, again.found) == ("nothing_found", ())


def test_control_a_plain_save_keeps_the_comment() -> None:
    out = io.BytesIO()
    with Image.open(io.BytesIO(files.jpeg())) as picture:
        picture.save(out, "JPEG")
    assert told(out.getvalue())


def test_a_thumbnail_is_found_and_out() -> None:
    small = io.BytesIO()
    files.photo((32, 20)).save(small, "JPEG", comment=files.MARK.encode())
    block = b"Exif\0\0II*\0\x08\0\0\0\0\0\x0e\0\0\0\x02\0" + b"".join(
        tag.to_bytes(2, "little") + b"\x04\0\x01\0\0\0" + value.to_bytes(4, "little")
        for tag, value in ((0x201, 44), (0x202, len(small.getvalue())))
    )
    out = io.BytesIO()
    files.photo().save(out, "JPEG", exif=block + bytes(4) + small.getvalue())
    assert any("Thumbnail" in line for line in told(out.getvalue()))
    done = cleaning.clean(out.getvalue())
    assert done.found == ("thumbnail",)
    assert told(done.data) == []


@pytest.mark.parametrize(
    "make", [lambda: files.jpeg(told=False), files.pdf_of_nobody, lambda: _saved(files.photo(), "PNG")]
)
def test_a_file_of_nobody_is_rebuilt_and_nothing_found(make: Callable[[], bytes]) -> None:
    done = cleaning.clean(make())
    assert (done.outcome, done.found) == ("nothing_found", ())
    assert told(done.data) == []


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def _pixels(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).convert("RGBA")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_keeps_each_pixel(mode: str) -> None:
    before = (
        Image.linear_gradient("L").convert("I").convert("I;16")
        if mode == "I;16"
        else files.photo().convert(mode)
    )
    how = {"transparency": 3} if mode == "P" else {}
    done = cleaning.clean(files.png(before, **how))
    with Image.open(io.BytesIO(done.data)) as after:
        assert after.mode == before.mode and after.tobytes() == before.tobytes()
        assert after.info.get("transparency") == how.get("transparency")


def test_lossless_webp_keeps_each_pixel() -> None:
    data = files.webp(lossless=True)
    assert _pixels(cleaning.clean(data).data).tobytes() == _pixels(data).tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_pictures_stay_the_right_way_up(kind: str, orientation: int) -> None:
    data: bytes = getattr(files, kind)(orientation=orientation)
    before, after = _pixels(data), _pixels(cleaning.clean(data).data)
    assert before.size == after.size
    differences = ImageChops.difference(before.convert("L"), after.convert("L")).histogram()
    assert sum(count * value for value, count in enumerate(differences)) / sum(differences) < 2


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_jpeg_keeps_its_subsampling(subsampling: int) -> None:
    with Image.open(io.BytesIO(cleaning.clean(files.jpeg(subsampling=subsampling)).data)) as after:
        assert JpegImagePlugin.get_sampling(after) == subsampling


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_printers_jpeg_stay_what_they_are(mode: str) -> None:
    with Image.open(io.BytesIO(cleaning.clean(_saved(files.photo().convert(mode), "JPEG")).data)) as after:
        assert after.mode == mode


@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("WEBP", {"lossless": True}), ("WEBP", {})])
def test_moving_pictures_keep_their_frames(kind: str, how: dict[str, bool]) -> None:
    frames = [files.photo().rotate(turn) for turn in (0, 90, 180)]
    data = _saved(
        frames[0],
        kind,
        save_all=True,
        append_images=frames[1:],
        duration=[100, 200, 300],
        exif=files.exif(),
        **how,
    )
    done = cleaning.clean(data)
    assert done.outcome == "cleaned" and told(done.data) == []
    with Image.open(io.BytesIO(done.data)) as after:
        kept = [(frame.convert("RGB"), frame.info["duration"]) for frame in ImageSequence.Iterator(after)]
    assert [duration for _, duration in kept] == [100, 200, 300]
    if kind == "PNG" or how:
        assert [frame.tobytes() for frame, _ in kept] == [frame.tobytes() for frame in frames]


def test_pages_comments_and_fields_of_a_pdf_stay() -> None:
    done = cleaning.clean(files.pdf())
    with pikepdf.open(io.BytesIO(done.data)) as document:
        page = document.pages[0]
        assert b"the page stays" in page.obj.Contents.read_bytes()
        comment, form_field = page.obj.Annots
        assert str(comment.Contents) == "this comment stays" and str(form_field.T) == "this field stays"
        image = page.obj.Resources.XObject.P
        assert isinstance(image, pikepdf.Stream)
        picture = pikepdf.PdfImage(image).as_pil_image().convert("RGB")
    with Image.open(io.BytesIO(files.jpeg())) as before:
        assert picture.tobytes() == before.convert("RGB").tobytes()


def test_an_older_version_of_a_pdf_is_out() -> None:
    old = files.pdf_of_nobody()
    start = old.rindex(b"startxref") + len(b"startxref\n")
    before = int(old[start:].split()[0])
    where = len(old)
    update = (
        f"9 0 obj\n({files.MARK})\nendobj\nxref\n9 1\n{where:010} 00000 n \ntrailer\n"
        f"<< /Size 10 /Root 1 0 R /Prev {before} >>\nstartxref\n"
    )
    table = where + update.index("xref")
    done = cleaning.clean(old + f"{update}{table}\n%%EOF\n".encode())
    assert (done.outcome, done.found) == ("cleaned", ("history",))
    assert files.MARK.encode() not in done.data


@pytest.mark.parametrize(
    "make",
    [
        lambda: files.pdf(attached=True),
        lambda: files.docx(deleted=True),
        lambda: files.docx(comment=True),
        lambda: files.xlsx(binary=True),
    ],
)
def test_what_stays_and_can_tell_is_said(make: Callable[[], bytes]) -> None:
    done = cleaning.clean(make())
    assert done.outcome == "partly" and "author" in done.found


def test_text_of_office_files_stays() -> None:
    done = cleaning.clean(files.docx(comment=True))
    with zipfile.ZipFile(io.BytesIO(done.data)) as archive:
        assert b"this text stays" in archive.read("word/document.xml")
        assert files.MARK.encode() not in archive.read("word/comments.xml")
        assert "word/people.xml" not in archive.namelist()
        for name in archive.namelist():
            if name.endswith((".rels", "[Content_Types].xml")):
                assert b"people" not in archive.read(name) and b"custom" not in archive.read(name)


def test_names_of_tables_and_formats_of_numbers_stay() -> None:
    done = cleaning.clean(files.xlsx())
    with zipfile.ZipFile(io.BytesIO(done.data)) as archive:
        assert archive.read("xl/tables/table1.xml").count(b'="stays"') == 2
        assert files.YEN.encode() in archive.read("xl/styles.xml")


@pytest.mark.parametrize("number", range(1, 4))
def test_a_file_is_the_type_that_it_begins_as(number: int) -> None:
    """A picture that hides an archive behind its end, or calls itself something else, is a picture."""
    hidden = (files.docx(), files.pdf(), files.webp())[number - 1]
    done = cleaning.clean(files.jpeg() + hidden)
    assert done.outcome == "cleaned" and done.data.startswith(b"\xff\xd8") and told(done.data) == []


def _locked() -> bytes:
    return files.pdf(encryption=pikepdf.Encryption(owner="owner", user=""))


def _wrong_start() -> bytes:
    data = files.pdf()
    at = data.rindex(b"startxref") + len(b"startxref\n")
    return data[:at] + b"7\n%%EOF\n"


@pytest.mark.parametrize(
    "make",
    [
        _locked,
        _wrong_start,
        lambda: b"\xef\xbb\xbf" + files.pdf(),
        lambda: files.MARK.encode() + b"\n" + files.pdf(),
    ],
    ids=["owner's password alone", "wrong startxref", "a byte order mark before", "a name before"],
)
def test_what_every_viewer_opens_is_cleaned(make: Callable[[], bytes]) -> None:
    data = make()
    done = cleaning.clean(data)
    assert done.outcome == "cleaned" and "author" in done.found and told(done.data) == []
    with pikepdf.open(io.BytesIO(done.data)) as document:
        assert not document.is_encrypted and len(document.pages) == 1


def test_a_repaired_file_that_lost_a_page_is_not_cleaned() -> None:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(3):
            document.add_blank_page()
        document.save(out)
    data = out.getvalue()
    second = data.index(b"/Type /Page ", data.index(b"/Type /Page ") + 1)
    lost = data[: data.rindex(b" obj", 0, second)] + b" xxx" + data[second:]
    assert cleaning.clean(lost).outcome == "not_cleaned"
    assert cleaning.clean(data).outcome == "nothing_found", "the control"


@pytest.mark.parametrize(("make", "name"), [(files.docx, b"document"), (files.xlsx, b"workbook")])
def test_the_main_part_is_found_whatever_it_is_called(make: Callable[[], bytes], name: bytes) -> None:
    """As Word Online and SharePoint write it: document2.xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make())) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            new.writestr(
                entry.replace(name.decode() + ".xml", name.decode() + "2.xml"),
                old.read(entry).replace(name + b".xml", name + b"2.xml"),
            )
        if name == b"workbook":
            relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
            new.writestr(
                "_rels/.rels",
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
                f'Id="rId1" Type="{relation}" Target="xl/workbook2.xml"/></Relationships>',
            )
    done = cleaning.clean(out.getvalue())
    assert done.outcome == "cleaned" and told(done.data) == []
