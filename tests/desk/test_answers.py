"""What the server may answer, and what is odd: one good answer, and many that are wrong in one thing each."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from admin.desk.server.client import Server
from admin.desk.server.responses import DELETED, ServerTrouble, Signed, Trouble, an_object, day_of
from admin.desk.server.session import AuditorSession
from cases.deadlines import Promises
from crypto import messages, seal
from crypto.cards import new_retirement
from crypto.encoding import b64e
from tests.desk.world import CountingTransport, World, serving

ID = "ab" * 16
SIG = b64e(bytes(64))
ACT = {"author": ID, "day": "2026-11-23", "sig": SIG, "act_sig": SIG}
REPORT = {
    "seq": 1,
    "case": ID,
    "what": "report",
    "day": "2026-11-23",
    "envelope": ID,
    "kind": 1,
    "size": 8700,
}
STATUS = {
    "seq": 2, "case": ID, "what": "status", "day": "2026-11-23", "sequence": 1, "status": "investigating",
    "author": ID, "sig": SIG, "act_sig": SIG,
}  # fmt: skip
DONE = {"seq": 3, "case": ID, "what": "deleted", "day": "2026-11-23", "acts": [ACT, ACT]}
NEWEST: dict[str, Any] = {"number": 2, "hash": "ab" * 32}
GOOD = {"changes": [REPORT, STATUS, DONE], "more": False, "last": 3, "granted": 0, "register": NEWEST}

Fault = Callable[[dict[str, Any]], object]
FAULTS: dict[str, Fault] = {
    "no last": lambda good: good.pop("last"),
    "no number of grants": lambda good: good.pop("granted"),
    "no register": lambda good: good.pop("register"),
    "a register's number that is none": lambda good: good.update(register={"number": -1, "hash": "ab" * 32}),
    "a register's hash that is none": lambda good: good.update(register={"number": 2, "hash": "x"}),
    "a register's hash that is too short": lambda good: good.update(register={"number": 2, "hash": "ab"}),
    "a last below what is told": lambda good: good.update(last=2),
    "a last that is no number": lambda good: good.update(last=True),
    "a jump beyond last": lambda good: good["changes"][2].update(seq=10**15),
    "a number too large": lambda good: (good["changes"][2].update(seq=2**53), good.update(last=2**53)),
    "a fraction": lambda good: good["changes"][0].update(seq=1.0),
    "not ascending": lambda good: good["changes"][1].update(seq=1),
    "a status that there is none of": lambda good: good["changes"][1].update(status="read by Sato"),
    "a status with half a surrogate": lambda good: good["changes"][1].update(status="closed\ud800"),
    "half a surrogate elsewhere": lambda good: good["changes"][1].update(more="\ud800"),
    "a text that is not in form C": lambda good: good["changes"][1].update(more="か\u3099"),
    "a status without the report's signature": lambda good: good["changes"][1].pop("act_sig"),
    "another word": lambda good: good["changes"][0].update(what="gift"),
    "a word that is none": lambda good: good["changes"][0].update(what=["report"]),
    "a deletion by one": lambda good: good["changes"][2].update(acts=[ACT]),
    "a deletion by three": lambda good: good["changes"][2].update(acts=[ACT] * 3),
    "a short signature": lambda good: good["changes"][2].update(acts=[ACT, ACT | {"sig": "AAAA"}]),
    "a proposal by two": lambda good: good["changes"][2].update(what="deletion"),
    "a day that is none": lambda good: good["changes"][2].update(day="2026-02-30"),
    "too deep": lambda good: good.update(more_of_it=json.loads("[" * 17 + "]" * 17)),
}


class Lying(CountingTransport):
    """Answers each request below /api with one text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.before = lambda _request: httpx.Response(200, content=text.encode("utf-8", "surrogatepass"))


def asked(world: World, text: str) -> Server:
    return Server("http://127.0.0.1:9", lambda: world.day, Lying(text))


def test_a_good_answer_is_taken(world: World) -> None:
    server, who = asked(world, json.dumps(GOOD)), world.auditors[0].identity
    changes, more, last, granted, register = AuditorSession(server, who, world.salt).changes(0)
    assert register == (2, bytes.fromhex(NEWEST["hash"]))
    assert [one.what for one in changes] == ["report", "status", "deleted"] and (more, last, granted) == (
        False,
        3,
        0,
    )
    assert changes[2].acts[0].author == bytes.fromhex(ID) and len(changes[2].acts) == 2
    server.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_with_one_fault_is_odd(world: World, fault: str) -> None:
    spoilt = json.loads(json.dumps(GOOD))
    FAULTS[fault](spoilt)
    server = asked(world, json.dumps(spoilt))
    with pytest.raises(ServerTrouble) as told:
        AuditorSession(server, world.auditors[0].identity, world.salt).changes(0)
    assert told.value.trouble is Trouble.ODD
    server.close()


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", '{"v":1.0}', '{"v":1,"v":1}', '{"v":NaN}', '{"v":1e2}', '{"v":true}', '{"v":"1"}', "{}",
        '{"v":1,"x":"\\ud800"}', '{"v":1,"x":0.5}', '{"v":9007199254740992}', "[" * 100_000, '{"v":1} x', "\ufeff{}",
    ],
)  # fmt: skip
def test_a_list_of_cards_is_read_as_strictly(world: World, text: str) -> None:
    server = asked(world, text)
    with pytest.raises(ServerTrouble) as told:
        server.keys()
    assert told.value.trouble is Trouble.ODD
    server.close()


GRANTS = {"grants": [{"number": 3, "envelope": ID, "sealed": SIG}], "more": False, "upto": 3}
GRANT_FAULTS: dict[str, Fault] = {
    "one that was there": lambda good: good["grants"][0].update(number=2),
    "not ascending": lambda good: good["grants"].extend(
        [dict(good["grants"][0], number=5), good["grants"][0]]
    ),
    "beyond the end": lambda good: good.update(upto=2),
    "more of nothing": lambda good: good.update(grants=[], more=True, upto=2),
    "no end": lambda good: good.pop("upto"),
    "no envelope": lambda good: good["grants"][0].pop("envelope"),
    "a number that is none": lambda good: good["grants"][0].update(number=True),
}


@pytest.mark.parametrize("fault", [None, *GRANT_FAULTS])
def test_grants_are_read_as_strictly(world: World, fault: str | None) -> None:
    told = json.loads(json.dumps(GRANTS))
    if fault:
        GRANT_FAULTS[fault](told)
    server = asked(world, json.dumps(told))
    if fault:
        with pytest.raises(ServerTrouble) as odd:
            AuditorSession(server, world.auditors[0].identity, world.salt).granted(2)
        assert odd.value.trouble is Trouble.ODD
    else:
        found = AuditorSession(server, world.auditors[0].identity, world.salt).granted(2)
        assert found == ([(bytes.fromhex(ID), bytes(64))], 3, False)
    server.close()


@contextmanager
def answering(body: bytes, headers: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Serve one body to every request; yield the address, and what was asked for in Accept-Encoding."""
    asked_for: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        asked_for.append(environ.get("HTTP_ACCEPT_ENCODING", ""))
        start_response("200 OK", [("Content-Length", str(len(body))), *headers.items()])
        return [body]

    with serving(app) as url:
        yield url, asked_for


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "identity"])
def test_an_answer_in_an_encoding_is_odd_and_never_undone(world: World, encoding: str) -> None:
    """Twelve kilobytes that were packed twice are a gigabyte (here: 32 MiB, so that a failing test stays harmless)."""
    packed = gzip.compress(gzip.compress(bytes(32 * 1024 * 1024), 1), 1)
    with answering(packed, {"Content-Encoding": encoding}) as (url, asked_for):
        server = Server(url, lambda: world.day)
        tracemalloc.start()
        try:
            for ask in (
                server.keys,
                lambda: AuditorSession(server, world.auditors[0].identity, world.salt).changes(0),
            ):
                with pytest.raises(ServerTrouble) as told:
                    ask()
                assert told.value.trouble is Trouble.ODD
            assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
        finally:
            tracemalloc.stop()
            server.close()
    assert asked_for == ["identity", "identity"]


def test_a_piece_of_a_file_has_an_end(world: World) -> None:
    who, length = world.auditors[0].identity, {"Meyasubako-Length": str(2**30)}
    for size, taken in ((1024 * 1024, True), (1024 * 1024 + 1, False)):
        with answering(bytes(size), length) as (url, _asked_for):
            server = Server(url, lambda: world.day)
            if taken:
                assert AuditorSession(server, who, world.salt).object_piece(bytes(16), 0) == (
                    bytes(size),
                    2**30,
                )
            else:
                with pytest.raises(ServerTrouble) as told:
                    AuditorSession(server, who, world.salt).object_piece(bytes(16), 0)
                assert told.value.trouble is Trouble.ODD
            server.close()


def test_dates_that_no_calendar_holds_say_nothing() -> None:
    assert day_of("Fri, 31 Dec 9999 23:59:59 GMT") is None
    assert day_of("Mon, 23 Nov 99999 00:00:00 GMT") is None
    assert day_of("yesterday") is None and day_of(None) is None
    assert an_object(b'{"v":1}') == {"v": 1}


def test_every_method_against_the_real_server(world: World) -> None:
    lead, second, salt = world.auditors[0].identity, world.auditors[1].identity, world.salt
    sent = world.report()
    with serving(world.wsgi()) as url:
        server = Server(url, lambda: world.day)
        facts = AuditorSession(server, lead, salt).site()
        assert facts.promises == Promises() and facts.designated
        new = world.newcomer(0)
        for _ in range(2):
            AuditorSession(server, lead, salt).enrol(new.card.encode())
        grant = seal.grant(sent.content_key, new.identity.box_pk)
        AuditorSession(server, lead, salt).add_grants([(sent.envelope_id, new.identity.key_id, grant)])
        (found,) = AuditorSession(server, new.identity, salt).envelopes([sent.envelope_id])
        assert found.grants == (grant,)
        note = new_retirement(new.identity.key_id, world.day, lead.key_id, lead.sign_seed)
        for _ in range(2):
            AuditorSession(server, lead, salt).retire(note.encode())
        assert AuditorSession(server, second, salt).statistics() == []
        AuditorSession(server, lead, salt).put_statistics([])

        def act(who: Any, text: bytes) -> Signed:
            act_sig = messages.sign(seal.act_seed(sent.content_key), text)
            return Signed(who.key_id, world.day, messages.sign(who.sign_seed, text), act_sig)

        delete = messages.delete_text(sent.case_id, lead.key_id, world.day)
        keep = messages.keep_text(sent.case_id, second.key_id, world.day)
        proposed = act(lead, delete)
        AuditorSession(server, lead, salt).propose_deletion(sent.case_id, proposed)
        AuditorSession(server, second, salt).keep_case(sent.case_id, act(second, keep))
        AuditorSession(server, lead, salt).propose_deletion(sent.case_id, proposed)
        named = messages.proposal_hash(proposed.sig)
        agree = messages.agree_text(sent.case_id, second.key_id, named, world.day)
        AuditorSession(server, second, salt).agree_to_deletion(sent.case_id, named, act(second, agree))
        changes, more, last, granted, register = AuditorSession(server, lead, salt).changes(0)
        assert granted == 0 and AuditorSession(server, second, salt).changes(0).granted == 0
        assert (more, last) == (False, changes[-1].seq) and changes[-1].what == DELETED
        assert changes[-1].acts == (act(lead, delete), act(second, agree))
        # A desk that knows more than the server is told so.
        assert AuditorSession(server, lead, salt).changes(last + 1000) == ([], False, last, 0, register)
        server.close()


class Dripping(CountingTransport):
    """Gives its answer byte by byte; each takes two seconds of the clock that it turns."""

    def __init__(self, clock: list[float]) -> None:
        super().__init__()
        self.clock, self.given = clock, 0
        self.before = lambda _request: httpx.Response(200, stream=self.drops())

    def drops(self) -> httpx.SyncByteStream:
        mine = self

        class Drops(httpx.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                while True:
                    mine.clock[0] += 2.0
                    mine.given += 1
                    yield b" "

        return Drops()


def test_an_answer_that_drips_ends(world: World) -> None:
    clock = [0.0]
    wire = Dripping(clock)
    server = Server("http://127.0.0.1:9", lambda: world.day, wire, now=lambda: clock[0])
    with pytest.raises(ServerTrouble) as trouble:
        AuditorSession(server, world.auditors[0].identity, world.salt).changes(0)
    assert trouble.value.trouble is Trouble.SLOW and wire.given == 61
