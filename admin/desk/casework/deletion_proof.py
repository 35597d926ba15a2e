"""Verifies that two persons deleted a case, without trusting the server. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from admin.desk.casework.roster import SiteRoster
from admin.desk.server.responses import Signed
from cases import retention, roles
from crypto import messages
from crypto.cards import Card
from crypto.envelope import decode
from crypto.errors import BadData, MisuseError


def is_shown(
    case_id: bytes,
    acts: Sequence[Signed],
    raw_report: bytes | None,
    roster: SiteRoster,
    out: Collection[bytes] = (),
) -> bool:
    """Tell whether two persons of the checked list have signed the deletion, the second one naming the first one's
    proposal (format.md, section 2.8).

    `raw_report`: None at a desk that never had the report; then nothing shows whether they opened it. `out`: keys that
    are excluded from the case, or whose person stepped back.
    """
    try:
        first, second = acts
        report = decode(raw_report) if raw_report is not None else None
        act_pk = report.act_pk if report else None
        at_report = {slot.key_id for slot in report.slots} if report else None
        cards = [roster.by_key[act.author] for act in acts]
        _verify(cards[0], messages.delete_text(case_id, first.author, first.day), first, act_pk)
        agreed = messages.agree_text(case_id, second.author, messages.proposal_hash(first.sig), second.day)
        _verify(cards[1], agreed, second, act_pk)
    except (BadData, MisuseError, KeyError, ValueError):
        return False
    in_time = retention.may_agree(retention.Proposal(cards[0].person, first.day), cards[1].person, second.day)
    return (
        in_time
        and not any(card.key_id in out for card in cards)
        and all(may(roster, card, act.day, at_report) for card, act in zip(cards, acts, strict=True))
    )


def signed_texts(case_id: bytes, proposal: Signed, agreement: Signed) -> bytes:
    """Return what the leaf of a deletion names the SHA-256 of: each act's text and both its signatures
    (docs/format.md, 5.4). Raises MisuseError.
    """
    named = messages.proposal_hash(proposal.sig)
    texts = (
        messages.delete_text(case_id, proposal.author, proposal.day),
        messages.agree_text(case_id, agreement.author, named, agreement.day),
    )
    return b"".join(
        text + act.sig + act.act_sig for text, act in zip(texts, (proposal, agreement), strict=True)
    )


def is_proposal(case_id: bytes, act: Signed, act_pk: bytes, roster: SiteRoster) -> bool:
    """Tell whether an auditor who opened the report has signed a proposal."""
    try:
        card = roster.by_key[act.author]
        _verify(card, messages.delete_text(case_id, act.author, act.day), act, act_pk)
    except (BadData, MisuseError, KeyError):
        return False
    return roles.reads_reports(roster.role_of(act.author)) and act.author not in roster.retired


def _verify(card: Card, text: bytes, act: Signed, act_pk: bytes | None) -> None:
    messages.verify(card.sign_pk, text, act.sig)
    if act_pk is not None:
        messages.verify(act_pk, text, act.act_sig)


def may(roster: SiteRoster, card: Card, day: date, at_report: Collection[bytes] | None) -> bool:
    """Tell whether a card's holder might delete the case on a day. `at_report` None: who is settled is unknown here."""
    keys = roster.keys_of(card.person)
    is_settled = at_report is None or roles.is_settled(keys, at_report, day)
    return roles.may_delete(roster.role_of(card.key_id), is_settled)
