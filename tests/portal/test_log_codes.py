"""A new code and forgetting have leaves: from the newest code and a copy of the log alone everything comes back."""

from __future__ import annotations

from typing import Any

import pytest

from crypto import logleaf, messages, tlog
from crypto.encoding import b64d, b64e
from crypto.envelope import envelope_hash
from crypto.logkeys import openings_of
from crypto.logpromise import LogPromise, open_promise
from crypto.receipt import Receipt, derive, new_code, parse_code
from tests.portal.client import CheckedClient
from tests.portal.conftest import World
from tests.portal.test_log import logged, mirror, page, report_of, tick, waiting, with_leaf
from tests.portal.test_sealed import rows
from tests.support.sealed_client import SealedPage

__all__ = ["logged", "page"]
TEXT = "名簿が隠されています。"


def kinds(world: World, root: bytes) -> list[str]:
    return sorted(leaf.says.kind for leaf in openings_of(root, mirror(world)) if leaf.says)


def places(page: SealedPage) -> list[logleaf.Reader]:
    known, length = page.listing, page.keys["log"]["length"]
    return [logleaf.Reader(key, known.by_key[key].box_pk) for key in known.readers(length)]


def replacing(page: SealedPage, new: Receipt) -> dict[str, Any]:
    """A new code with its leaves: its envelope's, and the one that holds the old log key."""
    body = page.replace_body(new)
    raw, key = b64d(body["envelope"]), logleaf.log_key(new.root)
    message = logleaf.envelope_opening("message", page.case_id, raw, envelope_hash(raw))
    openings = [message, *logleaf.rekey_openings(page.case_id, [logleaf.log_key(page.receipt.root)])]
    return {**body, "leaves": [b64e(logleaf.make(key, opening, places(page))) for opening in openings]}


def forgetting(page: SealedPage, world: World) -> dict[str, Any]:
    body = page.forget_body(world.day)
    signed = messages.forget_text(page.case_id, world.day) + b64d(body["sig"])
    opening = logleaf.forget_opening(page.case_id, signed)
    leaf = logleaf.make(logleaf.log_key(page.receipt.root), opening, places(page))
    return {**body, "leaf": b64e(leaf)}


def test_without_scripts_the_newest_code_alone_opens_everything(logged: World, client: CheckedClient) -> None:
    first = client.report(what_happened=TEXT).code
    codes = [first]
    for _ in range(2):
        token = client.post("status", [("code", codes[-1])]).fields["token"]
        codes.append(client.post("new-code", [("token", token)]).code)
        fields = [("token", token), ("new_code", codes[-1]), ("written", "yes")]
        assert client.post("new-code", fields).status == 200
        tick(logged, days=1)
    token = client.post("status", [("code", codes[-1])]).fields["token"]
    for _ in range(2):  # twice on one day is one act
        client.post("forget", [("token", token), ("sure", "yes")])
    assert waiting(logged) == 1
    tick(logged, days=1)
    roots = [derive(parse_code(code), logged.salt).root for code in codes]
    assert kinds(logged, roots[2]) == ["forget", "message", "message", "rekey", "rekey", "report"]
    assert kinds(logged, roots[1]) == ["message", "rekey", "report"], "an old code leads to nothing newer"
    assert kinds(logged, roots[0]) == ["report"]
    assert kinds(logged, bytes(32)) == []


def test_with_scripts_both_are_promised(logged: World, page: SealedPage) -> None:
    page.send("report", report_of(page))
    code = new_code()
    body = replacing(page, derive(code, logged.salt))
    answer = page.send("replace", body)
    assert answer[0] == 200 and len(answer[1]["promises"]) == 2
    site_pk = b64d(page.keys["site_sign_pk"])
    for leaf, told in zip(body["leaves"], answer[1]["promises"], strict=True):
        assert told["leaf"] == tlog.leaf_hash(b64d(leaf)).hex()
        LogPromise(bytes.fromhex(told["leaf"]), logged.day, b64d(told["signature"])).check(site_pk)
    # The answer was lost, and it is sent once more: the same promises, on another day too.
    assert page.send("replace", body)[1] == {**answer[1], "kept": "replace_repeat"}
    tick(logged, days=1)
    assert page.send("replace", body)[1]["promises"] == answer[1]["promises"]
    page.code = code
    own = page.receipt
    kept = page.look()[1]["envelopes"][-1]["promise"]
    opened = open_promise(b64d(kept), own.mailbox_pk, own.mailbox_sk, site_pk)
    assert opened.leaf.hex() == answer[1]["promises"][0]["leaf"], "the code brings its promise back"
    sent = forgetting(page, logged)
    told = page.send("forget", sent)[1]["promise"]
    LogPromise(tlog.leaf_hash(b64d(sent["leaf"])), logged.day, b64d(told["signature"])).check(site_pk)
    again = forgetting(page, logged)
    assert again["leaf"] == sent["leaf"] and page.send("forget", again)[1]["promise"] == told
    tick(logged, days=1)
    assert kinds(logged, own.root) == ["forget", "message", "rekey", "report"]


@pytest.mark.parametrize(
    ("spoil", "answer"),
    [
        (lambda leaves: [leaves[0], b64e(logleaf.dummy(1))], (409, {"error": "leaf_length"})),
        (lambda leaves: [leaves[0], leaves[0]], (409, {"error": "leaf"})),
        (lambda leaves: leaves * 40, (400, {"error": "bad_request"})),
        (lambda leaves: [leaves[0], 5], (400, {"error": "bad_request"})),
        (lambda leaves: leaves[0], (400, {"error": "bad_request"})),
    ],
)
def test_wrong_leaves_of_a_new_code_change_nothing(
    logged: World, page: SealedPage, spoil: Any, answer: Any
) -> None:
    page.send("report", report_of(page))
    body = replacing(page, derive(new_code(), logged.salt))
    before = rows(logged)
    assert page.send("replace", {**body, "leaves": spoil(body["leaves"])}) == answer
    assert rows(logged) == before and waiting(logged) == 1
    assert page.send("replace", body)[0] == 200, "the control"


def test_a_wrong_leaf_of_forgetting_forgets_nothing(logged: World, page: SealedPage) -> None:
    page.send("report", report_of(page))
    body = forgetting(page, logged)
    assert page.send("forget", {**body, "leaf": b64e(logleaf.dummy(5))}) == (409, {"error": "leaf_length"})
    assert len(page.opened()) == 1
    assert page.send("forget", body)[0] == 200 and page.opened() == []


def test_a_page_of_before_these_leaves_is_still_taken(logged: World, page: SealedPage) -> None:
    page.send("report", report_of(page))
    assert page.send("forget", page.forget_body(logged.day)) == (200, {})
    code = new_code()
    assert page.send("replace", page.replace_body(derive(code, logged.salt))) == (200, {"kept": "replaced"})
    page.code = code
    body = with_leaf(page, page.message_body({"message": "続きです"}), "message")
    assert page.send("message", body)[0] == 200
