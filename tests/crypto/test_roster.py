"""The roster: what is one list on the site, in the API and at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cards
from crypto.cards import Card
from crypto.identity import Identity, from_seed
from crypto.listing import Listing
from crypto.roster import Roster, RosterMemory, fitting_roster
from tests.crypto.strategies import SLOW

DAY = date(2026, 11, 23)
KEYS = [from_seed(bytes([place]) * 32) for place in range(5)]
FIRST = KEYS[0].key_id


class Stored(NamedTuple):
    place: int
    what: str
    raw: bytes
    day: date


@cache
def card(who: int, voucher: int | None, duty: str = "auditor", person: int | None = None) -> Card:
    """A card of one of KEYS; `person`: whose, its own if not given."""
    key, of = KEYS[who], who if person is None else person
    texts = {"ja": f"監査 {of}", "en": f"Auditor {of}"}
    made = cards.new_card(key.box_pk, key.sign_pk, key.sign_seed, texts, texts, bytes([of]) * 16, duty)
    by: Identity | None = None if voucher is None else KEYS[voucher]
    return made if by is None else cards.vouch(made, by.key_id, by.sign_seed)


@cache
def retirement(who: int, by: int) -> bytes:
    return cards.new_retirement(KEYS[who].key_id, DAY, KEYS[by].key_id, KEYS[by].sign_seed).encode()


def stored(*documents: Card | bytes) -> list[Stored]:
    """Cards and retirements as a database has them, each a day after the one before."""
    return [
        Stored(
            place,
            "card" if isinstance(document, Card) else "retirement",
            document.encode() if isinstance(document, Card) else document,
            DAY + timedelta(place),
        )
        for place, document in enumerate(documents, 1)
    ]


def key_ids(found: Sequence[Card]) -> list[bytes]:
    return [each.key_id for each in found]


steps = st.one_of(
    st.builds(
        card,
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(0, 4)),
        st.sampled_from(cards.DUTIES),
        st.one_of(st.none(), st.integers(0, 4)),
    ),
    st.builds(retirement, st.integers(0, 4), st.integers(0, 4)),
)


@SLOW
@given(st.lists(steps, max_size=8))
def test_what_a_roster_says_is_one_thing_from_every_side(documents: list[Card | bytes]) -> None:
    roster = fitting_roster(stored(*documents), FIRST)
    assert set(key_ids(roster.readers)) == roster.listing.readers()
    assert sorted(key_ids(roster.active)) == sorted(key_ids([*roster.readers, *roster.observers]))
    assert sorted(key_ids(roster.cards)) == sorted(key_ids([*roster.active, *roster.former]))
    assert roster.since.keys() == roster.by_key.keys() and len(roster.days) == len(roster.listing)
    assert all(roster.is_active(each.key_id) for each in roster.active)
    assert [slot.key_id for slot in roster.slots([])] == key_ids(roster.readers)
    if roster.cards:
        assert roster.cards[0].key_id == FIRST and roster.role_of(FIRST) == "lead"
        assert roster.cards[0].duty != "observer"
        everybody = roster.persons
        assert all(slot.excluded for slot in roster.slots(roster.excluded_keys(everybody)))
        assert roster.leads <= {each.person for each in roster.readers}
    assert roster.prefix is None or roster.newcomers(roster.prefix) == ()


@SLOW
@given(st.lists(steps, max_size=6), st.lists(steps, max_size=6))
def test_a_server_never_goes_back_behind_what_it_checked(
    before: list[Card | bytes], after: list[Card | bytes]
) -> None:
    memory = RosterMemory()
    known = memory.update(stored(*before), FIRST)
    later = memory.update(stored(*after), FIRST)
    assert later.continues(known) and memory.latest() == later
    assert later.last == len(after), "what is compared under the writer lock is what is stored now"


@pytest.mark.parametrize("others", [[], [(1, 0)], [(1, 0), (2, 1)]])
def test_a_list_that_begins_with_an_observer_is_sealed_nothing_and_may_do_nothing(
    others: list[tuple[int, int]],
) -> None:
    """The site took it as unverified, while the API took the first card for a lead's, whatever it said."""
    rest = [card(who, voucher) for who, voucher in others]
    roster = fitting_roster(stored(card(0, None, "observer"), *rest), FIRST)
    assert roster.cards == () and roster.readers == () and roster.leads == frozenset()
    assert not roster.is_active(FIRST) and roster.prefix is None
    # The control: the same with a first card that is no observer's.
    for duty in ("auditor", "lead"):
        roster = fitting_roster(stored(card(0, None, duty), *rest), FIRST)
        assert roster.role_of(FIRST) == "lead" and roster.readers[0] == card(0, None, duty)


def test_nothing_fits_while_no_first_card_is_known() -> None:
    roster = fitting_roster(stored(card(0, None)), None)
    assert roster.cards == () and roster.last == 1
    assert fitting_roster(stored(card(0, None)), KEYS[1].key_id).cards == ()


def test_a_person_who_stepped_back_takes_along_whom_they_brought_in_since() -> None:
    roster = fitting_roster(
        stored(card(0, None), card(1, 0, "lead"), card(2, 1), card(3, 1), card(4, 3, person=3)), FIRST
    )
    at_report = [KEYS[0].key_id, KEYS[1].key_id, KEYS[2].key_id]
    out = roster.may_not_read([], [bytes([1]) * 16], at_report)
    assert out == {KEYS[1].key_id, KEYS[3].key_id, KEYS[4].key_id}
    assert roster.may_not_read([], [], at_report) == frozenset()
    assert roster.same_holder(KEYS[4].key_id) == {KEYS[3].key_id, KEYS[4].key_id}
    assert roster.keys_of(bytes([3]) * 16) == {
        KEYS[3].key_id: DAY + timedelta(4),
        KEYS[4].key_id: DAY + timedelta(5),
    }


def test_an_empty_roster_answers_too() -> None:
    roster = Roster()
    assert roster.prefix is None and roster.slots([]) == [] and roster.newest_of(bytes(16)) is None
    assert roster == Roster(Listing()) and hash(roster) == hash(Roster())
