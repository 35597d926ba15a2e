"""Numbers for the board, and how long cases are kept."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import retention
from cases.form import CAUSES
from cases.retention import Proposal
from cases.statistics import Line, Statistics, count, csv_cell, csv_rows
from cases.status import STATUSES, Step

DAY = date(2026, 11, 3)
MONTHS = ("2026-10", "2026-11")


def line(
    status: str = "received", cause: str = "loss", waited: int | None = None, **clocks: bool | None
) -> Line:
    return Line(status, cause, DAY, None if waited is None else DAY + timedelta(days=waited), clocks)


def shown(numbers: Statistics) -> dict[str, dict[str, int | None]]:
    return {one.name: {name: number for name, number in one.rows if number != 0} for one in numbers.tables}


def test_cases_are_counted_by_what_the_board_asks() -> None:
    lines = [
        line("closed", "loss", 5, notice=True, final=False),
        line("investigating", "attack", 21, notice=False),
        line("received", "", None, notice=None),
    ]
    numbers = count(lines, MONTHS)
    assert shown(numbers) == {
        "status": {"closed": 1, "investigating": 1, "received": 1},
        "cause": {"loss": 1, "attack": 1, "not_said": 1},
        "month": {"2026-11": 3},
        "to_notice": {"0-5": 1, "21-": 1, "open": 1},
        "kept": {"notice": 1},
        "missed": {"notice": 1, "final": 1},
    }
    assert numbers.median_days == 13 and numbers.total == 3


def test_no_case_at_all() -> None:
    numbers = count([], MONTHS, least=5)
    assert numbers.total == 0 and numbers.median_days is None and not any(one.hides for one in numbers.tables)


def test_small_counts_are_hidden_and_cannot_be_worked_out() -> None:
    lines = [line("closed")] * 8 + [line("received")] * 6 + [line("investigating")] * 2
    [table] = [one for one in count(lines, MONTHS, least=5).tables if one.name == "status"]
    # "investigating" alone would be 16 - 8 - 6: the smallest of the others goes with it.
    assert dict(table.rows)["investigating"] is None and dict(table.rows)["received"] is None
    assert dict(table.rows)["closed"] == 8 and table.total == 16
    few = count([line("closed", "loss"), line("received", "attack")], MONTHS, least=5)
    assert few.total is None and all(one.total is None or one.total == 0 for one in few.tables)


WAITS = (3, 8, 15, 30, None)
"""A wait for each row of the table, the last one undecided."""


@pytest.mark.parametrize("least", [3, 4])
def test_every_hidden_count_could_be_another_one(least: int) -> None:
    """Whoever tries all numbers of cases, and knows the rule, finds two answers for each hidden count."""
    answers: dict[Statistics, list[tuple[int, ...]]] = defaultdict(list)
    most = 3 * least  # all worlds of so many cases: none is missing for a total that a reader sees
    for found in product(range(most + 1), repeat=len(WAITS)):
        if sum(found) > most:
            continue
        lines = [
            line(waited=waited, notice=None if waited is None else waited <= 20)
            for waited, number in zip(WAITS, found, strict=True)
            for _again in range(number)
        ]
        # The median is of the decided alone, and is no count.
        answers[replace(count(lines, MONTHS, least), median_days=None)].append(found)
    for numbers, founds in answers.items():
        for place, (_name, number) in enumerate(numbers.to_notice.rows):
            seen = {found[place] for found in founds}
            assert seen == {number} if number is not None else len(seen) > 1


def test_a_clock_hides_in_both_tables() -> None:
    lines = [line(waited=3, notice=True)] * 14 + [line(waited=30, notice=False)] * 2
    numbers = count(lines, MONTHS, least=5)
    # 16 in all less 14 kept would be 2 missed.
    assert numbers.kept.rows == numbers.missed.rows == (("notice", None),)
    assert numbers.kept.total is None and numbers.missed.total is None and numbers.total == 16
    running = [line(waited=3, final=True)] * 6 + [line(waited=3, final=None)]
    assert count(running, MONTHS, least=5).kept.rows == (("final", None),)
    plain = count([line(waited=3, notice=True, final=False)] * 6, MONTHS, least=5)
    assert plain.kept.rows == (("final", 0), ("notice", 6)) and plain.missed.total == 6


def test_cases_of_other_months_do_not_follow_from_the_total() -> None:
    old = Line("received", "loss", date(2025, 1, 1), None, {})
    table = count([old, *[line()] * 9], MONTHS, least=5).by_month
    assert table.rows == (("other", None), ("2026-10", 0), ("2026-11", None)) and table.total == 10


@pytest.mark.parametrize(
    ("waits", "told", "untold", "median"),
    [
        (
            [0, None, None, None],
            1,
            3,
            0,
        ),  # what was said of these before: "at least half were told on the day"
        ([0] * 5 + [None] * 9, 5, 9, 0),
        ([3, 8, None], 2, 1, 5.5),
        ([None, None], 0, 2, None),
        ([21], 1, 0, 21),
        ([-3, None], 1, 1, 0),  # a server's day of receipt after the decision
    ],
)
def test_those_not_told_yet_are_counted_beside_the_median(
    waits: list[int | None], told: int, untold: int, median: float | None
) -> None:
    numbers = count([line(waited=one) for one in waits], MONTHS)
    assert (numbers.told, numbers.untold, numbers.median_days) == (told, untold, median)


def test_how_many_were_told_is_hidden_with_its_table() -> None:
    numbers = count([line(waited=0)] * 9 + [line()] * 2, MONTHS, least=5)
    assert numbers.to_notice.hides and numbers.told is numbers.untold is None and numbers.median_days == 0


def labels(table: str, row: str) -> tuple[str, str]:
    return f"table {table}", f"row {row}"


def test_the_rows_of_a_csv_are_the_numbers() -> None:
    numbers = count([line("closed", "loss", 4), line("closed", "loss", 5)], MONTHS)
    file = io.StringIO()
    csv.writer(file).writerows(csv_rows(numbers, labels, "hidden"))
    rows = [tuple(row) for row in csv.reader(io.StringIO(file.getvalue()))]
    assert rows == list(csv_rows(numbers, labels, "hidden"))
    assert ("table status", "row closed", "2", "") in rows and ("table all", "row total", "2", "") in rows
    assert ("table to_notice", "row median_days", "4.5", "") in rows
    assert ("table to_notice", "row told", "2", "") in rows
    few = csv_rows(count([line("closed")] * 2, MONTHS, least=5), labels, "=x")
    assert ("table status", "row closed", "", "'=x") in few


@given(st.lists(st.none() | st.integers(0, 60), max_size=30), st.integers(1, 6))
def test_a_column_of_numbers_holds_numbers_alone(waits: list[int | None], least: int) -> None:
    numbers = count([line(waited=one) for one in waits], MONTHS, least)
    for _table, _row, number, remark in csv_rows(numbers, labels, "hidden"):
        assert number == "" or float(number) >= 0
        assert (number == "") or remark == ""


lines_of = st.lists(
    st.builds(
        line,
        st.sampled_from(STATUSES),
        st.sampled_from(["", *CAUSES]),
        st.none() | st.integers(0, 60),
        notice=st.none() | st.booleans(),
    ),
    max_size=60,
)


@given(lines_of, st.integers(1, 8))
def test_no_hidden_count_follows_from_the_rest(lines: list[Line], least: int) -> None:
    numbers = count(lines, MONTHS, least)
    for table in numbers.tables:
        counts = [number for _name, number in table.rows]
        assert all(number is None or number == 0 or number >= least for number in counts)
        hidden = counts.count(None)
        assert hidden != 1 or table.total is None
        assert (hidden > 0) == table.hides
    if least == 1:
        assert not any(one.hides for one in numbers.tables)


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\n=1",
        " =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\0=1",
        "\u200b=1",
        "\ufeff=1",
        "\u202e =1",
        "\x01=1",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert csv_cell(text) == "'" + text and csv_cell("x" + text) == "x" + text


CLOSED = (Step("not_investigating", DAY), Step("closed", DAY))


@pytest.mark.parametrize(
    ("steps", "days", "today", "past"),
    [
        (CLOSED, 30, date(2026, 12, 3), False),
        (CLOSED, 30, date(2026, 12, 4), True),
        (CLOSED, 0, DAY, False),
        (CLOSED, None, date(2036, 1, 1), False),
        (CLOSED[:1], 30, date(2036, 1, 1), False),
        ((), 30, date(2036, 1, 1), False),
        ((*CLOSED, Step("investigating", date(2026, 12, 1))), 30, date(2036, 1, 1), False),
    ],
)
def test_a_term_runs_from_the_close(
    steps: tuple[Step, ...], days: int | None, today: date, past: bool
) -> None:
    assert retention.past_term(steps, days, today) is past


@pytest.mark.parametrize(
    ("days", "other", "may"),
    [(0, True, True), (30, True, True), (31, True, False), (5, False, False), (-1, True, False)],
)
def test_two_persons_end_a_case_within_thirty_days(days: int, other: bool, may: bool) -> None:
    one, two = bytes(16), b"2" * 16
    proposal = Proposal(one, DAY)
    assert retention.may_agree(proposal, two if other else one, DAY + timedelta(days=days)) is may
