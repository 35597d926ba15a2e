"""Writes the vector files anew: `python -m tests.vectors.make_vectors`.

The JSON files are what counts and what is committed. Sealed boxes are random, so each run writes other bytes
that mean the same.
`known-answers.json` is not written here: it was made by another program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_seal,
    crypto_sign_seed_keypair,
)

from crypto import attachment, cards, choice, keyfile, keysheet, listing, messages, seal
from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id
from crypto.envelope import Kind, Slot, decode, envelope_hash
from crypto.identity import Identity, from_seed
from crypto.padding import pad
from crypto.payloads import ANSWERS, CATEGORIES, LANGUAGES, MEANINGS, TREATED
from crypto.receipt import Receipt, derive, from_root
from tests.crypto.assemble import CONTENT_KEY, assemble, slot

FOLDER = Path(__file__).parent
DAY = date(2026, 11, 23)
SALT = bytes(range(16))
CODE = "K7Q29M4XTB8V3HNE5RW0"
RECEIPT = derive(CODE, SALT)
NEW_RECEIPT = from_root(bytes([0x2E]) * 32)
ENVELOPE_ID = bytes([0xE1]) * 16
LOG_KEY = b64e(bytes([0x10]) * 32)
SEEDS = {
    name: bytes([number]) * 32 for number, name in enumerate(("zero", "founder", "second", "third", "fourth"))
}
AUDITORS = {name: from_seed(seed) for name, seed in SEEDS.items()}
SECOND_CHOICE = choice.Choice(frozenset({bytes([0xAB]) * 16}), 2)
FOUNDER, SECOND, THIRD, FOURTH = (AUDITORS[name] for name in ("founder", "second", "third", "fourth"))

Vector = dict[str, Any]


def good(name: str, operation: str, given: Mapping[str, Any], output: Any) -> Vector:
    return {"name": name, "operation": operation, "input": dict(given), "output": output}


def bad(name: str, operation: str, given: Mapping[str, Any], error: str) -> Vector:
    return {"name": name, "operation": operation, "input": dict(given), "error": error}


def write(stem: str, about: str, vectors: Sequence[Vector], shared: Mapping[str, Any] | None = None) -> None:
    found: dict[str, Any] = {"about": about}
    if shared:
        found["shared"] = dict(shared)
    found["vectors"] = list(vectors)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (FOLDER / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


# Bytes as text, canonical JSON, padding


def texts() -> list[Vector]:
    return [
        good("b64 of nothing", "b64", {"text": ""}, ""),
        good("b64 with - and _", "b64", {"text": "-_8"}, "fbff"),
        bad("b64 with padding", "b64", {"text": "-_8="}, "BadBase64"),
        bad("b64 with +", "b64", {"text": "+_8"}, "BadBase64"),
        bad("b64 with /", "b64", {"text": "-/8"}, "BadBase64"),
        bad("b64 with unused bits set", "b64", {"text": "-_9"}, "BadBase64"),
        bad("b64 of an impossible length", "b64", {"text": "AAAAA"}, "BadBase64"),
        bad("b64 with a space", "b64", {"text": "AA AA"}, "BadBase64"),
        bad("b64 with a line feed at the end", "b64", {"text": "AAAA\n"}, "BadBase64"),
        bad("b64 in full width", "b64", {"text": "ＡＡＡＡ"}, "BadBase64"),
        good("id", "id_text", {"text": "00ff" * 8}, "00ff" * 8),
        bad("id in upper case", "id_text", {"text": "00FF" * 8}, "BadId"),
        bad("id too short", "id_text", {"text": "0" * 31}, "BadId"),
        bad("id too long", "id_text", {"text": "0" * 33}, "BadId"),
        bad("id with a line feed at the end", "id_text", {"text": "0" * 32 + "\n"}, "BadId"),
        bad("id in full-width digits", "id_text", {"text": "０" * 32}, "BadId"),
        bad("id with another letter", "id_text", {"text": "0" * 31 + "g"}, "BadId"),
        bad("id that is a number", "id_text", {"text": 12}, "BadId"),
    ]


def _nested(depth: int) -> str:
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


def canonical() -> list[Vector]:
    def reads(name: str, text: str, output: Any) -> Vector:
        return good(name, "json", {"raw": text.encode().hex()}, output)

    def refused(name: str, text: str | bytes, error: str) -> Vector:
        raw = text.encode() if isinstance(text, str) else text
        return bad(name, "json", {"raw": raw.hex()}, error)

    long = "9" * 5000
    return [
        reads("nothing in it", "{}", {}),
        reads("Japanese, not escaped", '{"a":"名簿","b":[1,true,null]}', {"a": "名簿", "b": [1, True, None]}),
        reads(
            "escapes", '{"a":"\\"\\\\\\b\\f\\n\\t\\u0001/\u007f\u2028"}', {"a": '"\\\b\f\n\t\x01/\x7f\u2028'}
        ),
        reads(
            "names in order of code points", '{"B":1,"a":2,"é":3,"名":4}', {"B": 1, "a": 2, "é": 3, "名": 4}
        ),
        reads("the largest number", '{"a":9007199254740991}', {"a": 9007199254740991}),
        reads("the smallest number", '{"a":-9007199254740991}', {"a": -9007199254740991}),
        reads("as deep as allowed", _nested(16), json.loads(_nested(16))),
        good(
            "writes names in order",
            "write_json",
            {"object": {"b": 1, "a": "é"}},
            '{"a":"é","b":1}'.encode().hex(),
        ),
        bad("does not write NFD", "write_json", {"object": {"a": "e\u0301"}}, "NotNormalized"),
        bad("does not write carriage returns", "write_json", {"object": {"a": "\r\n"}}, "NotNormalized"),
        refused("Latin-1", b'{"a":"\xe9"}', "NotUtf8"),
        refused("a surrogate in UTF-8", b'{"a":"\xed\xa0\x80"}', "NotUtf8"),
        refused("an overlong slash", b'{"a":"\xc0\xaf"}', "NotUtf8"),
        refused("nothing at all", "", "NotJson"),
        refused("cut off", '{"a":1', "NotJson"),
        refused("two objects", "{}{}", "NotJson"),
        refused("a comma too many", '{"a":1,}', "NotJson"),
        refused("a comment", '{"a":1}//', "NotJson"),
        refused("single quotes", "{'a':1}", "NotJson"),
        refused("a byte order mark", b"\xef\xbb\xbf{}", "NotJson"),
        refused("a line feed inside a string", '{"a":"\n"}', "NotJson"),
        refused("a leading zero", '{"a":01}', "NotJson"),
        refused("a list", "[]", "NotObject"),
        refused("a string", '"a"', "NotObject"),
        refused("null", "null", "NotObject"),
        refused("a name twice", '{"a":1,"a":1}', "DuplicateKey"),
        refused("a name twice, deep", '{"a":[{"b":1,"b":2}]}', "DuplicateKey"),
        refused("a name twice, once escaped", '{"a":1,"\\u0061":1}', "DuplicateKey"),
        refused("too deep by one", _nested(17), "NestedTooDeep"),
        refused("much too deep", _nested(40000), "NestedTooDeep")
        | {"input": {"raw": _nested(3000).encode().hex()}},
        refused("a fraction", '{"a":1.5}', "FloatNumber"),
        refused("a whole number written as a fraction", '{"a":1.0}', "FloatNumber"),
        refused("an exponent", '{"a":1e2}', "FloatNumber"),
        refused("not a number", '{"a":NaN}', "FloatNumber"),
        refused("infinity", '{"a":-Infinity}', "FloatNumber"),
        refused("a number too large by one", '{"a":9007199254740992}', "NumberTooLarge"),
        refused("a number too small by one", '{"a":-9007199254740992}', "NumberTooLarge"),
        refused("a number of 5000 digits", '{"a":' + long + "}", "NumberTooLarge"),
        refused("a carriage return", '{"a":"\\r\\n"}', "CarriageReturn"),
        refused("a carriage return in a name", '{"\\r":1}', "CarriageReturn"),
        refused("a decomposed letter", '{"a":"か\u3099"}', "NotNfc"),
        refused("a decomposed letter in a name", '{"e\u0301":1}', "NotNfc"),
        refused("a compatibility ideograph", '{"a":"\ufa19"}', "NotNfc"),
        refused("half a surrogate pair", '{"a":"\\ud83d"}', "LoneSurrogate"),
        refused("surrogates the wrong way round", '{"a":"\\ude00\\ud83d"}', "LoneSurrogate"),
        refused("names out of order", '{"b":1,"a":1}', "NotCanonical"),
        refused("names out of order, deep", '{"a":{"c":1,"b":1}}', "NotCanonical"),
        refused("a space after a colon", '{"a": 1}', "NotCanonical"),
        refused("a space before", " {}", "NotCanonical"),
        refused("a line feed after", "{}\n", "NotCanonical"),
        refused("Japanese, escaped", '{"a":"\\u540d"}', "NotCanonical"),
        refused("an escaped slash", '{"a":"\\/"}', "NotCanonical"),
        refused("a line feed as \\u000a", '{"a":"\\u000a"}', "NotCanonical"),
        refused("an upper-case escape", '{"a":"\\u001F"}', "NotCanonical"),
        refused("minus zero", '{"a":-0}', "NotCanonical"),
    ]


def paddings() -> list[Vector]:
    sizes = (8192, 32768, 131072, 524288)
    vectors = [good("pad nothing", "pad", {"length": 0}, 8192)]
    for size, larger in zip(sizes, (*sizes[1:], None), strict=True):
        vectors.append(good(f"pad {size - 1} bytes", "pad", {"length": size - 1}, size))
        name, given = f"pad {size} bytes", {"length": size}
        vectors.append(
            good(name, "pad", given, larger) if larger else bad(name, "pad", given, "PayloadTooLarge")
        )
    return [
        *vectors,
        good("unpad nothing", "unpad", {"head": "80", "zeros": 8191}, 0),
        good("unpad a payload that ends like padding", "unpad", {"head": "61800080", "zeros": 8188}, 3),
        good("unpad what fills its class", "unpad", {"fill": 8191, "head": "80", "zeros": 0}, 8191),
        good(
            "unpad what just misses the class below",
            "unpad",
            {"fill": 8192, "head": "80", "zeros": 24575},
            8192,
        ),
        bad("unpad nothing at all", "unpad", {"head": "", "zeros": 0}, "PaddingSize"),
        bad("unpad a byte too few", "unpad", {"head": "80", "zeros": 8190}, "PaddingSize"),
        bad("unpad a byte too many", "unpad", {"head": "80", "zeros": 8192}, "PaddingSize"),
        bad("unpad a size between classes", "unpad", {"head": "80", "zeros": 16383}, "PaddingSize"),
        bad(
            "unpad above the largest class",
            "unpad",
            {"fill": 524288, "head": "80", "zeros": 1572863},
            "PaddingSize",
        ),
        bad("unpad zeros only", "unpad", {"head": "", "zeros": 8192}, "PaddingMissing"),
        bad("unpad without the mark", "unpad", {"head": "61", "zeros": 8191}, "PaddingMissing"),
        bad(
            "unpad with something after the mark", "unpad", {"head": "8001", "zeros": 8190}, "PaddingMissing"
        ),
        bad("unpad with another mark", "unpad", {"head": "6181", "zeros": 8190}, "PaddingMissing"),
        bad(
            "unpad what fits a smaller class", "unpad", {"head": "6180", "zeros": 32766}, "PaddingNotSmallest"
        ),
        bad(
            "unpad what just fits the class below",
            "unpad",
            {"fill": 8191, "head": "80", "zeros": 24576},
            "PaddingNotSmallest",
        ),
    ]


# Receipt codes


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


# Cards


def person_of(who: Identity) -> str:
    return who.key_id[::-1].hex()


_NAMES = {
    "founder": ("佐藤 花子", "Hanako Sato"),
    "second": ("鈴木 太郎", "Taro Suzuki"),
    "third": ("高橋 健", "Ken Takahashi"),
}


def _named(person: str) -> dict[str, str]:
    """Return the name of a person, which all keys of theirs carry."""
    known = {person_of(AUDITORS[name]): names for name, names in _NAMES.items()}
    return dict(
        zip(("ja", "en"), known.get(person, (f"田中 {person[:4]}", f"Tanaka {person[:4]}")), strict=True)
    )


def card_json(
    who: Identity, person: str = "", sign_with: Identity | None = None, **changed: Any
) -> dict[str, Any]:
    """Return a card whose own signature covers whatever its fields are."""
    person = person or person_of(who)
    fields: dict[str, Any] = {
        "v": 1,
        "person": person,
        "name": _named(person),
        "role": {"ja": "監査部 部長", "en": "Head of audit"},
        "box_pk": b64e(who.box_pk),
        "sign_pk": b64e(who.sign_pk),
        **changed,
    }
    text = b"mybk1/card\n" + canonical_json(fields)
    return {**fields, "sig": b64e(messages.sign((sign_with or who).sign_seed, text))}


def vouched(card: Mapping[str, Any], by: Identity, sign_with: Identity | None = None) -> dict[str, Any]:
    found = {**card, "voucher": hex_id(by.key_id)}
    text = b"mybk1/card\n" + canonical_json(found)
    return {**found, "voucher_sig": b64e(messages.sign((sign_with or by).sign_seed, text))}


def text_of(found: Mapping[str, Any]) -> str:
    return canonical_json(found).decode()


def without(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}


def flipped(text: str) -> str:
    """Return b64 text with its first byte changed."""
    raw = b64d(text)
    return b64e(bytes([raw[0] ^ 1]) + raw[1:])


def single_cards() -> list[Vector]:
    own, later = card_json(FOUNDER), vouched(card_json(SECOND), FOUNDER)

    def refused(name: str, found: Mapping[str, Any] | str, error: str) -> Vector:
        text = found if isinstance(found, str) else text_of(found)
        return bad(name, "card", {"text": text}, error)

    def named(ja: str) -> dict[str, Any]:
        return card_json(FOUNDER, name={"ja": ja, "en": "Hanako Sato"})

    nfd = json.dumps(
        card_json(FOUNDER, name={"ja": "佐藤", "en": "Zoë"}),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return [
        good("a first card", "card", {"text": text_of(own)}, FOUNDER.key_id.hex()),
        good("a later card", "card", {"text": text_of(later)}, SECOND.key_id.hex()),
        good("a name of 100 characters", "card", {"text": text_of(named("𠮷" * 100))}, FOUNDER.key_id.hex()),
        good(
            "a variant of a kanji", "card", {"text": text_of(named("葛\U000e0100城"))}, FOUNDER.key_id.hex()
        ),
        good(
            "a guest's card",
            "card",
            {"text": text_of(vouched(card_json(SECOND, duty="guest"), FOUNDER))},
            SECOND.key_id.hex(),
        ),
        refused("a duty that there is not", card_json(FOUNDER, duty="visitor"), "CardFields"),
        refused("version 2", card_json(FOUNDER, v=2), "CardVersion"),
        refused("version true", card_json(FOUNDER, v=True), "CardVersion"),
        refused("version as text", card_json(FOUNDER, v="1"), "CardVersion"),
        refused("no version", without(own, "v"), "CardVersion"),
        refused("no signature", without(own, "sig"), "CardFields"),
        refused("no role", without(own, "role"), "CardFields"),
        refused("a field too many", card_json(FOUNDER, since="2026-11-23"), "CardFields"),
        refused("voucher without signature", without(later, "voucher_sig"), "CardFields"),
        refused("voucher's signature without voucher", without(later, "voucher"), "CardFields"),
        refused("no English name", card_json(FOUNDER, name={"ja": "佐藤"}), "CardFields"),
        refused(
            "a language too many",
            card_json(FOUNDER, name={"ja": "佐藤", "en": "Sato", "fr": "Sato"}),
            "CardFields",
        ),
        refused("a name that is no object", card_json(FOUNDER, name="佐藤"), "CardFields"),
        refused("a name that is a number", card_json(FOUNDER, name={"ja": 1, "en": "Sato"}), "CardFields"),
        refused("an empty name", named(""), "CardFields"),
        refused("a name of 101 characters", named("あ" * 101), "CardFields"),
        refused("a name with a space at its end", named("佐藤 "), "CardFields"),
        refused("a name with an ideographic space before it", named("\u3000佐藤"), "CardFields"),
        refused("a name with a line feed", named("佐藤\n花子"), "CardFields"),
        refused("a name with a zero-width space", named("佐\u200b藤"), "CardFields"),
        refused("a name that is a Hangul filler", named("\u3164"), "CardFields"),
        refused("a name with a blank Braille pattern", named("佐\u2800藤"), "CardFields"),
        refused("a name with a joiner that nobody sees", named("佐\u034f藤"), "CardFields"),
        refused("a variation selector behind a letter", named("A\U000e0100"), "CardFields"),
        refused("two variation selectors behind a kanji", named("葛\U000e0100\U000e0101"), "CardFields"),
        refused("a variation selector alone", named("\ufe0f"), "CardFields"),
        refused("a name that turns what follows", named("佐藤\u202eotas"), "CardFields"),
        refused("a box key of 31 bytes", card_json(FOUNDER, box_pk=b64e(bytes(31))), "CardFields"),
        refused("a box key that is a number", card_json(FOUNDER, box_pk=7), "CardFields"),
        refused("a signature of 63 bytes", {**own, "sig": b64e(bytes(63))}, "CardFields"),
        refused(
            "a box key in ordinary base64", card_json(FOUNDER, box_pk=b64e(FOUNDER.box_pk) + "="), "BadBase64"
        ),
        refused("a person in upper case", card_json(FOUNDER, person="AB" * 16), "BadId"),
        refused("a voucher that is no id", {**later, "voucher": "second"}, "BadId"),
        refused("a box key of zeros", card_json(FOUNDER, box_pk=b64e(bytes(32))), "CardKeyUnusable"),
        refused("a box key of order 8", card_json(FOUNDER, box_pk=b64e(_ORDER_8)), "CardKeyUnusable"),
        *(
            refused(
                f"a box key of small order: {what}", card_json(FOUNDER, box_pk=b64e(point)), "CardKeyUnusable"
            )
            for what, point in SMALL_ORDER.items()
        ),
        refused("a changed signature", {**own, "sig": flipped(own["sig"])}, "CardSignatureWrong"),
        refused(
            "a changed name", {**own, "name": {"ja": "鈴木 太郎", "en": "Hanako Sato"}}, "CardSignatureWrong"
        ),
        refused("another box key", {**own, "box_pk": b64e(SECOND.box_pk)}, "CardSignatureWrong"),
        refused("signed by another key", card_json(FOUNDER, sign_with=SECOND), "CardSignatureWrong"),
        refused(
            "a signing key of small order", card_json(FOUNDER, sign_pk=b64e(bytes(32))), "CardSignatureWrong"
        ),
        refused("a decomposed name", nfd.replace("ë", "e\u0308"), "NotNfc"),
        refused("with spaces", json.dumps(own, ensure_ascii=False, sort_keys=True), "NotCanonical"),
        refused("with two line feeds after it", text_of(own) + "\n\n", "NotCanonical"),
        refused("cut off", text_of(own)[:-1], "NotJson"),
    ]


_ORDER_8 = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
_P = 2**255 - 19
SMALL_ORDER = {
    what: number.to_bytes(32, "little")
    for what, number in (
        ("1", 1),
        ("p - 1", _P - 1),
        ("p, for 0", _P),
        ("p + 1, for 1", _P + 1),
        ("the other of order 8", 0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F),
        ("1 with the highest bit", 1 + 2**255),
        ("p - 1 with the highest bit", _P - 1 + 2**255),
    )
}
"""Points with which no secret can be agreed on, besides 0 and `_ORDER_8`; a reader ignores the highest bit."""


def note(key: Identity, by: Identity, sign_with: Identity | None = None, **changed: Any) -> dict[str, Any]:
    found = json.loads(cards.new_retirement(key.key_id, DAY, by.key_id, (sign_with or by).sign_seed).encode())
    return {**found, **changed}


def chains() -> list[Vector]:
    first = text_of(card_json(FOUNDER))
    second = text_of(vouched(card_json(SECOND), FOUNDER))
    third = text_of(vouched(card_json(THIRD, person_of(SECOND)), SECOND))

    def listed(known: Sequence[str], notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Cards, and retirements behind them; a text that is none of a card stands where it is put."""
        texts = [*known, *map(text_of, notes)]
        return {"list": [{"retirement" if "key_id" in json.loads(text) else "card": text} for text in texts]}

    def holds(name: str, known: Sequence[str], notes: Sequence[Mapping[str, Any]] = ()) -> Vector:
        given = listed(known, notes)
        found = listing.verify_list(
            [listing.parse_document(one, *(text.encode() for text in one.values())) for one in given["list"]]
        )
        output = {
            "readers": sorted(one.hex() for one in found.readers()),
            "digest": b64e(found.prefix().digest),
        }
        return good(name, "chain", given, output)

    def breaks(
        name: str, known: Sequence[str], error: str, notes: Sequence[Mapping[str, Any]] = ()
    ) -> Vector:
        return bad(name, "chain", listed(known, notes), error)

    def retires(name: str, found: Mapping[str, Any]) -> Vector:
        return bad(name, "retirement", {"text": text_of(found)}, "RetirementMalformed")

    both = [first, second]
    lead = text_of(vouched(card_json(SECOND, duty="lead"), FOUNDER))
    watching = text_of(vouched(card_json(FOURTH, duty="observer"), FOUNDER))
    guest = text_of(vouched(card_json(FOURTH, duty="guest"), FOUNDER))
    swapped = {**vouched(card_json(THIRD, person_of(SECOND)), SECOND), "voucher": hex_id(FOUNDER.key_id)}

    def by_second(person: Identity, **changed: Any) -> str:
        """A new key that an auditor vouches for, in the name of somebody."""
        return text_of(vouched(card_json(THIRD, person_of(person), **changed), SECOND))

    def lead_of(who: Identity) -> str:
        return text_of(vouched(card_json(who, duty="lead"), FOUNDER))

    def _names(first: str, second: str) -> list[Vector]:
        """Whose name and role a card may carry (1.4)."""
        own, role = _named(person_of(SECOND)), {"ja": "監査部 部長", "en": "Head of audit"}
        taken, other = _named(person_of(FOUNDER)), {"ja": "法務部", "en": "Legal"}

        def by_lead(**changed: Any) -> str:
            return text_of(vouched(card_json(THIRD, **changed), FOUNDER))

        def of_second(**changed: Any) -> str:
            return text_of(vouched(card_json(THIRD, person_of(SECOND), **changed), FOUNDER))

        new_lead = text_of(vouched(card_json(FOURTH, person_of(FOUNDER), name=own | {"ja": "改名"}), FOUNDER))
        wide = {"ja": "佐藤　花子", "en": "ＨＡＮＡＫＯ ｓａｔｏ"}
        return [
            breaks(
                "an own new key with another name",
                [first, second, by_second(SECOND, name=other)],
                "NameChanged",
            ),
            breaks(
                "an own new key with another role",
                [first, second, by_second(SECOND, role=other)],
                "NameChanged",
            ),
            breaks(
                "an own new key with a name that only looks the same",
                [first, second, by_second(SECOND, name={**own, "ja": own["ja"].replace(" ", "　")})],
                "NameChanged",
            ),
            breaks(
                "an own new key under a colleague's name",
                [first, second, by_second(SECOND, name=taken)],
                "NameChanged",
            ),
            breaks("a lead renames themselves", [first, new_lead], "NameChanged"),
            holds("a lead renames somebody else", [first, second, of_second(name=other)]),
            holds("a lead gives somebody another role", [first, second, of_second(role=other)]),
            breaks(
                "the name and role of another person", [first, by_lead(name=taken, role=role)], "NameTaken"
            ),
            breaks(
                "the same, in full width and capitals", [first, by_lead(name=wide, role=role)], "NameTaken"
            ),
            breaks(
                "the same in English only",
                [
                    first,
                    by_lead(
                        name={"ja": "別の名", "en": "hanakosato"}, role={"ja": "経理", "en": "HEAD  OF AUDIT"}
                    ),
                ],
                "NameTaken",
            ),
            breaks(
                "the same, in the other language",
                [first, by_lead(name={"ja": taken["en"], "en": "x"}, role={"ja": role["en"], "en": "x"})],
                "NameTaken",
            ),
            breaks(
                "a lead renames somebody to another person's name",
                [first, second, of_second(name=taken)],
                "NameTaken",
            ),
            breaks(
                "the name and role of somebody who left",
                [first, second, text_of(left), by_lead(name=own)],
                "NameTaken",
            ),
            holds("the same name with another role", [first, by_lead(name=taken, role=other)]),
            holds("the same role with another name", [first, by_lead(name=other, role=role)]),
        ]

    left = note(SECOND, FOUNDER)
    return [
        holds("one card", [first]),
        holds("three cards, each brought in by the one before", [first, second, third]),
        holds("a retirement", both, [note(SECOND, FOUNDER)]),
        holds("somebody retires themselves", both, [note(SECOND, SECOND)]),
        breaks("a lead is retired by an auditor", both, "DutyWrong", [note(FOUNDER, SECOND)]),
        breaks(
            "an auditor retires another one",
            [first, second, third],
            "DutyWrong",
            [note(THIRD, SECOND)],
        ),
        holds(
            "a lead, an auditor, an observer",
            [first, lead, text_of(vouched(card_json(THIRD), SECOND)), watching],
        ),
        holds("a guest has no place among the readers", [first, lead, guest]),
        holds("a guest retires themselves", [first, guest], [note(FOURTH, FOURTH)]),
        breaks("a guest as the first card", [text_of(card_json(FOUNDER, duty="guest"))], "DutyWrong"),
        breaks(
            "a guest vouches for an own new key",
            [first, guest, text_of(vouched(card_json(SECOND, person_of(FOURTH), duty="guest"), FOURTH))],
            "DutyWrong",
        ),
        breaks(
            "an auditor vouches for a guest", [first, second, by_second(FOURTH, duty="guest")], "DutyWrong"
        ),
        breaks("a guest retires somebody", [first, second, guest], "DutyWrong", [note(SECOND, FOURTH)]),
        holds(
            "an auditor's new key for watching, by the old one",
            [first, second, by_second(SECOND, duty="observer")],
        ),
        holds(
            "a lead's card for a colleague's person",
            [first, second, text_of(vouched(card_json(THIRD, person_of(SECOND)), FOUNDER))],
        ),
        breaks("an auditor vouches for somebody new", [first, second, by_second(FOURTH)], "DutyWrong"),
        breaks(
            "an auditor vouches for a colleague's new key", [first, second, by_second(FOUNDER)], "DutyWrong"
        ),
        breaks(
            "an auditor vouches for a lead's new key",
            [first, second, by_second(FOUNDER, duty="lead")],
            "DutyWrong",
        ),
        breaks(
            "an auditor makes themselves a lead", [first, second, by_second(SECOND, duty="lead")], "DutyWrong"
        ),
        breaks(
            "an auditor vouches for an observer",
            [first, second, by_second(FOURTH, duty="observer")],
            "DutyWrong",
        ),
        holds("a card ahead of its voucher's retirement", [first, second, third], [left]),
        breaks(
            "a card behind its voucher's retirement", [first, second, text_of(left), third], "VoucherRetired"
        ),
        holds("another's card behind a retirement", [first, second, text_of(left), watching]),
        breaks(
            "a retirement by a lead who was retired",
            [first, lead, watching, text_of(note(FOUNDER, SECOND))],
            "SignerRetired",
            [note(FOURTH, FOUNDER)],
        ),
        breaks(
            "a lead who was retired takes the others along",
            [first, lead, text_of(note(FOUNDER, SECOND))],
            "SignerRetired",
            [note(SECOND, FOUNDER)],
        ),
        breaks(
            "somebody who was retired retires themselves with another key's name",
            [first, lead, text_of(note(SECOND, FOUNDER))],
            "SignerRetired",
            [note(FOUNDER, SECOND)],
        ),
        holds("a retirement between two cards", [first, second, text_of(left), lead_of(THIRD)]),
        breaks("a retirement ahead of its key", [first, text_of(left), second], "RetirementUnknown"),
        breaks("a list that begins with a retirement", [text_of(left), first], "ChainEmpty"),
        *_names(first, second),
        holds("a lead retires the first card", [first, lead], [note(FOUNDER, SECOND)]),
        holds("an observer retires themselves", [first, watching], [note(FOURTH, FOURTH)]),
        breaks("an observer as the first card", [text_of(card_json(FOUNDER, duty="observer"))], "DutyWrong"),
        breaks(
            "an observer as the first card, ahead of others",
            [text_of(card_json(FOUNDER, duty="observer")), second, third],
            "DutyWrong",
        ),
        holds(
            "a lead as the first card is what it would be without saying so",
            [text_of(card_json(FOUNDER, duty="lead")), second, watching],
        ),
        breaks(
            "an observer vouches for an auditor",
            [first, watching, text_of(vouched(card_json(SECOND, person_of(FOURTH)), FOURTH))],
            "DutyWrong",
        ),
        breaks(
            "an observer retires somebody", [first, second, watching], "DutyWrong", [note(SECOND, FOURTH)]
        ),
        breaks("no card", [], "ChainEmpty"),
        breaks("begins with a later card", [second, third], "FirstCardVouched"),
        breaks("a card twice", [first, second, second], "CardRepeated"),
        breaks("the first card again", [first, second, first], "CardRepeated"),
        breaks("a later card without voucher", [first, text_of(card_json(SECOND))], "VoucherMissing"),
        breaks("a voucher that comes later", [first, third, second], "VoucherUnknown"),
        breaks(
            "a voucher that is nobody here",
            [first, text_of(vouched(card_json(THIRD), FOURTH))],
            "VoucherUnknown",
        ),
        breaks("vouches for itself", [first, text_of(vouched(card_json(SECOND), SECOND))], "VoucherUnknown"),
        breaks(
            "signed by another than the voucher",
            [first, text_of(vouched(card_json(SECOND), FOUNDER, THIRD))],
            "VoucherWrong",
        ),
        breaks("another voucher named than signed", [first, second, text_of(swapped)], "VoucherWrong"),
        breaks(
            "a voucher's signature moved to another card",
            [
                first,
                text_of(
                    {**vouched(card_json(THIRD), FOUNDER), "voucher_sig": json.loads(second)["voucher_sig"]}
                ),
            ],
            "VoucherWrong",
        ),
        breaks("a retirement of a key that is not here", both, "RetirementUnknown", [note(THIRD, FOUNDER)]),
        breaks("a retirement by a key that is not here", both, "RetirementUnknown", [note(SECOND, THIRD)]),
        breaks(
            "a key retired twice", both, "RetirementRepeated", [note(SECOND, FOUNDER), note(SECOND, SECOND)]
        ),
        breaks(
            "a retirement with another day",
            both,
            "RetirementWrong",
            [note(SECOND, FOUNDER, day="2026-11-24")],
        ),
        breaks(
            "a retirement signed by another",
            both,
            "RetirementWrong",
            [note(SECOND, FOUNDER, sign_with=THIRD)],
        ),
        breaks(
            "a retirement turned on another key",
            both,
            "RetirementWrong",
            [note(SECOND, FOUNDER, key_id=hex_id(FOUNDER.key_id))],
        ),
        good(
            "a retirement note", "retirement", {"text": text_of(note(SECOND, FOUNDER))}, SECOND.key_id.hex()
        ),
        retires("a retirement of version 2", note(SECOND, FOUNDER, v=2)),
        retires("a retirement of version true", note(SECOND, FOUNDER, v=True)),
        retires("a retirement with a field too many", note(SECOND, FOUNDER, why="")),
        retires("a retirement without signer", without(note(SECOND, FOUNDER), "by")),
        retires("a retirement on a day that does not exist", note(SECOND, FOUNDER, day="2026-02-30")),
        retires("a retirement on a day without dashes", note(SECOND, FOUNDER, day="20261123")),
        retires("a retirement on a day that is a number", note(SECOND, FOUNDER, day=20261123)),
        retires("a retirement of no id", note(SECOND, FOUNDER, key_id="second")),
        retires("a retirement with a signature of 63 bytes", note(SECOND, FOUNDER, sig=b64e(bytes(63)))),
    ]


def exclusions() -> tuple[list[Vector], dict[str, Any]]:
    names = ("founder", "ann", "ben", "late", "founder_again", "kim", "ann_again", "ann_own")
    who = {name: from_seed(bytes([100 + number]) * 32) for number, name in enumerate(names)}
    person = {name: bytes([200 + number]).hex() * 16 for number, name in enumerate(names)}
    person |= {"founder_again": person["founder"], "ann_again": person["ann"], "ann_own": person["ann"]}
    vouchers = {
        "ann": "founder",
        "ben": "ann",
        "late": "founder",
        "founder_again": "ann",
        "kim": "founder_again",
        "ann_again": "founder",
        "ann_own": "ann",
    }
    shared: dict[str, Any] = {}
    for name in names:
        own = card_json(who[name], person[name], name={"ja": name, "en": name})
        shared[name] = text_of(vouched(own, who[vouchers[name]]) if name in vouchers else own)

    def rule(name: str, known: str, exclude: str, at_report: str, out: str) -> Vector:
        given = {
            "cards": [f"@{one}" for one in known.split()],
            "exclude": [person.get(one, "ee" * 16) for one in exclude.split()],
            "at_report": [who[one].key_id.hex() for one in at_report.split()],
        }
        return good(name, "excluded_keys", given, sorted(who[one].key_id.hex() for one in out.split()))

    trio = "founder ann ben"
    return [
        rule("nobody excluded", trio, "", trio, ""),
        rule("somebody excluded who is not here", trio, "stranger", trio, ""),
        rule("the last one excluded", trio, "ben", trio, "ben"),
        rule(
            "whom an excluded person brought in goes too, even though the reporter saw the card",
            trio,
            "ann",
            trio,
            "ann ben",
        ),
        rule("the founder excluded: those whom the reporter saw stay", trio, "founder", trio, "founder"),
        rule(
            "the founder excluded: whom the founder brought in later goes",
            f"{trio} late",
            "founder",
            trio,
            "founder late",
        ),
        rule(
            "the founder excluded: the founder's new key goes too",
            f"{trio} founder_again",
            "founder",
            trio,
            "founder founder_again",
        ),
        rule(
            "the founder excluded: whom the founder's new key brought in goes, seen or not",
            f"{trio} founder_again kim",
            "founder",
            f"{trio} founder_again kim",
            "founder founder_again kim",
        ),
        rule("founder and another excluded", trio, "founder ann", trio, "founder ann ben"),
        rule(
            "the founder excluded: a second card under a colleague's name goes, seen or not",
            f"{trio} ann_again",
            "founder",
            f"{trio} ann_again",
            "founder ann_again",
        ),
        rule(
            "the founder excluded: a new key that the colleague's own key vouched for stays",
            f"{trio} ann_own",
            "founder",
            f"{trio} ann_own",
            "founder",
        ),
        rule(
            "a replacement key is excluded with its person",
            f"{trio} ann_again",
            "ann",
            trio,
            "ann ben ann_again",
        ),
        rule("nobody had a slot: the founder takes all along", trio, "founder", "", "founder ann ben"),
        rule(
            "somebody else excluded: what came later by the founder stays",
            f"{trio} late",
            "ann",
            trio,
            "ann ben",
        ),
        rule("a single card", "founder", "founder", "founder", "founder"),
    ], shared


# To whom an envelope was sealed


def readers() -> tuple[list[Vector], dict[str, Any]]:
    """`list`: what the one who asks has pinned; `slots` and `readers`: what the envelope says."""
    names = ("founder", "second", "third", "fourth")
    texts = {"founder": text_of(card_json(FOUNDER))}
    texts |= {name: text_of(vouched(card_json(AUDITORS[name]), FOUNDER)) for name in names[1:]}
    watching = from_seed(bytes([9]) * 32)
    texts["observer"] = text_of(vouched(card_json(watching, duty="observer"), FOUNDER))
    notes = {f"no_{name}": text_of(note(AUDITORS[name], FOUNDER)) for name in names[1:]}
    shared: dict[str, Any] = {**texts, **notes}
    stranger = from_seed(bytes([8]) * 32)
    other_first = text_of(card_json(stranger))

    def documents(words: str) -> list[listing.Document]:
        found = [shared[word] for word in words.split()]
        return [
            listing.parse_document(
                {"card" if "box_pk" in json.loads(text) else "retirement": 1}, text.encode()
            )
            for text in found
        ]

    def prefix(words: str) -> listing.Prefix:
        return listing.Listing(documents(words)).prefix()

    def ids(words: str) -> list[str]:
        known = {**AUDITORS, "stranger": stranger, "observer": watching}
        return sorted(known[word].key_id.hex() for word in words.split())

    def asked(
        known: str,
        slots: str,
        by: str | None = None,
        keys: str | None = None,
        own: str = "founder",
        floor: tuple[int, int] = (0, 0),
    ) -> dict[str, Any]:
        """`by`: the list by which it was sealed, of an envelope that was opened; `keys`: the slots as signed; `floor`:
        how much of the list was in the log before it came, and how much there was of it.
        """
        given: dict[str, Any] = {
            "list": [
                {"card" if "box_pk" in json.loads(shared[word]) else "retirement": f"@{word}"}
                for word in known.split()
            ],
            "slots": ids(slots),
            "own": ids(own)[0] if own else None,
            "floor": list(floor),
            "readers": None,
        }
        if by is not None:
            named = prefix(by)
            signed = ids(slots if keys is None else keys)
            given["readers"] = {"length": named.length, "digest": b64e(named.digest), "keys": signed}
        return given

    def fits(name: str, *what: Any, **how: Any) -> Vector:
        return good(name, "readers", asked(*what, **how), "fits")

    def fault(name: str, error: str, *what: Any, **how: Any) -> Vector:
        return bad(name, "readers", asked(*what, **how), error)

    def changed(name: str, error: str, **how: Any) -> Vector:
        given = asked(trio, three, trio)
        return bad(name, "readers", {**given, "readers": {**given["readers"], **how}}, error)

    def digest(name: str, words: str) -> Vector:
        given = {
            "list": [
                {"card" if "box_pk" in json.loads(shared[word]) else "retirement": f"@{word}"}
                for word in words.split()
            ]
        }
        return good(name, "prefix", given, prefix(words).digest.hex())

    trio, three = "founder second third", "founder second third"
    rest = "founder second third no_second"
    return [
        digest("the digest of no document", ""),
        digest("the digest of one card", "founder"),
        digest("the digest of cards and a retirement", rest),
        digest("the same in another order", "founder third second no_second"),
        fits("opened, by the whole list", trio, three, trio),
        fits("not opened, by the whole list", trio, three),
        fits("opened, by a prefix", rest, three, trio),
        fits("not opened, by a prefix", rest, three),
        fits("after a retirement", rest, "founder third", rest),
        fits(
            "an observer has no slot", "founder second observer", "founder second", "founder second observer"
        ),
        fits("an observer joined meanwhile", "founder second observer", "founder second", "founder second"),
        fits("from before the own card, not opened", trio, "founder second", own="third"),
        fits(
            "from before the own card, opened by a grant",
            trio,
            "founder second",
            "founder second",
            own="third",
        ),
        fits("after the own card was retired", rest, "founder third", own="second"),
        fits("asked by somebody without a key", trio, three, trio, own=""),
        fits("at the floor", rest, "founder third", rest, floor=(4, 4)),
        fits(
            "the same readers before and after",
            "founder second third no_third",
            "founder second",
            floor=(4, 4),
        ),
        fault(
            "sealed anew for the readers of the true list",
            "SlotsExchanged",
            trio,
            three,
            trio,
            keys="stranger",
        ),
        fault("a slot put in after signing", "SlotsExchanged", trio, three, trio, keys="founder second"),
        fault("a slot taken out after signing", "SlotsExchanged", trio, "founder second", trio, keys=three),
        fault(
            "a slot exchanged after signing",
            "SlotsExchanged",
            trio,
            "founder second stranger",
            trio,
            keys=three,
        ),
        fault("for a key on no list, not opened", "SlotUnknown", trio, f"{three} stranger"),
        fault("for a key on no list alone", "SlotUnknown", trio, "stranger"),
        fault("for a key on no list, opened", "SlotUnknown", trio, f"{three} stranger", trio),
        fault("for a card that is not enrolled yet", "SlotUnknown", "founder second", three),
        fault("no slot for me, not opened", "SlotMissing", trio, "founder second", own="third", floor=(3, 3)),
        fault("no slot for me, who is the founder", "SlotMissing", trio, "second third"),
        fault("no slot for me, opened by a grant", "SlotMissing", trio, "second third", trio),
        fault(
            "no slot for me, by a list that I am on, though the slots were the readers before",
            "SlotMissing",
            trio,
            "founder second",
            trio,
            own="third",
        ),
        fault("no slot for a colleague, not opened", "SlotsUnfit", trio, "founder third"),
        fault("no slot for a colleague, opened", "SlotsUnfit", trio, "founder third", trio),
        fault("a slot for an observer", "SlotsUnfit", "founder observer second", "founder observer second"),
        fault("a slot for who was retired", "SlotsUnfit", rest, three, rest, floor=(4, 4)),
        fault("a slot for who was retired, signed so", "SlotsUnfit", rest, three, rest),
        fault("for one key that was retired, alone", "SlotsUnfit", rest, "second", own="third"),
        fault("older than the floor, not opened", "SlotsUnfit", rest, three, floor=(4, 4)),
        fault(
            "older than the floor, and I am missing",
            "SlotMissing",
            "founder second",
            "founder",
            own="second",
            floor=(2, 2),
        ),
        fits("a key that was retired since the prefix has no slot", rest, "founder third", trio, own=""),
        fits("a card that waits for the log has no slot", trio, "founder second", floor=(2, 3), own="third"),
        fits("a card waits, a key was retired", rest, "founder", "founder second", floor=(2, 4)),
        fault("another prefix than the readers'", "SlotsUnfit", trio, "founder third", trio, own=""),
        fault(
            "retired before it came, though the prefix is older",
            "SlotsUnfit",
            rest,
            three,
            trio,
            floor=(3, 4),
        ),
        fault("a card that waits for the log has a slot", "SlotsUnfit", trio, three, "founder second"),
        fault(
            "in the log before it came, and left out",
            "SlotMissing",
            trio,
            "founder second",
            own="third",
            floor=(3, 3),
        ),
        fault("by a longer list than is known", "ListLonger", trio, three, rest),
        changed("a length beyond the list", "ListLonger", length=2**31 - 1),
        changed("another digest", "ListOther", digest=b64e(bytes(32))),
        changed("the digest of a shorter prefix", "ListOther", digest=b64e(prefix("founder second").digest)),
        changed("the length of a shorter prefix", "ListOther", length=2),
        fault("by a list in another order", "ListOther", trio, three, "founder third second"),
    ], {**shared, "other_first": other_first}


# Key files


def keyfiles() -> list[Vector]:
    seed, phrase = SEEDS["founder"], "ひらけ ごま 2026"
    text = keyfile.lock(seed, phrase, ops=1, mem=8 * 1024 * 1024).decode()
    found = json.loads(text)

    def opens(name: str, text: str, passphrase: str = phrase) -> Vector:
        return good(name, "unlock", {"text": text, "passphrase": passphrase}, seed.hex())

    def refused(name: str, changed: str | Mapping[str, Any], error: str, passphrase: str = phrase) -> Vector:
        text = changed if isinstance(changed, str) else text_of(changed)
        return bad(name, "unlock", {"text": text, "passphrase": passphrase}, error)

    return [
        opens("the right passphrase", text),
        opens("with a line feed at its end", text + "\n"),
        opens("the passphrase in full width", text, "ひらけ　ごま　２０２６"),
        opens("the passphrase decomposed", text, "ひらけ こ\u3099ま 2026"),
        refused("a wrong passphrase", text, "WrongPassphrase", "ひらけ ごま 2025"),
        refused("an empty passphrase", text, "WrongPassphrase", ""),
        refused("a space more", text, "WrongPassphrase", phrase + " "),
        refused("sealed part damaged", {**found, "sealed": flipped(found["sealed"])}, "WrongPassphrase"),
        refused("another salt", {**found, "salt": flipped(found["salt"])}, "WrongPassphrase"),
        refused("another nonce", {**found, "nonce": flipped(found["nonce"])}, "WrongPassphrase"),
        refused("another number of passes", {**found, "ops": 2}, "WrongPassphrase"),
        refused("another amount of memory", {**found, "mem": 8 * 1024 * 1024 + 1024}, "WrongPassphrase"),
        refused("version 2", {**found, "v": 2}, "KeyFileVersion"),
        refused("version true", {**found, "v": True}, "KeyFileVersion"),
        refused("no version", without(found, "v"), "KeyFileVersion"),
        refused("another way of hashing", {**found, "kdf": "scrypt"}, "KeyFileVersion"),
        refused("a field too many", {**found, "hint": "x"}, "KeyFileFields"),
        refused("no nonce", without(found, "nonce"), "KeyFileFields"),
        refused("no memory", without(found, "mem"), "KeyFileFields"),
        refused("passes as text", {**found, "ops": "1"}, "KeyFileFields"),
        refused("passes true", {**found, "ops": True}, "KeyFileFields"),
        refused("salt as a number", {**found, "salt": 1}, "KeyFileFields"),
        refused("a salt of 15 bytes", {**found, "salt": b64e(bytes(15))}, "KeyFileFields"),
        refused("a nonce of 23 bytes", {**found, "nonce": b64e(bytes(23))}, "KeyFileFields"),
        refused("a sealed part of 47 bytes", {**found, "sealed": b64e(bytes(47))}, "KeyFileFields"),
        refused("a salt in ordinary base64", {**found, "salt": found["salt"] + "=="}, "BadBase64"),
        refused("no passes", {**found, "ops": 0}, "KeyFileParameters"),
        refused("too many passes", {**found, "ops": 17}, "KeyFileParameters"),
        refused("passes below zero", {**found, "ops": -1}, "KeyFileParameters"),
        refused("too little memory", {**found, "mem": 8 * 1024 * 1024 - 1}, "KeyFileParameters"),
        refused("too much memory", {**found, "mem": 1024 * 1024 * 1024 + 1}, "KeyFileParameters"),
        refused("absurd memory", {**found, "mem": 2**52}, "KeyFileParameters"),
        refused("nothing", "", "NotJson"),
        refused("cut off", text[:-1], "NotJson"),
        refused("two line feeds at its end", text + "\n\n", "NotCanonical"),
        refused("a line end of Windows", text + "\r\n", "NotCanonical"),
    ]


def key_sheets() -> list[Vector]:
    text = keyfile.lock(SEEDS["founder"], "ひらけ ごま 2026", ops=1, mem=8 * 1024 * 1024).decode()
    groups = list(keysheet.groups(text.encode()))

    def read(name: str, typed: str) -> Vector:
        return good(name, "key_sheet", {"text": typed}, text)

    def refused(name: str, typed: str, error: str, at: Sequence[int] = ()) -> Vector:
        return bad(name, "key_sheet", {"text": typed, "groups": list(at)}, error)

    def with_group(number: int, group: str) -> str:
        return " ".join([*groups[: number - 1], group, *groups[number:]])

    def resealed(place: int, value: int) -> str:
        """Return a sheet whose every group and checksum fit, with one byte changed."""
        body = bytearray(keysheet._body(json.loads(text)))
        body[place] = value
        return " ".join(keysheet._written(bytes(body)))

    def slip(group: str, place: int) -> str:
        return group[:place] + ("0" if group[place] != "0" else "1") + group[place + 1 :]

    other = list(keysheet.groups(keyfile.lock(SEEDS["founder"], "x", ops=1, mem=8 * 1024 * 1024)))
    return [
        good("a key file's groups", "key_groups", {"text": text}, " ".join(groups)),
        read("as it is printed", " ".join(groups)),
        read("without spaces", "".join(groups)),
        read("in small letters, lines and dashes", "\r\n".join(groups).lower().replace("\r\n", "-\r\n")),
        read("in full width", "".join(groups).translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)})),
        read("O and L for 0 and 1", "".join(groups).replace("0", "o").replace("1", "l")),
        read("the text of the QR code", text),
        read(
            "the text of the QR code, broken into lines",
            "\n ".join(text[n : n + 30] for n in range(0, len(text), 30)),
        ),
        refused("nothing", "", "SheetLength", [1]),
        refused("the last group is missing", " ".join(groups[:-1]), "SheetLength", [40]),
        refused("a group too many", " ".join([*groups, "00000"]), "SheetLength", [41]),
        refused("one symbol left out", with_group(7, groups[6][1:]), "SheetLength", [7]),
        refused("one symbol twice", with_group(12, groups[11][0] + groups[11]), "SheetLength", [12]),
        refused("a slip", with_group(3, slip(groups[2], 1)), "SheetGroups", [3]),
        refused("a slip in a check symbol", with_group(38, slip(groups[37], 4)), "SheetGroups", [38]),
        refused("a foreign symbol", with_group(20, "?" + groups[19][1:]), "SheetGroups", [20]),
        refused("two groups swapped", " ".join([groups[1], groups[0], *groups[2:]]), "SheetGroups", [1, 2]),
        refused("a group of another sheet", with_group(9, other[8]), "SheetChecksum"),
        refused("another version of sheets", resealed(0, 2), "SheetVersion"),
        refused("something behind the end", resealed(94, 1), "SheetVersion"),
        refused("costs out of range", resealed(1, 0), "KeyFileParameters"),
        refused("the text of the QR code, cut off", text[:-1], "NotJson"),
        refused("another version of key files", text_of({**json.loads(text), "v": 2}), "KeyFileVersion"),
    ]


# Envelopes


READERS = listing.readers_field(listing.Prefix(3, bytes([0xD1]) * 32), [FOUNDER.key_id, SECOND.key_id])


def report_payload(**changed: Any) -> dict[str, Any]:
    """Return a signed report; what is `changed` was changed after signing."""
    return {**signed_report(), **changed}


def signed_report(**written: Any) -> dict[str, Any]:
    payload = messages.report_payload({"what_happened": "名簿の流出が隠されている"}, [], RECEIPT)
    payload = {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **written}
    return messages.sign_reporter(Kind.REPORT, payload, RECEIPT)


def envelopes() -> tuple[list[Vector], dict[str, Any]]:
    """Slots: two auditors who can open it, and one in between or beside the excluded one (THIRD)."""
    padded = pad(canonical_json(report_payload()))
    thrown = Slot(THIRD.key_id, seal.throwaway_grant())
    slots = sorted([slot(FOUNDER), slot(SECOND), thrown], key=lambda one: one.key_id)
    raw = assemble(Kind.REPORT, ENVELOPE_ID, padded, slots)
    reply = assemble(Kind.TO_REPORTER, ENVELOPE_ID, padded, slots)
    full = assemble(Kind.RECORD, ENVELOPE_ID, padded, [Slot(bytes([n]) * 16, bytes(80)) for n in range(64)])
    shared = {name: b64e(one) for name, one in (("report", raw), ("reply", reply), ("full", full))}
    ids = [one.key_id for one in slots]
    output = {"kind": 1, "envelope_id": hex_id(ENVELOPE_ID), "slots": [one.hex() for one in ids]}
    start = 86 + 3 * 96 + 28

    def breaks(name: str, error: str, base: str = "report", **edit: Any) -> Vector:
        return bad(name, "decode", {"raw_b64": f"@{base}", "edit": edit}, error)

    def put(name: str, error: str, at: int, bytes_: bytes, base: str = "report") -> Vector:
        return breaks(name, error, base, at=at, put=bytes_.hex())

    return [
        good("a report", "decode", {"raw_b64": "@report"}, {**output, "hash": envelope_hash(raw).hex()}),
        good(
            "a reply",
            "decode",
            {"raw_b64": "@reply"},
            {**output, "kind": 3, "hash": envelope_hash(reply).hex()},
        ),
        good(
            "64 slots",
            "decode",
            {"raw_b64": "@full"},
            {
                "kind": 4,
                "envelope_id": hex_id(ENVELOPE_ID),
                "slots": [one.key_id.hex() for one in decode(full).slots],
                "hash": envelope_hash(full).hex(),
            },
        ),
        put("another magic", "BadMagic", 0, b"MYA1"),
        put("a small letter in the magic", "BadMagic", 0, b"m"),
        put("version 2", "UnknownVersion", 3, b"2"),
        put("version 0", "UnknownVersion", 3, b"0"),
        breaks("nothing", "Truncated", cut=0),
        breaks("the magic alone", "Truncated", cut=4),
        breaks("ends before the number of slots", "Truncated", cut=85),
        breaks("ends before the slots", "Truncated", cut=86),
        breaks("ends within a slot", "Truncated", cut=86 + 96 + 20),
        breaks("ends after the slots", "Truncated", cut=86 + 3 * 96),
        breaks("ends within the length", "Truncated", cut=start - 1),
        breaks("ends before the ciphertext", "Truncated", cut=start),
        breaks("ends a byte too early", "Truncated", cut=len(raw) - 1),
        put("kind 0", "UnknownKind", 4, b"\0"),
        put("kind 5", "UnknownKind", 4, b"\5"),
        put("a report without act key", "ActKeyMissing", 53, bytes(32)),
        put("a reply with an act key", "ActKeyUnexpected", 53, bytes([1]) * 32, "reply"),
        put("a reply with one bit of an act key", "ActKeyUnexpected", 84, b"\1", "reply"),
        put("no slots", "NoSlots", 85, b"\0"),
        put("65 slots", "TooManySlots", 85, b"\x41", "full"),
        put("255 slots", "TooManySlots", 85, b"\xff", "full"),
        put("two slots with one key id", "SlotRepeated", 86 + 96, ids[0]),
        put("slots in descending order", "SlotsUnsorted", 86, b"\xff" * 16),
        put("a slot too small at the end", "SlotsUnsorted", 86 + 2 * 96, bytes(16)),
        put("a length of zero", "CiphertextSize", start - 4, bytes(4)),
        put("a length without the tag", "CiphertextSize", start - 4, (8192).to_bytes(4, "big")),
        put("a length between classes", "CiphertextSize", start - 4, (8193 + 16).to_bytes(4, "big")),
        put("the largest length there is", "CiphertextSize", start - 4, b"\xff" * 4),
        put("a length of the next class", "Truncated", start - 4, (32768 + 16).to_bytes(4, "big")),
        breaks("a byte after it", "TrailingBytes", append="00"),
        breaks("a line feed after it", "TrailingBytes", append="0a"),
    ], shared


def openings() -> tuple[list[Vector], dict[str, Any]]:
    payload = report_payload()
    padded = pad(canonical_json(payload))
    other_key = bytes([8]) * 32
    thrown = Slot(THIRD.key_id, seal.throwaway_grant())
    right = sorted([slot(FOUNDER), slot(SECOND), thrown], key=lambda one: one.key_id)
    lying = sorted([slot(FOUNDER, other_key), slot(SECOND)], key=lambda one: one.key_id)
    raws = {
        "report": assemble(Kind.REPORT, ENVELOPE_ID, padded, right),
        "record": assemble(Kind.RECORD, ENVELOPE_ID, pad(canonical_json(record_payload())), [slot(FOUNDER)]),
        "other_key_in_slot": assemble(Kind.REPORT, ENVELOPE_ID, padded, lying),
        "other_act_key": assemble(Kind.REPORT, ENVELOPE_ID, padded, right, act_pk=seal.act_pk(other_key)),
        "other_commitment": assemble(
            Kind.REPORT, ENVELOPE_ID, padded, right, commitment=seal.commitment(other_key)
        ),
    }
    places = {one.key_id: 86 + 96 * number for number, one in enumerate(right)}
    start = 86 + 3 * 96 + 28
    to_mailbox = seal.grant(CONTENT_KEY, RECEIPT.mailbox_pk).hex()
    to_third = seal.grant(CONTENT_KEY, THIRD.box_pk).hex()
    false, thrown_away = seal.grant(other_key, THIRD.box_pk).hex(), seal.throwaway_grant().hex()
    too_short = bytes(crypto_box_seal(bytes(31), THIRD.box_pk)).hex()
    opened = {"payload": payload, "unusual": []}
    mailbox = {"root": RECEIPT.root.hex()}

    def who(name: str) -> dict[str, str]:
        return {"seed": SEEDS[name].hex()}

    def opens(name: str, given: Mapping[str, Any], output: Any = opened) -> Vector:
        return good(name, "open", {"raw_b64": "@report", **given}, output)

    def refused(name: str, given: Mapping[str, Any], error: str) -> Vector:
        return bad(name, "open", {"raw_b64": "@report", **given}, error)

    def flip(name: str, at: int, error: str = "CiphertextForged", base: str = "report") -> Vector:
        changed = bytes([raws[base][at] ^ 1]).hex()
        return refused(
            name, {"raw_b64": f"@{base}", **who("founder"), "edit": {"at": at, "put": changed}}, error
        )

    return [
        opens("by the own slot", who("founder")),
        opens("by the other slot", who("second")),
        opens("the mailbox, by a grant", {**mailbox, "grants": [to_mailbox]}),
        opens("by a grant beside a slot that does not open", {**who("third"), "grants": [to_third]}),
        opens("by the last of three grants", {**who("third"), "grants": [thrown_away, false, to_third]}),
        opens("by the own slot, whatever the grants", {**who("founder"), "grants": [thrown_away, "00"]}),
        opens(
            "a record", {"raw_b64": "@record", **who("founder")}, {"payload": record_payload(), "unusual": []}
        ),
        refused("no slot, no grant", who("fourth"), "NotAddressed"),
        refused("the mailbox without a grant", mailbox, "NotAddressed"),
        refused("a throw-away slot: excluded", who("third"), "CannotOpen"),
        refused(
            "a throw-away slot and a throw-away grant",
            {**who("third"), "grants": [thrown_away]},
            "CannotOpen",
        ),
        refused("a grant to somebody else", {**who("fourth"), "grants": [to_third]}, "CannotOpen"),
        refused("an empty grant", {**who("fourth"), "grants": [""]}, "CannotOpen"),
        refused("a grant cut off", {**mailbox, "grants": [to_mailbox[:-2]]}, "CannotOpen"),
        refused("a grant that holds 31 bytes", {**who("third"), "grants": [too_short]}, "CannotOpen"),
        flip("a damaged slot", places[FOUNDER.key_id] + 50, "CannotOpen"),
        refused(
            "a slot that holds another key",
            {"raw_b64": "@other_key_in_slot", **who("founder")},
            "CommitmentMismatch",
        ),
        refused("a grant that holds another key", {**who("third"), "grants": [false]}, "CommitmentMismatch"),
        refused(
            "a commitment to another key",
            {"raw_b64": "@other_commitment", **who("founder")},
            "CommitmentMismatch",
        ),
        flip("a damaged commitment", 21, "CommitmentMismatch"),
        refused(
            "an act key of another key", {"raw_b64": "@other_act_key", **who("founder")}, "ActKeyMismatch"
        ),
        flip("a damaged act key", 53, "ActKeyMismatch"),
        flip("another envelope id in the header", 5),
        flip("somebody else's slot damaged", places[SECOND.key_id] + 50),
        flip("the nonce changed", start - 28),
        flip("the ciphertext's first byte changed", start),
        flip("the ciphertext's last byte, in the tag, changed", len(raws["report"]) - 1),
        refused(
            "a record turned into a message to the reporter",
            {"raw_b64": "@record", **who("founder"), "edit": {"at": 4, "put": "03"}},
            "CiphertextForged",
        ),
    ], {name: b64e(raw) for name, raw in raws.items()}


# Payloads


def message_payload(**changed: Any) -> dict[str, Any]:
    payload = messages.reporter_message({"message": "続きです"}, RECEIPT, [ENVELOPE_ID], choice=SECOND_CHOICE)
    return _signed(
        Kind.FROM_REPORTER, {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}
    )


def form_payload(**changed: Any) -> dict[str, Any]:
    body = {"what_happened": "書き直し", "who": "課長"}
    payload = messages.reporter_message(body, RECEIPT, [ENVELOPE_ID], choice=SECOND_CHOICE)
    return _signed(
        Kind.FROM_REPORTER, {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}
    )


def keys_payload(**changed: Any) -> dict[str, Any]:
    payload = messages.new_keys_message(NEW_RECEIPT, RECEIPT, [ENVELOPE_ID], RECEIPT.case_id, SECOND_CHOICE)
    unsigned = {**without(payload, "sig"), "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}
    return _signed(Kind.FROM_REPORTER, unsigned)


def _file(number: int, **changed: Any) -> dict[str, Any]:
    made = attachment.entry(
        bytes([0xF0]) * 15 + bytes([number]), bytes(32), bytes(32), 5, "名簿.xlsx", "text/plain", "nothing"
    )
    return {**made, **changed}


FILE = _file(0, cleaned="removed", found=["camera", "place"])
PARTLY = _file(1, cleaned="partly", found=["author"])


def _wrong_files() -> dict[str, list[Any]]:
    return {
        "21 files": [_file(number) for number in range(21)],
        "an object twice": [FILE, FILE],
        "a file that is no object": ["a.txt"],
        "files in no list": {},  # type: ignore[dict-item]
        "a file without a key": [without(FILE, "key")],
        "a file with a field of tomorrow": [{**FILE, "width": 3}],
        "a file key of 31 bytes": [_file(0, key=b64e(bytes(31)))],
        "a file hash in hex": [_file(0, hash="00" * 32)],
        "an object id in capitals": [_file(0, object="AB" * 16)],
        "a size below zero": [_file(0, size=-1)],
        "a size that is true": [_file(0, size=True)],
        "a size that no file has": [_file(0, size=2**40 + 1)],
        "a file without a name": [_file(0, name="")],
        "a name of 201 characters": [_file(0, name="あ" * 201)],
        "a name of 201 bytes": [_file(0, name="あ" * 67)],
        "a type with a space": [_file(0, type="text/plain x")],
        "a type of 101 characters": [_file(0, type="a" * 101)],
        "another word for cleaned": [_file(0, cleaned="yes")],
        "found, and nothing removed": [_file(0, found=["place"])],
        "found, and not cleaned": [_file(0, cleaned="not", found=["place"])],
        "removed, and nothing found": [_file(0, cleaned="removed")],
        "a word that nobody knows": [_file(0, cleaned="removed", found=["soul"])],
        "words out of order": [_file(0, cleaned="removed", found=["place", "camera"])],
        "a word twice": [_file(0, cleaned="removed", found=["place", "place"])],
    }


def _wrong_categories() -> dict[str, Any]:
    return {
        "a category that there is none of": "gossip",
        "a category that only auditors say": "not_a_report",
        "no category": "",
        "two categories": ["leak", "other"],
    }


def _wrong_treated() -> dict[str, Any]:
    return {
        "treated as what there is none of": "gossip",
        "treated as nothing": "",
        "treated as two": ["leak", "other"],
        "treated as, in capitals": "Harassment",
        "treated as a number": 1,
        "treated as, said to be none": None,
    }


def treated() -> list[Vector]:
    def said(name: str, output: tuple[str, str] | None, *answers: tuple[str, str]) -> Vector:
        given = {"answers": [list(answer) for answer in answers]}
        return good(name, "treated", given, output and {"category": output[0], "since": output[1]})

    first, second, third = "2026-11-23", "2026-11-25", "2026-11-28"
    return [
        said("no answer", None),
        said("answers without it", None, ("", first), ("", second)),
        said("one answer", ("harassment", first), ("harassment", first)),
        *(said(f"treated as {word}", (word, second), ("", first), (word, second)) for word in TREATED),
        said("said again: since the first", ("other", first), ("other", first), ("other", third)),
        said("corrected", ("accounting", second), ("leak", first), ("accounting", second)),
        said("an answer without it changes nothing", ("leak", first), ("leak", first), ("", second)),
        said(
            "said again after one without it: since the first",
            ("leak", first), ("leak", first), ("", second), ("leak", third),
        ),
        said(
            "another word between: since the second time",
            ("leak", third), ("leak", first), ("other", second), ("leak", third),
        ),
        said(
            "no report, after all one",
            ("harassment", third), ("not_a_report", first), ("not_a_report", second), ("harassment", third),
        ),
    ]  # fmt: skip


def _wrong_languages() -> dict[str, Any]:
    return {
        "a language that no page has": "fr",
        "a browser's wish for a language": "en-US,en;q=0.9",
        "a language in capitals": "JA",
        "no language": "",
        "two languages": ["ja", "en"],
        "a language that is a number": 1,
    }


def _wrong_meanings() -> dict[str, Any]:
    return {
        "a meaning of tomorrow": "close",
        "an empty meaning": "",
        "a meaning in capitals": "Withdraw",
        "two meanings": ["withdraw", "name"],
        "a meaning that is true": True,
        "a meaning that is a number": 1,
        "no meaning, said": None,
    }


def _wrong_readers() -> dict[str, Any]:
    return {
        "readers that are a list": ["00" * 16],
        "no length": without(READERS, "length"),
        "a field of tomorrow": {**READERS, "day": "2026-11-23"},
        "a length of 0": {**READERS, "length": 0},
        "a length that is true": {**READERS, "length": True},
        "a length as text": {**READERS, "length": "3"},
        "a length beyond 31 bits": {**READERS, "length": 2**31},
        "a digest of 31 bytes": {**READERS, "digest": b64e(bytes(31))},
        "a digest in hex": {**READERS, "digest": "d1" * 32},
        "no key": {**READERS, "keys": []},
        "keys out of order": {**READERS, "keys": READERS["keys"][::-1]},
        "a key twice": {**READERS, "keys": READERS["keys"][:1] * 2},
        "a key in capitals": {**READERS, "keys": ["AB" * 16]},
        "65 keys": {**READERS, "keys": [f"{number:032x}" for number in range(65)]},
    }


def reply_payload(**changed: Any) -> dict[str, Any]:
    return _signed(Kind.TO_REPORTER, {**_auditors({"message": "調べます", "choice": 2}), **changed})


ACCESS = {"what": "off", "target": "ab" * 16, "number": 1, "proposer": "ac" * 16, "sig": b64e(bytes(64))}


def _wrong_access() -> dict[str, Any]:
    return {
        "that is a list": [],
        "without a number": without(ACCESS, "number"),
        "with a day": {**ACCESS, "day": "2026-11-23"},
        "of another word": {**ACCESS, "what": "on"},
        "about no id": {**ACCESS, "target": "AB" * 16},
        "number zero": {**ACCESS, "number": 0},
        "by no id": {**ACCESS, "proposer": ""},
        "with a signature of 63 bytes": {**ACCESS, "sig": b64e(bytes(63))},
    }


def record_payload(**changed: Any) -> dict[str, Any]:
    return _signed(Kind.RECORD, {**_auditors({"record": {"note": "覚え書き"}}), **changed})


def _auditors(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **body,
        "v": 1,
        "author": hex_id(FOUNDER.key_id),
        "case_id": hex_id(RECEIPT.case_id),
        "envelope_id": hex_id(ENVELOPE_ID),
        "files": [],
        "readers": READERS,
        "seen": [hex_id(ENVELOPE_ID)],
    }


def _signed(kind: Kind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Sign whatever the fields are: what is wrong with them must be the only thing that is wrong."""
    seed = RECEIPT.sign_seed if kind is Kind.FROM_REPORTER else FOUNDER.sign_seed
    text = b"mybk1/msg\n" + bytes([kind]) + ENVELOPE_ID + RECEIPT.case_id + canonical_json(payload)
    return {**payload, "sig": b64e(messages.sign(seed, text))}


def payloads() -> list[Vector]:
    own = hex_id(ENVELOPE_ID)

    def whole(name: str, kind: int, found: Mapping[str, Any]) -> Vector:
        given = {"kind": kind, "envelope_id": own, "object": dict(found)}
        return good(name, "payload", given, {"payload": dict(found), "unusual": []})

    def unusual(name: str, kind: int, found: Mapping[str, Any], error: str) -> Vector:
        given = {"kind": kind, "envelope_id": own, "object": dict(found)}
        return good(name, "payload", given, {"payload": dict(found), "unusual": [error]})

    def shown(name: str, kind: int, raw: bytes, payload: Any, *classes: str) -> Vector:
        given = {"kind": kind, "envelope_id": own, "raw": raw.hex()}
        return good(name, "payload", given, {"payload": payload, "unusual": list(classes)})

    def refused(name: str, kind: int, found: Mapping[str, Any] | bytes, error: str) -> Vector:
        given: dict[str, Any] = {"kind": kind, "envelope_id": own}
        given |= {"raw": found.hex()} if isinstance(found, bytes) else {"object": dict(found)}
        return bad(name, "payload", given, error)

    report, reply = canonical_json(report_payload()), canonical_json(reply_payload())
    spaced = json.dumps(report_payload(), ensure_ascii=False, sort_keys=True).encode()
    surrogate = canonical_json(report_payload(what_happened="X")).replace(b'"X"', b'"a\\ud83d"')
    with_float = canonical_json(report_payload(extra=1)).replace(b'"extra":1', b'"extra":1.5')
    nfd = report.replace("名簿".encode(), "か\u3099".encode())
    seventeen = sorted(f"{number:032x}" for number in range(17))
    return [
        whole("a report", 1, report_payload()),
        whole("a report with every answer", 1, report_payload(**dict.fromkeys(_OPTIONAL, "書く"))),
        *(whole(f"a report from a page in {word}", 1, report_payload(language=word)) for word in LANGUAGES),
        *(whole(f"a report about {word}", 1, report_payload(category=word)) for word in CATEGORIES),
        whole("a changed form about accounting", 2, form_payload(category="accounting")),
        *(
            unusual(f"report: {what}", 1, report_payload(category=value), "PayloadFieldWrong")
            for what, value in _wrong_categories().items()
        ),
        unusual("message: with a category", 2, message_payload(category="leak"), "PayloadFieldUnknown"),
        unusual("new keys: with a category", 2, keys_payload(category="leak"), "PayloadFieldUnknown"),
        *(whole(f"a reply that treats it as {word}", 3, reply_payload(category=word)) for word in TREATED),
        *(
            refused(f"reply: {what}", 3, reply_payload(category=value), "PayloadFieldWrong")
            for what, value in _wrong_treated().items()
        ),
        refused("record: with a category", 4, record_payload(category="leak"), "PayloadFieldUnknown"),
        whole("a changed form from a page in English", 2, form_payload(language="en")),
        whole("a report with a log key", 1, report_payload(log_key=LOG_KEY)),
        whole("a changed form with a log key", 2, form_payload(log_key=LOG_KEY)),
        whole("new keys with a log key", 2, keys_payload(log_key=LOG_KEY)),
        unusual(
            "report: a log key of 31 bytes", 1, report_payload(log_key=b64e(bytes(31))), "PayloadFieldWrong"
        ),
        unusual("message: with a log key", 2, message_payload(log_key=LOG_KEY), "PayloadFieldUnknown"),
        refused("reply: with a log key", 3, reply_payload(log_key=LOG_KEY), "PayloadFieldUnknown"),
        whole("a message", 2, message_payload()),
        *(whole(f"a message that means {word}", 2, message_payload(meaning=word)) for word in MEANINGS),
        whole("a changed form", 2, form_payload()),
        whole("a reply", 3, reply_payload()),
        whole("a reply that changes who reads", 3, reply_payload(access=ACCESS)),
        *(
            refused(f"reply: access {name}", 3, reply_payload(access=wrong), "PayloadFieldWrong")
            for name, wrong in _wrong_access().items()
        ),
        refused(
            "record: with a change of who reads", 4, record_payload(access=ACCESS), "PayloadFieldUnknown"
        ),
        whole("a record", 4, record_payload()),
        unusual("report: version 2", 1, report_payload(v=2), "PayloadVersion"),
        unusual("report: version true", 1, report_payload(v=True), "PayloadVersion"),
        unusual("report: no mailbox", 1, without(report_payload(), "mailbox_pk"), "PayloadFieldMissing"),
        unusual(
            "report: nothing happened", 1, without(report_payload(), "what_happened"), "PayloadFieldMissing"
        ),
        unusual("report: a field of tomorrow", 1, report_payload(weather="雨"), "PayloadFieldUnknown"),
        unusual("report: a message in it", 1, report_payload(message="x"), "PayloadFieldUnknown"),
        *(
            unusual(f"report: {what}", 1, report_payload(language=value), "PayloadFieldWrong")
            for what, value in _wrong_languages().items()
        ),
        unusual("message: with a language", 2, message_payload(language="ja"), "PayloadFieldUnknown"),
        unusual("new keys: with a language", 2, keys_payload(language="ja"), "PayloadFieldUnknown"),
        refused("reply: with a language", 3, reply_payload(language="ja"), "PayloadFieldUnknown"),
        *(
            unusual(f"report: {what} for readers", 1, report_payload(readers=value), "PayloadFieldWrong")
            for what, value in _wrong_readers().items()
        ),
        unusual("report: no readers", 1, without(report_payload(), "readers"), "PayloadFieldMissing"),
        unusual(
            "message: no readers",
            2,
            _signed(Kind.FROM_REPORTER, without(message_payload(), "readers", "sig")),
            "PayloadFieldMissing",
        ),
        refused(
            "reply: no readers",
            3,
            _signed(Kind.TO_REPORTER, without(reply_payload(), "readers", "sig")),
            "PayloadFieldMissing",
        ),
        refused(
            "record: no readers",
            4,
            _signed(Kind.RECORD, without(record_payload(), "readers", "sig")),
            "PayloadFieldMissing",
        ),
        refused(
            "record: readers out of order",
            4,
            record_payload(readers=_wrong_readers()["keys out of order"]),
            "PayloadFieldWrong",
        ),
        unusual("report: an empty answer", 1, report_payload(who=""), "PayloadFieldWrong"),
        unusual("report: an answer that is a number", 1, report_payload(how_many=300), "PayloadFieldWrong"),
        unusual(
            "report: a mailbox of 31 bytes",
            1,
            report_payload(mailbox_pk=b64e(bytes(31))),
            "PayloadFieldWrong",
        ),
        unusual(
            "report: excluded persons out of order",
            1,
            report_payload(exclude=["bb" * 16, "aa" * 16]),
            "PayloadFieldWrong",
        ),
        unusual(
            "report: a person excluded twice", 1, report_payload(exclude=["aa" * 16] * 2), "PayloadFieldWrong"
        ),
        unusual(
            "report: 65 persons excluded",
            1,
            report_payload(exclude=[f"{n:032x}" for n in range(65)]),
            "PayloadFieldWrong",
        ),
        unusual("report: a name for a person", 1, report_payload(exclude=["佐藤"]), "PayloadFieldWrong"),
        whole("a report with a file", 1, report_payload(files=[FILE])),
        whole("a report with twenty files", 1, report_payload(files=[_file(n) for n in range(20)])),
        whole("a report with a file that is partly clean", 1, report_payload(files=[PARTLY])),
        whole(
            "a report with a partly clean file in which nothing was found",
            1,
            report_payload(files=[{**PARTLY, "found": []}]),
        ),
        whole("a message with a file", 2, message_payload(files=[FILE])),
        whole("a form with a file", 2, form_payload(files=[FILE])),
        *(
            unusual(f"report: {what}", 1, report_payload(files=files), "PayloadFieldWrong")
            for what, files in _wrong_files().items()
        ),
        unusual(
            "report: another envelope's id", 1, report_payload(envelope_id="00" * 16), "EnvelopeIdMismatch"
        ),
        shown("report: not UTF-8", 1, b"\xff" + report, {}, "NotUtf8"),
        shown("report: plain text", 1, "助けてください".encode(), {}, "NotJson"),
        shown("report: a list", 1, b"[]", {}, "NotObject"),
        shown("report: a name twice", 1, b'{"v":1,"v":1}', {}, "DuplicateKey"),
        shown("report: too deep", 1, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", {}, "NestedTooDeep"),
        shown("report: with spaces", 1, spaced, report_payload(), "NotCanonical"),
        shown("report: decomposed text", 1, nfd, json.loads(nfd), "NotNfc"),
        shown(
            "report: half a surrogate pair",
            1,
            surrogate,
            report_payload(what_happened="a\ufffd"),
            "LoneSurrogate",
        ),
        shown(
            "report: two faults",
            1,
            with_float,
            report_payload(extra=1.5),
            "FloatNumber",
            "PayloadFieldUnknown",
        ),
        unusual("report: no signature", 1, without(report_payload(), "sig"), "PayloadFieldMissing"),
        unusual(
            "report: a signature of 63 bytes", 1, report_payload(sig=b64e(bytes(63))), "PayloadFieldWrong"
        ),
        unusual("message: no signature", 2, without(message_payload(), "sig"), "PayloadFieldMissing"),
        unusual("message: and a form", 2, message_payload(what_happened="x"), "PayloadFieldUnknown"),
        unusual("message: empty", 2, message_payload(message=""), "PayloadFieldWrong"),
        *(
            unusual(f"message: {what}", 2, message_payload(meaning=value), "PayloadFieldWrong")
            for what, value in _wrong_meanings().items()
        ),
        unusual(
            "message: a meaning without words", 2, form_payload(meaning="withdraw"), "PayloadFieldUnknown"
        ),
        unusual("new keys: with a meaning", 2, keys_payload(meaning="name"), "PayloadFieldUnknown"),
        unusual("report: with a meaning", 1, report_payload(meaning="correct"), "PayloadFieldUnknown"),
        refused("reply: with a meaning", 3, reply_payload(meaning="correct"), "PayloadFieldUnknown"),
        refused("record: with a meaning", 4, record_payload(meaning="correct"), "PayloadFieldUnknown"),
        unusual("message: seen seventeen", 2, message_payload(seen=seventeen), "PayloadFieldWrong"),
        unusual(
            "form: no exclude",
            2,
            _signed(Kind.FROM_REPORTER, without(form_payload(), "exclude", "sig")),
            "PayloadFieldMissing",
        ),
        unusual("form: with an author", 2, form_payload(author="00" * 16), "PayloadFieldUnknown"),
        whole("new keys", 2, keys_payload()),
        unusual(
            "new keys: one of them",
            2,
            _signed(Kind.FROM_REPORTER, without(keys_payload(), "mailbox_pk", "sig")),
            "PayloadFieldMissing",
        ),
        unusual("new keys: and a form", 2, keys_payload(what_happened="x"), "PayloadFieldUnknown"),
        unusual("new keys: and a message", 2, keys_payload(message="x"), "PayloadFieldUnknown"),
        unusual("new keys: of 31 bytes", 2, keys_payload(mailbox_pk=b64e(bytes(31))), "PayloadFieldWrong"),
        unusual("new keys: with a file", 2, keys_payload(files=[FILE]), "PayloadFieldWrong"),
        unusual(
            "new keys: not signed by the new key",
            2,
            _signed(Kind.FROM_REPORTER, without(keys_payload(), "new_sig", "sig")),
            "PayloadFieldMissing",
        ),
        unusual(
            "new keys: signed with 63 bytes", 2, keys_payload(new_sig=b64e(bytes(63))), "PayloadFieldWrong"
        ),
        *(
            unusual(
                f"{what}: no {name}",
                2,
                _signed(Kind.FROM_REPORTER, without(made(), name, "sig")),
                "PayloadFieldMissing",
            )
            for what, made in (("message", message_payload), ("new keys", keys_payload))
            for name in ("exclude", "choice")
        ),
        unusual(
            "report: no number of its choice", 1, without(report_payload(), "choice"), "PayloadFieldMissing"
        ),
        *(
            unusual(
                f"message: a choice that is {what}", 2, message_payload(choice=value), "PayloadFieldWrong"
            )
            for what, value in (("zero", 0), ("too large", 2**32), ("true", True), ("a text", "2"))
        ),
        unusual("message: a choice that is no list", 2, message_payload(exclude={}), "PayloadFieldWrong"),
        refused(
            "reply: no number of a choice",
            3,
            _signed(Kind.TO_REPORTER, _auditors({"message": "x"})),
            "PayloadFieldMissing",
        ),
        refused("reply: number zero", 3, reply_payload(choice=0), "PayloadFieldWrong"),
        refused("reply: whom the reporter excluded", 3, reply_payload(exclude=[]), "PayloadFieldUnknown"),
        refused("record: the number of a choice", 4, record_payload(choice=2), "PayloadFieldUnknown"),
        refused("reply: with a file", 3, reply_payload(files=[FILE]), "PayloadFieldWrong"),
        refused("record: with a file", 4, record_payload(files=[FILE]), "PayloadFieldWrong"),
        refused("reply: version 2", 3, reply_payload(v=2), "PayloadVersion"),
        refused("reply: version true", 3, reply_payload(v=True), "PayloadVersion"),
        refused(
            "reply: no version",
            3,
            _signed(Kind.TO_REPORTER, without(_auditors({"message": "x", "choice": 2}), "v")),
            "PayloadFieldMissing",
        ),
        refused(
            "reply: no author",
            3,
            _signed(Kind.TO_REPORTER, without(_auditors({"message": "x", "choice": 2}), "author")),
            "PayloadFieldMissing",
        ),
        refused("reply: no signature", 3, without(reply_payload(), "sig"), "PayloadFieldMissing"),
        refused("reply: a field of tomorrow", 3, reply_payload(mood="calm"), "PayloadFieldUnknown"),
        refused("reply: a record in it", 3, reply_payload(record={}), "PayloadFieldUnknown"),
        refused("reply: a message that is a list", 3, reply_payload(message=["x"]), "PayloadFieldWrong"),
        refused(
            "reply: seen out of order", 3, reply_payload(seen=["bb" * 16, "aa" * 16]), "PayloadFieldWrong"
        ),
        refused(
            "reply: another envelope's id", 3, reply_payload(envelope_id="00" * 16), "EnvelopeIdMismatch"
        ),
        refused("reply: not UTF-8", 3, b"\xff" + reply, "NotUtf8"),
        refused("reply: plain text", 3, b"hello", "NotJson"),
        refused("reply: a list", 3, b"[]", "NotObject"),
        refused("reply: with a space", 3, reply + b" ", "NotCanonical"),
        refused("reply: decomposed text", 3, reply.replace("調".encode(), "か\u3099".encode()), "NotNfc"),
        refused("record: that is a text", 4, record_payload(record="x"), "PayloadFieldWrong"),
        refused("record: with a message", 4, record_payload(message="x"), "PayloadFieldUnknown"),
        refused("record: too deep", 4, b'{"record":' + b"[" * 900 + b"]" * 900 + b"}", "NestedTooDeep"),
        good(
            "the longest text that fits a class",
            "seal_for",
            {"recipients": _RECIPIENTS, "length": 8192 - 1 - 14},
            110 + 96 + 4 + 8192 + 16,
        ),
        bad(
            "a payload above the largest class",
            "seal_for",
            {"recipients": _RECIPIENTS, "length": 524288 - 14},
            "PayloadTooLarge",
        ),
        bad("no recipient", "seal_for", {"recipients": []}, "NoRecipients"),
        bad("one recipient twice", "seal_for", {"recipients": _RECIPIENTS * 2}, "NoRecipients"),
        bad(
            "65 recipients",
            "seal_for",
            {"recipients": [[f"{n:032x}", _RECIPIENTS[0][1]] for n in range(65)]},
            "NoRecipients",
        ),
        bad(
            "a recipient's key of small order",
            "seal_for",
            {"recipients": [["00" * 16, "00" * 32]]},
            "LowOrderKey",
        ),
        bad(
            "a text in another normal form",
            "seal_for",
            {"recipients": _RECIPIENTS, "text": "か\u3099"},
            "NotNormalized",
        ),
    ]


_OPTIONAL = [name for name in ANSWERS if name != "what_happened"]
_RECIPIENTS = [[hex_id(FOUNDER.key_id), FOUNDER.box_pk.hex()]]


# Signatures


def signatures() -> tuple[list[Vector], dict[str, Any]]:
    reporter, founder = RECEIPT.sign_pk.hex(), FOUNDER.sign_pk.hex()
    message, reply, record = message_payload(), reply_payload(), record_payload()
    raw = assemble(Kind.TO_REPORTER, ENVELOPE_ID, pad(canonical_json(reply)), [slot(FOUNDER)])
    case, author = hex_id(RECEIPT.case_id), hex_id(FOUNDER.key_id)

    def valid(name: str, kind: int, payload: Mapping[str, Any], public: str) -> Vector:
        return good(name, "message", {"kind": kind, "payload": dict(payload), "sign_pk": public}, "valid")

    def wrong(
        name: str, kind: int, payload: Mapping[str, Any], public: str, error: str = "SignatureWrong"
    ) -> Vector:
        return bad(name, "message", {"kind": kind, "payload": dict(payload), "sign_pk": public}, error)

    made: dict[str, tuple[dict[str, Any], bytes, bytes]] = {
        "status": (
            {
                "case_id": case,
                "sequence": 1,
                "author": author,
                "status": "investigating",
                "day": "2026-11-23",
            },
            messages.status_text(RECEIPT.case_id, 1, FOUNDER.key_id, "investigating", DAY),
            FOUNDER.sign_seed,
        ),
        "act": (
            {"case_id": case, "raw_b64": "@reply"},
            messages.act_text(RECEIPT.case_id, raw),
            seal.act_seed(CONTENT_KEY),
        ),
        "receipt": (
            {"envelope_hash": envelope_hash(raw).hex(), "day": "2026-11-23"},
            messages.receipt_text(envelope_hash(raw), DAY),
            SEEDS["zero"],
        ),
        "state": (
            {"case_id": case, "day": "2026-11-23", "statuses": ["investigating", "corrected"]},
            messages.state_text(RECEIPT.case_id, DAY, ["investigating", "corrected"]),
            SEEDS["zero"],
        ),
        "request": (
            {
                "site_salt": SALT.hex(),
                "method": "POST",
                "target": "/api/v1/changes?after=7",
                "body": b"{}".hex(),
                "day": "2026-11-23",
                "nonce": "42" * 16,
            },
            messages.request_text(SALT, "POST", "/api/v1/changes?after=7", b"{}", DAY, bytes([0x42]) * 16),
            FOUNDER.sign_seed,
        ),
        "replace": (
            {
                "case_id": case,
                "old_index": RECEIPT.index.hex(),
                "new_index": NEW_RECEIPT.index.hex(),
                "mailbox_pk": NEW_RECEIPT.mailbox_pk.hex(),
                "new_sign_pk": NEW_RECEIPT.sign_pk.hex(),
            },
            messages.replace_text(
                RECEIPT.case_id, RECEIPT.index, NEW_RECEIPT.index, NEW_RECEIPT.mailbox_pk, NEW_RECEIPT.sign_pk
            ),
            RECEIPT.sign_seed,
        ),
        "taken": (
            {
                "case_id": case,
                "old_sign_pk": RECEIPT.sign_pk.hex(),
                "mailbox_pk": NEW_RECEIPT.mailbox_pk.hex(),
            },
            messages.taken_text(RECEIPT.case_id, RECEIPT.sign_pk, NEW_RECEIPT.mailbox_pk),
            NEW_RECEIPT.sign_seed,
        ),
        "forget": (
            {"case_id": case, "day": "2026-11-23"},
            messages.forget_text(RECEIPT.case_id, DAY),
            RECEIPT.sign_seed,
        ),
        "delete": (
            {"case_id": case, "author": author, "day": "2026-11-23"},
            messages.delete_text(RECEIPT.case_id, FOUNDER.key_id, DAY),
            seal.act_seed(CONTENT_KEY),
        ),
        "agree": (
            {"case_id": case, "author": author, "proposal_sig": "ab" * 64, "day": "2026-11-23"},
            messages.agree_text(RECEIPT.case_id, FOUNDER.key_id, messages.proposal_hash(b"\xab" * 64), DAY),
            seal.act_seed(CONTENT_KEY),
        ),
        "keep": (
            {"case_id": case, "author": author, "day": "2026-11-23"},
            messages.keep_text(RECEIPT.case_id, FOUNDER.key_id, DAY),
            seal.act_seed(CONTENT_KEY),
        ),
    }
    publics = {
        "status": founder,
        "replace": reporter,
        "forget": reporter,
        "taken": NEW_RECEIPT.sign_pk.hex(),
        "act": seal.act_pk(CONTENT_KEY).hex(),
        "delete": seal.act_pk(CONTENT_KEY).hex(),
        "keep": seal.act_pk(CONTENT_KEY).hex(),
        "agree": seal.act_pk(CONTENT_KEY).hex(),
        "request": founder,
    }
    publics |= dict.fromkeys(("receipt", "state"), _public(SEEDS["zero"]))
    inputs: dict[str, dict[str, Any]] = {}
    vectors: list[Vector] = []
    for what, (parts, text, seed) in made.items():
        sig = messages.sign(seed, text).hex()
        inputs[what] = {"what": what, **parts, "sign_pk": publics[what], "sig": sig}
        vectors.append(good(f"{what}", "signed_text", inputs[what], text.hex()))

    def changed(name: str, what: str, error: str = "SignatureWrong", **parts: Any) -> Vector:
        return bad(name, "signed_text", {**inputs[what], **parts}, error)

    return [
        valid("a message of the reporter", 2, message, reporter),
        valid("a form of the reporter", 2, form_payload(), reporter),
        valid("a reply", 3, reply, founder),
        valid("a record", 4, record, founder),
        wrong("a message without signature", 2, without(message, "sig"), reporter, "SignatureMissing"),
        wrong("a reply without signature", 3, without(reply, "sig"), founder, "SignatureMissing"),
        wrong("a changed message", 2, {**message, "message": "取り下げます"}, reporter),
        wrong("a message with a field more", 2, {**message, "who": "x"}, reporter),
        wrong("a message moved to another case", 2, {**message, "case_id": "00" * 16}, reporter),
        wrong("a message under another id", 2, {**message, "envelope_id": "00" * 16}, reporter),
        wrong("a message with another seen", 2, {**message, "seen": []}, reporter),
        wrong(
            "a message to other readers",
            2,
            {**message, "readers": {**READERS, "keys": READERS["keys"][:1]}},
            reporter,
        ),
        wrong("a message by another list", 2, {**message, "readers": {**READERS, "length": 4}}, reporter),
        wrong("a message without a case", 2, without(message, "case_id"), reporter),
        wrong("a signature that is no text", 2, {**message, "sig": 1}, reporter),
        wrong("a signature of 63 bytes", 2, {**message, "sig": b64e(b64d(message["sig"])[:63])}, reporter),
        wrong("a signature in ordinary base64", 2, {**message, "sig": message["sig"] + "=="}, reporter),
        wrong("a reporter's message with an auditor's key", 2, message, founder),
        wrong("a reply of another auditor", 3, reply, SECOND.sign_pk.hex()),
        wrong("a reply taken for a record", 4, reply, founder),
        wrong("a key of small order", 3, reply, "00" * 32),
        *vectors,
        good(
            "state without statuses",
            "signed_text",
            {
                **inputs["state"],
                "statuses": [],
                "sig": messages.sign(SEEDS["zero"], messages.state_text(RECEIPT.case_id, DAY, [])).hex(),
            },
            messages.state_text(RECEIPT.case_id, DAY, []).hex(),
        ),
        changed("status: another word", "status", status="no_fault"),
        changed("status: another sequence", "status", sequence=2),
        changed("status: another day", "status", day="2026-11-24"),
        changed("status: another case", "status", case_id="00" * 16),
        changed("status: under another author's name", "status", author=hex_id(SECOND.key_id)),
        changed("status: signed by somebody else", "status", sign_pk=SECOND.sign_pk.hex()),
        changed("status: a word with a capital", "status", "MisuseError", status="Closed"),
        changed("status: a sequence beyond 32 bits", "status", "MisuseError", sequence=2**32),
        changed("status: a case id of 15 bytes", "status", "MisuseError", case_id="00" * 15),
        changed("act: another case", "act", case_id="00" * 16),
        changed("act: by the author's own key", "act", sign_pk=founder),
        changed("act: another envelope", "act", raw_b64=b64e(raw[:-1] + bytes([raw[-1] ^ 1]))),
        changed("receipt: another day", "receipt", day="2026-11-22"),
        changed("receipt: another envelope", "receipt", envelope_hash="00" * 32),
        changed("receipt: a signature of 65 bytes", "receipt", sig=inputs["receipt"]["sig"] + "00"),
        changed("state: a status less", "state", statuses=["investigating"]),
        changed("state: in another order", "state", statuses=["corrected", "investigating"]),
        changed("state: a comma in a word", "state", "MisuseError", statuses=["investigating,corrected"]),
        changed("request: another method", "request", method="GET"),
        changed("request: another query", "request", target="/api/v1/changes?after=0"),
        changed("request: another body", "request", body=b"{ }".hex()),
        changed("request: another day", "request", day="2026-11-24"),
        changed("request: another nonce", "request", nonce="43" * 16),
        changed("replace: another case", "replace", case_id="00" * 16),
        changed("replace: of another code", "replace", old_index="00" * 16),
        changed("replace: by another code", "replace", new_index="00" * 16),
        changed("replace: another mailbox", "replace", mailbox_pk="00" * 32),
        changed("replace: another key", "replace", new_sign_pk="00" * 32),
        changed("replace: signed by the new code", "replace", sign_pk=NEW_RECEIPT.sign_pk.hex()),
        changed("replace: an index of 15 bytes", "replace", "MisuseError", new_index="00" * 15),
        changed("replace: a key of 31 bytes", "replace", "MisuseError", new_sign_pk="00" * 31),
        changed("taken: another case", "taken", case_id="00" * 16),
        changed("taken: from another code", "taken", old_sign_pk=NEW_RECEIPT.sign_pk.hex()),
        changed("taken: another mailbox", "taken", mailbox_pk=RECEIPT.mailbox_pk.hex()),
        changed("taken: signed by the old code", "taken", sign_pk=reporter),
        changed("taken: a key of 31 bytes", "taken", "MisuseError", old_sign_pk="00" * 31),
        changed("forget: another case", "forget", case_id="00" * 16),
        changed("forget: another day", "forget", day="2026-11-24"),
        changed("forget: signed by somebody else", "forget", sign_pk=founder),
        changed("delete: another case", "delete", case_id="00" * 16),
        changed("delete: under another author's name", "delete", author=hex_id(SECOND.key_id)),
        changed("delete: another day", "delete", day="2026-11-24"),
        changed("delete: signed by somebody else", "delete", sign_pk=founder),
        changed("delete: a withdrawal taken for a proposal", "delete", sig=inputs["keep"]["sig"]),
        changed("agree: another case", "agree", case_id="00" * 16),
        changed("agree: under another author's name", "agree", author=hex_id(SECOND.key_id)),
        changed("agree: another proposal", "agree", proposal_sig="ac" * 64),
        changed("agree: another day", "agree", day="2026-11-24"),
        changed("agree: a proposal taken for an agreement", "agree", sig=inputs["delete"]["sig"]),
        changed("agree: a proposal's signature of 63 bytes", "agree", "MisuseError", proposal_sig="ab" * 63),
        changed("delete: an agreement taken for a proposal", "delete", sig=inputs["agree"]["sig"]),
        changed("keep: another case", "keep", case_id="00" * 16),
        changed("keep: under another author's name", "keep", author=hex_id(SECOND.key_id)),
        changed("keep: another day", "keep", day="2026-11-22"),
        changed("keep: a proposal taken for a withdrawal", "keep", sig=inputs["delete"]["sig"]),
        changed("request: another site", "request", site_salt="ff" * 16),
    ], {"reply": b64e(raw)}


def _public(seed: bytes) -> str:
    return bytes(crypto_sign_seed_keypair(seed)[0]).hex()


# The exclude record, the repeat id


def records() -> list[Vector]:
    root, case_id = RECEIPT.root, RECEIPT.case_id
    persons = sorted(bytes([number]) * 16 for number in (3, 1, 2))
    full = [bytes([number + 1]) * 16 for number in range(64)]
    named, act_key = bytes([0xEA]) * 32, bytes([0xAC]) * 32

    def given(raw: bytes, **changed: str) -> dict[str, str]:
        return {"root": root.hex(), "case_id": case_id.hex(), "raw_b64": b64e(raw), **changed}

    def made(
        listed: Sequence[bytes],
        number: int = 1,
        code: bytes = root,
        case: bytes = case_id,
        off: Mapping[bytes, int] | None = None,
    ) -> bytes:
        held = choice.ExcludeRecord(choice.Choice(frozenset(listed), number), named, act_key, off or {})
        return choice.seal_record(code, case, held)

    def held(count: int, listed: bytes, magic: bytes = b"MYX3", number: int = 1, size: int = 2378) -> bytes:
        """A record put together by hand, whatever is in it."""
        content = magic + number.to_bytes(4, "big") + named + act_key + bytes([count]) + listed
        key, nonce = b2(32, b"", key=root, person="mybk1-choice"), bytes(range(24))
        ad = b"mybk1/choice\n" + case_id
        plain = content.ljust(size, b"\0")
        return nonce + bytes(crypto_aead_xchacha20poly1305_ietf_encrypt(plain, ad, nonce, key))

    def reads(
        name: str,
        raw: bytes,
        listed: Sequence[bytes],
        number: int = 1,
        off: Mapping[bytes, int] | None = None,
    ) -> Vector:
        assert len(raw) == 2418
        output = {
            "number": number,
            "persons": [one.hex() for one in listed],
            "report": named.hex(),
            "act_pk": act_key.hex(),
            "off": {person.hex(): change for person, change in (off or {}).items()},
        }
        return good(name, "exclude_record", given(raw), output)

    def refused(name: str, raw: bytes, error: str = "ExcludeMalformed", **changed: str) -> Vector:
        return bad(name, "exclude_record", given(raw, **changed), error)

    listed, right = b"".join(persons), made(persons)
    gone = {persons[0]: 1, persons[2]: 2**32 - 1}

    def entry(person: bytes) -> bytes:
        return person + (1).to_bytes(4, "big")

    to_mailbox = crypto_box_seal((b"MYX1" + bytes([0])).ljust(1029, b"\0"), RECEIPT.mailbox_pk)
    return [
        reads("nobody", made([]), []),
        reads("three persons", made([*persons, persons[0]]), persons),
        reads("64 persons", made(full), full),
        reads("the largest number", made(persons, 2**32 - 1), persons, 2**32 - 1),
        reads("put together by hand", held(3, listed), persons),
        refused("another code's", made(persons, code=NEW_RECEIPT.root), "ExcludeUnopenable"),
        refused("another case's", made(persons, case=bytes(16)), "ExcludeUnopenable"),
        refused("read for another case", right, "ExcludeUnopenable", case_id="00" * 16),
        refused("read with another code", right, "ExcludeUnopenable", root="00" * 32),
        refused("sealed to the mailbox by the server", bytes(to_mailbox), "ExcludeUnopenable"),
        refused("damaged", right[:-1] + bytes([right[-1] ^ 1]), "ExcludeUnopenable"),
        refused("another nonce", bytes([right[0] ^ 1]) + right[1:], "ExcludeUnopenable"),
        refused("cut off", right[:-1], "ExcludeUnopenable"),
        refused("a byte behind it", right + b"\0", "ExcludeUnopenable"),
        refused("nothing", b"", "ExcludeUnopenable"),
        reads("two who were taken off", made(persons, off=gone), persons, off=gone),
        reads(
            "64 who were taken off", made(full, off=dict.fromkeys(full, 5)), full, off=dict.fromkeys(full, 5)
        ),
        refused("zeros", bytes(2418), "ExcludeUnopenable"),
        refused("of the size that it had", bytes(1137), "ExcludeUnopenable"),
        refused("shorter inside", held(3, listed, size=2377), "ExcludeUnopenable"),
        refused("another magic", held(3, listed, b"MYX2")),
        refused("65 who were taken off", held(3, listed + bytes([65]) + b"".join(map(entry, full)))),
        refused(
            "more taken off than counted",
            held(3, listed + bytes([1]) + entry(persons[0]) + entry(persons[1])),
        ),
        refused(
            "taken off out of order", held(3, listed + bytes([2]) + entry(persons[1]) + entry(persons[0]))
        ),
        refused("taken off twice", held(3, listed + bytes([2]) + entry(persons[1]) * 2)),
        refused("taken off with number zero", held(3, listed + bytes([1]) + persons[0] + bytes(4))),
        refused("number zero", held(3, listed, number=0)),
        refused("65 persons", held(65, b"".join(full))),
        refused("more persons than counted", held(2, listed)),
        refused("out of order", held(3, persons[1] + persons[0] + persons[2])),
        refused("one person twice", held(3, persons[0] * 2 + persons[1])),
    ]


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


# Attachments, the chain of a reporter's keys


FILE_KEY = bytes([0x4B]) * 32


def _object(data: bytes) -> bytes:
    sealer = attachment.Sealer(FILE_KEY)
    return sealer.header + sealer.update(data) + sealer.finish()


def attachments() -> tuple[list[Vector], dict[str, Any]]:
    data = "流出の一覧".encode()
    raw, length = _object(data), 28 + 65553
    hashed = attachment.FileHash()
    hashed.update(data)
    digest = hashed.digest()
    entry = attachment.entry(bytes(16), FILE_KEY, digest, len(data), "一覧.txt", "text/plain", "nothing")
    given = {"raw_b64": "@object", "key": FILE_KEY.hex(), "size": len(data)}
    opened = {"size": len(data), "hash": digest.hex()}

    def refused(name: str, error: str, **changed: Any) -> Vector:
        return bad(name, "open_object", {**given, **changed}, error)

    def made(size: int, *frames: tuple[str, int, int]) -> dict[str, Any]:
        listed = [{"head": head, "zeros": zeros, "tag": tag} for head, zeros, tag in frames]
        return {"key": FILE_KEY.hex(), "size": size, "frames": listed}

    message, final, full = 0, 3, 65536
    sizes = (0, 1, 65536, 65537, 131072, 131073, 1_000_000, 16_777_216, 16_777_217, 20_000_000, 200_000_000)
    return [
        *(
            good(
                f"the object of {size} bytes",
                "object_length",
                {"size": size},
                {"padded": attachment.padded_length(size), "object": attachment.object_length(size)},
            )
            for size in (*sizes, 2**40)
        ),
        bad("a file above the largest size", "object_length", {"size": 2**40 + 1}, "MisuseError"),
        *(
            good(f"the length {number}", "is_object_length", {"length": number}, fits)
            for number, fits in (
                (length, True), (28 + 2 * 65553, True), (28 + 264 * 65553, True),
                (0, False), (28, False), (length - 1, False), (length + 1, False), (28 + 3 * 65553, False),
                (28 + 257 * 65553, False), (28 + 2**30 * 65553, False),
            )
        ),
        good("a file", "open_object", given, opened),
        good("the file of an entry", "open_object", {**given, "entry": entry}, opened),
        refused("a hash less", "FileMismatch", entry={**entry, "hash": b64e(bytes(32))}),
        refused("another size in the entry", "FileMismatch", entry={**entry, "size": len(data) + 1}),
        refused("a byte more", "FileMismatch", size=len(data) + 1, entry={**entry, "size": len(data) + 1}),
        refused("a byte less", "ObjectPadding", size=len(data) - 1),
        refused("nothing of it", "ObjectPadding", size=0),
        refused("a size of two frames", "ObjectSize", size=65537),
        refused("a size below zero", "MisuseError", size=-1),
        refused("a size that no file has", "MisuseError", size=2**40 + 1),
        refused("another key", "CiphertextForged", key="00" * 32),
        refused("a key of 31 bytes", "MisuseError", key="00" * 31),
        refused("no bytes", "Truncated", edit={"cut": 0}),
        refused("an envelope", "BadMagic", edit={"at": 2, "put": "42"}),
        refused("another version", "UnknownVersion", edit={"at": 3, "put": "32"}),
        refused("cut in the magic", "Truncated", edit={"cut": 3}),
        refused("cut in the header", "Truncated", edit={"cut": 27}),
        refused("the header alone", "Truncated", edit={"cut": 28}),
        refused("cut in a frame", "Truncated", edit={"cut": length - 1}),
        refused("a byte behind it", "TrailingBytes", edit={"append": "00"}),
        refused("a changed stream header", "CiphertextForged", edit={"at": 4, "put": _flip(raw, 4)}),
        refused("a changed byte", "CiphertextForged", edit={"at": 5000, "put": _flip(raw, 5000)}),
        refused("a changed tag", "CiphertextForged", edit={"at": 28, "put": _flip(raw, 28)}),
        good("an empty file", "frames", made(0, ("", full, final)), ""),
        good("three bytes", "frames", made(3, ("616263", full - 3, final)), "616263"),
        good("zeros at a file's end are its own", "frames", made(5, ("616263", full - 3, final)), "6162630000"),
        good("a frame without padding", "frames", made(full, ("61", full - 1, final)), full),
        good("two frames", "frames", made(65537, ("", full, message), ("61", full - 1, final)), 65537),
        bad("no frame tagged FINAL", "frames", made(0, ("", full, message)), "Truncated"),
        bad("a frame after FINAL", "frames", made(0, ("", full, final), ("", full, final)), "TrailingBytes"),
        bad("a short last frame", "frames", made(0, ("", full - 1, final)), "Truncated"),
        bad("a frame tagged PUSH", "frames", made(65537, ("", full, 1), ("", full, final)), "CiphertextForged"),
        bad("a frame tagged REKEY", "frames", made(65537, ("", full, 2), ("", full, final)), "CiphertextForged"),
        bad("a small file in two frames", "frames", made(65536, ("", full, message), ("", full, final)), "ObjectSize"),
        bad("a large file in one frame", "frames", made(65537, ("", full, final)), "ObjectSize"),
        bad(
            "three frames, which no file has",
            "frames",
            made(2**17, *[("", full, message)] * 2, ("", full, final)),
            "ObjectSize",
        ),
        bad("padding that says something", "frames", made(8, ("00" * 8 + "01", full - 9, final)), "ObjectPadding"),
        bad(
            "the last byte of the padding",
            "frames",
            made(65537, ("", full, message), ("00" * 65535 + "01", 0, final)),
            "ObjectPadding",
        ),
        good("a sealed object", "seal_object", {"length": 70000}, 28 + 2 * 65553),
        good("a sealed object of one frame", "seal_object", {"length": 65536}, 28 + 65553),
        good("a sealed object of nothing", "seal_object", {"length": 0}, 28 + 65553),
    ], {"object": b64e(raw)}  # fmt: skip


def _flip(raw: bytes, at: int) -> str:
    return f"{raw[at] ^ 1:02x}"


def _taken(case_id: bytes, old: Receipt) -> tuple[bytes, bytes, bytes]:
    return case_id, old.sign_pk, NEW_RECEIPT.mailbox_pk


def key_chains() -> list[Vector]:
    report, first, moved = report_payload(), message_payload(), keys_payload()
    by_new = messages.sign_reporter(Kind.FROM_REPORTER, without(message_payload(), "sig"), NEW_RECEIPT)
    back = messages.new_keys_message(RECEIPT, NEW_RECEIPT, [], RECEIPT.case_id, SECOND_CHOICE)
    back = {**back, "readers": READERS}
    moved_back = messages.sign_reporter(
        Kind.FROM_REPORTER, {**back, "envelope_id": hex_id(ENVELOPE_ID)}, NEW_RECEIPT
    )
    forged = messages.sign(FOUNDER.sign_seed, messages.taken_text(*_taken(RECEIPT.case_id, RECEIPT)))
    other_old = messages.sign(
        NEW_RECEIPT.sign_seed, messages.taken_text(*_taken(RECEIPT.case_id, NEW_RECEIPT))
    )
    other_case = messages.sign(NEW_RECEIPT.sign_seed, messages.taken_text(*_taken(bytes(16), RECEIPT)))
    untaken, taken_elsewhere, taken_otherwise = (
        keys_payload(new_sig=b64e(sig)) for sig in (forged, other_old, other_case)
    )
    body = without(keys_payload(), "sig", "new_sig")
    unsigned = messages.sign_reporter(Kind.FROM_REPORTER, body, RECEIPT)
    old, new = ([one.mailbox_pk.hex(), one.sign_pk.hex()] for one in (RECEIPT, NEW_RECEIPT))
    as_message = messages.sign_reporter(Kind.FROM_REPORTER, without(report, "sig"), RECEIPT)
    other_key = {**without(report, "sig"), "reporter_sign_pk": b64e(NEW_RECEIPT.sign_pk)}
    elses = messages.sign_reporter(Kind.REPORT, other_key, NEW_RECEIPT)

    def chain(
        name: str, later: Sequence[Any], accepted: Sequence[bool], current: Any, **report_with: Any
    ) -> Vector:
        given = {"report": {**report, **report_with}, "later": list(later)}
        return good(name, "key_chain", given, {"accepted": list(accepted), "current": current})

    return [
        chain("nothing later", [], [], old),
        chain("messages", [first, form_payload()], [True, True], old),
        chain("a new code", [first, moved, by_new], [True, True, True], new),
        chain("the old code after the new one", [moved, first], [True, False], new),
        chain("the new code before it was one", [by_new, moved], [False, True], new),
        chain("back to the first code", [moved, moved_back, first], [True, True, True], old),
        chain("the same new keys twice", [moved, moved], [True, False], new),
        chain("new keys that the old key did not sign", [moved_back, first], [False, True], old),
        chain("changed new keys", [{**moved, "mailbox_pk": b64e(bytes(32))}, first], [False, True], old),
        chain("new keys that the new code did not sign", [untaken, by_new], [False, False], old),
        chain("new keys without the new code's signature", [unsigned, first], [False, True], old),
        chain("new keys taken from another old code", [taken_elsewhere, first], [False, True], old),
        chain("new keys taken in another case", [taken_otherwise, first], [False, True], old),
        chain("keys in a message are not new ones", [keys_payload(message="x"), first], [True, True], old),
        chain("a report without keys", [first], [False], None, mailbox_pk=1),
        chain("a report with short keys", [first], [False], None, reporter_sign_pk=b64e(bytes(31))),
        chain("a report whose text was changed", [first], [False], None, what_happened="別の話"),
        chain("a report that shuts out nobody any more", [first], [False], None, exclude=["aa" * 16]),
        chain(
            "a report with another mailbox", [first], [False], None, mailbox_pk=b64e(NEW_RECEIPT.mailbox_pk)
        ),
        chain(
            "a report with another key", [first], [False], None, reporter_sign_pk=b64e(NEW_RECEIPT.sign_pk)
        ),
        chain("a report to other readers", [first], [False], None, readers={**READERS, "length": 4}),
        chain("a report that was signed as a message", [first], [False], None, sig=as_message["sig"]),
        good(
            "a report without a signature",
            "key_chain",
            {"report": without(report, "sig"), "later": [first]},
            {"accepted": [False], "current": None},
        ),
        good(
            "a report of somebody else's",
            "key_chain",
            {"report": elses, "later": [first]},
            {"accepted": [False], "current": [RECEIPT.mailbox_pk.hex(), NEW_RECEIPT.sign_pk.hex()]},
        ),
    ]


def file_names() -> list[Vector]:
    def becomes(name: str, output: str, text: str, times: int = 1, end: str = "") -> Vector:
        return good(name, "file_name", {"text": text, "times": times, "end": end}, output)

    family = "👨\u200d👩\u200d👧"
    return [
        becomes("an ordinary name", "名簿 2026.xlsx", "名簿 2026.xlsx"),
        becomes("an ideographic space stays", "議事録　最終.docx", "議事録　最終.docx"),
        becomes("NFD becomes NFC", "が.pdf", "か\u3099.pdf"),
        becomes("a mark behind a control that goes", "が.pdf", "か\u202e\u3099.pdf"),
        becomes("a Windows path", "a.txt", "C:\\Users\\hanako\\a.txt"),
        becomes("a Mac path", "a.txt", "/Users/hanako/a.txt"),
        becomes("the direction of writing", "請求書fdp.exe", "請求書\u202efdp.exe"),
        becomes("line breaks and controls", "ab.txt", "a\r\n\x00\x85b\u2028.txt"),
        becomes("a lone surrogate", "a\ufffd.txt", "a{lone}.txt"),
        becomes("nothing", "file", ""),
        becomes("blanks only", "file", " \u3000\u00a0"),
        becomes("a path that ends in nothing", "file", "a/"),
        becomes("200 bytes", "a" * 196 + ".txt", "a", 196, ".txt"),
        becomes("201 bytes", "a" * 196 + ".txt", "a", 197, ".txt"),
        becomes("215 characters of Japanese", "議事録" * 21 + "議事.docx", "議事録", 70, ".docx"),
        becomes("118 characters of Japanese", "漢" * 65 + ".txt", "漢", 118, ".txt"),
        becomes("four bytes each", "𠮷" * 49 + ".txt", "𠮷", 100, ".txt"),
        becomes("no ending", "漢" * 66, "漢", 300),
        becomes("too long for an ending", "漢." + "b" * 196, "漢.", 1, "b" * 300),
        becomes("a name that begins with a full stop", "." + "b" * 199, ".", 1, "b" * 300),
        becomes("a family is not divided", family * 10 + ".jpeg", family, 20, ".jpeg"),
        becomes("a letter keeps its marks", "\u1ea1\u0308" * 39 + ".txt", "a\u0323\u0308", 60, ".txt"),
        becomes("a variation selector", "葛\U000e0100" * 28 + ".txt", "葛\U000e0100", 40, ".txt"),
        becomes("a colour of skin", "👍🏽" * 24 + ".txt", "👍🏽", 40, ".txt"),
        becomes("a flag is two letters", "🇯🇵" * 24 + ".txt", "🇯🇵", 40, ".txt"),
        becomes("marks only", "\u0308" * 98 + ".txt", "\u0308", 200, ".txt"),
        becomes("blanks before the cut", "あ" * 64 + ".txt", "あ", 64, "   い.txt"),
    ]


def forms() -> list[Vector]:
    def text(name: str, output: str, given: str) -> Vector:
        return good(name, "form_text", {"text": given}, output)

    def long(name: str, output: str, **answers: tuple[str, int]) -> Vector:
        given = {one: list(said) for one, said in answers.items()}
        return good(name, "form_too_long", {"answers": given}, output)

    return [
        text("line breaks of all kinds", "a\nb\nc\nd\ne\nf", "a\r\nb\rc\vd\fe\x85f"),
        text("a tab stays", "a\tb", "a\tb"),
        text("controls go", "ab", "a\x00\x07\x08\x0e\x1b\x7f\x80\x84\x86\x9fb"),
        long("100,000 in one answer", "", what_happened=("あ", 100_000)),
        long("100,001 in one answer", "what_happened", what_happened=("あ", 100_001)),
        long("100,000 in two answers", "", what_happened=("a", 50_000), evidence=("b", 50_000)),
        long("100,001 in two answers", "evidence", what_happened=("a", 50_000), evidence=("b", 50_001)),
        long("two as long: the first", "who", evidence=("b", 60_000), who=("a", 60_000)),
        long(
            "198,000 in eleven answers", "what_happened",
            **{name: ("x", 18_000) for name in ANSWERS if name != "cause"},
        ),
        long("a character outside the first plane counts once", "", what_happened=("𠮷", 100_000)),
        long("a pair of line break characters counts once", "", what_happened=("\r\n", 100_000)),
        long("controls do not count", "", what_happened=("a\x00", 100_000)),
        long("a mark counts", "what_happened", what_happened=("か\u3099", 50_001)),
        long("blanks count", "why", what_happened=("a", 1), why=(" ", 100_000)),
    ]  # fmt: skip


def main() -> None:
    write("text", "Bytes as text (docs/format.md, 0.2).", texts())
    write("json", "Canonical JSON (docs/format.md, 0.3); `raw` in hex.", canonical())
    write("padding", "Padding (docs/format.md, 2.3).", paddings())
    write("receipt", "Receipt codes (docs/format.md, 3).", codes())
    write("card", "Cards (docs/format.md, 1.3).", single_cards())
    write("chain", "The chain of cards, retirements (docs/format.md, 1.4 and 1.5).", chains())
    write("readers", "To whom an envelope was sealed (docs/format.md, 1.4 and 2.5).", *readers())
    write("excluded", "Who is excluded (docs/format.md, 1.6). Outputs: key ids.", *exclusions())
    write("keyfile", "Key files (docs/format.md, 1.2), with cheap parameters.", keyfiles())
    write("key-sheet", "Key files on paper (docs/format.md, 1.7); `groups`: those to look at.", key_sheets())
    write("envelope", "The layout of envelopes (docs/format.md, 2.1): one edit each.", *envelopes())
    write("opening", "Opening envelopes (docs/format.md, 2.5).", *openings())
    write(
        "payload",
        "Payloads (docs/format.md, 2.4 and 2.5); kinds 1 and 2 are shown, kinds 3 and 4 refused.",
        payloads(),
    )
    write("signature", "What is signed (docs/format.md, 6).", *signatures())
    write("attachment", "Attachments (docs/format.md, 4.1).", *attachments())
    write("key-chain", "Which words are the reporter's (docs/format.md, 2.10).", key_chains())
    write("exclude-record", "The exclude record (docs/format.md, 2.9).", records())
    # It takes much of this module.
    from tests.vectors.stored_cases import stored_cases

    write("choice", "What follows from a stored case (docs/format.md, 2.9).", *stored_cases())
    from tests.vectors.access_cases import accesses

    write("access", "Changes of who reads a case (docs/format.md, 2.16).", *accesses())
    write(
        "treated", "What a case is treated as (docs/format.md, 2.17): pairs of a word and a day.", treated()
    )
    write("file-name", "Names of files (docs/format.md, 4.2): `text` so often, then `end`.", file_names())
    write("form", "What the report form takes (cases/form.py): each answer is a text so often.", forms())
    write("repeat-id", "Repeat ids (docs/format.md, 2.6).", repeats())


if __name__ == "__main__":
    main()
