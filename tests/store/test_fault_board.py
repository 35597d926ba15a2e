"""Faults are counted by kind and by hours that are over, for all processes of a server."""

from __future__ import annotations

import os

import pytest

from store.database_faults import StoreFailed
from store.fault_board import HOUR_SECONDS, KINDS, FaultBoard, kind_of
from store.health import WriteHealth


class Clock:
    """A time that a test moves."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


NONE = dict.fromkeys(KINDS, 0)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SQLITE_FULL", "disk_full"),
        ("53100", "disk_full"),
        ("SQLITE_CORRUPT_INDEX", "damaged"),
        ("SQLITE_IOERR_WRITE", "disk"),
        ("25006", "read_only"),
        ("55P03", "busy"),
        ("unreachable", "unreachable"),
        ("57P01", "unreachable"),
        ("08006", "unreachable"),
        ("42601", "other"),
        ("unknown", "other"),
    ],
)
def test_kinds_of_codes(code: str, kind: str) -> None:
    assert kind_of(code) == kind


def test_an_hour_counts_once_and_when_it_is_over() -> None:
    clock = Clock()
    board = FaultBoard(clock)
    for _ in range(5):
        board.count("SQLITE_FULL")
        assert board.hours() == NONE
        clock.now += 60
    clock.now += HOUR_SECONDS
    assert board.hours() == NONE | {"disk_full": 1}
    board.count("SQLITE_FULL")
    board.count("SQLITE_BUSY")
    assert board.hours() == NONE | {"disk_full": 1}
    clock.now += HOUR_SECONDS
    assert board.hours() == NONE | {"disk_full": 2, "busy": 1}


def test_forked_processes_share_it() -> None:
    clock = Clock()
    board = FaultBoard(clock)
    child = os.fork()
    if not child:
        board.count("SQLITE_FULL")
        os._exit(0)
    os.waitpid(child, 0)
    clock.now += HOUR_SECONDS
    assert board.hours() == NONE | {"disk_full": 1}


def test_what_a_visitor_causes_is_not_counted() -> None:
    """Content that was refused, and faults that have no code: those of an act that came in between, for one."""
    clock = Clock()
    health = WriteHealth(True)
    health.board = board = FaultBoard(clock)
    for fault in (
        StoreFailed("x", is_content=True, code="23505"),
        StoreFailed("the day's batch was made already"),
    ):
        with pytest.raises(StoreFailed), health.write():
            raise fault
    clock.now += HOUR_SECONDS
    assert board.hours() == NONE
    with pytest.raises(StoreFailed), health.write():
        raise StoreFailed("x", code="SQLITE_FULL")
    clock.now += HOUR_SECONDS
    assert board.hours() == NONE | {"disk_full": 1}
