"""A site with a log whose policy names one outside witness, and that witness's folder. The site serves on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from admin.desk.server.client import Server
from admin.logbook import LogKeeper, LogRun, begin_log
from admin.witness.folder import WitnessFolder, make_folder
from admin.witness.run import WitnessRun, first_look
from admin.witness.run import run as run_once
from cases.days import JST
from crypto import logbatch, note
from crypto.logbatch import release_leaf
from portal import bundle
from store import db
from store import log as store_log
from tests.desk.world import CountingTransport, World, make_world, serving


@dataclass
class Watched:
    """A world with a log and a witness. `transport`: what the witness asks through."""

    world: World
    folder: WitnessFolder
    transport: CountingTransport = field(default_factory=CountingTransport)
    release: bytes = b""

    @property
    def verifier(self) -> note.VerifierKey:
        return logbatch.log_verifier(self.world.salt, self.world.secrets.sign_seed)

    def noon(self, day: date) -> int:
        return int(datetime(day.year, day.month, day.day, 12, tzinfo=JST).timestamp())

    def tick(self, days: int = 1) -> LogRun:
        """Go on by days, with the batches that are due."""
        self.world.day += timedelta(days=days)
        return self.batches()

    def batches(self) -> LogRun:
        secret = self.world.settings.server.secret_file
        release = self.release or release_leaf(bundle.served())
        return LogKeeper(self.world.engine, secret, release).run(self.noon(self.world.day))

    def server(self) -> Server:
        return Server(self.world.url, lambda: self.world.day, self.transport)

    def run(self, folder: WitnessFolder | None = None, log: note.VerifierKey | None = None) -> WitnessRun:
        """Make one run of the witness at noon of the world's day."""
        server = self.server()
        try:
            at = self.noon(self.world.day)
            return run_once(folder or self.folder, server, log or self.verifier, at, self.world.day)
        finally:
            server.close()

    def pin(self, folder: WitnessFolder) -> None:
        server = self.server()
        try:
            log = first_look(server)
        finally:
            server.close()
        assert log == self.verifier
        state, _leaves = folder.load()
        folder.write(replace(state, address=self.world.url, log=log, met=self.world.day))

    def head(self) -> store_log.HeadRow:
        with db.reading(self.world.engine) as conn:
            head = store_log.head(conn)
        assert head is not None
        return head

    def served(self) -> note.SignedCheckpoint:
        """The checkpoint as the site serves it, with the witness's cosignature where it has one."""
        import httpx

        text = httpx.get(f"{self.world.url}/log/checkpoint").text
        return note.read_checkpoint(text, self.verifier, [self.folder.load()[0].vkey])


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    world = make_world(tmp_path)
    world.settings.server.secret_file.write_bytes(world.secrets.encode())
    world.settings.server.secret_file.chmod(0o600)
    folder = make_folder(tmp_path / "witness", "union")
    with db.writing(world.engine) as conn:
        begin_log(conn, world.settings.server.secret_file, 16, [folder.load()[0].vkey])
    made = Watched(world, folder)
    made.tick(0)
    made.tick()
    with serving(world.wsgi()) as url:
        world.url = url
        made.pin(folder)
        yield made
