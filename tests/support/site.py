"""A whole site in a temporary folder: settings, database, auditors, and a real gunicorn in front of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from nacl.bindings import crypto_sign_seed_keypair

from cases.days import today_jst
from crypto import cards as crypto_cards
from crypto.identity import Identity, new_identity
from crypto.receipt import derive, parse_code
from store import cards as store_cards
from store import db, deletion, feed, reports
from store import site as store_site
from store import tables as t
from store.config.secrets import create_secrets, pin_first_card
from store.config.settings import Settings, load_settings
from tests.support.ports import free_port
from tests.support.reporter import Reporter
from tests.support.tables import with_tables
from tests.support.watched import watched

_GIVE_SOCKET = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""
ROOT = Path(__file__).resolve().parents[2]
STARTED = 60.0


T = TypeVar("T")
R = TypeVar("R")


def today() -> date:
    """Return the day that a server started now works with."""
    return today_jst(datetime.now(UTC))


def within(unit: Callable[[], T], act: Callable[[T], R]) -> tuple[T, R]:
    """Return a day or an hour, and what came of an act in it; where it ended meanwhile the act is done again."""
    while True:
        now = unit()
        result = act(now)
        if unit() == now:
            return now, result


@dataclass(frozen=True)
class Auditor:
    """One enrolled human of a test: key and card."""

    identity: Identity
    card: crypto_cards.Card


def make_auditors(count: int) -> list[Auditor]:
    """Make auditors; the first one is the founder and vouches for the others."""
    people: list[Auditor] = []
    for number in range(count):
        identity = new_identity()
        card = crypto_cards.new_card(
            identity.box_pk,
            identity.sign_pk,
            identity.sign_seed,
            name={"ja": f"監査 {number}", "en": f"Auditor {number}"},
            role={"ja": f"監査部 {number}", "en": f"Audit department {number}"},
        )
        if people:
            founder = people[0].identity
            card = crypto_cards.vouch(card, founder.key_id, founder.sign_seed)
        people.append(Auditor(identity, card))
    return people


@dataclass
class Site:
    """One site's folder and, while it serves, its gunicorn."""

    folder: Path
    port: int
    auditors: list[Auditor]
    settings: Settings
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    python_path: list[str] = field(default_factory=list)
    held: socket.socket | None = None
    """A listening socket that the server is given, as systemd gives it."""
    is_watched: bool = False
    """Whether a test looks into the server's process (tests/support/watched.py)."""

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "meyasubako.toml"

    @property
    def log(self) -> Path:
        """Everything that the server wrote to its standard output and error."""
        return self.folder / "server.log"

    @property
    def tmp(self) -> Path:
        """The server's TMPDIR."""
        return self.folder / "tmp"

    @property
    def base(self) -> str:
        """The address of the running site."""
        return f"http://127.0.0.1:{self.port}"

    def reporter(self, language: str = "ja", timeout: float = 30.0) -> Reporter:
        """Return a new reporter in front of this site."""
        return Reporter("127.0.0.1", self.port, language, timeout)

    def start(
        self,
        before: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Start the real server, below another program (strace) if one is named; return when it answers."""
        self.tmp.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            **self.environment,
            **(extra or {}),
            "MEYASUBAKO_CONFIG": str(self.config),
            "TMPDIR": str(self.tmp),
            "PYTHONPATH": os.pathsep.join([*self.python_path, str(ROOT)]),
        }
        serve = ["serve", *arguments]
        program = (
            watched("admin.cli", serve) if self.is_watched else [sys.executable, "-m", "admin.cli", *serve]
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*before, *(self._given() if self.held else ()), *program],
                pass_fds=[self.held.fileno()] if self.held else [],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._await_answer()

    def _given(self) -> list[str]:
        assert self.held is not None
        return [sys.executable, "-c", _GIVE_SOCKET, str(self.held.fileno())]

    def _await_answer(self) -> None:
        assert self.process is not None
        waited = datetime.now(UTC).timestamp() + STARTED
        while datetime.now(UTC).timestamp() < waited:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.base}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as error:
                if error.code == 503:  # it serves, but has nobody to read reports
                    return
            except OSError:
                # Nothing to wait on but the port itself: the next connect is the poll.
                select_nothing(0.05)
        self.stop()
        raise AssertionError("the server did not start:\n" + self.log.read_text(errors="replace")[-3000:])

    def workers(self) -> list[int]:
        """Return the process ids of gunicorn's workers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def stop(self) -> None:
        """End the server as an operator does, and wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.process = None


def select_nothing(seconds: float) -> None:
    """Give the processor away between two attempts to connect."""
    import select

    select.select([], [], [], seconds)


OPERATOR = """
[operator]
name_ja = "例示商事株式会社 監査部"
name_en = "Example Trading Inc., internal audit"
contact = "speakup@example.jp"
purpose_ja = "通報を調べ、是正し、通報者に答えるためだけに使います。"
purpose_en = "To look into what is reported, to put it right and to answer the person who reported."
retention_ja = "対応が終わってから3年間保管し、その後に消します。"
retention_en = "For three years after the case is closed. Then it is deleted."
"""


def make_site(
    folder: Path, auditors: int = 2, url: str | None = None, server: str = "", limits: str = ""
) -> Site:
    """Lay out a site: settings, secret, database, salt, enrolled auditors. Nothing runs yet."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "meyasubako.toml").write_text(
        '[site]\nname_ja = "試験の目安箱"\nname_en = "Test Meyasubako"\ndesignated = true\n\n'
        f'[store]\nurl = "{url or "sqlite:///meyasubako.db"}"\n\n'
        f'[server]\nbind = "127.0.0.1:{port}"\nsecret_file = "server.secret"\n{server}\n'
        f"[limits]\n{limits}\n{OPERATOR}",
        encoding="utf-8",
    )
    people = make_auditors(auditors)
    secrets = create_secrets(folder / "server.secret")
    if people:
        pin_first_card(folder / "server.secret", people[0].card.key_id)
    settings = load_settings(folder / "meyasubako.toml")
    with_tables(settings.store.url)
    engine = db.make_engine(settings.store.url)
    with db.writing(engine) as conn:
        store_site.create(conn, os.urandom(16), crypto_sign_seed_keypair(secrets.sign_seed)[0])
        for person in people:
            store_cards.enroll(conn, person.card.key_id, person.card.person, person.card.encode(), today())
    engine.dispose()
    return Site(folder, port, people, settings)


@contextmanager
def running(site: Site, before: Sequence[str] = ()) -> Iterator[Site]:
    """Serve a site for the length of a block."""
    site.start(before)
    try:
        yield site
    finally:
        site.stop()


def break_record(site: Site, code: str) -> None:
    """Spoil the exclude record of a code's case."""
    engine = db.make_engine(site.settings.store.url)
    with db.writing(engine) as conn:
        found = reports.lookup(conn, derive(parse_code(code), store_site.get(conn).salt).index)
        assert found is not None
        mine = t.case_file.c.case_id == found.case_id
        conn.execute(t.case_file.update().where(mine).values(mailbox_record=bytes(2418)))
    engine.dispose()


def delete_case(site: Site, code: str) -> None:
    """Delete the case of a code, with what looks like two auditors' signatures."""
    engine = db.make_engine(site.settings.store.url)
    act = deletion.SignedAct(today(), os.urandom(16), os.urandom(64), os.urandom(64))
    with db.writing(engine) as conn:
        found = reports.lookup(conn, derive(parse_code(code), store_site.get(conn).salt).index)
        assert found is not None
        feed.take_turn(conn)
        deletion.add(conn, found.case_id, deletion.PROPOSED, act)
        (proposal,) = deletion.acts(conn, found.case_id)
        deletion.delete_case(conn, found.case_id, proposal.seq, act)
    engine.dispose()
