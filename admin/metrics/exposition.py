"""The metrics as Prometheus reads them. prometheus_client writes the text; none of its own metrics is among them: of
the process they would tell processor time and memory, which each request moves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from admin.metrics.look import LOG_FAULTS, STATES, DatabaseLook, Readiness, look_at_database, sizes
from admin.metrics.steps import sample_day, step_of
from store.fault_board import FaultBoard

LOOK_SECONDS: Final = 10
"""The site is asked at most so often, however often metrics are read."""
NOT_REACHED: Final = ("database", "no_answer")
"""With these the database is not asked: Prometheus does not wait for what hangs."""


class SiteMetrics(Collector):
    """All metrics of one site. `ask`: asks the site whether it takes reports; `least`: the smallest step of a size, in
    bytes; `clock`: seconds since 1970.
    """

    def __init__(
        self,
        engine: Engine,
        board: FaultBoard,
        ask: Callable[[], Readiness],
        least: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine, self._board, self._ask, self._least, self._clock = engine, board, ask, least, clock
        self._mutex = threading.Lock()
        self._looked: float | None = None
        self._ready, self._database = Readiness("no_answer"), DatabaseLook()
        self._day: int | None = None
        self._steps: dict[str, int] = {}

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        with self._mutex:
            now = self._clock()
            if self._looked is None or not 0 <= now - self._looked < LOOK_SECONDS:
                self._ready, self._database = self._ask(), DatabaseLook()
                if self._ready.state not in NOT_REACHED:
                    self._database = look_at_database(self._engine, int(now))
                self._looked = now
            self._sample(int(now))
            yield from self._metrics()

    def _sample(self, seconds: int) -> None:
        if self._day == sample_day(seconds):
            return
        measured = sizes(self._engine)
        self._steps = {
            name: step_of(size, self._least, self._steps.get(name)) for name, size in measured.items()
        }
        if measured:
            self._day = sample_day(seconds)

    def _metrics(self) -> Iterator[Metric]:
        yield InfoMetricFamily(
            "meyasubako", "The program's version.", value={"version": metadata.version("meyasubako")}
        )
        yield _one_of("meyasubako_state", "What /readyz says (1).", "state", STATES, self._ready.state)
        yield _one_of(
            "meyasubako_log_fault", "What is wrong with the log (1).", "fault", LOG_FAULTS, self._ready.log
        )
        if self._database.behind is not None:
            yield GaugeMetricFamily(
                "meyasubako_log_days_behind",
                "Days that are over and have no batch in the log.",
                self._database.behind,
            )
        if self._database.standbys is not None:
            yield GaugeMetricFamily(
                "meyasubako_synchronous_standbys",
                "Standbys of PostgreSQL that hold a report before its code is shown.",
                self._database.standbys,
            )
        faults = CounterMetricFamily(
            "meyasubako_database_fault_hours",
            "Hours that are over in which the database failed, by the kind of the fault.",
            labels=["kind"],
        )
        for kind, hours in self._board.hours().items():
            faults.add_metric([kind], hours)
        yield faults
        for name, help_text in (
            ("database", "The database with its files, in steps (powers of two), once a day."),
            ("free", "Free space beside the database, in steps (powers of two), once a day."),
        ):
            if name in self._steps:
                yield GaugeMetricFamily(f"meyasubako_{name}_step_bytes", help_text, self._steps[name])


def _one_of(name: str, help_text: str, label: str, values: tuple[str, ...], current: str) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value in values:
        family.add_metric([value], float(value == current))
    return family


def registry_of(collector: Collector) -> CollectorRegistry:
    """Return a registry that holds these metrics and nothing else."""
    registry = CollectorRegistry()
    registry.register(collector)
    return registry
