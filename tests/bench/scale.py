"""`python -m tests.bench.scale --reports 1000000`: look-up, commit and feed with many reports, beside 10,000.

Rows are made directly. A million take 11 GB of disk for each database.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from sqlalchemy import Engine

from store import cases, db, feed
from tests.bench import scale_fill
from tests.store import make
from tests.support.postgres import running_postgres
from tests.support.tables import with_tables

FEW = 10_000
SAMPLES = 60
ROUNDS = 3


def middle_ms(doing: Callable[[int], object]) -> float:
    """Return the median of SAMPLES calls, wall milliseconds."""
    took = []
    for number in range(SAMPLES):
        began = time.perf_counter()
        doing(number)
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def once(engine: Engine, count: int, kept: scale_fill.Kept) -> list[float]:
    """Measure one database: look-up, three places of the feed, commit."""

    def look_up(number: int) -> None:
        with db.reading(engine) as conn:
            index, case_id, _key_id = kept[number % len(kept)]
            case = cases.of_code(conn, index)
            assert case is not None and case.case_id == case_id
            assert len(cases.contents(conn, case.case_id, case.mailbox_key_id).grants) == 1

    def page_at(part: float) -> Callable[[int], object]:
        def page(_number: int) -> None:
            with db.reading(engine) as conn:
                feed.after(conn, int(part * (count - 1001)), 1000)

        return page

    doing: list[Callable[[int], object]] = [look_up, page_at(0.0), page_at(0.5), page_at(1.0)]
    doing.append(lambda _number: make.add_report(engine, make.report()))
    return [middle_ms(part) for part in doing]


def measure(count: int) -> None:
    """Measure both databases with FEW and with so many reports, in turns, and print a table."""
    click.echo(f"\nmany reports, median ms of {ROUNDS} rounds of {SAMPLES}; load {os.getloadavg()[0]:.1f}")
    heads = ("look-up", "feed start", "middle", "end", "commit")
    click.echo(f"{'':<14}{'reports':>10}" + "".join(f"{head:>12}" for head in heads))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_postgres())
        for name in ("SQLite", "PostgreSQL"):
            filled = []
            for size in (FEW, count):
                is_sqlite = name == "SQLite"
                url = f"sqlite:///{folder}/{size}.db" if is_sqlite else server.url(server.new_database())
                filled.append((size, *_filled(url, size)))
            rounds = [[once(engine, size, kept) for size, engine, kept in filled] for _ in range(ROUNDS)]
            for place, (size, engine, _kept) in enumerate(filled):
                took = [
                    statistics.median(values)
                    for values in zip(*(each[place] for each in rounds), strict=True)
                ]
                click.echo(f"{name:<14}{size:>10,}" + "".join(f"{value:>12.2f}" for value in took))
                engine.dispose()
            times = [[after / before for before, after in zip(*each, strict=True)] for each in rounds]
            middle = [statistics.median(values) for values in zip(*times, strict=True)]
            click.echo(f"{'times':<24}" + "".join(f"{value:>12.2f}" for value in middle))


def _filled(url: str, size: int) -> tuple[Engine, scale_fill.Kept]:
    with_tables(url)
    engine = db.make_engine(url)
    return engine, scale_fill.fill(engine, size, SAMPLES)


@click.command()
@click.option("--reports", default=1_000_000, show_default=True)
def main(reports: int) -> None:
    """Fill databases and measure them."""
    measure(reports)


if __name__ == "__main__":
    main()
