"""What a log may have of an exception."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from crypto.errors import BadBase64, place_of

SECRET = "the words of a report"


def _plain(text: str) -> None:
    raise ValueError(text)


def _from_another(text: str) -> None:
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError(text) from error


def _with_a_note(text: str) -> None:
    error = OSError(5, text, text)
    error.add_note(text)
    raise error


def _in_a_group(text: str) -> None:
    raise ExceptionGroup(text, [ValueError(text)])


def _ours(text: str) -> None:
    error = BadBase64()
    error.args = (text,)
    raise error


@pytest.mark.parametrize(
    ("fail", "name"),
    [
        (_plain, "ValueError"),
        (_from_another, "RuntimeError"),
        (_with_a_note, "OSError"),
        (_in_a_group, "ExceptionGroup"),
        (_ours, "BadBase64"),
    ],
)
def test_an_exception_is_its_class_and_place_and_no_word_of_it(
    fail: Callable[[str], None], name: str
) -> None:
    local = SECRET
    try:
        fail(local)
    except Exception as error:
        said = place_of(error)
        assert SECRET in f"{error}{error.args}", "the control: the exception itself has it"
    assert re.fullmatch(rf"{name} at tests\.crypto\.test_errors:\d+", said), said
    # The line that raised, not the line that called.
    lines = {line for _first, _last, line in fail.__code__.co_lines() if line}
    assert int(said.rpartition(":")[2]) in lines


def test_an_exception_that_was_never_raised_and_none_at_all() -> None:
    assert place_of(ValueError(SECRET)) == "ValueError at ?"
    assert place_of(None) == "exception at ?"
