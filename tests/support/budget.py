"""A plugin of `make test`: after the slowest tests it says how much processor time the whole run took, since that is a
budget (CONTRIBUTING.md), and which files took most of it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator

import pytest

_SHOWN = int(os.environ.get("BUDGET_FILES", "10"))
_spent_by_file: defaultdict[str, float] = defaultdict(float)
_last = [0.0]


def _spent() -> float:
    """Return seconds of processor time of this process and of the children that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def pytest_collection_finish() -> None:
    """Leave out what imports and collecting took."""
    _last[0] = _spent()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.CallInfo[None], None]:
    """Give each report the time since the one before in this process; a report comes back from a worker with it."""
    outcome = yield
    now = _spent()
    report = outcome.get_result()  # type: ignore[attr-defined]
    report.user_properties = [*report.user_properties, ("cpu", now - _last[0])]
    _last[0] = now


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add a report's time to its file. A server that several files share counts where it ends."""
    _spent_by_file[report.nodeid.partition("::")[0]] += sum(
        value for name, value in report.user_properties if name == "cpu" and isinstance(value, float)
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the time of this process and of all that it waited for: workers, servers, browsers, commands."""
    spent = os.times()
    user, system = spent.user + spent.children_user, spent.system + spent.children_system
    terminalreporter.write_line("Files by CPU; a process that files share counts where it ends:")
    for name, seconds in sorted(_spent_by_file.items(), key=lambda item: -item[1])[:_SHOWN]:
        terminalreporter.write_line(f"{seconds:6.1f} s of CPU  {name}")
    terminalreporter.write_line(
        f"CPU time of the tests: {(user + system) / 60:.1f} minutes ({user:.0f} s user, {system:.0f} s system)"
    )
