"""The operator's own contacts (an outside counsel's line, a union, a head office's hotline), from one TOML
file. Pure: the file's text and the day are arguments.

    [[contact]]
    id = "counsel"                        # the channel's contact is own_counsel
    kind = "lawyer"                       # one of KINDS
    phone = ["03-1234-5678"]              # phone or url, or both
    url = "https://www.example.com/line"
    checked = 2026-11-23                  # the day on which somebody tried it
    valid_to = 2027-03-31                 # optional; review_by too
    name = { ja = "外部の弁護士の窓口", en = "Outside counsel's line" }
    scope = { ja = "…", en = "…" }        # what it takes
    does_not_do = { ja = "…", en = "…" }
    # optional: hours, how, languages, each in ja and en; [contact.open] as in contacts.toml. Each text may have
    # ja_easy too: plain Japanese, with furigana written 漢字《かんじ》 (portal.labels.furigana)

The page shows them as the operator's, apart from the public desks (routing: the channel "own").
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from cases import hours
from cases.contacts import Contact
from cases.law import DATA_LANGUAGES, EASY, Text
from cases.routing import OWN_PREFIX

KINDS: Final = ("lawyer", "labour", "advice", "report")
CONFIDENCE: Final = "operator"
LONGEST: Final = 500
"""Characters of a sentence."""

_REVIEW_AFTER: Final = timedelta(days=183)
_TEXTS: Final = ("name", "scope", "does_not_do")
_MORE_TEXTS: Final = ("hours", "how", "languages")
_DAYS: Final = ("review_by", "valid_to")
_KEYS: Final = frozenset({"id", "kind", "phone", "url", "checked", "open", *_TEXTS, *_MORE_TEXTS, *_DAYS})
_HEAD = re.compile(r"\s*\[\[\s*contact\s*\]\]\s*(#.*)?\Z")
_ID = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")
_PHONE = re.compile(r"0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}\Z|\+[1-9][0-9]{0,2}(-[0-9]{1,5}){2,4}\Z")
_DIGITS: Final = range(10, 16)
_NOTE: Final[Text] = MappingProxyType(
    {
        "ja": "このサイトの運営者が加えた相談先です。このサイトは確認していません。",
        "en": "Added by the operator of this site; this site did not check it.",
    }
)


class OwnContactsError(ValueError):
    """The file breaks a rule; the text names the line, the entry, and what to put right."""


def parse(text: str, today: date) -> tuple[Contact, ...]:
    """Return the contacts of the file's text, in its order; none of an empty text.

    Raises OwnContactsError, also for an entry that has expired before `today` (Japan).
    """
    lines = text.split("\n")  # as TOML counts them
    for at, line in enumerate(lines, 1):
        # Else a line inside a text could look like an entry's head.
        if '"""' in line or "'''" in line:
            raise OwnContactsError(f"line {at}: write each text on one line")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OwnContactsError(f"not valid TOML: {error}") from None
    heads = [at for at, line in enumerate(lines, 1) if _HEAD.match(line)]
    entries = data.get("contact", [])
    if set(data) - {"contact"} or not isinstance(entries, list) or len(heads) != len(entries):
        raise OwnContactsError("line 1: the file is a list of [[contact]] and nothing else")
    ends = [*heads[1:], len(lines) + 1][: len(heads)]
    places = (tuple(lines[head - 1 : end - 1]) for head, end in zip(heads, ends, strict=True))
    contacts: list[Contact] = []
    for entry, head, place in zip(entries, heads, places, strict=True):
        made = _Entry(entry, head, place, today).contact()
        if made.id in {contact.id for contact in contacts}:
            raise OwnContactsError(f"line {head}: contact {entry['id']}: this id is there twice")
        contacts.append(made)
    return tuple(contacts)


@dataclass(frozen=True)
class _Entry:
    values: Mapping[str, Any]
    head: int
    lines: tuple[str, ...]
    today: date

    def contact(self) -> Contact:
        """Return the checked contact. Raises OwnContactsError."""
        self._known()
        checked = self._day("checked")
        self._check(checked <= self.today, "checked", "was checked on a day that is still to come")
        valid_to = self._day("valid_to") if "valid_to" in self.values else None
        self._check(valid_to is None or valid_to >= self.today, "valid_to", f"has expired on {valid_to}")
        phone, url = self._phones(), self._url()
        self._check(bool(phone or url), "id", "has neither a phone number nor a url")
        return Contact(
            id=f"{OWN_PREFIX}{self.values['id']}",
            kind=self.values["kind"],
            confidence=CONFIDENCE,
            url=url,
            source_url=(),
            checked=checked,
            review_by=self._day("review_by") if "review_by" in self.values else checked + _REVIEW_AFTER,
            valid_to=valid_to,
            phone=phone,
            open=self._opening(),
            source_note=_NOTE,
            name=self._text("name"),
            scope=self._text("scope"),
            does_not_do=self._text("does_not_do"),
            hours=self._text_or_none("hours"),
            how=self._text_or_none("how"),
            languages=self._text_or_none("languages"),
        )

    def _known(self) -> None:
        name = self.values.get("id")
        usable = isinstance(name, str) and _ID.match(name) is not None
        self._check(usable, "id", "needs an id of small letters, digits and _")
        for key in self.values:
            self._check(key in _KEYS, key, f"has a key that is not known: {key}")
        self._check(self.values.get("kind") in KINDS, "kind", f"needs a kind: one of {', '.join(KINDS)}")

    def _day(self, key: str) -> date:
        day = self.values.get(key)
        self._check(type(day) is date, key, f"needs a day (YYYY-MM-DD, without quotes): {key}")
        return day  # type: ignore[return-value]  # checked in the line above

    def _phones(self) -> tuple[str, ...]:
        phones = self.values.get("phone", [])
        self._check(
            isinstance(phones, list), "phone", 'needs its numbers as a list: phone = ["03-1234-5678"]'
        )
        for number in phones:
            right = isinstance(number, str) and _PHONE.match(number) is not None
            right = right and sum(char.isdigit() for char in number) in _DIGITS
            self._check(
                right, "phone", "has a phone number that is not written like 03-1234-5678 or +81-3-1234-5678"
            )
        return tuple(phones)

    def _url(self) -> str:
        url = self.values.get("url", "")
        self._check(url == "" or _is_web(url), "url", "has a url that is no https address")
        return str(url)

    def _opening(self) -> hours.Opening | None:
        given = self.values.get("open")
        if given is None:
            return None
        self._check("hours" in self.values, "open", "has hours to count with (open) and none to read (hours)")
        try:
            return hours.parse_opening(given if isinstance(given, dict) else {})
        except hours.HoursError as error:
            raise self._error("open", f"{error}") from None

    def _text(self, key: str) -> Text:
        texts = self.values.get(key)
        if not isinstance(texts, dict):
            raise self._error(key, f'needs {key} = {{ ja = "…", en = "…" }}')
        for language in DATA_LANGUAGES:
            self._check(_is_sentence(texts.get(language)), key, f"lacks its {key} in {language}")
        self._check(all(map(_is_sentence, texts.values())), key, f"has a {key} that is no line of text")
        self._check(
            set(texts) - {EASY} == set(DATA_LANGUAGES), key, f"has a language of {key} that is not known"
        )
        return MappingProxyType(dict(texts))

    def _text_or_none(self, key: str) -> Text | None:
        return self._text(key) if key in self.values else None

    def _check(self, holds: bool, key: str, rule: str) -> None:
        if not holds:
            raise self._error(key, rule)

    def _error(self, key: str, rule: str) -> OwnContactsError:
        name = self.values.get("id")
        called = f"contact {name}" if isinstance(name, str) and _ID.match(name) else "a contact"
        return OwnContactsError(f"line {self._line(key)}: {called}: {rule}")

    def _line(self, key: str) -> int:
        """Return the line of a key, or that of the entry's head where the key is not there."""
        name = re.escape(key)
        place = re.compile(rf'\s*(\[\s*contact\s*\.\s*{name}\s*[\].]|"?{name}"?\s*[=.])')
        matches = (at for at, line in enumerate(self.lines) if place.match(line))
        return self.head + next(matches, 0)


def _is_sentence(text: object) -> bool:
    """One line of printable text; marks that turn the direction of text could make a number look like another."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        return False
    return not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text)


def _is_web(url: object) -> bool:
    if not isinstance(url, str) or not url.isascii() or re.search(r"[\s\"'<>\\^`{|}]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and "." in (parts.hostname or "") and "@" not in parts.netloc
    except ValueError:
        return False
