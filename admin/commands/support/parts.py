"""The two parts that can be installed, and what to say where one is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    pass

SERVER_LIBRARIES: Final = ("alembic", "gunicorn", "psycopg", "sqlalchemy")
DESK_LIBRARIES: Final = ("fpdf", "httpx", "platformdirs", "segno", "waitress")


def how_to_install(part: str) -> str:
    """Return how a part ("server" or "desk") is installed: never by a name that a registry could give to anybody."""
    return (
        f"Install it with: pip install --require-hashes -r requirements/{part}.txt, then pip install --no-deps "
        "and the wheel meyasubako-….whl that you made or were given (docs/operations.md, section 1)."
    )
