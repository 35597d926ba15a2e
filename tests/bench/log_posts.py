"""What a leaf costs the POST that brings it: the same requests with a leaf and without, CPU time of the server."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from flask.testing import FlaskClient

from admin.logbook import LogKeeper
from cases.days import JST
from crypto import logleaf
from crypto.encoding import b64d, b64e
from crypto.envelope import envelope_hash
from tests.portal.conftest import World, make_world
from tests.portal.test_sealed import page_of
from tests.support.reporter import inputs, multipart

CARDS = 5
ROUNDS = 7
POSTS = 60
TEXT = "顧客名簿が流出したのに、公表も報告もしないと決められました。" * 20

Prepared = tuple[str, bytes, str]
"""A request: path, body, content type."""


def _world(folder: Path, logged: bool) -> World:
    folder.mkdir()
    world = make_world(folder, CARDS)
    if logged:
        path = world.settings.server.secret_file
        path.write_bytes(world.secrets.encode())
        path.chmod(0o600)
        noon = datetime(world.day.year, world.day.month, world.day.day, 12, tzinfo=JST)
        LogKeeper(world.engine, path).run(int(noon.timestamp()))
    return world


def _form(client: FlaskClient) -> Prepared:
    """Return a report without scripts: the server makes its leaf."""
    hidden = inputs(client.get("/ja/report").get_data(as_text=True))
    pairs = [(name, hidden[name]) for name in ("code", "csrf_token")] + [("what_happened", TEXT)]
    return "/ja/report", *multipart(pairs)


def _sealed(world: World, with_leaf: bool) -> Prepared:
    """Return a report with scripts: the page made its leaf."""
    page = page_of(world)
    body = page.report_body({"what_happened": TEXT})
    if with_leaf:
        raw = b64d(body["envelope"])
        opening = logleaf.envelope_opening("report", page.case_id, raw, envelope_hash(raw))
        readers = [logleaf.Reader(slot.key_id, slot.box_pk) for slot in page.slots()]
        body["leaf"] = b64e(logleaf.make(logleaf.log_key(page.receipt.root), opening, readers))
    return "/sealed/report", json.dumps(body).encode(), "application/json"


def _cpu_ms(client: FlaskClient, prepared: list[Prepared]) -> float:
    """Return the server's CPU milliseconds for one of these requests."""
    began = time.process_time()
    answers = [client.post(path, data=body, content_type=kind) for path, body, kind in prepared]
    spent = 1000 * (time.process_time() - began) / len(prepared)
    assert {answer.status_code for answer in answers} <= {200, 201}
    promised = {b"promise" in answer.data for answer in answers if answer.mimetype == "application/json"}
    assert len(promised) <= 1
    return spent


def _compare(
    what: str, bare: Callable[[], Prepared], leafy: Callable[[], Prepared], worlds: list[World]
) -> None:
    clients = [world.app.test_client(use_cookies=False) for world in worlds]
    without, with_leaf = [], []
    for _ in range(ROUNDS):  # one after the other, so that a noisy machine hits both
        without.append(_cpu_ms(clients[0], [bare() for _ in range(POSTS)]))
        with_leaf.append(_cpu_ms(clients[1], [leafy() for _ in range(POSTS)]))
    added = statistics.median(after - before for before, after in zip(without, with_leaf, strict=True))
    click.echo(
        f"{what:<58}{statistics.median(without):>8.2f} {statistics.median(with_leaf):>8.2f} {added:>8.2f}"
    )


def main() -> None:
    """Measure and print a table."""
    click.echo(f"\nPOST of a report, {CARDS} cards, CPU ms; design: a leaf adds less than 0.4")
    click.echo(f"{'':<58}{'without':>8} {'with':>8} {'added':>8}")
    with tempfile.TemporaryDirectory() as name:
        logged, bare = _world(Path(name) / "logged", True), _world(Path(name) / "bare", False)
        forms = [world.app.test_client(use_cookies=False) for world in (bare, logged)]
        _compare(
            "scripts off: the server makes the leaf",
            lambda: _form(forms[0]),
            lambda: _form(forms[1]),
            [bare, logged],
        )
        _compare(
            "scripts on: the page made it, the server keeps it",
            lambda: _sealed(logged, False),
            lambda: _sealed(logged, True),
            [logged, logged],
        )
        for world in (logged, bare):
            world.engine.dispose()


if __name__ == "__main__":
    main()
