"""A plugin of `make test`: after the slowest tests it says how much processor time the whole run took, since that is a
budget (CONTRIBUTING.md)."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the time of this process and of all that it waited for: workers, servers, browsers, commands."""
    spent = os.times()
    user, system = spent.user + spent.children_user, spent.system + spent.children_system
    terminalreporter.write_line(
        f"CPU time of the tests: {(user + system) / 60:.1f} minutes ({user:.0f} s user, {system:.0f} s system)"
    )
