"""Whether a leak has to be reported, and the content of that report. Questions and items from data/breach.toml. Pure.

Source: Act on the Protection of Personal Information, Art. 26; its enforcement rules, Art. 7 (four triggers) and
Art. 8 (nine items); data/law.toml: breach_triggers, breach_items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

from cases import toml_entries
from cases.toml_entries import TomlEntry

TRIGGER_IDS: Final = ("sensitive", "property", "improper", "many")
ITEM_IDS: Final = (
    "outline", "data", "persons", "cause", "secondary", "response", "publication", "prevention", "other",
)  # fmt: skip
DELEGATION: Final = "ppc_delegation_list"
"""Where the Commission lists the ministries that may take the report in its place: an id of data/contacts.toml."""
REPORT_SITE: Final = "https://www.ppc.go.jp/personalinfo/legal/leakAction/"
"""Where companies hand the report in (source: that page; checked CHECKED). Not a desk for reporters."""
CHECKED: Final = date(2026, 11, 23)
MANY: Final = 1_000
"""More persons than these make a leak one to be reported, whatever else it is (Art. 7(iv) of the rules)."""
ANSWERS: Final = ("yes", "no", "unknown")
FROM_REPORT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "outline": ("what_happened", "when", "noticed", "where"),
        "data": ("personal_data",),
        "persons": ("how_many",),
        "cause": ("why", "cause"),
        "publication": ("concealment",),
        "other": ("evidence",),
    }
)
"""Answers of the reporter (`cases.form.REPORT_FIELDS`) that help with an item: our own reading of the form. Who is
involved, who hides it and whom the reporter told are left out: the authority's form does not ask for them, and they can
show who reported."""
DIFFERENCES: Final = ("same", "changed", "added", "missing")

EMPTY: Final = "（未記入）"

Answer = Literal["yes", "no", "unknown"]

_TRIGGER: Final = frozenset({"id", "ja", "en", "article_ja", "article_en", "alone_ja", "alone_en"})
_ITEM: Final = frozenset({"id", "ja", "en", "hint_ja", "hint_en"})


class BreachDataError(ValueError):
    """data/breach.toml breaks a rule; the text names the line, the entry and what is wrong."""


@dataclass(frozen=True)
class BreachEntry:
    """A question or an item, in each language ("ja", "en"). `hint`: what to think of; `article`: of a trigger."""

    id: str
    text: Mapping[str, str]
    hint: Mapping[str, str]
    article: Mapping[str, str]


@lru_cache(maxsize=1)
def data() -> tuple[tuple[BreachEntry, ...], tuple[BreachEntry, ...]]:
    """Return the four triggers and the nine items, in the order of the rules. Raises BreachDataError."""
    return parse(files("cases.data").joinpath("breach.toml").read_text(encoding="utf-8"))


def parse(text: str) -> tuple[tuple[BreachEntry, ...], tuple[BreachEntry, ...]]:
    """Return triggers and items of a TOML text. Raises BreachDataError."""
    try:
        tables = toml_entries.read(text, ("trigger", "item"), "breach.toml")
        triggers = tuple(_entry(trigger, _TRIGGER, "alone") for trigger in tables["trigger"])
        items = tuple(_entry(item, _ITEM, "hint") for item in tables["item"])
    except ValueError as error:
        raise BreachDataError(str(error)) from None
    for made, ids in ((triggers, TRIGGER_IDS), (items, ITEM_IDS)):
        if tuple(entry.id for entry in made) != ids:
            raise BreachDataError(f"the ids have to be {', '.join(ids)}, in this order")
    return triggers, items


def _entry(entry: TomlEntry, fields: frozenset[str], hint: str) -> BreachEntry:
    toml_entries.check_texts(entry, fields, sorted(fields))
    values = entry.values
    return BreachEntry(
        values["id"],
        {"ja": values["ja"], "en": values["en"]},
        {"ja": values[f"{hint}_ja"], "en": values[f"{hint}_en"]},
        {"ja": values.get("article_ja", ""), "en": values.get("article_en", "")},
    )


def has_to_report(triggers: Mapping[str, str]) -> Answer:
    """Return whether a leak has to be reported (Art. 7 of the rules: any one of the four is enough)."""
    given = [triggers.get(name, "unknown") for name in TRIGGER_IDS]
    if "yes" in given:
        return "yes"
    return "no" if all(answer == "no" for answer in given) else "unknown"


def contradicts(triggers: Mapping[str, str], persons: int) -> bool:
    """Tell whether an answer says something else about the number of persons than the number itself (Art. 7(iv))."""
    return triggers.get("many") == ("no" if persons > MANY else "yes")


def day_fault(aware: date | None, reported: Mapping[str, date]) -> str:
    """Return what is wrong with the days of a leak; "" for nothing. `reported`: by stage, when it was handed in.

    "unknown": something was handed in, and the day of awareness is not known, from which all days count;
    "before_aware": it was handed in before that day; "order": the final report before the preliminary one.
    """
    if reported and aware is None:
        return "unknown"
    if aware is not None and any(day < aware for day in reported.values()):
        return "before_aware"
    first, last = reported.get("preliminary"), reported.get("final")
    return "order" if first is not None and last is not None and last < first else ""


def difference(preliminary: str, final: str) -> str:
    """Return how an item of the final report differs from the preliminary one: a word of DIFFERENCES, "" where neither
    says anything."""
    before, after = preliminary.split(), final.split()
    if before == after:
        return "same" if before else ""
    return "added" if not before else "missing" if not after else "changed"


def as_form(items: Mapping[str, str], stage: str) -> str:
    """Return a report as plain text, with the headings of the authority's nine items in their order, in Japanese.

    The preliminary report says what is known by now: what is empty there is left out. The final one says all nine.
    """
    parts = []
    for number, entry in enumerate(data()[1], start=1):
        text = items.get(entry.id, "").strip()
        if text or stage == "final":
            parts.append(f"{number}. {entry.text['ja']}\n{text or EMPTY}")
    return "\n\n".join(parts)


def missing(items: Mapping[str, str], stage: str) -> tuple[str, ...]:
    """Return the items that a report still needs. The preliminary one says what is known so far (fact breach_items);
    an outline is what we ask for there ourselves. The final one says all nine."""
    needed = ITEM_IDS if stage == "final" else ITEM_IDS[:1]
    return tuple(name for name in needed if not items.get(name, "").strip())
