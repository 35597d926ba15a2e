"""The sentences of the guide (data/routing_texts.toml), apart from its rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from cases import law
from cases.law import Text
from cases.routing.answers import RoutingError

EASY: Final = law.EASY
"""Plain Japanese: beside the languages, and not of every sentence."""


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Text]:
    """Return all sentences of the guide by id. Raises RoutingError when one lacks a language."""
    return parse_texts(files("cases.data").joinpath("routing_texts.toml").read_text(encoding="utf-8"))


def text(text_id: str) -> Text:
    """Return one sentence in each language; "transition" is the law's own. Raises KeyError for an unknown
    id."""
    return law.law().transition if text_id == "transition" else texts()[text_id]


def parse_texts(toml: str) -> Mapping[str, Text]:
    """Return the sentences of a TOML text: ja and en, and ja_easy (plain Japanese) where there is one.

    Raises RoutingError when one is not whole.
    """
    try:
        entries = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RoutingError(f"the texts are not valid TOML: {error}") from None
    for name, words in entries.items():
        if not law.is_whole(words):
            raise RoutingError(f"the text {name} is not whole")
    return MappingProxyType({name: MappingProxyType(dict(words)) for name, words in entries.items()})
