"""What never gets in, and what never gets out: who sent it, sessions, logs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from flask import g, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from crypto.receipt import derive
from portal.edge.request import Edge
from portal.usecases import submit
from tests.portal.client import CheckedClient
from tests.portal.conftest import ROOT, World

TELLTALES: dict[str, Any] = {
    "REMOTE_ADDR": "203.0.113.7",
    "REMOTE_PORT": "50123",
    "REMOTE_HOST": "pc-yamada.example",
    "REMOTE_USER": "yamada",
    "HTTP_USER_AGENT": "marker-agent",
    "HTTP_X_FORWARDED_FOR": "203.0.113.7",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_FORWARDED": "for=203.0.113.7",
    "HTTP_X_REAL_IP": "203.0.113.7",
    "HTTP_COOKIE": "marker=1",
    "HTTP_REFERER": "https://intranet.example/",
    "HTTP_SEC_CH_UA": "marker",
    "HTTP_AUTHORIZATION": "Basic marker",
}


def test_edge_takes_out_whatever_says_who_it_is() -> None:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = dict(EnvironBuilder("/ja/", headers=[("Accept-Language", "en")]).get_environ(), **TELLTALES)
    Edge(app)(environ, lambda *_: lambda _: None)
    assert not set(seen) & set(TELLTALES)
    assert {key for key in seen if key.startswith(("HTTP_", "REMOTE_"))} <= {
        "HTTP_HOST",
        "HTTP_ACCEPT_LANGUAGE",
    }
    assert seen["HTTP_ACCEPT_LANGUAGE"] == "en" and seen["PATH_INFO"] == "/ja/"
    assert set(TELLTALES) <= set(environ)


def test_views_see_nothing_of_it(world: World) -> None:
    found: list[Any] = []

    def probe() -> None:
        found.extend([dict(request.cookies), dict(request.headers), request.remote_addr])

    world.app.before_request(probe)
    _, status, _ = run_wsgi_app(world.app, EnvironBuilder("/ja/report").get_environ() | TELLTALES)
    assert status.startswith("200") and found[0] == {} and found[2] is None
    assert not any("marker" in str(value) or "203.0.113.7" in str(value) for value in found)


def test_redirect_and_pages_never_use_the_host_that_was_sent(client: CheckedClient) -> None:
    for path in ("/", "/ja/report", "/ja", "/ja/nothing/"):
        answer = client.raw("GET", path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.get_data(as_text=True) + str(answer.headers)


def test_session_is_never_used(world: World) -> None:
    from flask import session

    with world.app.test_request_context("/ja/"), pytest.raises(RuntimeError):
        session["x"] = "y"


def test_sources_never_name_what_they_must_not_read() -> None:
    words = ("remote_addr", "user_agent", "x-forwarded-for", "access_route", "set_cookie")
    for path in (ROOT / "portal").rglob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        assert [word for word in words if word in text] == [], path


def test_nothing_of_a_fault_but_its_place_is_logged(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise ZeroDivisionError("marker-secret")

    hidden = client.form()
    monkeypatch.setattr(submit, "submit_unread", fail)
    with caplog.at_level(logging.DEBUG):
        page = client.report(hidden, what_happened="marker-words")
    assert page.status == 500 and "marker-words" in page.fields["what_happened"]
    assert "ZeroDivisionError at tests.portal.test_privacy:" in caplog.text
    for word in ("marker-secret", "marker-words", hidden["code"], "/ja/report", str(Path.cwd())):
        assert word not in caplog.text


def test_nothing_at_all_is_logged_of_what_goes_well(
    world: World, client: CheckedClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        code = client.report(what_happened="marker").code
        client.reply(client.look(code), "marker")
        client.look("marker")
        client.get("/marker")
    assert "marker" not in caplog.text and code not in caplog.text


def test_fault_outside_a_form_is_a_plain_page(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise ZeroDivisionError("marker")

    monkeypatch.setattr("portal.usecases.outside_guide.shown", fail)
    page = client.get("outside")
    assert page.status == 500 and "ZeroDivision" not in page.html and "marker" not in page.html
    assert world.client("en").get("outside").lang == "en"


def test_nothing_of_a_request_is_left_in_the_application(world: World, client: CheckedClient) -> None:
    """What a process remembers (pages with gaps, parts that follow from days, the list of readers, who cosigned) holds
    nothing of anybody.
    """
    code = client.report(what_happened="marker", who="marker").code
    assert "marker" in client.look(code).text
    site = world.app.extensions["meyasubako"]
    remembered = {name: value for name, value in vars(site).items() if hasattr(value, "__dict__")}
    kept = repr(vars(site)) + repr([vars(value) for value in remembered.values()])
    assert "receipt" in kept and "law_parts" in remembered and "20" in repr(vars(site.law_parts))
    assert site.known_sealed_by(world.day) is not None
    own = derive(code.replace("-", ""), world.salt)
    secrets = (own.root, own.lookup_id, own.index, own.case_id, own.mailbox_pk, own.mailbox_sk, own.sign_seed)
    for text in (
        "marker",
        code,
        code.replace("-", ""),
        *map(repr, secrets),
        *(part.hex() for part in secrets),
    ):
        assert text not in kept
    with world.app.app_context():
        assert "rescue" not in g
