"""The inner parts of the page's scripts in Chromium against a real server; an auditor's keys open what they sealed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PageError
from sqlalchemy import select

from admin.logbook import LogKeeper
from crypto import cards, errors, logbatch, logleaf, note, plainleaf, tlog
from crypto.cards import Card
from crypto.encoding import b64d, b64e
from crypto.envelope import decode
from crypto.identity import new_identity
from crypto.logkeys import openings_of
from crypto.receipt import derive, parse_code
from crypto.unseal import unseal
from portal.scripts import build as scripts
from store import cases as store_cases
from store import db
from store import log as store_log
from store import site as store_site
from store import tables as t
from store.config.secrets import load_secrets
from tests.support.browser import page_of
from tests.support.site import Site, make_site, running

WORDS = "名簿が隠されています。"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with auditors."""
    with running(make_site(tmp_path_factory.mktemp("journey") / "site")) as found:
        yield found


@pytest.fixture
def page(site: Site, chromium_browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of the site with the scripts' inner parts in it."""
    scripts.build(tmp_path, ["test/journey.ts"])
    (bundle,) = tmp_path.glob("journey-*.js")
    with page_of(chromium_browser, bypass_csp=True) as found:
        found.goto(f"{site.base}/ja/report")
        found.add_script_tag(content=bundle.read_text(encoding="utf-8"), type="module")
        found.wait_for_function("'journey' in globalThis")
        yield found


def _call(page: Page, name: str, *given: Any) -> Any:
    return page.evaluate("([name, given]) => journey[name](...given)", [name, list(given)])


def _report(page: Page, exclude: list[str]) -> Any:
    files = [
        {"name": "名簿.txt", "type": "text/plain", "octets": list(b"one")},
        {"name": "b.bin", "type": "", "octets": list(bytes(70_000))},
    ]
    return _call(page, "report", {"what_happened": WORDS}, exclude, files)


def test_report_with_files_and_somebody_excluded(site: Site, page: Page) -> None:
    assert _call(page, "selfTest")
    out, reader = site.auditors[-1], site.auditors[0]
    sent = _report(page, [out.card.person.hex()])
    assert sent["first"]["kept"] == "new"
    assert sent["again"] == "repeat"
    found = _call(page, "look", sent["code"])
    assert found["unchecked"] == 0 and found["exclude"] == [out.card.person.hex()]
    (entry,) = found["entries"]
    assert entry["answers"] == [["what_happened", WORDS]]
    assert [one["name"] for one in entry["files"]] == ["名簿.txt", "b.bin"]
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        (row,) = store_cases.envelopes(conn, bytes.fromhex(found["case"]))
    engine.dispose()
    who = reader.identity
    opened = unseal(row.raw, who.box_sk, who.box_pk, who.key_id)
    assert opened.payload["what_happened"] == WORDS and not opened.unusual
    with pytest.raises(errors.CannotOpen):
        unseal(row.raw, out.identity.box_sk, out.identity.box_pk, out.identity.key_id)


def test_what_is_sent_is_promised_and_its_leaf_is_the_one_that_auditors_expect(
    site: Site, page: Page, tmp_path: Path
) -> None:
    """The page's leaves, by the log key that its payloads give auditors; sent again, the same promise."""
    secret = site.settings.server.secret_file
    engine = db.make_engine(site.settings.store.url)
    LogKeeper(engine, secret).run(int(time.time()))
    page.reload()
    page.add_script_tag(
        content=(next(tmp_path.glob("journey-*.js"))).read_text(encoding="utf-8"), type="module"
    )
    page.wait_for_function("'journey' in globalThis")
    sent = _report(page, [])
    assert sent["first"]["promise"] == sent["promisedAgain"] is not None
    found = _call(page, "look", sent["code"])
    message = _call(page, "message", sent["code"], "続きです")
    form = _call(page, "form", sent["code"], WORDS, [site.auditors[-1].card.person.hex()])
    new = _call(page, "replace", sent["code"])
    assert _call(page, "forget", new) == 1, "promised, and the promise was checked"
    with db.reading(engine) as conn:
        rows = store_cases.envelopes(conn, bytes.fromhex(found["case"]))
        waiting = {hashed: raw for hashed, raw, _length in store_log.pending(conn, date.max)}
    who, keys = site.auditors[0].identity, []
    readers = logleaf.readers_of([(one.card.key_id, one.card.box_pk) for one in site.auditors])
    for row, certificate in zip(rows, (sent["first"], message, form), strict=False):
        opened = unseal(row.raw, who.box_sk, who.box_pk, who.key_id)
        keys += [b64d(opened.payload["log_key"])] if "log_key" in opened.payload else []
        leaf = waiting[bytes.fromhex(certificate["promise"]["leaf"])]
        opening = logleaf.check_leaf(keys[-1], leaf, readers)
        assert opening.fields[1] == sha256(row.raw).hexdigest()
    assert len(set(keys)) == 2, "the persons whom the new form excludes go on without the next log key"
    with db.reading(engine) as conn:
        salt = store_site.get(conn).salt
    engine.dispose()
    opened_leaves = openings_of(derive(parse_code(new), salt).root, list(waiting.values()))
    kinds = sorted(leaf.says.kind for leaf in opened_leaves if leaf.says)
    assert kinds == ["forget", "message", "message", "message", "rekey", "rekey", "report"], (
        "by the new code alone"
    )


def test_message_new_code_and_forgetting(page: Page) -> None:
    old = _report(page, [])["code"]
    assert _call(page, "message", old, "続きです")["kept"] == "message"
    new = _call(page, "replace", old)
    assert new != old
    with pytest.raises(PageError, match="unknown"):
        _call(page, "look", old)
    found = _call(page, "look", new)
    assert [one["message"] for one in found["entries"]] == ["", "続きです", ""]
    assert [one["newKeys"] for one in found["entries"]] == [False, False, True]
    assert found["unchecked"] == 0
    assert _call(page, "message", new, "新しいコードから")["kept"] == "message"
    _call(page, "forget", new)
    assert _call(page, "look", new)["entries"] == []


# A card that is made for one visitor


def _made_for_one(site: Site) -> Card:
    """A card that a lead who works with the server vouches for, and that only one visitor is shown."""
    lead, stranger = site.auditors[0].identity, new_identity()
    card = cards.new_card(
        stranger.box_pk,
        stranger.sign_pk,
        stranger.sign_seed,
        {"ja": "知らない人", "en": "Stranger"},
        {"ja": "監査部", "en": "Internal audit"},
    )
    return cards.vouch(card, lead.key_id, lead.sign_seed)


def _keys_for_one(site: Site, page: Page, card: Card, fork: str) -> None:
    """Let this page alone see the card on the list. `fork`: "" leaves the log's part as it is; "claimed" names the list
    with the card in it, in a tree that nobody signed; "signed" has the log's key sign that tree.
    """
    keys = json.loads(page.request.get(f"{site.base}/keys.json").text())
    entry = {"card": json.loads(card.encode()), "day": keys["day"]}
    keys["list"].append(entry)
    if fork:
        documents = [*(cards.parse_card(person.card.encode()) for person in site.auditors), card]
        digest = sha256(b"".join(sha256(document.encode()).digest() for document in documents)).digest()
        leaf, secrets = plainleaf.list_leaf(digest), load_secrets(site.settings.server.secret_file)
        seed = logbatch.log_seed(secrets.sign_seed) if fork == "signed" else bytes(32)
        tree = note.Checkpoint(keys["log"]["origin"], 1, tlog.root_of([tlog.leaf_hash(leaf)]))
        signed = note.sign_checkpoint(tree, seed)
        keys["log"]["listed"] = {"leaf": b64e(leaf), "index": 0, "proof": [], "checkpoint": signed}
    page.route("**/keys.json", lambda route: route.fulfill(json=keys))


def _slots_of_last(site: Site) -> set[bytes]:
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        raw = conn.scalars(select(t.envelope.c.raw).order_by(t.envelope.c.seq.desc())).first()
    engine.dispose()
    assert raw is not None
    return {slot.key_id for slot in decode(raw).slots}


def test_a_card_for_one_visitor_gets_no_slot(site: Site, page: Page) -> None:
    """It is on the list that this page sees, properly vouched for, and not in the log."""
    _keys_for_one(site, page, _made_for_one(site), fork="")
    _report(page, [])
    assert _slots_of_last(site) == {person.card.key_id for person in site.auditors}


def test_a_list_that_the_log_does_not_name_is_sealed_nothing(site: Site, page: Page) -> None:
    before = _slots_of_last(site)
    _keys_for_one(site, page, _made_for_one(site), fork="claimed")
    with pytest.raises(PageError, match="list_unproved"):
        _report(page, [])
    assert _slots_of_last(site) == before


def test_a_log_without_what_it_names_is_sealed_nothing(site: Site, page: Page) -> None:
    """Neither is a site that says that it has no log; reading goes on."""
    code = _report(page, [])["code"]
    keys = json.loads(page.request.get(f"{site.base}/keys.json").text())
    del keys["log"]
    page.route("**/keys.json", lambda route: route.fulfill(json=keys))
    with pytest.raises(PageError, match="list_unproved"):
        _report(page, [])
    with pytest.raises(PageError, match="list_unproved"):
        _call(page, "message", code, "続きです")
    assert len(_call(page, "look", code)["entries"]) == 1


def test_only_a_second_history_of_the_log_has_the_card(site: Site, page: Page) -> None:
    """The control, and the limit: the log's own key signs a tree for this visitor. The page seals, the server's list
    does not have the card, and the visitor holds a checkpoint that fits no other one (ADR 0034).
    """
    _keys_for_one(site, page, _made_for_one(site), fork="signed")
    with pytest.raises(PageError, match="recipients"):
        _report(page, [])
