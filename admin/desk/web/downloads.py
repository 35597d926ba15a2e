"""Files that the desk makes and a browser saves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from flask import Response

from cases.days import format_day


def csv_file(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows of cells as a CSV file (UTF-8 with its mark, which spreadsheets need to read it as UTF-8)."""
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    return made.getvalue().encode("utf-8-sig")


def dated(name: str, day: date, ending: str) -> str:
    """Return a file's name with the day on which it was made: two of them can be in one folder."""
    return f"{name}-{format_day(day)}.{ending}"


def saved(body: bytes | Iterator[bytes], mimetype: str, name: str) -> Response:
    """Return an answer that a browser saves under a name."""
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
