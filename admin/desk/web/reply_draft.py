"""What a request brings of a case's forms: the reply that is being written, and the page's other fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from flask import request
from flask_babel import gettext

from admin.desk.casework.work import new_envelope_id
from admin.desk.labels import common
from admin.desk.labels.i18n import colon
from admin.desk.web import panel_forms, record_forms
from cases import breach
from cases.form import clean_text
from crypto.encoding import id_from_hex, normalize_text
from crypto.errors import BadData

WRITTEN: Final = ("note", "task_text", "label", "link_case")
"""Boxes that are empty when nobody has written into them."""


@dataclass(frozen=True, repr=False)
class ReplyDraft:
    """A reply as it is in its form, with the id that it is sent under, and a code of `labels.answers.REPLY`."""

    text: str
    envelope_id: bytes
    problem: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    """The texts of the page's other fields."""

    @classmethod
    def from_form(cls, problem: str | None = None) -> ReplyDraft:
        """Return what came with this request."""
        try:
            envelope_id = id_from_hex(request.form.get("envelope_id", ""))
        except BadData:
            envelope_id = new_envelope_id()
        more = {name: request.form[name] for name in record_forms.NAMES if name in request.form}
        more |= panel_forms.unticked(request.form)
        return cls(request.form.get("message", ""), envelope_id, problem, more)

    @property
    def clean(self) -> str:
        """The text as it is sent: one kind of line break, composed characters."""
        return normalize_text(clean_text(self.text))

    def with_problem(self, code: str) -> ReplyDraft:
        """Return the same, to be sent again as the same reply."""
        return replace(self, problem=code)

    def without(self, act: str) -> ReplyDraft:
        """Return the same without what an act took with it."""
        taken = record_forms.FIELDS.get(act, ())
        return replace(self, more={name: text for name, text in self.more.items() if name not in taken})

    def with_text(self, text: str) -> ReplyDraft:
        """Return the same with another reply."""
        return replace(self, text=text, problem=None)

    def filled_from_report(self, answers: Mapping[str, str]) -> ReplyDraft:
        """Return the same with the reporter's answers in the preliminary report's empty boxes. An answer behind the
        first of its box has its question before it: by itself it could be anything.
        """
        more = dict(self.more)
        for item, names in breach.FROM_REPORT.items():
            box, given = f"preliminary_{item}", [name for name in names if answers.get(name)]
            texts = [common.answer_text(name, answers[name]) for name in given]
            labels = [gettext(common.FIELDS[name]) + colon() for name in given]
            if texts and not more.get(box, "").strip():
                more[box] = "\n".join([texts[0], *map(str.__add__, labels[1:], texts[1:])])
        return replace(self, more=more)

    def filled_from_preliminary(self) -> ReplyDraft:
        """Return the same with what the preliminary report says in the final one's empty boxes."""
        more = dict(self.more)
        for name in breach.ITEM_IDS:
            if not more.get(f"final_{name}", "").strip():
                more[f"final_{name}"] = more.get(f"preliminary_{name}", "")
        return replace(self, more=more)

    @property
    def is_draft(self) -> bool:
        """Tell whether something is in a box that people write into, and would be lost with the page."""
        boxes = (self.text, *(self.more.get(name, "") for name in WRITTEN))
        return any(text.strip() for text in boxes)

    def anew(self, code: str) -> ReplyDraft:
        """Return the same text, to be sent as another reply."""
        return replace(self, problem=code, envelope_id=new_envelope_id())


def shown_of_form() -> bytes | None:
    """Return the id of the newest envelope that the page showed which this request comes from; None for none."""
    try:
        return id_from_hex(request.form.get("shown", ""))
    except BadData:
        return None


def draft() -> ReplyDraft | None:
    """Return the reply that was being written when a status was set."""
    typed = ReplyDraft.from_form()
    return typed if typed.is_draft else None


def template_for(more: Mapping[str, str]) -> str:
    """Return the page that has the fields of what was typed."""
    if more.get("delete_reason", "").strip():
        return "delete"
    if more.get("access_reason", "").strip() or more.get("access_text", "").strip():
        return "access"
    return "leak" if record_forms.LEAK & more.keys() else "case"
