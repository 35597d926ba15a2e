"""A new code, and forgetting, as a page with scripts sends them (docs/format.md, 2.10 and 8.2). No Flask in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from cases.days import format_day, parse_day
from crypto import messages, wire
from crypto.envelope import SEALED_BYTES, Kind
from crypto.errors import BadSignature
from crypto.messages import SIGNATURE_BYTES
from crypto.receipt import mailbox_key_id
from crypto.tlog import leaf_hash
from portal.context import Portal
from portal.usecases import log_leaves
from portal.usecases.browser_api import (
    BrowserApiRefusal,
    check_there,
    envelope_of,
    find,
    leaf_of,
    logged,
    lookup_index,
    promise_fields,
    promised,
    record_of,
    storing,
)
from portal.usecases.log_leaves import LeafRefused
from store import cases as store_cases
from store import receipt_codes
from store import reports as store_intake
from store.db import reading, writing
from store.outcome import Outcome

MAX_GRANTS: Final = 10_000
MAX_LEAVES: Final = 65
"""Leaves of a new code: its envelope's, and one for each log key of the code before."""
_REFUSALS: Final[Mapping[Outcome, tuple[int, str]]] = {
    Outcome.CASE_EXISTS: (404, "unknown"),
    Outcome.CHOICE: (409, "choice"),
    Outcome.REFUSED: (409, "code_taken"),
}
"""Status and error code of a new code that was not stored (docs/format.md, 8.2)."""


def replace(portal: Portal, sent: object) -> dict[str, Any]:
    """Put a new code in place of an old one. Raises BrowserApiRefusal, Malformed, StoreFailed."""
    rest, leaves = _leaves_of(sent)
    names = (
        "lookup", "index", "mailbox_pk", "reporter_sign_pk", "mailbox_record", "before", "envelope", "grants",
        "sig",
    )  # fmt: skip
    lookup, index, mailbox_pk, sign_pk, record, before, raw, grants, sig = wire.fields(rest, *names)
    old_index, new_index = lookup_index(lookup), wire.identifier(index)
    new_pk, new_sign_pk = wire.octets(mailbox_pk, 32), wire.octets(sign_pk, 32)
    case, is_repeat = _case_of(portal, old_index, new_index, new_pk)
    if is_repeat:
        return {"kept": "replace_repeat", **_promised_again(portal, leaves)}
    text = messages.replace_text(case.case_id, old_index, new_index, new_pk, new_sign_pk)
    _check(case.reporter_sign_pk, text, wire.octets(sig, SIGNATURE_BYTES))
    envelope = envelope_of(wire.octets(raw), Kind.FROM_REPORTER)
    code = receipt_codes.NewCode(
        index=new_index,
        mailbox_pk=new_pk,
        mailbox_key_id=mailbox_key_id(new_pk),
        reporter_sign_pk=new_sign_pk,
        record=record_of(case, before, record),
        envelope_id=envelope.envelope_id,
        raw=envelope.encode(),
        grants=_grants(grants),
    )
    today = portal.today()
    with storing(portal, envelope) as (conn, roster):
        outcome = receipt_codes.replace(conn, case.case_id, old_index, code, today)
        days = [logged(conn, roster, outcome, leaf, today) for leaf in leaves]
        if days:
            # What is kept is the promise for the envelope: the first leaf is its.
            log_leaves.keep_promise(portal, conn, (code.envelope_id, new_pk), leaves[0], days[0])
    if outcome is Outcome.DELETED:
        raise BrowserApiRefusal(410, "deleted", day=format_day(today))
    if outcome in _REFUSALS:
        raise BrowserApiRefusal(*_REFUSALS[outcome])
    kept = "replaced" if outcome is Outcome.STORED else "replace_repeat"
    return {"kept": kept, **_promises(portal, leaves, days)}


def _case_of(
    portal: Portal, old_index: bytes, new_index: bytes, new_pk: bytes
) -> tuple[store_cases.CaseRow, bool]:
    """Return the case of a code that is to be replaced, and whether it was replaced by just this new one already.

    Raises BrowserApiRefusal.
    """
    with reading(portal.engine) as conn:
        old, new = store_intake.lookup(conn, old_index), store_intake.lookup(conn, new_index)
        case = store_cases.get(conn, old.case_id) if old else None
    if old is None or case is None:
        raise BrowserApiRefusal(404, "unknown")
    check_there(case)
    if old.ended_day is None:
        return case, False
    # The same request again, after its answer was lost?
    is_of_case = new is not None and new.case_id == old.case_id and new.ended_day is None
    if is_of_case and case.mailbox_pk == new_pk:
        return case, True
    raise BrowserApiRefusal(404, "unknown")


def forget(portal: Portal, sent: object) -> dict[str, Any]:
    """Take away what the code opens. Raises BrowserApiRefusal, Malformed, StoreFailed."""
    rest, leaf = leaf_of(sent)
    lookup, record, before, day, sig = wire.fields(rest, "lookup", "mailbox_record", "before", "day", "sig")
    case = find(portal, lookup).case
    signed_for = _day(day)
    if abs((signed_for - portal.today()).days) > 1:
        raise BrowserApiRefusal(400, "day")
    text = messages.forget_text(case.case_id, signed_for)
    _check(case.reporter_sign_pk, text, wire.octets(sig, SIGNATURE_BYTES))
    today, new = portal.today(), record_of(case, before, record)
    with writing(portal.engine) as conn:
        outcome = receipt_codes.forget(conn, case.case_id, new)
        # Forgetting once more on one day is one act with one leaf.
        known = leaf is not None and log_leaves.is_known(conn, leaf)
        taken = logged(conn, portal.roster(conn), Outcome.REPEAT if known else outcome, leaf, today)
    if outcome is Outcome.CHOICE:
        raise BrowserApiRefusal(409, "choice")
    return promised(portal, leaf, taken)


def _leaves_of(sent: object) -> tuple[object, list[bytes]]:
    """Return a request without its leaves, and the leaves: pages of before the log send none (format.md, 5.5)."""
    if not isinstance(sent, dict) or "leaves" not in sent:
        return sent, []
    rest = {name: value for name, value in sent.items() if name != "leaves"}
    return rest, [wire.octets(leaf) for leaf in wire.items(sent["leaves"], MAX_LEAVES)]


def _promises(portal: Portal, leaves: Sequence[bytes], days: Sequence[date | None]) -> dict[str, Any]:
    made = [log_leaves.promise(portal, leaf_hash(leaf), day) for leaf, day in zip(leaves, days, strict=True)]
    return {"promises": [promise_fields(promise) for promise in made if promise]} if any(made) else {}


def _promised_again(portal: Portal, leaves: Sequence[bytes]) -> dict[str, Any]:
    """Sign the promises of a repeat. Raises BrowserApiRefusal for a leaf that its first sending did not have."""
    try:
        with reading(portal.engine) as conn:
            return _promises(portal, leaves, [log_leaves.known_leaf(conn, leaf) for leaf in leaves])
    except LeafRefused as refused:
        raise BrowserApiRefusal(409, refused.code) from None


def _day(value: object) -> date:
    try:
        return parse_day(wire.text(value))
    except ValueError:
        raise BrowserApiRefusal(400, "bad_request") from None


def _check(pk: bytes, text: bytes, sig: bytes) -> None:
    try:
        messages.verify(pk, text, sig)
    except BadSignature:
        raise BrowserApiRefusal(403, "signature") from None


def _grants(value: object) -> list[tuple[bytes, bytes]]:
    pairs = [wire.fields(grant, "envelope", "sealed") for grant in wire.items(value, MAX_GRANTS)]
    return [(wire.identifier(envelope), wire.octets(sealed, SEALED_BYTES)) for envelope, sealed in pairs]
