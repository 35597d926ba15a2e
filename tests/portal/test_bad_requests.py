"""Requests that are not what a browser sends, and storage that fails: a clear page, and nothing read as
something else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.edge.request import DRAIN_AT_MOST
from portal.usecases import look_up, submit
from store import health
from store import reports as store_intake
from store.db import StoreFailed
from store.objects import objects_folder
from tests.portal.client import CheckedClient
from tests.portal.conftest import World, make_world
from tests.portal.desk import envelopes
from tests.support.reporter import multipart

BOUNDARY = "multipart/form-data; boundary=x"


def part(name: str, value: bytes) -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"


def whole(hidden: dict[str, str], **fields: bytes) -> bytes:
    parts = [part(name, value.encode()) for name, value in hidden.items()]
    parts += [part(name, value) for name, value in fields.items()]
    return b"".join(parts) + b"--x--\r\n"


def posted(path: str, kind: str) -> dict[str, Any]:
    """Return a server's environment for a POST, without a body yet."""
    environ = EnvironBuilder(path, method="POST").get_environ()
    environ.pop("CONTENT_LENGTH", None)
    return {**environ, "CONTENT_TYPE": kind}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", None, 400),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"what_happened=a", "multipart/form-data", 400),
        (b"--x\r\nContent-Disposition: form-data", BOUNDARY, 400),
        (b"no boundary in here", BOUNDARY, 400),
        (b"--x--", "multipart/form-data; boundary=\xe3", 400),
        (b'{"what_happened": "a"}', "application/json", 415),
        (b"what_happened=a", "text/plain", 415),
        (b"\xff\xfe", "application/octet-stream", 415),
    ],
)
@pytest.mark.parametrize("path", ["report", "status"])
def test_unreadable_posts(
    world: World, language: str, body: bytes, kind: str | None, status: int, path: str
) -> None:
    page = world.client(language).fetch("POST", path, data=body, content_type=kind)
    assert page.status == status and page.lang == language
    assert envelopes(world) == []


@pytest.mark.parametrize("cut", [10, 200, -1, -3, -8])
def test_truncated_multipart_is_never_a_report(world: World, client: CheckedClient, cut: int) -> None:
    body = whole(client.form(), what_happened="最後まで届かない".encode())[:cut]
    page = client.fetch("POST", "report", data=body, content_type=BOUNDARY)
    # The last bytes after the closing boundary carry nothing.
    assert page.status == (200 if cut == -1 else 400), page.text
    assert len(envelopes(world)) == (1 if cut == -1 else 0)


@pytest.mark.parametrize("terminated", [True, False])
@pytest.mark.parametrize("kind", [BOUNDARY, "application/x-www-form-urlencoded"])
def test_body_that_breaks_off_is_refused(world: World, kind: str, terminated: bool) -> None:
    """The length says more than what comes: gunicorn hands over the half and says that the input is
    terminated."""
    hidden = world.client().form()
    body = whole(hidden, what_happened="前半だけ".encode())
    if kind != BOUNDARY:
        body = "&".join([*(f"{k}={v}" for k, v in hidden.items()), "what_happened=abc"]).encode()
    environ = posted("/ja/report", kind)
    environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) + 7)}
    if terminated:
        environ["wsgi.input_terminated"] = True
    _, status, _ = run_wsgi_app(world.app, environ)
    assert status.startswith("400") and envelopes(world) == []


def test_chunked_body_is_taken(world: World) -> None:
    body = whole(world.client().form(), what_happened="分割".encode())
    environ = posted("/ja/report", BOUNDARY)
    environ |= {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    _, status, _ = run_wsgi_app(world.app, environ)
    assert status.startswith("200") and len(envelopes(world)) == 1


def test_other_encoding_is_said_not_kept(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    body = whole(hidden, what_happened="顧客名簿".encode("shift_jis"), who="部長".encode())
    page = client.fetch("POST", "report", data=body, content_type=BOUNDARY)
    assert page.status == 400 and "読み取れない文字" in page.text
    assert page.fields["who"] == "部長" and page.fields["code"] == hidden["code"]
    assert envelopes(world) == []


def test_urlencoded_form_is_taken_when_it_is_whole(world: World, client: CheckedClient) -> None:
    data = {**client.form(), "what_happened": "古いブラウザー"}
    page = client.fetch("POST", "report", data=data, content_type="application/x-www-form-urlencoded")
    assert page.status == 200 and len(envelopes(world)) == 1


def test_urlencoded_in_other_encoding_is_said(world: World, client: CheckedClient) -> None:
    body = "&".join(f"{k}={v}" for k, v in client.form().items()).encode() + b"&what_happened=%8c%da%8bq"
    page = client.fetch("POST", "report", data=body, content_type="application/x-www-form-urlencoded")
    assert page.status == 400 and "読み取れない文字" in page.text and envelopes(world) == []


def test_file_is_not_taken_and_never_touches_the_disk(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: Any, **_options: Any) -> Any:
        raise AssertionError("a temporary file")

    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", forbidden)
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.__init__", forbidden)
    monkeypatch.setattr("tempfile.TemporaryFile", forbidden)
    hidden = client.form()
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    body = head + b"z" * 900_000 + b"\r\n" + whole(hidden, what_happened="写真".encode())
    page = client.fetch("POST", "report", data=body, content_type=BOUNDARY)
    assert page.status == 400 and page.fields["what_happened"] == "写真" and envelopes(world) == []


def test_too_many_fields(client: CheckedClient) -> None:
    pairs = [("exclude", "00" * 16)] * 300
    assert client.post("report", pairs).status == 413
    data = "&".join(["a=b"] * 300)
    page = client.fetch("POST", "report", data=data, content_type="application/x-www-form-urlencoded")
    assert page.status == 400


# --- too large


class Body(io.BytesIO):
    """Counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("announced", [True, False])
def test_huge_body_is_read_to_its_end_and_answered(tmp_path: Path, announced: bool, language: str) -> None:
    world = make_world(tmp_path, limit=100_000)
    body = Body(whole({}, what_happened=b"a" * 3_000_000))
    environ = posted(f"/{language}/report", BOUNDARY)
    environ["wsgi.input"] = body
    if announced:
        environ["CONTENT_LENGTH"] = str(len(body.getvalue()))
    else:
        environ["wsgi.input_terminated"] = True
    answer, status, _ = run_wsgi_app(world.app, environ, buffered=True)
    assert status.startswith("413") and f'lang="{language}"' in b"".join(answer).decode()
    assert body.taken == len(body.getvalue())


def test_endless_body_is_not_read_for_ever(world: World) -> None:
    class Endless(Body):
        def read(self, size: int | None = -1) -> bytes:
            data = bytes(size or 0)
            self.taken += len(data)
            return data

    body = Endless()
    environ = posted("/ja/report", BOUNDARY)
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(10**12)}
    _, status, _ = run_wsgi_app(world.app, environ, buffered=True)
    assert status.startswith("413") and body.taken <= DRAIN_AT_MOST


def test_body_of_a_refused_request_is_read_too(world: World) -> None:
    body = Body(b"a" * 500_000)
    environ = posted("/ja/keys", "text/plain")
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": "500000"}
    _, status, headers = run_wsgi_app(world.app, environ, buffered=True)
    assert status.startswith("405") and body.taken == 500_000
    assert set(headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


# --- methods


@pytest.mark.parametrize("page", ["", "keys", "outside/all", "safety", "exit"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_wrong_method(world: World, page: str, method: str) -> None:
    answer = world.client("en").fetch(method, page)
    assert answer.status == 405 and answer.lang == "en"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_form_pages_take_two_methods(client: CheckedClient, method: str) -> None:
    assert client.fetch(method, "report").status == 405


@pytest.mark.parametrize("page", ["", "report", "status", "keys", "outside", "safety", "exit", "nothing"])
def test_head_is_get_without_the_page(client: CheckedClient, page: str) -> None:
    answer = client.raw("HEAD", f"/ja/{page}")
    assert answer.data == b"" and answer.status_code == (404 if page == "nothing" else 200)


def test_get_with_a_body_or_a_query_is_a_plain_get(client: CheckedClient) -> None:
    page = client.get("report?what_happened=marker&code=marker", data=b"what_happened=marker")
    assert page.status == 200 and "marker" not in page.html


# --- storage that fails


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, error: Exception) -> Iterator[None]:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(where, name, fail)
        yield


@pytest.mark.parametrize(
    ("where", "name"), [(store_intake, "add_report"), (look_up, "reading"), (submit, "writing")]
)
def test_failing_store_keeps_the_form(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    hidden, out = client.form(), world.auditors[1].card.person.hex()
    if name == "reading":
        # Only a process that does not know the list looks before it stores a new report.
        monkeypatch.setattr(world.app.extensions["meyasubako"], "known_sealed_by", lambda _day: None)
    with broken(monkeypatch, where, name, StoreFailed("disk full")):
        page = client.report(hidden, exclude=[out], what_happened="消えない", cause="loss")
    assert page.status == 503 and "保存できませんでした" in page.text
    assert page.fields["what_happened"] == "消えない" and page.ticked("cause") == ["loss"]
    assert page.ticked("exclude") == [out] and page.fields["code"] == hidden["code"]
    again = client.report(
        {name: page.fields[name] for name in ("code", "csrf_token")}, what_happened="消えない"
    )
    assert again.status == 200 and again.code == hidden["code"] and len(envelopes(world)) == 1


def test_worker_that_never_saw_its_database_keeps_the_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither salt nor list of readers is known: what came is carried along, the choice too, and not the code
    lost."""
    world = make_world(tmp_path)
    out = world.auditors[1].card.person.hex()
    hidden = {"code": "AAAA-BBBB-CCCC-DDDD-EEEE", "csrf_token": "token"}
    with (
        broken(monkeypatch, look_up, "reading", StoreFailed("gone")),
        broken(monkeypatch, __import__("portal.context", fromlist=["x"]), "reading", StoreFailed("gone")),
    ):
        page = world.client().report(hidden, exclude=[out, "not an id"], what_happened="消えない")
    assert page.status == 503 and page.fields["what_happened"] == "消えない"
    assert page.ticked("exclude") == [out]
    assert {name: page.fields[name] for name in hidden} == hidden


def test_fault_of_our_own_keeps_the_form(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = client.form()
    with broken(monkeypatch, submit, "submit_unread", RuntimeError("marker")):
        page = client.report(hidden, what_happened="消えない")
    assert page.status == 500 and page.fields["what_happened"] == "消えない"
    assert page.fields["code"] == hidden["code"] and "RuntimeError" not in page.html


@pytest.mark.parametrize("path", ["report", "keys"])
def test_pages_that_need_the_store_say_so(world: World, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    home = __import__("portal.pages.home", fromlist=["x"])
    with (
        broken(monkeypatch, look_up, "reading", StoreFailed("gone")),
        broken(monkeypatch, home, "reading", StoreFailed("gone")),
    ):
        page = world.client("en").get(path)
        assert page.status == 503 and page.lang == "en"
        assert world.client().get("").status == 200
        assert world.client().raw("GET", "/healthz").status_code == 503


def test_readiness_knows_that_the_folder_of_files_takes_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report with files would be refused, and nothing else would say so before somebody sends one."""
    monkeypatch.setattr(health, "TRIAL_SECONDS", 0)
    client, folder = world.client(), objects_folder(world.engine)
    assert client.raw("GET", "/readyz").status_code == 200
    before = sorted(folder.rglob("*"))
    folder.rename(folder.with_suffix(".away"))
    answer = client.raw("GET", "/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "not_writing")
    folder.with_suffix(".away").rename(folder)
    assert client.raw("GET", "/readyz").status_code == 200
    assert sorted(folder.rglob("*")) == before


def test_disk_that_is_full(world: World, client: CheckedClient) -> None:
    """A real refusal by SQLite: the database may not grow any more."""
    from sqlalchemy import event, text

    def no_room(connection: Any, _record: object, *_more: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    def ready() -> tuple[int, str]:
        answer = world.client().raw("GET", "/readyz")
        return answer.status_code, answer.get_json()["status"]

    hidden = client.form()
    event.listen(world.engine, "checkout", no_room)
    try:
        assert ready() == (200, "ok")
        page = client.report(hidden, what_happened="あ" * 60_000)
        # Refused reports are seen by who watches the site; the process itself is well.
        assert ready() == (503, "not_writing")
        assert world.client().raw("GET", "/livez").status_code == 200
    finally:
        event.remove(world.engine, "checkout", no_room)
    assert page.status == 503 and page.fields["what_happened"] == "あ" * 60_000
    with world.engine.connect() as conn:
        conn.execute(text("PRAGMA max_page_count = 1000000"))
    assert client.report(hidden, what_happened="あ" * 60_000).status == 200
    assert ready() == (200, "ok")


def test_multipart_helper_makes_what_the_parser_reads(world: World, client: CheckedClient) -> None:
    body, kind = multipart([*client.form().items(), ("what_happened", "対照")])
    assert client.fetch("POST", "report", data=body, content_type=kind).status == 200
