"""The attacks of tests/portal/test_choice.py against the page's own scripts, in Chromium on a real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, delete, select, update

from crypto import messages, seal
from crypto.access import AccessChange, propose
from crypto.choice import ExcludeRecord, first_choice, seal_record
from crypto.envelope import Kind
from crypto.errors import CannotOpen
from crypto.listing import Listing, readers_field
from crypto.receipt import derive, new_code, parse_code
from crypto.unseal import unseal
from portal.scripts import build as scripts
from store import cases, db, reports
from store import site as store_site
from store import tables as t
from tests.support.browser import page_of
from tests.support.site import Site, make_site, running

ASKS = "choice needed"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with auditors; the last one is the accused."""
    with running(make_site(tmp_path_factory.mktemp("choice") / "site", auditors=3)) as found:
        yield found


@pytest.fixture(scope="module")
def page(site: Site, chromium_browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the site with the scripts' inner parts in it."""
    folder = tmp_path_factory.mktemp("bundle")
    scripts.build(folder, ["test/journey.ts"])
    (bundle,) = folder.glob("journey-*.js")
    with page_of(chromium_browser, bypass_csp=True) as found:
        found.goto(f"{site.base}/ja/report")
        found.add_script_tag(content=bundle.read_text(encoding="utf-8"), type="module")
        found.wait_for_function("'journey' in globalThis")
        yield found


@pytest.fixture(scope="module")
def engine(site: Site) -> Iterator[Engine]:
    made = db.make_engine(site.settings.store.url)
    yield made
    made.dispose()


class Case:
    """A report in the browser that excludes nobody, then a changed form that excludes the accused."""

    def __init__(self, site: Site, page: Page, engine: Engine, excludes: bool = True) -> None:
        self.site, self.page, self.engine = site, page, engine
        self.accused = site.auditors[-1].card.person.hex()
        self.code = self.call("report", {"what_happened": "流出"}, [], [])["code"]
        with db.reading(engine) as conn:
            self.salt = store_site.get(conn).salt
        self.own = derive(parse_code(self.code), self.salt)
        self.first = self.record()
        if excludes:
            assert self.call("form", self.code, "流出", [self.accused])["kept"] == "message"

    def call(self, name: str, *given: Any) -> Any:
        return self.page.evaluate("([name, given]) => journey[name](...given)", [name, list(given)])

    def record(self) -> bytes:
        with db.reading(self.engine) as conn:
            case = cases.get(conn, self.own.case_id)
        assert case is not None
        return case.mailbox_record

    def put(self, raw: bytes) -> None:
        mine = t.case_file.c.case_id == self.own.case_id
        with db.writing(self.engine) as conn:
            conn.execute(update(t.case_file).where(mine).values(mailbox_record=raw))

    def drop_grants(self, *kinds: int) -> None:
        of = (t.envelope.c.case_id == self.own.case_id) & t.envelope.c.kind.in_(kinds)
        ids = select(t.envelope.c.envelope_id).where(of)
        with db.writing(self.engine) as conn:
            conn.execute(delete(t.grant).where(t.grant.c.envelope_id.in_(ids)))

    def rows(self) -> list[cases.EnvelopeRow]:
        with db.reading(self.engine) as conn:
            return cases.envelopes(conn, self.own.case_id)

    def answer(self, names: int, by: int = 0, key: bytes = b"", change: AccessChange | None = None) -> None:
        """An auditor answers; `key`: another content key than the report's, for its act key."""
        who, envelope_id = self.site.auditors[by].identity, secrets.token_bytes(16)
        case_id, row = self.own.case_id, next(one for one in self.rows() if one.kind == 1)
        key = key or unseal(row.raw, who.box_sk, who.box_pk, who.key_id).content_key
        said: dict[str, Any] = {"message": "返事", **({"access": change.fields()} if change else {})}
        payload = messages.auditor_payload(
            Kind.TO_REPORTER, who.key_id, case_id, envelope_id, said, [], who.sign_seed, self.readers(), names
        )
        sealed = seal.seal(Kind.TO_REPORTER, envelope_id, payload, self.slots())
        act = messages.sign(seal.act_seed(key), messages.act_text(case_id, sealed.raw))
        mailbox = self.own.mailbox_key_id
        grant = (mailbox, mailbox, seal.grant(sealed.content_key, self.own.mailbox_pk))
        with db.writing(self.engine) as conn:
            reports.add_message(
                conn, reports.NewMessage(case_id, envelope_id, 3, sealed.raw, self.day, [grant], act)
            )

    @property
    def day(self) -> Any:
        return self.rows()[0].day

    def readers(self) -> dict[str, Any]:
        prefix = Listing(one.card for one in self.site.auditors).prefix()
        return readers_field(prefix, [one.card.key_id for one in self.site.auditors])

    def slots(self) -> list[seal.Recipient]:
        return [seal.Recipient(one.card.key_id, one.card.box_pk) for one in self.site.auditors]

    def forge(self, replaces: bool) -> bytes:
        """Put a forger's report in front of the true one, or in its place; return its content key."""
        forger, envelope_id = derive(new_code(), self.salt), secrets.token_bytes(16)
        payload = messages.report_payload({"what_happened": "すりかえ"}, [], forger)
        named = {**payload, "case_id": self.own.case_id.hex(), "envelope_id": envelope_id.hex()}
        signed = messages.sign_reporter(Kind.REPORT, named, forger)
        sealed = seal.seal(Kind.REPORT, envelope_id, signed, self.slots())
        true, mailbox = self.rows()[0], self.own.mailbox_key_id
        grant = seal.grant(sealed.content_key, self.own.mailbox_pk)
        with db.writing(self.engine) as conn:
            low = min(conn.scalars(select(t.change.c.seq))) - 1
            if replaces:
                conn.execute(delete(t.grant).where(t.grant.c.envelope_id == true.envelope_id))
                conn.execute(delete(t.envelope).where(t.envelope.c.seq == true.seq))
            conn.execute(t.change.insert(), {"seq": low, "case_id": self.own.case_id})
            row = {"seq": low, "envelope_id": envelope_id, "case_id": self.own.case_id, "kind": 1}
            conn.execute(t.envelope.insert(), {**row, "day": true.day, "act_sig": None, "raw": sealed.raw})
            keys = {"envelope_id": envelope_id, "key_id": mailbox, "granter": mailbox, "sealed": grant}
            conn.execute(t.grant.insert(), keys)
        return sealed.content_key

    def opens_for_the_accused(self) -> bool:
        row = [one for one in self.rows() if one.kind == 2][-1]
        who = self.site.auditors[-1].identity
        try:
            unseal(row.raw, who.box_sk, who.box_pk, who.key_id)
        except CannotOpen:
            return False
        return True


@pytest.fixture
def case(site: Site, page: Page, engine: Engine) -> Case:
    return Case(site, page, engine)


def test_the_choice_survives_forgetting(case: Case) -> None:
    case.call("forget", case.code)
    found = case.call("look", case.code)
    assert (found["stop"], found["exclude"], found["number"]) == (None, [case.accused], 3)
    assert case.call("message", case.code, "次")["kept"] == "message"
    assert not case.opens_for_the_accused()


def test_a_removal_is_obeyed_and_survives_forgetting(site: Site, page: Page, engine: Engine) -> None:
    case = Case(site, page, engine, excludes=False)
    assert case.call("message", case.code, "前")["kept"] == "message" and case.opens_for_the_accused()
    own = site.auditors[0].identity
    taken = propose(case.own.case_id, "off", bytes.fromhex(case.accused), 1, own.key_id, own.sign_seed)
    case.answer(names=2, by=1, change=taken)
    assert case.call("message", case.code, "次")["kept"] == "message"
    assert not case.opens_for_the_accused()
    case.call("forget", case.code)
    assert case.call("message", case.code, "忘れた後")["kept"] == "message"
    assert not case.opens_for_the_accused()


@pytest.mark.parametrize("opens", [True, False], ids=["report opens", "all withheld"])
@pytest.mark.parametrize("broken", ["damaged", "removed", "another root", "another case"])
def test_without_a_good_record_nothing_is_sent(case: Case, broken: str, opens: bool) -> None:
    raw, root, case_id = case.record(), case.own.root, case.own.case_id
    empty = ExcludeRecord(first_choice([]))
    case.put(
        {
            "damaged": raw[:-1] + bytes([raw[-1] ^ 1]),
            "removed": b"",
            "another root": seal_record(secrets.token_bytes(32), case_id, empty),
            "another case": seal_record(root, secrets.token_bytes(16), empty),
        }[broken]
    )
    if not opens:
        case.drop_grants(1, 2)
    before = len(case.rows())
    assert case.call("message", case.code, "次") == ASKS and len(case.rows()) == before
    found = case.call("look", case.code)
    assert found["exclude"] == ([case.accused] if opens else [])
    chosen = [] if opens else [case.accused]
    assert case.call("message", case.code, "次", chosen)["kept"] == "message"
    assert not case.opens_for_the_accused() and case.call("look", case.code)["stop"] is None


def test_a_new_code_never_takes_an_empty_choice_along(case: Case) -> None:
    case.put(b"")
    case.drop_grants(1, 2)
    assert case.call("replace", case.code) == ASKS
    new = case.call("replace", case.code, [case.accused])
    found = case.call("look", new)
    assert (found["stop"], found["exclude"]) == (None, [case.accused])
    # The record of the old code is none under the new one.
    case.put(seal_record(case.own.root, case.own.case_id, ExcludeRecord(first_choice([]))))
    assert case.call("message", new, "次") == ASKS


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_old_record_is_noticed_by_the_number_that_an_answer_names(case: Case, forgotten: bool) -> None:
    if forgotten:
        case.call("forget", case.code)
    else:
        case.drop_grants(2)
    case.answer(names=2)
    case.put(case.first)
    assert case.call("look", case.code)["stop"] == "old"
    assert case.call("message", case.code, "次") == ASKS


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_forged_report_in_front_heads_nothing(case: Case, forgotten: bool) -> None:
    if forgotten:
        case.call("forget", case.code)
    key = case.forge(replaces=False)
    case.answer(names=9, by=-1, key=key)
    found = case.call("look", case.code)
    assert found["stop"] is None and [one for one in found["entries"] if one["author"]] == []
    assert case.call("message", case.code, "次")["kept"] == "message"
    assert not case.opens_for_the_accused()


def test_a_forged_report_in_the_place_of_the_true_one_stops_everything(case: Case) -> None:
    case.answer(names=2, by=-1, key=case.forge(replaces=True))
    before = len(case.rows())
    assert case.call("message", case.code, "次", [case.accused]) == "report gone"
    assert len(case.rows()) == before


def test_two_pages_at_once_keep_both_choices(case: Case) -> None:
    """The page looked before another one excluded somebody: it is told, looks again, and seals anew."""
    other = case.site.auditors[1].card.person.hex()
    assert case.call("late", case.code, "同時に", [other])["kept"] == "message"
    found = case.call("look", case.code)
    assert found["exclude"] == sorted([case.accused, other]) and found["stop"] is None
    who = case.site.auditors[1].identity
    with pytest.raises(CannotOpen):
        unseal(case.rows()[-1].raw, who.box_sk, who.box_pk, who.key_id)
