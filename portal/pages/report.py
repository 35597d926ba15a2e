"""The journey of a new report: the form, and the receipt."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from cases import form as rules
from cases.form import Problem
from crypto.cards import Card
from crypto.casehead import ChoiceFull
from crypto.encoding import b64e, id_from_hex, normalize_text
from crypto.errors import PayloadTooLarge
from crypto.receipt import format_code
from crypto.roster import Roster
from portal.edge.request import FORM_TYPES, PortalRequest, portal
from portal.forms import kept_files
from portal.forms.report_form import (
    CHANGE,
    CHECK,
    STATUS_OF,
    BoundFormToken,
    PresentedToken,
    ReportForm,
    SentForm,
)
from portal.labels.i18n import furigana_of, gettext, in_data, language
from portal.labels.problems import LEAD_OUTSIDE, sentence_of
from portal.pages.code_end import end_pattern
from portal.pages.error_pages import STORE_FAILED, UNEXPECTED, keep_on_failure
from portal.pages.path import under_language
from portal.pages.render import cached_page, page
from portal.uploads.receive import Uploads
from portal.usecases import look_up, submit
from portal.usecases.case_log import newest_note
from portal.usecases.coming_back import visits
from portal.usecases.conversation import CaseDeleted, ChoiceNeeded, ReportGone
from portal.usecases.recipients import NobodyLeft, offered

site: Final = under_language("report", __name__)

_PERSON: Final = re.compile(r"[0-9a-f]{32}\Z")

_ANCHORS: Final = {"": "form", "cause": "cause-loss", rules.CATEGORY: "category-leak", "exclude": "exclude-1"}
"""Where the error summary leads for what has no box of its own name."""


_UNCERTAIN: Final = frozenset({STORE_FAILED, UNEXPECTED})


@site.get("/report/start")
def start() -> Response:
    """Say what is needed before the first question."""
    if not look_up.look(portal(), None).roster.readers:
        return page("nobody", 503)
    return page("start")


@site.get("/report")
def show() -> Response:
    """Serve an empty form with a new code in it."""
    roster = look_up.look(portal(), None).roster
    if not roster.readers:
        return page("nobody", 503)
    return _blank_form(roster)


@site.post("/report")
def send() -> Response:
    """Take a form: answer with the receipt, or with the form and what to put right."""
    if request.content_length and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType
    here, sent = portal(), request.form
    # First without a token: to know one the database may be needed, and it may be away.
    bare = PresentedToken(None, came_back=False)
    keep_on_failure(lambda status, problem: _again(SentForm(bare, sent), status, problem))
    bound = BoundFormToken.returned(here.secrets.form_key, here.salt(), here.today(), sent)
    form = _returned_form(bound or _new_token(), bound is not None, sent)
    keep_on_failure(partial(_again, form))
    if not (form.kept or CHECK in sent or CHANGE in sent):
        accepted = _sent_at_once(form)
        if accepted is not None:
            return _receipt(form, accepted)
    try:
        state = look_up.look(here, bound.receipt if bound else None)
    except CaseDeleted:
        return _with_new_code(form, sent)
    if not state.roster.readers:
        return _again(form, 503, "no_readers")
    if CHANGE in sent:
        return _form(form, state.roster, 200)
    if not form.check(_persons(state.roster), here_asks()):
        codes = [STATUS_OF[problem.code] for problem in form.problems if problem.code in STATUS_OF]
        return _form(form, state.roster, max(codes, default=400))
    if CHECK in sent:
        return _to_check(form, state.roster)
    return _submitted(form, state, sent)


def _sent_at_once(form: SentForm) -> submit.Accepted | None:
    """Keep a form that is in order by what this process knows; None where the long way has to look first."""
    if form.faults(_persons(portal().roster_memory.latest()), here_asks()):
        return None
    try:
        return submit.submit_unread(portal(), _submission(form))
    except (PayloadTooLarge, submit.CodeUnusable):
        return None


def _persons(roster: Roster) -> set[str]:
    return {person.hex() for person in roster.persons}


def _to_check(form: SentForm, roster: Roster) -> Response:
    """Show all answers before they are sent. Whom the form did not show stays new to it: sending asks about them."""
    _uploads().keep()
    out = roster.excluded_keys([id_from_hex(person) for person in form.excluded])
    return page(
        "check",
        form=form,
        fields=ReportForm(form),
        can_read=_names(card for card in roster.readers if card.key_id not in out),
        cannot_read=_names(card for card in roster.readers if card.key_id in out),
    )


def _names(cards: Iterable[Card]) -> list[str]:
    """Return roles and names, each person once, in the order of enrolment."""
    lang = in_data(language())
    return list(dict.fromkeys(f"{card.role[lang]} {card.name[lang]}" for card in cards))


def _submitted(form: SentForm, state: look_up.IntakeState, sent: MultiDict[str, str]) -> Response:
    here = portal()
    try:
        return _receipt(form, submit.submit(here, state, _submission(form), here.today()))
    except ChoiceNeeded as needed:
        form.ask_again(sorted(person.hex() for person in needed.case.exclude))
        return _again(form, 400, "choose_again", "exclude")
    except ChoiceFull:
        return _again(form, 400, "choice_full", "exclude")
    except NobodyLeft:
        return _again(form, 400, "nobody_left", "exclude")
    except PayloadTooLarge:
        # Rare scripts grow when they are brought into normal form.
        return _again(form, 413, "too_long", "what_happened")
    except submit.ReadersGrew:
        return _again(form, 409, "readers_grew", "exclude")
    except submit.FilesGone:
        form.kept = []
        return _again(form, 409, kept_files.GONE, "files")
    except (submit.CodeUnusable, CaseDeleted, ReportGone):
        return _with_new_code(form, sent)


def _with_new_code(form: SentForm, sent: MultiDict[str, str]) -> Response:
    new = PresentedToken(_new_token(), came_back=False)
    return _again(SentForm(new, sent, kept=form.kept), 400, "code_ended")


def _returned_form(bound: BoundFormToken, came_back: bool, sent: MultiDict[str, str]) -> SentForm:
    uploads, most = _uploads(), portal().settings.limits.max_files
    kept, trouble = kept_files.gather(uploads, bound.key, bound.receipt.index, sent, most)
    if CHANGE in sent and trouble == kept_files.NOT_CLEANED:
        trouble = ""  # asked when the form is checked: here it is only shown again
    return SentForm(PresentedToken(bound, came_back), sent, uploads.foreign, kept, trouble)


def _uploads() -> Uploads:
    return cast(PortalRequest, request).uploads


def _new_token() -> BoundFormToken:
    here = portal()
    return BoundFormToken.new(here.secrets.form_key, here.salt(), here.today())


def here_asks() -> bool:
    """Tell whether this site's form asks what a report is about."""
    return portal().settings.site.ask_category


def _submission(form: SentForm) -> submit.Submission:
    if form.bound is None:
        raise ValueError("a form without a token does not pass its check")
    answers = {name: normalize_text(text) for name, text in rules.clean(form.answers).items()}
    if form.category and here_asks():
        answers[rules.CATEGORY] = form.category
    persons = [id_from_hex(person) for person in form.excluded]
    receipt, token = form.bound.receipt, form.bound.token
    return submit.Submission(
        receipt,
        token.nonce,
        answers,
        persons,
        form.kept,
        token.shown,
        language(),
        chosen_again=form.chose_again,
    )


def _again(form: SentForm, status: int, problem: str, field: str = "") -> Response:
    """Show the form with what was typed, and one problem that is not the fault of any answer."""
    form.problems = [Problem(field, problem)]
    return _form(form, portal().roster_memory.latest(), status)


def _blank_form(roster: Roster) -> Response:
    bound = _new_token()
    bound.showing = roster.prefix

    def context(marks: Mapping[str, str]) -> dict[str, Any]:
        return _form_context(SentForm(PresentedToken(None, came_back=False), MultiDict(marks)), roster)

    values = {"code": format_code(bound.code), "csrf_token": bound.text()}
    return cached_page("report", roster, values, context)


def _form(form: SentForm, roster: Roster, status: int) -> Response:
    if form.bound is not None:
        _uploads().keep()  # the form's hidden field carries them on
    return page("report", status, **_form_context(form, roster))


def _form_context(form: SentForm, roster: Roster) -> dict[str, Any]:
    bound = form.bound
    shown = bound.token.shown if bound is not None and form.came_back else None
    if bound is not None:
        bound.showing = roster.prefix  # from here on what this page shows is what its reporter saw
    chosen = set(form.excluded)
    # Nobody who was ticked may get lost from the form: the report would be sealed to them. So a person who
    # has retired since stays on it, and when the list can't be read the choice is carried along unseen.
    # A human who got a new key has two cards: one line, with all names that the keys carry.
    unlisted = [] if roster.cards else [person for person in form.excluded if _PERSON.match(person)]
    errors = {
        problem.field: furigana_of(gettext(sentence_of(problem.field, problem.code)))
        for problem in form.problems
    }
    return {
        "form": form,
        "fields": ReportForm(form),
        "offered": offered(roster, chosen),
        "steps": rules.STEPS,
        "subjects": _subjects(form),
        "newcomers": roster.newcomers(shown) if shown is not None else (),
        "unlisted": unlisted,
        "problems": form.problems,
        "errors": errors,
        "summary": [(_ANCHORS.get(field, field), text) for field, text in errors.items()],
        # Where it is not certain, the problem's own sentence says so.
        "is_unsent": not any(problem.code in _UNCERTAIN for problem in form.problems),
        "leads_outside": any(problem.code in LEAD_OUTSIDE for problem in form.problems),
    }


def _subjects(form: SentForm) -> dict[str, tuple[str, ...]]:
    """Return the form's questions, each with the subjects that it is asked for, () for all: those of a leak, all where
    the site asks what it is about; with an answer, always.
    """
    asked = rules.fields_for("")
    return {
        name: rules.subjects_of(name)
        for name in rules.REPORT_FIELDS
        if name in asked or here_asks() or form.answers[name]
    }


def _receipt(form: SentForm, accepted: submit.Accepted) -> Response:
    if form.bound is None:
        raise ValueError("an accepted form has a token")
    certificate = accepted.certificate
    day, kept, key = certificate.day, accepted.kept.value, b64e(certificate.site_pk)
    values = {
        "code": format_code(form.bound.code),
        "hash": certificate.envelope_hash.hex(),
        "signature": b64e(certificate.signature),
        "end": end_pattern(form.bound.code),
    }
    promise, noted = certificate.promise, newest_note(portal())
    if promise is not None:
        values |= {"leaf": promise.leaf.hex(), "promise": b64e(promise.signature)}

    def context(marks: Mapping[str, str]) -> dict[str, Any]:
        again = visits(portal(), accepted.kept, day)
        by = promise.day + timedelta(days=1) if promise else None
        return {
            **marks,
            "by": by,
            "visits": again,
            "kept": kept,
            "day": day,
            "key": key,
            "files": (),
            "excluded": (),
            "log_note": noted,
        }

    if form.kept or form.excluded:
        # Names of files and exclusions are in no cache.
        return page("receipt", **{**context(values), "files": form.kept, "excluded": _roles(form.excluded)})
    return cached_page("receipt", (kept, day, portal().today(), promise is not None, noted), values, context)


def _roles(excluded: Collection[str]) -> list[str]:
    """Return the roles of persons, each once, in the order of enrolment."""
    lang, cards = in_data(language()), portal().roster_memory.latest().cards
    return list(dict.fromkeys(card.role[lang] for card in cards if card.person.hex() in excluded))
