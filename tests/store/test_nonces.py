"""Nonces: once, and not for ever."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select

from store import db, nonces
from store import tables as t
from tests.store import make

TODAY = make.DAY
DAY = timedelta(days=1)


def use(engine: Engine, key_id: bytes, nonce: bytes, day_offset: int = 0, today_offset: int = 0) -> bool:
    with db.writing(engine) as conn:
        found = nonces.use(conn, key_id, nonce, TODAY + DAY * day_offset, TODAY + DAY * today_offset)
    assert found is not nonces.Use.TOO_MANY
    return found is nonces.Use.FRESH


def test_a_nonce_is_good_once(engine: Engine) -> None:
    key, nonce = make.an_id(), make.an_id()
    assert use(engine, key, nonce)
    assert not use(engine, key, nonce)
    assert not use(engine, key, nonce, day_offset=1)
    assert use(engine, make.an_id(), nonce)
    assert use(engine, key, make.an_id())


def test_nonces_are_kept_as_long_as_their_day_is_taken(engine: Engine) -> None:
    key, yesterdays, tomorrows = make.an_id(), make.an_id(), make.an_id()
    assert use(engine, key, yesterdays, day_offset=-1)
    assert use(engine, key, tomorrows, day_offset=1)
    assert not use(engine, key, yesterdays, day_offset=-1)
    # Two days on, tomorrow's request would still be taken (as yesterday's): its nonce must be known.
    assert not use(engine, key, tomorrows, day_offset=1, today_offset=2)
    assert use(engine, key, make.an_id(), day_offset=3, today_offset=3)
    with db.reading(engine) as conn:
        assert list(conn.scalars(select(t.nonce.c.day))) == [TODAY + DAY * 3]


def test_a_key_has_so_many_nonces_for_a_day(engine: Engine) -> None:
    key, first = make.an_id(), make.an_id()

    def use_of(nonce: bytes, key_id: bytes = key, days: int = 0) -> nonces.Use:
        with db.writing(engine) as conn:
            return nonces.use(conn, key_id, nonce, TODAY + DAY * days, TODAY, at_most=3)

    assert [use_of(nonce) for nonce in (first, make.an_id(), make.an_id())] == [nonces.Use.FRESH] * 3
    assert use_of(make.an_id()) is nonces.Use.TOO_MANY
    # A replay stays one, and neither another key nor another day pays for it.
    assert use_of(first) is nonces.Use.REPLAYED
    assert use_of(make.an_id(), make.an_id()) is nonces.Use.FRESH
    assert use_of(make.an_id(), days=1) is nonces.Use.FRESH
    with db.reading(engine) as conn:
        assert len(list(conn.scalars(select(t.nonce.c.nonce)))) == 5
