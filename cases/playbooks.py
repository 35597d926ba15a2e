"""What to do about a leak, by cause, in five steps: a checklist from data/playbooks.toml. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from cases import law
from cases.form import CAUSES

STEPS: Final = ("reported", "established", "first_response", "notification", "prevention")
PRACTICE: Final = "practice"
"""The source of what is good sense and no rule of law."""

_FIELDS: Final = frozenset({"id", "step", "causes", "ja", "en", "why_ja", "why_en", "source"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class PlaybookError(ValueError):
    """data/playbooks.toml breaks a rule; the text names the item and what is wrong."""


@dataclass(frozen=True)
class Item:
    """One thing to do. `causes`: for which (empty: all). `source`: a key of the law's rules, or PRACTICE."""

    id: str
    step: str
    causes: tuple[str, ...]
    text: Mapping[str, str]
    why: Mapping[str, str]
    source: str


@lru_cache(maxsize=1)
def items() -> tuple[Item, ...]:
    """Return all items, in the order of the steps. Raises PlaybookError."""
    return parse(files("cases.data").joinpath("playbooks.toml").read_text(encoding="utf-8"))


def for_cause(cause: str) -> dict[str, tuple[Item, ...]]:
    """Return the items of each step for a cause; "" (not said) is taken as unknown."""
    wanted = cause or "unknown"
    found = [one for one in items() if not one.causes or wanted in one.causes]
    return {step: tuple(one for one in found if one.step == step) for step in STEPS}


def parse(text: str) -> tuple[Item, ...]:
    """Return the items of a TOML text. Raises PlaybookError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlaybookError(f"playbooks.toml is not valid TOML: {error}") from None
    if set(found) != {"item"}:
        raise PlaybookError("playbooks.toml holds [[item]], nothing else")
    made = tuple(map(_item, found["item"]))
    ids = [one.id for one in made]
    for name in ids:
        if ids.count(name) > 1:
            raise PlaybookError(f"{name} stands twice")
    places = [STEPS.index(one.step) for one in made]
    if places != sorted(places):
        raise PlaybookError("the items have to stand in the order of the steps")
    return made


def _item(found: Mapping[str, Any]) -> Item:
    name = found.get("id")
    if not isinstance(name, str) or not _NAME.match(name):
        raise PlaybookError("an item has no usable id")
    if set(found) != _FIELDS:
        raise PlaybookError(f"{name} has to have exactly {', '.join(sorted(_FIELDS))}")
    if found["step"] not in STEPS:
        raise PlaybookError(f"{name}: step is none of {', '.join(STEPS)}")
    causes = found["causes"]
    if not isinstance(causes, list) or not set(causes) <= set(CAUSES):
        raise PlaybookError(f"{name}: causes holds something that is none of {', '.join(CAUSES)}")
    for field in ("ja", "en", "why_ja", "why_en"):
        if not isinstance(found[field], str) or not found[field].strip():
            raise PlaybookError(f"{name}: {field} is empty or no text")
    if found["source"] != PRACTICE and found["source"] not in {rule.key for rule in law.law().rules}:
        raise PlaybookError(f"{name}: source is no key of law.toml")
    return Item(
        name,
        found["step"],
        tuple(causes),
        {"ja": found["ja"], "en": found["en"]},
        {"ja": found["why_ja"], "en": found["why_en"]},
        found["source"],
    )
