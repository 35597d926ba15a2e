"""Statistics as the rows of a CSV file, each cell safe for a spreadsheet. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cases.statistics import Statistics

MEDIAN: Final = "median_days"
TOLD: Final = "told"
TOTAL: Final = "total"
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\0")


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, whatever white space is before it (OWASP ASVS 5.0,
    1.2.10; the wide forms by our own care)."""
    # What nobody sees counts as white space, too: a program may leave it out.
    seen = text.lstrip("".join({char for char in text if not char.isprintable() or char.isspace()}))
    taken = seen.startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return "'" + text if taken else text


def csv_rows(
    counted: Statistics, label: Callable[[str, str], tuple[str, str]], hidden: str
) -> tuple[tuple[str, str, str, str], ...]:
    """Return the tables as rows of table, row, number and remark, each cell safe for a spreadsheet.

    A column of numbers holds numbers alone: where one is hidden its cell is empty, and the remark says `hidden`.
    `label` returns what a table and its row are called in the page's language; MEDIAN, TOLD and TOTAL are rows too.
    """
    more = {
        "to_notice": [("to_notice", TOLD, counted.told), ("to_notice", MEDIAN, counted.notice_days)],
        "to_close": [("to_close", MEDIAN, counted.close_days)],
    }
    none_yet = {"to_notice": counted.told == 0, "to_close": counted.ended == 0}
    rows: list[tuple[str, str, float | None]] = []
    for table in counted.tables:
        rows += [
            (table.name, name, number) for name, number in table.rows if number != 0 or table.name != "matrix"
        ]
        rows += more.get(table.name, [])
    made = []
    for table_name, name, number in (*rows, ("all", TOTAL, counted.total)):
        shown = "" if number is None else f"{number:g}" if number % 1 else str(int(number))
        is_empty = name == MEDIAN and none_yet[table_name]
        remark = "" if number is not None or is_empty else hidden
        of_table, of_row = label(table_name, name)
        made.append((csv_cell(of_table), csv_cell(of_row), shown, csv_cell(remark)))
    return tuple(made)
