"""Channels outside the company: checked data (data/contacts.toml), loaded strictly.

What may be shown follows the confidence of each fact: a telephone number only when an official page showed
it. A contact without its source and the day it was checked on does not load: a wrong channel can cost somebody
the protection.
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

from cases import hours as opening_hours
from cases.hours import Opening
from cases.law import Text, is_whole

KINDS: Final = (
    "advice",
    "report",
    "police",
    "emergency",
    "labour",
    "freelance",
    "legal_aid",
    "lawyer",
    "foreign_language",
    "info",
)

# An entry that does not say when to look at it again is looked at again after half a year.
_REVIEW_AFTER: Final = timedelta(days=183)

# Which confidences may be shown at all, and with which a telephone number may.
_SHOWN: Final = frozenset({"verified_official_text", "partly_verified", "secondary"})
_PHONE_SHOWN: Final = frozenset({"verified_official_text", "partly_verified"})

# The one entry whose numbers may be shown although only secondary sources gave them.
_EMERGENCY: Final = "emergency"

# Only official hosts: never a mirror that stood in as a source.
_OFFICIAL: Final = (".go.jp", ".lg.jp")
_OWN_HOSTS: Final = frozenset(
    {"www.houterasu.or.jp", "www.toben.or.jp", "aiben-koueki.jp", "soudan.osakaben.or.jp"}
)

_TEXTS_REQUIRED: Final = ("name", "scope", "does_not_do")
_TEXTS_OPTIONAL: Final = ("hours", "how", "address", "languages", "caution", "source_note")
# What a page has to be seen to say: never from secondary sources or an old copy.
_TEXTS_SEEN: Final = frozenset({"hours", "how", "address", "languages"})
_DAYS_OPTIONAL: Final = ("source_date", "review_by", "valid_from", "valid_to")
_KEYS: Final = frozenset(
    {"id", "kind", "confidence", "older_copy", "phone", "url", "source_url", "checked", "open"}
    | {*_TEXTS_REQUIRED, *_TEXTS_OPTIONAL, *_DAYS_OPTIONAL}
)
_PHONE = re.compile(r"(0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}|0570-[0-9]{6}|#9110|110|119)\Z")


class ContactError(ValueError):
    """The contacts' data breaks a rule; the text names the contact and the rule."""


@dataclass(frozen=True)
class Contact:
    """A channel outside. `kind` is one of KINDS: "advice" asks and answers, "report" takes reports. Texts are
    by language.

    `url` is the page of the channel ("": none is known). `source_url` is where the facts were read (empty: only
    sources that are not linked; `source_note` says which), `source_date` the day that the source gives (None:
    it gives none), `checked` the day somebody compared, `review_by` the day to compare again; a page shows
    source and `checked` beside the facts. `valid_from` and `valid_to` (both included) bound the days on which
    the channel is shown; None: no bound. `open` are the `hours` to count with (None: the source gives none).
    """

    id: str
    kind: str
    confidence: str
    name: Text
    scope: Text
    does_not_do: Text
    url: str
    source_url: tuple[str, ...]
    checked: date
    review_by: date
    source_date: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    phone: tuple[str, ...] = ()
    hours: Text | None = None
    how: Text | None = None
    address: Text | None = None
    languages: Text | None = None
    caution: Text | None = None
    source_note: Text | None = None
    open: Opening | None = None

    def shown_on(self, day: date) -> bool:
        """Return whether this channel is valid on `day`."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@lru_cache(maxsize=1)
def contacts() -> tuple[Contact, ...]:
    """Return all contacts in the order of the data. Raises ContactError when the data breaks a rule."""
    return parse_contacts(files("cases.data").joinpath("contacts.toml").read_text(encoding="utf-8"))


def contact(contact_id: str) -> Contact:
    """Return one contact. Raises KeyError when there is none with this id."""
    for contact in contacts():
        if contact.id == contact_id:
            return contact
    raise KeyError(contact_id)


def due_for_review(day: date) -> tuple[Contact, ...]:
    """Return the contacts whose review day is `day` or past; one that is no longer shown needs no review."""
    return tuple(entry for entry in contacts() if entry.review_by <= day <= (entry.valid_to or date.max))


def parse_contacts(text: str) -> tuple[Contact, ...]:
    """Return the contacts of a TOML text. Raises ContactError when a rule is broken."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContactError(f"the contacts are not valid TOML: {error}") from None
    if set(entries) != {"contact"}:
        raise ContactError("the contacts are a list of [[contact]] and nothing else")
    read = tuple(_contact(entry) for entry in entries["contact"])
    if len({entry.id for entry in read}) != len(read):
        raise ContactError("two contacts have the same id")
    return read


def _contact(entry: Mapping[str, Any]) -> Contact:
    name = entry.get("id")
    if not isinstance(name, str) or not re.match(r"[a-z][a-z0-9_]*\Z", name):
        raise ContactError("a contact has no usable id")
    _check(set(entry) <= _KEYS, name, "has a key that is not known")
    _check(entry.get("kind") in KINDS, name, "has no known kind")
    _check(entry.get("confidence") in _SHOWN, name, "has a confidence that may not be shown")
    _check(type(entry.get("checked")) is date, name, "has no day it was checked on")
    for key in _DAYS_OPTIONAL:
        _check(type(entry.get(key, date.min)) is date, name, f"has a {key.replace('_', ' ')} that is no day")
    sources, phones = _sources(entry, name), _phones(entry, name)
    _check(bool(phones or entry.get("url")), name, "has neither a number nor an address")
    return Contact(
        id=name,
        kind=entry["kind"],
        confidence=entry["confidence"],
        url=entry.get("url", ""),
        source_url=sources,
        checked=entry["checked"],
        review_by=entry.get("review_by", entry["checked"] + _REVIEW_AFTER),
        source_date=entry.get("source_date"),
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        phone=phones,
        open=_opening(entry, name),
        **{key: _text(entry, key, name) for key in _TEXTS_REQUIRED},
        **{key: _text(entry, key, name) for key in _TEXTS_OPTIONAL if key in entry},
    )


def _sources(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    sources = _strings(entry, "source_url", name)
    noted = entry["confidence"] == "secondary" and "source_note" in entry
    _check(len(sources) > 0 or noted, name, "has no source")
    # The police is reached by telephone; every other channel has a page that says what it does today.
    by_phone_only = entry["kind"] in ("police", "emergency") and "url" not in entry
    for url in sources if by_phone_only else (*sources, entry.get("url")):
        _check(
            isinstance(url, str) and _is_official(url),
            name,
            "has an address that is not an official https one",
        )
    return sources


def _phones(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    phones = _strings(entry, "phone", name)
    _check(all(_PHONE.match(number) for number in phones), name, "has a telephone number in another form")
    older = entry.get("older_copy", False)
    _check(isinstance(older, bool), name, "has an older_copy that is not true or false")
    seen = entry["confidence"] in _PHONE_SHOWN and not older
    _check(not phones or seen or name == _EMERGENCY, name, "may not show a telephone number")
    _check(seen or not _TEXTS_SEEN & set(entry), name, "may show its name and its page only")
    return phones


def _opening(entry: Mapping[str, Any], name: str) -> Opening | None:
    given = entry.get("open")
    if given is None:
        return None
    _check("hours" in entry, name, "has hours to count with and none to read")
    try:
        return opening_hours.parse_opening(given if isinstance(given, dict) else {})
    except opening_hours.HoursError as error:
        raise ContactError(f"contact {name}: {error}") from None


def _check(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise ContactError(f"contact {name} {rule}")


def _strings(entry: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    _check(
        isinstance(values, list) and all(isinstance(value, str) for value in values),
        name,
        f"has no usable {key}",
    )
    return tuple(values)


def _text(entry: Mapping[str, Any], key: str, name: str) -> Text:
    texts = entry.get(key)
    _check(is_whole(texts), name, f"lacks its {key}")
    return MappingProxyType(dict(texts or {}))


def _is_official(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme == "https" and (host.endswith(_OFFICIAL) or host in _OWN_HOSTS)
