"""A real Chromium for tests: scripts on or off, any width, axe run in each page."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Error, Page, sync_playwright

PATIENCE: Final = 90.0
"""Seconds that a test waits for a page: one that derives keys takes long where other tests take the processor."""
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--accept-lang=en-US",  # whatever language the machine is set to
]
_VIOLATIONS = """axe.run(document, {resultTypes: ["violations"]}).then(({violations, testEngine}) => {
    if (testEngine.name !== "axe-core") throw new Error("axe did not run");
    return violations.flatMap(({id, nodes}) => nodes.map(n => `${id}: ${n.target} ${n.failureSummary}`));
})"""


def chromium_path() -> str:
    """Return the machine's Chromium; say what to install where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise AssertionError("Chromium is needed for the browser tests: apt-get install chromium fonts-noto-cjk")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium for the length of a block (root needs its sandbox off)."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*FLAGS, *(["--no-sandbox"] if root else [])]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open one page in a context of its own."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE * 1000)
    try:
        yield context.new_page()
    finally:
        context.close()


def findings(page: Page) -> list[str]:
    """Run every rule of axe in a page; return what it found, one line each."""
    page.wait_for_load_state("load")  # a page whose stylesheet is on its way has other colours
    # The package's own `run` brings every passed check of every node out of the page, which takes longer than to find
    # what is wrong.
    found = page.evaluate(f"() => {{ {AXE_SCRIPT}\n return {_VIOLATIONS}; }}")
    return [str(line) for line in found]


def until(page: Page, expression: str, arg: object = None) -> None:
    """Wait until a JavaScript expression, or a function of `arg`, is true in a page.

    Page.wait_for_function evaluates a string in the page again and again. A page's policy allows that the first time
    only, so where it is not true at once it fails.

    Raises TimeoutError after PATIENCE seconds.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if page.evaluate(expression, arg):
                return
        except Error as error:
            if "context was destroyed" not in error.message:  # another page is on its way
                raise
        page.wait_for_timeout(25)
    raise TimeoutError(f"not true within {PATIENCE} s: {expression}")


def overflow(page: Page) -> int:
    """Return by how many CSS pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def unfold(page: Page, part: str) -> None:
    """Open what a part of the page is folded away in."""
    page.locator(f"details:has({part})").first.evaluate("folded => (folded.open = true)")
