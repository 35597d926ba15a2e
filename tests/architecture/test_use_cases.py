"""The portal's use cases and the API's actions load without Flask: they can be called, and read, without a request."""

from __future__ import annotations

import subprocess
import sys

import pytest

USE_CASES = (
    "admin.api.case_actions",
    "admin.api.deletion",
    "admin.api.roster_actions",
    "portal.usecases.choice",
    "portal.usecases.status_clock",
    "portal.context",
    "portal.usecases.conversation",
    "portal.usecases.outside_guide",
    "portal.usecases.submit",
    "portal.usecases.recipients",
    "portal.usecases.code_replacement",
    "portal.usecases.browser_api",
)
WEB = ("flask", "flask_babel", "flask_wtf", "gunicorn", "jinja2", "wtforms")


def loaded(*modules: str) -> set[str]:
    """Return which web libraries a fresh interpreter has loaded after these modules."""
    program = f"import sys, {', '.join(modules)}; print(*(name for name in {WEB!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


def test_no_use_case_loads_a_web_library() -> None:
    assert loaded(*USE_CASES) == set()


@pytest.mark.parametrize("module", ["portal.edge.request", "portal.labels.i18n", "admin.api.routes.cases"])
def test_the_check_itself_finds_flask(module: str) -> None:
    assert "flask" in loaded("portal.usecases.submit", module)
