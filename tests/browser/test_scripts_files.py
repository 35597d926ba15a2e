"""Files with scripts on: chosen, cleaned or asked about, sealed, sent on after a lost connection."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route

from portal.cleaning import kinds
from tests.browser.scripted import (
    KINDS,
    STEPS,
    contents_of,
    findings_of,
    go_on,
    newest,
    open_case,
    open_form,
    payloads,
    send_report,
)
from tests.portal.cleaning import files
from tests.portal.cleaning.look import told
from tests.support.reporter import inputs
from tests.support.site import Site


def test_what_a_file_would_tell_is_said_before_it_goes(site: Site, page: Page) -> None:
    open_form(page, site)
    page.fill("#what_happened", "写真は後から送ります")
    go_on(page, 4)
    page.set_input_files("#files", {"name": "計画.pdf", "mimeType": "", "buffer": b"%PDF-1.7 of somebody"})
    page.locator("#step-files .warn").wait_for()
    assert "計画.pdf" in page.inner_text("#step-files")
    page.get_by_role("button", name="外す: 計画.pdf", exact=True).click()
    page.locator("#step-files .warn").wait_for(state="detached")
    open_case(page, site, send_report(page, site, "写真は後から送ります"))
    page.set_input_files("#files", {"name": "計画.pdf", "mimeType": "", "buffer": b"%PDF-1.7 of somebody"})
    page.locator("#write .files .warn").wait_for()
    assert "計画.pdf" in page.inner_text("#write .files") and len(newest(site).payload.get("files", [])) == 0


def test_choosing_again_adds_and_each_file_can_be_taken_off(site: Site, page: Page) -> None:
    """On both pages; by keyboard, with the focus on the next one, and told to screen readers."""

    def texts(*names: str) -> list[FilePayload]:
        return [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in names]

    def choose_and_take_off(place: str) -> None:
        listed = page.locator(f"{place} .files li")
        page.set_input_files("#files", texts("a.txt", "b.txt"))
        page.set_input_files("#files", texts("c.txt", "a.txt"))
        listed.nth(3).locator(".small").wait_for()
        page.set_input_files("#files", [])
        assert listed.count() == 4 and listed.nth(0).inner_text().count("a.txt") == 1
        said = page.locator(f"{place} [role=status]").last
        assert "4 / 20 件" in said.inner_text()
        listed.nth(0).locator("button").focus()
        page.keyboard.press("Enter")
        assert "a.txt を外しました" in said.inner_text() and "3 / 20 件" in said.inner_text()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "外す: b.txt"
        assert page.evaluate("[...document.querySelector('#files').files].map(one => one.name)") == [
            "b.txt", "c.txt", "a.txt",
        ]  # fmt: skip
        assert findings_of(page) == []

    open_form(page, site)
    page.fill("#what_happened", "ファイルを足します")
    go_on(page, 4)
    choose_and_take_off("#step-files")
    go_on(page, 2)
    page.locator("#review dd :is(p, div).words").nth(2).wait_for()
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    assert [one["name"] for one in newest(site).payload["files"]] == ["b.txt", "c.txt", "a.txt"]
    open_case(page, site, code)
    choose_and_take_off("#write")
    page.fill("#message", "ファイルの続き")
    page.click("#write button:not([type])")
    page.locator("article", has_text="ファイルの続き").wait_for()
    assert [one["name"] for one in newest(site).payload["files"]] == ["b.txt", "c.txt", "a.txt"]


def test_what_cannot_be_cleaned_is_asked_for_before_it_goes(site: Site, page: Page) -> None:
    """As it is, without it, or later: nothing of it goes without an answer, and everything typed stays."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/sealed/" in request.url else None)
    open_form(page, site)
    page.fill("#what_happened", "写真と書類があります")
    go_on(page, 4)
    page.set_input_files("#files", payloads({name: data for name, (data, _) in KINDS.items()}))
    items = page.locator("#step-files .files li")
    for at, (_, words) in enumerate(KINDS.values()):
        line = items.nth(at).locator(".warn")
        line.wait_for()
        assert words in line.inner_text() and "スクリプト" not in line.inner_text()
    for name in KINDS:
        go_on(page)
        notice = page.locator("#sealed-notice")
        notice.get_by_text(f"{name} からは").wait_for()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"このまま送る: {name}"
        answer = {"計画.pdf": "このまま送る", "全部.zip": "あとで送る"}.get(name, "外す")
        page.get_by_role("button", name=f"{answer}: {name}", exact=True).click()
    assert sent == [] and items.count() == 1 and "このまま送ります" in items.inner_text()
    go_on(page, 2)
    page.locator("#review dd").first.wait_for()
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for()
    (entry,) = newest(site).payload["files"]
    assert (entry["name"], entry["cleaned"]) == ("計画.pdf", "not")
    assert contents_of(site, entry) == KINDS["計画.pdf"][0]


def test_words_fit_what_was_chosen(site: Site, page: Page) -> None:
    """Nothing is asked of what was cleaned, or of text, in which nothing is hidden."""
    open_form(page, site)
    page.fill("#what_happened", "x")
    go_on(page, 4)
    chosen = {
        "メモ.txt": "10月2日、名簿が持ち出された。".encode(),
        "sjis.csv": "氏名,部署\r\n".encode("shift_jis"),
    }
    pictures = {"a.jpg": files.jpeg(told=False), "b.jpg": files.jpeg(orientation=6)}
    page.set_input_files(
        "#files",
        payloads(chosen | pictures),
    )
    items = page.locator("#step-files .files li")
    for at, words in enumerate(
        (
            "隠れた情報はありません",
            "隠れた情報はありません",
            "埋め込まれた、あなたが分かる情報はありません",
            "取り除きました",
        )
    ):
        items.nth(at).get_by_text(words).wait_for()
    assert page.locator("#step-files .warn").count() == 0
    assert "写真に写っているもの" in items.nth(3).inner_text()
    go_on(page)
    page.locator("#step-exclude").wait_for()
    go_on(page)
    page.locator("#review dd").first.wait_for()
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    page.fill("#last-four", code[-4:])
    open_case(page, site, code)
    sent = page.locator("article.own").first
    assert sent.locator(".warn").count() == 0, "what is said before sending is said after it"
    assert (
        sent.inner_text().count("隠れた情報はありません")
        == sent.inner_text().count("写真に写っているもの")
        == 2
    )


def test_pictures_and_office_files_are_cleaned_before_they_are_sealed(site: Site, page: Page) -> None:
    """Chosen, sealed, opened at a desk, and looked into by another program; their script comes when it is needed."""
    scripts: list[str] = []
    page.on(
        "request", lambda request: scripts.append(request.url) if "/static/built/" in request.url else None
    )
    made = {
        "a.docx": files.docx(),
        "b.xlsm": files.xlsx(binary=True),
        "c.pptx": files.pptx(),
        "d.jpg": files.jpeg(orientation=6),
        "e.png": files.png(),
        "f.webp": files.webp(orientation=8),
    }
    assert all(len(told(data)) >= 3 for data in made.values()), "the control: each of them tells"
    open_form(page, site)
    page.fill("#what_happened", "資料を送ります")
    go_on(page, 4)
    assert not any("office" in one or "cleaning" in one for one in scripts)
    page.set_input_files("#files", payloads(made))
    page.get_by_role("button", name="このまま送る: b.xlsm", exact=True).click()
    assert sum("office" in one for one in scripts) == 1
    go_on(page, 2)
    page.locator("#review dd :is(p, div).words").nth(5).wait_for()
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for()
    entries = newest(site).payload["files"]
    assert [(one["name"], one["cleaned"]) for one in entries] == [
        (name, "partly" if name == "b.xlsm" else "removed") for name in made
    ]
    for entry in entries:
        data = contents_of(site, entry)
        # Which way up a photo is stays, and nothing else.
        assert [line for line in told(data) if "Orientation" not in line and "Byte Order" not in line] == []
        server = kinds.clean(made[entry["name"]])
        assert (server.found, len(server.data) > 0) == (tuple(entry["found"]), True)


@pytest.mark.parametrize("script", ["cleaning", "files"])
def test_without_the_script_that_cleans_nothing_goes_unasked(site: Site, page: Page, script: str) -> None:
    page.route(f"**/static/built/{script}-*", lambda route: route.abort(), times=1)
    open_form(page, site)
    page.fill("#what_happened", "x")
    go_on(page, 4)
    photo = payloads({"a.jpg": files.jpeg()})
    page.set_input_files("#files", photo)
    page.get_by_text("通信が途切れたため").wait_for()
    go_on(page)
    page.locator("#sealed-notice").wait_for()
    page.get_by_role("button", name="外す: a.jpg", exact=True).click()
    page.set_input_files("#files", photo)
    page.locator("#step-files").get_by_text("取り除きました").wait_for()


def test_a_file_that_went_away_is_said_and_nothing_is_sent(site: Site, page: Page, tmp_path: Path) -> None:
    gone = tmp_path / "memo.txt"
    gone.write_text("メモ", encoding="utf-8")
    page.route("**/sealed/report", lambda route: pytest.fail("sent"))
    open_form(page, site)
    page.fill("#what_happened", "残る文")
    page.set_input_files("#files", gone)
    go_on(page, STEPS - 1)
    page.locator("#review dd :is(p, div).words").wait_for()
    gone.unlink()
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.get_by_text("読めなくなったファイルがあります").wait_for()
    assert notice.locator("button").count() == 0 and page.input_value("#what_happened") == "残る文"


def test_files_that_came_without_scripts_go_on_without_them(site: Site, page: Page) -> None:
    """They are in the form's hidden field, and no sealed report could have them."""
    hidden = site.reporter().form()
    parts = [*hidden.items(), ("what_happened", ""), ('files"; filename="a.txt', "x")]
    answer = site.reporter().post("report", parts)
    assert "kept_files" in inputs(answer.text)
    page.route("**/ja/report", lambda route: route.fulfill(body=answer.text, content_type="text/html"))
    page.goto(f"{site.base}/ja/report")
    page.wait_for_load_state("networkidle")
    assert page.locator(".moves").count() == 0 and page.locator("#way[data-way=browser]").count() == 0


def test_an_upload_goes_on_after_a_lost_connection(site: Site, page: Page) -> None:
    data, offsets = secrets.token_bytes(2_500_000), list[int]()

    def piece(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        offsets.append(int.from_bytes(body[24:32], "big"))
        if len(offsets) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/sealed/piece", piece)
    open_form(page, site)
    page.fill("#what_happened", "大きな証拠")
    go_on(page, 4)
    page.set_input_files("#files", {"name": "b.bin", "mimeType": "", "buffer": data})
    page.get_by_text("このまま送る").click()
    go_on(page, 2)
    page.locator("#review dd :is(p, div).words").wait_for()
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for(timeout=60_000)
    assert offsets[1] == offsets[2] and offsets == sorted(offsets)
    (file,) = newest(site).payload["files"]
    assert contents_of(site, file) == data
