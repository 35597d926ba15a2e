"""Reply templates for the notices that law and guideline expect, from data/replies.toml. Pure.

Nothing is sent by itself: a template is the beginning of a text that somebody signs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from cases import contacts

IDS: Final = ("received", "investigating", "not_investigating", "question", "result", "no_fault", "outside")
PLACES: Final = ("received", "today", "consult_name", "consult_phone", "authority_name")
CONSULT: Final = "caa_consult_dial"
AUTHORITY: Final = "ppc_whistleblow"

_FIELDS: Final = frozenset({"id", "name_ja", "name_en", "ja", "en"})
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


class ReplyError(ValueError):
    """data/replies.toml breaks a rule; the text names the template and what is wrong."""


@dataclass(frozen=True)
class Reply:
    """A template in each language ("ja", "en")."""

    id: str
    name: Mapping[str, str]
    text: Mapping[str, str]


@lru_cache(maxsize=1)
def replies() -> tuple[Reply, ...]:
    """Return all templates. Raises ReplyError."""
    return parse(files("cases.data").joinpath("replies.toml").read_text(encoding="utf-8"))


def filled(reply: Reply, lang: str, received: date, today: date) -> str:
    """Return a template with the desk's own words in it; what is in [ ] is left for people."""
    values = {
        "received": _day(received, lang),
        "today": _day(today, lang),
        "consult_name": contacts.contact(CONSULT).name[lang],
        "consult_phone": " / ".join(contacts.contact(CONSULT).phone),
        "authority_name": contacts.contact(AUTHORITY).name[lang],
    }
    return _PLACE.sub(lambda found: values[found[1]], reply.text[lang]).strip("\n")


def parse(text: str) -> tuple[Reply, ...]:
    """Return the templates of a TOML text. Raises ReplyError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReplyError(f"replies.toml is not valid TOML: {error}") from None
    if set(found) != {"reply"}:
        raise ReplyError("replies.toml holds [[reply]], nothing else")
    made = tuple(map(_reply, found["reply"]))
    if tuple(one.id for one in made) != IDS:
        raise ReplyError(f"the ids have to be {', '.join(IDS)}, in this order")
    return made


def _reply(found: Mapping[str, Any]) -> Reply:
    name = str(found.get("id", "a template"))
    if set(found) != _FIELDS:
        raise ReplyError(f"{name} has to have exactly {', '.join(sorted(_FIELDS))}")
    for field, value in found.items():
        if not isinstance(value, str) or not value.strip():
            raise ReplyError(f"{name}: {field} is empty or no text")
        for place in _PLACE.findall(value):
            if place not in PLACES:
                raise ReplyError(f"{name}: {field} has an unknown place {{{place}}}")
    return Reply(
        name,
        {"ja": found["name_ja"], "en": found["name_en"]},
        {"ja": found["ja"], "en": found["en"]},
    )


def _day(day: date, lang: str) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if lang == "ja" else day.isoformat()
