"""`doctor` says whether an accepted report survives the loss of the primary, and why."""

from __future__ import annotations

import http.server
import json
import threading
from typing import Any

import pytest
from sqlalchemy import make_url

from admin.commands.doctor import survival
from admin.commands.doctor.survival import PatroniMode, hosts_of, judge, judge_patroni, read_config
from store import db, schema
from store.replication import Replication, Standby
from tests.support.postgres import PostgresServer

SYNC, ASYNC, QUORUM = Standby("b", "sync"), Standby("c", "async"), Standby("c", "quorum")


def replication(names: str, *standbys: Standby, **others: Any) -> Replication:
    return Replication(names, "on", standbys, **others)


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        (replication(""), "note", "without a standby"),
        (replication("", ASYNC), "warn", "asynchronous"),
        (Replication("", "on", None), "warn", "asynchronous"),
        (replication("b", SYNC, ASYNC), "ok", "held by b"),
        (replication("ANY 1 (b,c)", QUORUM), "ok", "held by c"),
        (replication("ANY 1 (b,c)", Standby("b", "quorum"), QUORUM), "ok", "held by at least 1 of b, c."),
        (replication("*", SYNC), "ok", "held by b."),
        (replication("2 (b,c)", SYNC), "FAIL", "1 of 2"),
        (replication("b"), "FAIL", "0 of 1"),
        (replication("b", ASYNC, Standby("d", "potential")), "FAIL", "0 of 1"),
        (Replication("b", "on", None), "ok", "can't be seen"),
        (Replication("b", "local", (SYNC,)), "FAIL", "synchronous_commit is local"),
        (Replication("b", "remote_write", (SYNC,)), "FAIL", "synchronous_commit is remote_write"),
        (replication("b", SYNC, is_primary=False), "FAIL", "is a standby"),
    ],
)
def test_what_postgresql_says(state: Replication, level: str, words: str) -> None:
    finding = judge(state)
    assert (finding.level, finding.keeps_from_starting) == (level, False)
    assert words in finding.text


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        ("", 0),
        (" ", 0),
        ("*", 1),
        ("a, b", 1),
        ('"ANY"', 1),
        ("ANY 2 (a,b,c)", 2),
        ("first 3(a)", 3),
        ("2 (a, b)", 2),
    ],
)
def test_how_many_have_to_hold_it(names: str, needed: int) -> None:
    assert replication(names).needed == needed


@pytest.mark.parametrize(
    ("mode", "names", "level", "words"),
    [
        (None, "b", "note", "show-config"),
        (PatroniMode("off", False), "b", "FAIL", "by hand"),
        (PatroniMode("off", True), "", "warn", "can lose"),
        (PatroniMode("on", False), "b", "warn", "goes on alone"),
        (PatroniMode("on", True), "b", "ok", "on and strict"),
        (PatroniMode("quorum", True), "ANY 1 (b,c)", "ok", "quorum and strict"),
    ],
)
def test_what_patroni_says(mode: PatroniMode | None, names: str, level: str, words: str) -> None:
    (finding,) = judge_patroni(replication(names, SYNC, scope="meyasubako"), mode)
    assert finding.level == level and words in finding.text


@pytest.mark.parametrize(
    ("config", "mode"),
    [
        ({}, PatroniMode("off", False)),
        ({"synchronous_mode": True}, PatroniMode("on", False)),
        ({"synchronous_mode": "on", "synchronous_mode_strict": "on"}, PatroniMode("on", True)),
        ({"synchronous_mode": "quorum", "synchronous_mode_strict": True}, PatroniMode("quorum", True)),
        ({"synchronous_mode": False, "synchronous_mode_strict": True}, PatroniMode("off", True)),
    ],
)
def test_patronis_configuration(config: dict[str, Any], mode: PatroniMode) -> None:
    assert read_config(config) == mode


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql+psycopg://u:p@a:5432/x", ["a"]),
        ("postgresql+psycopg://u:p@/x?host=a:5432&host=b:5433", ["a", "b"]),
        ("postgresql+psycopg://u:p@/x?host=a,b&port=1", ["a", "b"]),
        ("postgresql+psycopg://u@/x?host=/run/postgresql", ["localhost"]),
        ("postgresql+psycopg:///x", []),
    ],
)
def test_the_machines_of_a_url(url: str, hosts: list[str]) -> None:
    assert hosts_of(make_url(url)) == hosts


def test_patroni_is_asked_and_need_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bytes] = [b"not JSON", b"[]", json.dumps({"synchronous_mode": "quorum"}).encode()]

    class Rest(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(told.pop(0))

        def log_message(self, *_args: Any) -> None:
            """Write nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Rest) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        monkeypatch.setattr(survival, "PATRONI_PORT", server.server_port)
        url = make_url("postgresql+psycopg://u@127.0.0.1/x")
        assert [survival.patroni_mode(url) for _ in range(3)] == [None, None, PatroniMode("quorum", False)]
        server.shutdown()
    assert survival.patroni_mode(url) is None


def test_a_real_server_without_standbys(postgres_server: PostgresServer) -> None:
    url = postgres_server.tcp_url(postgres_server.new_database())
    schema.upgrade(url)
    engine = db.make_engine(url)
    (finding,) = survival.survival(engine)
    assert finding.level == "note" and "without a standby" in finding.text
    engine.dispose()


def test_sqlite_says_what_a_lost_disk_costs() -> None:
    engine = db.make_engine("sqlite:///nothing.db")
    (finding,) = survival.survival(engine)
    assert finding.level == "note" and "since the newest backup" in finding.text
