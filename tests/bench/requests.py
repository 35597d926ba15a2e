"""`python -m tests.bench.requests`: reports and look-ups beside two floors, in turns, with processor time per request.

Floors: a bare view that commits one row, and a view that also seals as any server in Python with this promise has to.
In each round all servers are measured one after the other, so that a noisy machine hits all of them; the ratio is what
is worth quoting. `--against`: an older tree of this project, measured in the same rounds.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from crypto import logleaf
from crypto.encoding import b64d, b64e
from crypto.envelope import envelope_hash
from tests.bench import load
from tests.bench.peers import Peer, floor, serving
from tests.support.postgres import running_postgres
from tests.support.reporter import CODE, inputs, multipart
from tests.support.sealed_client import Answer, SealedPage
from tests.support.site import ROOT

TEXT: Final = "顧客名簿が流出したのに、公表も報告もしないと決められました。" * 20
FORM, SEALED, LOOK, STATUS, PAGE = (
    "POST, scripts off",
    "POST, scripts on",
    "/sealed/look",
    "look-up",
    "form page",
)
WHAT: Final = (FORM, SEALED, LOOK, STATUS, PAGE)


@dataclass
class Series:
    """What the rounds of one server showed, for one kind of request."""

    results: list[load.Result] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    cpu_of_others: list[float] = field(default_factory=list)


@dataclass
class Client:
    """Prepares requests for one server; what is timed is sending them."""

    peer: Peer
    codes: list[str] = field(default_factory=list)
    pages: list[SealedPage] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    has_log: bool = False

    def requests(self, what: str, count: int) -> list[load.Request]:
        """Return requests of a kind of WHAT."""
        if what == FORM:
            return self._forms(count)
        if what == SEALED:
            return [load.Request("POST", *self._sealed()) for _ in range(count)]
        if what == LOOK:
            missing = [load.Request("POST", *self._sealed()) for _ in range(count - len(self.pages))]
            if missing:
                expect(load.run(self.peer.port, missing, 4))
            return [self._look(page) for page in self.pages[:count]]
        if what == STATUS:
            while len(self.codes) < count:
                self.take(expect(load.run(self.peer.port, self._forms(count - len(self.codes)), 4)))
            sent = [multipart([("code", code)]) for code in self.codes[:count]]
            return [load.Request("POST", "/ja/status", *body) for body in sent]
        return [load.Request("GET", "/ja/report")] * count

    def take(self, result: load.Result) -> None:
        """Remember the codes of receipts."""
        found = [CODE.search(answer.decode()) for answer in result.answers]
        self.codes += [match.group(0) for match in found if match]

    def _forms(self, count: int) -> list[load.Request]:
        asked = [load.Request("GET", "/ja/report")] * count
        pages = [inputs(page.decode()) for page in load.run(self.peer.port, asked, 8).answers]
        fields = [[(name, page[name]) for name in ("code", "csrf_token")] for page in pages]
        bodies = [multipart([*hidden, ("what_happened", TEXT)]) for hidden in fields]
        return [load.Request("POST", "/ja/report", *body) for body in bodies]

    def _page(self) -> SealedPage:
        if not self.keys:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.peer.port}/keys.json", timeout=20) as answer:
                self.keys = json.load(answer)
            self.has_log = self.keys.get("log") is not None
        return SealedPage(_nothing, self.keys)

    def _sealed(self) -> tuple[str, bytes, str]:
        page = self._page()
        body = page.report_body({"what_happened": TEXT})
        self.pages.append(page)
        if self.has_log:
            raw = b64d(body["envelope"])
            opening = logleaf.envelope_opening("report", page.case_id, raw, envelope_hash(raw))
            readers = [logleaf.Reader(slot.key_id, slot.box_pk) for slot in page.slots()]
            body["leaf"] = b64e(logleaf.make(logleaf.log_key(page.receipt.root), opening, readers))
        return "/sealed/report", json.dumps(body).encode(), "application/json"

    def _look(self, page: SealedPage) -> load.Request:
        asked = json.dumps({"lookup": b64e(page.receipt.lookup_id)}).encode()
        return load.Request("POST", "/sealed/look", asked, "application/json")


def _nothing(_path: str, _body: bytes, _kind: str) -> Answer:
    raise AssertionError("requests are only prepared")


def expect(result: load.Result, status: int = 200) -> load.Result:
    """Refuse to quote a speed at which anything failed."""
    wrong = [got for got in result.statuses if got != status]
    if wrong:
        raise click.ClickException(f"{len(wrong)} answers were not {status}: {sorted(set(wrong))}")
    return result


def measured(peer: Peer, asked: Sequence[load.Request], at_once: int, series: Series) -> load.Result:
    """Send requests and note what they cost."""
    before, others = peer.seconds(), peer.seconds_of_others()
    result = expect(load.run(peer.port, asked, at_once))
    series.results.append(result)
    series.cpu.append(1000 * (peer.seconds() - before) / len(asked))
    series.cpu_of_others.append(1000 * (peer.seconds_of_others() - others) / len(asked))
    return result


@contextmanager
def peers(
    folder: Path, cards: int, workers: int, postgres: bool, against: Path | None
) -> Iterator[tuple[dict[str, tuple[int, int]], list[Peer]]]:
    """Serve the floors (port, pid) and the sites, the newest of each database last."""
    server = f"workers = {workers}\n"
    with ExitStack() as stack:
        os.environ["FLOOR_READERS"] = str(cards)
        floors = {"floor": stack.enter_context(floor(folder, workers, 16))}
        trees = [("before", against)] if against else []
        sites: list[Peer] = []
        for name, tree in [*trees, ("now", ROOT)]:
            site = serving(f"SQLite, {name}", folder / name, cards, tree=tree, server=server)
            sites.append(stack.enter_context(site))
        if postgres:
            database = stack.enter_context(running_postgres())
            for name, tree in [*trees, ("now", ROOT)]:
                place, url = folder / f"pg-{name}", database.url(database.new_database())
                pid = database.process.pid
                site = serving(f"PostgreSQL, {name}", place, cards, url, tree, server, pid)
                sites.append(stack.enter_context(site))
        yield floors, sites


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often all servers are measured in turn.")
@click.option(
    "--count", default=600, show_default=True, help="Requests per measurement (a third at 1 at a time)."
)
@click.option("--cards", default=2, show_default=True, help="Auditors that reports are sealed to.")
@click.option("--workers", default=2, show_default=True, help="Workers of each server, floors too.")
@click.option("--postgres/--no-postgres", default=True, show_default=True, help="Measure PostgreSQL too.")
@click.option("--at-once", "levels", multiple=True, type=int, default=(1, 8, 64), show_default=True)
@click.option("--what", "kinds", multiple=True, type=click.Choice(WHAT), default=WHAT)
@click.option(
    "--against", type=click.Path(exists=True, file_okay=False, path_type=Path), help="An older tree."
)
def main(
    rounds: int,
    count: int,
    cards: int,
    workers: int,
    postgres: bool,
    levels: tuple[int, ...],
    kinds: tuple[str, ...],
    against: Path | None,
) -> None:
    """Measure and print a table for each number of requests at once."""
    measure(rounds, count, cards, workers, postgres=postgres, levels=levels, kinds=kinds, against=against)


def measure(
    rounds: int,
    count: int,
    cards: int = 2,
    workers: int = 2,
    *,
    postgres: bool = True,
    levels: Sequence[int] = (1, 8, 64),
    kinds: Sequence[str] = WHAT,
    against: Path | None = None,
) -> None:
    """Measure and print tables; what is given: see the options."""
    click.echo(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {workers} workers, {cards} cards; every report and "
        "row is synced; load on the same machine"
    )
    with (
        tempfile.TemporaryDirectory() as name,
        peers(Path(name), cards, workers, postgres, against) as (floors, sites),
    ):
        clients = {site.name: Client(site) for site in sites}
        bare = Peer("floor: bare view, one row", *floors["floor"])
        for at_once in levels:
            amount = count if at_once > 1 else max(count // 3, 1)
            _table(at_once, _rounds(rounds, amount, at_once, kinds, bare, clients))


Rounds = dict[tuple[str, str], Series]


def _rounds(
    rounds: int, amount: int, at_once: int, kinds: Sequence[str], bare: Peer, clients: dict[str, Client]
) -> Rounds:
    all_of: Rounds = {}
    for _ in range(rounds):
        for what in kinds:
            # What pages seal is made in this tree's formats: an older tree may have others.
            asked_of = [name for name in clients if what not in (SEALED, LOOK) or not name.endswith("before")]
            prepared = {name: clients[name].requests(what, amount) for name in asked_of}
            if what == FORM:
                bodies = next(iter(prepared.values()))
                for path, name in (("/", "bare"), ("/seal", "sealing")):
                    rows = [load.Request("POST", path, asked.body, asked.kind) for asked in bodies]
                    measured(bare, rows, at_once, all_of.setdefault((f"floor: {name}", FORM), Series()))
            for name in asked_of:
                client, series = clients[name], all_of.setdefault((name, what), Series())
                result = measured(client.peer, prepared[name], at_once, series)
                if what == FORM:
                    client.take(result)
    return all_of


def _table(at_once: int, all_of: Rounds) -> None:
    head = f"{'what':<20}{'server':<22}{'/s':>7}{'p50':>8}{'p99':>8}{'CPU ms':>8}{'+ PG':>7}"
    click.echo(f"\n{at_once} at once\n{head}{'of bare':>9}{'of sealing':>11}{'CPU, times before':>19}")
    bare, sealing = all_of.get(("floor: bare", FORM)), all_of.get(("floor: sealing", FORM))
    for (name, what), series in all_of.items():
        middle = [_middle(series, part) for part in ("per_second", "p50", "p99")]
        cpu, others = statistics.median(series.cpu), statistics.median(series.cpu_of_others)
        ratios = [_ratio(series, against) if what in (FORM, SEALED) else "" for against in (bare, sealing)]
        before = all_of.get((name.replace("now", "before"), what))
        times = ""
        if before is not None and before is not series:
            rates = [b / a for a, b in zip(series.cpu, before.cpu, strict=True)]
            faster = [
                a.per_second / b.per_second for a, b in zip(series.results, before.results, strict=True)
            ]
            times = f"/{statistics.median(rates):.2f}, rate × {statistics.median(faster):.2f}"
        click.echo(
            f"{what:<20}{name:<22}{middle[0]:>7.0f}{middle[1]:>8.1f}{middle[2]:>8.1f}{cpu:>8.2f}{others:>7.2f}"
            f"{ratios[0]:>9}{ratios[1]:>11}{times:>19}"
        )


def _middle(series: Series, part: str) -> float:
    return float(statistics.median(getattr(result, part) for result in series.results))


def _ratio(series: Series, against: Series | None) -> str:
    if against is None or against is series:
        return ""
    pairs = zip(series.results, against.results, strict=True)
    return f"{100 * statistics.median(mine.per_second / its.per_second for mine, its in pairs):.0f} %"


if __name__ == "__main__":
    main()
