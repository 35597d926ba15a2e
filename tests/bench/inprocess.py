"""`python -m tests.bench.inprocess`: processor time of requests in one process, without a server around them.

The site is called as a WSGI server calls it, with requests that were prepared before. `--against`: an older tree of
this project, measured in turns. Each tree makes its own requests, as their formats differ.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click

from tests.support.postgres import running_postgres
from tests.support.site import ROOT

WHAT: Final = ("POST, scripts off", "/sealed/report", "/sealed/look", "look-up")

_MEASURES: Final = """
import io, json, secrets, sys, time
from pathlib import Path
from portal import create_app
from store import db
from store.config.secrets import load_secrets
from tests.support.reporter import CODE, inputs, multipart
from tests.support.sealed_client import SealedPage
from tests.support.site import make_site, today
from crypto.encoding import b64e

TEXT = "顧客名簿が流出したのに、公表も報告もしないと決められました。" * 20
site = make_site(Path(sys.argv[1]), int(sys.argv[2]), url=sys.argv[3] or None)
engine = db.make_engine(site.settings.store.url)
app = create_app(
    site.settings, engine, load_secrets(site.settings.server.secret_file), secrets.token_bytes(32), today=today
)


def environ(method, path, body=b"", kind=""):
    return {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }


def answer(asked):
    told = []
    parts = app(asked, lambda status, headers, exc_info=None: told.append(status))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    assert told == ["200 OK"], (told, body[-2000:])
    return body


def form():
    hidden = inputs(answer(environ("GET", "/ja/report")).decode())
    pairs = [(name, hidden[name]) for name in ("code", "csrf_token")] + [("what_happened", TEXT)]
    return environ("POST", "/ja/report", *multipart(pairs))


def sealed(page):
    body = json.dumps(page.report_body({"what_happened": TEXT})).encode()
    return environ("POST", "/sealed/report", body, "application/json")


def look(page):
    asked = json.dumps({"lookup": b64e(page.receipt.lookup_id)}).encode()
    return environ("POST", "/sealed/look", asked, "application/json")


def prepared(what, count):
    if what == "POST, scripts off":
        return [form() for _ in range(count)]
    if what == "look-up":
        codes = [CODE.search(answer(form()).decode()).group(0) for _ in range(count)]
        return [environ("POST", "/ja/status", *multipart([("code", code)])) for code in codes]
    keys = json.loads(answer(environ("GET", "/keys.json")))
    pages = [SealedPage(None, keys) for _ in range(count)]
    reports = [sealed(page) for page in pages]
    if what == "/sealed/report":
        return reports
    for asked in reports:
        answer(asked)
    return [look(page) for page in pages]


for line in sys.stdin:
    what, _, count = line.strip().rpartition(" ")
    waiting = prepared(what, int(count))
    began = time.process_time()
    for asked in waiting:
        answer(asked)
    print(1000 * (time.process_time() - began) / len(waiting), flush=True)
engine.dispose()
"""
"""Runs in the tree that is measured: for each line of its input, a kind of request and a number, it tells the
milliseconds of CPU that one takes."""


@contextmanager
def _measuring(tree: Path, folder: Path, cards: int, url: str) -> Iterator[subprocess.Popen[str]]:
    python = tree / ".venv" / "bin" / "python"
    command = [
        str(python if python.exists() else sys.executable),
        "-c",
        _MEASURES,
        str(folder),
        str(cards),
        url,
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    with subprocess.Popen(
        command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _cpu_ms(process: subprocess.Popen[str], what: str, count: int) -> float:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{what} {count}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


@click.command()
@click.option("--rounds", default=9, show_default=True, help="How often each kind is measured, in turns.")
@click.option("--count", default=40, show_default=True, help="Requests per measurement.")
@click.option("--cards", default=2, show_default=True, help="Auditors that reports are sealed to.")
@click.option("--postgres/--no-postgres", default=False, show_default=True, help="On PostgreSQL, not SQLite.")
@click.option("--what", "kinds", multiple=True, type=click.Choice(WHAT), default=WHAT)
@click.option(
    "--against", type=click.Path(exists=True, file_okay=False, path_type=Path), help="An older tree."
)
def main(
    rounds: int, count: int, cards: int, postgres: bool, kinds: tuple[str, ...], against: Path | None
) -> None:
    """Measure and print a table: the least and the median of the rounds, CPU milliseconds of a request."""
    measure(rounds, count, cards, postgres=postgres, kinds=kinds, against=against)


def measure(
    rounds: int = 9,
    count: int = 40,
    cards: int = 2,
    *,
    postgres: bool = False,
    kinds: Sequence[str] = WHAT,
    against: Path | None = None,
) -> None:
    """Measure and print a table; what is given: see the options."""
    trees = {**({"before": against.resolve()} if against else {}), "now": ROOT}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        database = stack.enter_context(running_postgres()) if postgres else None
        processes = {}
        for which, tree in trees.items():
            url = database.url(database.new_database()) if database else ""
            processes[which] = stack.enter_context(_measuring(tree, Path(name) / which, cards, url))
        place = "PostgreSQL" if postgres else "SQLite"
        click.echo(
            f"\nin one process, {place}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {cards} cards"
        )
        click.echo(
            f"{'CPU ms of a request, least (median)':<36}" + "".join(f"{which:>16}" for which in trees)
        )
        for what in kinds:
            _row(what, processes, rounds, count)


def _row(what: str, processes: Mapping[str, subprocess.Popen[str]], rounds: int, count: int) -> None:
    spent: dict[str, list[float]] = {which: [] for which in processes}
    for process in processes.values():
        _cpu_ms(process, what, count)  # caches are filled, templates compiled
    for number in range(rounds):
        for which in sorted(processes, reverse=bool(number % 2)):
            spent[which].append(_cpu_ms(processes[which], what, count))
    cells = [f"{min(got):.2f} ({statistics.median(got):.2f})" for got in spent.values()]
    click.echo(f"{what:<36}" + "".join(f"{cell:>16}" for cell in cells) + _ratios(spent))


def _ratios(spent: dict[str, list[float]]) -> str:
    if "before" not in spent:
        return ""
    least = min(spent["now"]) / min(spent["before"])
    pairs = zip(spent["now"], spent["before"], strict=True)
    middle = statistics.median(now / before for now, before in pairs)
    return f"   now of before: {least:.2f} ({middle:.2f})"


if __name__ == "__main__":
    main()
