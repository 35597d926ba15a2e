"""What a reporter's page says of the log: the attacks of the design that a reporter has to notice, and their controls.

One site, one log: three reports of one day, of which the server leaves one out; two days' batches, one cosignature.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, delete, select, update

from admin.logbook import LogKeeper
from admin.verify.copies import read_copy
from cases.days import JST
from crypto import logleaf, messages, note, tlog
from crypto.certificate_verdict import judge
from crypto.encoding import b64e, hex_id
from crypto.log_witness import make_witness, witness_seed
from crypto.logbatch import log_verifier
from crypto.receipt import derive, parse_code
from store import cases as store_cases
from store import db
from store import log as store_log
from store import site as store_site
from store import tables as t
from store.config.secrets import load_secrets
from tests.browser.scripted import open_case, send_report
from tests.cli.command import meyasubako
from tests.portal.desk import Desk, open_as
from tests.support.browser import findings, overflow, page_of, unfold
from tests.support.roster import stored_roster
from tests.support.site import Site, make_site, running, today


@dataclass
class LoggedSite:
    """A site whose log has the batch of today and of tomorrow. `renewed`: the second code of a report. `before`: where
    the honest report was before its batch. `day`: today, as the fixture began; `now`: the day after, for the browser.
    """

    site: Site
    engine: Engine
    day: date
    honest: str
    buried: str
    renewed: str
    before: list[str | None]
    now: datetime


def _noon(day: date, days: int) -> datetime:
    return datetime.combine(day, datetime.min.time(), JST) + timedelta(days=days, hours=12)


def _days(logged: LoggedSite) -> set[str]:
    """Return the days on which the reports were sent: one, or two where the fixture went on over midnight."""
    with db.reading(logged.engine) as conn:
        return {
            day.isoformat() for (day,) in conn.execute(select(t.envelope.c.day).where(t.envelope.c.kind == 1))
        }


def _desk(site: Site, engine: Engine, code: str, day: date) -> Desk:
    first_card = load_secrets(site.settings.server.secret_file).first_card
    world = SimpleNamespace(engine=engine, day=day, secrets=SimpleNamespace(first_card=first_card))
    case_id, raw = _report(engine, code)
    return Desk(cast(Any, world), site.auditors[0], case_id, open_as(site.auditors[0], raw).content_key)


def _report(engine: Engine, code: str) -> tuple[bytes, bytes]:
    with db.reading(engine) as conn:
        case_id = derive(parse_code(code), store_site.get(conn).salt).case_id
        return case_id, store_cases.envelopes(conn, case_id)[0].raw


def _add_leaf(site: Site, engine: Engine, code: str, opening: logleaf.LeafText, day: date) -> None:
    """Let the leaf of an auditor's act wait, as its desk's request does."""
    with db.writing(engine) as conn:
        key = logleaf.log_key(derive(parse_code(code), store_site.get(conn).salt).root)
        roster = stored_roster(conn, load_secrets(site.settings.server.secret_file).first_card)
        readers = logleaf.readers_of([(card.key_id, card.box_pk) for card in roster.readers])
        leaf = logleaf.make(key, opening, readers)
        state = store_log.head(conn)
        assert state is not None
        length = store_log.list_length(conn, state, day)
        store_log.add_pending(conn, tlog.leaf_hash(leaf), leaf, day, length)


def _answer(site: Site, engine: Engine, code: str, words: str, day: date) -> None:
    desk = _desk(site, engine, code, day)
    desk.say(words)
    with db.reading(engine) as conn:
        raw = store_cases.envelopes(conn, desk.case_id)[-1].raw
    author = site.auditors[0].identity.key_id
    _add_leaf(site, engine, code, logleaf.envelope_opening("answer", desk.case_id, raw, author), day)


def _status(site: Site, engine: Engine, code: str, sequence: int, status: str, day: date) -> None:
    desk, author = _desk(site, engine, code, day), site.auditors[0].identity.key_id
    desk.status(sequence, status)
    with db.reading(engine) as conn:
        row = store_cases.statuses(conn, desk.case_id)[-1]
    text = messages.status_text(desk.case_id, sequence, author, status, row.day)
    signed = text + row.sig + row.act_sig
    _add_leaf(site, engine, code, logleaf.status_opening(desk.case_id, sequence, status, author, signed), day)


def _cosign(site: Site, engine: Engine, day: date, size: int = 0) -> None:
    """Let one desk cosign the checkpoint of a size; the newest for 0."""
    with db.writing(engine) as conn:
        salt, own = store_site.get(conn).salt, site.auditors[0].identity
        state = store_log.head(conn)
        assert state is not None
        made = make_witness(salt, own.key_id, own.seed, own.sign_seed)
        store_log.put_witness(conn, own.key_id, made.encode())
        size = size or state.published
        text = note.read_note(store_log.checkpoint(conn, size)).text
        line = note.cosign(text, made.vkey.name, witness_seed(own.seed), int(_noon(day, 1).timestamp()))
        store_log.put_cosignature(conn, made.vkey.name, size, line.text().removesuffix("\n"))


@pytest.fixture(scope="module")
def logged(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoggedSite]:
    with running(make_site(tmp_path_factory.mktemp("log") / "site")) as site:
        engine, day = db.make_engine(site.settings.store.url), today()
        with page_of(browser) as page:
            buried = send_report(page, site, "外される通報")
            # The operator takes the leaf away before 03:00.
            with db.writing(engine) as conn:
                conn.execute(delete(t.pending_leaf))
            honest = send_report(page, site, "名簿を紛失しました")
            open_case(page, site, honest)
            line = page.locator("[data-where]")
            line.wait_for()
            before = [line.get_attribute("data-where")]
            open_case(page, site, send_report(page, site, "番号を替えます"))
            unfold(page, "#replace-now")
            page.click("#replace-now")
            renewed = page.inner_text("#fresh")
            page.check("#written")
            page.click("#replace button:not([type])")
            page.locator(".receipt .code:not(#fresh)").wait_for()
        _answer(site, engine, honest, "調べます", day)
        _status(site, engine, honest, 1, "investigating", day)
        _status(site, engine, honest, 2, "corrected", day)
        keeper = LogKeeper(engine, site.settings.server.secret_file)
        for days in (1, 2):
            keeper.run(int(_noon(day, days).timestamp()))
        _cosign(site, engine, day)
        yield LoggedSite(site, engine, day, honest, buried, renewed, before, _noon(day, 2))
        engine.dispose()


@pytest.fixture
def page(browser: Browser, logged: LoggedSite) -> Iterator[Page]:
    with page_of(browser) as opened:
        troubles: list[str] = []
        opened.on("pageerror", lambda error: troubles.append(str(error)))
        opened.clock.set_fixed_time(logged.now)
        yield opened
        assert troubles == []


def look(page: Page, logged: LoggedSite, code: str, language: str = "ja") -> None:
    """Open a case and wait until its page has said all of the log: the whole check is offered last."""
    open_case(page, logged.site, code, language)
    page.locator("#log-check:not([hidden])").wait_for(state="attached")


def check(page: Page) -> list[str]:
    """Press "Check everything"; return the names of what differs."""
    page.locator("#log-part").evaluate("part => (part.open = true)")
    page.click("#log-check")
    page.locator("#log-checked [data-rule]").wait_for()
    return [line.get_attribute("data-what") or "" for line in page.locator("[data-what]").all()]


def test_a_report_that_is_in_the_log_says_since_when(logged: LoggedSite, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look(page, logged, logged.honest)
    assert page.locator("article.own [data-where]").get_attribute("data-where") == "in"
    assert logged.before == ["waiting"]
    assert page.locator("#log-alert > *").count() == 0
    assert "通報を読める人の端末だけです（1台）" in (page.locator("#log-said").text_content() or "")
    # No request names a leaf: what is asked for below /log/ is the same for everybody.
    paths = [url.partition("/log/")[2] for url in asked if "/log/" in url]
    assert paths and all(
        path in ("checkpoint", "policy", "rule", "witnesses") or path.startswith("tile/") for path in paths
    )
    assert check(page) == []
    assert page.locator("#log-checked .done").count() == 1
    assert page.locator("[data-rule]").get_attribute("data-rule") == "given"


def test_a_signed_day_stays_signed_when_the_next_batch_comes(logged: LoggedSite, page: Page) -> None:
    """The desk signed the checkpoint of the report's day and has not looked since. Control: no cosignature at all."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/log/")[2]))
    with db.writing(logged.engine) as conn:
        sizes = [end for _day, _first, end in store_log.batches(conn)]
        conn.execute(delete(t.log_cosignature))
    try:
        told = []
        for size in (0, sizes[0]):
            if size:
                _cosign(logged.site, logged.engine, logged.day, size)
            look(page, logged, logged.honest)
            line = page.locator("article.own [data-where]")
            line.wait_for()
            told.append(line.get_attribute("data-where"))
        assert told == ["uncosigned", "in"]
        assert "最新の記録には、ほかの人の署名がまだありません" in (
            page.locator("#log-said").text_content() or ""
        )
    finally:
        with db.writing(logged.engine) as conn:
            conn.execute(delete(t.log_cosignature))
        _cosign(logged.site, logged.engine, logged.day)
    # Sizes that follow from days, not from the report's own leaf.
    past = {int(path.partition("/")[2]) for path in asked if path.startswith("checkpoint/")}
    assert past == {sizes[0]}


def test_under_a_new_code_everything_is_told_as_before(logged: LoggedSite, page: Page) -> None:
    """The promise of the old code does not open; the leaf is found by what it says."""
    look(page, logged, logged.renewed)
    page.locator("[data-where]").nth(1).wait_for()
    assert [line.get_attribute("data-where") for line in page.locator("[data-where]").all()] == ["in", "in"]
    assert check(page) == []
    assert page.locator("[data-rule]").get_attribute("data-rule") == "open"


def test_who_looks_from_outside_is_named(logged: LoggedSite, page: Page) -> None:
    """A policy with a union that cosigned; the control is every other test here."""
    with db.reading(logged.engine) as conn:
        salt = store_site.get(conn).salt
        state = store_log.head(conn)
    assert state is not None
    log = log_verifier(salt, load_secrets(logged.site.settings.server.secret_file).sign_seed)
    seed = bytes(range(32))
    union = note.verifier_key("union", note.COSIGNATURE, messages.public_key(seed))
    text = note.read_note(state.note).text
    line = note.cosign(text, "union", seed, int(_noon(logged.day, 1).timestamp()))
    policy = f"log {log.text()}\nwitness union {union.text()}\nquorum union\n"
    page.route("**/log/policy", lambda route: route.fulfill(body=policy, content_type="text/plain"))

    def signed(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text() + line.text())

    look(page, logged, logged.honest)
    # It is asked for and has not signed: too few. And the log names another policy.
    page.locator("#log-alert .warn").nth(1).wait_for()
    page.route("**/log/checkpoint", signed)
    look(page, logged, logged.honest)
    assert "会社の外のunion" in (page.locator("#log-said").text_content() or "")


def test_a_report_that_was_left_out_is_told_with_its_proof(
    logged: LoggedSite, page: Page, tmp_path: Path
) -> None:
    """Statement 3: the row removed before 03:00. The control is the report above, of the same day."""
    look(page, logged, logged.buried)
    box = page.locator("article.own [data-where=missing]")
    assert check(page) == ["letter_unlogged"] and page.locator("#log-checked .done").count() == 0
    assert page.locator("#log-alert .warn").count() == 1
    with page.expect_download() as saved:
        box.locator("button").click()
    # A name that says nothing.
    assert saved.value.suggested_filename == "document.json"
    saved.value.save_as(tmp_path / "proof.json")
    raw = (tmp_path / "proof.json").read_bytes()
    made = json.loads(raw)
    assert made["kind"] == "burying" and made["promise"]["day"] in _days(logged)
    assert judge(raw, _policy(logged)).verdict == "good"
    assert judge(raw, None).verdict == "open"
    case_id = derive(parse_code(logged.buried), bytes.fromhex(made["origin"].partition("/")[2])).case_id
    assert hex_id(case_id) not in json.dumps(made)


def _policy(logged: LoggedSite) -> str:
    """A verifier's own policy: the log's key, and the desk that cosigned."""
    own = logged.site.auditors[0].identity
    with db.reading(logged.engine) as conn:
        salt = store_site.get(conn).salt
    log = log_verifier(salt, load_secrets(logged.site.settings.server.secret_file).sign_seed)
    desk = make_witness(salt, own.key_id, own.seed, own.sign_seed).vkey
    return f"log {log.text()}\nwitness desk {desk.text()}\nquorum desk\n"


@pytest.mark.parametrize("with_content", [False, True])
def test_a_certificate_is_made_when_it_is_asked_for(
    logged: LoggedSite, page: Page, tmp_path: Path, with_content: bool
) -> None:
    look(page, logged, logged.honest)
    page.locator("#log-part").evaluate("part => (part.open = true)")
    page.locator("details:has(> #log-certify)").evaluate("part => (part.open = true)")
    if with_content:
        page.check("#log-content")
    with page.expect_download() as saved:
        page.click("#log-certify button")
    # A name that says nothing.
    assert saved.value.suggested_filename == "document.json"
    saved.value.save_as(tmp_path / "made.json")
    raw = (tmp_path / "made.json").read_bytes()
    judged = judge(raw, _policy(logged))
    assert judged.verdict == "good" and judged.verified is not None
    kinds = sorted(act.kind for act in judged.verified.acts)
    assert kinds == ["answer", "report", "status", "status"]
    _, report = _report(logged.engine, logged.honest)
    assert (b64e(report).encode() in raw) == with_content
    # The control: one bit of it changed is not good.
    assert judge(raw.replace(b"index", b"indey", 1), _policy(logged)).verdict != "good"


def test_what_was_kept_back_or_changed_is_named(logged: LoggedSite, browser: Browser) -> None:
    """Statements 6 and 7, and 5: each attack on the rows alone, put back afterwards."""
    case_id, _ = _report(logged.engine, logged.honest)
    answer = (t.envelope.c.case_id == case_id) & (t.envelope.c.kind == 3)
    second = (t.status.c.case_id == case_id) & (t.status.c.sequence == 2)
    with db.reading(logged.engine) as conn:
        kept = conn.execute(t.envelope.select().where(answer)).one()
        status = conn.execute(t.status.select().where(second)).one()
    raw = bytes(kept.raw)
    spoiled = raw[:-1] + bytes([raw[-1] ^ 1])
    attacks: list[tuple[list[str], Any, Any]] = [
        (["answer_withheld", "unlogged"], update(t.envelope).where(answer).values(raw=spoiled), {"raw": raw}),
        (
            ["backdated"],
            update(t.envelope).where(answer).values(day=logged.day - timedelta(days=3)),
            {"day": kept.day},
        ),
        (
            ["status_changed"],
            update(t.status).where(second).values(status="no_fault"),
            {"status": status.status},
        ),
    ]
    for wanted, attack, before in attacks:
        with db.writing(logged.engine) as conn:
            conn.execute(attack)
        try:
            with page_of(browser) as page:
                page.clock.set_fixed_time(logged.now)
                look(page, logged, logged.honest)
                assert check(page) == wanted
        finally:
            with db.writing(logged.engine) as conn:
                conn.execute(attack.table.update().where(attack.whereclause).values(**before))
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.status).where(second))
    try:
        with page_of(browser) as page:
            page.clock.set_fixed_time(logged.now)
            look(page, logged, logged.honest)
            assert check(page) == ["status_dropped"]
    finally:
        with db.writing(logged.engine) as conn:
            conn.execute(t.status.insert(), status._asdict())


def test_an_old_checkpoint_is_told(logged: LoggedSite, page: Page) -> None:
    """Statement 2: at the same checkpoint three days later; the control is any other test here."""
    page.clock.set_fixed_time(logged.now + timedelta(days=2))
    look(page, logged, logged.honest)
    assert page.locator("#log-alert .warn").count() == 1


@pytest.mark.parametrize("what", ["checkpoint", "tile/entries"])
def test_a_log_that_does_not_fit_is_told(logged: LoggedSite, page: Page, what: str) -> None:
    """The server gives other bytes: a checkpoint of another root, leaves that do not give it."""

    def other(route: Any) -> None:
        answer = route.fetch()
        raw = bytearray(answer.body())
        raw[-5] ^= 1
        route.fulfill(response=answer, body=bytes(raw))

    page.route(f"**/log/{what}**", other)
    open_case(page, logged.site, logged.honest)
    page.locator("#log-alert .warn").wait_for()
    assert page.locator("[data-where]").count() == 0
    # In place of who has signed it: why nothing can be checked.
    said = page.locator("#log-said p")
    assert said.count() == 1 and "ここでは確かめられません" in (said.text_content() or "")


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_axe_finds_nothing_and_nothing_overflows(logged: LoggedSite, browser: Browser, language: str) -> None:
    with page_of(browser, viewport={"width": 320, "height": 800}) as page:
        page.clock.set_fixed_time(logged.now)
        look(page, logged, logged.buried, language)
        check(page)
        for part in page.locator("#log-part details").all():
            part.evaluate("part => (part.open = true)")
        assert findings(page) == []
        assert overflow(page) == 0


def test_the_command_reads_this_log_by_code_alone(logged: LoggedSite, tmp_path: Path) -> None:
    """Statement 13: the copy is taken once, from the address; then the server is not asked any more."""
    copy = read_copy(f"{logged.site.base}/log")
    (tmp_path / "leaves").write_bytes(tlog.entry_bundle(copy.leaves))
    (tmp_path / "head.json").write_text(json.dumps({"note": copy.note}), encoding="utf-8")
    (tmp_path / "policy").write_text(_policy(logged), encoding="utf-8")
    arguments = ("verify", "--code-from-stdin", "--log", tmp_path, "--policy", tmp_path / "policy", "--json")
    acts = {}
    for name, code in (("honest", logged.honest), ("renewed", logged.renewed), ("buried", logged.buried)):
        done = meyasubako(*arguments, stdin=code)
        told = json.loads(done.out)
        # Nothing of the report that was left out is in the log: there is nothing to check.
        verdict = (0, "good", "") if name != "buried" else (3, "unreadable", "CodeOpensNothing")
        assert (done.code, told["verdict"], told["fault"]) == verdict
        acts[name] = sorted(act["kind"] for act in told.get("acts", ()))
        assert {act["day"] for act in told.get("acts", ())} <= _days(logged)
    assert "report" in acts["honest"] and "answer" in acts["honest"] and "status" in acts["honest"]
    assert "report" in acts["renewed"] and "rekey" in acts["renewed"]
    assert acts["buried"] == []
