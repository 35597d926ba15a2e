"""The case that a page has open: a form brings its sealed token back, and the case is read anew."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from crypto.receipt import Receipt
from portal.edge.request import FORM_TYPES, portal
from portal.forms import tokens
from portal.pages.status import ask_again
from portal.usecases import conversation, look_up
from portal.usecases.conversation import Conversation, StoredCase


@dataclass(frozen=True, repr=False)
class OpenCase:
    """A case that a page has open. `stored`: as the server has it, sealed."""

    token: tokens.StatusToken
    receipt: Receipt
    state: look_up.IntakeState
    stored: StoredCase
    case: Conversation


def open_case_of_form() -> OpenCase | Response:
    """Return the case whose token the request's form holds, or the page that asks for the code again.

    Raises UnsupportedMediaType for a body that is no form.
    """
    if request.content_length and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType
    here = portal()
    try:
        token = tokens.read_status_token(here.token_key, request.form.get("token", ""), here.now())
    except tokens.ExpiredToken:
        return ask_again("expired")
    except tokens.BadToken:
        return ask_again("bad_token")
    receipt = token.receipt
    state = look_up.look(here, receipt)
    if state.stored is None:
        return ask_again("unknown")
    case = conversation.open_case(state.stored, state.roster, receipt)
    return OpenCase(token, receipt, state, state.stored, case)
