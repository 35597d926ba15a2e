"""Vectors of docs/format.md, 3: receipt codes, and the repeat ids of 2.6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto import messages
from crypto.encoding import b64e
from crypto.receipt import derive
from tests.vectors.parts import (
    CODE,
    FILE,
    LOG_KEY,
    READERS,
    RECEIPT,
    SECOND_CHOICE,
    Vector,
    bad,
    good,
    without,
)


def codes() -> list[Vector]:
    shown = "K7Q2-9M4X-TB8V-3HNE-5RW0"

    def reads(name: str, text: str, output: str = shown) -> Vector:
        return good(name, "code", {"text": text}, output)

    def slip(name: str, text: str, error: str) -> Vector:
        return bad(name, "code", {"text": text}, error)

    return [
        reads("as shown", shown),
        reads("without dashes", "K7Q29M4XTB8V3HNE5RW0"),
        reads("lower case", "k7q2-9m4x-tb8v-3hne-5rw0"),
        reads("full width", "Ｋ７Ｑ２－９Ｍ４Ｘ－ＴＢ８Ｖ－３ＨＮＥ－５ＲＷ０"),
        reads("full width, lower case", "ｋ７ｑ２ー９ｍ４ｘーｔｂ８ｖー３ｈｎｅー５ｒｗ０"),
        reads("letter O for zero", "K7Q2-9M4X-TB8V-3HNE-5RWO"),
        reads("small o for zero", "k7q2-9m4x-tb8v-3hne-5rwo"),
        reads("I and L for one", "IL11-1111-1111-1111-1113", "1111-1111-1111-1111-1113"),
        reads("small i and l for one", "il11-1111-1111-1111-1113", "1111-1111-1111-1111-1113"),
        reads("spaces", "  K7Q2 9M4X TB8V 3HNE 5RW0 "),
        reads("ideographic spaces", "K7Q2\u30009M4X\u3000TB8V\u30003HNE\u30005RW0"),
        reads("tabs, line feeds, no-break spaces", "K7Q2\t9M4X\nTB8V\u00a03HNE\r\n5RW0"),
        reads("what nobody sees", "\ufeffK7Q2\u200b9M4X\u2060TB8V\u00ad3HNE\u200e5RW0"),
        reads("long vowel marks", "K7Q2ー9M4XーTB8Vー3HNEー5RW0"),
        reads("half-width long vowel marks", "K7Q2ｰ9M4XｰTB8Vｰ3HNEｰ5RW0"),
        reads("minus signs and hyphens", "K7Q2−9M4X‐TB8V‑3HNE‒5RW0"),
        reads("dashes and bars", "K7Q2–9M4X—TB8V―3HNE─5RW0"),
        reads("small hyphen, wave, middle dot", "K7Q2﹣9M4X〜TB8V・3HNE゠5RW0"),
        reads("underlines and dots", "K7Q2_9M4X.TB8V~3HNE━5RW0"),
        slip("nothing", "", "CodeLength"),
        slip("dashes only", "----", "CodeLength"),
        slip("a symbol too few", "K7Q2-9M4X-TB8V-3HNE-5RW", "CodeLength"),
        slip("a symbol too many", "K7Q2-9M4X-TB8V-3HNE-5RW00", "CodeLength"),
        slip("1001 characters typed", "K7Q2-9M4X-TB8V-3HNE-5RW0".rjust(1001), "CodeLength"),
        reads("1000 characters typed", "K7Q2-9M4X-TB8V-3HNE-5RW0".rjust(1000)),
        slip("U is no symbol", "K7Q2-9M4X-TB8V-3HNE-5RWU", "CodeSymbol"),
        slip("a star", "K7Q2-9M4X-TB8V-3HNE-5RW*", "CodeSymbol"),
        slip("kana", "K7Q2-9M4X-TB8V-3HNE-5RWあ", "CodeSymbol"),
        slip("a dotless i", "ı111-1111-1111-1111-1113", "CodeSymbol"),
        slip("a sharp s, which is no two S", "K7Q2-9M4X-TB8V-3HNE-5RWß", "CodeSymbol"),
        slip("a Cyrillic letter that looks like one", "К7Q2-9M4X-TB8V-3HNE-5RW0", "CodeSymbol"),
        slip("another symbol at the end", "K7Q2-9M4X-TB8V-3HNE-5RW1", "CodeCheck"),
        slip("another symbol at the beginning", "J7Q2-9M4X-TB8V-3HNE-5RW0", "CodeCheck"),
        slip("two neighbours changed places", "7KQ2-9M4X-TB8V-3HNE-5RW0", "CodeCheck"),
        good(
            "another salt gives another root",
            "derive",
            {"text": CODE, "site_salt": "ff" * 16},
            _derived(bytes([255]) * 16),
        ),
        bad("a salt of 15 bytes", "derive", {"text": CODE, "site_salt": "00" * 15}, "MisuseError"),
    ]


def _derived(salt: bytes) -> dict[str, str]:
    found = derive(CODE, salt)
    names = ("root", "lookup_id", "index", "case_id", "mailbox_pk", "mailbox_key_id", "sign_pk")
    return {name: getattr(found, name).hex() for name in names}


def repeats() -> list[Vector]:
    root, nonce = RECEIPT.root.hex(), "11" * 16
    plain = messages.reporter_message({"message": "続きです"}, RECEIPT, [], choice=SECOND_CHOICE)
    expected = messages.repeat_id(bytes([0x11]) * 16, plain, RECEIPT.root).hex()

    def same(name: str, payload: Mapping[str, Any]) -> Vector:
        return good(name, "repeat_id", {"nonce": nonce, "payload": dict(payload), "root": root}, expected)

    def other(name: str, payload: Mapping[str, Any], nonce: str = nonce, root: str = root) -> Vector:
        found = messages.repeat_id(bytes.fromhex(nonce), payload, bytes.fromhex(root)).hex()
        assert found != expected
        return good(name, "repeat_id", {"nonce": nonce, "payload": dict(payload), "root": root}, found)

    with_file = {**plain, "files": [FILE]}
    by_file = messages.repeat_id(bytes([0x11]) * 16, with_file, RECEIPT.root).hex()

    def same_file(name: str, **changed: Any) -> Vector:
        given = {"nonce": nonce, "payload": {**plain, "files": [{**FILE, **changed}]}, "root": root}
        return good(name, "repeat_id", given, by_file)

    return [
        same_file("the object's id does not count", object="ab" * 16),
        same_file("the file's key does not count", key=b64e(bytes([1]) * 32)),
        other("another file", {**plain, "files": [{**FILE, "hash": b64e(bytes([1]) * 32)}]}),
        same("a message", plain),
        same("the envelope id does not count", {**plain, "envelope_id": "ab" * 16}),
        same("seen does not count", {**plain, "seen": ["cd" * 16]}),
        same("the readers do not count", {**plain, "readers": READERS}),
        same("the signature does not count", {**plain, "sig": "AA"}),
        same("the page's language does not count", {**plain, "language": "en"}),
        same("the log key does not count", {**plain, "log_key": LOG_KEY}),
        same("the number of the choice does not count", {**plain, "choice": 9}),
        other("somebody else was ticked", {**plain, "exclude": []}),
        same("none of the five is there", without(plain, "seen", "choice")),
        other("another text", {**plain, "message": "はい"}),
        other("another meaning", {**plain, "meaning": "withdraw"}),
        other("with a file", {**plain, "files": [FILE]}),
        other("another case", {**plain, "case_id": "00" * 16}),
        other("another form", plain, nonce="12" * 16),
        other("another code", plain, root="00" * 32),
        bad(
            "a nonce of 15 bytes",
            "repeat_id",
            {"nonce": "11" * 15, "payload": plain, "root": root},
            "MisuseError",
        ),
    ]
