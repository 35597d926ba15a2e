"""Sizes are shown in steps that no single report moves to and fro."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from admin.metrics.steps import PLAY, least_step, sample_day, step_of
from store.config.settings import LimitSettings

GIB = 2**30
SMALL = LimitSettings(max_file_bytes=1_000_000, max_files=3, max_waiting_bytes=10_000_000)
SIZES = st.integers(0, 2**50)


def largest(limits: LimitSettings) -> int:
    """The most that a report brings: its files, twice as long when sealed, and its text."""
    return 2 * (limits.max_files * limits.max_file_bytes + limits.max_request_bytes)


def test_the_least_step_follows_the_limits() -> None:
    assert (least_step(LimitSettings()), least_step(SMALL)) == (32 * GIB, 2**26)
    for limits in (LimitSettings(), SMALL):
        assert largest(limits) <= least_step(limits) // PLAY


@given(SIZES)
def test_a_step_is_a_power_of_two_below_the_size(size: int) -> None:
    step = step_of(size, 1024)
    assert step == 0 if size < 1024 else step <= size < 2 * step
    assert step == 0 or (step & (step - 1) == 0 and step >= 1024)


@given(SIZES, st.integers(0, largest(SMALL)), st.booleans())
def test_a_report_that_comes_and_goes_does_not_show(size: int, report: int, grows: bool) -> None:
    """Whatever is shown for a size stays shown when one report more, or less, is stored, and when that is undone."""
    least = least_step(SMALL)
    shown = step_of(size, least)
    after = step_of(size + report if grows else max(0, size - report), least, shown)
    assert after == shown
    assert step_of(size, least, after) == shown


@given(SIZES, SIZES)
def test_a_step_that_is_left_is_far_away(size: int, before: int) -> None:
    shown = step_of(before, 1024)
    new = step_of(size, 1024, shown)
    if new != shown:
        assert new == step_of(size, 1024)
        border = shown if size < shown else 2 * shown or 1024
        assert abs(size - border) >= max(shown, 1024) // PLAY - 1


def test_samples_are_of_four_in_the_morning_in_japan() -> None:
    four = 19 * 3600  # 04:00 of 2 January 1970 in Japan
    assert sample_day(four) == sample_day(four - 1) + 1 == sample_day(four + 86_399)
