"""What the server's operator can do to the log, and that each desk sees it; each with an honest day as control."""

from __future__ import annotations

import base64
from datetime import date, timedelta

import pytest
from sqlalchemy import Date, DateTime, Time, delete, select, update

from admin.desk.casework import log_state
from admin.desk.casework.log_checks import LogFault
from admin.desk.web.context import desk_of
from admin.logbook import LogKeeper
from crypto import logleaf, note, plainleaf, tlog
from crypto.encoding import b64e
from crypto.log_errors import BadLeaf
from crypto.logbatch import log_seed
from store import db
from store import log as store_log
from store import tables as t
from store.config.log_head import head_path, write_head_file
from tests.desk.browser import Browser
from tests.desk.test_deletion import act as delete_case
from tests.desk.test_log import alerts, keep, logged, next_day, noon, promised, report, state, withhold
from tests.desk.world import CountingTransport, World

__all__ = ["logged"]


def rewrite(world: World) -> None:
    """Write over the newest leaf and sign that, with everything that would stop it put right: the server's own key."""
    with db.writing(world.engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        other = logleaf.dummy(3)
        conn.execute(
            update(t.log_leaf)
            .where(t.log_leaf.c.index == head.size - 1)
            .values(raw=other, hash=tlog.leaf_hash(other))
        )
        root = tlog.root_of(store_log.hashes(conn, head.size))
        origin = note.read_note(head.note).text.split("\n")[0]
        signed = note.sign_checkpoint(
            note.Checkpoint(origin, head.size, root), log_seed(world.secrets.sign_seed)
        )
        conn.execute(update(t.log_head).values(root=root, note=signed))
    write_head_file(head_path(world.settings.server.secret_file), head.size, root)


@pytest.mark.parametrize("larger", [False, True])
def test_another_history_is_a_fork_at_the_same_size_and_at_a_larger_one(logged: World, larger: bool) -> None:
    browsers = [Browser(logged.desk(who)) for who in range(2)]
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[], []]
    kept = [state(browser) for browser in browsers]
    rewrite(logged)
    if larger:
        next_day(logged)  # its next checkpoint extends the rewritten log: valid by itself
    for browser, before in zip(browsers, kept, strict=True):
        browser.post("log", browser.get("log").fields("/log"))
        assert [alert.fault for alert in state(browser).alerts] == [LogFault.FORK]
        assert state(browser).fork[0] == before.note != state(browser).fork[1]
        assert state(browser).cosigned == before.size, "nothing is cosigned any more"
        assert "サーバーが2つの異なる記録簿を見せています" in browser.get("").text
    # The control: a desk that sees the log for the first time can't know.
    assert alerts(Browser(logged.desk(2))) == []


def test_an_old_cosigned_checkpoint_that_is_shown_again_is_said_and_not_cosigned(logged: World) -> None:
    browser = Browser(logged.desk())
    next_day(logged)
    assert alerts(browser) == []
    with db.reading(logged.engine) as conn:
        old = store_log.head(conn)
    next_day(logged)
    assert alerts(browser) == [], "the control: it grows"
    now = state(browser)
    assert old is not None and old.published < now.size == now.cosigned
    with db.writing(logged.engine) as conn:
        new = store_log.head(conn)
        conn.execute(update(t.log_head).values(note=old.note, published=old.published))
    browser.post("log", browser.get("log").fields("/log"))
    assert [alert.fault for alert in state(browser).alerts] == [LogFault.SHRUNK]
    assert (state(browser).size, state(browser).cosigned, state(browser).note) == (
        now.size,
        now.size,
        now.note,
    )
    logged.desk_day = logged.day = logged.day + timedelta(days=2)
    assert {fault for fault, _count in alerts(browser)} == {"shrunk", "stale"}, "and that it is old"
    assert new is not None
    with db.writing(logged.engine) as conn:
        conn.execute(update(t.log_head).values(note=new.note, published=new.published))
    keep(logged)
    browser.post("log", browser.get("log").fields("/log"))
    assert state(browser).alerts == ()


def test_a_batch_of_a_day_that_is_not_over_is_said_and_not_cosigned(logged: World) -> None:
    browser = Browser(logged.desk())
    next_day(logged)
    assert alerts(browser) == []
    before = state(browser)
    keeper = LogKeeper(logged.engine, logged.settings.server.secret_file)
    keeper.run(noon(logged.day + timedelta(days=1)))  # the server's clock is a day ahead
    browser.post("log", browser.get("log").fields("/log"))
    assert [alert.fault for alert in state(browser).alerts] == [LogFault.EARLY]
    assert state(browser).cosigned == before.cosigned < state(browser).size
    logged.desk_day = logged.day = logged.day + timedelta(days=1)
    assert alerts(browser) == [] and state(browser).cosigned == state(browser).size, "the control"


@pytest.mark.parametrize("how", ["dropped", "changed"])
def test_a_status_that_was_dropped_or_changed_is_said(logged: World, how: str) -> None:
    _browser, sent = promised(logged)
    second = Browser(logged.desk(1))
    with db.writing(logged.engine) as conn:
        (row,) = conn.execute(select(t.status)).all()
        if how == "dropped":
            conn.execute(delete(t.status))
            conn.execute(delete(t.change).where(t.change.c.seq == row.seq))
        else:
            conn.execute(update(t.status).values(status="not_investigating"))
    second.get()
    next_day(logged)
    second.get()
    assert [(alert.fault, alert.cases) for alert in state(second).alerts] == [
        (LogFault.ACT_WITHHELD, (sent.case_id,))
    ]


def test_an_envelope_that_nobody_can_open_in_the_place_of_a_report_is_said(logged: World) -> None:
    browser = Browser(logged.desk())
    browser.get()
    first = report(logged)
    next_day(logged)
    assert alerts(browser) == [], "the control"
    second = report(logged)
    with db.writing(logged.engine) as conn:
        row = t.envelope.c.envelope_id == second.envelope_id
        raw = bytes(conn.scalars(select(t.envelope.c.raw).where(row)).one())
        conn.execute(update(t.envelope).where(row).values(raw=raw[:-40] + bytes(40)))
    next_day(logged)
    assert alerts(browser) == [("unfit", 1)] and first.case_id != second.case_id


def test_a_excluded_auditor_learns_that_a_report_is_there_and_nothing_of_its_acts(logged: World) -> None:
    out = logged.auditors[2]
    sent, browsers = report(logged, [out.card.person]), [Browser(logged.desk(who)) for who in range(3)]
    browsers[0].get()
    next_day(logged)
    browsers[0].get()
    browsers[0].set_status(sent.case_id, "investigating")
    browsers[0].reply(sent.case_id, "調べています")
    next_day(logged)
    assert [alerts(browser) for browser in browsers] == [[]] * 3
    work = desk_of(browsers[2].app).work()
    leaves = log_state.leaves(work.cache)
    hidden = [leaf for leaf in leaves if not leaf.startswith(b"mybk1/")]
    own = out.identity.box_sk, out.identity.box_pk
    assert sum(logleaf.find_bell(leaf, *own) is not None for leaf in hidden) == 1, "the report's"
    assert work.log.cases.log_keys(sent.case_id) is None
    # The control: who can open the case reads three leaves in the same log.
    reader = desk_of(browsers[0].app).work()
    (key,) = reader.log.cases.log_keys(sent.case_id) or ()
    kinds = sorted(kind for leaf in hidden if (kind := opened(key, leaf)))
    assert kinds == ["answer", "report", "status"] and log_state.leaves(reader.cache) == leaves


def opened(key: bytes, leaf: bytes) -> str:
    try:
        return logleaf.open_leaf(key, leaf).kind
    except BadLeaf:
        return ""


def test_a_month_of_acts_leaves_no_key_and_no_map_in_the_database(logged: World) -> None:
    browsers = [Browser(logged.desk(who)) for who in range(2)]
    sent = [report(logged) for _ in range(2)]
    kept: list[bytes] = []
    for day in range(30):
        if day == 3:
            browsers[0].set_status(sent[0].case_id, "investigating")
        if day == 11:
            browsers[0].reply(sent[0].case_id, "調べています")
            kept += [act.leaf for act in state(browsers[0]).acts]
        if day == 17:
            sent.append(report(logged))
        if day == 20:
            delete_case(browsers[0], sent[1], "propose", delete_reason="理由")
            browsers[1].get()
            delete_case(browsers[1], sent[1], "agree")
        next_day(logged)
        if day % 10 == 1:
            assert [alerts(browser) for browser in browsers] == [[], []]
    assert [alerts(browser) for browser in browsers] == [[], []] and kept
    files = b"".join(path.read_bytes() for path in logged.folder.glob("test.db*"))
    keys = [logleaf.log_key(one.receipt.root) for one in sent]
    with db.reading(logged.engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        leaves = store_log.leaves(conn, 0, head.size)
        openings = [logleaf.open_leaf(key, leaf) for key in keys for leaf in leaves if opened(key, leaf)]
        assert sorted(opening.kind for opening in openings) == [
            "answer",
            "deletion",
            "report",
            "report",
            "report",
            "status",
        ]
        secrets = [*keys, *(opening.text() for opening in openings)]
        secrets += [logleaf.blinding(key, opening.text()) for key in keys for opening in openings]
        for secret in secrets:
            for said in (secret, secret.hex().encode(), base64.b64encode(secret), b64e(secret).encode()):
                assert said not in files
        assert leaves[-1] in files and sent[0].case_id in files, "the control: what is stored is found"
        hashes = {tlog.leaf_hash(leaf) for leaf in leaves if any(opened(key, leaf) for key in keys)}
        cases = {one.case_id for one in sent}
        for table in t.Base.metadata.sorted_tables:
            for line in conn.execute(select(table)):
                values = {bytes(value) for value in line if isinstance(value, bytes)}
                assert not (values & hashes and values & cases), table.name


def test_nothing_of_the_log_holds_a_time_finer_than_a_day(logged: World) -> None:
    browser = Browser(logged.desk())
    report(logged)
    for _day in range(3):
        next_day(logged)
        browser.get()
    for name, table in t.Base.metadata.tables.items():
        kinds = {type(column.type) for column in table.columns}
        assert not kinds & {DateTime, Time}, name
    assert isinstance(t.log_batch.c.day.type, Date), "the control"
    with db.reading(logged.engine) as conn:
        head = store_log.head(conn)
        assert head is not None
        leaves = store_log.leaves(conn, 0, head.size)
        lines = list(conn.scalars(select(t.log_cosignature.c.line)))
    days = [plainleaf.read_day(leaf).day.isoformat() for leaf in leaves if leaf.startswith(b"mybk1/day\n")]
    assert len(days) == 3
    for leaf in leaves:
        if leaf.startswith(b"mybk1/") and not leaf.startswith((b"mybk1/release", b"mybk1/policy")):
            for line in leaf.decode().split("\n"):
                assert ":" not in line or line.startswith("{") or "+" in line, line
    times = [_time_of(line) for line in lines]
    assert len(times) >= 3 and {time % 86400 for time in times} == {18 * 3600}, "03:00 in Japan"


def _time_of(line: str) -> int:
    raw = base64.b64decode(line.rsplit(" ", 1)[1])
    return int.from_bytes(raw[4:12], "big")


def test_a_clock_that_is_put_back_makes_no_batch_and_loses_none(logged: World) -> None:
    next_day(logged)
    with db.reading(logged.engine) as conn:
        before = store_log.head(conn)
    today: date = logged.day
    logged.day = today - timedelta(days=1)
    keep(logged)
    with db.reading(logged.engine) as conn:
        assert store_log.head(conn) == before
    logged.day = today
    next_day(logged)
    assert alerts(Browser(logged.desk())) == []


def test_a_feed_that_became_shorter_makes_the_desk_look_at_the_log_at_once(logged: World) -> None:
    wire = CountingTransport()
    browser = Browser(logged.desk(transport=wire))
    next_day(logged)
    gone = report(logged)
    for _ in range(2):
        browser.get()
    assert sum("/log/checkpoint" in line for line in wire.requests) == 1, "the control: once a day"
    withhold(logged, gone.envelope_id)
    with db.writing(logged.engine) as conn:
        conn.execute(update(t.log_head).values(note="", published=0))
    browser.get()
    assert [alert.fault for alert in state(browser).alerts] == [LogFault.SHRUNK]
