"""A desk and the list in the log: who waits is shown and sealed nothing, and what the server claims has its bounds."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from admin.desk.server import log_files
from crypto import note
from crypto.envelope import Kind, decode
from crypto.logbatch import log_seed
from store import cases as store_cases
from store import db
from tests.desk.browser import Browser
from tests.desk.test_log import alerts, alerts_of, logged, next_day, report
from tests.desk.test_people import hand_over, joined
from tests.desk.world import CountingTransport, Sent, World

__all__ = ["logged"]
TEXT = "ありがとうございます。調べます。"
WAITS = "この鍵では、まだ何も暗号化していません"


@pytest.fixture
def wire() -> CountingTransport:
    return CountingTransport()


def answer_slots(world: World, sent: Sent) -> list[set[bytes]]:
    with db.reading(world.engine) as conn:
        rows = store_cases.envelopes(conn, sent.case_id)
    return [{slot.key_id for slot in decode(row.raw).slots} for row in rows if row.kind == Kind.TO_REPORTER]


def test_a_newcomer_waits_for_the_log_and_is_handed_over_to_afterwards(logged: World) -> None:
    lead = Browser(logged.desk())
    sent = report(logged)
    old = {auditor.card.key_id for auditor in logged.auditors}
    late = joined(logged, lead)
    path = f"people/{late.card.key_id.hex()}"
    assert WAITS in lead.get(f"{path}/grants").text and WAITS in lead.get(f"{path}/card").text
    assert "公開の記録簿に入るのを待っています" in lead.get("people").text
    form = {"csrf_token": lead.get("people/join").fields("join")["csrf_token"]}
    refused = lead.post(f"{path}/grants", form)
    assert refused.status == 409 and WAITS in refused.text
    # Their desk can be opened, and says so too.
    own = Browser(logged.desk(3))
    assert "公開の記録簿に入るのを待っています" in own.get().text
    assert lead.reply(sent.case_id, TEXT).status == 200
    next_day(logged)
    assert WAITS not in lead.get(f"{path}/card").text
    assert "引き継ぎました" in hand_over(lead, late).text
    assert lead.reply(sent.case_id, "二つめ").status == 200
    assert answer_slots(logged, sent) == [old, old | {late.card.key_id}]
    page = own.get()
    assert "公開の記録簿に入るのを待っています" not in page.text
    assert "漏えい" in own.case(sent.case_id).text and alerts(own) == []


def spoiled(logged: World, wire: CountingTransport, **listed: Any) -> None:
    """Let this desk see other evidence of the list."""

    def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/keys.json":
            return answer
        keys = json.loads(answer.read())
        keys["log"]["listed"] = {**keys["log"]["listed"], **listed}
        return httpx.Response(200, json=keys)

    wire.after = after


def test_by_a_list_that_the_log_does_not_show_is_read_and_nothing_sealed(
    logged: World, wire: CountingTransport
) -> None:
    browser = Browser(logged.desk(transport=wire))
    sent = report(logged)
    page = browser.case(sent.case_id)
    spoiled(logged, wire, index=0)
    failed = browser.reply(sent.case_id, TEXT, page)
    assert failed.status == 409 and "記録簿にある名簿" in failed.text.replace("一覧", "名簿")
    assert TEXT in failed.html, "what was typed is not lost"
    assert answer_slots(logged, sent) == []
    assert "漏えい" in browser.case(sent.case_id).text, "reading goes on"
    wire.after = lambda _request, answer: answer
    assert browser.reply(sent.case_id, TEXT, browser.case(sent.case_id)).status == 200, "the control"


def claims(world: World, wire: CountingTransport, size: int) -> None:
    """Let the site sign a checkpoint that claims so many leaves, and hand out bundles without end."""
    seed = log_seed(world.secrets.sign_seed)

    def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/log/checkpoint":
            return answer
        origin = note.read_note(answer.read().decode()).text.split("\n")[0]
        return httpx.Response(200, text=note.sign_checkpoint(note.Checkpoint(origin, size, bytes(32)), seed))

    wire.after = after


@pytest.mark.parametrize("size", [999_999_999, 200_000])
def test_a_claimed_size_keeps_no_desk_busy(logged: World, wire: CountingTransport, size: int) -> None:
    browser = Browser(logged.desk(transport=wire))
    assert alerts(browser) == []
    next_day(logged)
    claims(logged, wire, size)
    wire.requests.clear()
    assert alerts(browser) == [("malformed", 1)]
    assert [line for line in wire.requests if "/log/tile/" in line] == []
    wire.after = lambda _request, answer: answer
    next_day(logged)
    browser.get()
    assert alerts_of(browser) == [], "the control: the true log again"


def test_bundles_have_room_for_so_many_bytes(
    logged: World, wire: CountingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control is that of the test above: the same log is read with the true bound."""
    monkeypatch.setattr(log_files, "MOST_BYTES", 1_000)
    browser = Browser(logged.desk(transport=wire))
    next_day(logged)
    assert alerts(browser) == [("malformed", 1)]
