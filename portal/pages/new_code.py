"""Giving the code up for a new one, and forgetting, without scripts. Each asks once more before it is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Response, request

from crypto.casehead import ChoiceFull
from crypto.key_errors import BadReceiptCode
from crypto.receipt import Receipt, derive, format_code, new_code, parse_code
from portal.edge.request import portal
from portal.forms.report_form import CODE_AT_MOST, STATUS_OF
from portal.pages.open_case import OpenCase, open_case_of_form
from portal.pages.path import under_language
from portal.pages.render import page
from portal.pages.status import ask_again, choice_view, sealed_token, show_case, ticked_here
from portal.usecases import code_replacement, look_up, submit
from portal.usecases.conversation import ChoiceNeeded, ReportGone
from portal.usecases.recipients import NobodyLeft

site: Final = under_language("rotation", __name__)

_FIELDS: Final = {"choose": "choose-1", "readers_grew": "newcomers"}
"""Where the page shows what is the matter."""


@site.post("/new-code")
def new_code_for_old() -> Response:
    """Show a new code first; use it only after its holder says that it is written down."""
    opened = open_case_of_form()
    code = _code_of(request.form.get("new_code", ""))
    if isinstance(opened, Response):
        return _done_before(code) or opened
    if code is None:
        return _show_new(opened, new_code())
    if request.form.get("written") != "yes":
        return _show_new(opened, code, "written")
    try:
        fresh = _replace(opened, code)
    except submit.ReadersGrew as grew:
        return _show_new(replace(opened, case=grew.case or opened.case), code, "readers_grew")
    except ChoiceNeeded as needed:
        return _show_new(replace(opened, case=needed.case), code, "choose")
    except ReportGone:
        return show_case(opened.receipt, opened.token.shown, problem="no_report")
    except ChoiceFull:
        return show_case(opened.receipt, opened.token.shown, problem="choice_full")
    except code_replacement.CodeTaken:
        return _show_new(opened, new_code(), "taken")
    except NobodyLeft:
        return show_case(opened.receipt, opened.token.shown, problem="nobody_left")
    return show_case(fresh, opened.token.shown, sent="new_code")


def _replace(opened: OpenCase, code: str) -> Receipt:
    """Put a new code in the place of the old one; return what it derives. Raises what `replace_code` does."""
    here, fresh, shown = portal(), derive(code, portal().salt()), opened.token.shown
    roster, ticked = opened.state.roster, ticked_here()
    code_replacement.replace_code(
        here, roster, opened.case, opened.receipt, fresh, ticked, shown, here.today()
    )
    return fresh


@site.post("/forget")
def forget() -> Response:
    """Ask once, then take away what lets the code open anything that was written."""
    opened = open_case_of_form()
    if isinstance(opened, Response):
        return opened
    if request.form.get("sure") != "yes":
        return page("forget", token=sealed_token(opened.token))
    try:
        code_replacement.forget(portal(), opened.case, opened.receipt, portal().today())
    except ChoiceNeeded:
        return show_case(opened.receipt, opened.token.shown, problem="choose_first")
    except ReportGone:
        return show_case(opened.receipt, opened.token.shown, problem="no_report")
    except code_replacement.CodeTaken:
        return ask_again("unknown")
    return show_case(opened.receipt, opened.token.shown, sent="forgotten")


def _code_of(typed: str) -> str | None:
    try:
        return parse_code(typed[:CODE_AT_MOST]) if typed else None
    except BadReceiptCode:
        return None


def _done_before(code: str | None) -> Response | None:
    """The same form a second time, after its answer was lost: the new code has the case already."""
    if code is None or request.form.get("written") != "yes":
        return None
    fresh = derive(code, portal().salt())
    return show_case(fresh, None, sent="new_code") if look_up.look(portal(), fresh).stored else None


def _show_new(opened: OpenCase, code: str, problem: str = "") -> Response:
    field = _FIELDS.get(problem, "written")
    roster = opened.case.roster
    problems = [(field, problem)] if problem else []
    return page(
        "new_code",
        STATUS_OF.get(problem, 400) if problem else 200,
        token=sealed_token(replace(opened.token, shown=roster.prefix)),
        newcomers=roster.newcomers(opened.token.shown),
        code=format_code(code),
        choice=choice_view(opened.case),
        problem=problem,
        problems=problems,
    )
