"""The forms. WTForms reads them, a token without a cookie protects them, `cases.form` says what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    Field,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.csrf.core import CSRF

from cases import form as rules
from cases.form import Problem
from crypto.key_errors import BadReceiptCode
from crypto.listing import Prefix
from crypto.receipt import Receipt, derive, format_code, new_code, parse_code
from portal.forms import kept_files, tokens
from portal.labels import site
from portal.uploads.receive import Uploaded
from portal.usecases.choice import AGAIN

HIDDEN: Final = ("code", "csrf_token")
CODE_AT_MOST: Final = 200
"""Characters of a code field that are looked at: a code has 20, and some dashes and spaces."""

STATUS_OF: Final = {
    "too_long": 413,
    "file_too_large": 413,
    "too_many_files": 413,
    kept_files.GONE: 409,
    "files_busy": 503,
    "files_full": 503,
    "store_failed": 503,
    "readers_grew": 409,
}
"""HTTP status of problems that are no mistake in an answer."""
_MANY: Final = frozenset({"exclude", kept_files.DROP, kept_files.AS_IS})
CHECK: Final = "check"
"""Button that shows all answers before they are sent."""
CHANGE: Final = "change"
"""Button that shows the form again with what is in it, unchecked: of that page, and of the switch of languages."""
KNOWN: Final = frozenset(
    {
        *rules.REPORT_FIELDS,
        rules.CATEGORY,
        "exclude",
        AGAIN,
        CHECK,
        CHANGE,
        *HIDDEN,
        kept_files.FIELD,
        kept_files.DROP,
        kept_files.AS_IS,
    }
)


@dataclass(repr=False)
class BoundFormToken:
    """A form's code, what the code derives, and the token that belongs to both."""

    key: bytes
    today: date
    code: str
    receipt: Receipt
    token: tokens.FormToken
    showing: Prefix | None = None
    """The list of readers that the form shows this time; None: it can't be shown."""

    @classmethod
    def new(cls, key: bytes, salt: bytes, today: date) -> BoundFormToken:
        """Return a token with a new code."""
        code = new_code()
        return cls(key, today, code, derive(code, salt), tokens.new_form_token(today))

    @classmethod
    def returned(cls, key: bytes, salt: bytes, today: date, form: Mapping[str, str]) -> BoundFormToken | None:
        """Return the token that a form came back with, perhaps an old one; None unless this site made it."""
        try:
            code = parse_code(form.get("code", "")[:CODE_AT_MOST])
            receipt = derive(code, salt)
            token = tokens.read_form_token(key, receipt.index, form.get("csrf_token", ""))
        except (BadReceiptCode, tokens.BadToken):
            return None
        return cls(key, today, code, receipt, token)

    @property
    def is_stale(self) -> bool:
        """Tell whether the form is too old to be taken as it is."""
        return self.token.is_stale(self.today)

    def text(self) -> str:
        """Return the token's text, good from today on; the nonce, and so what counts as a repeat, stays."""
        token = tokens.FormToken(self.today, self.token.nonce, self.showing or self.token.shown)
        return tokens.write_form_token(self.key, self.receipt.index, token)


@dataclass(frozen=True, repr=False)
class PresentedToken:
    """The form's token, and whether the form came back with it (or it was made because none came)."""

    bound: BoundFormToken | None
    came_back: bool

    @property
    def problem(self) -> str:
        """The fault of the form, a code of `problems.PROBLEMS`; "" for none.

        There is no log-in that a foreign page could abuse. What a token prevents is a foreign page that makes a
        visitor send a report under a code which that page knows, and so can open: with a code that it made. One that
        it got from this site's own form is caught where the browser says who sends (`request.refuse_foreign_forms`).
        """
        if self.bound is None or not self.came_back:
            return "token_bad"
        return "token_stale" if self.bound.is_stale else ""


class FormTokenProtection(CSRF):  # type: ignore[misc]
    """WTForms' protection against forged requests, without a session: the token must be one of this site."""

    def setup_form(self, form: Any) -> list[tuple[str, Any]]:
        self._sent: SentForm = form.meta.csrf_context
        return list(super().setup_form(form))

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        return self._sent.hidden["csrf_token"]

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        problem = self._sent.presented.problem
        if problem:
            raise ValidationError(problem)


class SentForm:
    """A report form as it came: what it says, and what is wrong with it. Nothing in it is made to be shown.

    Problems are codes (`problems.PROBLEMS`), never sentences with what was typed in them.
    """

    def __init__(
        self,
        presented: PresentedToken,
        sent: MultiDict[str, str] | None = None,
        with_files: bool = False,
        kept: Sequence[Uploaded] = (),
        trouble: str = "",
    ) -> None:
        """`with_files`: there was a file in a field that takes none. `kept`: the files that go with this form.

        `trouble`: why some file was not taken.
        """
        self.presented = presented
        self.bound = presented.bound
        self.came_back = presented.came_back
        self.problems: list[Problem] = []
        self.asks_again = False
        self.kept = list(kept)
        if trouble:
            self.problems.append(Problem("files", trouble))
        self.sent: MultiDict[str, str] = MultiDict() if sent is None else sent
        repeated = any(len(values) > 1 for name, values in self.sent.lists() if name not in _MANY)
        if with_files or repeated or not KNOWN.issuperset(self.sent):
            self.problems.append(Problem("", "unknown_field"))

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields; without a token (the database was away) those that came."""
        if self.bound is None:
            return {name: self.sent.get(name, "") for name in HIDDEN}
        return {"code": format_code(self.bound.code), "csrf_token": self.bound.text()}

    @property
    def kept_text(self) -> str:
        """The hidden field that stands for the files; without a token the one that came."""
        if self.bound is None:
            return self.sent.get(kept_files.FIELD, "")
        return kept_files.field_value(self.bound.key, self.bound.receipt.index, self.kept)

    @property
    def as_is(self) -> list[str]:
        """The files that their sender lets go as they are: ids in hex."""
        return self.sent.getlist(kept_files.AS_IS)

    @cached_property
    def answers(self) -> dict[str, str]:
        """The answers as they were typed, an empty text for each question without one."""
        # A question that came twice (no browser does that) is shown with both texts.
        return {name: rules.clean_text("\n".join(self.sent.getlist(name))) for name in rules.REPORT_FIELDS}

    @cached_property
    def category(self) -> str:
        """The chosen category; empty: none."""
        return self.sent.get(rules.CATEGORY, "")

    @cached_property
    def chose_again(self) -> bool:
        """Whether it was said that the whole choice was looked at, when this form asked for it."""
        return self.sent.get(AGAIN) == "yes"

    def ask_again(self, known: Collection[str]) -> None:
        """Ask for the whole choice; whom the code's case names is ticked."""
        self.asks_again = True
        self.excluded = list(dict.fromkeys([*self.excluded, *known]))

    @cached_property
    def excluded(self) -> list[str]:
        """The persons that were ticked, in the order they came, each once."""
        return list(dict.fromkeys(self.sent.getlist("exclude")))

    def faults(self, known_persons: Collection[str], asks_category: bool) -> list[Problem]:
        """Return the problems of the form. `known_persons`: those of the list of readers, in hex; `asks_category`: the
        site asks what it is about.
        """
        problems = [Problem("", code) for code in [self.presented.problem] if code]
        category = self.category if asks_category else ""
        wrong = rules.validate(self.answers, self.excluded, known_persons, category)
        return problems + self.problems + wrong

    def check(self, known_persons: Collection[str], asks_category: bool) -> bool:
        """Find what is wrong; True when the form can be sent."""
        self.problems = self.faults(known_persons, asks_category)
        return not self.problems


class ReportForm(FlaskForm):  # type: ignore[misc]
    """A report form that is shown, with its hidden token."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = True
        csrf_class = FormTokenProtection
        csrf_field_name = "csrf_token"
        locales = False

    what_happened = TextAreaField()
    when = TextAreaField()
    noticed = StringField()
    where = StringField()
    who = TextAreaField()
    personal_data = TextAreaField()
    how_many = StringField()
    cause = RadioField(choices=list(site.CAUSES), validate_choice=False)
    how_often = TextAreaField()
    witnesses = TextAreaField()
    wishes = TextAreaField()
    amount = StringField()
    books = TextAreaField()
    gain = TextAreaField()
    rule = TextAreaField()
    danger = TextAreaField()
    why = TextAreaField()
    concealment = TextAreaField()
    concealed_by = TextAreaField()
    told_whom = TextAreaField()
    evidence = TextAreaField()
    exclude = SelectMultipleField(choices=[], validate_choice=False)

    def __init__(self, form: SentForm) -> None:
        super().__init__(formdata=form.sent, meta={"csrf_context": form})
