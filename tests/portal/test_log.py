"""What reporters send goes into the log: promised, in the batch of its day, and served as tiles anybody can check."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from admin.logbook import LogKeeper
from cases.days import JST
from crypto import logleaf, logpromise, messages, note, plainleaf, tlog
from crypto.encoding import b64d, b64e
from crypto.envelope import envelope_hash
from crypto.receipt import derive, parse_code
from store import db, log_documents
from store import log as store_log
from store import tables as t
from store.config.log_head import head_path, write_head_file
from tests.portal.client import CheckedClient
from tests.portal.conftest import World, enroll, newcomer
from tests.portal.desk import envelopes, open_as
from tests.portal.test_sealed import TEXT, page_of, rows
from tests.support.sealed_client import SealedPage


def noon(day: date) -> int:
    """Noon in Japan, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=JST).timestamp())


def tick(world: World, days: int = 0) -> None:
    """Let the server look whether a batch is due, so many days later."""
    world.day += timedelta(days=days)
    world.now = noon(world.day)
    LogKeeper(world.engine, world.settings.server.secret_file).run(int(world.now))


@pytest.fixture
def logged(world: World) -> Iterator[World]:
    path = world.settings.server.secret_file
    path.write_bytes(world.secrets.encode())
    path.chmod(0o600)
    tick(world)
    yield world


@pytest.fixture
def page(logged: World) -> SealedPage:
    return page_of(logged)


def with_leaf(page: SealedPage, body: dict[str, Any], kind: str, epoch: int = 0) -> dict[str, Any]:
    """Return a request with its leaf, as a page makes it: tags for the readers of the list that /keys.json names."""
    raw = b64d(body["envelope"])
    opening = logleaf.envelope_opening(kind, page.case_id, raw, envelope_hash(raw))
    known = page.listing
    keys = known.readers(page.keys["log"]["length"])
    readers = [logleaf.Reader(key, known.by_key[key].box_pk) for key in keys]
    return {**body, "leaf": b64e(logleaf.make(logleaf.log_key(page.receipt.root, epoch), opening, readers))}


def report_of(page: SealedPage) -> dict[str, Any]:
    return with_leaf(page, page.report_body({"what_happened": TEXT}), "report")


def check_promise(world: World, page: SealedPage, body: dict[str, Any], answer: dict[str, Any]) -> bytes:
    hashed = tlog.leaf_hash(b64d(body["leaf"]))
    told = answer["promise"]
    assert (told["leaf"], told["day"]) == (hashed.hex(), world.day.isoformat())
    text = plainleaf.logged_text(hashed, world.day)
    messages.verify(b64d(page.keys["site_sign_pk"]), text, b64d(told["signature"]))
    return hashed


def served(world: World, path: str) -> bytes:
    answer = world.client().raw("GET", f"/log/{path}")
    assert answer.status_code == 200, path
    assert "Set-Cookie" not in answer.headers
    return bytes(answer.get_data())


def mirror(world: World) -> list[bytes]:
    """Read the whole log as any C2SP client does: checkpoint, hash tiles, entries; return the leaves."""
    keys = world.client().raw("GET", "/keys.json").get_json()["log"]
    text = served(world, "checkpoint").decode()
    signed = note.read_checkpoint(text, note.read_key(keys["vkey"]), origin=keys["origin"]).checkpoint
    leaves: list[bytes] = []
    for level, number, width in tlog.tile_paths(signed.size):
        raw = served(world, tlog.tile_path(level, number, width))
        assert len(raw) == 32 * width
        if level == 0:
            entries = tlog.bundle_entries(served(world, tlog.tile_path(-1, number, width)))
            assert raw == b"".join(map(tlog.leaf_hash, entries))
            leaves += entries
    assert tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves]) == signed.root
    return leaves


def batch_of(world: World, day: date) -> plainleaf.Batch:
    batches = plainleaf.read_batches(mirror(world), 16)
    return next(batch for batch in batches if batch.day is not None and batch.day.day == day)


def test_a_report_is_promised_and_in_the_batch_of_its_day(logged: World, page: SealedPage) -> None:
    sent_on = logged.day
    body = report_of(page)
    status, answer = page.send("report", body)
    assert (status, answer["kept"]) == (200, "new")
    hashed = check_promise(logged, page, body, answer)
    tick(logged, days=1)
    assert hashed in {tlog.leaf_hash(leaf) for leaf in batch_of(logged, sent_on).hidden}
    # A month later the same request is the same report, promised for the same day.
    tick(logged, days=5)
    again = page.send("report", body)[1]
    assert again["kept"] == "repeat" and again["promise"] == answer["promise"]


def test_a_conversation_has_a_leaf_for_each_message(logged: World, page: SealedPage) -> None:
    page.send("report", report_of(page))
    body = with_leaf(page, page.message_body({"message": "続きです"}), "message")
    hashed = check_promise(logged, page, body, page.send("message", body)[1])
    sent_on = logged.day
    tick(logged, days=1)
    batch = batch_of(logged, sent_on)
    assert hashed in map(tlog.leaf_hash, batch.hidden)
    # From the code and a copy of the log alone: both acts, and whose leaves they are.
    key = logleaf.log_key(derive(parse_code(page.code), logged.salt).root)
    kinds = []
    for leaf in batch.hidden:
        try:
            kinds.append(logleaf.open_leaf(key, leaf).kind)
        except Exception as error:
            assert type(error).__name__ == "LeafForeign"
    assert sorted(kinds) == ["message", "report"]


def kept_promises(world: World, code: str) -> list[logpromise.LogPromise]:
    """What the code alone brings back, at a look-up."""
    page = page_of(world)
    own = derive(parse_code(code), world.salt)
    _status, told = page.send("look", {"lookup": b64e(own.lookup_id)})
    site_pk = b64d(page.keys["site_sign_pk"])
    return [
        logpromise.open_promise(b64d(row["promise"]), own.mailbox_pk, own.mailbox_sk, site_pk)
        for row in told["envelopes"]
        if "promise" in row
    ]


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_code_alone_brings_its_promises_back(
    logged: World, page: SealedPage, client: CheckedClient, has_scripts: bool
) -> None:
    if has_scripts:
        answer = page.send("report", report_of(page))[1]
        page.send("message", with_leaf(page, page.message_body({"message": "続きです"}), "message"))
        code, count = page.code, 2
        told = (answer["promise"]["leaf"], answer["promise"]["signature"])
    else:
        shown = client.report(what_happened=TEXT)
        code, count = shown.code, 1
        told = None
    tick(logged, days=3)
    promises = kept_promises(logged, code)
    assert len(promises) == count
    hashes = set(map(tlog.leaf_hash, mirror(logged)))
    assert {promise.leaf for promise in promises} <= hashes
    assert told is None or (promises[0].leaf.hex(), b64e(promises[0].signature)) == told


def test_a_repeat_under_another_mailbox_takes_no_promise_away(logged: World, page: SealedPage) -> None:
    body = report_of(page)
    page.send("report", body)
    (before,) = kept_promises(logged, page.code)
    other = {**body, "mailbox_pk": b64e(page_of(logged).receipt.mailbox_pk)}
    page.send("report", other)
    assert kept_promises(logged, page.code) == [before]


def test_a_page_of_before_the_log_is_still_taken(page: SealedPage) -> None:
    status, answer = page.send("report", page.report_body({"what_happened": TEXT}))
    assert status == 200 and "promise" not in answer


def test_every_auditor_hears_of_it_past_the_server_also_one_who_is_excluded(
    logged: World, page: SealedPage
) -> None:
    """The report's row is kept from the feed: the log tells each desk that a report was there, and which envelope."""
    out = logged.auditors[1]
    body = page.report_body({"what_happened": TEXT}, [out.card.person])
    page.send("report", with_leaf(page, body, "report"))
    ((_case, row),) = envelopes(logged)
    sent_on = logged.day
    tick(logged, days=1)
    for auditor in logged.auditors:
        identity = auditor.identity
        bells = [
            bell
            for leaf in batch_of(logged, sent_on).hidden
            if (bell := logleaf.find_bell(leaf, identity.box_sk, identity.box_pk))
        ]
        assert [bell.fits(sha256(row.raw).digest()) for bell in bells] == [True]
        assert [bell.fits(sha256(b"another envelope").digest()) for bell in bells] == [False]


def test_a_promised_leaf_that_is_left_out_can_be_shown_to_be_missing(logged: World, page: SealedPage) -> None:
    """The row is removed before 03:00 by who runs the server. What the reporter has then convicts the server."""
    body = report_of(page)
    answer = page.send("report", body)[1]
    sent_on = logged.day
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.pending_leaf))
    tick(logged, days=1)
    hashed = check_missing(logged, body, sent_on)
    text = plainleaf.logged_text(hashed, date.fromisoformat(answer["promise"]["day"]))
    messages.verify(b64d(page.keys["site_sign_pk"]), text, b64d(answer["promise"]["signature"]))


def check_missing(world: World, body: dict[str, Any], day: date) -> bytes:
    hashed = tlog.leaf_hash(b64d(body["leaf"]))
    assert hashed not in map(tlog.leaf_hash, batch_of(world, day).hidden)
    return hashed


def test_a_notice_put_in_later_is_in_no_earlier_batch(logged: World, page: SealedPage) -> None:
    """Backdating: no proof can be made for the day before, whose checkpoint is out already."""
    first_day = logged.day
    tick(logged, days=1)
    before = mirror(logged)
    page.keys = logged.client().raw("GET", "/keys.json").get_json()
    body = report_of(page)
    page.send("report", body)
    tick(logged, days=1)
    after = mirror(logged)
    assert after[: len(before)] == before
    hashed = tlog.leaf_hash(b64d(body["leaf"]))
    assert hashed not in map(tlog.leaf_hash, batch_of(logged, first_day).hidden)
    assert hashed in map(tlog.leaf_hash, batch_of(logged, first_day + timedelta(days=1)).hidden)


# What is refused, with nothing stored


def waiting(world: World) -> int:
    with db.reading(world.engine) as conn:
        return store_log.waiting(conn)


def test_a_repeat_with_another_leaf_is_refused(logged: World, page: SealedPage) -> None:
    body = report_of(page)
    page.send("report", body)
    other = b64e(logleaf.dummy(2))
    assert page.send("report", {**body, "leaf": other}) == (409, {"error": "leaf"})
    assert waiting(logged) == 1


@pytest.mark.parametrize("is_batched", [False, True])
def test_a_new_act_with_a_known_leaf_is_refused(logged: World, page: SealedPage, is_batched: bool) -> None:
    """Otherwise evidence against an honest server could be made: a promise for a day that the leaf is not in."""
    first = report_of(page)
    page.send("report", first)
    if is_batched:
        tick(logged, days=1)
    before = rows(logged)
    second = page_of(logged)
    body = {**second.report_body({"what_happened": "x"}), "leaf": first["leaf"]}
    assert second.send("report", body) == (409, {"error": "leaf"})
    assert rows(logged) == before


@pytest.mark.parametrize("leaf", [logleaf.dummy(1), logleaf.dummy(3), b"", b"x" * 400])
def test_a_leaf_of_another_length_is_refused(logged: World, page: SealedPage, leaf: bytes) -> None:
    body = {**page.report_body({"what_happened": TEXT}), "leaf": b64e(leaf)}
    assert page.send("report", body) == (409, {"error": "leaf_length"})
    assert rows(logged)["envelope"] == 0 and waiting(logged) == 0


def test_a_leaf_that_is_no_octets_is_refused(logged: World, page: SealedPage) -> None:
    for leaf in (None, 5, "!!", ["AA"]):
        assert page.send("report", {**page.report_body({"what_happened": TEXT}), "leaf": leaf})[0] == 400
    assert rows(logged)["envelope"] == 0


def test_the_day_that_is_over_promises_nothing(logged: World, page: SealedPage) -> None:
    """A clock that went back: the day has its batch, so nothing can be promised for it, and the page is told."""
    tick(logged, days=1)
    page.keys = logged.client().raw("GET", "/keys.json").get_json()
    logged.day -= timedelta(days=1)
    status, answer = page.send("report", report_of(page))
    assert (status, answer) == (503, {"error": "store_failed"})
    assert rows(logged)["envelope"] == 0


# Scripts off


def test_without_scripts_the_server_makes_the_leaf(logged: World, client: CheckedClient) -> None:
    hidden = client.form()
    page = client.report(hidden, what_happened=TEXT)
    ((case_id, row),) = envelopes(logged)
    key = logleaf.log_key(derive(parse_code(page.code), logged.salt).root)
    assert open_as(logged.auditors[0], row.raw).payload["log_key"] == b64e(key)
    with db.reading(logged.engine) as conn:
        ((hashed, raw, _length),) = store_log.pending(conn, logged.day)
    opening = logleaf.open_leaf(key, raw)
    assert opening.fields == (case_id.hex(), sha256(row.raw).hexdigest(), envelope_hash(row.raw).hex())
    client.report(hidden, what_happened=TEXT)
    assert waiting(logged) == 1, "the same form sent twice is one act"
    sent_on = logged.day
    tick(logged, days=1)
    assert hashed in map(tlog.leaf_hash, batch_of(logged, sent_on).hidden)


def test_at_rest_nothing_leads_from_a_leaf_to_a_case(logged: World, client: CheckedClient) -> None:
    """After the batch: no log key, no blinding, no opening, and no leaf or hash of one beside a case."""
    page = client.report(what_happened=TEXT)
    ((case_id, row),) = envelopes(logged)
    with db.reading(logged.engine) as conn:
        ((hashed, raw, _length),) = store_log.pending(conn, logged.day)
    tick(logged, days=1)
    key = logleaf.log_key(derive(parse_code(page.code), logged.salt).root)
    opening = logleaf.envelope_opening("report", case_id, row.raw, envelope_hash(row.raw))
    blinding = logleaf.blinding(key, opening.text())
    content = b"".join(
        path.read_bytes() for path in Path(str(logged.engine.url.database)).parent.glob("test.db*")
    )
    for secret in (key, blinding, opening.text()):
        for said in (secret, secret.hex().encode(), base64.b64encode(secret), b64e(secret).encode()):
            assert said not in content
    assert raw in content and hashed in content and case_id in content, "the control: what is stored is found"
    with db.reading(logged.engine) as conn:
        for table in t.Base.metadata.sorted_tables:
            for line in conn.execute(select(table)):
                values = [bytes(value) for value in line if isinstance(value, bytes)]
                about_leaf = any(hashed in value or raw in value for value in values)
                assert not (about_leaf and any(case_id in value for value in values)), table.name


# What is served


def test_only_what_a_checkpoint_covers_is_served(logged: World) -> None:
    client = logged.client()
    for path in (
        *("tile/0/000", "tile/0/000.p/99", "tile/0/001.p/1", "tile/1/000.p/1", "tile/0/000.p/0", "tile/0/0"),
        *("tile/0/000.p/256", "tile/entries/000", "tile/64/000", "tile/0/x000/000.p/4", "tile/-1/000.p/4"),
        *("tile/0/000.p/04", "nothing", "tile/", "tile/0/000/p/4"),
    ):
        assert client.raw("GET", f"/log/{path}").status_code == 404, path
    assert len(served(logged, "tile/0/000.p/4")) == 128
    assert len(tlog.bundle_entries(served(logged, "tile/entries/000.p/3"))) == 3
    assert served(logged, "policy").startswith(b"log meyasubako/")
    site = plainleaf.read_site(mirror(logged)[0])
    assert site.rule == sha256(served(logged, "rule")).digest()


def test_tiles_of_a_larger_log(logged: World) -> None:
    tick(logged, days=7)
    tick(logged, days=7)
    tick(logged, days=2)
    assert len(mirror(logged)) == 5 + 16 * 17
    assert len(served(logged, "tile/0/000")) == 256 * 32
    assert served(logged, "tile/1/000.p/1") == tlog.root_of(
        [tlog.leaf_hash(leaf) for leaf in mirror(logged)[:256]]
    )


def test_without_a_log_nothing_is_served_and_nothing_promised(world: World) -> None:
    client = world.client()
    assert client.raw("GET", "/log/checkpoint").status_code == 404
    assert "log" not in client.raw("GET", "/keys.json").get_json()
    page = page_of(world)
    body = {**page.report_body({"what_happened": TEXT}), "leaf": b64e(logleaf.dummy(2))}
    status, answer = page.send("report", body)
    assert status == 200 and "promise" not in answer


def test_readiness_knows_that_a_clock_behind_the_log_takes_no_reports(logged: World) -> None:
    """No batch is to come for a leaf of a day that has its batch already."""
    client = logged.client()
    assert client.raw("GET", "/readyz").status_code == 200
    logged.now -= 3 * 86400
    answer = client.raw("GET", "/readyz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "not_writing", "log": "clock"})
    logged.now += 3 * 86400
    assert client.raw("GET", "/readyz").status_code == 200


def test_health_tells_of_a_late_batch_and_of_an_older_database(logged: World) -> None:
    client = logged.client()

    def health() -> Any:
        answer = client.raw("GET", "/healthz")
        assert answer.status_code == 200, "reports are taken all the same"
        return answer.get_json()

    assert health() == {"status": "ok"}
    logged.now += 86400
    assert health() == {"status": "ok", "log": "late"}
    tick(logged, days=1)
    assert health() == {"status": "ok"}
    path = head_path(logged.settings.server.secret_file)
    write_head_file(path, 1000, bytes(32))
    assert health() == {"status": "ok", "log": "ahead"}
    path.write_text("x", "ascii")
    assert health() == {"status": "ok", "log": "log_head"}
    os.unlink(path)
    assert health() == {"status": "ok"}


def test_a_new_auditor_is_in_tomorrows_leaves(logged: World) -> None:
    page_of(logged).send("report", report_of(page_of(logged)))
    tick(logged, days=1)
    with db.writing(logged.engine) as conn:
        enroll(conn, newcomer(logged.auditors[0].identity).card)
    assert page_of(logged).keys["log"]["length"] == 2
    tick(logged, days=1)
    assert page_of(logged).keys["log"]["length"] == 3


def test_every_page_tells_of_a_restored_database_for_ninety_days(
    logged: World, client: CheckedClient
) -> None:
    """Also the pages that are rendered once for all visitors; in the three languages, with and without scripts."""
    paths = ("/ja/", "/en/report/start", "/en/report", "/easy/report", "/ja/status", "/en/keys")
    before = {path: client.get(path).text for path in paths}
    assert not any("11月20日" in page or "November 20" in page for page in before.values())
    day = date(2026, 11, 20)
    leaf = plainleaf.restored_leaf(day)
    with db.writing(logged.engine) as conn:
        log_documents.wait(conn, tlog.leaf_hash(leaf), "restored", leaf)
    logged.now += 31
    told = re.compile("11月 ?20日|November 20")
    for path in paths:
        assert told.search(client.get(path).text), path
