"""The tests' bundle of the page's scripts, run in Node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from portal.scripts import build as scripts

RUN = scripts.HERE / "test" / "run.mjs"


def built(folder: Path) -> Path:
    """Build the tests' bundle into a folder and return the file."""
    scripts.build(folder, ["test/operations.ts"])
    (found,) = folder.glob("operations-*.js")
    return found


def in_node(bundle: Path, function: str, given: Any, has_subtle: bool = True) -> Any:
    """Call one of the bundle's functions in Node. `has_subtle`: with WebCrypto, as where a page is a secure context."""
    called = [*scripts.node(), str(RUN), str(bundle), function, *([] if has_subtle else ["no-subtle"])]
    done = subprocess.run(called, input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@contextmanager
def on_page(bundle: Path, browser: Browser, address: str) -> Iterator[Page]:
    """Load the bundle in an empty page: an address with `https:` is a secure context, with `http:` it is none."""
    page = browser.new_page()
    try:
        page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
        page.goto(address)
        page.add_script_tag(content=bundle.read_text(encoding="utf-8"), type="module")
        page.wait_for_function("'tests' in globalThis")
        yield page
    finally:
        page.close()
