"""The log at desks that don't read every case: a guest's, and that of a person who was taken off a case."""

from __future__ import annotations

from admin.desk.web.context import desk_of
from crypto.seal import grant
from tests.desk.browser import Browser
from tests.desk.test_access import agree, guest, look, person, propose
from tests.desk.test_log import alerts, leaf_of, logged, next_day, put_leaf, report, state
from tests.desk.world import Sent, World

__all__ = ["logged"]


def message(world: World, sent: Sent) -> None:
    """Send a message as a page does that makes leaves."""
    put_leaf(world, leaf_of(world, sent, world.from_reporter(sent, {"message": "続き"}), "message"))


def test_a_guests_desk_is_a_witness_and_raises_no_false_alarm(logged: World) -> None:
    number = guest(logged)
    next_day(logged)
    sent, _other = report(logged), report(logged)
    browsers = [Browser(logged.desk(who)) for who in (0, 1, number)]
    next_day(logged)
    assert [alerts(browser) for browser in browsers[:2]] == [[], []]
    lead, second = (desk_of(browser.app).work() for browser in browsers[:2])
    propose(lead, sent, "given", logged.auditors[number].card.key_id)
    agree(second, sent)
    assert look(desk_of(browsers[2].app).work(), sent)[1].is_open
    message(logged, sent)
    next_day(logged)
    for browser in browsers:
        assert alerts(browser) == [], desk_of(browser.app).work().identity.key_id
        assert state(browser).cosigned == state(browser).size


def test_the_desk_of_somebody_who_was_taken_off_raises_no_false_alarm(logged: World) -> None:
    sent, browsers = report(logged), [Browser(logged.desk(who)) for who in range(3)]
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[]] * 3
    lead, second, third = (desk_of(browser.app).work() for browser in browsers)
    propose(lead, sent, "off", person(logged, 2))
    agree(second, sent)
    assert look(third, sent)[1].left
    message(logged, sent)
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[]] * 3


def test_a_new_auditors_desk_raises_no_false_alarm_for_what_came_before(logged: World) -> None:
    sent, lead = report(logged), Browser(logged.desk())
    next_day(logged)
    assert alerts(lead) == []
    newcomer = logged.newcomer(0)
    logged.enroll(newcomer.card)
    logged.auditors.append(newcomer)
    message(logged, sent)  # of before the newcomer's card is in the log
    next_day(logged)
    assert alerts(lead) == []
    work = desk_of(lead.app).work()
    case = look(work, sent)[1]
    assert case.content_key is not None and case.line.report_id is not None
    work.session(logged.salt).add_grants(
        [(case.line.report_id, newcomer.card.key_id, grant(case.content_key, newcomer.card.box_pk))]
    )
    message(logged, sent)
    next_day(logged)
    browser = Browser(logged.desk(3))
    assert alerts(browser) == alerts(lead) == []
    assert look(desk_of(browser.app).work(), sent)[1].is_open
    # The control: tags that are spoiled are said at every desk, and hidden by no list.
    spoiled = report(logged, leaf=False)
    leaf = leaf_of(logged, spoiled, spoiled.envelope_id, "report")
    put_leaf(logged, leaf[:320] + bytes(len(leaf) - 320))
    next_day(logged)
    assert alerts(browser) == alerts(lead) == [("spoiled", 1)]
