"""P7: whatever arrives at a real gunicorn gets a clear page with the right status, and costs nobody anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.support.reporter import inputs, multipart
from tests.support.site import Site, make_site, running

TEXT = "送る前に書いた、なくしてはいけない文章です。"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(make_site(tmp_path_factory.mktemp("bad") / "site")) as site:
        yield site


def raw(site: Site, head: str, body: bytes = b"", half_close: bool = True) -> bytes:
    """Send bytes as they are and return whatever comes back."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
        return found


def post_head(path: str, length: int, kind: str) -> str:
    return f"POST {path} HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: {kind}\nContent-Length: {length}\n"


def envelopes(site: Site) -> int:
    from store import db

    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        count = conn.exec_driver_sql("SELECT count(*) FROM envelope").scalar_one()
    engine.dispose()
    return int(count)


@pytest.mark.parametrize("cut", [1, 40, 200, -4, -30])
def test_half_a_report_is_refused_and_never_read_as_an_empty_one(site: Site, cut: int) -> None:
    before = envelopes(site)
    form = site.reporter().form()
    body, kind = multipart([*form.items(), ("what_happened", TEXT), ("who", "誰か")])
    part = body[:cut]
    answer = raw(site, post_head("/ja/report", len(body), kind), part)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert envelopes(site) == before
    # The same part, declared as if it were everything: it lacks its end, so it is not a form.
    answer = raw(site, post_head("/ja/report", len(part), kind), part)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:100]
    assert b'lang="ja"' in answer
    assert envelopes(site) == before


def test_too_much_is_answered_with_a_page_although_nobody_reads_it(site: Site) -> None:
    size = site.settings.limits.max_request_bytes + 1_000_000
    body, kind = multipart([*site.reporter().form().items(), ("what_happened", "あ" * (size // 3))])
    for language in ("ja", "en"):
        answer = site.reporter(language).request("POST", f"/{language}/report", body, {"Content-Type": kind})
        assert answer.status == 413
        assert f'lang="{language}"' in answer.text


def test_text_over_the_limit_stays_in_the_form(site: Site) -> None:
    reporter = site.reporter()
    answer = reporter.report(reporter.form(), what_happened=TEXT + "あ" * 100_000)
    assert answer.status in (400, 413)
    assert inputs(answer.text)["what_happened"].startswith(TEXT)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"what_happened": ""}, "empty"),
        ({"what_happened": TEXT, "cause": "magic"}, "wrong choice"),
        ({"what_happened": TEXT, "whatever": "x"}, "wrong field"),
        ({"what_happened": TEXT, "exclude": "zz"}, "wrong id"),
        ({"what_happened": TEXT, "exclude": "00" * 16}, "unknown person"),
    ],
)
def test_wrong_fields_keep_what_was_typed(site: Site, fields: dict[str, str], name: str) -> None:
    for language in ("ja", "en"):
        reporter = site.reporter(language)
        hidden = reporter.form()
        answer = reporter.post("report", [*hidden.items(), *fields.items(), ("who", "経理の人")])
        assert answer.status == 400, name
        kept = inputs(answer.text)
        assert kept["what_happened"].strip() == fields["what_happened"]
        assert kept["who"].strip() == "経理の人"
        assert kept["code"].replace("-", "") == hidden["code"].replace("-", "")


@pytest.mark.parametrize(
    "hidden", [{}, {"code": "x"}, {"code": "", "csrf_token": ""}, {"csrf_token": "a.b.c"}]
)
def test_stale_or_missing_tokens_keep_what_was_typed(site: Site, hidden: dict[str, str]) -> None:
    answer = site.reporter().report(hidden, what_happened=TEXT)
    assert answer.status == 400
    kept = inputs(answer.text)
    assert kept["what_happened"].strip() == TEXT
    again = site.reporter().report(
        {"code": kept["code"], "csrf_token": kept["csrf_token"]}, what_happened=TEXT
    )
    assert again.status == 200


def test_wrong_encoding_is_a_clear_error(site: Site) -> None:
    body, kind = multipart([*site.reporter().form().items(), ("what_happened", "MARK")])
    answer = site.reporter().request(
        "POST", "/ja/report", body.replace(b"MARK", "漏えい".encode("shift_jis")), {"Content-Type": kind}
    )
    assert answer.status == 400
    assert 'lang="ja"' in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/ja/report", 405),
        ("DELETE", "/en/status", 405),
        ("POST", "/ja/outside/all", 405),
        ("GET", "/fr/report", 404),
        ("GET", "/ja/nothing", 404),
        ("POST", "/ja/report", 400),
        ("POST", "/ja/status", 400),
        ("HEAD", "/ja/report", 200),
    ],
)
def test_methods_and_addresses(site: Site, method: str, path: str, status: int) -> None:
    answer = site.reporter().request(method, path, headers={"Accept-Language": "ja"})
    assert answer.status == status
    if method != "HEAD":
        assert "<html" in answer.text and "Traceback" not in answer.text
    assert answer.header("cache-control") == "no-store"
    assert "default-src 'none'" in answer.header("content-security-policy")
    assert not answer.header("set-cookie")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "text/plain", "application/json"]
)
def test_other_kinds_of_body(site: Site, kind: str) -> None:
    answer = site.reporter().request("POST", "/ja/report", TEXT.encode(), {"Content-Type": kind})
    assert answer.status in (400, 415)
    assert 'lang="ja"' in answer.text


CHUNKS = {
    "an extension that ends in a bare line feed": b"2;\nxx\r\n4c\r\n0\r\n\r\n",
    "an extension with a control character": b"2;a=\x00\r\nxx\r\n0\r\n\r\n",
    "no number": b"zz\r\nxx\r\n0\r\n\r\n",
    "a negative number": b"-2\r\nxx\r\n0\r\n\r\n",
    "a number with an underscore": b"1_0\r\nxx\r\n0\r\n\r\n",
    "no line end behind a chunk": b"2\r\nxxyy0\r\n\r\n",
    "nothing behind the first chunk": b"2\r\nxx\r\n",
    "a chunk that breaks off": b"ff\r\nxx",
    "nothing at all": b"",
}


@pytest.mark.parametrize("path", ["/ja/report", "/sealed/report", "/api/v1/feed", "/ja/"])
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=list(CHUNKS))
def test_malformed_chunks_are_a_bad_request(site: Site, chunks: bytes, path: str) -> None:
    kind = {"/sealed/report": "application/json"}.get(path, "application/x-www-form-urlencoded")
    head = f"POST {path} HTTP/1.1\nHost: x\nContent-Type: {kind}\nTransfer-Encoding: chunked\nConnection: close\n"
    before, said = envelopes(site), site.log.read_text()
    status = raw(site, head, chunks).split(b" ")[1]
    # Not every page reads a body; what is refused for another reason says so.
    assert status in (b"400", b"401", b"404", b"405"), status
    assert status == b"400" or path in ("/api/v1/feed", "/ja/")
    assert envelopes(site) == before
    assert "unhandled" not in site.log.read_text().removeprefix(said)


def test_bytes_that_are_not_http_are_answered_and_the_server_goes_on(site: Site) -> None:
    for junk in (
        "GARBAGE\n",
        "GET /ja/ HTTP/1.1\nHost: a\nContent-Length: many\n",
        "POST /ja/report HTTP/9.9\n",
    ):
        answer = raw(site, junk)
        assert answer == b"" or answer.split(b" ")[1].startswith((b"4", b"5")), answer[:60]
    assert site.reporter().get("").status == 200
    assert "127.0.0.1" not in site.log.read_text().replace(f"127.0.0.1:{site.port}", "")
