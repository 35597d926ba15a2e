"""Databases and machines that are put back at random: one history for the witness, and no promise broken in silence."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from admin.catch_up import catch_up
from admin.log_condition import LogCondition
from crypto import plainleaf, tlog
from crypto.code_reading import LogFile
from store import db
from store.config.log_head import head_path
from tests.store.test_log import DAY, DAY_SECONDS, NOON, Logged, begun
from tests.support import log_rewind
from tests.support.tables import with_tables
from tests.support.trials import trials

DAYS = trials(14, 60)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    url = f"sqlite:///{tmp_path}/log.db"
    with_tables(url)
    made = begun(db.make_engine(url), tmp_path, 2, 2)
    yield made
    made.engine.dispose()


def placed(leaves: list[bytes]) -> tuple[dict[bytes, date], list[tuple[date, date]]]:
    """Return the day of each hidden leaf, and each day from which acts may be lost with the day that says so."""
    days: dict[bytes, date] = {}
    lost = []
    for batch in plainleaf.read_batches(leaves, 16):
        if batch.day is not None:
            days |= {tlog.leaf_hash(leaf): batch.day.day for leaf in batch.hidden}
            restored = [leaf for leaf in batch.plain if plainleaf.word_of(leaf) == "restored"]
            lost += [(plainleaf.read_restored(leaf), batch.day.day) for leaf in restored]
    return days, lost


@pytest.mark.parametrize("seed", [21, 22])
def test_what_is_put_back_at_random_forks_nothing_and_hides_nothing(logged: Logged, seed: int) -> None:
    chance = random.Random(seed)
    promised: dict[bytes, date] = {}
    kept = [(log_rewind.take(logged.engine), head_path(logged.path).read_bytes())]
    copy = LogFile(logged.leaves(), logged.head().note)
    accidents = 0
    for number in range(DAYS):
        day = DAY + timedelta(days=number)
        for _act in range(chance.choice((0, 1, 3))):
            promised[logged.act(len(promised), day)] = day
        kept = [*kept[-4:], (log_rewind.take(logged.engine), head_path(logged.path).read_bytes())]
        if chance.random() < 0.3:  # a database, or the whole machine, of one to four days before
            tables, file = chance.choice(kept)
            log_rewind.put_back(logged.engine, tables)
            if chance.random() < 0.5:
                head_path(logged.path).write_bytes(file)
                if chance.random() < 0.5:  # nobody notices before the next batch
                    logged.keeper().run(NOON + (number + 1) * DAY_SECONDS)
            catch_up(logged.engine, logged.path, copy)
            accidents += 1
        assert logged.keeper().run(NOON + (number + 1) * DAY_SECONDS).state is LogCondition.CURRENT
        leaves = logged.leaves()
        assert leaves[: len(copy.leaves)] == list(copy.leaves), "a witness that keeps this copy goes on"
        copy = LogFile(leaves, logged.head().note)
    assert accidents > 2
    logged.checked()
    days, lost = placed(list(copy.leaves))
    broken = [(hashed, day) for hashed, day in promised.items() if days.get(hashed) != day]
    for _hashed, day in broken:
        assert any(since <= day <= said for since, said in lost), f"{day} is not named by a restore"
    assert len(broken) < len(promised), "the control: most promises are kept"
