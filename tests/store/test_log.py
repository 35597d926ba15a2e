"""The log's batches on both databases: one for each day, none twice, none of another log, whatever dies in between."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from admin.log_condition import LogCondition
from admin.logbook import LogKeeper, begin_log, roster_of
from cases.log_rule import log_rule
from crypto import logbatch, logleaf, note, plainleaf, tlog
from crypto.cards import new_retirement
from crypto.identity import Identity
from crypto.messages import public_key
from crypto.roster import Roster
from store import cards as store_cards
from store import db, log
from store import site as store_site
from store import tables as t
from store.config.log_head import LogHeadDamaged, head_path, read_head_file, write_head_file
from store.config.secrets import create_secrets, pin_first_card
from tests.portal.conftest import newcomer
from tests.support.site import Auditor, make_auditors

DAY = date(2026, 11, 27)
NOON = 1795741200
"""2026-11-27, 10:00 in Japan."""
DAY_SECONDS = 86400
SALT = bytes(range(16))


@dataclass
class Logged:
    """A site with a log. `path`: its secret file."""

    engine: Engine
    path: Path
    people: list[Auditor]
    verifier: note.VerifierKey

    def keeper(self, **more: object) -> LogKeeper:
        return LogKeeper(self.engine, self.path, **more)  # type: ignore[arg-type]

    def act(self, number: int, day: date, length: int | None = None) -> bytes:
        """Let the leaf of an act wait; return its hash."""
        with db.writing(self.engine) as conn:
            state = log.head(conn)
            assert state is not None
            length = log.list_length(conn, state, day) if length is None else length
            roster = roster_of(conn, self.path)
            places = [
                logleaf.Reader(key, roster.by_key[key].box_pk) for key in roster.listing.readers(length)
            ]
            opening = logleaf.envelope_opening("report", bytes(16), b"%d" % number, bytes(32))
            leaf = logleaf.make(logleaf.log_key(bytes(32)), opening, places)
            hashed = tlog.leaf_hash(leaf)
            assert log.add_pending(conn, hashed, leaf, day, length) is log.LeafOutcome.TAKEN
        return hashed

    def enrol(self, person: Auditor) -> None:
        with db.writing(self.engine) as conn:
            card = person.card
            store_cards.enroll(conn, card.key_id, card.person, card.encode(), DAY)

    def retire(self, key_id: bytes, by: Identity) -> None:
        note = new_retirement(key_id, DAY, by.key_id, by.sign_seed)
        with db.writing(self.engine) as conn:
            store_cards.retire(conn, key_id, note.encode(), DAY)

    def roster(self) -> Roster:
        with db.reading(self.engine) as conn:
            return roster_of(conn, self.path)

    def head(self) -> log.HeadRow:
        with db.reading(self.engine) as conn:
            state = log.head(conn)
        assert state is not None
        return state

    def leaves(self) -> list[bytes]:
        with db.reading(self.engine) as conn:
            return log.leaves(conn, 0, self.head().size)

    def checked(self) -> list[plainleaf.Batch]:
        """Read the log as a stranger does: signature, root, batches."""
        state, leaves = self.head(), self.leaves()
        signed = note.read_checkpoint(state.note, self.verifier).checkpoint
        assert (signed.size, signed.root) == (state.size, state.root)
        assert tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves]) == signed.root
        assert read_head_file(head_path(self.path)) == (signed.size, signed.root)
        return plainleaf.read_batches(leaves, plainleaf.read_site(leaves[0]).hidden)


def begun(engine: Engine, folder: Path, people: int, enrolled: int) -> Logged:
    """Return a log that has begun, with the cards of those who are enrolled."""
    path = folder / "server.secret"
    secrets = create_secrets(path)
    made = Logged(engine, path, make_auditors(people), logbatch.log_verifier(SALT, secrets.sign_seed))
    with db.writing(engine) as conn:
        store_site.create(conn, SALT, public_key(secrets.sign_seed))
    pin_first_card(path, made.people[0].card.key_id)
    for person in made.people[:enrolled]:
        made.enrol(person)
    assert made.keeper().run(NOON).state is LogCondition.CURRENT
    return made


@pytest.fixture
def logged(engine: Engine, tmp_path: Path) -> Logged:
    return begun(engine, tmp_path, 3, 2)


def days_of(batches: Sequence[plainleaf.Batch]) -> list[date]:
    return [batch.day.day for batch in batches if batch.day is not None]


def test_a_log_begins_with_the_site_and_its_first_cards(logged: Logged) -> None:
    (founding,) = logged.checked()
    assert [plainleaf.word_of(leaf) for leaf in founding.plain] == ["site", "policy", "card", "card", "list"]
    site = plainleaf.read_site(founding.plain[0])
    assert site.log == logged.verifier and site.hidden == 16
    assert site.rule == sha256(log_rule().encode()).digest()
    for person, leaf in zip(logged.people[:2], founding.plain[2:4], strict=True):
        card = plainleaf.read_card_leaf(leaf)
        assert card.key_id == person.card.key_id
        assert person.card.name["ja"].encode() not in leaf


def test_a_day_has_one_batch_at_three_and_its_acts_are_in_it(logged: Logged) -> None:
    promised = [logged.act(number, DAY) for number in range(5)]
    three = NOON - NOON % DAY_SECONDS + 18 * 3600
    assert logged.keeper().run(three - 1).made == ()
    assert logged.keeper().run(three).made == (DAY,)
    assert logged.keeper().run(three + 5).made == ()
    _, batch = logged.checked()
    assert batch.day is not None and (batch.day.day, batch.day.hidden) == (DAY, 16)
    assert {tlog.leaf_hash(leaf) for leaf in batch.hidden} >= set(promised)
    with db.reading(logged.engine) as conn:
        assert log.waiting(conn) == 0
        assert [log.day_of(conn, hashed) for hashed in promised] == [DAY] * 5
        assert log.day_of(conn, bytes(32)) is None


def test_days_with_and_without_acts_look_alike(logged: Logged) -> None:
    for number in range(12):
        day = DAY + timedelta(days=number)
        for act in range(number % 4 * 4):
            logged.act(100 * number + act, day)
        assert logged.keeper().run(NOON + (number + 1) * DAY_SECONDS).made == (day,)
    _, *days = logged.checked()
    assert days_of(days) == [DAY + timedelta(days=number) for number in range(12)]
    sizes = {(len(day.hidden), sum(map(len, day.hidden))) for day in days}
    assert sizes == {(16, 16 * logleaf.length(2))}


def test_more_acts_than_places_make_the_next_multiple(logged: Logged) -> None:
    for number in range(17):
        logged.act(number, DAY)
    logged.keeper().run(NOON + DAY_SECONDS)
    assert len(logged.checked()[1].hidden) == 32


def test_the_order_in_a_batch_tells_nothing_of_the_order_of_acts(logged: Logged) -> None:
    promised = [logged.act(number, DAY) for number in range(16)]
    logged.keeper().run(NOON + DAY_SECONDS)
    hashes = [tlog.leaf_hash(leaf) for leaf in logged.checked()[1].hidden]
    assert sorted(hashes) == sorted(promised)
    assert hashes != promised and hashes != sorted(promised)


def test_missed_days_have_a_batch_each_and_a_jump_of_the_clock_has_none(logged: Logged) -> None:
    assert logged.keeper().run(NOON + 3 * DAY_SECONDS).made == tuple(
        DAY + timedelta(days=number) for number in range(3)
    )
    size = logged.head().size
    far = NOON + 400 * DAY_SECONDS
    assert logged.keeper().run(far).state is LogCondition.MANY
    assert logged.keeper().run(NOON - DAY_SECONDS).state is LogCondition.CLOCK
    assert logged.head().size == size
    assert len(logged.keeper().run(NOON + 12 * DAY_SECONDS, most=20).made) == 9
    logged.checked()


def test_a_leaf_for_a_day_with_a_batch_is_late_and_a_known_one_is_known(logged: Logged) -> None:
    hashed = logged.act(1, DAY)
    with db.writing(logged.engine) as conn:
        assert log.add_pending(conn, hashed, b"x", DAY, 2) is log.LeafOutcome.KNOWN
    logged.keeper().run(NOON + DAY_SECONDS)
    with db.writing(logged.engine) as conn:
        assert log.add_pending(conn, bytes(32), b"x", DAY, 2) is log.LeafOutcome.LATE
        assert log.add_pending(conn, hashed, b"x", DAY + timedelta(days=1), 2) is log.LeafOutcome.KNOWN


def test_a_card_that_comes_later_has_tags_from_the_next_day_without_acts_on(logged: Logged) -> None:
    """Acts before 03:00 go by the list of that moment, and all leaves of one day have one length."""
    logged.enrol(logged.people[2])
    logged.act(1, DAY)
    next_day = DAY + timedelta(days=1)
    logged.act(2, next_day)  # between midnight and 03:00
    logged.keeper().run(NOON + DAY_SECONDS)
    logged.act(3, next_day)
    logged.keeper().run(NOON + 2 * DAY_SECONDS)
    logged.keeper().run(NOON + 3 * DAY_SECONDS)
    _, *days = logged.checked()
    assert [plainleaf.word_of(leaf) for leaf in days[0].plain] == ["card"]
    assert [len(logleaf.tags_of(day.hidden[0])) for day in days] == [2, 2, 3]


def test_cards_before_the_first_day_are_in_the_log_at_once(logged: Logged) -> None:
    logged.enrol(logged.people[2])
    logged.keeper().run(NOON + 60)
    (founding,) = logged.checked()
    words = [plainleaf.word_of(leaf) for leaf in founding.plain[5:]]
    assert words == ["card", "list"] and logged.head().list_length == 3
    assert plainleaf.named_list(founding.plain[-1]) == logged.roster().listing.prefix().digest


def test_a_card_after_the_first_report_is_sealed_to_from_the_next_batch_on(logged: Logged) -> None:
    logged.act(0, DAY)
    late = logged.people[2].card
    logged.enrol(logged.people[2])
    logged.keeper().run(NOON + 60)
    roster = logged.roster()
    assert late.key_id not in roster.sealed_to and roster.waiting == (late,)
    assert roster.is_active(late.key_id), "its desk may ask"
    logged.keeper().run(NOON + DAY_SECONDS)
    assert late.key_id in logged.roster().sealed_to and not logged.roster().waiting


def test_a_card_without_which_nobody_is_left_does_not_wait(logged: Logged) -> None:
    """Also where an act waits for the night: a site that takes no report is worse."""
    logged.act(0, DAY)
    founder, second = (person.identity for person in logged.people[:2])
    late = newcomer(founder, duty="lead")
    logged.enrol(late)
    logged.retire(second.key_id, late.identity)
    assert logged.roster().sealed_to == {founder.key_id}, "retirements count at once"
    logged.keeper().run(NOON + 60)
    assert logged.roster().sealed_to == {founder.key_id}
    logged.retire(founder.key_id, late.identity)
    assert not logged.roster().sealed_to
    logged.keeper().run(NOON + 90)
    assert logged.roster().sealed_to == {late.card.key_id}
    logged.keeper().run(NOON + DAY_SECONDS)
    *_before, batch = logged.checked()
    assert {len(leaf) for leaf in batch.hidden} == {logleaf.length(2)}, "the tags of the first act's list"


def test_the_first_run_of_a_server_has_its_cards_in_the_log(engine: Engine, tmp_path: Path) -> None:
    """As `init` leaves a site: the log begun without a card. A report between two runs had no tags."""
    path, people = tmp_path / "server.secret", make_auditors(2)
    secrets = create_secrets(path)
    with db.writing(engine) as conn:
        store_site.create(conn, SALT, public_key(secrets.sign_seed))
        begin_log(conn, path)
    pin_first_card(path, people[0].card.key_id)
    made = Logged(engine, path, people, logbatch.log_verifier(SALT, secrets.sign_seed))
    for person in people:
        made.enrol(person)
    assert made.keeper().run(NOON).state is LogCondition.CURRENT
    made.checked()
    assert made.head().list_length == 2 and made.head().published == made.head().size


def test_what_pages_are_served_is_a_leaf_when_it_changed(logged: Logged) -> None:
    for number, raw in enumerate((b"one", b"one", b"two")):
        release = logbatch.release_leaf([("page.js", raw)])
        logged.keeper(release=release).run(NOON + (number + 1) * DAY_SECONDS)
    _, *days = logged.checked()
    assert [[plainleaf.word_of(leaf) for leaf in day.plain] for day in days] == [["release"], [], ["release"]]


# What goes wrong

STEPS = ("planned", "written", "committed", "signed", "noted", "published")


@pytest.mark.parametrize("last", STEPS)
def test_killed_at_each_step_there_is_one_batch_and_every_promise_is_kept(logged: Logged, last: str) -> None:
    promised = [logged.act(number, DAY) for number in range(3)]
    url = logged.engine.url
    logged.engine.dispose()
    child = os.fork()
    if not child:  # its own engine, as each worker has

        def die(step: str) -> None:
            if step == last:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            LogKeeper(db.make_engine(url), logged.path, step=die).run(NOON + DAY_SECONDS)
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with db.reading(logged.engine) as conn:
        before = log.leaves(conn, 0, 1000)
    logged.keeper().run(NOON + DAY_SECONDS)
    founding, batch = logged.checked()
    assert logged.leaves()[: len(before)] == before, "what was committed stays"
    assert days_of([batch]) == [DAY]
    assert {tlog.leaf_hash(leaf) for leaf in batch.hidden} >= set(promised)


def test_two_servers_at_three_make_one_batch(logged: Logged) -> None:
    promised = [logged.act(number, DAY) for number in range(3)]
    engines = [db.make_engine(logged.engine.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda engine: LogKeeper(engine, logged.path).run(NOON + DAY_SECONDS), engines))
    for engine in engines:
        engine.dispose()
    assert [made for run in runs for made in run.made] == [DAY]
    assert {tlog.leaf_hash(leaf) for leaf in logged.checked()[1].hidden} >= set(promised)


def test_the_head_grows_in_place_of_the_old_one_only(logged: Logged) -> None:
    old = logged.head()
    rows = [(bytes([1]) * 32, b"one")]
    new = log.HeadRow(old.size + 1, bytes(32), old.hidden, old.day, old.list_length)
    with db.writing(logged.engine) as conn:
        assert log.grow(conn, old, new, rows, None)
        assert not log.grow(conn, old, new, [(bytes([2]) * 32, b"two")], None)
        log.publish(conn, old.size - 1, "older")
        log.publish(conn, old.size + 2, "of leaves that are not there")
    assert logged.head().note == old.note and len(logged.leaves()) == old.size + 1


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_older_database_signs_nothing(logged: Logged, tmp_path: Path) -> None:
    """A backup put back: the log would fork, and every witness refuse it for ever."""
    kept = tmp_path / "kept.db"
    from store.backup import backup, restore

    backup(logged.engine, kept)
    logged.keeper().run(NOON + DAY_SECONDS)
    from tests.support.tables import with_tables

    (tmp_path / "again.db").touch()
    (tmp_path / "again.db").unlink()
    with_tables(f"sqlite:///{tmp_path}/again.db")
    engine = db.make_engine(f"sqlite:///{tmp_path}/again.db")
    restore(kept, engine)
    keeper = LogKeeper(engine, logged.path)
    before = head_path(logged.path).read_bytes()
    assert keeper.run(NOON + 2 * DAY_SECONDS).state is LogCondition.AHEAD
    assert head_path(logged.path).read_bytes() == before
    with db.reading(engine) as conn:
        state = log.head(conn)
        assert state is not None and state.size < logged.head().size and state.note != logged.head().note
    engine.dispose()


def test_a_changed_leaf_stops_the_signing(logged: Logged) -> None:
    logged.keeper().run(NOON + DAY_SECONDS)
    note_before = logged.head().note
    with db.writing(logged.engine) as conn:
        raw = conn.scalar(select(t.log_leaf.c.raw).where(t.log_leaf.c.index == 9)) or b""
        flipped = bytes([raw[0] ^ 1]) + raw[1:]
        conn.execute(update(t.log_leaf).where(t.log_leaf.c.index == 9).values(raw=flipped))
    assert logged.keeper().run(NOON + 2 * DAY_SECONDS).state is LogCondition.DAMAGED
    assert logged.head().note == note_before


def test_another_log_than_the_signed_one_goes_not_on(logged: Logged) -> None:
    path = head_path(logged.path)
    write_head_file(path, 2, bytes(32))
    assert logged.keeper().run(NOON + DAY_SECONDS).state is LogCondition.FORKED
    path.write_text("nothing of ours", encoding="ascii")
    with pytest.raises(LogHeadDamaged):
        logged.keeper().run(NOON + DAY_SECONDS)
    with db.reading(logged.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(t.log_batch)) == 0
