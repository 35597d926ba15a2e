"""People and keys: joining, handing cases over, leaving, another passphrase, the sheet to print."""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from admin.desk.casework.handover import Handover, HandoverCases, HandoverProgress, verdict
from admin.desk.server.session import AuditorSession
from admin.desk.web.context import desk_of
from admin.desk.web.views.own_key import qr_code
from cases.case_state import AuthoredRecord
from cases.records import make
from crypto import cards as crypto_cards
from crypto import keyfile, keysheet, seal
from crypto.identity import from_seed, new_identity
from crypto.unseal import open_grant
from store import cards as store_cards
from store import db, grants, tables
from tests.desk.browser import Browser, Page
from tests.desk.case_forms import write
from tests.desk.world import LIGHT, PASSPHRASE, CountingTransport, Sent, World
from tests.support.site import Auditor

NEW_PASSPHRASE = "まったく べつの ながい ことば です"


def look(browser: Browser, raw: bytes) -> Page:
    """Choose a card file on the page for newcomers."""
    form = browser.get("people/join").fields("/people/join")
    data = form | {"card": "", "file": (io.BytesIO(raw), "hanako.card")}
    return Page(browser.raw("POST", f"/{browser.language}/people/join", data=data))


def vouch(browser: Browser, raw: bytes) -> Page:
    """Compare and vouch."""
    form = look(browser, raw).fields("/people/join")
    return browser.post("people/join", form | {"compared": "yes"})


def joined(world: World, browser: Browser) -> Auditor:
    """Let somebody join by the page, and put them behind the others as `world.auditors[-1]`."""
    found = world.newcomer(0)
    vouch(browser, replace(found.card, voucher=None, voucher_sig=None).encode())
    world.auditors.append(found)
    return found


def hand_over(browser: Browser, who: Auditor, closed: bool = False) -> Page:
    """Begin to hand over, and go on as the page does by itself."""
    path = f"people/{who.card.key_id.hex()}/grants"
    page = browser.get(path)
    page = browser.post(path, page.fields(path) | ({"closed": "yes"} if closed else {}))
    while page.tree.find(".//*[@http-equiv='refresh']") is not None:
        page = browser.get(path)
    return page


def all_grants(world: World, key_id: bytes) -> dict[bytes, bytes]:
    """Return what the server keeps for a key: sealed boxes by envelope."""
    rows = sqlite3.connect(world.folder / "test.db").execute(
        "SELECT envelope_id, sealed FROM envelope_grant WHERE key_id = ?", (key_id,)
    )
    return {bytes(row[0]): bytes(row[1]) for row in rows}


def opens(world: World, who: Auditor) -> set[bytes]:
    """Return the envelopes whose grant opens for somebody."""
    own = who.identity
    found = all_grants(world, own.key_id)
    return {one for one, sealed in found.items() if _opens(world, who, one, sealed)}


def _opens(world: World, who: Auditor, envelope_id: bytes, sealed: bytes) -> bool:
    key = open_grant(sealed, who.identity.box_sk, who.identity.box_pk)
    row = sqlite3.connect(world.folder / "test.db").execute(
        "SELECT raw FROM envelope WHERE envelope_id = ?", (envelope_id,)
    )
    return key is not None and seal.commitment(key) == bytes(row.fetchone()[0])[21:53]


# Joining


def test_a_newcomer_joins_and_reads_what_came_before(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="前からあった報告")
    world.from_reporter(sent, {"message": "続きです"})
    found = world.newcomer(0)
    page = look(browser, found.card.encode())
    assert crypto_cards.fingerprint(found.card.key_id) in page.text and "新任 花子" in page.text
    page = browser.post("people/join", page.fields("/people/join") | {"compared": "yes"})
    assert page.status == 200 and "登録しました" in page.text
    world.auditors.append(found)
    theirs = Browser(world.desk(len(world.auditors) - 1))
    assert "前からあった報告" not in theirs.get(f"cases/{sent.case_id.hex()}", status=404).text
    page = hand_over(browser, found)
    assert page.h1 == "案件を引き継ぎました"
    text = theirs.case(sent.case_id).text
    assert "前からあった報告" in text and "続きです" in text
    theirs.reply(sent.case_id, "新任からの返事")
    assert [entry.message for entry in world.reporter_sees(sent).entries][-1] == "新任からの返事"


def test_nobody_is_enrolled_without_the_box_and_without_a_trace(world: World, browser: Browser) -> None:
    found = world.newcomer(0)
    form = look(browser, found.card.encode()).fields("/people/join")
    page = browser.post("people/join", form)
    assert page.status == 400 and "チェック" in page.text
    assert found.card.key_id not in {card.key_id for card in world.cards}
    browser.post("people/join", form | {"compared": "yes"})
    with db.reading(world.engine) as conn:
        last = crypto_cards.parse_card(store_cards.enrolled(conn)[-1].raw)
    assert (last.key_id, last.voucher) == (found.card.key_id, world.auditors[0].card.key_id)


def test_what_is_no_card_is_told_apart(world: World, browser: Browser) -> None:
    own, other = world.auditors[0], world.newcomer(1)
    key = keyfile.lock(other.identity.seed, PASSPHRASE, **LIGHT)
    changed = other.card.encode().replace("花子".encode(), "太郎".encode())
    for raw, word in (
        (b"", "選ぶ"),
        (key, "鍵ファイル"),
        (b"%PDF-1.4 \xff", "カードではない"),
        (changed, "カードではない"),
        (own.card.encode(), "ご自身"),
        (world.auditors[1].card.encode(), "登録されています"),
    ):
        page = look(browser, raw)
        assert page.status == 400 and word in page.text, word
    assert len(world.cards) == 3


def card_with(duty: str) -> tuple[crypto_cards.Card, bytes]:
    """Return a card with a duty that nobody vouched for, and its file."""
    made = new_identity()
    texts = {"ja": "人", "en": "Somebody"}
    card = crypto_cards.new_card(made.box_pk, made.sign_pk, made.sign_seed, texts, texts, duty=duty)
    return card, card.encode()


def test_a_lead_is_made_by_a_lead_only(world: World, browser: Browser) -> None:
    _card, raw = card_with("lead")
    page = look(Browser(world.desk(1)), raw)
    assert page.status == 400 and "あなたの役割では" in page.text and len(world.cards) == 3
    assert "責任者" in look(browser, raw).text
    assert vouch(browser, raw).h1 == "案件を引き継ぐ" and len(world.cards) == 4


def test_an_observer_joins_and_gets_no_cases(world: World, browser: Browser) -> None:
    world.report()
    card, raw = card_with("observer")
    page = vouch(browser, raw)
    assert "オブザーバー" in page.text and not [
        one for one in page.all("a") if "grants" in one.get("href", "")
    ]
    browser.get(f"people/{card.key_id.hex()}/grants", status=404)
    token = browser.get("people/join").fields("/people/join")["csrf_token"]
    assert browser.post(f"people/{card.key_id.hex()}/grants", {"csrf_token": token}).status == 404
    assert all_grants(world, card.key_id) == {}


# Handing over


def cases(world: World) -> dict[str, Sent]:
    """Reports of every kind, as the founder's desk meets them."""
    founder, second = world.auditors[0].card.person, world.auditors[1].card.person
    made = {
        "open": world.report(what_happened="あ"),
        "closed": world.report(what_happened="い"),
        "without_founder": world.report([founder], what_happened="う"),
        "without_second": world.report([second], what_happened="え"),
    }
    world.from_reporter(made["open"], {"message": "お"})
    browser = Browser(world.desk(2))
    for status in ("not_investigating", "closed"):
        browser.set_status(made["closed"].case_id, status)
    return made


def test_every_envelope_gets_a_grant_and_only_some_open(world: World, browser: Browser) -> None:
    made = cases(world)
    found = joined(world, browser)
    page = hand_over(browser, found)
    there = all_grants(world, found.card.key_id)
    assert len(there) == 6 and {len(sealed) for sealed in there.values()} == {80}
    assert made["open"].envelope_id in opens(world, found) and len(opens(world, found)) == 3
    assert made["without_second"].envelope_id in opens(world, found)
    assert "6" not in page.text.split("引き継ぎました")[1].split("もう一度")[0]  # nor how much was not
    hand_over(browser, found, closed=True)
    assert made["closed"].envelope_id in opens(world, found) and len(opens(world, found)) == 5
    second = Browser(world.desk(1))
    hand_over(second, found, closed=True)
    assert made["without_founder"].envelope_id not in opens(
        world, found
    )  # vouched for by the founder: out with them


def test_a_new_key_of_an_excluded_person_gets_throw_aways(world: World) -> None:
    made = cases(world)
    person = world.auditors[1].card.person
    fresh = new_identity()
    card = crypto_cards.new_card(
        fresh.box_pk,
        fresh.sign_pk,
        fresh.sign_seed,
        world.auditors[1].card.name,
        world.auditors[1].card.role,
        person,
    )
    vouch(Browser(world.desk(1)), card.encode())
    browser, found = Browser(world.desk(2)), Auditor(fresh, card)
    hand_over(browser, found, closed=True)
    assert len(all_grants(world, card.key_id)) == 6
    assert made["without_second"].envelope_id not in opens(world, found)
    assert made["without_founder"].envelope_id in opens(world, found)


def test_requests_do_not_tell_which_cases_a_desk_can_open(world: World) -> None:
    """Every envelope is asked for once, whether or not it opens; after a grant once more, all alike."""
    made = cases(world)
    transport, asked = CountingTransport(), Counter[str]()

    def count(request: httpx.Request) -> None:
        if request.url.path.endswith("/envelopes"):
            asked.update(json.loads(request.content)["ids"])

    transport.before = count
    browser = Browser(world.desk(0, transport=transport))
    found = joined(world, browser)
    hand_over(browser, found)
    assert len(asked) == 6 and set(asked.values()) == {1}
    for name, sent in made.items():
        browser.get(f"cases/{sent.case_id.hex()}", status=404 if name == "without_founder" else 200)
    # Another morning, too.
    browser = Browser(world.desk(0, transport=transport))
    browser.get()
    browser.get(f"cases/{made['without_founder'].case_id.hex()}", status=404)
    assert set(asked.values()) == {1}
    # A grant makes it ask for grants to its key, not for an envelope that it has.
    second, key_id = Browser(world.desk(2)), world.auditors[0].card.key_id
    one = world.report(what_happened="か")
    second.get()
    granted = (one.envelope_id, key_id, seal.grant(one.content_key, world.auditors[0].card.box_pk))
    with second.app.app_context():
        work = desk_of(second.app).work()
        AuditorSession(work.server, work.identity, world.salt).add_grants([granted])
    transport.requests.clear()
    browser.get()
    assert [path for path in transport.requests if "/grants" in path] == ["GET /api/v1/grants?after=0"]
    assert len(asked) == 7 and set(asked.values()) == {1}, "the new report's once, the others' not again"


def test_a_grant_costs_a_colleagues_desk_one_request(world: World) -> None:
    """A plain auditor granted throw-aways, and colleagues' desks fetched everything again each time."""
    reports = [world.report(what_happened=f"通報 {number}") for number in range(40)]
    wire = CountingTransport()
    browser, third = Browser(world.desk(1, transport=wire)), world.auditors[2]
    browser.get()
    quiet = ["GET /keys.json", "GET /api/v1/changes"]

    def granting(sealed: bytes, times: int = 1) -> None:
        new = [(one.envelope_id, world.auditors[1].card.key_id, sealed) for one in reports]
        for _ in range(times):
            with db.writing(world.engine) as conn:
                assert grants.put(conn, third.card.key_id, new)

    def asked() -> list[str]:
        wire.requests.clear()
        browser.get()
        return [one.split("?")[0] for one in wire.requests]

    assert asked() == quiet
    granting(seal.throwaway_grant())
    assert asked() == [*quiet, "GET /api/v1/grants"] and asked() == quiet
    work = desk_of(browser.app).work()
    before = {
        one.envelope_id: len(work.cache.sealed([one.envelope_id])[one.envelope_id].grants) for one in reports
    }
    granting(seal.throwaway_grant(), 40)
    assert asked() == [*quiet, "GET /api/v1/grants"] and asked() == quiet
    assert before == {
        one.envelope_id: len(work.cache.sealed([one.envelope_id])[one.envelope_id].grants) for one in reports
    }, "throw-aways are not kept"
    # A server that was put back gives numbers out again: what was granted then still comes.
    with db.writing(world.engine) as conn:
        conn.execute(tables.grant.delete().where(tables.grant.c.key_id == world.auditors[1].card.key_id))
        conn.execute(tables.card.update().values(granted=0))
    browser.get()
    granting(seal.throwaway_grant())
    assert "GET /api/v1/grants" in asked()


def test_a_true_grant_among_throw_aways_opens(world: World) -> None:
    sent = world.report(what_happened="MARKER-9")
    new = world.newcomer(0)
    world.enroll(new.card)
    world.auditors.append(new)
    browser = Browser(world.desk(3))
    assert "MARKER-9" not in browser.get().text
    true = seal.grant(sent.content_key, new.card.box_pk)
    for who, sealed in ((1, seal.throwaway_grant()), (0, true), (2, b"x" * 80)):
        new_one, granter = (sent.envelope_id, new.card.key_id, sealed), world.auditors[who].card.key_id
        with db.writing(world.engine) as conn:
            assert grants.put(conn, granter, [new_one])
    assert "MARKER-9" in browser.get().text


def granting(app: Flask, who: Auditor) -> Handover:
    work = desk_of(app).work()
    now = work.refresh()
    return Handover(work.identity, work.server, work.cache, now.roster, who.card)


def test_who_stepped_back_and_what_is_not_whole_is_kept(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="か")
    found = joined(world, browser)
    run = granting(browser.app, found)
    opening = HandoverCases(run, closed=False)
    opening.fetch([sent.case_id])
    case = opening.open(sent.case_id)
    assert case is not None and verdict(case, found.card, run.roster, False) == "given"
    back = AuthoredRecord(
        bytes(16), found.card.key_id, found.card.person, "auditor", world.day, make("step_back")
    )
    assert verdict(replace(case, said=(back,)), found.card, run.roster, False) == "kept"
    assert case.report is not None
    for entry in (
        replace(case.report, kind=2, opened=False),
        replace(case.report, kind=4, opened=False),
        replace(case.report, kind=2, gap=True),
    ):
        assert verdict(replace(case, entries=(entry,)), found.card, run.roster, False) == "unread"


def test_an_interrupted_run_goes_on_from_where_it_was(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.desk.casework.handover.GRANTS_AT_ONCE", 2)
    monkeypatch.setattr("admin.desk.casework.handover.STEP", 4)
    for number in range(7):
        world.report(what_happened=str(number))
    found = joined(world, browser)
    path = f"people/{found.card.key_id.hex()}/grants"
    form = browser.get(path).fields(path)
    browser.post(path, form)
    first = granting(browser.app, found).run()
    assert first is not None and first.given == 4 and not first.is_done
    assert "一時停止" in browser.get(f"{path}?pause").text and len(all_grants(world, found.card.key_id)) == 4
    later = world.report(what_happened="登録の後")
    browser.get(path)
    done = granting(browser.app, found).run()
    assert done is not None and done.is_done and done.given == 7
    assert later.envelope_id not in all_grants(world, found.card.key_id)


def test_a_run_is_not_begun_by_looking(world: World, browser: Browser) -> None:
    world.report()
    found = joined(world, browser)
    browser.get(f"people/{found.card.key_id.hex()}/grants")
    assert all_grants(world, found.card.key_id) == {}
    assert HandoverProgress(3, 3).is_done and not HandoverProgress(2, 3).is_done


# Leaving


def retire(browser: Browser, who: Auditor, sure: bool = True) -> Page:
    path = f"people/{who.card.key_id.hex()}/retire"
    return browser.post(path, browser.get(path).fields("/retire") | ({"sure": "yes"} if sure else {}))


def test_a_lead_retires_a_colleague_for_good(world: World, browser: Browser) -> None:
    sent = world.report()
    second = world.auditors[1]
    theirs = Browser(world.desk(1))
    theirs.get("")
    hand_over(browser, second)
    assert all_grants(world, second.card.key_id)
    assert retire(browser, second, sure=False).status == 400 and len(world.cards) == 3
    assert retire(browser, second).h1 == "担当者"
    assert second.card.key_id not in {card.key_id for card in world.cards}
    assert all_grants(world, second.card.key_id) == {}
    assert "使用を終え" in theirs.get("", status=403).h1
    assert sent.case_id


def test_an_auditor_retires_nobody_else_but_may_leave(world: World) -> None:
    browser = Browser(world.desk(1))
    page = browser.get(f"people/{world.auditors[2].card.key_id.hex()}/retire")
    assert "責任者" in page.text and not page.all("input", name="sure")
    path = f"people/{world.auditors[2].card.key_id.hex()}/retire"
    token = browser.get("people/join").fields("/people/join")["csrf_token"]
    assert browser.post(path, {"csrf_token": token, "sure": "yes"}).status == 400
    assert len(world.cards) == 3
    own = f"people/{world.auditors[1].card.key_id.hex()}/retire"
    raw = browser.raw("POST", f"/ja/{own}", data=browser.get(own).fields("/retire") | {"sure": "yes"})
    assert raw.status_code == 303 and len(world.cards) == 2


def test_the_last_auditor_stays(world: World, browser: Browser) -> None:
    for who in world.auditors[1:]:
        retire(browser, who)
    page = browser.get(f"people/{world.auditors[0].card.key_id.hex()}/retire")
    assert not page.all("input", name="sure")
    token = browser.get("people/join").fields("/people/join")["csrf_token"]
    path = f"people/{world.auditors[0].card.key_id.hex()}/retire"
    assert browser.post(path, {"csrf_token": token, "sure": "yes"}).status == 400
    assert len(world.cards) == 1


# The own key


def with_key_file(world: World, mode: int = 0o600) -> tuple[Browser, Path]:
    """Return a desk that knows its key file's path."""
    path = world.folder / "founder.key"
    path.write_bytes(keyfile.lock(world.auditors[0].identity.seed, PASSPHRASE, **LIGHT) + b"\n")
    path.chmod(mode)
    app = world.desk()
    keyring = desk_of(app).keyring
    keyring._file, keyring.path = path.read_bytes(), path
    return Browser(app), path


def change(browser: Browser, old: str, new: str, again: str | None = None) -> Page:
    path = "people/key/passphrase"
    form = browser.get(path).fields(path)
    return browser.post(path, form | {"old": old, "new": new, "again": new if again is None else again})


def test_another_passphrase(world: World) -> None:
    browser, path = with_key_file(world)
    before = path.read_bytes()
    for old, new, again, word in (
        ("", NEW_PASSPHRASE, None, "今のパスフレーズ"),
        ("x", NEW_PASSPHRASE, None, "開けません"),
        (PASSPHRASE, "短い", None, "12文字"),
        (PASSPHRASE, NEW_PASSPHRASE, "別", "一致しません"),
        (NEW_PASSPHRASE, NEW_PASSPHRASE, None, "同じ"),
    ):
        page = change(browser, old, new, again)
        assert page.status == 400 and word in page.text, word
        assert NEW_PASSPHRASE not in page.html and PASSPHRASE not in page.html
        assert path.read_bytes() == before
    assert change(browser, PASSPHRASE, NEW_PASSPHRASE).h1 == "パスフレーズを変更しました"
    assert keyfile.unlock(path.read_bytes(), NEW_PASSPHRASE) == world.auditors[0].identity.seed
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in world.folder.glob("*.key*")] == ["founder.key"] == [path.name]
    assert not list(world.folder.glob(".founder*"))
    desk_of(browser.app).keyring.lock()
    assert browser.unlock(PASSPHRASE).status == 400
    assert browser.unlock(NEW_PASSPHRASE).status == 200


def test_another_file_is_not_overwritten(world: World) -> None:
    browser, path = with_key_file(world)
    path.write_bytes(b"another one")
    assert "別のファイル" in change(browser, PASSPHRASE, NEW_PASSPHRASE).text
    assert path.read_bytes() == b"another one"
    path.unlink()
    assert change(browser, PASSPHRASE, NEW_PASSPHRASE).status == 400 and not path.exists()


def test_a_key_file_that_others_can_read_is_told(world: World) -> None:
    browser, _path = with_key_file(world, 0o644)
    assert "chmod 600" in browser.get("people/key").text
    desk_of(browser.app).keyring.lock()
    locked = browser.get("", status=403).text
    assert "chmod 600" in locked and "鍵ファイル：founder.key" in locked
    browser, path = with_key_file(world)
    assert "chmod 600" not in browser.get("people/key").text and str(path) in browser.get("people/key").text


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (lambda raw: raw[:-20], "途中で切れて"),
        (lambda raw: raw.replace(b'"v":1', b'"v":2'), "このバージョン"),
        (lambda raw: raw.replace(b'"ops":1', b'"ops":"1"'), "変わって"),
        (lambda raw: raw.replace(b'"ops":1', b'"ops":99'), "メモリ"),
        (lambda raw: raw, "パスフレーズ"),
    ],
)
def test_each_fault_of_a_key_file_has_its_own_words(world: World, edit: object, word: str) -> None:
    app = world.desk(unlocked=False)
    keyring = desk_of(app).keyring
    assert keyring._file is not None and callable(edit)
    keyring._file = edit(keyring._file)
    page = Browser(app).unlock("ちがう ことば です")
    assert page.status == 400 and word in "".join(page.all("li")[0].itertext())


def test_the_sheet_brings_the_key_file_back(world: World) -> None:
    browser, path = with_key_file(world)
    page = browser.get("people/key/sheet")
    listed = [one.text for found in page.all("ol") for one in found]
    assert keysheet.restore(" ".join(listed)) + b"\n" == path.read_bytes()
    assert from_seed(keyfile.unlock(keysheet.restore("\n".join(listed)), PASSPHRASE)).key_id.hex() in (
        page.text.replace(" ", "")
    )
    assert page.response.headers["Cache-Control"] == "no-store"


def test_the_qr_code_is_read_by_another_program(world: World) -> None:
    raw = keyfile.check(keyfile.lock(world.auditors[0].identity.seed, PASSPHRASE))
    svg = str(qr_code(raw))
    assert "style=" not in svg and "<script" not in svg
    import segno

    png = io.BytesIO()
    segno.make(raw, error="q", mode="byte", micro=False, boost_error=False).save(png, kind="png", scale=4)
    (found,) = zxingcpp.read_barcodes(Image.open(png))
    assert found.bytes == raw


def test_an_only_lead_is_told_to_have_a_second_one(world: World, browser: Browser) -> None:
    assert "責任者が1人だけです" in browser.get("people").text
    world.promote(1)
    assert "責任者が1人だけです" not in browser.get("people").text
    world.retire(0, by=1)
    assert "責任者が1人だけです" in Browser(world.desk(1)).get("people").text


def test_a_case_of_somebody_who_left_can_be_taken(world: World) -> None:
    sent = world.report()
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    write(second, sent.case_id, "take", target=world.auditors[1].card.person.hex())
    key_id = world.auditors[1].card.key_id.hex()
    page = first.get(f"people/{key_id}/retire")
    first.post(f"people/{key_id}/retire", page.fields("/retire") | {"sure": "yes"})
    page = first.case(sent.case_id)
    assert "監査 1" in page.text and "今は通報を読む担当者ではありません" in page.text
    assert "この案件を引き受ける" in page.text


def test_an_auditors_desk_says_when_there_can_be_no_more_own_keys(world: World) -> None:
    browser = Browser(world.desk(1))
    world.enroll(world.another_key(1, 1).card)
    page = look(browser, world.another_key(1, 1).card.encode())
    assert (
        page.status == 400
        and "有効な鍵がすでに2つあります" in page.text
        and "何も送信していません" in page.text
    )
    # A lead is not bound by it.
    assert "有効な鍵が" not in look(Browser(world.desk(0)), world.another_key(1, 0).card.encode()).text
