"""Code and documents are written in plain English: the worst words of the project's old dialect are refused.

Each pattern has the words to write instead; docs/glossary.md has the terms.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PATTERNS = {
    r"\b[Ww]ho(m)?ever\b": "anyone who, or the noun: the operator, the sender",
    r"\b[Nn]obody's\b": "unverified, or no person's",
    r"\b[Ss]omebody (who|else's)\b": "a person who, another person's, or the noun",
    r"\b[Ss]econd self\b": "sock puppet",
    r"'s affair\b": "is not validated here",
    r"\b[Ss]tands? beside\b": "is shown beside",
    r"\b[Ss]tands (on|at|under|below|there|before|behind|first|apart)\b": "is",
    r"\b[Ll]ies (in|on|beside|behind)\b": "is",
    r"\b[Ss]hut(s|ting)? (\w+ ){0,3}out\b": "exclude",
    r"\b(is|are) let in\b": "is kept, is admitted",
}
READ = ("*.py", "*.ts", "*.mjs", "*.md", "*.html", "*.toml", "Makefile")
# The lists of words that pages may not use name those words; this file names the patterns.
LEFT_OUT = (":!docs/words", ":!tests/vectors", ":!tests/architecture/test_plain_english.py")


def refused(text: str) -> list[tuple[int, str]]:
    """Return the lines (from 1) of a text that hold a pattern, each with the pattern."""
    lines = text.splitlines()
    return [
        (n, pattern) for n, line in enumerate(lines, 1) for pattern in PATTERNS if re.search(pattern, line)
    ]


def test_code_and_documents_are_in_plain_english() -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--", *READ, *LEFT_OUT], cwd=ROOT, capture_output=True, check=True
    ).stdout.split(b"\0")
    faults = [
        f"{name.decode()}:{line}: {pattern} (write: {PATTERNS[pattern]})"
        for name in names
        if name and (ROOT / name.decode()).exists()
        for line, pattern in refused((ROOT / name.decode()).read_text(encoding="utf-8"))
    ]
    assert len(names) > 500
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "line",
    [
        "Whoever signs it is named.",
        "It is nobody's word.",
        "for somebody who looks for help",
        "a second self of the lead",
        "What it says is the caller's affair.",
        "The hint stands beside the box.",
        "It stands on the list.",
        "The key lies in the folder.",
        "who was shut out",
        "Four more are let in.",
    ],
)
def test_the_search_finds_each_pattern(line: str) -> None:
    assert refused(line)
