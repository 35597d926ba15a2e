"""A desk in front of a true site with a log: it agrees and cosigns, and it notices each thing that a server can do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from werkzeug.test import Client

from admin.desk.casework import log_state
from admin.desk.casework.log_checks import LogAlert, LogFault
from admin.desk.casework.log_state import KeptLog
from admin.desk.labels.log import FAULTS
from admin.desk.local.copy import Cache
from admin.desk.web.context import desk_of
from admin.logbook import LogKeeper
from cases.days import JST
from crypto import logleaf, messages, note, tlog
from crypto.certificate_verdict import judge
from crypto.encoding import b64e
from crypto.envelope import envelope_hash
from crypto.logbatch import log_seed
from crypto.receipt import derive, new_code
from store import db, deletion
from store import log as store_log
from store import tables as t
from tests.desk.browser import Browser
from tests.desk.test_deletion import act as delete_case
from tests.desk.world import CountingTransport, Sent, World
from tests.support.roster import stored_roster


def noon(day: date) -> int:
    """Noon in Japan, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=JST).timestamp())


def keep(world: World) -> None:
    """Let the server look whether a batch is due."""
    LogKeeper(world.engine, world.settings.server.secret_file).run(noon(world.day))


def next_day(world: World) -> None:
    """Let a day go by, with its batch."""
    world.day += timedelta(days=1)
    world.desk_day = world.day
    keep(world)


@pytest.fixture
def logged(world: World) -> World:
    path = world.settings.server.secret_file
    path.write_bytes(world.secrets.encode())
    path.chmod(0o600)
    keep(world)
    return world


def places(world: World) -> list[logleaf.Reader]:
    """The readers of the list that leaves of today go by."""
    with db.reading(world.engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        roster = stored_roster(conn, world.secrets.first_card)
        keys = roster.listing.readers(store_log.list_length(conn, head, world.day))
    return [logleaf.Reader(key_id, roster.by_key[key_id].box_pk) for key_id in keys]


def put_leaf(world: World, leaf: bytes) -> None:
    with db.writing(world.engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        length = store_log.list_length(conn, head, world.day)
        outcome = store_log.add_pending(conn, tlog.leaf_hash(leaf), leaf, world.day, length)
    assert outcome is store_log.LeafOutcome.TAKEN


def leaf_of(world: World, sent: Sent, envelope_id: bytes, kind: str) -> bytes:
    """Return the leaf that a page makes for what it sent."""
    raw = raw_of(world, envelope_id)
    opening = logleaf.envelope_opening(kind, sent.case_id, raw, envelope_hash(raw))
    return logleaf.make(logleaf.log_key(sent.receipt.root), opening, places(world))


def raw_of(world: World, envelope_id: bytes) -> bytes:
    with db.reading(world.engine) as conn:
        return bytes(
            conn.scalars(select(t.envelope.c.raw).where(t.envelope.c.envelope_id == envelope_id)).one()
        )


def withhold(world: World, envelope_id: bytes) -> None:
    """Take an envelope out of the database, as somebody does who runs the server."""
    with db.writing(world.engine) as conn:
        seq = conn.scalars(select(t.envelope.c.seq).where(t.envelope.c.envelope_id == envelope_id)).one()
        conn.execute(delete(t.grant).where(t.grant.c.envelope_id == envelope_id))
        conn.execute(delete(t.envelope).where(t.envelope.c.seq == seq))
        conn.execute(delete(t.change).where(t.change.c.seq == seq))


def report(world: World, exclude: Sequence[bytes] = (), leaf: bool = True) -> Sent:
    """Send a report as a page does that makes leaves."""
    receipt = derive(code := new_code(), world.salt)
    payload: Mapping[str, Any] = messages.report_payload({"what_happened": "漏えい"}, exclude, receipt, [])
    payload = {**payload, "log_key": b64e(logleaf.log_key(receipt.root))}
    sent = world.store_report(code, receipt, payload, exclude)
    if leaf:
        put_leaf(world, leaf_of(world, sent, sent.envelope_id, "report"))
    return sent


def state(browser: Browser) -> KeptLog:
    return desk_of(browser.app).work().log.state()


def alerts(browser: Browser) -> list[tuple[str, int]]:
    browser.get()
    return alerts_of(browser)


def alerts_of(browser: Browser) -> list[tuple[str, int]]:
    """What the last look showed."""
    return [(alert.fault.value, alert.count) for alert in state(browser).alerts]


def test_a_desk_agrees_with_a_true_log_and_cosigns_it(logged: World) -> None:
    wire = CountingTransport()
    browsers = [Browser(logged.desk(who, transport=wire if who == 0 else None)) for who in range(2)]
    first = report(logged)
    message = logged.from_reporter(first, {"message": "続き"})
    report(logged, [logged.auditors[0].card.person])
    for browser in browsers:
        browser.get()
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[("left_out", 1)]] * 2, (
        "a message without a leaf is said"
    )
    withhold(logged, message)
    logged2 = Browser(logged.desk(2))
    assert alerts(logged2) == []
    page = logged2.get("log")
    assert "記録簿とこのデスクは一致しています" in page.text and "署名" in page.text
    assert desk_of(logged2.app).work().log.state().cosigned == state(logged2).size > 0
    asked = [one.split("?")[0] for one in wire.requests if "/log/" in one]
    assert asked[0] == "GET /log/checkpoint" and not any(
        part in line for line in asked for part in ("leaf", "case")
    )


def test_a_report_that_the_server_withholds_is_seen_by_every_desk(logged: World) -> None:
    browsers = [Browser(logged.desk(who)) for who in range(3)]
    for browser in browsers:
        browser.get()
    report(logged)
    withheld = report(logged, [logged.auditors[2].card.person])
    withhold(logged, withheld.envelope_id)
    next_day(logged)
    # Also the desk of the person whom it excludes: the same tag as everybody's.
    assert [alerts(browser) for browser in browsers] == [[("withheld", 1)]] * 3
    page = browsers[0].get("log")
    assert "記録簿にある通報またはメッセージが、届いていません" in page.text and "弁護士" in page.text
    assert "記録簿にある通報" in browsers[0].get().text


def test_a_desk_that_comes_later_sees_it_too(logged: World) -> None:
    withheld = report(logged)
    withhold(logged, withheld.envelope_id)
    next_day(logged)
    next_day(logged)
    assert alerts(Browser(logged.desk(1))) == [("withheld", 1)]


def test_two_histories_are_a_fork_and_a_shorter_one_is_said(logged: World) -> None:
    browser = Browser(logged.desk())
    next_day(logged)
    assert alerts(browser) == []
    before = state(browser)
    with db.writing(logged.engine) as conn:  # the server's own key signs another history
        last = conn.scalars(select(t.log_leaf.c.index).order_by(t.log_leaf.c.index.desc()).limit(1)).one()
        other = logleaf.dummy(3)
        conn.execute(
            update(t.log_leaf).where(t.log_leaf.c.index == last).values(raw=other, hash=tlog.leaf_hash(other))
        )
        hashes = list(conn.scalars(select(t.log_leaf.c.hash).order_by(t.log_leaf.c.index)))
        checkpoint = note.read_note(before.note).text.split("\n")
        root = tlog.root_of(hashes)
        seed = log_seed(logged.secrets.sign_seed)
        signed = note.sign_checkpoint(note.Checkpoint(checkpoint[0], len(hashes), root), seed)
        conn.execute(update(t.log_head).values(root=root, note=signed))
    browser.post("log", browser.get("log").fields("/log"))
    assert [alert.fault for alert in state(browser).alerts] == [LogFault.FORK]
    first, other_note = state(browser).fork
    assert first == before.note and note.read_note(other_note).text == note.read_note(signed).text
    page = browser.get("log")
    assert "サーバーが2つの異なる記録簿を見せています" in page.text and root.hex() not in page.text
    assert state(browser).cosigned == before.cosigned


@pytest.mark.parametrize("days", [1, 3])
def test_an_old_head_is_said_after_two_days(logged: World, days: int) -> None:
    browser = Browser(logged.desk())
    next_day(logged)
    browser.get()
    logged.day += timedelta(days=days)
    logged.desk_day = logged.day
    assert alerts(browser) == ([("stale", 1)] if days > 1 else [])


def browser_keys(world: World) -> dict[str, Any]:
    """What /keys.json says of the log."""
    return dict(Client(world.wsgi(), use_cookies=False).get("/keys.json").get_json()["log"])


def promised(world: World) -> tuple[Browser, Sent]:
    """Set a status and answer at the first desk; the server has promised both."""
    sent, browser = report(world), Browser(world.desk())
    browser.get()
    next_day(world)
    browser.get()
    browser.set_status(sent.case_id, "investigating")
    browser.reply(sent.case_id, "調べています")
    assert sorted(act.what for act in state(browser).acts) == ["answer", "status"]
    return browser, sent


def test_own_acts_are_promised_and_in_the_batch(logged: World) -> None:
    browser, _sent = promised(logged)
    second = Browser(logged.desk(1))
    second.get()
    next_day(logged)
    assert alerts(browser) == alerts(second) == [] and state(browser).acts == ()


def test_an_own_act_that_is_left_out_of_the_batch_is_said(logged: World) -> None:
    browser, sent = promised(logged)
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.pending_leaf).where(t.pending_leaf.c.hash == state(browser).acts[0].leaf))
    next_day(logged)
    assert alerts(browser) == [("act_missing", 1)]
    assert "あなたが送ったものが、記録簿にありません" in browser.get("log").text
    assert alerts(browser) == [("act_missing", 1)], "and it stays"
    # The proof: from the batch of the next day on, of what is missing only, and it says nothing of the case.
    (act,) = state(browser).acts
    assert browser.raw("GET", f"/ja/log/proof/{act.leaf.hex()}").status_code == 404
    next_day(logged)
    (link,) = [link.get("href") for link in browser.get("log").all("a") if "/proof/" in link.get("href", "")]
    raw = browser.raw("GET", link).get_data()
    log = note.read_key(browser_keys(logged)["vkey"])
    judged = judge(raw, f"log {log.text()}\nquorum none\n")
    assert (judged.fault, judged.verdict) == ("", "open") and b'"burying"' in raw
    assert sent.case_id.hex().encode() not in raw
    for wrong in ("00" * 32, "x", act.leaf.hex()[:-2]):
        assert browser.raw("GET", f"/ja/log/proof/{wrong}").status_code == 404


def test_a_status_that_the_server_drops_is_said_at_a_colleagues_desk(logged: World) -> None:
    _browser, sent = promised(logged)
    with db.writing(logged.engine) as conn:
        seq = conn.scalars(select(t.status.c.seq)).one()
        conn.execute(delete(t.status).where(t.status.c.seq == seq))
        conn.execute(delete(t.change).where(t.change.c.seq == seq))
    second = Browser(logged.desk(1))
    second.get()
    next_day(logged)
    second.get()
    assert [(alert.fault, alert.cases) for alert in state(second).alerts] == [
        (LogFault.ACT_WITHHELD, (sent.case_id,))
    ]


def test_a_deletion_is_promised_and_in_the_batch(logged: World) -> None:
    sent, browsers = report(logged), [Browser(logged.desk(who)) for who in range(3)]
    for browser in browsers:
        browser.get()
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[]] * 3
    delete_case(browsers[0], sent, "propose", delete_reason="保存期間が過ぎました。")
    delete_case(browsers[1], sent, "agree")
    assert [(act.what, act.case_id) for act in state(browsers[1]).acts] == [("deletion", sent.case_id)]
    leaf = state(browsers[1]).acts[0].leaf
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[]] * 3 and state(browsers[1]).acts == ()
    # What the code's holder opens it to: the case, and the digest of both acts.
    with db.reading(logged.engine) as conn:
        raw = conn.scalars(select(t.log_leaf.c.raw).where(t.log_leaf.c.hash == leaf)).one()
        first, second = deletion.acts(conn, sent.case_id)
    opening = logleaf.open_leaf(logleaf.log_key(sent.receipt.root), raw)
    text = messages.delete_text(sent.case_id, first.author, first.day) + first.sig + first.act_sig
    named = messages.proposal_hash(first.sig)
    text += messages.agree_text(sent.case_id, second.author, named, second.day) + second.sig + second.act_sig
    assert (opening.kind, opening.fields) == (
        "deletion",
        (sent.case_id.hex(), hashlib.sha256(text).hexdigest()),
    )


def test_a_deletion_that_is_left_out_of_the_batch_is_said(logged: World) -> None:
    sent, browsers = report(logged), [Browser(logged.desk(who)) for who in range(2)]
    browsers[0].get()
    next_day(logged)
    delete_case(browsers[0], sent, "propose", delete_reason="理由")
    browsers[1].get()
    next_day(logged)  # since the desk looked, the leaves of the day may have another length
    newcomer = logged.newcomer(0)
    logged.enroll(newcomer.card)
    next_day(logged)
    delete_case(browsers[1], sent, "agree")
    (promise,) = state(browsers[1]).acts
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.pending_leaf).where(t.pending_leaf.c.hash == promise.leaf))
    next_day(logged)
    assert alerts(browsers[1]) == [("act_missing", 1)]


def test_a_look_reads_what_is_kept_once(logged: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, browser, read = report(logged), Browser(logged.desk()), list[str]()
    whole = Cache.parts

    def noted(cache: Cache, name: str) -> list[bytes]:
        read.append(name)
        return list(whole(cache, name))

    monkeypatch.setattr(Cache, "parts", noted)
    browser.get()
    next_day(logged)
    read.clear()
    browser.get()
    assert state(browser).cosigned == state(browser).size and read.count("log:leaves:") == 1
    read.clear()
    browser.get()
    assert "log:leaves:" not in read, "nothing is due: nothing is read"
    assert browser.case(sent.case_id).status == 200 and "log:leaves:" not in read


def test_an_observers_desk_is_a_witness_too(logged: World) -> None:
    observer = logged.newcomer(0, duty="observer")
    logged.enroll(observer.card)
    logged.auditors.append(observer)
    wire = CountingTransport()
    browser = Browser(logged.desk(3, transport=wire))
    next_day(logged)
    report(logged)
    assert browser.get("statistics").status == 200
    next_day(logged)
    page = browser.get("log")
    assert alerts_of(browser) == [] and state(browser).cosigned == state(browser).size
    assert "この鍵に向けて暗号化される通報はありません" in page.text and "1台" in page.text
    # Nothing of a case was asked for.
    asked = {line.split("?")[0].replace("/api/v1", "") for line in wire.requests}
    below_log = {line for line in asked if " /log/" in line}
    assert asked - below_log == {"GET /keys.json", "GET /site", "GET /numbers"}
    # A withheld report is not for this desk to see; a list that the server made up is.
    withheld = report(logged)
    withhold(logged, withheld.envelope_id)
    next_day(logged)
    browser.get("statistics")
    assert alerts_of(browser) == []
    stranger = logged.newcomer(0)
    logged.enroll(stranger.card)
    next_day(logged)
    with db.writing(logged.engine) as conn:  # a list that was made for one visitor, and is shown to no desk
        conn.execute(delete(t.card).where(t.card.c.key_id == stranger.card.key_id))
    assert "記録簿にある名簿が、このデスクの知る名簿と違います" in browser.get("statistics").text
    assert alerts_of(browser) == [("list_changed", 1)]


def test_each_fault_has_its_words_and_what_to_do(logged: World) -> None:
    browser = Browser(logged.desk())
    browser.get()
    cache = desk_of(browser.app).work().cache
    assert set(FAULTS) == {fault.value for fault in LogFault}
    log_state.save(
        cache, replace(state(browser), size=1, alerts=tuple(LogAlert(fault) for fault in LogFault))
    )
    page = browser.get("log")
    assert page.text.count("どうすればよいか") + page.text.count("次にすること") >= len(LogFault)


def test_a_damaged_log_breaks_no_page_and_keeps_no_answer_back(logged: World) -> None:
    """Faults of one kind, with a day and without, are shown beside each other; acts go out without a leaf."""
    sent, browser = report(logged), Browser(logged.desk())
    browser.get()
    cache = desk_of(browser.app).work().cache
    gap = LogAlert(LogFault.MALFORMED, logged.day)
    log_state.save(cache, replace(state(browser), size=0, alerts=(gap,)))
    log_state.save(cache, replace(state(browser), size=1), [b"mybk1/day\nnone\n"])
    next_day(logged)
    assert {alert[0] for alert in alerts(browser)} == {"malformed"} and "記録簿が壊れています" in browser.get(
        "log"
    ).text
    assert len(state(browser).alerts) == 2
    browser.reply(sent.case_id, "調べています")
    with db.reading(logged.engine) as conn:
        answers = conn.scalars(select(t.envelope.c.seq).where(t.envelope.c.kind == 3)).all()
    assert len(answers) == 1 and state(browser).acts == ()
