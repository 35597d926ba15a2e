"""Does a leak have to be reported, and what does the report say? Questions and items from data/breach.toml. Pure.

Source: Act on the Protection of Personal Information, Art. 26; its enforcement rules, Art. 7 (four triggers) and
Art. 8 (nine items); data/law.toml: breach_triggers, breach_items.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

TRIGGER_IDS: Final = ("sensitive", "property", "improper", "many")
ITEM_IDS: Final = (
    "outline", "data", "persons", "cause", "secondary", "response", "publication", "prevention", "other",
)  # fmt: skip
ANSWERS: Final = ("yes", "no", "unknown")

Answer = Literal["yes", "no", "unknown"]

_TRIGGER: Final = frozenset({"id", "ja", "en", "article_ja", "article_en", "alone_ja", "alone_en"})
_ITEM: Final = frozenset({"id", "ja", "en", "hint_ja", "hint_en"})


class BreachDataError(ValueError):
    """data/breach.toml breaks a rule; the text names the entry and what is wrong."""


@dataclass(frozen=True)
class Entry:
    """A question or an item, in each language ("ja", "en"). `hint`: what to think of; `article`: of a trigger."""

    id: str
    text: Mapping[str, str]
    hint: Mapping[str, str]
    article: Mapping[str, str]


@lru_cache(maxsize=1)
def data() -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return the four triggers and the nine items, in the order of the rules. Raises BreachDataError."""
    return parse(files("cases.data").joinpath("breach.toml").read_text(encoding="utf-8"))


def parse(text: str) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return triggers and items of a TOML text. Raises BreachDataError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BreachDataError(f"breach.toml is not valid TOML: {error}") from None
    if set(found) != {"trigger", "item"}:
        raise BreachDataError("breach.toml holds [[trigger]] and [[item]], nothing else")
    triggers = tuple(_entry(one, _TRIGGER, "alone") for one in found["trigger"])
    items = tuple(_entry(one, _ITEM, "hint") for one in found["item"])
    for entries, ids in ((triggers, TRIGGER_IDS), (items, ITEM_IDS)):
        if tuple(one.id for one in entries) != ids:
            raise BreachDataError(f"the ids have to be {', '.join(ids)}, in this order")
    return triggers, items


def _entry(found: Mapping[str, Any], fields: frozenset[str], hint: str) -> Entry:
    name = str(found.get("id", "an entry"))
    if set(found) != fields:
        raise BreachDataError(f"{name} has to have exactly {', '.join(sorted(fields))}")
    for field, value in found.items():
        if not isinstance(value, str) or not value.strip():
            raise BreachDataError(f"{name}: {field} is empty or no text")
    return Entry(
        name,
        {"ja": found["ja"], "en": found["en"]},
        {"ja": found[f"{hint}_ja"], "en": found[f"{hint}_en"]},
        {"ja": found.get("article_ja", ""), "en": found.get("article_en", "")},
    )


def has_to_report(triggers: Mapping[str, str]) -> Answer:
    """Return whether a leak has to be reported (Art. 7 of the rules: any one of the four is enough)."""
    given = [triggers.get(name, "unknown") for name in TRIGGER_IDS]
    if "yes" in given:
        return "yes"
    return "no" if all(one == "no" for one in given) else "unknown"
