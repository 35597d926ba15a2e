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
from dataclasses import dataclass

import click
from sqlalchemy import Engine

from store import cases, db, feed
from tests.bench import scale_fill
from tests.store import make
from tests.support.postgres import running_postgres
from tests.support.tables import with_tables

FEW = 10_000
SAMPLES = 60
ROUNDS = 5


HEADS = ("look-up", "feed start", "middle", "end", "commit")


@dataclass(frozen=True)
class Filled:
    """A database with `count` reports, some of them `kept`."""

    count: int
    engine: Engine
    kept: scale_fill.Kept

    def doing(self) -> list[Callable[[int], object]]:
        """Return what is measured, in the order of HEADS; each takes the number of its call."""

        def look_up(number: int) -> None:
            with db.reading(self.engine) as conn:
                index, case_id, _key_id = self.kept[number % len(self.kept)]
                whole = cases.whole_of_code(conn, index)
                assert whole is not None and whole.case.case_id == case_id and len(whole.grants) == 1

        def page_at(part: float) -> Callable[[int], object]:
            def page(_number: int) -> None:
                with db.reading(self.engine) as conn:
                    feed.after(conn, int(part * (self.count - 1001)), 1000)

            return page

        places: list[Callable[[int], object]] = [page_at(part) for part in (0.0, 0.5, 1.0)]
        return [look_up, *places, lambda _number: make.add_report(self.engine, make.report())]


def in_turns(few: Callable[[int], object], many: Callable[[int], object], calls: int) -> list[list[float]]:
    """Call both one after the other, so that a noisy machine hits both; return the milliseconds of each."""
    took: list[list[float]] = [[], []]
    for number in range(calls):
        for doing, own in zip((few, many), took, strict=True):
            began = time.perf_counter()
            doing(number)
            own.append(1000 * (time.perf_counter() - began))
    return took


def compare(name: str, few: Filled, many: Filled, calls: int = SAMPLES * ROUNDS) -> None:
    """Measure two databases of one kind and print medians, how many times they are, and the same of means: a mean
    holds what only some calls pay, a checkpoint say.
    """
    pairs = zip(few.doing(), many.doing(), strict=True)
    took = [in_turns(before, after, calls) for before, after in pairs]
    for place, filled in enumerate((few, many)):
        middle = [statistics.median(both[place]) for both in took]
        click.echo(f"{name:<14}{filled.count:>10,}" + "".join(f"{value:>12.2f}" for value in middle))
    for what, of in (("times", statistics.median), ("times, means", statistics.fmean)):
        times = [of(after) / of(before) for before, after in took]
        click.echo(f"{what:<24}" + "".join(f"{value:>12.2f}" for value in times))


def measure(count: int) -> None:
    """Measure both databases with FEW and with so many reports, in turns, and print a table."""
    click.echo(f"\nmany reports, ms, {SAMPLES * ROUNDS} calls in turns; load {os.getloadavg()[0]:.1f}")
    click.echo(f"{'':<14}{'reports':>10}" + "".join(f"{head:>12}" for head in HEADS))
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres())
        for name in ("SQLite", "PostgreSQL"):
            # One database after the other: a million need 11 GB.
            with tempfile.TemporaryDirectory() as folder:
                urls = [
                    f"sqlite:///{folder}/{size}.db" if name == "SQLite" else server.url(server.new_database())
                    for size in (FEW, count)
                ]
                few, many = (_filled(url, size) for url, size in zip(urls, (FEW, count), strict=True))
                compare(name, few, many)
                for filled in (few, many):
                    filled.engine.dispose()


def _filled(url: str, size: int) -> Filled:
    with_tables(url)
    engine = db.make_engine(url)
    return Filled(size, engine, scale_fill.fill(engine, size, SAMPLES))


@click.command()
@click.option("--reports", default=1_000_000, show_default=True)
def main(reports: int) -> None:
    """Fill databases and measure them."""
    measure(reports)


if __name__ == "__main__":
    main()
