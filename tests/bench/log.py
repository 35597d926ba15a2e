"""The log: what a leaf costs a request, a batch, a desk that recomputes five years. CPU time, beside the design's."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from admin.logbook import LogKeeper
from crypto import logleaf, tlog
from crypto.messages import public_key
from store import cards as store_cards
from store import db, log
from store import site as store_site
from store.config.secrets import create_secrets, pin_first_card
from tests.support.site import Auditor, make_auditors
from tests.support.tables import with_tables

CARDS = 5
YEARS_LEAVES = 31_025
"""Five years of 17 leaves a day."""
DAYS = 60


def cpu_ms(doing: Callable[[], object], times: int) -> float:
    """Return the median of five runs, CPU milliseconds for one call."""
    runs = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(times):
            doing()
        runs.append(1000 * (time.process_time() - began) / times)
    return statistics.median(runs)


def line(what: str, value: float, unit: str, design: str) -> None:
    """Print one figure."""
    click.echo(f"{what:<58}{value:>10.2f} {unit:<4} design: {design}")


def main() -> None:
    """Measure and print a table."""
    click.echo(f"\nlog, {CARDS} cards")
    people = make_auditors(CARDS)
    readers = [logleaf.Reader(person.card.key_id, person.card.box_pk) for person in people]
    key = logleaf.log_key(bytes(32))
    opening = logleaf.envelope_opening("report", bytes(16), bytes(8192), bytes(32))
    line("a leaf", cpu_ms(lambda: logleaf.make(key, opening, readers), 400), "ms", "0.23, at most 0.4")
    line("a dummy", cpu_ms(lambda: logleaf.dummy(CARDS), 400), "ms", "0.15 or less")
    leaves = [logleaf.dummy(CARDS) for _ in range(1000)]
    who = people[0].identity
    line(
        "a desk looks for its tags in 1,000 leaves",
        cpu_ms(lambda: [logleaf.find_bell(leaf, who.box_sk, who.box_pk) for leaf in leaves], 1),
        "ms",
        "200",
    )
    many = leaves * (YEARS_LEAVES // 1000) + leaves[: YEARS_LEAVES % 1000]
    line(
        f"a desk recomputes {YEARS_LEAVES:,} leaves",
        cpu_ms(lambda: tlog.Frontier(map(tlog.leaf_hash, many)).root, 1),
        "ms",
        "190",
    )
    hashes = [tlog.leaf_hash(leaf) for leaf in many]
    line(
        f"the proof of the list's leaf among {YEARS_LEAVES:,}, once a checkpoint",
        cpu_ms(lambda: tlog.inclusion_proof(hashes, len(hashes) - 17), 1),
        "ms",
        "none",
    )
    with tempfile.TemporaryDirectory() as name:
        _batches(Path(name), people)


def _batches(folder: Path, people: list[Auditor]) -> None:
    url, secret = f"sqlite:///{folder}/log.db", folder / "server.secret"
    with_tables(url)
    engine, own = db.make_engine(url), create_secrets(secret)
    with db.writing(engine) as conn:
        store_site.create(conn, bytes(16), public_key(own.sign_seed))
        for person in people:
            card = person.card
            store_cards.enroll(conn, card.key_id, card.person, card.encode(), date(2026, 11, 1))
    pin_first_card(secret, people[0].card.key_id)
    keeper, began = LogKeeper(engine, secret), datetime(2026, 11, 1, 3, tzinfo=UTC)
    keeper.run(int(began.timestamp()))
    spent = []
    for number in range(1, DAYS + 1):
        started = time.process_time()
        keeper.run(int((began + timedelta(days=number)).timestamp()))
        spent.append(1000 * (time.process_time() - started))
    with db.reading(engine) as conn:
        state = log.head(conn)
    assert state is not None and state.size == 3 + CARDS + 17 * DAYS
    line(
        f"a day's batch, median of {DAYS} (signed, synced, published)", statistics.median(spent), "ms", "8.5"
    )
    engine.dispose()


if __name__ == "__main__":
    main()
