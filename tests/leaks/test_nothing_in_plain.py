"""P1, P2: after real submissions no file of the server holds a word of them, a code, or an address."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path

import pytest

from crypto import receipt, unseal
from store import cases, db
from store import site as store_site
from tests.support import leaks
from tests.support.postgres import PostgresServer
from tests.support.reporter import Reporter
from tests.support.site import Site, make_site, running

AGENT = "LeakTestBrowser/9.87 (quite unique)"
# The reporter's own end of the connection, and what a proxy would say: addresses that nothing else here uses.
ADDRESS, FORWARDED = "127.0.0.77", "203.0.113.177"


def marker(word: str) -> str:
    """Return a marker that no file contains by chance, Japanese so that encodings differ."""
    return f"{word}{secrets.token_hex(6)}隠蔽の証"


def test_search_finds_each_planted_disguise(tmp_path: Path) -> None:
    word = marker("植付")
    for name, raw in leaks.disguises(word).items():
        place = tmp_path / name
        place.write_bytes(b"\x00before" + raw + b"after\xff")
        assert (name, word, name) in leaks.find([word], [place])
    assert leaks.find([marker("不在")], [tmp_path]) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_word_code_or_address_at_rest(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_database") if kind == "postgresql" else None
    began = time.time() - 1  # file systems round
    site = make_site(tmp_path / "site", url=url)
    words = {name: marker(name) for name in ("whathappened", "who", "concealment", "reply", "changed")}
    with running(site):
        reporter = site.reporter()
        reporter.source = ADDRESS
        code = _send_everything(reporter, words)
        _misuse(reporter, words)
        if kind == "sqlite":
            # The WAL is searched as it stands while the server runs, before a checkpoint empties it.
            assert (site.folder / "meyasubako.db-wal").stat().st_size > 0
            shutil.copytree(site.folder, tmp_path / "while-running")
    everything = [*words.values(), code, code.replace("-", ""), AGENT, ADDRESS, FORWARDED]
    folders = [site.folder, tmp_path / "while-running"] if kind == "sqlite" else [site.folder]
    assert leaks.find(everything, folders) == []
    if kind == "postgresql":
        dump = tmp_path / "dump"
        dump.mkdir()
        _dump_tables(site, dump)
        assert (
            leaks.find(everything, [dump, *_written(request.getfixturevalue("postgres_server"), began)]) == []
        )
    _control(site, everything)
    assert _raw_leak(site, code) == []
    _opens(site, code, words)


def _send_everything(reporter: Reporter, words: dict[str, str]) -> str:
    hidden = reporter.form()
    kept = {"what_happened": words["whathappened"], "who": words["who"], "concealment": words["concealment"]}
    first = reporter.report(hidden, **kept)
    assert first.status == 200
    changed = reporter.report(hidden, what_happened=words["whathappened"] + words["changed"])
    assert changed.status == 200 and changed.code == first.code
    page = reporter.status(first.code)
    assert page.status == 200
    assert words["whathappened"] in page.text
    assert reporter.reply(page, words["reply"]).status == 200
    return first.code


def _misuse(reporter: Reporter, words: dict[str, str]) -> None:
    """Send what fails, with words in it: errors are where software writes down what it saw."""
    agent = {
        "User-Agent": AGENT,
        "X-Forwarded-For": FORWARDED,
        "Forwarded": f"for={FORWARDED}",
        "Cookie": f"a={words['who'].encode().hex()}",
    }
    assert reporter.request("GET", "/ja/" + words["who"].encode().hex(), headers=agent).status == 404
    assert (
        reporter.report(reporter.form(), what_happened=words["whathappened"], cause="nothing").status == 400
    )
    assert (
        reporter.report({"code": "x", "csrf_token": "y"}, what_happened=words["whathappened"]).status == 400
    )
    assert (
        reporter.request(
            "POST", "/ja/report", words["who"].encode(), {"Content-Type": "multipart/form-data"}
        ).status
        == 400
    )


def _raw_leak(site: Site, code: str) -> list[str]:
    """Return which secret bytes that a code derives stand in a file of the server."""
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        row = store_site.get(conn)
    engine.dispose()
    derived = receipt.derive(receipt.parse_code(code), row.salt)
    hidden = {
        "root": derived.root,
        "look-up id": derived.lookup_id,
        "mailbox secret": derived.mailbox_sk,
        "sign seed": derived.sign_seed,
    }
    content = b"".join(path.read_bytes() for path in leaks.files_under([site.folder]))
    return [name for name, raw in hidden.items() if raw in content or raw.hex().encode() in content]


def _control(site: Site, everything: list[str]) -> None:
    """The same search finds a report that somebody did write into the log."""
    with site.log.open("a", encoding="utf-8") as log:
        log.write(everything[0] + "\n")
    assert (site.log.name, everything[0], "utf-8") in leaks.find(everything, [site.folder])


def _written(server: PostgresServer, began: float) -> list[Path]:
    """Return all files that PostgreSQL has written to since a time: other tests have hundreds of databases there."""
    server.sql("CHECKPOINT")
    files = [path for path in leaks.files_under([server.folder]) if path.stat().st_mtime >= began]
    parts = {part for path in files for part in path.parts}
    assert {"base", "pg_wal"} <= parts
    return files


def _dump_tables(site: Site, folder: Path) -> None:
    from sqlalchemy import MetaData, select

    engine = db.make_engine(site.settings.store.url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as conn:
        for table in tables.sorted_tables:
            rows = conn.execute(select(table)).all()
            (folder / table.name).write_bytes(
                b"\n".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for row in rows
                    for value in row
                )
            )
    engine.dispose()


def _opens(site: Site, code: str, words: dict[str, str]) -> None:
    """And yet everything is there: an auditor's key opens the report, so the search above meant something."""
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        derived = receipt.derive(receipt.parse_code(code), store_site.get(conn).salt)
        kept = cases.envelopes(conn, derived.case_id)
    engine.dispose()
    who = site.auditors[1].identity
    opened = [unseal.unseal(row.raw, who.box_sk, who.box_pk, who.key_id).payload for row in kept]
    assert [row.kind for row in kept] == [1, 2, 2]
    assert opened[0]["what_happened"] == words["whathappened"]
    assert opened[1]["what_happened"] == words["whathappened"] + words["changed"]
    assert opened[2]["message"] == words["reply"]
