"""Giving a code up for a new one, and forgetting: what the server does where scripts are off. No Flask in here.

Where scripts are on, the page does the same by itself and sends only sealed bytes (portal/usecases/browser_api.py).
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import date
from typing import Final

from crypto import messages, seal
from crypto.choice import seal_record
from crypto.encoding import hex_id
from crypto.envelope import Kind
from crypto.listing import Prefix
from crypto.receipt import Receipt
from crypto.roster import Roster
from portal.context import Portal
from portal.usecases import conversation, log_leaves
from portal.usecases.conversation import CaseDeleted, Conversation
from portal.usecases.recipients import to_seal
from portal.usecases.submit import Ticked, check_shown, look, writing_by
from store import receipt_codes
from store import reports as store_intake
from store.cards import ListChanged
from store.db import StoreFailed, writing
from store.outcome import Outcome

_TRIES: Final = 5
"""How often it is tried anew because another page of the same code wrote in between."""


class CodeTaken(Exception):
    """The new code can't be used, or the old one was given up for another one meanwhile; nothing was changed."""


def replace_code(
    portal: Portal,
    roster: Roster,
    case: Conversation,
    old: Receipt,
    new: Receipt,
    ticked: Ticked,
    shown: Prefix | None,
    today: date,
) -> None:
    """Give `old` up for `new`: from now on only the new code opens the case, and all that the old one opened.

    Doing it twice is doing it once. `shown`: the list of readers when the page was shown. Raises CodeTaken,
    ChoiceNeeded, ReportGone, ChoiceFull, CaseDeleted, NobodyLeft, ReadersGrew, StoreFailed.
    """
    outcome = Outcome.CHOICE
    for _ in range(_TRIES):
        check_shown(roster, shown, case)
        code = _new_code(roster, case, old, new, ticked)
        with suppress(ListChanged), writing_by(portal, roster) as conn:
            outcome = receipt_codes.replace(conn, case.case_id, old.index, code, today)
        if outcome is Outcome.DELETED:
            raise CaseDeleted(today)
        if outcome in (Outcome.REFUSED, Outcome.CASE_EXISTS):
            raise CodeTaken
        if outcome is not Outcome.CHOICE:
            return
        case = _again(portal, old)
        roster = case.roster
    raise StoreFailed("a case changed again and again")


def _new_code(
    roster: Roster, case: Conversation, old: Receipt, new: Receipt, ticked: Ticked
) -> receipt_codes.NewCode:
    conversation.check_choice(case, ticked.again)
    choice, envelope_id = case.head.next_choice(ticked.persons), secrets.token_bytes(16)
    payload = messages.new_keys_message(new, old, case.seen(), case.case_id, choice)
    own = [opened.payload for key, opened in case.head.opened.items() if key in case.head.own]
    payload |= {"log_key": log_leaves.next_key(new, own)}
    slots = to_seal(roster, choice.persons, case.at_report)
    named = roster.addressed({**payload, "envelope_id": hex_id(envelope_id)}, slots)
    signed = messages.sign_reporter(Kind.FROM_REPORTER, named, old)
    sealed = seal.seal(Kind.FROM_REPORTER, envelope_id, signed, slots)
    keys = [(envelope_id, sealed.content_key)]
    keys += [(opened.envelope_id, opened.content_key) for opened in case.head.opened.values()]
    record = seal_record(new.root, case.case_id, case.head.record(choice))
    return receipt_codes.NewCode(
        index=new.index,
        mailbox_pk=new.mailbox_pk,
        mailbox_key_id=new.mailbox_key_id,
        reporter_sign_pk=new.sign_pk,
        record=store_intake.NewRecord(case.stored.case.mailbox_record, record),
        envelope_id=envelope_id,
        raw=sealed.raw,
        grants=[(granted, seal.grant(key, new.mailbox_pk)) for granted, key in keys],
    )


def _again(portal: Portal, receipt: Receipt) -> Conversation:
    state = look(portal, receipt)
    if state.stored is None:
        raise CodeTaken
    return conversation.open_case(state.stored, state.roster, receipt)


def forget(portal: Portal, case: Conversation, receipt: Receipt) -> None:
    """Take away what lets the code open anything that was written until now; the choice stays in the record.

    Raises ChoiceNeeded, ReportGone, StoreFailed.
    """
    for _ in range(_TRIES):
        conversation.check_choice(case, chosen_again=False)
        raw = seal_record(receipt.root, case.case_id, case.head.record(case.head.next_choice()))
        record = store_intake.NewRecord(case.stored.case.mailbox_record, raw)
        with writing(portal.engine) as conn:
            outcome = receipt_codes.forget(conn, case.case_id, record)
        if outcome is not Outcome.CHOICE:
            break
        case = _again(portal, receipt)
    if outcome is not Outcome.STORED:
        raise StoreFailed("a case was not found")
