"""Numbers for the board, and how long cases are kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import retention
from cases.casebook import Step
from cases.form import CAUSES
from cases.numbers import Line, Numbers, count, csv_cell
from cases.retention import Proposal
from cases.status import STATUSES

DAY = date(2026, 11, 3)
MONTHS = ("2026-10", "2026-11")


def line(
    status: str = "received", cause: str = "loss", waited: int | None = None, **clocks: bool | None
) -> Line:
    return Line(status, cause, DAY, None if waited is None else DAY + timedelta(days=waited), clocks)


def shown(numbers: Numbers) -> dict[str, dict[str, int | None]]:
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
    few = count([line("closed")] * 2, MONTHS, least=5)
    assert few.total is None and all(one.total is None or one.total == 0 for one in few.tables)


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


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
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
