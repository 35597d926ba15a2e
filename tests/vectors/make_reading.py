"""Writes `reading.json` anew: `python -m tests.vectors.make_reading`."""

from __future__ import annotations

from crypto.messages import sign
from crypto.reading import ReadingJournal, make_journal, reading_key, reading_mark
from tests.vectors.parts import DAY, FOUNDER, SALT, SECOND, Vector, bad, good, write

CONTENT_KEY = bytes([0xC0]) * 32
MARKS = [number.to_bytes(16, "big") for number in range(1, 33)]
JOURNAL = make_journal(SALT, SECOND.key_id, 7, DAY, MARKS, SECOND.sign_seed)
RAW = JOURNAL.encode()
CARRIER = {"salt": SALT.hex(), "sign_pk": SECOND.sign_pk.hex()}


def signed(unsigned: bytes, salt: bytes = SALT, seed: bytes = SECOND.sign_seed) -> bytes:
    return unsigned + sign(seed, b"mybk1/reading\n" + salt + unsigned)


def refused(name: str, raw: bytes, error: str = "JournalMalformed") -> Vector:
    return bad(name, "reading_journal", {**CARRIER, "raw": raw.hex()}, error)


def marks() -> list[Vector]:
    given = {"content_key": CONTENT_KEY.hex(), "author": SECOND.key_id.hex(), "day": str(DAY)}
    mark = reading_mark(reading_key(CONTENT_KEY), SECOND.key_id, DAY).hex()
    return [
        good("a mark", "reading_mark", given, mark),
        bad("a content key that is too short", "reading_mark", {**given, "content_key": "c0"}, "MisuseError"),
        bad("a key id that is too long", "reading_mark", {**given, "author": "00" * 17}, "MisuseError"),
    ]


def journals() -> list[Vector]:
    body = RAW[:-64]

    def with_part(offset: int, part: bytes) -> bytes:
        return signed(body[:offset] + part + body[offset + len(part) :])

    told = {
        "author": SECOND.key_id.hex(),
        "number": 7,
        "day": str(DAY),
        "marks": [mark.hex() for mark in MARKS],
    }
    swapped = ReadingJournal(SECOND.key_id, 7, DAY, (MARKS[1], MARKS[0], *MARKS[2:]), b"")
    twice = ReadingJournal(SECOND.key_id, 7, DAY, (MARKS[0], *MARKS[:1], *MARKS[2:]), b"")
    return [
        good("a journal", "reading_journal", {**CARRIER, "raw": RAW.hex()}, told),
        refused("no bytes", b""),
        refused("a byte too few", RAW[:-1]),
        refused("a byte too many", RAW + b"\0"),
        refused("a mark too many", signed(body + (33).to_bytes(16, "big"))),
        refused("other letters at the beginning", with_part(0, b"MYX")),
        refused("another version", with_part(3, b"2")),
        refused("number 0", with_part(20, bytes(4))),
        refused("a day that is none", with_part(24, b"2026-02-30")),
        refused("a day in another spelling", with_part(24, b"2026-W48-1")),
        refused("a day that is no ASCII", with_part(24, b"\xff")),
        refused("marks out of order", signed(swapped.unsigned)),
        refused("a mark twice", signed(twice.unsigned)),
        refused("another number than signed", RAW[:20] + (8).to_bytes(4, "big") + RAW[24:], "SignatureWrong"),
        refused("another day than signed", RAW[:24] + b"2026-11-24" + RAW[34:], "SignatureWrong"),
        refused("another author than signed", RAW[:4] + FOUNDER.key_id + RAW[20:], "SignatureWrong"),
        refused("another mark than signed", RAW[:530] + b"\xff" * 16 + RAW[546:], "SignatureWrong"),
        refused("signed for another site", signed(body, salt=bytes(16)), "SignatureWrong"),
        refused("signed by another auditor", signed(body, seed=FOUNDER.sign_seed), "SignatureWrong"),
        refused("no signature", body + bytes(64), "SignatureWrong"),
    ]


if __name__ == "__main__":
    write("reading", "Reading journals (docs/format.md, 2.13).", [*marks(), *journals()])
