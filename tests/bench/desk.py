"""The desk at 100,000 cases: opening what is new, the start, searching, memory; beside plain work of the same size.

Texts are drawn from a hundred common characters: harder for a search than what people write.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
import pytest
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt, crypto_box_seal_open

from admin.desk.casework.lone_report import LoneReports
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.casework.work import Work
from admin.desk.local.copy import Cache, Wanted
from admin.desk.local.inbox_query import SORTS
from admin.desk.local.places import named_in
from admin.desk.local.search import document
from admin.desk.local.summary import CaseSummary
from admin.desk.server.client import Server
from admin.desk.server.responses import Change, SealedBytes
from cases.deadlines import Deadline
from cases.records import SEVERITIES
from crypto import messages, seal
from crypto.envelope import Kind, decode
from crypto.listing import Listing, addressed
from crypto.receipt import derive, new_code
from crypto.unseal import unseal
from tests.support.site import Auditor, make_auditors
from tests.support.site import select_nothing as wait

CASES = 100_000
LETTERS = (
    "のにはをがとでたしいるなもらてれっりかんこさまきくすあそ顧客名簿流出漏洩報告社長部長会議公表隠蔽個人情報番号住所電話"
    "資料保存削除変更確認調査監査通報者。、"
)
QUERIES = ("漏洩", "ぬぬ", "隠蔽工作", "ののの", "顧客名 報告", "猫猫", "zzz")
DAY = date(2026, 11, 1)
OWNERS = tuple(bytes([number]) * 16 for number in range(1, 6))
LISTS: dict[str, Wanted] = {
    "needs action, the urgent ones first": Wanted(me=OWNERS[0], today=DAY),
    "mine": Wanted(view="mine", me=OWNERS[0], today=DAY),
    "closed": Wanted(view="closed", today=DAY),
    **{f"all, sorted by {column}": Wanted(view="all", sort=column, today=DAY) for column in SORTS},
    "filtered by month, severity and owner": Wanted(
        since="2026-11-01", until="2026-11-30", severity="high", owner=OWNERS[1], today=DAY
    ),
    "filtered by label": Wanted(label="label 3", today=DAY),
}
"""Lists of the inbox that are measured."""
NAMED = ("5b80", "2026-11", "b8")
"""Searches for a part of a number and for a month."""


def took(work: Callable[[], Any], rounds: int = 1) -> float:
    """Return the median of some runs, in seconds of this process on a core."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def row(name: str, count: int, seconds: float, floor: float | None = None) -> None:
    """Print a rate, and how it compares with plain work."""
    ratio = f"{100 * floor / seconds:6.0f} %" if floor else ""
    click.echo(f"{name:<58}{count / seconds:>12.0f}{ratio:>10}")


def reports(auditors: Sequence[Auditor], count: int) -> tuple[list[Change], list[SealedBytes]]:
    """Return a feed of sealed reports of 1,000 characters."""
    slots = [seal.Recipient(one.card.key_id, one.card.box_pk, False) for one in auditors]
    receipt = derive(new_code(), bytes(16))
    prefix = Listing(one.card for one in auditors).prefix()
    changes, sealed = [], []
    for seq in range(1, count + 1):
        ids = os.urandom(16), os.urandom(16)
        text = "".join(random.choices(LETTERS, k=1000))
        payload = messages.report_payload({"what_happened": text, "cause": "loss"}, [], receipt, [])
        payload = {**payload, "envelope_id": ids[0].hex(), "case_id": ids[1].hex()}
        payload = addressed(payload, prefix, [slot.key_id for slot in slots])
        payload = messages.sign_reporter(Kind.REPORT, payload, receipt)
        sealed.append(SealedBytes(ids[0], seal.seal(Kind.REPORT, ids[0], payload, slots).raw, ()))
        changes.append(Change(seq, ids[1], DAY, envelope_id=ids[0], kind=1))
    return changes, sealed


def opening(folder: Path, count: int) -> None:
    """Measure opening new envelopes, network apart."""
    auditors = make_auditors(2)
    own = auditors[0].identity
    people = SiteRoster(Listing(one.card for one in auditors), salt=bytes(16), site_pk=bytes(32))
    changes, sealed = reports(auditors, count)
    by_id = {one.envelope_id: one for one in sealed}

    def plain() -> None:
        for one in sealed:
            envelope = decode(one.raw)
            box = next(slot.sealed for slot in envelope.slots if slot.key_id == own.key_id)
            key = crypto_box_seal_open(box, own.box_pk, own.box_sk)
            crypto_aead_xchacha20poly1305_ietf_decrypt(
                envelope.ciphertext, envelope.header(), envelope.nonce, key
            )

    def opened() -> None:
        for one in sealed:
            unseal(one.raw, own.box_sk, own.box_pk, own.key_id)

    def read(name: str, **how: bool) -> float:
        """Return the seconds that reading all takes at a new desk."""
        with closing(Cache(folder / name, own.index_key)) as cache:
            cache.add(changes)
            work = Work(own, cache, Server("http://127.0.0.1:1", date.today), lambda: DAY + timedelta(days=9))

            def all_of_them() -> None:
                while waiting := cache.unread(200):
                    work.read(Situation(people), waiting, by_id, **how)

            return took(all_of_them)

    floor = took(plain, 3)
    row("floor: bare libsodium calls through PyNaCl", count, floor)
    row("opened (commitment, form, canonical JSON checked)", count, took(opened, 3), floor)
    # The same in turns: each way reads into a new copy.
    ways: dict[str, list[float]] = {"steps": [], "at once": [], "put off": []}
    for turn in range(3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LoneReports, "read", lambda *_: None)
            ways["steps"].append(read(f"steps{turn}.sqlite3"))
        ways["at once"].append(read(f"at-once{turn}.sqlite3"))
        ways["put off"].append(read(f"put-off{turn}.sqlite3", puts_off=True))
    for name, text in (
        ("steps", "read step by step, as where something followed"),
        ("at once", "read in one go, the signature too"),
        ("put off", "read in one go, the signature put off"),
    ):
        row(text, count, statistics.median(ways[name]), floor)


def fill(path: Path, count: int) -> None:
    """Make a local copy with many cases that were read already."""
    ids = [os.urandom(16) for _ in range(count)]
    texts = ["".join(random.choices(LETTERS, k=1000)) for _ in range(1000)]
    clocks = (
        Deadline("notice", DAY),
        Deadline("preliminary", None, asks="aware"),
        Deadline("final", None, asks="aware"),
    )
    with closing(Cache(path, bytes(32))) as cache:
        for start in range(0, count, 1000):
            part = range(start, min(start + 1000, count))
            cache.add([Change(at + 1, ids[at], DAY, envelope_id=os.urandom(16), kind=1) for at in part])
            found = [
                CaseSummary(
                    ids[at],
                    DAY,
                    excerpt=texts[at % 1000][:80],
                    last_seq=at + 1,
                    is_open=True,
                    fetched=True,
                    deadlines=clocks,
                    next_due=DAY + timedelta(days=at % 60) if at % 3 == 0 else None,
                    status=("received", "investigating", "closed", "closed")[at % 4],
                    severity=("", *SEVERITIES)[at % 5],
                    owner=OWNERS[at % 7] if at % 7 < len(OWNERS) else None,
                    labels=(f"label {at % 11}",) if at % 2 else (),
                )
                for at in part
            ]
            written = [
                (ids[at], at + 1, document([("what_happened", texts[at % 1000][7:] + str(at))]))
                for at in part
            ]
            cache.put_summaries(found, written)


def memory() -> float:
    """Return the megabytes that this process has in memory (Linux; elsewhere 0)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, AttributeError):
        return 0.0


def started(path: Path, answer: Connection) -> None:
    """Start anew in a process of its own and say how it went."""
    found: dict[str, Any] = {"before": memory()}
    begun = time.perf_counter()
    cache = Cache(path, bytes(32))
    found["opened"] = time.perf_counter() - begun
    wanted = Wanted(me=OWNERS[0], today=DAY)
    cache.count(wanted), cache.count(wanted), cache.view_counts(OWNERS[0])
    (
        cache.lines(wanted, 25, 0),
        cache.lines(wanted, 25, 0),
        cache.labels(),
        cache.owners(),
        cache.unread(51),
        cache.count_unread(),
    )
    found["inbox"] = time.perf_counter() - begun
    while not cache.search_index.is_complete:
        wait(0.01)
    found["search"] = time.perf_counter() - begun
    chunks = [bytes(chunk.raw) for chunk in cache.search_index._chunks]
    found["memory"] = memory() - sum(map(len, chunks)) / 1e6
    cache.search_index.search("暖")
    for query in QUERIES:
        word = query.split()[0].encode("utf-16-le")
        own = statistics.median(_milliseconds(partial(cache.search_index.search, query)) for _ in range(5))
        plain = statistics.median(_milliseconds(partial(_look, chunks, word)) for _ in range(3))
        found[query] = own, plain, len(cache.search_index.search(query)[0])
    found["lists"] = {name: _milliseconds(partial(_list, cache, asked)) for name, asked in LISTS.items()}
    found["views"] = _milliseconds(partial(cache.view_counts, OWNERS[0]))
    found["named"] = {text: _milliseconds(partial(_named, cache, text)) for text in NAMED}
    found["floor"] = _milliseconds(partial(_every_row, cache))
    cache.close()
    answer.send(found)


def _list(cache: Cache, wanted: Wanted) -> None:
    cache.count(wanted), cache.lines(wanted, 25, 0)


def _named(cache: Cache, text: str) -> None:
    cache.with_summaries(cache.named(named_in(text, DAY, [])))


def _every_row(cache: Cache) -> int:
    """Read every case's line plainly: the least that a list over all cases without an index costs."""
    return len(cache._db.execute("SELECT case_id, next_due FROM summary").fetchall())


def _milliseconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def _look(chunks: Sequence[bytes], word: bytes) -> int:
    """Count a word's places plainly, at most one for each case's length."""
    found = 0
    for chunk in chunks:
        at = chunk.find(word)
        while at >= 0:
            found += 1
            at = chunk.find(word, at + 2000)
    return found


def main(count: int = CASES) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        click.echo(f"\n{'desk: reports of 1,000 characters, one core':<58}{'per second':>12}{'of floor':>10}")
        opening(folder, min(count, 10_000))
        fill(folder / "many.sqlite3", count)
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=started, args=(folder / "many.sqlite3", there)
        )
        process.start()
        found = here.recv()
        process.join()
        size = (folder / "many.sqlite3").stat().st_size / 1e6
    click.echo(f"\ndesk: start with {count} cases that were read before ({size:.0f} MB without envelopes)")
    for name, text in (
        ("opened", "local copy open"),
        ("inbox", "inbox"),
        ("search", "search has every text"),
    ):
        click.echo(f"{text:<58}{found[name]:>11.2f} s")
    click.echo(
        f"{'memory, of that before it was opened':<58}{found['memory']:>8.0f} MB{found['before']:>7.0f} MB"
    )
    click.echo(f"\n{'desk: one list of the inbox (count and 25 cases)':<58}{'ms':>8}{'of floor':>12}")
    rows = {
        "floor: every case read plainly": found["floor"],
        "counts of all views": found["views"],
        **found["lists"],
    }
    rows |= {f"search by number or month: {text}": taken for text, taken in found["named"].items()}
    for name, taken in rows.items():
        click.echo(f"{name:<58}{taken:>8.1f}{taken / found['floor']:>11.1f}x")
    click.echo(f"\n{'desk: search':<38}{'cases':>8}{'ms':>10}{'bytes.find, ms':>18}")
    for query in QUERIES:
        own, plain, hits = found[query]
        click.echo(f"{query:<38}{hits:>8}{own:>10.1f}{plain:>18.1f}")


if __name__ == "__main__":
    main()
