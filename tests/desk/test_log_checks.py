"""What a desk finds in a batch of the log: each fault alone, and none where everything fits (log.md 8, statement 4)."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from nacl.bindings import crypto_box_seed_keypair

from admin.desk.casework.log_checks import (
    LogAlert,
    LogFault,
    LoggedCase,
    LoggedEnvelope,
    age_alerts,
    check_acts,
    check_batch,
    gaps,
)
from crypto.logleaf import Reader, deletion_opening, dummy, envelope_opening, make, status_opening
from crypto.plainleaf import DayLeaf
from crypto.tlog import leaf_hash
from tests.support.trials import trials

DAY = date(2026, 11, 26)
LIST = sha256(b"list").digest()


@dataclass
class Batches:
    """A day of a site with three readers; the first is this desk."""

    keys: list[tuple[bytes, bytes]] = field(
        default_factory=lambda: [crypto_box_seed_keypair(secrets.token_bytes(32)) for _ in range(3)]
    )
    leaves: list[bytes] = field(default_factory=list)
    sent: list[LoggedEnvelope] = field(default_factory=list)

    @property
    def readers(self) -> list[Reader]:
        return [Reader(bytes([place]) * 16, pk) for place, (pk, _sk) in enumerate(self.keys)]

    def report(
        self, opens: bool = True, has_key: bool = True, kind: str = "report"
    ) -> tuple[bytes, LoggedEnvelope]:
        """Send a report with its leaf; return its log key and what the feed shows."""
        key, case_id, raw = os.urandom(32), os.urandom(16), os.urandom(100)
        opening = envelope_opening(kind, case_id, raw, os.urandom(32))
        self.leaves.append(make(key, opening, self.readers))
        keys = ((key,) if has_key else ()) if opens else None
        shown = LoggedEnvelope(case_id, sha256(raw).digest(), keys)
        self.sent.append(shown)
        return key, shown

    def check(
        self, who: int = 0, acts: tuple[bytes, ...] = (), explained: int = 0, roster: bytes = LIST
    ) -> list[LogAlert]:
        hidden = [*self.leaves, *(dummy(3) for _ in range(-len(self.leaves) % 16))]
        secrets.SystemRandom().shuffle(hidden)
        day = DayLeaf(DAY, 5, 0, len(hidden), roster, bytes(32))
        pk, sk = self.keys[who]
        return check_batch(day, hidden, self.sent, acts, (sk, pk), {LIST}, explained)


def faults(alerts: list[LogAlert]) -> list[tuple[str, int]]:
    return [(alert.fault.value, alert.count) for alert in alerts]


def test_a_day_on_which_everything_fits_says_nothing_to_any_desk() -> None:
    batches = Batches()
    for opens in (True, False, True):
        batches.report(opens)
    batches.report(kind="message")
    batches.leaves.append(
        make(os.urandom(32), status_opening(bytes(16), 1, "investigating", bytes(16), b"x"), batches.readers)
    )
    assert [batches.check(who) for who in range(3)] == [[], [], []]
    assert Batches().check() == []


def test_a_report_that_is_withheld_is_noticed_by_every_desk() -> None:
    batches = Batches()
    _key, withheld = batches.report()
    batches.report(opens=False)
    batches.sent.remove(withheld)
    assert [faults(batches.check(who)) for who in range(3)] == [[("withheld", 1)]] * 3


def test_an_envelope_in_the_place_of_another_is_noticed() -> None:
    batches = Batches()
    _key, withheld = batches.report()
    batches.sent[0] = LoggedEnvelope(withheld.case_id, os.urandom(32), None)
    assert faults(batches.check()) == [("unfit", 1)]
    # One that opens and names another case's key belongs to no leaf: the report counts as withheld.
    batches.sent[0] = LoggedEnvelope(os.urandom(16), os.urandom(32), (os.urandom(32),))
    assert faults(batches.check()) == [("left_out", 1), ("withheld", 1)]


def test_an_envelope_of_the_same_case_in_its_place_is_named() -> None:
    batches = Batches()
    key, withheld = batches.report()
    batches.sent[0] = LoggedEnvelope(withheld.case_id, os.urandom(32), (key,))
    (alert,) = batches.check()
    assert (alert.fault, alert.cases) == (LogFault.EXCHANGED, (withheld.case_id,))


@pytest.mark.parametrize("count", [1, 3])
def test_spoiled_reports_make_no_room_for_withheld_ones(count: int) -> None:
    batches = Batches()
    for _ in range(count):
        batches.sent.remove(batches.report()[1])
    for _ in range(
        count
    ):  # sent by the server itself: they open, and have a leaf without tags, another, or none
        key, shown = batches.report()
        leaf = batches.leaves.pop()
        batches.leaves.append(leaf[:320] + os.urandom(48))
    assert faults(batches.check()) == [("spoiled", count), ("withheld", count)]
    batches.sent = [LoggedEnvelope(shown.case_id, shown.sha256, ()) for shown in batches.sent]
    assert faults(batches.check()) == [("withheld", count)]
    # Such that nobody can open are what cannot be told apart, and are never passed over.
    batches.sent = [LoggedEnvelope(shown.case_id, shown.sha256, None) for shown in batches.sent]
    assert faults(batches.check()) == [("unfit", count)]


def test_a_second_half_of_a_tag_that_fits_nothing_is_its_senders() -> None:
    batches = Batches()
    batches.report()
    leaf = batches.leaves.pop()
    batches.leaves.append(
        leaf[:328] + bytes(8) + leaf[336:]
    )  # the first desk's tag: the bell rings, nothing fits
    assert faults(batches.check(0)) == [("spoiled", 1)]
    assert batches.check(1) == []


def test_a_report_without_a_leaf_is_said_where_its_page_makes_one() -> None:
    batches = Batches()
    batches.report()
    batches.report(has_key=False)
    batches.leaves.clear()
    assert faults(batches.check()) == [("left_out", 1)]


def test_deleted_cases_explain_no_more_than_there_were() -> None:
    batches = Batches()
    for _ in range(3):
        batches.report()
    batches.sent.clear()
    assert faults(batches.check(explained=2)) == [("withheld", 1), ("unexplained", 2)]


def test_no_dummy_carries_a_tag() -> None:
    batches = Batches()
    for _ in range(trials(2_000, 100_000)):
        batches.leaves.append(dummy(3))
    assert batches.check() == []


def test_own_acts_and_the_list() -> None:
    batches = Batches()
    batches.report()
    there, gone = leaf_hash(batches.leaves[0]), sha256(b"gone").digest()
    assert batches.check(acts=(there,)) == []
    assert faults(batches.check(acts=(there, gone))) == [("act_missing", 1)]
    assert faults(batches.check(roster=bytes(32))) == [("list_changed", 1)]


def test_the_age_of_the_newest_batch() -> None:
    today = DAY + timedelta(days=1)
    assert age_alerts(DAY, DAY, today) == [] and age_alerts(None, today, today) == []
    assert age_alerts(DAY, DAY, today + timedelta(days=1)) == []
    assert [alert.fault for alert in age_alerts(DAY, DAY, today + timedelta(days=2))] == [LogFault.STALE]
    assert [alert.fault for alert in age_alerts(None, DAY, DAY + timedelta(days=3))] == [LogFault.STALE]
    assert [alert.fault for alert in age_alerts(DAY, DAY, DAY)] == [LogFault.EARLY]
    assert gaps([]) == []


@pytest.mark.parametrize("kind", ["answer", "status", "deletion"])
def test_an_act_that_the_feed_does_not_show_so_is_named(kind: str) -> None:
    key, case_id, signed = os.urandom(32), os.urandom(16), os.urandom(200)
    opening = {
        "answer": envelope_opening("answer", case_id, signed, bytes(16)),
        "status": status_opening(case_id, 1, "investigating", bytes(16), signed),
        "deletion": deletion_opening(case_id, signed),
    }[kind]
    hidden = [dummy(3), make(key, opening, Batches().readers)]
    digest = sha256(signed).hexdigest()
    shown = LoggedCase(case_id, (os.urandom(32), key), frozenset({digest}))
    assert check_acts(DAY, hidden, [shown]) == []
    changed = replace(shown, acts=frozenset({sha256(b"another").hexdigest()}))
    assert check_acts(DAY, hidden, [changed]) == [LogAlert(LogFault.ACT_WITHHELD, DAY, 1, (case_id,))]
    assert check_acts(DAY, hidden, [replace(changed, log_keys=(os.urandom(32),))]) == [], "another case's"
