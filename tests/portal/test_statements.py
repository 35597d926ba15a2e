"""What the requests that every reporter sends ask of the database: counted, as times differ from machine to machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from crypto.encoding import b64e
from tests.portal.client import CheckedClient
from tests.portal.conftest import World
from tests.portal.test_log import logged as logged
from tests.portal.test_log import report_of
from tests.portal.test_sealed import page_of
from tests.support.sealed_client import SealedPage

_STORED = ["BEGIN IMMEDIATE", "SELECT", *["INSERT"] * 6, "COMMIT"]
"""One question; then case, code, change, envelope, leaf and grant."""


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Give the list of what a SQLite database is asked in the block: of each statement its first word, of BEGIN all."""
    told: list[str] = []

    def note(text: str) -> None:
        told.append(text if text.startswith("BEGIN") else text.split()[0])

    def begin(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(note)

    def end(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(None)

    event.listen(engine, "checkout", begin)
    event.listen(engine, "checkin", end)
    try:
        yield told
    finally:
        event.remove(engine, "checkout", begin)
        event.remove(engine, "checkin", end)


def test_a_new_report_is_one_transaction(logged: World, client: CheckedClient) -> None:
    client.report(what_happened="はじめの通報")  # from here on the process knows the list
    hidden = client.form()
    with statements(logged.engine) as told:
        receipt = client.report(hidden, what_happened="つぎの通報")
    assert told == _STORED
    assert client.look(receipt.code).status == 200

    # Sent again: the transaction finds the code's case and stores nothing, then it is looked at, and committed anew.
    with statements(logged.engine) as told:
        again = client.report(hidden, what_happened="つぎの通報")
    assert again.code == receipt.code
    assert "INSERT" not in told and told.count("BEGIN IMMEDIATE") == told.count("PRAGMA") == 2


def test_a_report_with_scripts_is_one_transaction(logged: World) -> None:
    for expected in (None, _STORED):
        page = page_of(logged)
        body = report_of(page)
        with statements(logged.engine) as told:
            assert page.send("report", body)[0] == 200
        assert expected is None or told == expected


def test_a_look_is_one_transaction_and_the_same_for_every_code(logged: World, client: CheckedClient) -> None:
    code = client.report(what_happened="通報").code
    client.look(code)  # from here on the process knows who cosigned the log
    other = "0" if code[-6] != "0" else "1"
    for typed, status in ((code, 200), (_unknown(code, other), 404)):
        with statements(logged.engine) as told:
            assert client.look(typed).status == status
        assert told == ["BEGIN DEFERRED", *["SELECT"] * 10, "COMMIT"]


def _unknown(code: str, symbol: str) -> str:
    """Return another code with a right check symbol."""
    from crypto.receipt import ALPHABET, _is_canonical

    plain = code.replace("-", "")
    changed = plain[:-5] + symbol + plain[-4:-1]
    return next(changed + last for last in ALPHABET if _is_canonical(changed + last))


def test_a_look_with_scripts_is_one_transaction_and_the_same_for_every_code(logged: World) -> None:
    page, other = page_of(logged), page_of(logged)
    assert page.send("report", report_of(page))[0] == 200
    for asked, status in ((page, 200), (other, 404)):
        with statements(logged.engine) as told:
            assert _look(asked) == status
        assert told == ["BEGIN DEFERRED", *["SELECT"] * 4, "COMMIT"]


def _look(page: SealedPage) -> int:
    return page.send("look", {"lookup": b64e(page.receipt.lookup_id)})[0]
