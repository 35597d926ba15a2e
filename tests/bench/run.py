"""`make bench`: complete submissions and status checks per second beside a bare view, in the same run.

Each round measures the floor and the product one after the other, so that a noisy machine hits both; the ratio is
what is worth quoting.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tests.bench import browser, desk, load, log, log_posts, uploads, verify
from tests.support.ports import free_port
from tests.support.reporter import CODE, inputs, multipart
from tests.support.site import ROOT, Site, make_site, running, select_nothing

TEXT = "顧客名簿が流出したのに、公表も報告もしないと決められました。" * 20


@contextmanager
def floor(folder: Path, workers: int, threads: int) -> Iterator[int]:
    """Serve the bare view under the same kind of gunicorn with the same numbers of workers and threads."""
    port = free_port()
    command = ["-m", "gunicorn", "tests.bench.floor:app", "-b", f"127.0.0.1:{port}", "-k", "gthread"]
    command += [
        "-w",
        str(workers),
        "--threads",
        str(threads),
        "--keep-alive",
        "15",
        "--log-level",
        "critical",
    ]
    environment = {**os.environ, "FLOOR_DB": str(folder / "floor.db"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, *command], env=environment, cwd=folder)
    try:
        for _ in range(400):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
                break
            except OSError:
                select_nothing(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def prepared_reports(site: Site, count: int) -> list[load.Request]:
    """Fetch forms and fill them; what is timed later is the POST alone."""
    pages = load.run(site.port, [load.Request("GET", "/ja/report")] * count, 16).answers
    found = []
    for page in pages:
        hidden = inputs(page.decode())
        body, kind = multipart(
            [("code", hidden["code"]), ("csrf_token", hidden["csrf_token"]), ("what_happened", TEXT)]
        )
        found.append(load.Request("POST", "/ja/report", body, kind))
    return found


def expect(result: load.Result, status: int = 200) -> load.Result:
    """Refuse to quote a speed at which anything failed."""
    wrong = [got for got in result.statuses if got != status]
    if wrong:
        raise click.ClickException(f"{len(wrong)} answers were not {status}: {sorted(set(wrong))}")
    return result


def row(
    name: str, at_once: int, results: Sequence[load.Result], against: Sequence[load.Result] | None
) -> None:
    """Print the median of the rounds, and the median of the ratios to the floor."""
    rate, p50, p99 = (
        statistics.median(getattr(r, part) for r in results) for part in ("per_second", "p50", "p99")
    )
    ratio = ""
    if against:
        ratios = [a.per_second / b.per_second for a, b in zip(results, against, strict=True)]
        ratio = f"{100 * statistics.median(ratios):6.0f} %"
    click.echo(f"{name:<34}{at_once:>8}{rate:>12.0f}{p50:>10.1f}{p99:>10.1f}{ratio:>10}")


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each pair is measured.")
@click.option(
    "--count", default=1500, show_default=True, help="Requests per measurement (fewer at 1 at a time)."
)
def main(rounds: int, count: int) -> None:
    """Measure and print six tables: requests, uploads, the browser, the desk, the log, the POST with its leaf."""
    click.echo(
        f"{os.cpu_count()} cores; every report and row is committed with synchronous=FULL; load on the same machine"
    )
    click.echo(f"{'what':<34}{'at once':>8}{'per second':>12}{'p50 ms':>10}{'p99 ms':>10}{'of floor':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(make_site(folder / "site")) as site:
            server = site.settings.server
            with floor(folder, server.workers, server.threads) as floor_port:
                _measure(site, floor_port, rounds, count)
                uploads.main(site, floor_port, rounds)
    browser.main()
    desk.main()
    log.main()
    verify.main()
    log_posts.main()


def _measure(site: Site, floor_port: int, rounds: int, count: int) -> None:
    codes: list[str] = []
    for at_once in (1, 8, 64):
        amount = count if at_once > 1 else count // 5
        bare, posts, whole, checks = [], [], [], []
        for _ in range(rounds):
            reports = prepared_reports(site, amount)
            rows = [load.Request("POST", "/", report.body, report.kind) for report in reports]
            bare.append(expect(load.run(floor_port, rows, at_once)))
            posts.append(expect(load.run(site.port, reports, at_once)))
            codes = [CODE.search(page.decode()).group(0) for page in posts[-1].answers]  # type: ignore[union-attr]
            whole.append(expect(load.run(site.port, [load.Request("GET", "/ja/report")] * amount, at_once)))
            asked = [load.Request("POST", "/ja/status", *multipart([("code", code)])) for code in codes]
            checks.append(expect(load.run(site.port, asked, at_once)))
        row("floor: bare view, one row", at_once, bare, None)
        row("report: POST (sealed, receipted)", at_once, posts, bare)
        row("report: the form's page", at_once, whole, None)
        row("status: check of a code", at_once, checks, None)


if __name__ == "__main__":
    main()
