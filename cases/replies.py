"""Reply templates for the notices that law and guideline expect, from data/replies.toml. Pure.

Nothing is sent by itself: a template is the beginning of a text that somebody signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Final

from cases import contacts, toml_entries
from cases.categories import CATEGORIES
from cases.toml_entries import TomlEntry

IDS: Final = (
    "received", "investigating", "not_investigating", "question", "result", "no_fault", "outside", "handed_over",
    "not_a_report", "outside_other",
)  # fmt: skip

PLACES: Final = ("received", "today", "consult_name", "consult_phone", "authority_name")
CONSULT: Final = "caa_consult_dial"
AUTHORITY: Final = "ppc_whistleblow"

_FIELDS: Final = frozenset({"id", "name_ja", "name_en", "ja", "en"})
_OPEN: Final = re.compile(r"\[[^\[\]]+\]")
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


class ReplyError(ValueError):
    """data/replies.toml breaks a rule; the text names the line, the template and what is wrong."""


@dataclass(frozen=True)
class Reply:
    """A template in each language ("ja", "en")."""

    id: str
    name: Mapping[str, str]
    text: Mapping[str, str]
    categories: tuple[str, ...] = CATEGORIES
    """For which cases (`cases.categories`)."""


@lru_cache(maxsize=1)
def replies() -> tuple[Reply, ...]:
    """Return all templates. Raises ReplyError."""
    return parse(files("cases.data").joinpath("replies.toml").read_text(encoding="utf-8"))


def for_case(category: str) -> tuple[Reply, ...]:
    """Return the templates for a word of `cases.categories`."""
    return tuple(reply for reply in replies() if category in reply.categories)


def filled(reply: Reply, lang: str, received: date, today: date) -> str:
    """Return a template with the desk's own words in it; what is in [ ] is left for people."""
    values = {
        "received": _day(received, lang),
        "today": _day(today, lang),
        "consult_name": contacts.contact(CONSULT).name[lang],
        "consult_phone": " / ".join(contacts.contact(CONSULT).phone),
        "authority_name": contacts.contact(AUTHORITY).name[lang],
    }
    return _PLACE.sub(lambda match: values[match[1]], reply.text[lang]).strip("\n")


def is_unfilled(text: str, own: Sequence[Reply] = ()) -> bool:
    """Tell whether a text still has a place of a template that somebody was to write over. `own`: templates beside
    those of this program.
    """
    places = {
        place for reply in (*replies(), *own) for text in reply.text.values() for place in _OPEN.findall(text)
    }
    return any(place in text for place in places)


def place_fault(text: str) -> str:
    """Return what is wrong with the places of a template's text: "place" (one that nothing fills), "bracket" (one
    without its pair), or "".
    """
    if any(place not in PLACES for place in _PLACE.findall(text)):
        return "place"
    rest = _OPEN.sub("", _PLACE.sub("", text))
    return "bracket" if set("{}[]") & set(rest) else ""


def parse(text: str) -> tuple[Reply, ...]:
    """Return the templates of a TOML text. Raises ReplyError."""
    try:
        made = tuple(map(_reply, toml_entries.read(text, ("reply",), "replies.toml")["reply"]))
    except ValueError as error:
        raise ReplyError(str(error)) from None
    if tuple(reply.id for reply in made) != IDS:
        raise ReplyError(f"the ids have to be {', '.join(IDS)}, in this order")
    return made


def _reply(entry: TomlEntry) -> Reply:
    toml_entries.check_texts(entry, _FIELDS | ({"categories"} & entry.values.keys()), sorted(_FIELDS))
    values = {name: text for name, text in entry.values.items() if name != "categories"}
    kinds = entry.values.get("categories", list(CATEGORIES))
    if not isinstance(kinds, list) or not kinds or not all(kind in CATEGORIES for kind in kinds):
        raise ValueError(f"{entry.where}: categories holds something that is none of {', '.join(CATEGORIES)}")
    for field, value in values.items():
        fault = place_fault(value)
        if fault == "place":
            raise ValueError(f"{entry.where}: {field} has an unknown place")
        if fault:
            raise ValueError(f"{entry.where}: {field} has a bracket without its pair")
    return Reply(
        values["id"],
        {"ja": values["name_ja"], "en": values["name_en"]},
        {"ja": values["ja"], "en": values["en"]},
        tuple(kinds),
    )


def _day(day: date, lang: str) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if lang == "ja" else day.isoformat()
