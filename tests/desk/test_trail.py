"""From a case to the one before and after it in the list that it was opened from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from admin.desk.local.inbox_query import Wanted
from admin.desk.web.trail import KEPT, STEP, Neighbours, Trail

ALL = Wanted(view="all")


def case(number: int) -> bytes:
    return number.to_bytes(16, "big")


def nothing_more(wanted: Wanted, limit: int, start: int) -> list[bytes]:
    raise AssertionError("asked for more of a list that ends")


@given(st.integers(1, 4 * STEP), st.data())
def test_walking_a_list_meets_every_case_once_in_its_order(total: int, data: st.DataObject) -> None:
    """From any page of it, forwards to its end and back to its beginning."""
    ids = [case(number) for number in range(total)]

    def more(wanted: Wanted, limit: int, start: int) -> list[bytes]:
        assert wanted == ALL and start >= 0
        return ids[start : start + limit]

    start = data.draw(st.integers(0, (total - 1) // STEP)) * STEP
    trail = Trail()
    trail.showed(ids[start : start + STEP], ALL, start)
    at, walked = ids[start], [ids[start]]
    while (after := trail.neighbours(at, more).after) is not None:
        walked.append(at := after)
    assert walked == ids[start:]
    back = [at]
    while (before := trail.neighbours(at, more).before) is not None:
        back.append(at := before)
    assert back == ids[::-1]


def test_a_case_that_moved_keeps_its_place() -> None:
    trail = Trail()
    trail.showed([case(1), case(2), case(3)], ALL)
    # Meanwhile the first one went to the end of what the local copy has.
    moved = [case(2), case(3), case(1)]
    assert trail.neighbours(case(1), lambda *_: moved) == Neighbours(None, case(2))
    assert trail.neighbours(case(3), lambda _wanted, limit, start: moved[start : start + limit]).after is None


def test_a_second_list_does_not_take_the_first_ones_place() -> None:
    trail = Trail()
    trail.showed([case(1), case(2)])
    trail.showed([case(8), case(9)])
    assert trail.neighbours(case(1), nothing_more) == Neighbours(None, case(2))
    assert trail.neighbours(case(9), nothing_more) == Neighbours(case(8), None)
    trail.showed([case(2), case(9)])
    assert trail.neighbours(case(9), nothing_more).before == case(2)
    for number in range(KEPT):
        trail.showed([case(100 + number)])
    assert trail.neighbours(case(1), nothing_more) == Neighbours()


def test_what_is_forgotten_leads_nowhere() -> None:
    trail = Trail()
    trail.showed([])
    trail.showed([case(1), case(2)])
    trail.forget()
    assert trail.neighbours(case(1), nothing_more) == Neighbours()
