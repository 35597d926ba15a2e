"""Giving a code up for a new one, and forgetting: what the server does where scripts are off. No Flask in here.

Where scripts are on, the page does the same by itself and sends only sealed bytes (portal/usecases/browser_api.py).
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import date
from typing import Final

from sqlalchemy import Connection

from crypto import logleaf, messages, seal, tlog
from crypto.choice import seal_record
from crypto.encoding import hex_id
from crypto.envelope import Kind, envelope_hash
from crypto.listing import Prefix
from crypto.logpromise import LogPromise
from crypto.receipt import Receipt
from crypto.roster import Roster
from portal.context import Portal
from portal.usecases import conversation, log_leaves
from portal.usecases.conversation import CaseDeleted, Conversation
from portal.usecases.look_up import look
from portal.usecases.recipients import to_seal
from portal.usecases.submit import Ticked, check_shown, own_payloads, writing_by
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
) -> list[LogPromise]:
    """Give `old` up for `new`: from now on only the new code opens the case, and all that the old one opened. Return
    the promises for its leaves; none where the log was not begun, or it was done before.

    Doing it twice is doing it once. `shown`: the list of readers when the page was shown. Raises CodeTaken,
    ChoiceNeeded, ReportGone, ChoiceFull, CaseDeleted, NobodyLeft, ReadersGrew, StoreFailed.
    """
    outcome = Outcome.CHOICE
    for _ in range(_TRIES):
        check_shown(roster, shown, case)
        code = _new_code(roster, case, old, new, ticked)
        with suppress(ListChanged), writing_by(portal, roster) as conn:
            outcome = receipt_codes.replace(conn, case.case_id, old.index, code, today)
            leaves = _leaves(portal, conn, case, (old, new), code, today) if outcome is Outcome.STORED else []
        if outcome is Outcome.DELETED:
            raise CaseDeleted(today)
        if outcome in (Outcome.REFUSED, Outcome.CASE_EXISTS):
            raise CodeTaken
        if outcome is not Outcome.CHOICE:
            made = [log_leaves.promise(portal, tlog.leaf_hash(leaf), today) for leaf in leaves]
            return [promise for promise in made if promise]
        case = _again(portal, old)
        roster = case.roster
    raise StoreFailed("a case changed again and again")


def _leaves(
    portal: Portal,
    conn: Connection,
    case: Conversation,
    codes: tuple[Receipt, Receipt],
    code: receipt_codes.NewCode,
    today: date,
) -> list[bytes]:
    """Take the leaves of a new code: its envelope's, and those that lead to the log keys of the old one (5.4).

    `codes`: the old one and the new one.
    """
    old, new = codes
    key, roster = logleaf.log_key(new.root), portal.roster(conn)
    openings = [logleaf.envelope_opening("message", case.case_id, code.raw, envelope_hash(code.raw))]
    openings += logleaf.rekey_openings(case.case_id, log_leaves.keys_of(old, own_payloads(case)))
    taken = [log_leaves.take_own(conn, roster, key, opening, today) for opening in openings]
    log_leaves.keep_promise(portal, conn, (code.envelope_id, new.mailbox_pk), taken[0], today)
    return [leaf for leaf in taken if leaf is not None]


def _new_code(
    roster: Roster, case: Conversation, old: Receipt, new: Receipt, ticked: Ticked
) -> receipt_codes.NewCode:
    conversation.check_choice(case, ticked.again)
    choice, envelope_id = case.head.next_choice(ticked.persons), secrets.token_bytes(16)
    payload = messages.new_keys_message(new, old, case.seen(), case.case_id, choice)
    payload |= {"log_key": log_leaves.next_key(new, own_payloads(case))}
    slots = to_seal(roster, choice.persons, case.at_report, case.head.access.off)
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


def forget(portal: Portal, case: Conversation, receipt: Receipt, today: date) -> LogPromise | None:
    """Take away what lets the code open anything that was written until now; the choice stays in the record. Return
    the promise for its leaf; None where the log was not begun.

    Raises ChoiceNeeded, ReportGone, StoreFailed.
    """
    for _ in range(_TRIES):
        conversation.check_choice(case, chosen_again=False)
        raw = seal_record(receipt.root, case.case_id, case.head.record(case.head.next_choice()))
        record = store_intake.NewRecord(case.stored.case.mailbox_record, raw)
        with writing(portal.engine) as conn:
            outcome = receipt_codes.forget(conn, case.case_id, record)
            leaf = _forget_leaf(portal, conn, case, receipt, today) if outcome is Outcome.STORED else None
        if outcome is not Outcome.CHOICE:
            break
        case = _again(portal, receipt)
    if outcome is not Outcome.STORED:
        raise StoreFailed("a case was not found")
    return log_leaves.promise(portal, tlog.leaf_hash(leaf), today) if leaf is not None else None


def _forget_leaf(
    portal: Portal, conn: Connection, case: Conversation, receipt: Receipt, today: date
) -> bytes | None:
    """Take the leaf of forgetting; None where this day has it already: twice on one day is one act."""
    text = messages.forget_text(case.case_id, today)
    opening = logleaf.forget_opening(case.case_id, text + messages.sign(receipt.sign_seed, text))
    key = log_leaves.newest_key(receipt, own_payloads(case))
    roster = portal.roster(conn)
    if log_leaves.is_made(conn, roster, key, opening, today):
        return None
    return log_leaves.take_own(conn, roster, key, opening, today)
