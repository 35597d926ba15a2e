"""What sealing and opening cost in a real Chromium, beside the same work by libsodium through PyNaCl."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from playwright.sync_api import Browser

from crypto import messages, seal
from crypto.choice import ExcludeRecord, first_choice, seal_record
from crypto.envelope import Kind, envelope_hash
from crypto.receipt import derive, new_code
from crypto.unseal import unseal
from portal.scripts import build as scripts
from tests.support.browser import chromium, page_of

TEXT = "あ" * 2000
SALT = secrets.token_bytes(16)


def _milliseconds(batches: int, doing: Callable[[], None]) -> float:
    """Return the milliseconds of the fastest batch, for one turn, as the page's script does."""
    least = float("inf")
    for _ in range(batches):
        start = time.perf_counter()
        for _turn in range(5):
            doing()
        least = min(least, 1000 * (time.perf_counter() - start) / 5)
    return least


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


ROUNDS = 7
ORIGINS = {"browser": "https://bench.example.test/", "noble": "http://bench.example.test/"}
"""Where each engine is used: without a secure context there is no WebCrypto."""


def _took(browser: Browser, script: str, engine: str, call: str) -> float:
    """Return the milliseconds of a call on a page that uses one engine."""
    with page_of(browser) as page:
        page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
        page.goto(ORIGINS[engine])
        page.add_script_tag(content=script, type="module")
        page.wait_for_function("'bench' in globalThis")
        assert page.evaluate("bench.engine()") == engine
        return float(page.evaluate(call))


def main() -> None:
    """Print one table: milliseconds in the browser by WebCrypto and by noble, by PyNaCl, and how many times as long the
    browser takes. The three in turns, the least of ROUNDS rounds.
    """
    heads = ("WebCrypto ms", "times", "noble ms", "times", "PyNaCl ms")
    click.echo(f"\n{'in the browser':<40}" + "".join(f"{head:>13}" for head in heads))
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        scripts.build(Path(name), ["test/bench.ts"])
        (bundle,) = Path(name).glob("bench-*.js")
        script = bundle.read_text(encoding="utf-8")
        for label, call, plain in (
            ("report: code, keys, envelope of 8 KiB", "bench.sealReport(20)", _python_seals),
            ("status: keys, ten envelopes opened", "bench.openCase(20)", _python_opens),
        ):
            rounds = [
                (*(_took(browser, script, engine, call) for engine in ORIGINS), plain(50))
                for _ in range(ROUNDS)
            ]
            # The least of each: threads of the browser wait for each other where other work has the processors.
            native, noble, python = (min(took) for took in zip(*rounds, strict=True))
            told = (native, native / python, noble, noble / python, python)
            click.echo(f"{label:<40}" + "".join(f"{number:>13.2f}" for number in told))


if __name__ == "__main__":
    main()
