"""Playbooks: checklists by category and cause, in five steps, from data/playbooks.toml. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from cases import law, toml_entries
from cases.categories import LEAK, OFFERED
from cases.form import CAUSES
from cases.toml_entries import TomlEntry

STEPS: Final = ("reported", "established", "first_response", "notification", "prevention")
PRACTICE: Final = "practice"
"""The source of what is good sense and no rule of law."""

PLACES: Final = ("reply", "status", "work", "tasks", "notes", "leak")
"""Where on a case's page an item can be done."""

_FIELDS: Final = frozenset({"id", "step", "causes", "ja", "en", "why_ja", "why_en", "source"})
_OPTIONAL: Final = frozenset({"place", "categories"})
_TEXTS: Final = ("id", "step", "ja", "en", "why_ja", "why_en", "source")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class PlaybookError(ValueError):
    """data/playbooks.toml breaks a rule; the text names the line, the item and what is wrong."""


@dataclass(frozen=True)
class Item:
    """One thing to do. `causes`: for which (empty: all). `source`: a key of the law's rules, or PRACTICE.

    `place`: one of PLACES, or "". `categories`: words of `cases.categories`.
    """

    id: str
    step: str
    causes: tuple[str, ...]
    text: Mapping[str, str]
    why: Mapping[str, str]
    source: str
    place: str = ""
    categories: tuple[str, ...] = (LEAK,)


@lru_cache(maxsize=1)
def items() -> tuple[Item, ...]:
    """Return all items, in the order of the steps. Raises PlaybookError."""
    return parse(files("cases.data").joinpath("playbooks.toml").read_text(encoding="utf-8"))


def for_case(subjects: Iterable[str], cause: str) -> dict[str, tuple[Item, ...]]:
    """Return the items of each step for words of `cases.categories` and a cause; "" (not said) is taken as unknown."""
    wanted, about = cause or "unknown", frozenset(subjects)
    chosen = [
        item
        for item in items()
        if about.intersection(item.categories) and (not item.causes or wanted in item.causes)
    ]
    return {step: tuple(item for item in chosen if item.step == step) for step in STEPS}


def next_item(playbook: Mapping[str, Sequence[Item]], done: Container[str]) -> Item | None:
    """Return the first item of a playbook that is not done; None when all are."""
    return next(
        (item for step_items in playbook.values() for item in step_items if item.id not in done), None
    )


def parse(text: str) -> tuple[Item, ...]:
    """Return the items of a TOML text. Raises PlaybookError."""
    try:
        made = tuple(map(_item, toml_entries.read(text, ("item",), "playbooks.toml")["item"]))
    except ValueError as error:
        raise PlaybookError(str(error)) from None
    ids = [item.id for item in made]
    for name in ids:
        if ids.count(name) > 1:
            raise PlaybookError(f"{name} occurs twice")
    places = [STEPS.index(item.step) for item in made]
    if places != sorted(places):
        raise PlaybookError("the items have to be in the order of the steps")
    return made


def _item(entry: TomlEntry) -> Item:
    toml_entries.check_texts(entry, _FIELDS | (_OPTIONAL & entry.values.keys()), _TEXTS)
    values, causes = entry.values, entry.values["causes"]
    if not _NAME.match(values["id"]):
        raise ValueError(f"{entry.where} is no usable id")
    if values["step"] not in STEPS:
        raise ValueError(f"{entry.where}: step is none of {', '.join(STEPS)}")
    if not isinstance(causes, list) or not all(cause in CAUSES for cause in causes):
        raise ValueError(f"{entry.where}: causes holds something that is none of {', '.join(CAUSES)}")
    kinds = values.get("categories", [LEAK])
    if not isinstance(kinds, list) or not kinds or not all(kind in OFFERED for kind in kinds):
        raise ValueError(f"{entry.where}: categories holds something that is none of {', '.join(OFFERED)}")
    if values["source"] != PRACTICE and values["source"] not in {rule.key for rule in law.law().rules}:
        raise ValueError(f"{entry.where}: source is no key of law.toml")
    if values.get("place", "") not in ("", *PLACES):
        raise ValueError(f"{entry.where}: place is none of {', '.join(PLACES)}")
    return Item(
        values["id"],
        values["step"],
        tuple(causes),
        {"ja": values["ja"], "en": values["en"]},
        {"ja": values["why_ja"], "en": values["why_en"]},
        values["source"],
        values.get("place", ""),
        tuple(kinds),
    )
