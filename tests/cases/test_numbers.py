"""No telephone number reaches a person that is not in the checked data."""

from __future__ import annotations

import re
from pathlib import Path

from cases.contacts import contacts

ROOT = Path(__file__).resolve().parents[2]
# Between characters of Japanese text too: they are no word boundary.
NUMBER = re.compile(
    r"(?<![0-9A-Za-z.-])"
    r"(?:0[0-9]{1,4}[-‐–－ ][0-9]{1,4}[-‐–－ ][0-9]{3,4}|0[0-9]{3}-[0-9]{6}|0120[0-9]{6}|#9[0-9]{3})"
    r"(?![0-9A-Za-z-])"
)
SEEN = (
    "cases/data/*.toml",
    "portal/**/*.html",
    "portal/**/*.po",
    "admin/**/*.html",
    "admin/**/*.po",
    "templates/**/*.html",
)


def test_the_search_finds_numbers() -> None:
    for written in ("0120-239-743", "0120239743", "0120－239－743", "03-3507-9262", "0570-078377", "#9110"):
        assert NUMBER.findall(f"電話{written}へ"), written
    assert not NUMBER.findall("2026-11-23 9:30–12:30 100-0013 416AC0000000122")


def test_every_number_that_people_see_is_in_the_data() -> None:
    known = {number for one in contacts() for number in one.phone}
    files = [path for pattern in SEEN for path in ROOT.glob(pattern)]
    assert len(files) > 10
    found = {(path.name, number) for path in files for number in NUMBER.findall(path.read_text("utf-8"))}
    assert {number for _name, number in found} <= known, found
    assert ("contacts.toml", "03-3507-9262") in found
