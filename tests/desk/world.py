"""A whole site (real store, real portal and API behind a real server) and desks in front of it."""

from __future__ import annotations

import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from nacl.signing import SigningKey
from sqlalchemy import Engine
from waitress import wasyncore
from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from admin.api import create_api
from admin.desk.web.app import DeskOptions, create_desk
from admin.desk.web.context import desk_of
from admin.desk.web.run import make_server
from cases.days import today_jst
from crypto import attachment, keyfile, messages, seal
from crypto import cards as crypto_cards
from crypto.choice import FIRST, Choice
from crypto.envelope import Kind
from crypto.identity import new_identity
from crypto.listing import Listing, readers_field
from crypto.receipt import Receipt, derive, new_code
from portal import create_app
from portal.app import make_objects
from portal.usecases.conversation import Conversation, open_case
from store import cards as store_cards
from store import db, reports
from store import site as store_site
from store.config.secrets import ServerSecrets
from store.config.settings import LimitSettings, ServerSettings, Settings, SiteSettings, StoreSettings
from store.objects import MAX_PIECE, Objects
from tests.support.ports import free_port
from tests.support.roster import stored_roster
from tests.support.site import Auditor, make_auditors
from tests.support.stored import new_report
from tests.support.stored_case import load
from tests.support.tables import with_tables

PASSPHRASE = "ひらけ ごま 2026"
LIGHT = {"ops": 1, "mem": 8 * 1024 * 1024}


@dataclass(frozen=True)
class Sent:
    """A report that a test put into the store, with what its reporter and its auditors know."""

    code: str
    receipt: Receipt
    envelope_id: bytes
    content_key: bytes
    exclude: tuple[bytes, ...] = ()

    @property
    def case_id(self) -> bytes:
        return self.receipt.case_id


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def plain_transport() -> httpx.HTTPTransport:
    """Return what the desk takes by itself, without reading the authorities' certificates once more: these servers
    are asked by http."""
    return httpx.HTTPTransport(verify=_certificates())


class CountingTransport(httpx.BaseTransport):
    """A real transport that notes each request; `before` may answer in the server's place or raise."""

    def __init__(self) -> None:
        self.inner = plain_transport()
        self.requests: list[str] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None
        self.after: Callable[[httpx.Request, httpx.Response], httpx.Response] = lambda _request, answer: (
            answer
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.raw_path.decode()}")
        answer = self.before(request)
        return answer if answer is not None else self.after(request, self.inner.handle_request(request))

    def close(self) -> None:
        self.inner.close()


@dataclass
class World:
    """A site that serves. `day` is the server's day; desks take theirs from `desk_day`."""

    folder: Path
    engine: Engine
    settings: Settings
    secrets: ServerSecrets
    auditors: list[Auditor]
    day: date
    desk_day: date
    salt: bytes
    objects: Objects
    now: float = 1000.0
    site_now: Callable[[], float] = time.time
    """The site's own clock, for tests that go on by days."""
    url: str = ""
    printed: list[str] = field(default_factory=list)
    apps: list[Flask] = field(default_factory=list)
    newcomers: int = 0

    def enroll(self, card: crypto_cards.Card) -> None:
        with db.writing(self.engine) as conn:
            store_cards.enroll(conn, card.key_id, card.person, card.encode(), self.day)

    def retire(self, who: int, by: int) -> None:
        signer = self.auditors[by].identity
        key_id = self.auditors[who].identity.key_id
        retirement = crypto_cards.new_retirement(key_id, self.day, signer.key_id, signer.sign_seed)
        with db.writing(self.engine) as conn:
            store_cards.retire(conn, key_id, retirement.encode(), self.day)

    def newcomer(self, voucher: int, duty: str = "auditor") -> Auditor:
        """Make an auditor whom another vouches for; not enrolled yet."""
        made, by = new_identity(), self.auditors[voucher].identity
        self.newcomers += 1
        number = f" {self.newcomers}" if self.newcomers > 1 else ""  # no two have one name
        card = crypto_cards.new_card(
            made.box_pk,
            made.sign_pk,
            made.sign_seed,
            name={"ja": f"新任 花子{number}", "en": f"Hanako Shinnin{number}"},
            role={"ja": "法務部", "en": "Legal department"},
            duty=duty,
        )
        return Auditor(made, crypto_cards.vouch(card, by.key_id, by.sign_seed))

    def another_key(self, who: int, by: int, duty: str = "auditor") -> Auditor:
        """Make another key of an auditor's person, which somebody vouches for; not enrolled yet."""
        made, voucher, old = new_identity(), self.auditors[by].identity, self.auditors[who].card
        card = crypto_cards.new_card(
            made.box_pk, made.sign_pk, made.sign_seed, old.name, old.role, old.person, duty
        )
        return Auditor(made, crypto_cards.vouch(card, voucher.key_id, voucher.sign_seed))

    def promote(self, who: int) -> None:
        """Give an auditor a lead's key, which is the one of `auditors[who]` from here on."""
        self.auditors[who] = self.another_key(who, 0, "lead")
        self.enroll(self.auditors[who].card)

    @property
    def listing(self) -> Listing:
        """The list as the site uses it."""
        with db.reading(self.engine) as conn:
            return stored_roster(conn, self.secrets.first_card).listing

    def readers(self, slots: Sequence[seal.Recipient] | None = None) -> dict[str, Any]:
        """Return the field that names the readers of an envelope with these slots (those of today)."""
        keys = [slot.key_id for slot in (self.slots() if slots is None else slots)]
        return readers_field(self.listing.prefix(), keys)

    @property
    def cards(self) -> list[crypto_cards.Card]:
        with db.reading(self.engine) as conn:
            found = [crypto_cards.parse_card(row.raw) for row in store_cards.active(conn)]
        return [card for card in found if card.duty not in crypto_cards.SLOTLESS]

    def attach(
        self, data: bytes, name: str = "資料.pdf", cleaned: str = "nothing", found: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Put a sealed file into the store; return the entry that names it, for the `files` of a report."""
        key, digest, object_id = attachment.new_key(), attachment.FileHash(), secrets.token_bytes(16)
        digest.update(data)
        sealer = attachment.Sealer(key)
        self.put_object(object_id, sealer.header + sealer.update(data) + sealer.finish())
        return attachment.entry(
            object_id, key, digest.digest(), len(data), name, "application/pdf", cleaned, found
        )

    def put_object(self, object_id: bytes, raw: bytes) -> None:
        for offset in range(0, len(raw), MAX_PIECE):
            self.objects.put_piece(object_id, len(raw), offset, raw[offset : offset + MAX_PIECE], self.day)

    def report(
        self, exclude: Sequence[bytes] = (), files: Sequence[Mapping[str, Any]] = (), **answers: str
    ) -> Sent:
        """Put a sealed report into the store, as the reporter's site does."""
        code = new_code()
        receipt = derive(code, self.salt)
        payload = messages.report_payload(answers or {"what_happened": "起きたこと"}, exclude, receipt, files)
        return self.store_report(code, receipt, payload, exclude)

    def store_report(
        self,
        code: str,
        receipt: Receipt,
        payload: Mapping[str, Any],
        exclude: Sequence[bytes] = (),
        signer: Receipt | None = None,
    ) -> Sent:
        """Seal a report and store it; `signer` forges."""
        envelope_id = secrets.token_bytes(16)
        named = {"readers": self.readers(), **payload, "envelope_id": envelope_id.hex()}
        signed = messages.sign_reporter(Kind.REPORT, named, signer or receipt)
        sealed = seal.seal(Kind.REPORT, envelope_id, signed, self.slots(exclude))
        new = new_report(receipt, envelope_id, sealed, self.day, exclude)
        claimed = self._claimed(payload)
        with db.writing(self.engine) as conn:
            assert reports.add_report(conn, new, claimed) is reports.Outcome.STORED
        self.objects.settle(claimed)
        return Sent(code, receipt, envelope_id, sealed.content_key, tuple(exclude))

    def _claimed(self, payload: Mapping[str, Any]) -> list[bytes]:
        named = [bytes.fromhex(one["object"]) for one in payload.get("files") or ()]
        assert self.objects.claim(named, self.day)
        return named

    def slots(self, exclude: Sequence[bytes] = ()) -> list[seal.Recipient]:
        cards = self.cards
        out = crypto_cards.excluded_keys(cards, exclude, [card.key_id for card in cards])
        return [seal.Recipient(card.key_id, card.box_pk, card.key_id in out) for card in cards]

    def from_reporter(
        self,
        sent: Sent,
        body: Mapping[str, Any],
        seen: Sequence[bytes] = (),
        signer: Receipt | None = None,
        files: Sequence[Mapping[str, Any]] = (),
        number: int = FIRST,
    ) -> bytes:
        """Put a message of the reporter into the store; `signer` forges.

        `body`: with the persons of its choice in `exclude`, beside those of the report. `number`: of that choice; by
        default the report's, since
        the record of the case stays.
        """
        envelope_id = secrets.token_bytes(16)
        excluded = {*sent.exclude, *map(bytes.fromhex, body.get("exclude", ()))}
        choice = Choice(frozenset(excluded), number)
        payload = messages.reporter_message(body, sent.receipt, seen, files=files, choice=choice)
        payload |= {"readers": self.readers(), "envelope_id": envelope_id.hex()}
        signed = messages.sign_reporter(Kind.FROM_REPORTER, payload, signer or sent.receipt)
        self.store_message(sent, Kind.FROM_REPORTER, envelope_id, signed)
        return envelope_id

    def store_message(
        self,
        sent: Sent,
        kind: Kind,
        envelope_id: bytes,
        payload: Mapping[str, Any],
        act_sig: bytes | None = None,
    ) -> bytes:
        exclude = [bytes.fromhex(person) for person in payload.get("exclude", ()) if isinstance(person, str)]
        sealed = seal.seal(kind, envelope_id, payload, self.slots(exclude))
        if act_sig is None and kind in (Kind.TO_REPORTER, Kind.RECORD):
            act_sig = messages.sign(
                seal.act_seed(sent.content_key), messages.act_text(sent.case_id, sealed.raw)
            )
        mailbox = sent.receipt.mailbox_key_id
        grant = seal.grant(sealed.content_key, sent.receipt.mailbox_pk)
        named = self._claimed(payload)
        with db.writing(self.engine) as conn:
            outcome = reports.add_message(
                conn,
                reports.NewMessage(
                    sent.case_id,
                    envelope_id,
                    int(kind),
                    sealed.raw,
                    self.day,
                    [(mailbox, mailbox, grant)],
                    act_sig,
                    named,
                ),
            )
        assert outcome is reports.Outcome.STORED
        self.objects.settle(named)
        return sealed.raw

    def reporter_sees(self, sent: Sent) -> Conversation:
        """Return what the reporter's site shows for a code."""
        with db.reading(self.engine) as conn:
            file = load(conn, sent.receipt)
            assert file is not None
            return open_case(file, stored_roster(conn, self.secrets.first_card), sent.receipt)

    def wsgi(self) -> Any:
        """The server's application: the reporter's site with the API below it."""
        token_key = secrets.token_bytes(32)
        site = create_app(
            self.settings,
            self.engine,
            self.secrets,
            token_key,
            today=lambda: self.day,
            now=lambda: self.site_now(),
            objects=self.objects,
        )
        api = create_api(
            self.settings,
            self.engine,
            today=lambda: self.day,
            objects=self.objects,
            first_card=self.secrets.first_card,
            sign=lambda text: messages.sign(self.secrets.sign_seed, text),
        )
        return DispatcherMiddleware(site.wsgi_app, {"/api": api.wsgi_app})

    def desk(
        self,
        who: int = 0,
        unlocked: bool = True,
        transport: httpx.BaseTransport | None = None,
        copy: str = "",
    ) -> Flask:
        """Return the desk of one auditor. Another desk of theirs lets go of its local copy: only one may have it.

        `copy`: names a second computer of theirs, with a local copy of its own.
        """
        identity = self.auditors[who].identity
        for app in self.apps:
            if desk_of(app).cache_dir == self.folder / f"desk-{who}{copy}":
                desk_of(app).forget()
        options = DeskOptions(
            cache_dir=self.folder / f"desk-{who}{copy}",
            identity=identity if unlocked else None,
            port=free_port(),
            announce=self.printed.append,
            today=lambda: self.desk_day,
            now=lambda: self.now,
            transport=transport or plain_transport(),
        )
        made = create_desk(self.url, keyfile.lock(identity.seed, PASSPHRASE, **LIGHT), options)
        self.apps.append(made)
        return made

    def close(self) -> None:
        """Close what the site and its desks hold open."""
        for app in self.apps:
            desk_of(app).close()
        self.engine.dispose()


def make_world(folder: Path, auditors: int = 3, url: str = "") -> World:
    """Make a site with auditors; it does not serve yet. `url`: a database with tables; without one a SQLite file."""
    settings = Settings(
        path=folder / "meyasubako.toml",
        site=SiteSettings("試験の目安箱", "Test Meyasubako", True),
        store=StoreSettings(url or f"sqlite:///{folder / 'test.db'}"),
        server=ServerSettings(secret_file=folder / "server.secret"),
        limits=LimitSettings(),
    )
    if not url:
        with_tables(settings.store.url)
    engine = db.make_engine(settings.store.url)
    people = make_auditors(auditors)
    own = ServerSecrets(
        secrets.token_bytes(32), secrets.token_bytes(32), people[0].card.key_id if people else None
    )
    today = today_jst(datetime.now(UTC))
    world = World(
        folder,
        engine,
        settings,
        own,
        people,
        today,
        today,
        secrets.token_bytes(16),
        make_objects(settings, engine),
    )
    with db.writing(engine) as conn:
        store_site.create(conn, world.salt, bytes(SigningKey(own.sign_seed).verify_key))
    for person in world.auditors:
        world.enroll(person.card)
    return world


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """Serve a WSGI application on a port (0: a free one) of the loopback address for the length of a block."""
    memory = 2**31 - 1  # no temporary files here either: a test looks for those of the desk
    server = create_server(
        app, host="127.0.0.1", port=port, threads=4, inbuf_overflow=memory, outbuf_overflow=memory
    )
    with running(server) as taken:
        yield f"http://127.0.0.1:{taken}"


@contextmanager
def serving_desk(app: Flask) -> Iterator[str]:
    """Serve a desk as `run_desk` does for the length of a block."""
    with running(make_server(app, desk_of(app).port)) as port:
        yield f"http://127.0.0.1:{port}{desk_of(app).root}"


@contextmanager
def running(server: Any) -> Iterator[int]:
    """Run a waitress server in a thread."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        # In the loop's own thread, and with the connections that clients keep open, which would keep it going.
        with suppress(OSError):  # a test may have ended the loop, and its trigger, before
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        thread.join(5)
        server.task_dispatcher.shutdown()
