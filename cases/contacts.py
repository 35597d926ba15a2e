"""Doors outside the company: checked data (data/contacts.toml), loaded strictly.

What may be shown follows the confidence of each fact: a telephone number only when an official page showed
it. A contact without its source and the day it was checked on does not load: a wrong door can cost somebody
the protection.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

LANGUAGES: Final = ("ja", "en")
KINDS: Final = ("advice", "report")

# Which confidences may be shown at all, and with which a telephone number may.
_SHOWN: Final = frozenset({"verified_official_text", "partly_verified", "secondary"})
_PHONE_SHOWN: Final = frozenset({"verified_official_text", "partly_verified"})

# Only official hosts: never a mirror that stood in as a source.
_OFFICIAL: Final = (".go.jp", ".lg.jp")

_TEXTS_REQUIRED: Final = ("name", "scope", "does_not_do")
_TEXTS_OPTIONAL: Final = ("hours", "how", "address", "languages", "caution")
_KEYS: Final = frozenset(
    {"id", "kind", "confidence", "phone", "url", "source_url", "source_date", "checked", *_TEXTS_REQUIRED}
    | {*_TEXTS_OPTIONAL}
)
_PHONE = re.compile(r"0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}\Z")

Text = Mapping[str, str]
"""The same sentence in each of LANGUAGES."""


class ContactError(ValueError):
    """The contacts' data breaks a rule; the text names the contact and the rule."""


@dataclass(frozen=True)
class Contact:
    """A door outside. `kind`: "advice" (asks and answers) or "report" (takes reports). Texts are by
    language.

    `source_url` is where the facts were read, `source_date` the day that the source gives (None: it gives
    none), `checked` the day somebody compared; a page shows both beside the facts.
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
    source_date: date | None = None
    phone: tuple[str, ...] = ()
    hours: Text | None = None
    how: Text | None = None
    address: Text | None = None
    languages: Text | None = None
    caution: Text | None = None


@lru_cache(maxsize=1)
def contacts() -> tuple[Contact, ...]:
    """Return all contacts in the order of the data. Raises ContactError when the data breaks a rule."""
    return parse_contacts(files("cases.data").joinpath("contacts.toml").read_text(encoding="utf-8"))


def contact(contact_id: str) -> Contact:
    """Return one contact. Raises KeyError when there is none with this id."""
    for found in contacts():
        if found.id == contact_id:
            return found
    raise KeyError(contact_id)


def parse_contacts(text: str) -> tuple[Contact, ...]:
    """Return the contacts of a TOML text. Raises ContactError when a rule is broken."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContactError(f"the contacts are not valid TOML: {error}") from None
    if set(entries) != {"contact"}:
        raise ContactError("the contacts are a list of [[contact]] and nothing else")
    found = tuple(_contact(entry) for entry in entries["contact"])
    if len({one.id for one in found}) != len(found):
        raise ContactError("two contacts have the same id")
    return found


def _contact(entry: Mapping[str, Any]) -> Contact:
    name = entry.get("id")
    if not isinstance(name, str) or not re.match(r"[a-z][a-z0-9_]*\Z", name):
        raise ContactError("a contact has no usable id")
    _check(set(entry) <= _KEYS, name, "has a key that is not known")
    _check(entry.get("kind") in KINDS, name, "has no known kind")
    _check(entry.get("confidence") in _SHOWN, name, "has a confidence that may not be shown")
    _check(type(entry.get("checked")) is date, name, "has no day it was checked on")
    _check(type(entry.get("source_date", date.min)) is date, name, "has a source date that is no day")
    sources = _strings(entry, "source_url", name)
    _check(len(sources) > 0, name, "has no source")
    for url in (*sources, entry.get("url")):
        _check(
            isinstance(url, str) and _is_official(url),
            name,
            "has an address that is not an official https one",
        )
    phones = _strings(entry, "phone", name)
    _check(all(_PHONE.match(number) for number in phones), name, "has a telephone number in another form")
    _check(not phones or entry["confidence"] in _PHONE_SHOWN, name, "may not show a telephone number")
    return Contact(
        id=name,
        kind=entry["kind"],
        confidence=entry["confidence"],
        url=entry["url"],
        source_url=sources,
        checked=entry["checked"],
        source_date=entry.get("source_date"),
        phone=phones,
        **{key: _text(entry, key, name) for key in _TEXTS_REQUIRED},
        **{key: _text(entry, key, name) for key in _TEXTS_OPTIONAL if key in entry},
    )


def _check(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise ContactError(f"contact {name} {rule}")


def _strings(entry: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    _check(
        isinstance(values, list) and all(isinstance(one, str) for one in values), name, f"has no usable {key}"
    )
    return tuple(values)


def _text(entry: Mapping[str, Any], key: str, name: str) -> Text:
    texts = entry.get(key)
    whole = isinstance(texts, dict) and set(texts) == set(LANGUAGES)
    _check(
        whole and all(isinstance(t, str) and t.strip() for t in (texts or {}).values()),
        name,
        f"lacks its {key}",
    )
    return MappingProxyType(dict(texts or {}))


def _is_official(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and (parts.hostname or "").endswith(_OFFICIAL)
