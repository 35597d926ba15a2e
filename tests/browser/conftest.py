"""One site for all browser tests of a worker, and a page with scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from portal import bundle
from tests.support.browser import page_of
from tests.support.site import Site, make_site, running


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    assert bundle.read(), "the scripts have to be built: make test builds them"


@pytest.fixture(scope="session")
def browser(chromium_browser: Browser) -> Browser:
    return chromium_browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(make_site(tmp_path_factory.mktemp("browser") / "site")) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page under the site's own policy, with scripts; whatever the policy stops, or breaks, fails the test."""
    with page_of(browser) as found:
        troubles: list[str] = []
        found.on("pageerror", lambda error: troubles.append(str(error)))
        found.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        yield found
        assert [one for one in troubles if "Failed to load resource" not in one] == []
