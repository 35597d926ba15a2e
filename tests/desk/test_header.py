"""The head of every page of the desk: the same ways to the same places, and a lock that locks."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from admin.desk.web.context import desk_of
from tests.desk.browser import HTML, Browser, Page
from tests.desk.test_pages import addresses, make_scene
from tests.desk.world import World

HEAD = ["受信箱", "担当者", "統計", "共通の記録", "手引き"]


def ways_of(page: Page) -> list[str]:
    """Return the names of the pages that the head leads to."""
    nav = page.all("nav", class_="pages")[0]
    return ["".join(way.itertext()) for tag in ("a", "button") for way in nav.iter(f"{HTML}{tag}")]


def lock(browser: Browser, page: Page) -> None:
    """Press the lock as a browser would: with the form that the button belongs to."""
    (button,) = page.all("button", class_="lock")
    form = next(
        form for form in page.all("form") if form.get("id") == button.get("form") or button in [*form.iter()]
    )
    path = urlsplit(button.get("formaction") or form.get("action")).path
    browser.raw("POST", path, data=page.fields(path))


@pytest.mark.parametrize("who", [0, 2])
def test_each_page_has_the_same_head_and_its_buttons_work(world: World, who: int) -> None:
    """`Page` looks at each page: every control's form is on it, and the other language is this page's."""
    scene = make_scene(world)
    browser = Browser(world.desk(who))
    answers = [browser.raw("GET", f"/ja/{path}") for path in addresses(scene)]
    # What only a lead may mark leads an auditor back to the pack.
    pages = [Page(answer) for answer in answers if answer.status_code != 303]
    shown = [page for page in pages if page.status == 200]
    assert len(shown) > 30
    assert {page.response.request.path: ways for page in shown if (ways := ways_of(page)) != HEAD} == {}
    assert all(len(page.all("button", class_="lock")) == 1 for page in shown)


def test_the_lock_works_where_nothing_can_be_typed(world: World) -> None:
    sent = world.report()
    app = world.desk(1)
    browser = Browser(app)
    page = browser.get(f"cases/{sent.case_id.hex()}/pack")
    assert "責任者だけです" in page.text
    lock(browser, page)
    assert desk_of(app).keyring.is_locked
