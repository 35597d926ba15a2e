"""The requests of a page with scripts (docs/format.md, section 8): what they do, and each way to refuse them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crypto import messages
from crypto.encoding import b64d, b64e
from crypto.receipt import derive, new_code
from store import db
from store import tables as t
from tests.portal.conftest import World, enroll, listing, newcomer
from tests.portal.desk import Desk, envelopes, open_as
from tests.support.sealed_client import Answer, SealedPage

TEXT = "名簿の流出が隠されている MARKER-7"


@pytest.fixture
def page(world: World) -> SealedPage:
    return page_of(world)


def page_of(world: World) -> SealedPage:
    """Open a page with scripts on a site."""
    client = world.app.test_client(use_cookies=False)

    def post(path: str, body: bytes, kind: str) -> Answer:
        answer = client.post(path, data=body, content_type=kind)
        assert answer.mimetype == "application/json" and not answer.headers.getlist("Set-Cookie")
        assert "Access-Control-Allow-Origin" not in answer.headers
        return answer.status_code, answer.get_json()

    keys = client.get("/keys.json").get_json()
    assert keys["day"] == world.day.isoformat()
    return SealedPage(post, keys)


def rows(world: World) -> dict[str, int]:
    """Return how many rows each table has."""
    tables = [t.case_file, t.code, t.envelope, t.grant, t.status, t.change, t.object_name]
    with db.reading(world.engine) as conn:
        return {table.name: len(conn.execute(select(table)).all()) for table in tables}


def test_a_report_and_its_certificate(world: World, page: SealedPage) -> None:
    body = page.report_body({"what_happened": TEXT})
    status, answer = page.send("report", body)
    assert (status, answer["kept"]) == (200, "new")
    text = messages.receipt_text(bytes.fromhex(answer["hash"]), world.day)
    messages.verify(b64d(answer["site_pk"]), text, b64d(answer["signature"]))
    ((_case, row),) = envelopes(world)
    assert open_as(world.auditors[0], row.raw).payload["what_happened"] == TEXT
    # The same request again is the same report.
    assert page.send("report", body)[1] == {**answer, "kept": "repeat"}
    assert [one.payload["what_happened"] for one in page.opened()] == [TEXT]
    # The way without scripts reads it too, with the same code.
    assert TEXT in world.client().post("status", [("code", page.code)]).text


def test_a_conversation(world: World, page: SealedPage) -> None:
    page.send("report", page.report_body({"what_happened": TEXT}))
    desk = Desk.of(world, world.auditors[0])
    desk.say("返事です")
    desk.status(1, "investigating")
    status, answer = page.send("message", page.message_body({"message": "続きです"}))
    assert (status, answer["kept"]) == (200, "message")
    _status, found = page.look()
    assert [one["status"] for one in found["statuses"]] == ["investigating"]
    words = [one.payload.get("message") for one in page.opened()]
    assert words == [None, "返事です", "続きです"]
    state = messages.state_text(page.case_id, world.day, ["investigating"])
    messages.verify(b64d(page.keys["site_sign_pk"]), state, b64d(found["signature"]))


def test_whom_the_page_shuts_out_can_not_open_it(world: World, page: SealedPage) -> None:
    page.send("report", page.report_body({"what_happened": TEXT}, [world.auditors[1].card.person]))
    ((_case, row),) = envelopes(world)
    assert open_as(world.auditors[0], row.raw).payload["exclude"] == [world.auditors[1].card.person.hex()]
    from crypto.errors import CannotOpen

    with pytest.raises(CannotOpen):
        open_as(world.auditors[1], row.raw)


def test_files(world: World, page: SealedPage) -> None:
    entries = [page.upload(secrets.token_bytes(size)) for size in (0, 70_000, 3_000_000)]
    status, _answer = page.send("report", page.report_body({"what_happened": TEXT}, files=entries))
    assert status == 200 and rows(world)["object_name"] == 3
    # A file belongs to one envelope, for ever.
    assert page.send("message", page.message_body({"message": "x"}, entries[:1])) == (
        409,
        {"error": "objects"},
    )
    head = bytes.fromhex(entries[0]["object"]) + (65_581).to_bytes(8, "big") + bytes(8)
    assert page.post("/sealed/piece", head + b"x", "application/octet-stream") == (409, {"error": "named"})


def test_an_upload_goes_on_after_a_break(page: SealedPage) -> None:
    object_id, total = secrets.token_bytes(16), 65_581

    def piece(offset: int, data: bytes, of: int = total) -> Answer:
        head = object_id + of.to_bytes(8, "big") + offset.to_bytes(8, "big")
        return page.post("/sealed/piece", head + data, "application/octet-stream")

    def have() -> Answer:
        return page.send("have", {"object": object_id.hex()})

    assert have() == (200, {"have": 0})
    assert piece(0, bytes(1000)) == (200, {"have": 1000})
    assert piece(0, bytes(1000)) == (200, {"have": 1000})
    assert piece(2000, b"x") == (409, {"error": "have", "have": 1000})
    assert have() == (200, {"have": 1000})
    assert piece(1000, bytes(total))[0] == 413 and piece(0, b"", total)[0] == 400
    assert piece(0, b"x", 2**50) == (413, {"error": "too_large"})
    assert piece(1000, bytes(total - 1000)) == (200, {"have": total})
    entry = {"object": object_id.hex()}
    assert (
        page.send("report", {**page.report_body({"what_happened": "x"}), "objects": [entry["object"]]})[0]
        == 200
    )


def test_a_file_that_is_not_whole_is_missed(page: SealedPage) -> None:
    body = page.report_body({"what_happened": TEXT})
    assert page.send("report", {**body, "objects": [secrets.token_hex(16)]}) == (409, {"error": "objects"})
    assert page.send("report", body)[0] == 200


def test_a_second_report_under_one_code(world: World, page: SealedPage) -> None:
    page.send("report", page.report_body({"what_happened": TEXT}))
    before = rows(world)
    assert page.send("report", page.report_body({"what_happened": "変えた"})) == (
        409,
        {"error": "case_exists"},
    )
    assert rows(world) == before


def test_a_list_of_recipients_that_has_changed(world: World, page: SealedPage) -> None:
    body = page.report_body({"what_happened": TEXT})
    with db.writing(world.engine) as conn:
        enroll(conn, newcomer(world.auditors[0].identity).card)
    assert page.send("report", body) == (409, {"error": "recipients"})
    page.keys = page_of(world).keys
    assert page.send("report", page.report_body({"what_happened": TEXT}))[0] == 200
    assert len(page.listing) == 3 and page.listing == listing(world)


def test_a_new_code(world: World, page: SealedPage) -> None:
    page.send("report", page.report_body({"what_happened": TEXT}))
    Desk.of(world, world.auditors[0]).say("返事です")
    code = new_code()
    body = page.replace_body(derive(code, world.salt))
    assert page.send("replace", body) == (200, {"kept": "replaced"})
    assert page.send("replace", body) == (200, {"kept": "replace_repeat"})
    assert page.look() == (404, {"error": "unknown"})
    assert "見つかりません" in world.client().post("status", [("code", page.code)]).text
    page.code = code
    assert [one.payload.get("message", one.payload.get("what_happened")) for one in page.opened()][:2] == [
        TEXT,
        "返事です",
    ]
    assert page.send("message", page.message_body({"message": "新しいコードから"}))[0] == 200
    shown = world.client().post("status", [("code", code)])
    assert (
        TEXT in shown.text and "新しいコードから" in shown.text and "確認できなかったもの" not in shown.text
    )


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"sig": b64e(bytes(64))}, (403, {"error": "signature"})),
        ({"index": "00" * 16}, (403, {"error": "signature"})),
        ({"mailbox_pk": b64e(bytes(32))}, (403, {"error": "signature"})),
        ({"lookup": b64e(bytes(16))}, (404, {"error": "unknown"})),
        ({"mailbox_record": b64e(bytes(1136))}, (400, {"error": "bad_request"})),
        ({"grants": [{"envelope": "00" * 16, "sealed": b64e(bytes(80))}]}, (409, {"error": "code_taken"})),
        ({"envelope": ""}, (400, {"error": "envelope"})),
    ],
)
def test_a_new_code_that_is_refused_changes_nothing(
    world: World, page: SealedPage, change: dict[str, Any], answer: Answer
) -> None:
    page.send("report", page.report_body({"what_happened": TEXT}))
    before = rows(world)
    assert page.send("replace", {**page.replace_body(derive(new_code(), world.salt)), **change}) == answer
    assert rows(world) == before and page.look()[0] == 200


def test_a_code_that_somebody_has(world: World, page: SealedPage) -> None:
    other = page_of(world)
    for one in (page, other):
        one.send("report", one.report_body({"what_happened": TEXT}))
    assert page.send("replace", page.replace_body(other.receipt)) == (409, {"error": "code_taken"})


def test_forgetting(world: World, page: SealedPage) -> None:
    page.send("report", page.report_body({"what_happened": TEXT}))
    desk = Desk.of(world, world.auditors[0])
    desk.say("前の返事")

    def forget(day: Any, seed: bytes | None = None) -> Answer:
        sent = page.forget_body(day)
        if seed:
            sent["sig"] = b64e(messages.sign(seed, messages.forget_text(page.case_id, day)))
        return page.send("forget", sent)

    assert forget(world.day, bytes(32)) == (403, {"error": "signature"})
    assert forget(world.day + timedelta(2)) == (400, {"error": "day"})
    assert len(page.opened()) == 2
    assert forget(world.day) == (200, {})
    assert page.opened() == []
    desk.say("あとの返事")
    assert [one.payload["message"] for one in page.opened()] == ["あとの返事"]
    # The auditors keep what they have.
    assert open_as(world.auditors[0], envelopes(world)[0][1].raw).payload["what_happened"] == TEXT


@pytest.mark.parametrize("path", ["look", "report", "message", "replace", "forget", "have"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"lookup":1}', b"\xff", b"[" * 100_000, b'{"lookup":"x","more":1}']
)
def test_a_body_that_is_not_as_the_format_says(page: SealedPage, path: str, body: bytes) -> None:
    assert page.post(f"/sealed/{path}", body, "application/json") == (400, {"error": "bad_request"})


@pytest.mark.parametrize("twice", [False, True])
def test_a_field_that_is_there_twice_is_refused(page: SealedPage, twice: bool) -> None:
    """It was taken, the last one of the two; the API and the desk have refused it always."""
    page.send("report", page.report_body({"what_happened": TEXT}))
    field = f'"lookup":"{b64e(page.receipt.lookup_id)}"'.encode()
    status, answer = page.post(
        "/sealed/look", b"{" + b",".join([field] * (1 + twice)) + b"}", "application/json"
    )
    assert (status, answer.get("error")) == ((400, "bad_request") if twice else (200, None))


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("path", ["look", "report", "piece"])
def test_what_a_foreign_page_could_send_is_refused(page: SealedPage, path: str, kind: str) -> None:
    assert page.post(f"/sealed/{path}", b"{}", kind) == (415, {"error": "content_type"})


def test_other_methods_and_sizes(world: World, page: SealedPage) -> None:
    client = world.app.test_client()
    assert client.get("/sealed/report").status_code == 405
    assert client.options("/sealed/report").headers.get("Access-Control-Allow-Methods") is None
    assert page.post("/sealed/report", b" " * 2_000_001, "application/json") == (413, {"error": "too_large"})
    assert page.post("/sealed/piece", bytes(2_000_000), "application/octet-stream") == (
        413,
        {"error": "too_large"},
    )


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_NAMES = (
    "index", "case", "mailbox_pk", "reporter_sign_pk", "mailbox_record", "before", "envelope", "grant", "objects",
    "lookup", "grants", "sig", "day", "object",
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from tests.portal.conftest import make_world

    yield make_world(tmp_path_factory.mktemp("fuzz"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["look", "report", "message", "replace", "forget", "have"]),
    st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=9),
    st.data(),
)
def test_no_body_breaks_anything(
    fuzzed: World, path: str, changes: dict[str, Any], data: st.DataObject
) -> None:
    page = page_of(fuzzed)
    good = page.report_body({"what_happened": "x"}) if data.draw(st.booleans()) else {}
    status, answer = page.send(path, {**good, **changes})
    assert status in (200, 400, 403, 404, 409) and (status == 200) == ("error" not in answer)


def test_the_database_is_away(world: World, page: SealedPage) -> None:
    body = page.report_body({"what_happened": TEXT})
    with db.writing(world.engine) as conn:
        conn.exec_driver_sql("ALTER TABLE code RENAME TO gone")
    assert page.send("report", body) == (503, {"error": "store_failed"})
    with db.writing(world.engine) as conn:
        conn.exec_driver_sql("ALTER TABLE gone RENAME TO code")
    assert page.send("report", body)[0] == 200


def test_reports_of_any_length_up_to_a_class_are_requests_of_one_length(page: SealedPage) -> None:
    lengths = set()
    for count in (10, 2000):
        page.code = new_code()
        lengths.add(len(json.dumps(page.report_body({"what_happened": "あ" * count}))))
    assert len(lengths) == 1
