"""Makes docs/screenshots/log/*.webp: each thing that a desk can say about the log, Japanese on a phone, English on a
desktop. Part of `make screenshots`; python -m tests.browser.log_screenshots FOLDER [all] (all: both sizes of both).
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from playwright.sync_api import Page

from admin.desk.casework import log_state
from admin.desk.casework.log_checks import LogAlert, LogFault
from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from tests.desk.world import World, make_world, serving, serving_desk
from tests.support.browser import chromium, findings, overflow, page_of

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots" / "log"
SIZES = {"phone": {"width": 390, "height": 800}, "desktop": {"width": 1280, "height": 800}}
TAKEN = (("ja", "phone"), ("en", "desktop"))
NAMES_CASES = {LogFault.EXCHANGED, LogFault.LEFT_OUT, LogFault.SPOILED, LogFault.ACT_WITHHELD}
OF_THE_WHOLE = {LogFault.FORK, LogFault.SHRUNK}


def alerts_of(
    world: World, case_id: bytes, faults: Sequence[LogFault] = tuple(LogFault)
) -> tuple[LogAlert, ...]:
    """Return one alert for each fault, as a desk finds it."""
    day = world.day - timedelta(days=1)
    return tuple(
        LogAlert(
            fault,
            None if fault in OF_THE_WHOLE else day,
            2 if fault is LogFault.WITHHELD else 1,
            (case_id,) if fault in NAMES_CASES else (),
        )
        for fault in faults
    )


def show(app: Flask, alerts: Sequence[LogAlert]) -> None:
    """Put alerts into a desk's sealed copy, as a look does."""
    work = desk_of(app).work()
    notes = tuple(f"meyasubako/{'0' * 32}\n{size}\n{'A' * 43}=\n" for size in (56, 56))
    fork = notes if any(alert.fault is LogFault.FORK for alert in alerts) else ()
    state = replace(work.log.state(), size=56, newest=desk_of(app).today(), fork=fork, alerts=tuple(alerts))
    log_state.save(work.cache, replace(state, asked=desk_of(app).today()))


def _pages(
    world: World, browser: Any, looks: Sequence[tuple[str, str]]
) -> Iterator[tuple[Page, str, str, str]]:
    sent, app = world.report(), world.desk()
    with serving_desk(app) as address:
        for language, size in looks:
            with page_of(browser, viewport=SIZES[size]) as page:
                page.goto(new_link(app))
                page.goto(f"{address}/{language}/")
                for alert in alerts_of(world, sent.case_id):
                    show(app, [alert])
                    page.goto(f"{address}/{language}/log")
                    wrong = [*findings(page), *(["overflow"] if overflow(page) > 0 else [])]
                    assert wrong == [], (alert.fault, language, size)
                    yield page, alert.fault.value, language, size


def main(folder: Path = OUT, looks: Sequence[tuple[str, str]] = TAKEN) -> None:
    """Serve a site and a desk for a while and photograph each alert."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        world = make_world(Path(place))
        with serving(world.wsgi()) as world.url:
            for page, fault, language, size in _pages(world, browser, looks):
                picture = Image.open(
                    io.BytesIO(page.locator("main section" if fault != "fork" else "main").screenshot())
                )
                picture.save(folder / f"{fault}-{language}-{size}.webp", lossless=False, quality=70, method=6)
        world.close()


if __name__ == "__main__":
    everything = tuple(product(("ja", "en"), SIZES))
    main(Path(sys.argv[1]) if sys.argv[1:] else OUT, everything if sys.argv[2:] == ["all"] else TAKEN)
