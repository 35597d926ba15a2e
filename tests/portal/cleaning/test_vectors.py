"""The vectors that this cleaner shares with the page's scripts (docs/cleaning.md)."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from crypto.encoding import b64d
from portal.cleaning import kinds
from portal.cleaning.words import CannotClean, Cleaned

FOLDER = Path(__file__).parents[2] / "vectors"
OFFICE: dict[str, dict[str, Any]] = {
    vector["name"]: vector
    for vector in json.loads((FOLDER / "cleaning-office.json").read_text("utf-8"))["vectors"]
}
PICTURES: dict[str, dict[str, Any]] = {
    vector["name"]: vector
    for vector in json.loads((FOLDER / "cleaning-pictures.json").read_text("utf-8"))["vectors"]
}


def _cleaned(data: bytes) -> Cleaned:
    try:
        return kinds.clean(data)
    except CannotClean:
        return Cleaned(data, "not_cleaned")


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str) -> None:
    vector = PICTURES[name]
    done = _cleaned(b64d(vector["file"]))
    assert (done.outcome, list(done.found)) == (vector["result"], vector["found"])
    assert done.data == b64d(vector.get("makes", vector["file"]))


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_found_exactly_where_nothing_is_left_out_and_twice_is_once(name: str) -> None:
    vector = PICTURES[name]
    if "makes" in vector:
        assert (vector["result"] == "nothing_found") == (vector["makes"] == vector["file"])
        again = _cleaned(b64d(vector["makes"]))
        assert (again.outcome, again.data) == ("nothing_found", b64d(vector["makes"]))


@pytest.mark.parametrize("name", OFFICE)
def test_office(name: str) -> None:
    vector = OFFICE[name]
    done = _cleaned(b64d(vector["file"]))
    assert (done.outcome, list(done.found)) == (vector["result"], vector["found"])
    with zipfile.ZipFile(io.BytesIO(done.data)) as archive:
        assert canonical(archive.read("word/document.xml")) == canonical(vector["main"].encode())


def canonical(part: bytes) -> bytes:
    return bytes(etree.tostring(etree.fromstring(part), method="c14n"))
