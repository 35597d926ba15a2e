"""What a page of the inbox costs does not grow with the number of cases: statements, requests and bytes are counted."""

from __future__ import annotations

import os

from admin.desk.local.inbox_query import SORTS, VIEWS
from admin.desk.local.summary import CaseSummary
from admin.desk.server.responses import Change
from admin.desk.web.context import desk_of
from cases.deadlines import Deadline
from tests.desk.browser import Browser
from tests.desk.test_search import search
from tests.desk.world import CountingTransport, World

FEW, MANY = 200, 5_000
MOST_STATEMENTS, MOST_BYTES, MOST_BYTES_OF_A_SEARCH = 40, 60_000, 200_000
"""Statements of SQLite and bytes of one page; a page of the list has 25 cases, a search up to 200."""


def fill(browser: Browser, world: World, cases: range) -> None:
    """Put cases that were read already in a desk's local copy."""
    cache = desk_of(browser.app).work().cache
    ids = [os.urandom(16) for _ in cases]
    cache.add([Change(0, own, world.day, envelope_id=os.urandom(16), kind=1) for own in ids])
    owners = [auditor.card.person for auditor in world.auditors]
    cache.put_summaries(
        [
            CaseSummary(
                own,
                world.day,
                excerpt="顧客名簿が外に出ています",
                status=("received", "investigating", "closed")[place % 3],
                verified=True,
                is_open=True,
                fetched=True,
                owner=owners[place % 3] if place % 5 else None,
                severity=("low", "high", "")[place % 3],
                labels=(f"札{place % 7}",),
                deadlines=(Deadline("notice", world.day),),
                next_due=world.day,
            )
            for place, own in zip(cases, ids, strict=True)
        ],
        [],
    )


ADDRESSES = [
    *(f"?view={view}" for view in VIEWS if view),
    "",
    *(f"?sort={column}" for column in SORTS),
    "?sort=owner&down=1&since=2020-01-01&severity=high",
    "?page=3",
]


def counted(browser: Browser, wire: CountingTransport, ask: str) -> tuple[int, int, int]:
    """Return the statements, the requests and the bytes of a page; `ask`: the end of its address, or `search:` and the
    words.
    """
    cache = desk_of(browser.app).work().cache
    statements: list[str] = []
    cache._db.set_trace_callback(statements.append)
    before = len(wire.requests)
    words = ask.removeprefix("search:")
    page = search(browser, words) if words != ask else browser.get(ask)
    cache._db.set_trace_callback(None)
    assert page.status == 200
    return len(statements), len(wire.requests) - before, len(page.html.encode())


def test_a_page_costs_the_same_whatever_the_number_of_cases(world: World) -> None:
    wire = CountingTransport()
    browser = Browser(world.desk(transport=wire))
    browser.get()
    asked = [*ADDRESSES, "search:2026", "search:a1", "search:顧客"]
    fill(browser, world, range(FEW))
    few = {ask: counted(browser, wire, ask) for ask in asked}
    fill(browser, world, range(FEW, MANY))
    many = {ask: counted(browser, wire, ask) for ask in asked}
    few_statements = {ask: counts[0] for ask, counts in few.items()}
    # A search that finds something asks what it found in one statement, and one that finds nothing does not.
    assert all(counts[0] <= few_statements[ask] + 2 for ask, counts in many.items()), (few, many)
    assert max(counts[0] for counts in many.values()) <= MOST_STATEMENTS
    # A page of the list asks whether there is something new, and for the list of auditors; a search asks nothing.
    assert {counts[1] for ask, counts in many.items() if not ask.startswith("search:")} == {2}
    assert {counts[1] for ask, counts in many.items() if ask.startswith("search:")} == {0}
    assert max(counts[2] for ask, counts in many.items() if not ask.startswith("search:")) <= MOST_BYTES
    assert max(counts[2] for counts in many.values()) <= MOST_BYTES_OF_A_SEARCH
