"""`make bench`: everything that has a table in docs/performance.md, one after the other.

What is compared is measured in turns in each round, so that a noisy machine hits all of it; the ratio is what is worth
quoting.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from tests.bench import browser, desk, inprocess, log, log_posts, requests, scale, uploads, verify
from tests.bench.peers import floor
from tests.support.site import make_site, running


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each pair is measured.")
@click.option(
    "--count", default=600, show_default=True, help="Requests per measurement (fewer at 1 at a time)."
)
@click.option(
    "--reports", default=0, help="Measure a database with so many reports too (1000000: 11 GB each)."
)
def main(rounds: int, count: int, reports: int) -> None:
    """Measure and print: requests (with servers, in one process), uploads, browser, desk, log, a leaf, many reports."""
    requests.measure(rounds, count)
    inprocess.measure()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(make_site(folder / "site")) as site:
            server = site.settings.server
            with floor(folder, server.workers, server.threads) as (floor_port, _pid):
                uploads.main(site, floor_port, rounds)
    browser.main()
    desk.main()
    log.main()
    verify.main()
    log_posts.main()
    if reports:
        scale.measure(reports)


if __name__ == "__main__":
    main()
