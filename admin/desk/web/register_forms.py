"""Turns forms of the register's pages into entries. Pure: no Flask, no network."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cases import register, replies
from cases.form import clean_text
from cases.records import BadRecord, Record
from cases.register import TEMPLATE_LANGUAGES, VIEW_WORDS
from cases.replies import Reply
from crypto.encoding import normalize_text

Form = Mapping[str, str]

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "template": ("name_ja", "text_ja", "name_en", "text_en", "category"),
    "charge": ("name", "post", "scope", "first", "last"),
    "stand_in": ("person", "by", "first", "last"),
}
"""The fields of each form."""


def template_fields(entry: Record) -> dict[str, str]:
    """Return a template's entry as the fields of its form."""
    return {
        **{f"name_{lang}": entry["name"][lang] for lang in TEMPLATE_LANGUAGES},
        **{f"text_{lang}": entry["text"][lang] for lang in TEMPLATE_LANGUAGES},
        "category": entry["category"],
        "id": entry["template"],
    }


def read(kind: str, form: Form, own: Sequence[Reply] = ()) -> Record:
    """Return the entry that a form makes. Raises BadRecord with the field that is wrong, KeyError for no such form.

    `own`: the own templates there are; two templates of one name could not be told apart.
    """
    entry = _READERS[kind](form)
    if kind == "template" and entry["kept"]:
        others = [reply for reply in (*replies.replies(), *own) if reply.id != entry["template"]]
        for lang in TEMPLATE_LANGUAGES:
            if _folded(entry["name"][lang]) in {_folded(reply.name[lang]) for reply in others}:
                raise BadRecord(f"name_{lang}_taken")
    return entry


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _text(form: Form, name: str) -> str:
    return normalize_text(clean_text(form.get(name, ""))).strip()


def _line(form: Form, name: str) -> str:
    return " ".join(_text(form, name).split())


def _template(form: Form) -> Record:
    names = {lang: _line(form, f"name_{lang}") for lang in TEMPLATE_LANGUAGES}
    texts = {lang: _text(form, f"text_{lang}") for lang in TEMPLATE_LANGUAGES}
    for lang in TEMPLATE_LANGUAGES:
        if not 0 < len(names[lang]) <= register.MAX_NAME:
            raise BadRecord(f"name_{lang}")
        if not 0 < len(texts[lang]) <= register.MAX_TEMPLATE:
            raise BadRecord(f"text_{lang}")
        if fault := replies.place_fault(texts[lang]):
            raise BadRecord(f"text_{lang}_{fault}")
    kept = form.get("kept", "1") == "1"
    own_id, category = form.get("id") or secrets.token_hex(16), form.get("category", "")
    return register.make("template", template=own_id, name=names, text=texts, category=category, kept=kept)


def _charge(form: Form) -> Record:
    own_id = form.get("id") or secrets.token_hex(16)
    lines = {name: _line(form, name) for name in ("name", "post")}
    days = {name: form.get(name, "") for name in ("first", "last")}
    return register.make("charge", charge=own_id, scope=_text(form, "scope"), **lines, **days)


def _stand_in(form: Form) -> Record:
    # The button that ends a stand-in sends no days; the form has both, also where nobody was chosen.
    if form.get("by") == "" and "first" not in form:
        return register.make("stand_in", person=form.get("person", ""), by="", first="", last="")
    return register.make("stand_in", **{name: form.get(name, "") for name in FIELDS["stand_in"]})


def _view(form: Form) -> Record:
    query = {name: form[name] for name in VIEW_WORDS if form.get(name)}
    own_id, kept = form.get("id") or secrets.token_hex(16), form.get("kept", "1") == "1"
    return register.make("view", view=own_id, name=_line(form, "name"), query=query, kept=kept)


_READERS: Final[Mapping[str, Callable[[Form], Record]]] = {
    "template": _template,
    "charge": _charge,
    "stand_in": _stand_in,
    "view": _view,
}
