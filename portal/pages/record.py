"""A plain record to keep: what was sent and answered on which day. It is made anew each time and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from crypto.envelope import envelope_hash
from crypto.receipt import from_root
from portal.edge.request import FORM_TYPES, portal
from portal.forms import tokens
from portal.pages.path import under_language
from portal.pages.render import page
from portal.pages.status import ask_again, law_context, signed_state
from portal.usecases import conversation, submit
from portal.usecases.conversation import Contribution

site: Final = under_language("record", __name__)


@dataclass(frozen=True, repr=False)
class RecordLine:
    """One contribution with the fingerprint of its sealed bytes."""

    entry: Contribution
    hash: str


@site.post("/record")
def save() -> Response:
    """Answer with an HTML file that opens anywhere; with the words themselves when that was wished."""
    if request.content_length and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType
    here = portal()
    try:
        token = tokens.read_status_token(here.token_key, request.form.get("token", ""), here.now())
    except tokens.ExpiredToken:
        return ask_again("expired")
    except tokens.BadToken:
        return ask_again("bad_token")
    receipt = from_root(token.root)
    state = submit.look(here, receipt)
    if state.stored is None:
        return ask_again("unknown")
    case = conversation.open_case(state.stored, state.roster, receipt)
    hashes = {row.envelope_id: envelope_hash(row.raw).hex() for row in state.stored.envelopes}
    answer = page(
        "record",
        case=case,
        lines=[RecordLine(entry, hashes[entry.envelope_id]) for entry in case.entries],
        with_text=request.form.get("with_text") == "yes",
        received=state.stored.case.received_day,
        today=here.today(),
        state=signed_state(case),
        **law_context(case),
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="record.html"'
    return answer
