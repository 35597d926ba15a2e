"""Access per case at the desks: a lead alone, two, an excluded person, a guest, each tried against each act."""

from __future__ import annotations

import secrets

import pytest

from admin.desk.casework.access import new_change, proposals, why_not
from admin.desk.casework.handover import Handover, HandoverCases
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import AccessRefused, CannotReply, DoesNotCount, Situation
from admin.desk.casework.work import Work
from admin.desk.local.inbox_query import Wanted
from admin.desk.server.client import ServerRefusal
from admin.desk.web.context import desk_of
from cases.records import make
from crypto import access, messages, seal
from crypto.access import AccessChange
from crypto.envelope import Kind
from crypto.listing import readers_field
from store import db, reports
from tests.desk.world import Sent, World


def work(world: World, who: int) -> Work:
    return desk_of(world.desk(who)).work()


def look(at: Work, sent: Sent) -> tuple[Situation, OpenedCase]:
    now = at.refresh()
    case = at.case(now, sent.case_id)
    assert case is not None
    return now, case


def person(world: World, who: int) -> bytes:
    return world.auditors[who].card.person


def propose(at: Work, sent: Sent, what: str, target: bytes) -> None:
    at.propose_access(*look(at, sent), secrets.token_bytes(16), what, target, "利害関係があるため")


def agree(at: Work, sent: Sent) -> None:
    now, case = look(at, sent)
    (proposal,) = proposals(case, now.roster)
    at.agree_access(now, case, secrets.token_bytes(16), proposal, "担当者を変更しました。")


def guest(world: World, by: int = 0) -> int:
    made = world.newcomer(by, duty="guest")
    world.enroll(made.card)
    world.auditors.append(made)
    return len(world.auditors) - 1


def given(world: World, sent: Sent) -> tuple[Work, Work, Work, int]:
    """Give a case to a new guest; return the work of lead, second auditor and guest, and who the guest is."""
    lead, second = work(world, 0), work(world, 1)
    at = work(world, who := guest(world))
    propose(lead, sent, "given", world.auditors[who].card.key_id)
    agree(second, sent)
    return lead, second, at, who


def changed(at: Work, sent: Sent, what: str, target: bytes) -> tuple[list[bytes], tuple[bytes, ...]]:
    """Return who is off a case, and to which keys it was given, as a desk sees it."""
    access = look(at, sent)[1].access
    return sorted(access.off), access.given


def test_two_take_an_auditor_off_and_the_desk_lets_go(world: World) -> None:
    sent = world.report(what_happened="名簿が流出した")
    lead, second, third = (work(world, who) for who in range(3))
    assert look(third, sent)[1].is_open
    propose(lead, sent, "off", person(world, 2))
    assert not any(entry.opened for entry in look(third, sent)[1].entries), "the proposal is not for them"
    agree(second, sent)
    now, case = look(lead, sent)
    assert sorted(case.access.off) == [person(world, 2)] and case.unheard == {person(world, 2)}
    assert world.auditors[2].card.key_id in case.out(now.roster) and not proposals(case, now.roster)
    left = look(third, sent)[1]
    assert left.left and left.report is None
    told = third.left.removal(sent.case_id)
    assert told is not None and set(told[1]) == {person(world, 0), person(world, 1)}
    # What comes next does not open for them, and what they sign is unverified.
    lead.reply(*look(lead, sent), secrets.token_bytes(16), "調べています。")
    assert look(third, sent)[1].left
    with pytest.raises(CannotReply):
        third.reply(*look(third, sent), secrets.token_bytes(16), "私です。")


def test_the_case_says_so_until_the_reporters_page_has_the_removal(world: World) -> None:
    sent = world.report()
    lead, second = work(world, 0), work(world, 1)
    propose(lead, sent, "off", person(world, 2))
    agree(second, sent)
    world.from_reporter(sent, {"message": "まだ見ていません"})
    case = look(lead, sent)[1]
    assert case.unheard == {person(world, 2)}
    removal = case.access.counted[0].envelope_id
    head = world.reporter_sees(sent).head
    assert head.access.off.keys() == {person(world, 2)} and world.auditors[2].card.key_id in head.out
    world.from_reporter(sent, {"message": "見ました"}, seen=[removal])
    assert look(lead, sent)[1].unheard == frozenset()


def test_a_guest_is_given_one_case_reads_all_of_it_and_writes_notes(world: World) -> None:
    sent, other = world.report(what_happened="この件"), world.report(what_happened="別の件")
    lead, second = work(world, 0), work(world, 1)
    lead.add_record(*look(lead, sent), secrets.token_bytes(16), make("note", text="最初のメモ"))
    at = work(world, who := guest(world))
    assert at.case(at.refresh(), sent.case_id) is None and at.cache.cursor() == 0
    propose(lead, sent, "given", world.auditors[who].card.key_id)
    agree(second, sent)
    now, case = look(at, sent)
    assert case.is_open and case.state.notes[0].record["text"] == "最初のメモ"
    assert at.case(now, other.case_id) is None
    at.add_record(now, case, secrets.token_bytes(16), make("note", text="弁護士の見解"))
    assert [note.record["text"] for note in look(lead, sent)[1].state.notes] == ["最初のメモ", "弁護士の見解"]
    assert look(at, sent)[1].state.notes[1].person == person(world, who)
    # What comes later is granted by whichever desk reads it next.
    world.from_reporter(sent, {"message": "続きです"})
    look(lead, sent)
    lead.catch_up(lead.refresh())
    assert [entry.message for entry in look(at, sent)[1].entries if entry.opened][-1] == "続きです"


def test_a_case_from_before_the_guest_is_no_fault_at_the_guests_desk(world: World) -> None:
    """The guest's desk knew a longer list when the old report came to it: it was given, and not sealed late."""
    sent = world.report()
    at = work(world, who := guest(world))
    world.enroll(world.newcomer(0).card)
    assert at.case(at.refresh(), sent.case_id) is None
    propose(work(world, 0), sent, "given", world.auditors[who].card.key_id)
    agree(work(world, 1), sent)
    assert look(at, sent)[1].list_faults == ()


def test_a_proposal_leaves_nothing_on_the_page_of_the_guest_whom_it_is_about(world: World) -> None:
    sent = world.report()
    lead, second, at, who = given(world, sent)
    before = [entry.envelope_id for entry in look(at, sent)[1].shown]
    propose(lead, sent, "off", person(world, who))
    look(second, sent)
    second.catch_up(second.refresh())
    case = look(at, sent)[1]
    assert [entry.envelope_id for entry in case.shown] == before and all(entry.opened for entry in case.shown)


def test_a_guest_does_nothing_else(world: World) -> None:
    sent = world.report()
    lead, second, at, who = given(world, sent)
    for record in (make("owner", person=""), make("severity", severity="high")):
        with pytest.raises(DoesNotCount) as refused:
            at.add_record(*look(at, sent), secrets.token_bytes(16), record)
        assert refused.value.reason == "guest"
    with pytest.raises(ServerRefusal):
        at.reply(*look(at, sent), secrets.token_bytes(16), "ご連絡します。")
    with pytest.raises(ServerRefusal):
        at.set_status(*look(at, sent), 1, "acknowledged")
    for what, target in (("off", person(world, 2)), ("given", world.auditors[who].card.key_id)):
        with pytest.raises(AccessRefused):
            propose(at, sent, what, target)
    propose(lead, sent, "off", person(world, 2))
    look(second, sent)
    second.catch_up(second.refresh())
    with pytest.raises(AccessRefused) as refusal:
        agree(at, sent)
    assert refusal.value.reason == "AccessNoReader"


def test_a_guest_who_is_taken_off_gets_nothing_more(world: World) -> None:
    sent = world.report()
    lead, second, at, who = given(world, sent)
    assert look(at, sent)[1].is_open
    propose(second, sent, "off", person(world, who))
    agree(lead, sent)
    assert look(lead, sent)[1].access.given == ()
    world.from_reporter(sent, {"message": "続きです"})
    for each in (lead, second):
        look(each, sent)
        each.catch_up(each.refresh())
    assert look(at, sent)[1].left


def test_a_lead_alone_changes_nothing(world: World) -> None:
    sent = world.report()
    lead = work(world, 0)
    propose(lead, sent, "off", person(world, 2))
    with pytest.raises(AccessRefused) as refused:
        agree(lead, sent)
    assert refused.value.reason == "AccessAlone"
    # Nor with a puppet that the lead brought in, under a new name or a colleague's.
    for made in (world.newcomer(0), world.another_key(1, 0)):
        world.enroll(made.card)
        now, case = look(lead, sent)
        (proposal,) = proposals(case, now.roster)
        assert why_not(case, now.roster, proposal.change, made.card.key_id) == "AccessNoReader"
        mine = new_change(case, now.roster, "off", person(world, 2), made.identity)
        assert why_not(case, now.roster, mine, lead.identity.key_id) == "AccessNoReader"
    assert look(lead, sent)[1].access.off == {}


def written(world: World, sent: Sent, author: int, change: AccessChange, length: int) -> None:
    """Write an answer with a change into the store, sealed by the list of before: the server helps."""
    who, envelope_id = world.auditors[author].identity, secrets.token_bytes(16)
    keys = [card for card in world.listing.cards if card.key_id in world.listing.readers(length)]
    slots = [seal.Recipient(card.key_id, card.box_pk) for card in keys]
    readers = readers_field(world.listing.prefix(length), [slot.key_id for slot in slots])
    body = {"message": "担当者を変更しました。", "access": change.fields()}
    payload = messages.auditor_payload(
        Kind.TO_REPORTER, who.key_id, sent.case_id, envelope_id, body, [], who.sign_seed, readers, 1
    )
    sealed = seal.seal(Kind.TO_REPORTER, envelope_id, payload, slots)
    act = messages.sign(seal.act_seed(sent.content_key), messages.act_text(sent.case_id, sealed.raw))
    mailbox = sent.receipt.mailbox_key_id
    granted = [(mailbox, mailbox, seal.grant(sealed.content_key, sent.receipt.mailbox_pk))]
    new = reports.NewMessage(sent.case_id, envelope_id, Kind.TO_REPORTER, sealed.raw, world.day, granted, act)
    with db.writing(world.engine) as conn:
        assert reports.add_message(conn, new) is reports.Outcome.STORED


def test_two_whose_keys_were_retired_take_nobody_off_with_the_servers_help(world: World) -> None:
    """They name the list of before their retirement; a desk that knew of it before their answer came counts nothing."""
    made = world.newcomer(0, duty="lead")
    world.enroll(made.card)
    world.auditors.append(made)
    sent, before = world.report(), len(world.listing)
    for who in (0, 1):
        world.retire(who, by=3)
    third = work(world, 2)
    assert look(third, sent)[1].is_open
    lead = world.auditors[0].identity
    change = access.propose(sent.case_id, "off", person(world, 2), 1, lead.key_id, lead.sign_seed)
    written(world, sent, 1, change, before)
    case = look(third, sent)[1]
    assert case.is_open and case.access.off == {} and case.list_faults == ("SlotsUnfit",)
    assert case.access.next_number(person(world, 2)) == 2
    run = Handover(third.identity, third.server, third.cache, third.refresh().roster, made.card)
    handed = HandoverCases(run, closed=False).open(sent.case_id)
    assert handed is not None and handed.access.off == {}
    # The control, and what is left: the page and a new desk can't know what came first.
    assert world.reporter_sees(sent).head.access.off.keys() == {person(world, 2)}
    new = desk_of(world.desk(2, copy="-new")).work()
    assert look(new, sent)[1].left


def test_two_auditors_without_a_lead_change_nothing(world: World) -> None:
    sent = world.report()
    with pytest.raises(AccessRefused) as refused:
        propose(work(world, 1), sent, "off", person(world, 0))
    assert refused.value.reason == "AccessNoLead"


def test_the_other_two_stay_a_lead_removes_the_only_other_one_in_no_case(world: World) -> None:
    sent = world.report()
    lead, second = work(world, 0), work(world, 1)
    propose(lead, sent, "off", person(world, 2))
    agree(second, sent)
    with pytest.raises(AccessRefused):
        propose(lead, sent, "off", person(world, 1))


def test_who_was_excluded_decides_nothing_and_is_given_nothing(world: World) -> None:
    sent = world.report(exclude=[person(world, 2)])
    lead = work(world, 0)
    with pytest.raises(AccessRefused) as refused:
        propose(lead, sent, "given", world.auditors[2].card.key_id)
    assert refused.value.reason == "AccessExcluded"
    out = work(world, 2)
    assert out.case(out.refresh(), sent.case_id) is None
    now, case = look(lead, sent)
    for what, target in (("off", person(world, 1)), ("given", world.auditors[1].card.key_id)):
        mine = new_change(case, now.roster, what, target, out.identity)
        assert why_not(case, now.roster, mine, lead.identity.key_id) == "AccessNoReader"


def test_a_guest_of_the_lead_who_was_excluded_is_given_nothing(world: World) -> None:
    world.promote(1)
    who = guest(world, by=1)
    sent = world.report(exclude=[person(world, 1)])
    with pytest.raises(AccessRefused) as refused:
        propose(work(world, 0), sent, "given", world.auditors[who].card.key_id)
    assert refused.value.reason == "AccessExcluded"


def test_two_who_collude_leave_two_and_are_on_record(world: World) -> None:
    """What the two may decide they can decide wrongly; the third and the reporter see it."""
    sent = world.report()
    lead, second = work(world, 0), work(world, 1)
    propose(second, sent, "off", person(world, 2))
    agree(lead, sent)
    conversation = world.reporter_sees(sent)
    (counted,) = conversation.head.access.counted
    assert {counted.author, counted.change.proposer} == {
        world.auditors[0].card.key_id,
        world.auditors[1].card.key_id,
    }
    # They bring in a guest whom the reporter excludes at the next look: nothing more is granted.
    who = guest(world)
    propose(lead, sent, "given", world.auditors[who].card.key_id)
    agree(second, sent)
    world.from_reporter(sent, {"exclude": [person(world, who).hex()], "what_happened": "続き"}, number=2)
    assert look(lead, sent)[1].given_to(lead.refresh().roster) == ()


def test_a_proposal_is_taken_back_and_an_auditor_comes_back(world: World) -> None:
    sent = world.report()
    lead, second, third = (work(world, who) for who in range(3))
    propose(lead, sent, "off", person(world, 2))
    now, case = look(second, sent)
    (proposal,) = proposals(case, now.roster)
    refusal = make("access_refused", proposal=proposal.envelope_id.hex(), reason="必要ありません")
    second.add_record(now, case, secrets.token_bytes(16), refusal)
    now, case = look(lead, sent)
    assert proposals(case, now.roster) == ()
    propose(lead, sent, "off", person(world, 2))
    agree(second, sent)
    assert look(third, sent)[1].left
    propose(second, sent, "given", world.auditors[2].card.key_id)
    agree(lead, sent)
    back = look(third, sent)[1]
    assert back.is_open and third.left.removal(sent.case_id) is None
    assert look(lead, sent)[1].access.off == {}


def test_later_readers_decide_when_the_first_ones_have_left_and_not_before(world: World) -> None:
    sent = world.report()
    for duty in ("lead", "auditor"):
        made = world.newcomer(0, duty=duty)
        world.enroll(made.card)
        world.auditors.append(made)
        propose(work(world, 0), sent, "given", made.card.key_id)
        agree(work(world, 1), sent)
    new_lead, new = work(world, 3), work(world, 4)
    assert look(new_lead, sent)[1].is_open and look(new, sent)[1].is_open
    who = guest(world)
    key_id = world.auditors[who].card.key_id
    with pytest.raises(AccessRefused) as refused:
        propose(new_lead, sent, "given", key_id)
    assert refused.value.reason == "AccessNoReader"
    world.retire(1, by=0)
    world.retire(2, by=0)
    world.retire(0, by=3)
    propose(new, sent, "given", key_id)
    with pytest.raises(AccessRefused) as alone:
        agree(new, sent)
    assert alone.value.reason == "AccessAlone"
    agree(new_lead, sent)
    assert key_id in look(new, sent)[1].access.given
    counted = world.reporter_sees(sent).head.access.counted
    assert len(counted) == 3 and counted[-1].author == world.auditors[3].card.key_id


def test_a_proposal_does_not_move_the_case_of_the_person_it_is_about(world: World) -> None:
    first, second = world.report(what_happened="先の件"), world.report(what_happened="後の件")
    lead, third = work(world, 0), work(world, 2)

    def order(at: Work) -> list[bytes]:
        page = at.inbox(at.refresh(), Wanted(today=world.desk_day, sort="moved"), 1)
        return [line.case.case_id for line in page.lines]

    propose(lead, first, "off", person(world, 2))
    assert order(third) == [second.case_id, first.case_id] and order(lead) == [first.case_id, second.case_id]
    world.from_reporter(first, {"message": "続きです"})
    assert order(third) == [first.case_id, second.case_id]
