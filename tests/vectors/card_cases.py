"""Vectors of docs/format.md, 1.3: single cards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crypto.encoding import b64e
from tests.vectors.parts import (
    FOUNDER,
    ORDER_8,
    SECOND,
    SMALL_ORDER,
    Vector,
    bad,
    card_json,
    flipped,
    good,
    text_of,
    vouched,
    without,
)


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
        refused("a box key of order 8", card_json(FOUNDER, box_pk=b64e(ORDER_8)), "CardKeyUnusable"),
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
