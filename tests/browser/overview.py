"""Makes docs/screenshots/overview.png from a running demo: the form on a phone beside the auditor's desk.

python -m tests.browser.overview http://127.0.0.1:8000 "the desk's one-time link"
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from playwright.sync_api import FloatRect, Page

from tests.support.browser import chromium, page_of

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots" / "overview.png"


def _picture(page: Page, height: int) -> str:
    return base64.b64encode(page.screenshot(clip=_upper_part(page, height))).decode()


def _upper_part(page: Page, height: int) -> FloatRect:
    assert page.viewport_size is not None
    return {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}


def main(site: str, desk_link: str) -> None:
    """Take both pictures and put them side by side."""
    with chromium() as browser:
        with page_of(browser, viewport={"width": 390, "height": 844}, locale="ja-JP") as page:
            page.goto(f"{site}/ja/report")
            form = _picture(page, 844)
        with page_of(browser, viewport={"width": 1000, "height": 844}, locale="ja-JP") as page:
            page.goto(desk_link)
            page.locator("main a[href*='/cases/']").first.click()
            page.wait_for_url("**/cases/**")
            desk = _picture(page, 844)
        with page_of(browser, viewport={"width": 1440, "height": 884}) as page:
            images = "".join(
                f'<img src="data:image/png;base64,{image}" style="border:1px solid #999;height:844px">'
                for image in (form, desk)
            )
            page.set_content(f'<body style="margin:20px;display:flex;gap:16px;background:#e8eaf0">{images}')
            page.screenshot(path=OUT)


if __name__ == "__main__":
    main(*sys.argv[1:3])
