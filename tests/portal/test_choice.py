"""Write access to the database does not undo whom a reporter excluded: the attacks of the second review and some more.

Without scripts; tests/scripts/test_choice.py plays them against the page's own scripts.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from nacl.bindings import crypto_box_seal
from sqlalchemy import delete, select, update

from crypto import messages, seal
from crypto.choice import Choice, ExcludeRecord, first_choice, seal_record
from crypto.envelope import Kind, envelope_hash
from crypto.errors import CannotOpen
from crypto.receipt import Receipt, derive, new_code, parse_code
from crypto.seal import Recipient
from portal import create_app
from portal.usecases import submit
from portal.usecases.conversation import open_case
from store import db
from store import tables as t
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.desk import Desk, envelopes, open_as
from tests.support.roster import stored_roster
from tests.support.stored_case import load

ASKED = "確実に確認できません"
SENT = "メッセージを受け付けました"
NOBODY_OUT = "読ませたくない人は選ばれていません"
OUT = "今から送る内容を読めない人"


@pytest.fixture
def auditors() -> int:
    """Three: the last one is the accused."""
    return 3


def accused(world: World) -> str:
    return world.auditors[2].card.person.hex()


def look(client: CheckedClient, code: str) -> Page:
    return client.post("status", [("code", code)])


def write(client: CheckedClient, page: Page, text: str, *more: tuple[str, str]) -> Page:
    return client.post("status", [("token", page.fields["token"]), ("message", text), *more])


def forget(client: CheckedClient, code: str) -> Page:
    return client.post("forget", [("token", look(client, code).fields["token"]), ("sure", "yes")])


def receipt_of(world: World, code: str) -> Receipt:
    return derive(parse_code(code), world.salt)


def record_of(world: World, case_id: bytes) -> bytes:
    with db.reading(world.engine) as conn:
        return bytes(
            conn.execute(
                select(t.case_file.c.mailbox_record).where(t.case_file.c.case_id == case_id)
            ).scalar_one()
        )


def put_record(world: World, case_id: bytes, raw: bytes) -> None:
    with db.writing(world.engine) as conn:
        conn.execute(update(t.case_file).where(t.case_file.c.case_id == case_id).values(mailbox_record=raw))


def drop_grants(world: World, *kinds: int) -> None:
    with db.writing(world.engine) as conn:
        ids = select(t.envelope.c.envelope_id).where(t.envelope.c.kind.in_(kinds))
        conn.execute(delete(t.grant).where(t.grant.c.envelope_id.in_(ids)))


def drop_envelopes(world: World, *kinds: int) -> None:
    drop_grants(world, *kinds)
    with db.writing(world.engine) as conn:
        conn.execute(delete(t.envelope).where(t.envelope.c.kind.in_(kinds)))


def forge_report(world: World, code: str, replaces: bool = False) -> tuple[bytes, bytes]:
    """Put a report with a forger's keys in front of (or in the place of) the true one; return its id and its K."""
    own, forger = receipt_of(world, code), derive(new_code(), world.salt)
    payload = messages.report_payload({"what_happened": "すりかえ"}, [], forger)
    envelope_id = secrets.token_bytes(16)
    named = {**payload, "case_id": own.case_id.hex(), "envelope_id": envelope_id.hex()}
    signed = messages.sign_reporter(Kind.REPORT, named, forger)
    slots = [Recipient(one.card.key_id, one.card.box_pk) for one in world.auditors]
    sealed = seal.seal(Kind.REPORT, envelope_id, signed, slots)
    with db.writing(world.engine) as conn:
        first = conn.execute(select(t.envelope).where(t.envelope.c.kind == 1)).one()
        if replaces:
            conn.execute(delete(t.grant).where(t.grant.c.envelope_id == first.envelope_id))
            conn.execute(delete(t.envelope).where(t.envelope.c.seq == first.seq))
        conn.execute(t.change.insert(), {"seq": -1, "case_id": own.case_id})
        row = {
            "seq": -1,
            "envelope_id": envelope_id,
            "case_id": own.case_id,
            "kind": 1,
            "day": world.day,
            "act_sig": None,
            "raw": sealed.raw,
        }
        conn.execute(t.envelope.insert(), row)
        mailbox = own.mailbox_key_id
        grant = seal.grant(sealed.content_key, own.mailbox_pk)
        keys = {"envelope_id": envelope_id, "key_id": mailbox, "granter": mailbox, "sealed": grant}
        conn.execute(t.grant.insert(), keys)
        mine = t.case_file.c.case_id == own.case_id
        conn.execute(update(t.case_file).where(mine).values(act_pk=seal.act_pk(sealed.content_key)))
    return envelope_id, sealed.content_key


def last_opens_for(world: World, which: int) -> bool:
    _case, row = [pair for pair in envelopes(world) if pair[1].kind == 2][-1]
    try:
        open_as(world.auditors[which], row.raw)
    except CannotOpen:
        return False
    return True


# Way 1: nobody attacks.


def test_a_choice_of_a_changed_form_survives_forgetting(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    assert not last_opens_for(world, 2)
    forget(client, code)
    page = look(client, code)
    assert OUT in page.text and world.auditors[2].card.name["ja"] in page.text
    assert SENT in write(client, page, "忘れた後に").text
    assert last_opens_for(world, 0) and last_opens_for(world, 1) and not last_opens_for(world, 2)


def test_a_choice_survives_forgetting_a_new_code_and_forgetting_again(
    world: World, client: CheckedClient
) -> None:
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    forget(client, code)
    token = look(client, code).fields["token"]
    asked = client.post("new-code", [("token", token)])
    assert world.auditors[2].card.name["ja"] in asked.text
    fields = [("token", token), ("new_code", asked.code), ("written", "yes")]
    assert client.post("new-code", fields).status == 200
    forget(client, asked.code)
    Desk.of(world, world.auditors[0]).say("返事です", choice=3)
    page = look(client, asked.code)
    # The report's act key outlives forgetting and the code: the answer is the auditor's.
    assert "返事です" in page.text
    write(client, page, "新しいコードで")
    assert not last_opens_for(world, 2) and last_opens_for(world, 0)


# Ways 2 to 4 and their like: what is stored was changed.


def _damaged(world: World, case_id: bytes) -> None:
    raw = record_of(world, case_id)
    put_record(world, case_id, raw[:-1] + bytes([raw[-1] ^ 1]))


def _zeros(world: World, case_id: bytes) -> None:
    put_record(world, case_id, bytes(2418))


def _removed(world: World, case_id: bytes) -> None:
    put_record(world, case_id, b"")


def _made_by_the_server(world: World, case_id: bytes) -> None:
    """What the server could write when the record was sealed to the mailbox's public key."""
    with db.reading(world.engine) as conn:
        pk = conn.execute(select(t.case_file.c.mailbox_pk)).scalars().first()
    assert pk is not None
    put_record(world, case_id, bytes(crypto_box_seal((b"MYX1" + bytes(1)).ljust(1029, b"\0"), pk)))


def _of_another_case(world: World, case_id: bytes) -> None:
    other = world.client().report(what_happened="別の件").code
    put_record(world, case_id, record_of(world, receipt_of(world, other).case_id))


def _made_with_another_root(world: World, case_id: bytes) -> None:
    row = next(row for case, row in envelopes(world) if case == case_id)
    record = ExcludeRecord(first_choice([]), envelope_hash(row.raw), bytes(32))
    put_record(world, case_id, seal_record(secrets.token_bytes(32), case_id, record))


BROKEN: list[Callable[[World, bytes], None]] = [
    _damaged,
    _zeros,
    _removed,
    _made_by_the_server,
    _of_another_case,
    _made_with_another_root,
]


@pytest.mark.parametrize("way", BROKEN)
@pytest.mark.parametrize("opens", [True, False], ids=["report opens", "report withheld"])
def test_without_a_good_record_nothing_is_sent_and_the_choice_is_asked_for(
    world: World, client: CheckedClient, way: Callable[[World, bytes], None], opens: bool
) -> None:
    code = client.report(what_happened="流出", exclude=[accused(world)]).code
    case_id = receipt_of(world, code).case_id
    way(world, case_id)
    if not opens:
        drop_grants(world, 1)
    before = len(envelopes(world))
    page = look(client, code)
    assert ASKED in page.text and page.ticked("exclude") == ([accused(world)] if opens else [])
    # A reporter who overlooks the question has not answered "nobody".
    assert page.all("input", name="choose_again")[0].get("checked") is None
    refused = write(client, page, "この文は残る")
    assert refused.status == 400 and "この文は残る" in refused.html and len(envelopes(world)) == before
    # The choice is made again, and a fixed tick is not sent by a browser.
    chosen = [] if opens else [("exclude", accused(world))]
    done = write(client, refused, "この文は残る", ("choose_again", "yes"), *chosen)
    assert SENT in done.text and not last_opens_for(world, 2) and last_opens_for(world, 0)
    # From here on it is known again.
    assert ASKED not in look(client, code).text
    forget(client, code)
    assert SENT in write(client, look(client, code), "もう一度").text and not last_opens_for(world, 2)


@pytest.mark.parametrize("way", [_damaged, _removed])
def test_a_new_code_never_takes_an_empty_choice_along(
    world: World, client: CheckedClient, way: Callable[[World, bytes], None]
) -> None:
    code = client.report(what_happened="流出", exclude=[accused(world)]).code
    way(world, receipt_of(world, code).case_id)
    drop_grants(world, 1)
    token = look(client, code).fields["token"]
    asked = client.post("new-code", [("token", token)])
    assert ASKED in asked.text
    fields = [("token", token), ("new_code", asked.code), ("written", "yes")]
    refused = client.post("new-code", fields)
    assert refused.status == 400 and refused.code == asked.code
    assert look(client, asked.code).status == 404 and look(client, code).status == 200
    chosen = [("choose_again", "yes"), ("exclude", accused(world))]
    assert client.post("new-code", [*fields, *chosen]).status == 200
    write(client, look(client, asked.code), "新しいコードで")
    assert not last_opens_for(world, 2) and last_opens_for(world, 0)


def test_a_tick_is_not_lost_in_a_process_that_was_given_a_shorter_list(
    world: World, client: CheckedClient
) -> None:
    """The accused's card is taken out, and put back later; the page with the tick came from before."""
    code = client.report(what_happened="流出").code
    case_id = receipt_of(world, code).case_id
    _damaged(world, case_id)
    with db.writing(world.engine) as conn:
        mine = t.card.c.key_id == world.auditors[2].card.key_id
        row = conn.execute(select(t.card).where(mine)).one()._asdict()
        conn.execute(delete(t.card).where(mine))
    fresh = create_app(world.settings, world.engine, world.secrets, bytes(32), today=lambda: world.day)
    shorter = CheckedClient(fresh, "ja")
    again = (("choose_again", "yes"), ("exclude", accused(world)), ("exclude", "no person"))
    returned = write(shorter, look(shorter, code), "", *again)  # for another reason
    assert returned.status == 400 and accused(world) in returned.ticked("exclude")
    carried = [("exclude", one) for one in returned.ticked("exclude")]
    done = write(shorter, returned, "次", again[0], *carried)
    assert SENT in done.text
    with db.writing(world.engine) as conn:
        conn.execute(t.card.insert(), row)
    done = write(client, look(client, code), "その次")
    assert SENT in done.text and not last_opens_for(world, 2)


def test_forgetting_waits_until_the_choice_is_known(world: World, client: CheckedClient) -> None:
    code = client.report(what_happened="MARKER", exclude=[accused(world)]).code
    _damaged(world, receipt_of(world, code).case_id)
    page = forget(client, code)
    assert page.status == 400 and "そのあとで、自分では読めないようにできます" in page.text
    assert "MARKER" in look(client, code).text
    write(client, page, "選び直し", ("choose_again", "yes"))
    assert forget(client, code).status == 200 and "MARKER" not in look(client, code).text


def test_a_changed_form_asks_for_the_choice_too(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    _damaged(world, receipt_of(world, hidden["code"]).case_id)
    before = len(envelopes(world))
    page = client.report(hidden, what_happened="書き足し")
    assert page.status == 400 and len(envelopes(world)) == before
    assert page.ticked("exclude") == [accused(world)] and "書き足し" in page.html
    assert page.all("input", name="choose_again")[0].get("checked") is None
    again = {name: page.fields[name] for name in ("code", "csrf_token")}
    # A reporter who overlooks the question has not answered "nobody".
    assert client.report(again, what_happened="書き足し").status == 400
    assert len(envelopes(world)) == before
    again["choose_again"] = "yes"
    done = client.report(again, what_happened="書き足し", exclude=page.ticked("exclude"))
    assert done.status == 200 and not last_opens_for(world, 2) and last_opens_for(world, 0)


def test_an_old_record_beside_a_changed_form_is_noticed(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    case_id = receipt_of(world, code).case_id
    old = record_of(world, case_id)
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    put_record(world, case_id, old)
    page = look(client, code)
    assert ASKED in page.text and page.ticked("exclude") == [accused(world)]
    assert write(client, page, "次").status == 400


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_old_record_is_noticed_by_the_number_that_an_answer_names(
    world: World, client: CheckedClient, forgotten: bool
) -> None:
    """The changed form's grant is deleted, or all is forgotten: only an auditor's signature tells of it."""
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    case_id = receipt_of(world, code).case_id
    old = record_of(world, case_id)
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    if forgotten:
        forget(client, code)
    else:
        drop_grants(world, 2)
    Desk.of(world, world.auditors[0]).say("返事です", choice=2)
    put_record(world, case_id, old)
    before = len(envelopes(world))
    page = look(client, code)
    assert ASKED in page.text and "返事です" in page.text
    assert write(client, page, "次").status == 400 and len(envelopes(world)) == before
    done = write(client, page, "次", ("choose_again", "yes"), ("exclude", accused(world)))
    assert SENT in done.text and not last_opens_for(world, 2)


def test_a_withheld_changed_form_changes_nothing_where_the_record_has_it(
    world: World, client: CheckedClient
) -> None:
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    drop_grants(world, 2)
    assert SENT in write(client, look(client, code), "次").text and not last_opens_for(world, 2)


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_old_record_is_noticed_by_an_envelope_that_does_not_open(
    world: World, client: CheckedClient, forgotten: bool
) -> None:
    """The grant of the changed form is deleted, but the form is still there: it brought a newer record along."""
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    case_id = receipt_of(world, code).case_id
    if forgotten:
        forget(client, code)
    old = record_of(world, case_id)
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    for _ in range(2 if forgotten else 1):
        write(client, look(client, code), "続き")
    drop_grants(world, 1, 2)
    put_record(world, case_id, old)
    page = look(client, code)
    assert ASKED in page.text and write(client, page, "次").status == 400
    done = write(client, page, "次", ("choose_again", "yes"), ("exclude", accused(world)))
    assert SENT in done.text and not last_opens_for(world, 2)
    assert ASKED not in look(client, code).text


def test_what_no_program_can_notice_is_shown_to_the_reporter(world: World, client: CheckedClient) -> None:
    """An old record, and everything newer taken away: the page says who could read it, as before each sending."""
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    case_id = receipt_of(world, code).case_id
    old = record_of(world, case_id)
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    assert OUT in look(client, code).text
    drop_envelopes(world, 2)
    put_record(world, case_id, old)
    assert NOBODY_OUT in look(client, code).text


@pytest.mark.parametrize("newest", [True, False], ids=["the old code's newest", "the report's"])
def test_an_old_codes_record_is_none_under_the_new_code(
    world: World, client: CheckedClient, newest: bool
) -> None:
    code = client.report(what_happened="流出", exclude=[accused(world)]).code
    case_id = receipt_of(world, code).case_id
    first = record_of(world, case_id)
    write(client, look(client, code), "途中")
    old = record_of(world, case_id) if newest else first
    token = look(client, code).fields["token"]
    new = client.post("new-code", [("token", token)]).code
    client.post("new-code", [("token", token), ("new_code", new), ("written", "yes")])
    put_record(world, case_id, old)
    page = look(client, new)
    assert ASKED in page.text and write(client, page, "次").status == 400


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_forged_report_in_front_heads_nothing(world: World, client: CheckedClient, forgotten: bool) -> None:
    code = client.report(what_happened="流出", exclude=[accused(world)]).code
    _id, forged_key = forge_report(world, code)
    own = receipt_of(world, code)
    if forgotten:
        forget(client, code)
    # The accused opens the forged report, so has its act key, and answers with it.
    Desk(world, world.auditors[2], own.case_id, forged_key).say("偽の返事", choice=9)
    page = look(client, code)
    assert "偽の返事" not in page.text and "すりかえ" not in page.text
    assert OUT in page.text and ASKED not in page.text
    assert SENT in write(client, page, "次").text and not last_opens_for(world, 2)


def test_a_forged_report_in_the_place_of_the_true_one_stops_everything(
    world: World, client: CheckedClient
) -> None:
    code = client.report(what_happened="流出", exclude=[accused(world)]).code
    _id, forged_key = forge_report(world, code, replaces=True)
    Desk(world, world.auditors[2], receipt_of(world, code).case_id, forged_key).say("偽の返事")
    page = look(client, code)
    assert "偽の返事" not in page.text and "新しい通報として送る" in page.text
    assert not page.all("textarea")
    before = len(envelopes(world))
    refused = write(client, page, "この文は残る", ("choose_again", "yes"))
    assert refused.status == 400 and "この文は残る" in refused.html and len(envelopes(world)) == before
    assert client.post("forget", [("token", page.fields["token"]), ("sure", "yes")]).status == 400
    asked = client.post("new-code", [("token", page.fields["token"])])
    fields = [("token", page.fields["token"]), ("new_code", asked.code), ("written", "yes")]
    client.post("new-code", fields)
    assert look(client, asked.code).status == 404


# Two pages at once, and what is said before each sending.


def test_two_pages_at_once_keep_both_choices(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    code = client.report(hidden, what_happened="流出").code
    own = receipt_of(world, code)
    with db.reading(world.engine) as conn:
        file, readers = load(conn, own), stored_roster(conn, world.secrets.first_card)
    assert file is not None
    stale = open_case(file, readers, own)
    client.report(hidden, what_happened="流出", exclude=[accused(world)])
    addition = submit.Addition(
        own, secrets.token_bytes(16), {"message": "同時に"}, submit.Ticked(), shown=readers.prefix
    )
    here = world.app.extensions["meyasubako"]
    submit.add_message(here, readers, stale, addition, world.day)
    assert not last_opens_for(world, 2)
    forget(client, code)
    write(client, look(client, code), "次")
    assert not last_opens_for(world, 2)


def test_the_page_says_before_each_sending_who_can_not_read(world: World, client: CheckedClient) -> None:
    code = client.report(what_happened="流出").code
    page = look(client, code)
    assert NOBODY_OUT in page.text and OUT not in page.text
    # The field's hint does not speak of excluded people either.
    assert "通報と同じように暗号化されます。 " in page.text and "これも読めません" not in page.text
    other = client.report(what_happened="流出", exclude=[accused(world)]).code
    page = look(client, other)
    shown = "".join(page.all("div", id="unreadable")[0].itertext())
    out, reads = world.auditors[2].card, world.auditors[0].card
    assert OUT in shown and out.name["ja"] in shown and reads.name["ja"] not in shown
    asked = client.post("new-code", [("token", page.fields["token"])])
    assert out.name["ja"] in asked.text


def test_every_envelope_of_the_reporter_names_the_whole_choice(world: World, client: CheckedClient) -> None:
    code = client.report(what_happened="流出", exclude=[accused(world)]).code
    write(client, look(client, code), "次")
    token = look(client, code).fields["token"]
    new = client.post("new-code", [("token", token)]).code
    client.post("new-code", [("token", token), ("new_code", new), ("written", "yes")])
    said = [open_as(world.auditors[0], row.raw).payload for _case, row in envelopes(world)]
    assert [(one["exclude"], one["choice"]) for one in said] == [
        ([accused(world)], number) for number in (1, 2, 3)
    ]
    assert Choice(frozenset({bytes.fromhex(accused(world))}), 3).fields() == {
        name: said[-1][name] for name in ("exclude", "choice")
    }
