"""Cards and the site's row."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from store import cards, db, site
from store.outcome import Outcome
from tests.store import make


def retire(engine: Engine, key_id: bytes) -> Outcome:
    with db.writing(engine) as conn:
        return cards.retire(conn, key_id, b"signed retirement", date(2026, 12, 1))


def test_cards_come_back_in_the_order_of_enrolment(engine: Engine) -> None:
    keys = [make.an_id() for _ in range(5)]
    for key_id in keys:
        assert make.add_card(engine, key_id=key_id) is Outcome.STORED
    assert retire(engine, keys[1]) is Outcome.STORED
    with db.reading(engine) as conn:
        assert [card.key_id for card in cards.enrolled(conn)] == keys
        assert [card.key_id for card in cards.active(conn)] == keys[:1] + keys[2:]
        retired = cards.by_key(conn, keys[1])
        assert retired is not None
        assert (retired.retired_day, retired.retirement) == (date(2026, 12, 1), b"signed retirement")
        assert retired.enrolled_day == make.DAY
        assert cards.by_key(conn, make.an_id()) is None


def test_the_same_card_again_is_a_repeat_and_another_with_its_key_refused(engine: Engine) -> None:
    key_id = make.an_id()
    assert make.add_card(engine, key_id=key_id, raw=b"card") is Outcome.STORED
    assert make.add_card(engine, key_id=key_id, raw=b"card") is Outcome.REPEAT
    assert make.add_card(engine, key_id=key_id, raw=b"other") is Outcome.REFUSED


def test_a_card_more_than_an_envelope_has_slots_is_refused(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "MAX_ACTIVE", 2)
    first = make.an_id()
    assert make.add_card(engine, key_id=first) is Outcome.STORED
    assert make.add_card(engine) is Outcome.STORED
    assert make.add_card(engine) is Outcome.REFUSED
    retire(engine, first)
    assert make.add_card(engine) is Outcome.STORED


def test_the_first_retirement_stands(engine: Engine) -> None:
    key_id = make.an_id()
    make.add_card(engine, key_id=key_id)
    assert retire(engine, key_id) is Outcome.STORED
    with db.writing(engine) as conn:
        assert cards.retire(conn, key_id, b"later", date(2027, 1, 1)) is Outcome.REPEAT
    with db.reading(engine) as conn:
        found = cards.by_key(conn, key_id)
        assert found is not None and found.retirement == b"signed retirement"
    assert retire(engine, make.an_id()) is Outcome.REFUSED


def test_there_is_one_site(engine: Engine) -> None:
    with db.reading(engine) as conn, pytest.raises(site.NoSite):
        site.get(conn)
    with db.writing(engine) as conn:
        assert site.create(conn, b"s" * 16, b"k" * 32) is Outcome.STORED
    with db.writing(engine) as conn:
        assert site.create(conn, b"s" * 16, b"k" * 32) is Outcome.REPEAT
        assert site.create(conn, b"t" * 16, b"k" * 32) is Outcome.REFUSED
    with db.reading(engine) as conn:
        assert site.get(conn) == site.SiteRow(b"s" * 16, b"k" * 32)
