"""Giving a code up for a new one, and forgetting: what the server does where scripts are off. No Flask in here.

Where scripts are on, the page does the same by itself and sends only sealed bytes (portal/sealed.py).
"""

from __future__ import annotations

import secrets
from datetime import date

from crypto import messages, seal
from crypto.encoding import hex_id
from crypto.envelope import Kind
from crypto.errors import BadData
from crypto.receipt import Receipt
from crypto.unseal import unseal
from portal.context import Portal
from portal.conversation import CaseDeleted, Conversation
from portal.recipients import Recipients
from store import codes
from store.db import StoreFailed, writing
from store.outcome import Outcome


class CodeTaken(Exception):
    """The new code can't be used, or the old one was given up for another one meanwhile; nothing was changed."""


def replace_code(
    portal: Portal, readers: Recipients, case: Conversation, old: Receipt, new: Receipt, today: date
) -> None:
    """Give `old` up for `new`: from now on only the new code opens the case, and all that the old one opened.

    Doing it twice is doing it once. Raises CodeTaken, CaseDeleted, NobodyLeft, StoreFailed.
    """
    envelope_id = secrets.token_bytes(16)
    payload = messages.new_keys_message(new, old, case.seen(), case.case_id)
    signed = messages.sign_reporter(Kind.FROM_REPORTER, {**payload, "envelope_id": hex_id(envelope_id)}, old)
    sealed = seal.seal(Kind.FROM_REPORTER, envelope_id, signed, readers.to_seal(case.exclude, case.at_report))
    grants = [(envelope_id, seal.grant(sealed.content_key, new.mailbox_pk)), *_granted_again(case, old, new)]
    code = codes.NewCode(
        index=new.index,
        mailbox_pk=new.mailbox_pk,
        mailbox_key_id=new.mailbox_key_id,
        reporter_sign_pk=new.sign_pk,
        mailbox_record=seal.sealed_exclude(sorted(case.exclude), new.mailbox_pk),
        envelope_id=envelope_id,
        raw=sealed.raw,
        grants=grants,
    )
    with writing(portal.engine) as conn:
        outcome = codes.replace(conn, case.case_id, old.index, code, today)
    if outcome is Outcome.DELETED:
        raise CaseDeleted(today)
    if outcome in (Outcome.REFUSED, Outcome.CASE_EXISTS):
        raise CodeTaken


def _granted_again(case: Conversation, old: Receipt, new: Receipt) -> list[tuple[bytes, bytes]]:
    """Return a grant to the new mailbox for each envelope that the old one opens."""
    found = []
    for row in case.file.envelopes:
        grants = case.file.grants.get(row.envelope_id, ())
        try:
            key = unseal(row.raw, old.mailbox_sk, old.mailbox_pk, old.mailbox_key_id, grants).content_key
        except BadData:
            continue
        found.append((row.envelope_id, seal.grant(key, new.mailbox_pk)))
    return found


def forget(portal: Portal, case: Conversation) -> None:
    """Take away what lets the code open anything that was written until now. Raises StoreFailed."""
    with writing(portal.engine) as conn:
        outcome = codes.forget(conn, case.case_id)
    if outcome is not Outcome.STORED:
        raise StoreFailed("a case was not found")
