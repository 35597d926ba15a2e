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
        return nonces.use(conn, key_id, nonce, TODAY + DAY * day_offset, TODAY + DAY * today_offset)


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
