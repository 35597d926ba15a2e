"""Makes docs/screenshots/*.png: each kind of page of the reporter's site, on a phone.

python -m tests.browser.screenshots
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.support.browser import chromium, page_of
from tests.support.site import Site, make_site, running

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
PHONE = {"width": 360, "height": 740}
PLAIN = ("", "outside", "outside/all", "safety", "keys", "status", "exit")
TEXT = "顧客名簿が外部に送られましたが、上司は報告しないと言いました。"


def _take(page: Page, name: str) -> None:
    page.screenshot(path=OUT / f"{name}.png", clip={"x": 0, "y": 0, "width": 360, "height": 740})


def _journey(page: Page, site: Site) -> None:
    page.goto(f"{site.base}/ja/report")
    page.locator(".moves").wait_for()
    page.fill("#what_happened", TEXT)
    _take(page, "report")
    for _ in range(5):
        page.locator(".moves .button:not(.second)").click()
    page.locator("#review dl").wait_for()
    _take(page, "report-check")
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    _take(page, "receipt")
    page.goto(f"{site.base}/ja/status")
    page.locator("#way[data-way=browser]").wait_for()
    page.fill("#code", code)
    page.click("#code-form button")
    page.locator("article").wait_for()
    _take(page, "case")


def main() -> None:
    """Serve a site for a while and photograph it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(make_site(Path(folder) / "site")) as site,
        chromium() as browser,
    ):
        with page_of(browser, viewport=PHONE, locale="ja-JP") as page:
            for name in PLAIN:
                page.goto(f"{site.base}/ja/{name}")
                _take(page, name.replace("/", "-") or "home")
            for code in ("en", "easy"):
                page.goto(f"{site.base}/{code}/")
                _take(page, f"home-{code}")
            _journey(page, site)
        with page_of(browser, viewport=PHONE, locale="ja-JP", color_scheme="dark") as page:
            page.goto(f"{site.base}/ja/")
            _take(page, "home-dark")
        with page_of(browser, viewport=PHONE, locale="ja-JP", java_script_enabled=False) as page:
            page.goto(f"{site.base}/ja/report")
            _take(page, "report-without-scripts")


if __name__ == "__main__":
    main()
