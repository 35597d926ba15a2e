"""What is typed and not sent: kept sealed on this computer, through lock, restart and language, and nowhere else."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser as Chromium

from admin.desk.local.copy import Cache
from admin.desk.local.draft import MAX_DRAFT, Draft, DraftTooLarge, decode
from admin.desk.web import record_forms
from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser, Page, by_handles
from tests.desk.case_forms import press, said_of, write
from tests.desk.test_triage import severity_of
from tests.desk.world import PASSPHRASE, CountingTransport, Sent, World, serving_desk
from tests.support.browser import findings, overflow, page_of

MARKER = "書きかけの極秘MARKER"


def pause(browser: Browser, page: Page, sent: Sent, **typed: str) -> Any:
    """Do what a page's script does after a pause in typing."""
    form = page.fields("/look")
    body = {name: form[name] for name in ("csrf_token", "shown", "draft_number", "page_id", "record_id")}
    body |= {"envelope_id": form["envelope_id"]} if "envelope_id" in form else {}
    return browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/draft", data=body | typed)


def on_disk(world: World, text: str) -> bool:
    raw = b"".join(path.read_bytes() for path in (world.folder / "desk-0").iterdir())
    ways = [
        text.encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        base64.b64encode(text.encode()),
    ]
    return any(way in raw for way in ways)


def test_a_pause_keeps_what_is_typed_and_asks_the_server_for_nothing(world: World) -> None:
    wire, sent = CountingTransport(), world.report()
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    wire.requests.clear()
    answer = pause(browser, page, sent, note=MARKER, message="返信の途中", severity="high")
    assert answer.get_json() | {"number": 0} == {
        "kept": True, "why": "", "number": 0, "unsent": ["message", "note", "severity"],
    }  # fmt: skip
    assert wire.requests == []
    assert not on_disk(world, MARKER)
    again = browser.case(sent.case_id).fields("/look")
    assert (again["note"], again["message"].strip(), again["severity"]) == (MARKER, "返信の途中", "high")
    assert said_of(browser, sent) == []


def test_the_disk_search_finds_what_is_there(world: World, browser: Browser) -> None:
    browser.get()
    (world.folder / "desk-0" / "x").write_text(MARKER, "utf-16-le")
    assert on_disk(world, MARKER)


@pytest.mark.parametrize("how", ["lock", "restart", "language"])
def test_a_draft_outlives(world: World, browser: Browser, how: str) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    pause(browser, page, sent, note=MARKER)
    if how == "lock":
        browser.raw("POST", "/ja/lock", data=page.fields("/lock"))
        browser.unlock(PASSPHRASE)
    elif how == "restart":
        browser = Browser(world.desk())
        browser.get()
    else:
        browser = Browser(browser.app, "en")
    assert browser.case(sent.case_id).fields("/look")["note"] == MARKER


def test_every_button_keeps_what_stands_in_the_other_fields(world: World, browser: Browser) -> None:
    sent = world.report()
    press(
        browser,
        browser.case(sent.case_id),
        sent.case_id,
        "severity",
        severity="low",
        label=MARKER,
        task_text="x",
    )
    form = browser.case(sent.case_id).fields("/look")
    assert (form["label"], form["task_text"], form["severity"]) == (MARKER, "x", "low")
    assert said_of(browser, sent) == ["severity"]
    # Sent, it is a draft no more; neither is what is thrown away or put back as it was.
    page = write(browser, sent.case_id, "label")
    assert page.fields("/look")["label"] == "" and MARKER in page.text
    browser.post(f"cases/{sent.case_id.hex()}/draft/discard", page.fields("/look") | {"discard": "task"})
    page = browser.case(sent.case_id)
    assert page.fields("/look")["task_text"] == ""
    pause(browser, page, sent, severity="high")
    pause(browser, browser.case(sent.case_id), sent, severity="low")
    work = desk_of(browser.app).work()
    assert work.cache.draft(sent.case_id) is None and work.cache.drafted([sent.case_id]) == frozenset()


def test_an_older_page_takes_nothing_away(world: World, browser: Browser) -> None:
    sent = world.report()
    older = browser.case(sent.case_id)
    pause(browser, browser.case(sent.case_id), sent, note=MARKER)
    assert pause(browser, older, sent, note="", label="x").get_json()["unsent"] == ["label", "note"]
    # What comes from a page after something was sent from it is old: a sent text is no draft again.
    page = browser.case(sent.case_id)
    press(browser, page, sent.case_id, "note")
    assert pause(browser, page, sent, note=MARKER).get_json()["why"] == "sent"
    assert browser.case(sent.case_id).fields("/look")["note"] == ""


def test_what_a_colleague_set_meanwhile_is_no_change_of_this_page(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    write(Browser(world.desk(1)), sent.case_id, "severity", severity="critical")
    browser.get()
    pause(browser, page, sent, note="x", severity="")
    form = browser.case(sent.case_id).fields("/look")
    assert (form["severity"], form["note"]) == ("critical", "x")


def test_a_draft_goes_with_the_access_to_its_case(world: World, browser: Browser) -> None:
    sent, other = world.report(), world.report()
    for case in (sent, other):
        pause(browser, browser.case(case.case_id), case, note=MARKER)
    page = browser.get(f"cases/{sent.case_id.hex()}/step-back")
    browser.post(f"cases/{sent.case_id.hex()}/record/step_back", page.fields("/step_back"))
    cache = desk_of(browser.app).work().cache
    assert cache.draft(sent.case_id) is None
    page = browser.get(f"cases/{other.case_id.hex()}/delete")
    browser.post(
        f"cases/{other.case_id.hex()}/delete/propose", page.fields("/propose") | {"delete_reason": "x"}
    )
    assert cache.draft(other.case_id) is not None
    second = Browser(world.desk(1))
    page = second.get(f"cases/{other.case_id.hex()}/delete")
    second.post(f"cases/{other.case_id.hex()}/delete/agree", page.fields("/withdraw"))
    browser.get()
    assert cache.draft(other.case_id) is None and not on_disk(world, MARKER)


@pytest.mark.parametrize("fault", ["token", "origin", "case", "large", "locked", "get"])
def test_what_does_not_belong_there_is_not_kept(world: World, browser: Browser, fault: str) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    form = {"note": MARKER, **page.fields("/look")} | {"note": MARKER}
    path, more = f"/ja/cases/{sent.case_id.hex()}/draft", {}
    expected = {"token": 400, "origin": 403, "case": 409, "large": 413, "locked": 403, "get": 405}[fault]
    if fault == "token":
        form["csrf_token"] = "x"
    elif fault == "origin":
        more = {"headers": {"Origin": "http://127.0.0.1:1"}}
    elif fault == "case":
        path = f"/ja/cases/{'ab' * 16}/draft"
    elif fault == "large":
        form["note"] = "あ" * (MAX_DRAFT // 3)
    elif fault == "locked":
        desk_of(browser.app).keyring.lock()
    answer = browser.raw("GET" if fault == "get" else "POST", path, data=form, **more)
    assert answer.status_code == expected
    if fault == "locked":
        browser.unlock(PASSPHRASE)
    assert desk_of(browser.app).work().cache.draft(sent.case_id) is None


def test_a_lost_answer_and_a_restart_send_nothing_twice(world: World) -> None:
    wire, sent = CountingTransport(), world.report()
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    wire.after = lambda request, answer: (
        answer
        if "/cases/" not in request.url.path or request.method != "POST"
        else _raise(httpx.ReadError("lost"))
    )
    assert browser.reply(sent.case_id, "一度だけ", page).status == 502
    wire.after = lambda _request, answer: answer
    browser = Browser(world.desk())
    assert browser.case(sent.case_id).fields("/reply")["message"].strip() == ""
    assert [entry.message for entry in world.reporter_sees(sent).entries[1:]] == ["一度だけ"]


def _raise(fault: Exception) -> Any:
    raise fault


@pytest.mark.parametrize("path", ["", "/leak"])
def test_the_fields_of_a_page_hold_what_the_draft_compares_them_with(
    world: World, browser: Browser, path: str
) -> None:
    sent = world.report(cause="loss")
    write(browser, sent.case_id, "severity", severity="low")
    write(browser, sent.case_id, "title", title="題")
    aware = world.day.isoformat()
    write(browser, sent.case_id, "leak", aware=aware, persons="12", trigger_improper="yes")
    write(browser, sent.case_id, "leak", final_cause="原因\n二行目")
    work = desk_of(browser.app).work()
    opened = work.from_copy(sent.case_id)
    assert opened is not None
    kept, form = (
        record_forms.kept(opened.state),
        browser.get(f"cases/{sent.case_id.hex()}{path}").fields("/record/leak" if path else "/look"),
    )
    shown = {name: form[name] for name in record_forms.DRAFTED if name in form}
    assert shown and {name: kept.get(name, "") for name in shown} == shown


def test_a_draft_by_itself(tmp_path: Any) -> None:
    draft = Draft().typed({"note": "x", "severity": "low"}, {"severity": "low"}, True)
    assert dict(draft.fields) == {"note": "x"} and decode(draft.encode()) == draft and draft.number
    assert draft.typed({"note": ""}, {}, False).fields == draft.fields
    assert draft.typed({"note": ""}, {}, True).fields == {} == draft.without(["note"]).fields
    low = Draft().typed({"severity": "low"}, {}, True)
    assert low.conflicts({"severity": "high"}) == {"severity"} and low.conflicts({}) == frozenset()
    assert low.conflicts({"severity": "low"}) == frozenset() and low.unsent({"severity": "low"}) == {}
    assert draft.without(["note"]).reply_id == draft.reply_id != draft.without(["message"]).reply_id
    with pytest.raises(DraftTooLarge):
        Draft({"note": "x" * MAX_DRAFT}).encode()
    with pytest.raises((ValueError, LookupError)):
        decode(draft.encode().replace(b'"v":1', b'"v":2'))
    cache = Cache(tmp_path / "c.sqlite3", b"k" * 32)
    cache.put_draft(b"a" * 16, draft)
    with pytest.raises(DraftTooLarge):
        cache.put_draft(b"a" * 16, Draft({"note": "x" * MAX_DRAFT}))
    cache.close()
    cache = Cache(tmp_path / "c.sqlite3", b"k" * 32)
    assert cache.draft(b"a" * 16) == draft and cache.drafted([b"a" * 16, b"b" * 16]) == {b"a" * 16}
    cache.close()


def posts(wire: CountingTransport) -> list[str]:
    return [request for request in wire.requests if request.startswith("POST /api/v1/cases/")]


def leave(browser: Browser, page: Page, sent: Sent, where: str = "/ja/", **typed: str) -> Page:
    return browser.post(f"cases/{sent.case_id.hex()}/leave", page.fields("/look") | typed | {"to": where})


def test_leaving_sends_the_panel_as_one_record_and_nothing_else(world: World) -> None:
    wire, sent = CountingTransport(), world.report()
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    typed = {
        "severity": "high",
        "title": "給与",
        "label": "名簿",
        "owner": world.auditors[0].card.person.hex(),
    }
    kept = {"note": MARKER, "message": "返信", "task_text": "作業", "status": "investigating"}
    wire.requests.clear()
    shown = leave(browser, page, sent, **typed, **kept)
    assert "前の案件で変更した内容を記録しました。" in shown.text and shown.h1 == "受信箱"
    assert len(posts(wire)) == 1 and said_of(browser, sent) == ["title", "owner", "severity", "label"]
    form = browser.case(sent.case_id).fields("/look")
    assert {name: form[name].strip() for name in ("note", "message", "task_text")} == {
        name: kept[name] for name in ("note", "message", "task_text")
    }
    seen = world.reporter_sees(sent)
    assert not seen.statuses and not seen.entries[1:]
    # Left once more with nothing new, nothing is asked of the server, and nothing is sent twice.
    page = browser.case(sent.case_id)
    wire.requests.clear()
    browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/leave", data=page.fields("/look"))
    assert wire.requests == []


@pytest.mark.parametrize("fault", ["changed", "label", "trouble", "counts"])
def test_what_can_not_be_sent_by_leaving_stays_a_draft(world: World, fault: str) -> None:
    wire, sent = CountingTransport(), world.report()
    browser = Browser(world.desk(2, transport=wire))
    page, second = browser.case(sent.case_id), Browser(world.desk(1))
    typed = {"severity": "low"}
    if fault == "changed":
        write(second, sent.case_id, "severity", severity="critical")
    elif fault == "label":
        typed |= {"label": "x" * 41}
    elif fault == "counts":
        typed |= {"owner": world.auditors[1].card.person.hex()}
    else:
        wire.before = lambda _request: _raise(httpx.ConnectError("off"))
    shown = leave(browser, page, sent, **typed)
    wire.before = lambda _request: None
    assert "送っていないものがあります" in shown.text
    assert [one for one in said_of(browser, sent) if one != "severity"] == []
    assert len(said_of(browser, sent)) == (fault == "changed")
    page = browser.case(sent.case_id)
    assert page.fields("/look")["severity"] == "low"
    # Pressed where it can be seen, it goes.
    fixed = {"changed": {}, "trouble": {}, "label": {"label": "y"}, "counts": {"owner": ""}}[fault]
    assert press(browser, page, sent.case_id, "panel", **fixed).status == 200
    assert browser.case(sent.case_id).fields("/look")["severity"] == "low" == severity_of(browser, sent)


def test_a_lost_answer_while_leaving_sends_nothing_twice(world: World) -> None:
    wire, sent = CountingTransport(), world.report()
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    wire.after = lambda request, answer: (
        answer
        if "/cases/" not in request.url.path or request.method != "POST"
        else _raise(httpx.ReadError("lost"))
    )
    leave(browser, page, sent, severity="high", label="名簿")
    wire.after = lambda _request, answer: answer
    page = browser.case(sent.case_id)
    assert page.fields("/look")["label"] == ""
    leave(browser, page, sent)
    assert said_of(browser, sent) == ["severity", "label"]


@pytest.mark.parametrize("where", ["https://example.org/", "//example.org", "/ja/../x", "/ja/people", "/en/"])
def test_leaving_leads_to_the_desks_own_pages_only(world: World, browser: Browser, where: str) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/look") | {"to": where}
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/leave", data=form)
    assert answer.headers["Location"] == (where if where in ("/ja/people", "/en/") else "/ja/")


@pytest.mark.parametrize(
    ("field", "text", "kind"),
    [("label", "名簿", "label"), ("link_case", "cd" * 16, "link"), ("title", "給与", "title")],
)
def test_enter_does_what_the_button_beside_does(
    world: World, browser: Browser, field: str, text: str, kind: str
) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/look") | {field: text, "note": "途中"}
    page = browser.post(f"cases/{sent.case_id.hex()}/look", form)
    assert page.status == 200 and said_of(browser, sent) == [kind]
    assert page.fields("/look")["note"] == "途中"


def test_a_link_in_the_other_language_keeps_what_is_typed(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    here = f"cases/{desk_of(browser.app).handles.of(sent.case_id)}"
    form = page.fields("/look") | {"message": MARKER, "severity": "high", "to": f"/en/{here}"}
    answer = browser.raw("POST", f"/ja/{here}/go", data=form)
    assert answer.headers["Location"] == f"/en/{here}" and said_of(browser, sent) == []
    english = Browser(browser.app, "en").case(sent.case_id).fields("/look")
    assert (english["message"].strip(), english["severity"]) == (MARKER, "high")


def test_in_a_browser_with_scripts(world: World, chromium_browser: Chromium) -> None:
    sent, wire = world.report(), CountingTransport()
    app = world.desk(transport=wire)
    with serving_desk(app) as address, page_of(chromium_browser) as page:
        page.goto(new_link(app))
        url = by_handles(app, f"{address}/ja/cases/{sent.case_id.hex()}")
        page.goto(url)
        wire.requests.clear()
        page.fill("#note", MARKER)
        page.select_option("#severity", "high")
        page.wait_for_selector("[data-unsent~=note]:visible")
        with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            page.locator("#note").blur()
        assert wire.requests == [] and not on_disk(world, MARKER)
        # What goes with the page is kept, too: nothing was waited for.
        page.fill("#message", "返信の途中")
        page.goto(f"{address}/ja/people")
        page.goto(url)
        assert (page.input_value("#note"), page.input_value("#message")) == (MARKER, "返信の途中")
        assert page.is_visible("#unsent") and findings(page) == [] and overflow(page) <= 0
        stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, document.cookie])"
        assert MARKER not in page.evaluate(stored) and MARKER not in page.url
        # Enter does what the button of the box's form does: the panel goes as one, and the note does not.
        page.fill("#label", "名簿")
        page.press("#label", "Enter")
        page.wait_for_selector(".done")
        assert "名簿" in page.content() and page.input_value("#note") == MARKER
        page.select_option("#severity", "critical")
        page.locator(".walk button", has_text="受信箱に戻る").click()
        page.wait_for_selector("table.cases")
        assert page.is_visible(".done") and page.locator("tr .mark-unsent").count() == 1
    assert severity_of(Browser(world.desk()), sent) == "critical"
    assert len(world.reporter_sees(sent).entries) == 1
