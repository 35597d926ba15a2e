"""Whatever a server shows, in whatever order, a witness cosigns one history only, also after a person said "resume"."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.desk.server.client import Server
from admin.witness.folder import FORK, make_folder
from admin.witness.run import run
from cases.log_rule import log_rule
from crypto import logbatch, logleaf, note, plainleaf, tlog
from crypto.log_policy import first_text

SALT, SEED = bytes(range(16)), bytes([5]) * 32
LOG = logbatch.log_verifier(SALT, SEED)
BEGIN = date(2026, 11, 1)
FAR = BEGIN + timedelta(days=300)
NOW = 1893456000
FOUNDING = logbatch.founding_leaves(SALT, SEED, 16, log_rule())
RULES = plainleaf.rules_hash(first_text(LOG), log_rule())


def batch(history: list[bytes], number: int) -> list[bytes]:
    day = plainleaf.DayLeaf(BEGIN + timedelta(days=number), len(history), 0, 16, bytes(32), RULES)
    return [day.encode(), *(logleaf.dummy(1) for _ in range(16))]


@dataclass
class LyingServer:
    """Shows any prefix of any history that it ever made, each properly signed; may hide the leaves."""

    histories: list[list[bytes]] = field(default_factory=lambda: [list(FOUNDING)])
    shown: list[bytes] = field(default_factory=list)
    hidden: bool = False
    lines: list[str] = field(default_factory=list)

    def note(self) -> str:
        root = tlog.root_of([tlog.leaf_hash(leaf) for leaf in self.shown])
        return note.sign_checkpoint(note.Checkpoint(LOG.name, len(self.shown), root), logbatch.log_seed(SEED))

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, raw = request.url.path, b""
        if path == "/log/cosignature":
            self.lines.append(request.content.decode())
        elif path == "/log/checkpoint" and request.method == "GET":
            raw = self.note().encode()
        elif path == "/log/rule":
            raw = log_rule().encode()
        elif path.startswith("/log/tile/entries/") and not self.hidden:
            raw = tlog.entry_bundle(self.shown[: int(path.rpartition(".p/")[2])])
        return httpx.Response(200, stream=httpx.ByteStream(raw))

    def act(self, what: str, which: int, at: int) -> None:
        history = self.histories[which % len(self.histories)]
        days = (len(history) - len(FOUNDING)) // 17
        if what == "grow":
            history += batch(history, days)
        elif what == "fork":
            kept = at % (days + 1)
            other = history[: len(FOUNDING) + 17 * kept]
            self.histories.append(other + batch(other, kept))
            history = self.histories[-1]
        elif what == "old":
            history = history[: len(FOUNDING) + 17 * (at % (days + 1))]
        self.shown, self.hidden = list(history), what == "hide"


STEPS = st.tuples(
    st.sampled_from(["grow", "grow", "grow", "fork", "old", "hide", "show"]),
    st.integers(0, 5),
    st.integers(0, 9),
    st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=2, max_size=8))
def test_a_witness_cosigns_one_history(steps: list[tuple[str, int, int, bool]]) -> None:
    server = LyingServer()
    signed: list[list[bytes]] = []
    with tempfile.TemporaryDirectory() as path:
        folder = make_folder(Path(path) / "witness", "union")
        state, _leaves = folder.load()
        folder.write(replace(state, log=LOG, met=BEGIN))
        client = Server("http://127.0.0.1:1", lambda: FAR, httpx.MockTransport(server.answer))
        for what, which, at, resumes in steps:
            server.act(what, which, at)
            before = len(server.lines)
            run(folder, client, LOG, NOW, FAR)
            if len(server.lines) > before:
                line = note.read_line(server.lines[-1].removesuffix("\n"))
                cosigned = note.read_checkpoint(note.with_lines(server.note(), [line]), LOG, [state.vkey])
                assert state.vkey in cosigned.cosigned
                signed.append(server.shown)
            now, leaves = folder.load()
            assert all(leaves[: len(there)] == there for there in signed), "what it keeps is what it signed"
            if resumes and now.stopped == FORK:
                folder.write(replace(now, stopped=""))
        client.close()
    for one, other in itertools.pairwise(sorted(signed, key=len)):
        assert other[: len(one)] == one, "two histories with one witness's signature"
