"""The result of a check of `meyasubako doctor`: level, subject, advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from admin.commands.support.exit_codes import as_failure, unforeseen


@dataclass(frozen=True)
class Finding:
    """One line: how it is ("ok", "note", "warn" or "FAIL"), what was looked at, and what to do. `keeps_from_starting`:
    a site that started like this would lose reports or mix them up.
    """

    level: str
    what: str
    text: str
    keeps_from_starting: bool = False


Findings = Iterator[Finding]


def ok(what: str, text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding("ok", what, text)


def note(what: str, text: str) -> Finding:
    """Return a finding that is for information only."""
    return Finding("note", what, text)


def fail(what: str, text: str) -> Finding:
    """Return a finding that something has to be put right."""
    return Finding("FAIL", what, text)


def refuse(what: str, text: str) -> Finding:
    """Return a finding with which the site must not start: it would lose reports or mix them up."""
    return Finding("FAIL", what, text, keeps_from_starting=True)


def warn(what: str, text: str) -> Finding:
    """Return a finding that it works, but should be read."""
    return Finding("warn", what, text)


def guarded(what: str, check: Callable[[], Findings]) -> Findings:
    """Turn an error of a check into its finding, so that the other checks are made."""
    try:
        yield from check()
    except Exception as error:
        failure = as_failure(error)
        yield fail(what, in_one_line((failure or unforeseen(error)).message))


def in_one_line(text: str) -> str:
    """Return a text of several lines as one."""
    return " ".join(line.strip() for line in text.splitlines())
