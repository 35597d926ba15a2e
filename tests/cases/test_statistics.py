"""Statistics, and how long cases are kept."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import retention
from cases.form import CAUSES
from cases.periods import Period, quarter_of
from cases.retention import Proposal
from cases.statistics import DELETED, GONE, LEFT, Line, Statistics, Term, cell, count
from cases.statistics_csv import csv_cell, csv_rows
from cases.status import STATUSES, Step

DAY = date(2026, 11, 3)
PERIOD = quarter_of(DAY)
TODAY = DAY + timedelta(days=40)


def line(
    status: str = "received", cause: str = "loss", waited: int | None = None, **clocks: bool | None
) -> Line:
    dues = {name: Term(DAY + timedelta(days=20), kept) for name, kept in clocks.items()}
    return Line(status, cause, DAY, None if waited is None else DAY + timedelta(days=waited), dues)


def shown(numbers: Statistics) -> dict[str, dict[str, int | None]]:
    return {one.name: {name: number for name, number in one.rows if number != 0} for one in numbers.tables}


def test_cases_are_counted_by_what_the_board_asks() -> None:
    lines = [
        line("closed", "loss", 5, notice=True, final=False),
        line("investigating", "attack", 21, notice=False),
        line("received", "", None, notice=None),
    ]
    numbers = count(lines, PERIOD, TODAY)
    assert shown(numbers) == {
        "status": {"closed": 1, "investigating": 1, "received": 1},
        "category": {"leak": 3},
        "cause": {"loss": 1, "attack": 1, "not_said": 1},
        "severity": {"not_said": 3},
        "matrix": {"closed not_said": 1, "investigating not_said": 1, "received not_said": 1},
        "month": {"2026-11": 3},
        "to_notice": {"0-5": 1, "21-": 1, "overdue": 1},
        "in_time": {"in_time": 1, "later": 2},
        "to_close": {"open": 3},
        "open_at_end": {"period": 3},
        "kept": {"notice": 1},
        "missed": {"notice": 1, "final": 1},
    }
    assert numbers.notice_days == 13 and numbers.total == 3


def test_no_case_at_all() -> None:
    numbers = count([], PERIOD, TODAY, least=5)
    assert numbers.total == 0 and numbers.notice_days is None and not any(one.hides for one in numbers.tables)


def test_small_counts_are_hidden_and_cannot_be_worked_out() -> None:
    lines = [line("closed")] * 8 + [line("received")] * 6 + [line("investigating")] * 2
    [table] = [one for one in count(lines, PERIOD, TODAY, least=5).tables if one.name == "status"]
    # "investigating" alone would be 16 - 8 - 6; and what is hidden here, tables of the same cases must not tell.
    assert set(dict(table.rows).values()) == {None} and table.total == 16
    few = count([line("closed", "loss"), line("received", "attack")], PERIOD, TODAY, least=5)
    assert few.total is None and all(one.total is None or one.total == 0 for one in few.tables)


WAITS = (3, 8, 30, None)
"""A wait for some rows of the table, the last one undecided."""


def worlds(most: int, kinds: int) -> Iterator[tuple[int, ...]]:
    """Yield all numbers of cases of so many kinds, up to `most` together."""
    if kinds == 0:
        yield ()
        return
    for first in range(most + 1):
        for rest in worlds(most - first, kinds - 1):
            yield (first, *rest)


@pytest.mark.parametrize("least", [3, 4])
def test_every_hidden_small_count_could_be_another_one(least: int) -> None:
    """Anyone who tries all numbers of cases, and knows the rule, finds two answers for each small count."""
    answers: dict[Statistics, list[tuple[int, ...]]] = defaultdict(list)
    for numbers in worlds(3 * least, len(WAITS)):  # none is missing for a total that a reader sees
        lines = [
            line(
                "received" if waited is None else "closed",
                waited=waited,
                notice=waited is not None and waited <= 20,
            )
            for waited, number in zip(WAITS, numbers, strict=True)
            for _again in range(number)
        ]
        # The median is of the decided alone, and is no count.
        answers[replace(count(lines, PERIOD, TODAY, least), notice_days=None)].append(numbers)
    names = ("0-5", "6-10", "21-", "overdue")
    for shown_numbers, founds in answers.items():
        rows = dict(shown_numbers.to_notice.rows)
        for place, name in enumerate(names):
            seen = {numbers[place] for numbers in founds}
            assert (
                seen == {rows[name]} if rows[name] is not None else len(seen) > 1 or not 0 < max(seen) < least
            )
        if not shown_numbers.to_notice.hides:
            continue
        for numbers in founds:
            for place, number in enumerate(numbers):
                if 0 < number < least:
                    assert len({other[place] for other in founds}) > 1


def test_a_clock_hides_in_both_tables() -> None:
    lines = [line(waited=3, notice=True)] * 14 + [line(waited=30, notice=False)] * 2
    numbers = count(lines, PERIOD, TODAY, least=5)
    # 16 in all less 14 kept would be 2 missed.
    assert numbers.kept.rows == numbers.missed.rows == (("notice", None),)
    assert numbers.kept.total is None and numbers.missed.total is None and numbers.total == 16
    running = [line(waited=3, final=True)] * 6 + [line(waited=3, final=None)]
    assert count(running, PERIOD, TODAY, least=5).kept.rows == (("final", None),)
    plain = count([line(waited=3, notice=True, final=False)] * 6, PERIOD, TODAY, least=5)
    assert plain.kept.rows == (("final", 0), ("notice", 6)) and plain.missed.total == 6


def test_a_small_month_does_not_follow_from_the_total() -> None:
    first = replace(line(), received=date(2026, 10, 1))
    table = count([first, *[line()] * 9], PERIOD, TODAY, least=5).by_month
    assert table.rows == (("2026-10", None), ("2026-11", None), ("2026-12", 0)) and table.total == 10


def test_only_cases_of_the_period_are_counted_and_open_ones_of_before_apart() -> None:
    old = replace(line("investigating"), received=date(2026, 9, 30))
    ended = replace(line("closed"), received=date(2026, 9, 1), closed=date(2026, 10, 2))
    later = replace(line(), received=date(2027, 1, 1))
    numbers = count([old, ended, later, line()], PERIOD, TODAY)
    assert numbers.total == 1 and numbers.open_at_end.rows == (("period", 1), ("earlier", 1))
    # A case that was closed after the period's end was open on its last day.
    then = count([old, ended, line()], Period("quarter", date(2026, 7, 1), date(2026, 9, 30)), TODAY)
    assert then.total == 2 and then.open_at_end.rows == (("period", 2), ("earlier", 0))


def test_terms_are_of_the_period_in_which_their_last_day_is() -> None:
    early = replace(line(notice=False), received=date(2026, 9, 20))
    late = Line("received", "", DAY, None, {"final": Term(date(2027, 1, 2), None)})
    numbers = count([early, late], PERIOD, TODAY)
    assert numbers.missed.rows == (("notice", 1),) and numbers.late == 1 and numbers.total == 1
    guide = count([line(notice=True, preliminary=False)], PERIOD, TODAY)
    assert guide.late == 0 and guide.missed.total == 1


def test_what_is_gone_is_counted_and_nothing_is_said_of_it() -> None:
    gone = [Line(status, "", DAY, None, {}) for status in GONE]
    numbers = count([*gone, line(waited=3)], PERIOD, TODAY)
    assert numbers.total == 3 and numbers.by_status.count(LEFT) == numbers.by_status.count(DELETED) == 1
    assert (
        numbers.to_notice.count("gone")
        == numbers.to_close.count("gone")
        == numbers.by_cause.count("gone")
        == 2
    )
    assert (numbers.told_in_time, numbers.to_tell, numbers.late) == (1, 1, 0)
    assert numbers.open_at_end.total == 1 and numbers.matrix.count(cell(DELETED, "not_said")) == 1


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
    numbers = count([line(waited=one) for one in waits], PERIOD, TODAY)
    assert (numbers.told, numbers.untold, numbers.notice_days) == (told, untold, median)


def test_how_many_were_told_is_hidden_with_its_table() -> None:
    numbers = count([line(waited=0)] * 9 + [line()] * 2, PERIOD, TODAY, least=5)
    assert numbers.to_notice.hides and numbers.told is numbers.untold is None and numbers.notice_days == 0
    assert numbers.told_in_time is None and numbers.to_tell is None
    coarse = count([line(waited=0)] * 6 + [line(waited=8)] + [line()] * 5, PERIOD, TODAY, least=5)
    assert coarse.to_notice.hides and (coarse.told_in_time, coarse.to_tell) == (7, 12)


def labels(table: str, row: str) -> tuple[str, str]:
    return f"table {table}", f"row {row}"


def test_the_rows_of_a_csv_are_the_numbers() -> None:
    numbers = count([line("closed", "loss", 4), line("closed", "loss", 5)], PERIOD, TODAY)
    file = io.StringIO()
    csv.writer(file).writerows(csv_rows(numbers, labels, "hidden"))
    rows = [tuple(row) for row in csv.reader(io.StringIO(file.getvalue()))]
    assert rows == list(csv_rows(numbers, labels, "hidden"))
    assert ("table status", "row closed", "2", "") in rows and ("table all", "row total", "2", "") in rows
    assert ("table to_notice", "row median_days", "4.5", "") in rows
    assert ("table to_notice", "row told", "2", "") in rows
    few = csv_rows(count([line("closed")] * 2, PERIOD, TODAY, least=5), labels, "=x")
    assert ("table status", "row closed", "", "'=x") in few


@given(st.lists(st.none() | st.integers(0, 60), max_size=30), st.integers(1, 6))
def test_a_column_of_numbers_holds_numbers_alone(waits: list[int | None], least: int) -> None:
    numbers = count([line(waited=one) for one in waits], PERIOD, TODAY, least)
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
    numbers = count(lines, PERIOD, TODAY, least)
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
