"""Makes docs/screenshots/log/bury-*.webp: what desk and reporter see after each attack of docs/how-to/bury-a-report.md.

Runs `meyasubako demo --days` and the page's own SQL. Part of `make screenshots`; or
python -m tests.browser.bury_screenshots [FOLDER].
"""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.log_screenshots import OUT
from tests.browser.screenshots import STEPS
from tests.cli.test_demo import Demo, attack, demo, next_day
from tests.support.browser import chromium, page_of

PHONE = {"width": 390, "height": 800}
DESKTOP = {"width": 1280, "height": 800}
LONGEST = 1100
"""Pixels of a page that are kept: what is said is at its top."""


@dataclass(frozen=True)
class Scene:
    """A running demo with one auditor's and one reporter's browser."""

    running: Demo
    desk: Page
    reporter: Page
    folder: Path

    @property
    def site(self) -> str:
        """The reporter's site, in Japanese."""
        return f"http://127.0.0.1:{self.running.port}/ja"

    @property
    def root(self) -> str:
        """The desk, in Japanese."""
        return f"{self.running.link().partition('/open/')[0]}/ja"

    def send(self, text: str) -> str:
        """Send a report as a browser does; return its code."""
        page = self.reporter
        page.goto(f"{self.site}/report")
        page.locator(".moves").wait_for()
        page.fill("#what_happened", text)
        for _ in range(STEPS):
            page.locator(".moves .button:not(.second)").click()
        page.locator("#review dl").wait_for()
        page.click("#form button[type=submit]")
        return page.locator(".receipt .code").inner_text()

    def look(self, name: str, code: str, everything: bool = False) -> None:
        """Photograph what desk and reporter see."""
        self.desk.goto(f"{self.root}/")
        self.desk.goto(f"{self.root}/log")
        self._take(self.desk, f"bury-{name}-desk")
        page = self.reporter
        page.goto(f"{self.site}/status")
        page.fill("#code", code)
        page.click("#code-form button")
        page.locator("#log-part").wait_for(state="attached")
        page.locator("[data-where], #log-alert > *, main .warn").first.wait_for()
        if everything:
            page.locator("#log-part").evaluate("part => (part.open = true)")
            page.click("#log-check")
            page.locator("#log-checked [data-rule]").wait_for()
            # It stays at the top of the window and would cover the part's first line.
            page.locator("body > header").evaluate("header => (header.style.position = 'static')")
            page.locator("#log-part").scroll_into_view_if_needed()
            picture = page.locator("#log-part").screenshot()
            self._save(picture, f"bury-{name}-reporter")
        else:
            self._take(page, f"bury-{name}-reporter")

    def _take(self, page: Page, name: str) -> None:
        self._save(page.screenshot(full_page=True), name)

    def _save(self, raw: bytes, name: str) -> None:
        picture = Image.open(io.BytesIO(raw))
        top = picture.crop((0, 0, picture.width, min(picture.height, LONGEST)))
        top.save(self.folder / f"{name}.webp", lossless=False, quality=70, method=6)

    def set_status(self, text: str) -> None:
        """Set the status of the case whose report has this text, at the desk."""
        page = self.desk
        page.goto(f"{self.root}/")
        page.locator("main article, main li, main tr").filter(has_text=text).locator(
            "a[href*='/cases/']"
        ).first.click()
        page.locator("#status-investigating").check()
        page.locator("button[formaction$='/status']").first.click()
        page.locator("p.done").first.wait_for()


def _attacks(scene: Scene) -> None:
    running = scene.running
    kept = scene.send("守られる通報です。")
    next_day(running)
    scene.look("honest", kept, everything=True)
    scene.set_status("守られる通報です。")
    next_day(running)
    attack(running.folder, "drop-status")
    scene.look("drop-status", kept, everything=True)
    for name in ("withhold", "leave-out", "exchange"):
        code = scene.send(f"{name} の通報です。")
        attack(running.folder, name)
        next_day(running, 2)
        scene.look(name, code)
    attack(running.folder, "edit-log")
    next_day(running, 3)
    scene.look("edit-log", kept)


def main(folder: Path = OUT) -> None:
    """Run a demo, attack it and photograph what is seen."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        demo(Path(place) / "demo", None, None, "--days") as running,
        chromium() as browser,
        page_of(browser, viewport=DESKTOP) as desk,
        page_of(browser, viewport=PHONE) as reporter,
    ):
        reporter.on("dialog", lambda dialog: dialog.accept())
        desk.goto(running.link())
        _attacks(Scene(running, desk, reporter, folder))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
