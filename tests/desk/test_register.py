"""The register between desks: what one writes all read, an older one is noticed, two at once lose nothing."""

from __future__ import annotations

import random
import secrets
import threading
from collections import Counter

import pytest
from sqlalchemy import delete, insert, select

from admin.desk.casework.register import OLDER, OTHER, RegisterBehind
from admin.desk.casework.situation import DoesNotCount
from admin.desk.casework.work import Work
from admin.desk.web.context import desk_of
from cases import register
from cases.records import Record
from crypto.encoding import hex_id
from crypto.errors import NotAddressed
from crypto.register import decode_register, key_of_slot, register_hash, seal_register
from crypto.seal import Recipient
from store import db, tables
from tests.desk.browser import Browser
from tests.desk.world import World
from tests.support.trials import trials

MARKER = "目印-極秘の取引先-4711"


def working(world: World, who: int, copy: str = "") -> Work:
    browser = Browser(world.desk(who, copy=copy))
    browser.get()
    return desk_of(browser.app).work()


def template(name: str = MARKER, own_id: str = "") -> Record:
    words = {"ja": name, "en": name}
    return register.make(
        "template", template=own_id or secrets.token_hex(16), name=words, text=words, category="", kept=True
    )


def view(name: str) -> Record:
    return register.make(
        "view", view=secrets.token_hex(16), name=name, query={"status": "received"}, kept=True
    )


def names(work: Work) -> list[str]:
    now = work.refresh()
    state = work.register.state(now.roster)
    said = [*state.templates.values()], [*state.views.values()]
    return [each.entry["name"]["ja"] for each in said[0]] + [each.entry["name"] for each in said[1]]


def cut(world: World, last: int) -> list[dict[str, object]]:
    """Put the server's register back to an earlier number; return what was lost."""
    table = tables.register_record
    with db.writing(world.engine) as conn:
        lost = [dict(row._mapping) for row in conn.execute(select(table).where(table.c.number > last))]
        conn.execute(delete(table).where(table.c.number > last))
    return lost


def test_what_a_lead_writes_every_desk_has(world: World) -> None:
    first, second = working(world, 0), working(world, 1)
    first.register.add(first.refresh(), template())
    second.register.add(second.refresh(), view("急ぎ"))
    assert names(first) == names(second) == [MARKER, "急ぎ"]


@pytest.mark.parametrize(
    "entry",
    [
        template(),
        register.make(
            "charge",
            charge="0" * 32,
            name="佐藤",
            post="監査部",
            scope="通報の受付と調査",
            first="2026-12-01",
            last="",
        ),
        register.make("stand_in", person="0" * 32, by="1" * 32, first="2026-12-01", last="2026-12-02"),
    ],
)
def test_an_auditor_writes_nothing_that_is_a_leads(world: World, entry: Record) -> None:
    work = working(world, 1)
    with pytest.raises(DoesNotCount):
        work.register.add(work.refresh(), entry)
    # A desk that was changed sends it all the same: it counts nowhere.
    now = work.refresh()
    assert work.register._try(now.roster, entry) == ""
    other = working(world, 0)
    state = other.register.state(other.refresh().roster)
    assert not (state.templates or state.charges or state.stand_ins)
    assert [reason for _said, reason in state.ignored] in (["not_a_lead"], ["not_own"])


def test_a_newcomer_reads_what_was_written_before(world: World) -> None:
    first = working(world, 0)
    first.register.add(first.refresh(), template())
    world.auditors.append(world.newcomer(0))
    world.enroll(world.auditors[-1].card)
    newcomer = working(world, -1)
    assert names(newcomer) == []
    first.refresh()  # any colleague's desk seals anew
    assert names(newcomer) == [MARKER]


def test_a_retired_key_opens_nothing_that_comes_after_and_writes_nothing(world: World) -> None:
    first = working(world, 0)
    first.register.add(first.refresh(), template("前"))
    old, who = first.refresh().roster.listing.prefix(), world.auditors[2].identity
    slots = [Recipient(card.key_id, card.box_pk) for card in world.cards]
    world.retire(2, 0)
    first.register.add(first.refresh(), template("後"))
    table = tables.register_record
    with db.reading(world.engine) as conn:
        newest = bytes(conn.scalars(select(table.c.raw).where(table.c.number == 2)).one())
    with pytest.raises(NotAddressed):
        key_of_slot(decode_register(newest), who.key_id, who.box_sk, who.box_pk)
    # With the server's help: its record names the list in which it was a reader still.
    before, entry = register_hash(newest), template("後から").as_json()
    place, sign = (3, before), (who.key_id, who.sign_seed)
    raw = seal_register(entry, place, None, sign, world.day, old, slots, world.salt).raw
    with db.writing(world.engine) as conn:
        conn.execute(insert(table), {"number": 3, "hash": register_hash(raw), "day": world.day, "raw": raw})
    assert names(first) == ["前", "後"]
    assert len(first.register.kept.rows()) == 3


def test_a_server_that_lost_records_gets_them_back(world: World) -> None:
    first = working(world, 0)
    first.register.add(first.refresh(), template("一"))
    first.register.add(first.refresh(), template("二"))
    lost = cut(world, 1)
    assert names(first) == ["一", "二"] and first.register.fault == ""
    with db.reading(world.engine) as conn:
        rows = [bytes(row) for row in conn.scalars(select(tables.register_record.c.raw))]
    assert len(rows) == 2 and lost[0]["raw"] in rows


def test_yesterdays_register_is_told_and_the_newest_stays(world: World) -> None:
    """A server that serves yesterday's register and takes nothing: its list moved on, so it can refuse."""
    browser = Browser(world.desk(0))
    browser.get()
    work = desk_of(browser.app).work()
    work.register.add(work.refresh(), template("一"))
    work.register.add(work.refresh(), template("二"))
    cut(world, 1)
    world.enroll(world.newcomer(0).card)
    page = browser.get()
    assert work.register.fault == OLDER
    assert names(work) == ["一", "二"]
    assert "サーバーにある共通の記録が、このデスクのものより古くなっています" in page.text
    with pytest.raises(RegisterBehind):
        work.register.add(work.refresh(), template("三"))


def test_another_register_in_its_place_is_told(world: World) -> None:
    first, second = working(world, 0), working(world, 0, copy="-2")
    first.register.add(first.refresh(), template("一"))
    cut(world, 0)
    second.register.kept.keep_head(type(second.register.kept.head())())
    second.register.add(second.refresh(), template("別の一"))
    assert names(first) == ["一"] and first.register.fault == OTHER


def test_records_that_are_damaged_or_forged_count_for_nothing(world: World) -> None:
    first, second = working(world, 0), working(world, 1)
    first.register.add(first.refresh(), template("一"))
    first.register.add(first.refresh(), template("二"))
    table = tables.register_record
    with db.writing(world.engine) as conn:
        row = conn.execute(select(table).where(table.c.number == 2)).one()
        raw = bytes(row.raw)
        conn.execute(delete(table).where(table.c.number == 2))
        conn.execute(
            insert(table),
            {"number": 2, "hash": bytes(row.hash), "day": row.day, "raw": raw[:-1] + bytes([raw[-1] ^ 1])},
        )
    assert names(second) == ["一"]
    assert second.register.kept.unread() == (2,)


def test_an_export_is_read_by_those_who_may_read_the_case(world: World) -> None:
    first, second, third = (working(world, who) for who in range(3))
    out = [world.auditors[1].card.key_id]
    first.register.log_export(first.refresh(), {"case": "0" * 32, "what": "pack"}, out)
    for work in (first, third):
        (line,) = work.register.exports(work.refresh().roster)
        assert line.details["what"] == "pack"
    assert second.register.exports(second.refresh().roster) == ()
    kept = b"".join(row.encode() for row in second.register.kept.rows())
    assert b"pack" not in kept


def test_nothing_of_the_register_is_readable_at_rest(world: World) -> None:
    work = working(world, 0)
    work.register.add(work.refresh(), template())
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("desk-") for path in files)
    for path in files:
        raw = path.read_bytes()
        assert not any(MARKER.encode(code) in raw for code in ("utf-8", "utf-16-le")), path


def test_three_desks_write_at_once_and_nothing_is_lost(world: World) -> None:
    """The state machine: each desk adds, changes and takes away at random; all end with the same, as written down."""
    writes, dice = trials(24, 300), random.Random(7)
    desks = [working(world, 0, copy=f"-{number}") for number in range(2)] + [working(world, 1)]
    own: list[Counter[str]] = [Counter() for _ in desks]
    faults: list[BaseException] = []
    plans = [[dice.random() for _ in range(writes // len(desks))] for _ in desks]

    def run(number: int) -> None:
        work, made = desks[number], list[tuple[str, str]]()
        try:
            for place, chance in enumerate(plans[number]):
                name = f"{number}-{place}"
                if chance < 0.3 and made:
                    old_id, old_name = made[int(chance * 1000) % len(made)]
                    made.remove((old_id, old_name))
                    own[number][old_name] -= 1
                    entry = register.make("view", view=old_id, name=name, query={}, kept=True)
                else:
                    entry = view(name)
                made.append((entry["view"], name))
                work.register.add(work.refresh(), entry)
                own[number][name] += 1
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(desks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    expected = +sum(own, Counter())
    assert all(Counter(names(work)) == expected for work in desks)
    rows = [[(row.number, row.hash) for row in work.register.kept.rows()] for work in desks]
    assert rows[0] == rows[1] == rows[2] and len(rows[0]) == sum(map(len, plans))


def test_ids_of_a_person_are_hex(world: World) -> None:
    work = working(world, 1)
    me = hex_id(world.auditors[1].card.person)
    by = hex_id(world.auditors[2].card.person)
    entry = register.make("stand_in", person=me, by=by, first="2000-01-01", last="2999-12-31")
    now = work.register.add(work.refresh(), entry)
    state = work.register.state(now.roster)
    person = world.auditors[1].card.person
    assert register.stand_in_for(state, person, world.day) == world.auditors[2].card.person
