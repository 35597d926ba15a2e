"""A plain record to keep: what was sent and answered on which day. It is made anew each time and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Response, request

from crypto.envelope import envelope_hash
from portal.pages.open_case import open_case_of_form
from portal.pages.path import under_language
from portal.pages.render import page
from portal.pages.status import law_context, signed_state
from portal.usecases.conversation import Contribution

site: Final = under_language("record", __name__)

FILE_NAME: Final = "notes.html"
"""Says nothing in a list of files; page/status.ts has the same."""


@dataclass(frozen=True, repr=False)
class RecordLine:
    """One contribution with the fingerprint of its sealed bytes."""

    entry: Contribution
    hash: str


@site.post("/record")
def save() -> Response:
    """Answer with an HTML file that opens anywhere; with the words themselves when that was wished."""
    opened = open_case_of_form()
    if isinstance(opened, Response):
        return opened
    case, stored = opened.case, opened.stored
    hashes = {row.envelope_id: envelope_hash(row.raw).hex() for row in stored.envelopes}
    answer = page(
        "record",
        case=case,
        lines=[RecordLine(entry, hashes[entry.envelope_id]) for entry in case.entries],
        with_text=request.form.get("with_text") == "yes",
        received=stored.case.received_day,
        state=signed_state(case),
        **law_context(case),
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return answer
