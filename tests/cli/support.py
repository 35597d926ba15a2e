"""What the tests of the operator's commands share: key files that open in no time, reports in a site's database."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from crypto import keyfile, messages, seal
from crypto.encoding import hex_id
from crypto.envelope import Kind
from crypto.identity import Identity
from crypto.receipt import Receipt, derive, new_code
from store import db, reports, site
from store.config.settings import load_settings
from store.outcome import Outcome
from tests.cli.command import PASSPHRASE, ROOT, Result, meyasubako
from tests.support.site import Site, today
from tests.support.stored import new_report

MARK = "名簿が公開されたままです。"
LINE = f"{PASSPHRASE}\n"


def run(
    folder: Path,
    *arguments: str | Path,
    config: Path | None = None,
    stdin: bytes | str = b"",
    extra: Mapping[str, str] | None = None,
    before: Path | None = None,
) -> Result:
    """Run one command in a folder; `before` comes first on Python's path. No passphrase is ever printed."""
    path = {"PYTHONPATH": os.pathsep.join([str(before), str(ROOT)])} if before is not None else {}
    found = meyasubako(*arguments, config=config, stdin=stdin, cwd=folder, extra={**path, **(extra or {})})
    assert PASSPHRASE.encode() not in found.raw and PASSPHRASE not in found.err
    return found


def quick_key(path: Path, identity: Identity) -> Path:
    """Write a key file that opens in no time."""
    path.write_bytes(keyfile.lock(identity.seed, PASSPHRASE, ops=1, mem=8 * 1024 * 1024) + b"\n")
    path.chmod(0o600)
    return path


def recipients(site: Site) -> list[seal.Recipient]:
    """Return a site's auditors as those whom a report is sealed to."""
    return [seal.Recipient(who.card.key_id, who.card.box_pk) for who in site.auditors]


def add_report(
    config: Path, readers: Sequence[seal.Recipient], text: str = MARK
) -> tuple[str, bytes, Receipt]:
    """Store a report in the site of a settings file; return its code, its envelope's id and its receipt."""
    engine = db.make_engine(load_settings(config).store.url)
    try:
        with db.writing(engine) as conn:
            code = new_code()
            receipt = derive(code, site.get(conn).salt)
            payload = messages.report_payload({"what_happened": text}, [], receipt)
            envelope_id = messages.repeat_id(os.urandom(16), payload, receipt.root)
            payload["envelope_id"] = hex_id(envelope_id)
            signed = messages.sign_reporter(Kind.REPORT, payload, receipt)
            sealed = seal.seal(Kind.REPORT, envelope_id, signed, readers)
            report = new_report(receipt, envelope_id, sealed, today())
            assert reports.add_report(conn, report) is Outcome.STORED
    finally:
        engine.dispose()
    return code, envelope_id, receipt
