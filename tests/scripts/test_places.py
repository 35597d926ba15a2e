"""Every place of a name in pictures and Office files, in the page: what the server makes of it (docs/cleaning.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from crypto.encoding import b64d, b64e
from portal.cleaning import kinds
from tests.portal.cleaning.look import layers
from tests.scripts.bundle import in_node
from tests.scripts.test_cleaning import RESULTS
from tests.support.places import FORMATS, MARK


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pdf"])
def test_no_mark_survives_in_the_page(name: str, tests_bundle: Path) -> None:
    places = list(FORMATS[name]())
    done = in_node(tests_bundle, "cleaned", [b64e(place.data) for place in places])
    wrong: dict[str, object] = {}
    for place, page in zip(places, done, strict=True):
        server = kinds.clean(place.data)
        if (page["cleaned"], page["found"]) != (RESULTS[server.outcome], list(server.found)):
            wrong[place.name] = (page["cleaned"], page["found"], server.outcome, server.found)
        if page["cleaned"] == "removed" and any(
            MARK.encode() in layer for layer in layers(b64d(page["data"]))
        ):
            wrong[place.name] = ("the mark is still there",)
    assert wrong == {}
