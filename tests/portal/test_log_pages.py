"""What pages without scripts say of the log: where each own letter is, who looked, what was left out; what to keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, update
from sqlalchemy.exc import OperationalError

from crypto import messages, note
from crypto.encoding import b64d
from crypto.log_witness import make_witness, witness_seed
from crypto.messages import public_key
from crypto.plainleaf import logged_text
from portal.usecases import log_notices
from store import db
from store import log as store_log
from store import tables as t
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.test_log import logged, served, tick  # noqa: F401 (a fixture)
from tests.portal.test_sealed import TEXT


def cosign(world: World) -> None:
    """Let one desk cosign the newest checkpoint."""
    own = world.auditors[0].identity
    made = make_witness(world.salt, own.key_id, own.seed, own.sign_seed)
    with db.writing(world.engine) as conn:
        state = store_log.head(conn)
        assert state is not None
        store_log.put_witness(conn, own.key_id, made.encode())
        text = note.read_note(state.note).text
        line = note.cosign(text, made.vkey.name, witness_seed(own.seed), int(world.now) // 86400 * 86400)
        store_log.put_cosignature(conn, made.vkey.name, state.published, line.text().removesuffix("\n"))


def where(page: Page) -> list[str]:
    return [line.get("data-where") or "" for line in page.all("*[@data-where]")]


def test_a_letter_goes_from_waiting_to_cosigned(
    logged: World,  # noqa: F811
    client: CheckedClient,
) -> None:
    code = client.report(what_happened=TEXT).code
    sent_on = logged.day
    page = client.look(code)
    assert where(page) == ["waiting"] and "3時までに入ります" in page.text
    logged.day += timedelta(days=1)
    logged.now += 86400
    assert where(client.look(code)) == ["late"]
    logged.day, logged.now = sent_on, logged.now - 86400
    tick(logged, days=1)
    assert where(client.look(code)) == ["uncosigned"]
    cosign(logged)
    page = client.look(code)
    assert where(page) == ["in"] and "2026年11月23日から、公開の記録簿に入っています" in page.text
    assert "通報を読める人の端末だけです（1台）" in page.text
    # Without scripts the site speaks of itself, and the page says so.
    assert "サイトが自分のことを述べているだけです" in page.text


def test_a_signed_day_stays_signed_when_the_next_batch_comes(
    logged: World,  # noqa: F811
    client: CheckedClient,
) -> None:
    """Nobody has signed the newest log; a checkpoint before it that holds the report was signed. The control is a
    message of the day after.
    """
    code = client.report(what_happened=TEXT).code
    tick(logged, days=1)
    cosign(logged)
    client.reply(client.look(code), "続きです")
    tick(logged, days=1)
    page = client.look(code)
    assert where(page) == ["in", "uncosigned"]
    assert "最新の記録には、ほかの人の署名がまだありません" in page.text
    cosign(logged)
    assert where(client.look(code)) == ["in", "in"]


def test_a_cosignature_of_a_key_that_is_not_known_does_not_count(
    logged: World,  # noqa: F811
    client: CheckedClient,
) -> None:
    code = client.report(what_happened=TEXT).code
    tick(logged, days=1)
    cosign(logged)
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.log_witness))
    assert where(client.look(code)) == ["uncosigned"]


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
@pytest.mark.parametrize("at", [-1, 0])
def test_a_log_that_does_not_fit_together_is_told(
    logged: World,  # noqa: F811
    language: str,
    at: int,
) -> None:
    """A leaf is written over, its stored hash is not. The control is every other test here."""
    client = logged.client(language)
    code = client.report(what_happened=TEXT).code
    tick(logged, days=1)
    cosign(logged)
    with db.writing(logged.engine) as conn:
        state = store_log.head(conn)
        assert state is not None
        conn.execute(update(t.log_leaf).where(t.log_leaf.c.index == at % state.size).values(raw=b"x" * 400))
    page = client.look(code)
    told = {"ja": "つじつまが合わない", "en": "does not fit together", "easy": "正しく つながって いません"}[
        language
    ]
    # At the top, and in place of who has signed it.
    assert page.text.count(told) == 2 and where(page) == [] and TEXT in page.text
    assert "端末だけです（1台）" not in page.text and "desks only (1)" not in page.text


def test_what_was_left_out_is_told_with_the_promise(
    logged: World,  # noqa: F811
    client: CheckedClient,
) -> None:
    """Statement 3, scripts off: the row removed before 03:00. The control is the second report of the same day."""
    buried = client.report(what_happened=TEXT).code
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.pending_leaf))
    honest = client.report(what_happened=TEXT).code
    sent_on = logged.day
    tick(logged, days=1)
    page = client.look(buried)
    (box,) = page.all("div", id="left-out")
    leaf, day, signature = [str(part.text) for part in box.iter() if part.get("translate") == "no"]
    assert where(page) == [] and day == sent_on.isoformat()
    messages.verify(
        public_key(logged.secrets.sign_seed), logged_text(bytes.fromhex(leaf), sent_on), b64d(signature)
    )
    assert client.look(honest).all("div", id="left-out") == []


def test_a_letter_without_a_promise_is_no_proof(
    logged: World,  # noqa: F811
    client: CheckedClient,
) -> None:
    code = client.report(what_happened=TEXT).code
    with db.writing(logged.engine) as conn:
        conn.execute(delete(t.pending_leaf))
        conn.execute(t.envelope.update().values(promise=None))
    tick(logged, days=1)
    page = client.look(code)
    assert where(page) == ["unpromised"] and "外したことの証拠" not in page.text


@pytest.mark.parametrize(("days", "is_told"), [(0, False), (1, False), (2, True)])
def test_an_old_log_is_told(
    logged: World,  # noqa: F811
    client: CheckedClient,
    days: int,
    is_told: bool,
) -> None:
    """Statement 2 as a reporter sees it: the newest log is older than two days."""
    code = client.report(what_happened=TEXT).code
    tick(logged, days=1)
    logged.day += timedelta(days=days)
    logged.now += 86400 * days
    assert ("2日より前のものです" in client.look(code).text) == is_told


def test_receipt_and_keys_carry_the_newest_signed_log(
    logged: World,  # noqa: F811
    client: CheckedClient,
) -> None:
    tick(logged, days=1)
    cosign(logged)
    signed = served(logged, "checkpoint").decode()
    assert signed.count("\n\u2014 ") == 2
    for page in (client.report(what_happened=TEXT), client.get("/ja/keys")):
        (shown,) = page.all("pre")
        assert "".join(shown.itertext()) == signed
    # Another checkpoint is another page: nothing of yesterday is in a cache.
    tick(logged, days=1)
    (shown,) = client.report(what_happened=TEXT).all("pre")
    assert "".join(shown.itertext()) == served(logged, "checkpoint").decode()


def test_a_database_that_fails_is_asked_for_notices_once_in_half_a_minute(world: World) -> None:
    """A page that needs nothing of a database that hangs would wait for its time limit at each visit."""
    site, memory = world.app.extensions["meyasubako"], log_notices.NoticesMemory()
    kept = memory.of(site)
    asked: list[str] = []

    def fail(_conn: object, _cursor: object, statement: str, *_given: object) -> None:
        asked.append(statement)
        raise OperationalError(statement, {}, Exception("gone"))

    event.listen(site.engine, "before_cursor_execute", fail)
    try:
        world.now += log_notices.NOTICE_SECONDS
        assert [memory.of(site) for _visit in range(3)] == 3 * [kept]
        assert len(asked) == 1
        world.now += log_notices.NOTICE_SECONDS
        memory.of(site)
        assert len(asked) == 2
    finally:
        event.remove(site.engine, "before_cursor_execute", fail)
    # The control: what comes back is asked again after half a minute.
    world.now += log_notices.NOTICE_SECONDS
    assert memory.of(site) == kept


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_a_page_whose_log_can_not_be_read_shows_the_case(
    logged: World,  # noqa: F811
    client: CheckedClient,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = client.report(what_happened=TEXT).code

    def away(*_given: object) -> None:
        raise db.StoreFailed("away")

    monkeypatch.setattr(log_notices, "signers", away)
    page = client.look(code)
    assert page.status == 200 and TEXT in page.text and where(page) == []
