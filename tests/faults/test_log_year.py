"""A year of the log: whatever came in, each day looks the same, and all of it stays small."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from crypto import logleaf, tlog
from store import db
from tests.store.test_log import DAY, DAY_SECONDS, NOON, Logged, begun
from tests.support.randomness import chi_square
from tests.support.tables import with_tables
from tests.support.trials import trials

DAYS = trials(25, 365)
CARDS = 5
KEY = logleaf.log_key(bytes(32))
KINDS = ("report", "message", "answer", "status", "deletion", "forget", "rekey")
FAR = 420
"""Chi-square over 256 values: 255 degrees of freedom; above it once in 10^10."""


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    url = f"sqlite:///{tmp_path}/log.db"
    with_tables(url)
    made = begun(db.make_engine(url), tmp_path, CARDS, CARDS)
    yield made
    made.engine.dispose()


def _act(number: int, readers: Sequence[logleaf.Reader]) -> bytes:
    """Return the leaf of an act of each kind in turn."""
    case, other = number.to_bytes(16, "big").hex(), (number + 1).to_bytes(16, "big").hex()
    digest = number.to_bytes(32, "big").hex()
    fields = {
        "report": (case, digest, digest),
        "message": (case, digest, digest),
        "answer": (case, digest, other),
        "status": (case, str(number + 1), "investigating", other, digest),
    }
    kind = KINDS[number % len(KINDS)]
    return logleaf.make(KEY, logleaf.LeafText(kind, fields.get(kind, (case, digest))), readers)


def test_every_day_of_a_year_looks_the_same(logged: Logged) -> None:
    from store import log

    readers = [logleaf.Reader(person.card.key_id, person.card.box_pk) for person in logged.people]
    made: list[bytes] = []
    seeded = random.Random(20)
    for number in range(DAYS):
        day = DAY + timedelta(days=number)
        for _act_of_day in range(seeded.choice((0, 0, 0, 1, 2, 9)) if number % 2 else 0):
            leaf = _act(len(made), readers)
            made.append(leaf)
            with db.writing(logged.engine) as conn:
                assert log.add_pending(conn, tlog.leaf_hash(leaf), leaf, day, CARDS) is log.LeafOutcome.TAKEN
        assert logged.keeper().run(NOON + (number + 1) * DAY_SECONDS).made == (day,)
    _founding, *days = logged.checked()
    assert len(days) == DAYS and len(made) > DAYS / 4
    assert {(len(batch.plain), len(batch.hidden), sum(map(len, batch.hidden))) for batch in days} == {
        (0, 16, 16 * logleaf.length(CARDS))
    }
    entries = tlog.entry_bundle(logged.leaves())
    assert len(entries) < 3_000_000 * DAYS / 365
    hidden = [leaf for batch in days for leaf in batch.hidden]
    known = set(made)
    assert known <= set(hidden), "each act is in the log"
    # A classifier by bytes learns nothing; planted plain text in one field of each leaf is seen at once.
    dummies = [leaf for leaf in hidden if leaf not in known]
    assert chi_square(made) < FAR and chi_square(dummies) < FAR
    assert chi_square([b"mybk1/report\n" + leaf[13:] for leaf in made]) > FAR
    # Nor by its place in the batch: acts are on every place.
    places = {place for batch in days for place, leaf in enumerate(batch.hidden) if leaf in known}
    assert len(places) > 8
