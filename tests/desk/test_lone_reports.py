"""A report that nothing followed yet is read in one go: the same as the long way makes of it, and what is put off is
said, and done before anything leaves the desk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.desk.casework.lone_report import LoneReports
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.casework.work import Work
from admin.desk.local.copy import Cache
from admin.desk.local.summary import UNCHECKED, UNSIGNED
from admin.desk.server.client import Server
from admin.desk.server.responses import Change, SealedBytes
from admin.desk.web.context import desk_of
from crypto import messages, seal
from crypto.encoding import normalize_text
from crypto.envelope import Kind
from crypto.listing import Listing, addressed
from crypto.receipt import derive, new_code
from tests.desk.browser import Browser
from tests.desk.test_search import search
from tests.desk.world import World
from tests.support.site import Auditor, make_auditors
from tests.support.trials import trials

DAY = date(2026, 11, 23)
FILE = {
    "object": "0f" * 16,
    "key": "A" * 43,
    "hash": "A" * 43,
    "size": 5,
    "name": "名簿.xlsx",
    "type": "text/plain",
    "cleaned": "nothing",
    "found": [],
}


class CopyOnly(Work):
    """A desk that has a list of auditors and no server."""

    people: SiteRoster

    def _known(self) -> SiteRoster:
        return self.people


@dataclass
class Feed:
    """Reports as a server hands them out."""

    auditors: list[Auditor]
    changes: list[Change]
    sealed: dict[bytes, SealedBytes]

    def add(
        self,
        answers: Mapping[str, Any],
        day: int = 0,
        forged: bool = False,
        readers: int = 2,
        named: int = 2,
        excluded: bool = False,
        fault: str = "",
    ) -> None:
        """Seal a report. `readers`: of the auditors, so many get slots; `named`: so many does the payload name."""
        receipt, other = derive(new_code(), bytes(16)), derive(new_code(), bytes(16))
        cards = [auditor.card for auditor in self.auditors]
        envelope_id, case_id = os.urandom(16), receipt.case_id
        slots = [seal.Recipient(card.key_id, card.box_pk, excluded and card is cards[0]) for card in cards]
        files = [FILE] if fault == "file" else []
        payload = messages.report_payload(answers, [cards[0].person] if excluded else [], receipt, files)
        payload |= {"envelope_id": envelope_id.hex()}
        payload = addressed(payload, Listing(cards).prefix(), [card.key_id for card in cards[:named]])
        if fault == "moved":
            payload["case_id"] = other.case_id.hex()
        if fault == "unknown field":
            payload["extra"] = "？"
        if fault == "intake":
            claim = {"channel": "letter", "day": DAY.isoformat(), "code": "none"}
            payload["intake"] = {**claim, "author": cards[0].key_id.hex(), "sig": "A" * 86}
        if fault == "no text":
            del payload["what_happened"]
        signed = messages.sign_reporter(Kind.REPORT, payload, other if forged else receipt)
        raw = seal.seal(Kind.REPORT, envelope_id, signed, slots[:readers]).raw
        if fault == "damaged":
            raw = raw[:-1] + bytes([raw[-1] ^ 1])
        if fault == "act key":
            raw = raw[:53] + bytes([raw[53] ^ 1]) + raw[54:]
        if fault != "withheld":
            self.sealed[envelope_id] = SealedBytes(envelope_id, raw, ())
        seq, came = len(self.changes) + 1, DAY - timedelta(days=day)
        self.changes.append(Change(seq, case_id, came, envelope_id=envelope_id, kind=1))
        if fault == "second envelope":
            self.changes.append(Change(seq + 1, case_id, came, envelope_id=os.urandom(16), kind=2))
        if fault == "status":
            said = Change(seq + 1, case_id, came, sequence=1, status="investigating")
            self.changes.append(replace(said, author=cards[0].key_id, sig=bytes(64), act_sig=bytes(64)))


@pytest.fixture(scope="module")
def auditors() -> list[Auditor]:
    return make_auditors(2)


def read(folder: Path, feed: Feed, how: str) -> dict[str, Any]:
    """Read a feed at a new desk and return all that is kept of it. `how`: the long way, at once, or put off."""
    own = feed.auditors[0].identity
    listing = Listing(auditor.card for auditor in feed.auditors)
    people = SiteRoster(listing, salt=bytes(16), site_pk=bytes(32))
    with (
        closing(Cache(folder / f"{how}.sqlite3", own.index_key)) as cache,
        pytest.MonkeyPatch.context() as patch,
    ):
        if how == "long":
            patch.setattr(LoneReports, "read", lambda *_: None)
        cache.add(feed.changes)
        cache.add_sealed(list(feed.sealed.values()))
        work = CopyOnly(own, cache, Server("http://127.0.0.1:1", lambda: DAY), lambda: DAY)
        work.people = people
        while waiting := cache.unread(200):
            work.read(Situation(people), waiting, feed.sealed, puts_off=how == "put off")
        rows = cache._db.execute("SELECT * FROM summary ORDER BY case_id").fetchall()
        waits = {line.case_id for line in cache.unchecked(999)}
        if how == "put off":
            assert waits == {row[0] for row in rows if '"unchecked"' in row[-1]}
            work.check_reports(all_of_them=True)
            assert not work.check_reports(), "nothing is checked twice"
            rows = cache._db.execute("SELECT * FROM summary ORDER BY case_id").fetchall()
        texts = sorted(cache.search_index.documents())
        return {"rows": rows, "texts": texts, "put off": waits}


def same_in_all_ways(folder: Path, feed: Feed) -> dict[str, Any]:
    """Read a feed in three ways, and return what the one that put off said."""
    long, at_once, put_off = (read(folder, feed, how) for how in ("long", "at once", "put off"))
    assert long["rows"] == at_once["rows"] == put_off["rows"] and len(long["rows"]) > 0
    assert long["texts"] == at_once["texts"] == put_off["texts"]
    assert not long["put off"] and not at_once["put off"]
    return put_off


FAULTS = (
    "moved", "unknown field", "intake", "no text", "damaged", "act key", "withheld", "second envelope", "status",
)  # fmt: skip


def test_all_kinds_of_reports_are_read_the_same(tmp_path: Path, auditors: list[Auditor]) -> None:
    feed = Feed(auditors, [], {})
    plain = {"what_happened": "顧客名簿が外に出ています。", "cause": "loss", "language": "ja"}
    feed.add(plain)
    feed.add({**plain, "category": "harassment"}, day=30)
    feed.add({**plain, "category": "accounting", "cause": "own words"}, fault="file")
    feed.add(plain, forged=True)
    usual = len(feed.changes)
    for fault in FAULTS:
        feed.add(plain, fault=fault)
        feed.add(plain, fault=fault, forged=True)
    for readers, named in ((1, 2), (2, 1), (1, 1)):
        feed.add(plain, readers=readers, named=named)
        feed.add(plain, readers=readers, named=named, forged=True)
    feed.add(plain, excluded=True)
    put_off = same_in_all_ways(tmp_path, feed)
    # Only what is as usual in everything but its signature is put off: the list of readers is never.
    assert put_off["put off"] == {change.case_id for change in feed.changes[:usual]}


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@settings(max_examples=trials(5, 300), deadline=None)
@given(
    st.lists(
        st.tuples(WORDS, st.sampled_from(["", "loss", "insider"]), st.booleans(), st.integers(0, 400)),
        min_size=1,
        max_size=5,
    )
)
def test_any_words_are_read_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    auditors: list[Auditor],
    written: list[tuple[str, str, bool, int]],
) -> None:
    feed = Feed(auditors, [], {})
    for words, cause, forged, day in written:
        feed.add(
            {"what_happened": normalize_text(words), **({"cause": cause} if cause else {})},
            day=day,
            forged=forged,
        )
    same_in_all_ways(tmp_path_factory.mktemp("ways"), feed)


def statements(folder: Path, auditors: list[Auditor], count: int) -> int:
    """Return how many statements one reading of so many cases makes."""
    feed = Feed(auditors, [], {})
    for _ in range(count):
        feed.add({"what_happened": "通報"})
    own, listing = auditors[0].identity, Listing(auditor.card for auditor in auditors)
    people = SiteRoster(listing, salt=bytes(16), site_pk=bytes(32))
    with closing(Cache(folder / f"{count}.sqlite3", own.index_key)) as cache:
        cache.add(feed.changes)
        cache.add_sealed(list(feed.sealed.values()))
        asked: list[str] = []
        cache._db.set_trace_callback(asked.append)
        cache._vault._db.set_trace_callback(asked.append)
        work = CopyOnly(own, cache, Server("http://127.0.0.1:1", lambda: DAY), lambda: DAY)
        work.people = people
        assert work.read_some() and not cache.count_unread()
        return sum(text.startswith("SELECT") for text in asked)


def test_many_cases_take_as_many_questions_as_few(tmp_path: Path, auditors: list[Auditor]) -> None:
    assert statements(tmp_path, auditors, 3) == statements(tmp_path, auditors, 40) <= 14


@pytest.fixture
def unchecked(world: World) -> Iterator[tuple[World, Browser, bytes, bytes]]:
    """A desk that has read two reports and put their signatures off: a true one, and one that is forged."""
    code, forger = new_code(), derive(new_code(), world.salt)
    receipt = derive(code, world.salt)
    payload = messages.report_payload({"what_happened": "偽の通報"}, [], receipt)
    forged, true = (
        world.store_report(code, receipt, payload, signer=forger),
        world.report(what_happened="本当の通報"),
    )
    browser = Browser(world.desk())
    work = desk_of(browser.app).work()
    situation = work.refresh()
    waiting = work.cache.unread(9)
    sealed = work._sealed(situation, [line.report_id for line in waiting if line.report_id])
    work.read(situation, waiting, sealed, puts_off=True)
    assert len(work.cache.unchecked(9)) == 2
    yield world, browser, forged.case_id, true.case_id


def marks(browser: Browser) -> dict[bytes, str]:
    """Return what the desk holds of the signatures."""
    return {summary.case_id: summary.signature for summary in desk_of(browser.app).work().cache.summaries()}


def test_what_was_not_checked_is_called_so_until_its_case_is_opened(
    unchecked: tuple[World, Browser, bytes, bytes],
) -> None:
    _world, browser, forged, true = unchecked
    page = browser.get()
    assert (
        page.text.count("署名はまだ確認していません") == 2
        and "確認は、ほかの作業の合間に進みます" in page.text
    )
    assert "署名はまだ確認していません" in search(browser, "通報").text
    page = browser.case(forged)
    assert "正しい署名がありません" in page.text and not page.all("textarea", name="message")
    page = browser.case(true)
    assert "正しい署名がありません" not in page.text and page.all("textarea", name="message")
    assert marks(browser) == {forged: UNSIGNED, true: ""}
    page = browser.get()
    assert "署名はまだ確認していません" not in page.text and page.text.count("正しい署名がありません") == 1


@pytest.mark.parametrize("leaves", ["list", "numbers", "calendar", "beside the work"])
def test_signatures_are_checked_before_anything_leaves_the_desk(
    unchecked: tuple[World, Browser, bytes, bytes], leaves: str
) -> None:
    _world, browser, forged, true = unchecked
    if leaves == "list":
        form = {"csrf_token": browser.get().fields("/lock")["csrf_token"]}
        assert len(desk_of(browser.app).work().cache.unchecked(9)) == 2
        assert browser.raw("POST", "/ja/lists/cases.csv", data=form).status_code == 200
    elif leaves == "numbers":
        browser.get("statistics")
    elif leaves == "calendar":
        assert browser.raw("GET", "/ja/lists/due.ics").status_code == 200
    else:
        work = desk_of(browser.app).work()
        assert work.read_some() and not work.read_some()
    assert marks(browser) == {forged: UNSIGNED, true: ""}


def test_a_report_that_was_checked_is_not_called_unchecked_when_clocks_change(world: World) -> None:
    world.report(what_happened="通報")
    browser = Browser(world.desk())
    browser.get()
    work = desk_of(browser.app).work()
    work.cache.summaries_are_stale()
    assert work.read_some() and set(marks(browser).values()) == {""}


def test_a_signature_that_waits_is_the_only_thing_that_is_not_said(
    unchecked: tuple[World, Browser, bytes, bytes],
) -> None:
    _world, browser, forged, _true = unchecked
    cache = desk_of(browser.app).work().cache
    before = {summary.case_id: summary for summary in cache.summaries()}
    assert {summary.signature for summary in before.values()} == {UNCHECKED}
    desk_of(browser.app).work().check_reports(all_of_them=True)
    after = {summary.case_id: replace(summary, signature=UNCHECKED) for summary in cache.summaries()}
    assert after == before and forged in after


def test_a_look_asks_once_what_is_said_about_deleting(world: World, browser: Browser) -> None:
    world.report(what_happened="通報")
    browser.get()
    asked: list[str] = []
    desk_of(browser.app).work().cache._db.set_trace_callback(asked.append)
    browser.get()
    assert sum("DISTINCT case_id FROM act" in text for text in asked) == 1
