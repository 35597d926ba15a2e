"""Black boxes on files of a pack: what is under one, or said beside its pages, is in no byte of the pack."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import Browser as Chromium

from admin.desk.web import pack_drawing
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser, Page, by_handles
from tests.desk.pages_of_files import marked_pdf, marked_picture, one_page
from tests.desk.test_pack import path_of, spellings, texts_in
from tests.desk.test_pages import desk_in
from tests.desk.world import PASSPHRASE, Sent, World
from tests.support.browser import findings, overflow

SHOWN, HIDDEN = "鈴木花子", "ZAIMUBU4711"


def name_of(browser: Browser, report: Sent, number: int = 0) -> str:
    """Return the id of a file in hex, as the names of fields have it."""
    boxes = browser.get(path_of(report)).all("input")
    names = [name for box in boxes if (name := box.get("name") or "").startswith("pk_file_")]
    return names[number].removeprefix("pk_file_")


def checked(browser: Browser, report: Sent, **more: str) -> Page:
    """Choose the file, go on until all is drawn, and return the page that shows the pack."""
    form = browser.get(path_of(report)).fields("/pack/check") | {"pk_to": "弁護士", **more}
    page = browser.post(f"{path_of(report)}/check", form)
    for _ in range(60):
        if "ファイルを準備しています" not in page.h1:
            return page
        page = Page(browser.raw("GET", f"/ja/{path_of(report)}/check"))
    raise AssertionError("never ready")


def handed_out(browser: Browser, report: Sent, page: Page) -> bytes:
    answer = browser.raw("POST", f"/ja/{path_of(report)}/make", data=page.fields("/pack/make"))
    assert answer.mimetype == "application/zip", answer.get_data(as_text=True)[:400]
    return bytes(answer.get_data())


def rendered_text(raw: bytes, name: str, folder: Path) -> str:
    """Return what a reader of PDFs finds on its pages, and in its attachments."""
    with zipfile.ZipFile(io.BytesIO(raw)) as pack:
        (folder / "x.pdf").write_bytes(pack.read(name))
    told = [["pdftotext", "x.pdf", "-"], ["pdfinfo", "-meta", "x.pdf"], ["pdfdetach", "-list", "x.pdf"]]
    return "".join(
        subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
        for command in told
    )


def everything_in(raw: bytes) -> list[bytes]:
    """Return the bytes of a pack, of its files, and of each object and stream of its PDFs."""
    places = texts_in(raw)
    with zipfile.ZipFile(io.BytesIO(raw)) as pack:
        for name in pack.namelist():
            content = pack.read(name)
            if not content.startswith(b"%PDF-"):
                continue
            with pikepdf.open(io.BytesIO(content)) as pdf:
                for thing in pdf.objects:
                    places.append(thing.unparse())
                    if isinstance(thing, pikepdf.Stream):
                        places.append(thing.read_raw_bytes())
    return places


def holds(places: list[bytes], word: str) -> bool:
    return any(spelled in place for place in places for spelled in spellings(word))


def dark(picture: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Tell whether all of an area is black."""
    return picture.convert("L").crop(box).getextrema()[1] < 10  # type: ignore[operator]


def test_words_and_boxes_are_gone_from_a_pdf_and_so_is_all_that_it_says_beside(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    original = marked_pdf(SHOWN, HIDDEN)
    report = world.report((), [world.attach(original, name=f"{HIDDEN}.pdf")], what_happened="起きたこと")
    file = name_of(browser, report)
    place = f"{path_of(report)}/files/{file}"
    page = browser.get(place)
    ticks = [box.get("value") for box in page.all("input", name="line")]
    assert "これは残る行です" in page.text and len(ticks) >= 3
    # Without scripts: the first line is ticked, and a box is typed.
    data = page.fields("/keep") | {f"pk_box_{file}_1": "０ ９０ 100% 10"}
    assert browser.raw("POST", f"/ja/{place}/keep", data=data | {"line": ticks[0]}).status_code == 303
    again = browser.get(place)
    assert again.fields("/keep")[f"pk_box_{file}_1"].splitlines()[1] == ticks[0]
    assert [box.get("value") for box in again.all("input", name="line_before")] == [ticks[0]]
    shown = checked(browser, report, pk_words=SHOWN, **{f"pk_file_{file}": "yes"})
    assert "黒塗り 4 か所" in shown.text
    raw = handed_out(browser, report, shown)
    places = everything_in(raw)
    assert not holds(places, SHOWN) and not holds(places, HIDDEN)
    assert "鈴木" not in rendered_text(raw, "files/1.pdf", tmp_path)
    assert rendered_text(raw, "files/1.pdf", tmp_path).count("残る行") == 0  # no text at all
    # The control: the file as it goes along unchanged holds both, and the search finds them.
    whole = checked(browser, report, **{f"pk_file_{file}": "yes", f"pk_orig_{file}": "yes"})
    raw = handed_out(browser, report, whole)
    assert holds(everything_in(raw), HIDDEN) and SHOWN in rendered_text(raw, "files/1.pdf", tmp_path)


def test_what_is_under_a_box_is_not_in_the_pixels(world: World, browser: Browser, tmp_path: Path) -> None:
    report = world.report((), [world.attach(marked_pdf(SHOWN, HIDDEN), name="a.pdf")], what_happened="x")
    file = name_of(browser, report)
    fields = {f"pk_file_{file}": "yes", f"pk_box_{file}_1": "10 0 40 50", f"pk_whole_{file}_2": "yes"}
    raw = handed_out(browser, report, checked(browser, report, **fields))
    with zipfile.ZipFile(io.BytesIO(raw)) as pack:
        (tmp_path / "x.pdf").write_bytes(pack.read("files/1.pdf"))
    subprocess.run(["pdftoppm", "-r", "100", "-png", "x.pdf", "p"], cwd=tmp_path, check=True)
    first, second = (Image.open(tmp_path / f"p-{number}.png") for number in (1, 2))
    across, down = first.size
    assert dark(first, (across // 10 + 1, 0, across // 2 - 1, down // 2 - 1)) and dark(
        second, (0, 0, *second.size)
    )
    assert not dark(first, (0, 0, across // 10 - 2, down)) and not dark(
        first, (across // 2 + 2, 0, across, down)
    )
    listed = subprocess.run(
        ["pdfimages", "-list", "x.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 2 + 2  # a picture for each page, no other


@pytest.mark.parametrize(("form", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "jpg")])
def test_a_picture_is_made_anew_without_what_it_said(
    world: World, browser: Browser, form: str, ending: str
) -> None:
    original = marked_picture(form, HIDDEN)
    assert HIDDEN.encode() in original
    report = world.report((), [world.attach(original, name=f"写真.{form.lower()}")], what_happened="x")
    file = name_of(browser, report)
    fields = {f"pk_file_{file}": "yes", f"pk_box_{file}_1": "0 0 30 100"}
    raw = handed_out(browser, report, checked(browser, report, **fields))
    assert not holds([raw], HIDDEN)
    with zipfile.ZipFile(io.BytesIO(raw)) as pack:
        picture = Image.open(io.BytesIO(pack.read(f"files/1.{ending}")))
    assert picture.size == (400, 200) and not picture.getexif() and dark(picture, (0, 0, 118, 200))
    assert picture.convert("L").crop((124, 0, 400, 200)).getextrema()[0] > 240  # type: ignore[operator]


def test_what_cant_be_drawn_is_said_and_nothing_is_made(world: World, browser: Browser) -> None:
    with pikepdf.open(io.BytesIO(one_page())) as pdf:
        locked = io.BytesIO()
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    files = [locked.getvalue(), b"%PDF-1.7 junk", b"no picture", one_page()[:200]]
    entries = [world.attach(raw, name=f"{number}.pdf") for number, raw in enumerate(files)]
    report = world.report((), entries, what_happened="x")
    for number, said in enumerate(("パスワードで保護", "読めない", "読めない", "読めない")):
        file = name_of(browser, report, number)
        page = checked(browser, report, **{f"pk_file_{file}": "yes"})
        assert page.status == 400 and said in page.text and "まだ何も作っていません" in page.text, number
        assert said in browser.get(f"{path_of(report)}/files/{file}").text
        browser.post(f"{path_of(report)}/discard", browser.get(path_of(report)).fields("/pack/check"))


@pytest.mark.parametrize("typed", ["10 20 30", "10 20 30 x", "10 20 0 5", "200 1 1 1", "1 1 1 1 1"])
def test_a_box_that_is_none_is_said_and_stays(world: World, browser: Browser, typed: str) -> None:
    report = world.report((), [world.attach(one_page(), name="a.pdf")], what_happened="x")
    file = name_of(browser, report)
    place = f"{path_of(report)}/files/{file}"
    data = browser.get(place).fields("/keep") | {f"pk_box_{file}_1": typed}
    browser.raw("POST", f"/ja/{place}/keep", data=data)
    page = Page(browser.raw("GET", f"/ja/{place}"))
    assert (
        page.status == 400 and "4 つの数字" in page.text and page.fields("/keep")[f"pk_box_{file}_1"] == typed
    )
    page = checked(browser, report, **{f"pk_file_{file}": "yes"})
    assert page.status == 400 and "4 つの数字" in page.text


def test_boxes_survive_the_lock_and_drawn_pages_do_not(world: World, browser: Browser) -> None:
    report = world.report((), [world.attach(one_page(), name="a.pdf")], what_happened="x")
    locking = Browser(world.desk())
    file = name_of(locking, report)
    place = f"{path_of(report)}/files/{file}"
    data = locking.get(place).fields("/keep") | {f"pk_box_{file}_1": "1 2 3 4"}
    page = checked(locking, report, **{f"pk_file_{file}": "yes"})
    [picture] = [image.get("src") for image in page.all("img")]
    assert locking.raw("GET", picture).mimetype == "image/jpeg"
    here = desk_of(locking.app)
    assert here.drawings._kept and here.drawings._looks
    here.keyring.lock()
    assert not here.drawings._kept and not here.drawings._looks
    locked = Page(locking.raw("POST", f"/ja/{place}/keep", data=data))
    assert locked.status == 403
    again = locking.post("unlock", locked.fields("/unlock") | {"passphrase": PASSPHRASE})
    assert again.fields("/keep")[f"pk_box_{file}_1"] == "1 2 3 4"
    assert locking.raw("GET", picture).status_code == 404


def test_a_pack_is_made_of_what_was_looked_at(world: World, browser: Browser) -> None:
    report = world.report((), [world.attach(one_page(), name="a.pdf")], what_happened="x")
    file = name_of(browser, report)
    seen = checked(browser, report, **{f"pk_file_{file}": "yes"})
    place = f"{path_of(report)}/files/{file}"
    data = browser.get(place).fields("/keep") | {f"pk_box_{file}_1": "1 2 3 4"}
    browser.raw("POST", f"/ja/{place}/keep", data=data)
    answer = browser.raw("POST", f"/ja/{path_of(report)}/make", data=seen.fields("/pack/make"))
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/pack/check")


def test_long_work_is_shown_page_by_page(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_drawing, "SECONDS", 0.0)
    report = world.report((), [world.attach(marked_pdf(SHOWN, HIDDEN), name="a.pdf")], what_happened="x")
    file = name_of(browser, report)
    form = browser.get(path_of(report)).fields("/pack/check") | {"pk_to": "弁護士", f"pk_file_{file}": "yes"}
    page = browser.post(f"{path_of(report)}/check", form)
    assert "2 ページ中 1 ページまで" in page.text and page.all("progress")[0].get("value") == "1"
    assert [meta.get("content") for meta in page.all("meta") if meta.get("http-equiv") == "refresh"] == ["0"]


def test_boxes_are_drawn_by_mouse_and_keyboard_where_they_are_painted(
    world: World, chromium_browser: Chromium
) -> None:
    report = world.report((), [world.attach(marked_pdf(SHOWN, HIDDEN), name="a.pdf")], what_happened="x")
    with desk_in(chromium_browser, world, "en", viewport={"width": 1280, "height": 800}) as (page, base):
        at = by_handles(world.apps[-1], f"{base}{path_of(report)}")
        page.goto(at)
        page.fill("#pk_to", "Counsel")
        page.check("input[name^=pk_file_]")
        page.click("button[formaction$='/pack/go'] >> text=Black out in this file")
        page.wait_for_load_state("networkidle")
        shown, marked = (page.locator(f"#sheet {part}").bounding_box() for part in ("img", "svg"))
        assert shown == marked and shown is not None  # the page and its boxes lie on each other
        page.mouse.move(shown["x"] + shown["width"] * 0.1, shown["y"] + shown["height"] * 0.02)
        page.mouse.down()
        page.mouse.move(shown["x"] + shown["width"] * 0.5, shown["y"] + shown["height"] * 0.12, steps=3)
        page.mouse.up()
        page.click("#add")
        for key in ("ArrowUp", "Shift+ArrowRight"):
            page.keyboard.press(key)
        page.click("#add")
        page.keyboard.press("Delete")
        page.locator("input[name=line]").nth(2).check()
        assert findings(page) == [] and overflow(page) <= 0
        drawn, moved, line = page.input_value(".box-list").splitlines()
        assert [round(float(side)) for side in drawn.split()] == [10, 2, 40, 10] and moved == "30 44.5 40.5 5"
        page.goto(at)  # what was drawn went to the desk by itself
        page.click("button[data-act]")
        page.wait_for_selector("form[action$='/make']", timeout=60_000)
        assert findings(page) == [] and "4 passages blacked out" not in page.inner_text("main")
        assert "3 passages blacked out" in page.inner_text("main") and line
