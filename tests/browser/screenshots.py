"""Makes docs/screenshots/*.webp: `make screenshots`, or python -m tests.browser.screenshots [folder].

Every page of the reporter's site in Japanese on a phone; the first page, the form and a report also in English, on a
desktop and in dark colours.
"""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.support.browser import chromium, page_of
from tests.support.site import Site, make_site, running

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 800}}
PLAIN = ("report/start", "outside", "outside/all", "safety", "keys", "privacy", "status")
STEPS = 6
TEXT = {
    "ja": "顧客名簿が外部に送られましたが、上司は報告しないと言いました。",
    "en": "The list of customers was sent outside, and my superior said that it would not be reported.",
}


@dataclass(frozen=True)
class Camera:
    """One page that is looked at in one language, size and scheme."""

    page: Page
    site: Site
    folder: Path
    look: tuple[str, str, str]

    def take(self, name: str) -> None:
        """Save what is in the window."""
        file = self.folder / f"{'-'.join((name, *self.look))}.webp"
        picture = Image.open(io.BytesIO(self.page.screenshot()))
        picture.save(file, lossless=False, quality=70, method=6)

    def open(self, path: str) -> None:
        """Open a page of the site in this language."""
        self.page.goto(f"{self.site.base}/{self.look[0]}/{path}")


def _journey(camera: Camera, whole: bool) -> None:
    page = camera.page
    camera.open("report")
    page.locator(".moves").wait_for()
    page.fill("#what_happened", TEXT[camera.look[0]])
    camera.take("report")
    for _ in range(STEPS):
        page.locator(".moves .button:not(.second)").click()
    page.locator("#review dl").wait_for()
    if whole:
        camera.take("report-check")
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    if whole:
        page.evaluate("scrollTo(0, 0)")
        camera.take("receipt")
    # The receipt asks before it is left.
    page.on("dialog", lambda dialog: dialog.accept())
    camera.open("status")
    page.locator("#way[data-way=browser]").wait_for()
    page.fill("#code", code)
    page.click("#code-form button")
    page.locator("article").wait_for()
    camera.take("case")


def main(folder: Path = OUT) -> None:
    """Serve a site for a while and photograph it."""
    with (
        tempfile.TemporaryDirectory() as place,
        running(make_site(Path(place) / "site")) as site,
        chromium() as browser,
    ):
        for language, size, scheme in product(("ja", "en"), SIZES, ("light", "dark")):
            with page_of(browser, viewport=SIZES[size], color_scheme=scheme) as page:
                camera = Camera(page, site, folder, (language, size, scheme))
                whole = camera.look == ("ja", "phone", "light")
                camera.open("")
                camera.take("home")
                for name in PLAIN if whole else ():
                    camera.open(name)
                    camera.take(name.replace("/", "-"))
                _journey(camera, whole)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
