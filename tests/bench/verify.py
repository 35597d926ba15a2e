"""Verifying: bytes of the page, of proofs and files, and what checking costs. CPU time, beside the design's."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from crypto import logleaf
from crypto.certificate import ShownLeaf, show
from crypto.certificate_verdict import judge
from crypto.code_reading import LogFile, read_by_code
from crypto.logproof import check_proof, read_policy
from portal.scripts import build
from tests.bench.log import cpu_ms, line
from tests.vectors import small_log as small

CODE = "K7Q29M4XTB8V3HNE5RW0"
TIMES = dict.fromkeys(("union", "counsel", "desk1"), small.BATCH_TIME + 86400)
FIVE_YEARS = 1800
"""Days: 30,600 leaves."""


def _log(days: int) -> small.SmallLog:
    """A log of so many days without acts before the case."""
    log = small.SmallLog(list(small.small_log().leaves[:3]))
    for number in range(days):
        log.add_day(small.FIRST_DAY - timedelta(days=days - number), {})
    first = small.FIRST_DAY
    log.add_day(first, {"report": small.ACTS["report"]})
    log.add_day(first + timedelta(days=1), {"status": small.ACTS["status"]})
    log.add_day(first + timedelta(days=2), {"answer": small.ACTS["answer"]})
    return log


def _files(log: small.SmallLog, note: str) -> tuple[bytes, bytes, bytes]:
    """Return a certificate, the same with content, and a proof of burying."""
    hashes, size = log.hashes, len(log.leaves)

    def shown(index: int, name: str = "") -> ShownLeaf:
        opening = small.OPENINGS[name] if name else None
        text = opening.text() if opening else b""
        secret = (logleaf.blinding(small.KEY, text), text) if opening else None
        return show(log.leaves, hashes, index, note, secret)

    def day(number: int) -> int:
        return log.places[f"day {small.FIRST_DAY + timedelta(days=number)}"]

    names = ("report", "status", "answer")
    leaves = [shown(0), *(shown(day(number)) for number in range(3))]
    leaves += [shown(log.places[name], name) for name in names]
    promise, receipt = small.promised("report", small.FIRST_DAY), small.receipt()
    plain = small.certificate("certificate", leaves, promise=promise, receipt=receipt)
    full = small.certificate("certificate", leaves, promise=promise, receipt=receipt, content=small.CONTENT)
    run = [shown(0), *(shown(at) for at in range(day(1), min(day(2) + 1, size)))]
    lost = small.promised("lost", small.FIRST_DAY + timedelta(days=1))
    return plain.encode(), full.encode(), small.certificate("burying", run, promise=lost).encode()


def main() -> None:
    """Measure and print a table."""
    click.echo("\nverifying, 3 witnesses")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        build.build_verify(page)
        raw = page.read_bytes()
    line("the verify page, one file", len(raw) / 1000, "kB", "none (code alone 15.2 with gzip)")
    line("the same with gzip", len(gzip.compress(raw, 9)) / 1000, "kB", "none")
    policy = read_policy(small.POLICY)
    keys = list(policy.witnesses.values())
    for name, days in (("1,000 leaves", 56), ("30,600 leaves", FIVE_YEARS)):
        log = _log(days)
        note = log.note(TIMES)
        certificate, content, burying = _files(log, note)
        proof = log.show(log.places["report"], note)
        text = replace(proof.proof, extra=None).text()
        line(f"{name}: a proof file", len(text), "B", "966 to 1,056; five years +225")
        line(f"{name}: a certificate (report, status, answer)", len(certificate) / 1000, "kB", "about 10")
        line(f"{name}: with the texts of report and answer", len(content) / 1000, "kB", "from 22")
        line(f"{name}: a proof of burying", len(burying) / 1000, "kB", "12, with one checkpoint for all")
        once = cpu_ms(lambda text=text, leaf=proof.leaf: check_proof(text, leaf, policy.log, keys), 20)  # type: ignore[misc]
        line(f"{name}: a proof with 4 signatures checked", once, "ms", "2.2")
        spent = cpu_ms(lambda raw=certificate: judge(raw, small.POLICY), 5)  # type: ignore[misc]
        line(f"{name}: a certificate checked", spent, "ms", "none")
        spent = cpu_ms(lambda raw=burying: judge(raw, small.POLICY), 5)  # type: ignore[misc]
        line(f"{name}: a proof of burying checked", spent, "ms", "none")
        copy = LogFile(log.leaves, note)
        spent = cpu_ms(lambda copy=copy: read_by_code(CODE, copy, small.POLICY), 1)  # type: ignore[misc]
        line(f"{name}: a code reads the whole copy", spent, "ms", "31 for 1,000 leaves and one key")


if __name__ == "__main__":
    main()
