"""The journey of a returning reporter: code, case, message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from flask import Response, current_app, request
from markupsafe import Markup
from werkzeug.exceptions import UnsupportedMediaType

from cases import form as rules
from cases import law
from cases.status import RECEIVED
from crypto import messages
from crypto.casehead import ChoiceFull
from crypto.encoding import b64e, normalize_text
from crypto.errors import PayloadTooLarge
from crypto.key_errors import BadReceiptCode, CodeCheck, CodeLength
from crypto.listing import Prefix
from crypto.receipt import Receipt, derive, parse_code
from portal.edge.request import FORM_TYPES, PortalRequest, portal
from portal.forms import kept_files, tokens
from portal.forms.report_form import CHANGE, CODE_AT_MOST, STATUS_OF
from portal.labels.i18n import prefix, show_text, templates_of
from portal.labels.meaning import problem_of
from portal.pages.error_pages import keep_on_failure
from portal.pages.law import clock_context, sentences_context
from portal.pages.outside import say
from portal.pages.path import under_language
from portal.pages.render import page
from portal.pages.status_log import log_context
from portal.uploads.receive import Uploaded, Uploads
from portal.usecases import choice, conversation, look_up, status_clock, submit
from portal.usecases.conversation import ChoiceNeeded, Conversation, ReportGone
from portal.usecases.recipients import NobodyLeft

site: Final = under_language("status", __name__)

_SLIPS: Final = {CodeLength: "length", CodeCheck: "check"}


@site.get("/status")
def ask() -> Response:
    """Ask for the code."""
    return _ask()


@site.post("/status")
def come_back() -> Response:
    """Show a case by its code, go on with the page that was shown, or take a message."""
    if request.content_length and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType
    if "token" in request.form:
        return _go_on(request.form["token"], request.form.get("message"))
    typed = rules.clean_text(request.form.get("code", "")[:CODE_AT_MOST])
    return _by_code(typed, rules.clean_text(request.form.get("message", "")))


def _by_code(typed: str, message: str) -> Response:
    keep_on_failure(lambda status, _: _ask(status, "store_failed", typed=typed, message=message))
    if CHANGE in request.form:
        return _ask(typed=typed, message=message)
    if not typed.strip():
        return _ask(400, "missing", message=message)
    try:
        receipt = derive(parse_code(typed), portal().salt())
    except BadReceiptCode as error:
        return _ask(400, _SLIPS.get(type(error), "symbol"), typed=typed, message=message)
    state = look_up.look(portal(), receipt)
    if state.stored is None:
        return _ask(404, "unknown", message=message)
    case = conversation.open_case(state.stored, state.roster, receipt)
    return _case(case, tokens.new_status_token(receipt), draft=message)


def _go_on(text: str, message: str | None) -> Response:
    """Answer a page that was shown before: refresh it (no message), or keep the message and show it again."""
    typed = rules.clean_text(message or "")
    try:
        token = tokens.read_status_token(portal().token_key, text, portal().now())
    except tokens.ExpiredToken:
        return _ask(400, "expired", message=typed)
    except tokens.BadToken:
        return _ask(400, "bad_token", message=typed)
    keep_on_failure(partial(_keep_message, token, typed))
    receipt = token.receipt
    files, trouble = kept_files.gather(
        _uploads(),
        portal().secrets.form_key,
        receipt.index,
        request.form,
        portal().settings.limits.max_files,
    )
    keep_on_failure(partial(_keep_message, token, typed, files=files))
    state = look_up.look(portal(), receipt)
    if state.stored is None:
        return _ask(404, "unknown", message=typed)
    case = conversation.open_case(state.stored, state.roster, receipt)
    if message is None:
        return _case(case, token)
    if CHANGE in request.form:
        lost = "" if trouble == kept_files.NOT_CLEANED else trouble
        return _case(case, token, draft=typed, problem=lost, files=files)
    problems = [trouble] if trouble else [problem.code for problem in rules.validate_message(typed)]
    problems += [odd for odd in [problem_of(_meaning(), _is_read())] if odd]
    if problems:
        return _case(case, token, draft=typed, problem=problems[0], files=files)
    return _keep(receipt, token, state, case, typed, files)


def _uploads() -> Uploads:
    return cast(PortalRequest, request).uploads


def _keep(
    receipt: Receipt,
    token: tokens.StatusToken,
    state: look_up.IntakeState,
    case: Conversation,
    typed: str,
    files: Sequence[Uploaded],
) -> Response:
    here, meaning = portal(), _meaning()
    body = {"message": normalize_text(typed), **({"meaning": meaning} if meaning else {})}
    ticked = ticked_here()
    addition = submit.Addition(receipt, token.nonce, body, ticked, files, token.shown)
    try:
        accepted = submit.add_message(here, state.roster, case, addition, here.today())
    except submit.ReadersGrew as grew:
        return _case(grew.case or case, token, draft=typed, problem="readers_grew", files=files)
    except ChoiceNeeded as needed:
        return _case(needed.case, token, draft=typed, problem="choose", files=files)
    except ReportGone:
        return _case(case, token, draft=typed, problem="no_report", files=files)
    except ChoiceFull:
        return _case(case, token, draft=typed, problem="choice_full", files=files)
    except NobodyLeft:
        return _case(case, token, draft=typed, problem="nobody_left", files=files)
    except submit.FilesGone:
        return _case(case, token, draft=typed, problem=kept_files.GONE)
    except submit.CaseFull:
        return _case(case, token, draft=typed, problem="case_full", files=files)
    except submit.CodeUnusable:
        return _ask(404, "unknown", message=typed)
    except PayloadTooLarge:
        return _case(case, token, draft=typed, problem="too_long", files=files)
    # It is kept: whatever fails from here on must not say that it was not.
    after = look_up.look(here, receipt)
    if after.stored is not None:
        case = conversation.open_case(after.stored, after.roster, receipt)
    after_it = tokens.new_status_token(receipt, token.shown)
    return _case(case, after_it, sent=accepted.kept.value, sent_files=files)


def _meaning() -> str:
    return request.form.get("meaning", "")


def _is_read() -> bool:
    return request.form.get("meaning_read") == "yes"


def ticked_here() -> submit.Ticked:
    """Return what this request's form chose."""
    return choice.ticked_in(request.form.getlist(choice.FIELD), request.form.get(choice.AGAIN, ""))


def _ask(status: int = 200, problem: str = "", typed: str = "", message: str = "") -> Response:
    problems = [("code", problem)] if problem else []
    return page(
        "status",
        status,
        typed=typed,
        message=message,
        meaning=_meaning(),
        problem=problem,
        problems=problems,
        **meaning_context(),
    )


def show_case(receipt: Receipt, shown: Prefix | None, sent: str = "", problem: str = "") -> Response:
    """Show the case of a code anew, with what was just done in it. `shown`: the list that the page before showed."""
    state = look_up.look(portal(), receipt)
    if state.stored is None:
        return _ask(404, "unknown")
    case = conversation.open_case(state.stored, state.roster, receipt)
    return _case(case, tokens.new_status_token(receipt, shown), problem=problem, sent=sent)


def ask_again(problem: str) -> Response:
    """Ask for the code, because a page could not go on."""
    return _ask(404 if problem == "unknown" else 400, problem)


def _keep_message(
    token: tokens.StatusToken, typed: str, status: int, problem: str, files: Sequence[Uploaded] = ()
) -> Response:
    """Show the message alone, when the case itself can't be shown."""
    return page(
        "message",
        status,
        draft=typed,
        meaning=_meaning(),
        meaning_read=_is_read(),
        token=sealed_token(token),
        problem=problem,
        problems=[("message", problem)],
        **_files(token, files),
    )


def _files(token: tokens.StatusToken, files: Sequence[Uploaded]) -> dict[str, object]:
    """Return what the form needs to carry files on."""
    if files:
        _uploads().keep()
    index = token.receipt.index
    return {
        "kept": files,
        "kept_text": kept_files.field_value(portal().secrets.form_key, index, files),
        "as_is": request.form.getlist(kept_files.AS_IS),
    }


def sealed_token(token: tokens.StatusToken) -> str:
    """Return the text of a page's token; its idle time starts anew."""
    return tokens.write_status_token(portal().token_key, token, portal().now())


def _case(
    case: Conversation,
    token: tokens.StatusToken,
    draft: str = "",
    problem: str = "",
    sent: str = "",
    files: Sequence[Uploaded] = (),
    sent_files: Sequence[Uploaded] = (),
) -> Response:
    statuses = [entry.status for entry in case.statuses]
    # Whatever brought the page back: from here on it counts as shown to its reporter.
    seen_before = token.shown is not None or problem == "readers_grew"
    new = case.roster.newcomers(token.shown) if seen_before else ()
    return page(
        "case",
        200 if not problem else STATUS_OF.get(problem, 400),
        case=case,
        current=statuses[-1] if statuses else RECEIVED,
        token=sealed_token(replace(token, shown=case.roster.prefix)),
        draft=draft,
        meaning="" if sent else _meaning(),
        meaning_read=not sent and _is_read(),
        problem=problem,
        problems=[("message", problem)] if problem else [],
        newcomers=new,
        sent=sent,
        sent_files=sent_files,
        state=signed_state(case),
        choice=choice_view(case),
        **_files(token, files),
        **law_context(case),
        **log_context(case, token.receipt),
    )


def choice_view(case: Conversation) -> choice.ChoiceView:
    """Return who will not be able to read what is sent now, and whom to choose from where that has to be asked."""
    roster = portal().roster_memory.latest()
    return choice.view(case, roster, ticked_here().persons)


def signed_state(case: Conversation) -> dict[str, Any]:
    """Return the site's signed statement of a case's status today (format.md, section 6)."""
    here, statuses = portal(), [entry.status for entry in case.statuses]
    today = here.today()
    state = messages.state_text(case.case_id, today, statuses)
    return {
        "case": case.case_id.hex(),
        "day": today.isoformat(),
        "statuses": statuses,
        "signature": b64e(here.signer.sign(state)),
        "key": b64e(here.sign_pk()),
    }


def law_context(case: Conversation) -> dict[str, Any]:
    """Return the reporter's clock and the channels that follow from the case's days."""
    here = portal()
    designated = here.settings.site.designated
    case_clock = status_clock.of_case(case, here.roster_memory.latest(), designated, here.today())
    return {**clock_context(case_clock), **meaning_context()}


def meaning_context() -> dict[str, Any]:
    """Return what the law says about a name that is given here, and how a page shows sentences of the data."""
    today = portal().today()
    rules = [law.rule_on(name, today) for name in ("confidentiality", "authority_document")]

    def fields() -> tuple[Markup]:
        macros: Any = templates_of(current_app).get_template("portal/parts/meaning.html").module
        return (Markup(macros.meaning_fields(say, show_text, *rules, base)),)

    base = f"{request.script_root}/{prefix()}"
    # As they are while nothing is chosen: the law of the day, in the page's language.
    (bare,) = portal().law_parts.get(("meaning", today, base), fields)
    return {**sentences_context(), "secrecy": rules[0], "document": rules[1], "meaning_bare": bare}
