"""Was a case really deleted by two persons? The server's word alone is not enough. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from admin.desk.answers import Signed
from admin.desk.people import People
from crypto import messages
from crypto.envelope import decode
from crypto.errors import BadData, MisuseError


def is_shown(case_id: bytes, acts: Sequence[Signed], raw_report: bytes, people: People) -> bool:
    """Tell whether two different persons of the checked list, who both opened the report, signed the deletion."""
    try:
        act_pk = decode(raw_report).act_pk
        cards = [people.by_key[act.author] for act in acts]
        for act, card in zip(acts, cards, strict=True):
            text = messages.delete_text(case_id, act.day)
            messages.verify(card.sign_pk, text, act.sig)
            messages.verify(act_pk, text, act.act_sig)
    except (BadData, MisuseError, KeyError):
        return False
    return len({card.person for card in cards}) >= 2
