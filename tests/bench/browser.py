"""What sealing and opening cost in a real Chromium, beside the same work by libsodium through PyNaCl."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from crypto import messages, seal
from crypto.choice import ExcludeRecord, first_choice, seal_record
from crypto.envelope import Kind, envelope_hash
from crypto.receipt import derive, new_code
from crypto.unseal import unseal
from portal.scripts import build as scripts
from tests.support.browser import chromium, page_of

TEXT = "あ" * 2000
SALT = secrets.token_bytes(16)


def _milliseconds(times: int, doing: Callable[[], None]) -> float:
    doing()
    start = time.perf_counter()
    for _ in range(times):
        doing()
    return 1000 * (time.perf_counter() - start) / times


def _python_seals(times: int) -> float:
    to = [seal.Recipient(bytes([number]) * 16, derive(new_code(), SALT).mailbox_pk) for number in (0, 1)]

    def once() -> None:
        own, envelope_id = derive(new_code(), SALT), secrets.token_bytes(16)
        payload = messages.report_payload({"what_happened": TEXT}, [], own)
        signed = messages.sign_reporter(Kind.REPORT, {**payload, "envelope_id": envelope_id.hex()}, own)
        sealed = seal.seal(Kind.REPORT, envelope_id, signed, to)
        seal.grant(sealed.content_key, own.mailbox_pk)
        record = ExcludeRecord(first_choice([]), envelope_hash(sealed.raw), seal.act_pk(sealed.content_key))
        seal_record(own.root, own.case_id, record)

    return _milliseconds(times, once)


def _python_opens(times: int) -> float:
    own = derive(new_code(), SALT)
    to = [seal.Recipient(bytes(16), own.mailbox_pk)]
    made = [seal.seal(Kind.FROM_REPORTER, secrets.token_bytes(16), {"message": TEXT}, to) for _ in range(10)]
    grants = [seal.grant(one.content_key, own.mailbox_pk) for one in made]

    def once() -> None:
        derive(new_code(), SALT)
        for one, sealed in zip(made, grants, strict=True):
            unseal(one.raw, own.mailbox_sk, own.mailbox_pk, own.mailbox_key_id, [sealed])

    return _milliseconds(times, once)


def main() -> None:
    """Print one table: milliseconds in the browser, by PyNaCl, and how many times as long the browser takes."""
    click.echo(f"\n{'in the browser':<42}{'Chromium ms':>12}{'PyNaCl ms':>12}{'times':>8}")
    with tempfile.TemporaryDirectory() as name, chromium() as browser, page_of(browser) as page:
        scripts.build(Path(name), ["test/bench.ts"])
        (bundle,) = Path(name).glob("bench-*.js")
        page.set_content("<!doctype html><title>bench</title>")
        page.add_script_tag(content=bundle.read_text(encoding="utf-8"), type="module")
        page.wait_for_function("'bench' in globalThis")
        for label, call, plain in (
            ("report: code, keys, envelope of 8 KiB", "bench.sealReport(20)", _python_seals(200)),
            ("status: keys, ten envelopes opened", "bench.openCase(20)", _python_opens(200)),
        ):
            took = float(page.evaluate(call))
            click.echo(f"{label:<42}{took:>12.1f}{plain:>12.2f}{took / plain:>8.0f}")
