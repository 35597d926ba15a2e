"""The guide for the officer: what to do from the first day of a case to its end, from data/officer_guide.toml. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from cases import law, toml_entries
from cases.playbooks import PRACTICE

_STEP: Final = ("id", "ja", "en")
_ITEM: Final = ("id", "step", "ja", "en", "source")


class OfficerGuideError(ValueError):
    """data/officer_guide.toml breaks a rule; the text names the line, the entry and what is wrong."""


@dataclass(frozen=True)
class Advice:
    """One thing to do, in each language ("ja", "en"). `source`: a key of the law's rules, or PRACTICE."""

    id: str
    text: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class GuideStep:
    """A step of the guide with what is to be done in it."""

    id: str
    title: Mapping[str, str]
    items: tuple[Advice, ...]


@lru_cache(maxsize=1)
def steps() -> tuple[GuideStep, ...]:
    """Return the steps in order. Raises OfficerGuideError."""
    return parse(files("cases.data").joinpath("officer_guide.toml").read_text(encoding="utf-8"))


def parse(text: str) -> tuple[GuideStep, ...]:
    """Return the steps of a TOML text. Raises OfficerGuideError."""
    try:
        tables = toml_entries.read(text, ("step", "item"), "officer_guide.toml")
        for table, fields in (("step", _STEP), ("item", _ITEM)):
            for entry in tables[table]:
                toml_entries.check_texts(entry, frozenset(fields), fields)
    except ValueError as error:
        raise OfficerGuideError(str(error)) from None
    items = [entry.values for entry in tables["item"]]
    names = [entry.values["id"] for entry in tables["step"]]
    rules = {rule.key for rule in law.law().rules}
    for entry in tables["item"]:
        if entry.values["step"] not in names:
            raise OfficerGuideError(f"{entry.where}: there is no step {entry.values['step']}")
        if entry.values["source"] != PRACTICE and entry.values["source"] not in rules:
            raise OfficerGuideError(f"{entry.where}: law.toml has no rule {entry.values['source']}")
    for ids in (names, [item["id"] for item in items]):
        if len(set(ids)) != len(ids):
            raise OfficerGuideError("an id is there twice")
    return tuple(
        GuideStep(
            step["id"],
            {"ja": step["ja"], "en": step["en"]},
            tuple(
                Advice(item["id"], {"ja": item["ja"], "en": item["en"]}, item["source"])
                for item in items
                if item["step"] == step["id"]
            ),
        )
        for step in (entry.values for entry in tables["step"])
    )


def sources() -> tuple[str, ...]:
    """Return the keys of the law's rules that the guide rests on, each once, in its order."""
    named = (item.source for step in steps() for item in step.items)
    return tuple(dict.fromkeys(key for key in named if key != PRACTICE))
