"""The portal's use cases and the API's actions load without Flask: they can be called, and read, without a request."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.architecture.test_imports import modules

USE_CASES = tuple(
    name
    for name, _path in modules()
    if name.startswith("portal.usecases.")
    or re.fullmatch(r"portal\.context|admin\.api\.(\w+_actions|deletion)", name)
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
    assert len(USE_CASES) > 20
    assert loaded(*USE_CASES) == set()


@pytest.mark.parametrize("module", ["portal.edge.request", "portal.labels.i18n", "admin.api.routes.cases"])
def test_the_check_itself_finds_flask(module: str) -> None:
    assert "flask" in loaded("portal.usecases.submit", module)
