"""The page of one case, also with what was typed and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, abort, request

from admin.desk.casefile import CaseFile
from admin.desk.context import desk
from admin.desk.pages import page
from admin.desk.people import People
from admin.desk.views.path import case_id_of
from admin.desk.work import Situation, new_envelope_id
from cases.form import clean_text
from cases.status import allowed_next
from crypto.cards import Card
from crypto.encoding import id_from_hex, normalize_text
from crypto.errors import BadData


@dataclass(frozen=True, repr=False)
class Typed:
    """A reply as it stands in its form, with the id that it is sent under, and a code of `words.REPLY`."""

    text: str
    envelope_id: bytes
    problem: str | None = None

    @classmethod
    def from_form(cls, problem: str | None = None) -> Typed:
        """Return what came with this request."""
        try:
            envelope_id = id_from_hex(request.form.get("envelope_id", ""))
        except BadData:
            envelope_id = new_envelope_id()
        return cls(request.form.get("message", ""), envelope_id, problem)

    @property
    def clean(self) -> str:
        """The text as it is sent: one kind of line break, composed characters."""
        return normalize_text(clean_text(self.text))

    def with_problem(self, code: str) -> Typed:
        """Return the same, to be sent again as the same reply."""
        return replace(self, problem=code)

    def anew(self, code: str) -> Typed:
        """Return the same text, to be sent as another reply."""
        return replace(self, problem=code, envelope_id=new_envelope_id())


def draft() -> Typed | None:
    """Return the reply that was being written when a status was set."""
    typed = Typed.from_form()
    return typed if typed.text.strip() else None


@dataclass(frozen=True)
class Excluded:
    """A person whom the reporter shut out; `card` is None for a person this desk does not know."""

    person: bytes
    card: Card | None


def show(
    case_id: bytes,
    typed: Typed | None = None,
    *,
    status_problem: str | None = None,
    situation: Situation | None = None,
) -> Response:
    """Return a case's page. Without a `situation` the newest one is fetched; 404 when there is no such case."""
    work = desk().work()
    now = situation or work.refresh()
    found = work.case(now, case_id)
    if found is None:
        abort(404)
    work.mark_seen(found)
    wrong = status_problem or (typed.problem if typed else None)
    return page(
        "case",
        _http_status(wrong, now),
        case=found,
        excluded=_excluded(found, now.people),
        choices=allowed_next(found.status) if found.is_open else (),
        typed_reply=typed or Typed("", new_envelope_id()),
        status_problem=status_problem,
        trouble=now.trouble,
        problems=[wrong] if wrong else [],
        missing=any(one.gap for one in found.entries),
    )


def after_csrf_error() -> Response:
    """Return the case's page after a form came with a token of an earlier run of the desk."""
    case_id = case_id_of((request.view_args or {}).get("case", ""))
    if request.path.endswith("/reply"):
        return show(case_id, Typed.from_form("csrf"))
    return show(case_id, draft(), status_problem="csrf")


def _http_status(wrong: str | None, now: Situation) -> int:
    if wrong is None or wrong == "unlocked":
        return 200
    return 502 if wrong == "trouble" or now.trouble else 400


def _excluded(found: CaseFile, people: People) -> list[Excluded]:
    return [Excluded(person, people.persons(person)) for person in sorted(found.exclude)]
