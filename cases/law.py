"""The law by date: checked rules (data/law.toml), loaded strictly.

The Whistleblower Protection Act is in the data twice: as in force until 2026-11-30 and as amended from
2026-12-01 on. Days are calendar days in Japan (cases.days), so the change happens at midnight there. "Today"
is always an argument.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

DATA_LANGUAGES: Final = ("ja", "en")
"""Languages that every text of the data has."""
EASY: Final = "ja_easy"
"""Plain Japanese, beside the languages, of what people read."""
CONFIDENCES: Final = ("verified_official_text", "partly_verified", "secondary")
"""Confidence of facts that may be shown; unverified facts are not in the data."""

_TEXTS: Final = ("article", "text", "source")
_DAYS: Final = ("valid_from", "source_date", "checked", "review_by")
_MORE_DAYS: Final = ("valid_to", "review_again")
_REQUIRED: Final = frozenset({"id", "key", "facts", "confidence", "source_url", *_TEXTS, *_DAYS})
_KEYS: Final = _REQUIRED | {"reading", *_MORE_DAYS}
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")

Text = Mapping[str, str]
"""The same words in each of DATA_LANGUAGES, and in EASY where there are plain ones."""


class LawError(ValueError):
    """The law's data breaks a rule; the text names the entry and the rule."""


@dataclass(frozen=True)
class Rule:
    """One rule in force from `valid_from` to `valid_to` (days in Japan, both included; None: no end known).

    `key` names the rule over time, `id` this entry. `facts` are the ids of the checked facts behind it.
    `source` says in words what was read, `source_url` links official pages only (empty: none was read).
    `reading`: this portal's own reading of the text, to be shown as such. `review_by` is the day to compare
    it with its source again, `review_again` a later one that is known already.
    """

    id: str
    key: str
    facts: tuple[str, ...]
    article: Text
    text: Text
    source: Text
    source_url: tuple[str, ...]
    source_date: date
    checked: date
    confidence: str
    valid_from: date
    review_by: date
    valid_to: date | None = None
    review_again: date | None = None
    reading: bool = False

    @property
    def next_review(self) -> date:
        """The first review day after the day on which the rule was last checked."""
        if self.review_again is not None and self.review_by <= self.checked:
            return self.review_again
        return self.review_by

    def holds_on(self, day: date) -> bool:
        """Return whether the rule is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Law:
    """All rules, the day on which the Act changes, and what is said of a case that spans it."""

    rules: tuple[Rule, ...]
    change_day: date
    transition: Text


@lru_cache(maxsize=1)
def law() -> Law:
    """Return the whole data. Raises LawError when it breaks a rule."""
    return parse_law(files("cases.data").joinpath("law.toml").read_text(encoding="utf-8"))


def in_force(day: date) -> tuple[Rule, ...]:
    """Return the rules in force on `day`, in the order of the data."""
    return tuple(rule for rule in law().rules if rule.holds_on(day))


def upcoming(day: date, within_days: int) -> tuple[Rule, ...]:
    """Return the rules that begin after `day`, at most `within_days` days later: what is about to change.

    Raises ValueError when `within_days` is negative.
    """
    if within_days < 0:
        raise ValueError("within_days is not negative")
    last = day + min(timedelta(days=within_days), date.max - day)
    return tuple(rule for rule in law().rules if day < rule.valid_from <= last)


def changes(day: date, within_days: int) -> tuple[Rule, ...]:
    """Return those of the upcoming rules that say something new: not what goes on under another number.

    Raises ValueError when `within_days` is negative.
    """
    return tuple(rule for rule in upcoming(day, within_days) if _says_something_new(rule))


def _says_something_new(rule: Rule) -> bool:
    before = rule_on(rule.key, rule.valid_from - timedelta(days=1))
    return before is None or before.text != rule.text


@lru_cache(maxsize=1024)
def rule_on(key: str, day: date) -> Rule | None:
    """Return the rule named `key` as in force on `day`; None when it is not in force then.

    Raises KeyError when no rule has this key.
    """
    named = [rule for rule in law().rules if rule.key == key]
    if not named:
        raise KeyError(key)
    return next((rule for rule in named if rule.holds_on(day)), None)


def due_for_review(day: date) -> tuple[Rule, ...]:
    """Return the rules whose review day is `day` or past; one that is no longer in force needs no review."""
    return tuple(rule for rule in law().rules if rule.next_review <= day <= _end(rule))


def spans_change(first: date, last: date) -> bool:
    """Return whether a case from `first` to `last` is on both sides of the Act's change.

    Which law applies to such a case could not be verified: show `law().transition`.
    """
    return first < law().change_day <= last


def parse_law(text: str) -> Law:
    """Return the law of a TOML text. Raises LawError when a rule is broken."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LawError(f"the law is not valid TOML: {error}") from None
    if set(data) != {"transition", "rule"}:
        raise LawError("the law is one [transition] and a list of [[rule]]")
    rules = tuple(_rule(entry) for entry in data["rule"])
    _check(len({rule.id for rule in rules}) == len(rules), "the law", "has two rules with the same id")
    for at, rule in enumerate(rules):
        for other in rules[at + 1 :]:
            apart = _end(rule) < other.valid_from or _end(other) < rule.valid_from
            _check(rule.key != other.key or apart, rule.id, "overlaps another of its key")
    transition = data["transition"]
    _check(type(transition.get("day")) is date, "the transition", "has no day")
    texts = {key: value for key, value in transition.items() if key != "day"}
    return Law(rules, transition["day"], _text({"text": texts}, "text", "the transition"))


def _end(rule: Rule) -> date:
    return rule.valid_to or date.max


def _rule(entry: Mapping[str, Any]) -> Rule:
    name = entry.get("id")
    if not isinstance(name, str) or not _NAME.match(name):
        raise LawError("a rule has no usable id")
    _check(set(entry) <= _KEYS, name, "has a key that is not known")
    for key in sorted(_REQUIRED):
        _check(key in entry, name, f"has no {key}")
    _check(isinstance(entry["key"], str) and bool(_NAME.match(entry["key"])), name, "has no usable key")
    _check(entry["confidence"] in CONFIDENCES, name, "has a confidence that may not be shown")
    _check(isinstance(entry.get("reading", False), bool), name, "has a reading that is not true or false")
    for key in (*_DAYS, *_MORE_DAYS):
        _check(type(entry.get(key, date.max)) is date, name, f"has a {key} that is no day")
    _check(entry["valid_from"] <= entry.get("valid_to", date.max), name, "ends before it begins")
    _check(entry["review_by"] < entry.get("review_again", date.max), name, "is reviewed again too early")
    urls, facts = _strings(entry, "source_url", name), _strings(entry, "facts", name)
    _check(all(_is_official(url) for url in urls), name, "has an address that is not an official https one")
    _check(bool(urls) or entry["confidence"] == "secondary", name, "has no official source")
    _check(bool(facts), name, "has no fact behind it")
    return Rule(
        id=name,
        key=entry["key"],
        facts=facts,
        confidence=entry["confidence"],
        source_url=urls,
        valid_to=entry.get("valid_to"),
        review_again=entry.get("review_again"),
        reading=entry.get("reading", False),
        valid_from=entry["valid_from"],
        source_date=entry["source_date"],
        checked=entry["checked"],
        review_by=entry["review_by"],
        article=_text(entry, "article", name),
        text=_text(entry, "text", name),
        source=_text(entry, "source", name),
    )


def is_whole(texts: object) -> bool:
    """Tell whether what the data has for a text is one: words in each of DATA_LANGUAGES, and maybe in EASY."""
    return (
        isinstance(texts, dict)
        and set(texts) - {EASY} == set(DATA_LANGUAGES)
        and all(isinstance(words, str) and words.strip() for words in texts.values())
    )


def _check(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise LawError(f"{name} {rule}")


def _strings(entry: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    values = entry[key]
    _check(
        isinstance(values, list) and all(isinstance(value, str) for value in values),
        name,
        f"has no usable {key}",
    )
    return tuple(values)


def _text(entry: Mapping[str, Any], key: str, name: str) -> Text:
    texts = entry[key]
    _check(is_whole(texts), name, f"lacks its {key}")
    return MappingProxyType(dict(texts))


def _is_official(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and (parts.hostname or "").endswith(".go.jp")
