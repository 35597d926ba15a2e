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
    "not_a_report", "outside_other", "outside_harassment",
    "handled_leak", "handled_harassment", "handled_accounting", "handled_other",
)  # fmt: skip

PLACES: Final = (
    "received", "report", "today", "consult_name", "consult_phone", "authority_name", "labour_name",
)  # fmt: skip
CONSULT: Final = "caa_consult_dial"
AUTHORITY: Final = "ppc_whistleblow"
LABOUR: Final = "labour_consult_corner"
NO_AUTHORITY: Final = {
    "ja": "[この内容の通報を受け付ける行政機関]",
    "en": "[the authority that takes reports of this kind]",
}
"""What stands for `{authority_name}` where the rules on leaks don't count: people have to write over it."""

_REPORT: Final = {
    "": ("{day}に送っていただいた通報", "the report that you sent on {day}"),
    "telephone": ("{day}にお電話で話していただいた内容", "what you told us by telephone on {day}"),
    "letter": ("{day}に届いたお手紙やファクスの内容", "the letter or fax from you that came on {day}"),
    "talk": ("{day}に直接話していただいた内容", "what you told us in person on {day}"),
}
"""`{report}` in Japanese and in English, by how it came: "" through the site, or a word of
`crypto.payloads.INTAKE_CHANNELS`."""

_FIELDS: Final = frozenset({"id", "name_ja", "name_en", "ja", "en"})
_FULL_WIDTH: Final = re.compile("［[^［］]*］")
_OPEN: Final = re.compile(r"\[[^\[\]]+\]")
_WRITTEN_PLACE: Final = re.compile(rf"[{{｛]({'|'.join(PLACES)})[}}｝]")
_ONE_FORM: Final = str.maketrans("［］｛｝", "[]{}")
"""Brackets typed in full width are the same brackets."""
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


def filled(
    reply: Reply, lang: str, received: date, today: date, *, is_leak: bool = True, channel: str = ""
) -> str:
    """Return a template with the desk's own words in it; what is in [ ] is left for people.

    `received`: the day on which the report was made; `channel`: how it came (a key of `_REPORT`); `is_leak`: the rules
    on leaks count, so the leak authority is the right one to name.
    """
    values = {
        "received": _day(received, lang),
        "report": _REPORT[channel][0 if lang == "ja" else 1].format(day=_day(received, lang)),
        "today": _day(today, lang),
        "consult_name": contacts.contact(CONSULT).name[lang],
        "consult_phone": " / ".join(contacts.contact(CONSULT).phone),
        "authority_name": contacts.contact(AUTHORITY).name[lang] if is_leak else NO_AUTHORITY[lang],
        "labour_name": contacts.contact(LABOUR).name[lang],
    }
    return _WRITTEN_PLACE.sub(lambda match: values[match[1]], reply.text[lang]).strip("\n")


def is_unfilled(text: str, own: Sequence[Reply] = ()) -> bool:
    """Tell whether a text still has a place of a template that somebody was to write over, in half or full width.
    `own`: templates beside those of this program.
    """
    places = set(NO_AUTHORITY.values())
    for reply in (*replies(), *own):
        for written in reply.text.values():
            places |= set(_OPEN.findall(written.translate(_ONE_FORM)))
    return any(place in text.translate(_ONE_FORM) for place in places)


def has_brackets(text: str) -> bool:
    """Tell whether a text has something in full-width square brackets, as places to write over have."""
    return bool(_FULL_WIDTH.search(text))


def place_fault(text: str) -> str:
    """Return what is wrong with the places of a template's text: "place" (one that nothing fills), "bracket" (one
    without its pair), or "".
    """
    text = text.translate(_ONE_FORM)
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
