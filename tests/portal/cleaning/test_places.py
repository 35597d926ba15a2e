"""No name survives in a file that is called cleaned, or in which nothing was found: place by place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from portal.cleaning import kinds
from portal.cleaning.words import CannotClean, Cleaned
from tests.portal.cleaning.look import layers
from tests.support.leaks import disguises
from tests.support.places import FORMATS, MARK, Place

LEAST = {"jpeg": 70, "png": 50, "webp": 40, "pdf": 60, "docx": 45, "xlsx": 30, "pptx": 20}
PLACES = {name: list(places()) for name, places in FORMATS.items()}


def _holds(data: bytes) -> bool:
    marks = [MARK.encode(), MARK.encode("utf-16-le"), MARK.encode("utf-16-be"), *disguises(MARK).values()]
    return any(mark in layer for layer in layers(data) for mark in marks)


def _cleaned(place: Place) -> Cleaned:
    try:
        return kinds.clean(place.data)
    except CannotClean:
        return Cleaned(place.data, "not_cleaned")


@pytest.mark.parametrize("name", FORMATS)
def test_no_mark_survives_in_what_is_called_clean(name: str) -> None:
    survivors, unseen, silent = [], [], []
    outcomes: Counter[str] = Counter()
    for place in PLACES[name]:
        if not _holds(place.data):
            unseen.append(place.id)
        done = _cleaned(place)
        outcomes[done.outcome] += 1
        if done.outcome in ("cleaned", "nothing_found") and _holds(done.data):
            survivors.append(place.id)
        if done.outcome == "nothing_found":
            silent.append(place.id)
    assert unseen == [], "the control: the look finds the mark before"
    assert survivors == []
    assert silent == [], "something was left out, and it is said"
    assert outcomes["not_cleaned"] == 0 and outcomes["partly"] <= len(PLACES[name]) // 3


@pytest.mark.parametrize("name", FORMATS)
def test_there_are_enough_places_and_each_once(name: str) -> None:
    ids = [place.name for place in PLACES[name]]
    assert len(ids) == len(set(ids)) >= LEAST[name]


def test_the_list_in_the_docs_is_this_one() -> None:
    text = (Path(__file__).parents[3] / "docs" / "cleaning.md").read_text(encoding="utf-8")
    for name, of_format in PLACES.items():
        assert f"{name} ({len(of_format)}): " + "; ".join(place.name for place in of_format) in text
