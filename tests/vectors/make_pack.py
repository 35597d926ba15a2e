"""Writes `pack.json` anew: `python -m tests.vectors.make_pack`."""

from __future__ import annotations

from nacl.bindings import crypto_box_seal

from crypto import pack
from crypto.attachment import Sealer
from crypto.encoding import b2, b64e
from tests.vectors.parts import FOUNDER, SECOND, Vector, bad, good, write

CONTENT = b"PK\x03\x04 a pack"
KEY = bytes([0x4B]) * 32
WHOLE = b"".join(pack.sealed([CONTENT], len(CONTENT), SECOND.box_pk))
LOW = bytes(32)


def head(inside: bytes) -> bytes:
    return pack.MAGIC + bytes(crypto_box_seal(inside, SECOND.box_pk))


def with_object(inside: bytes) -> bytes:
    sealer = Sealer(KEY)
    return head(inside) + sealer.header + sealer.update(CONTENT) + sealer.finish()


def keys() -> list[Vector]:
    text = pack.receiver_text(SECOND.box_pk)

    def refused(name: str, line: str) -> Vector:
        return bad(f"key: {name}", "pack_key", {"text": line}, "PackKeyMalformed")

    checked = b2(4, LOW, person="mybk1-packkey")
    return [
        good("key: a receiver's", "pack_key", {"text": text}, SECOND.box_pk.hex()),
        good("key: with a line's end", "pack_key", {"text": f"  {text}\r\n"}, SECOND.box_pk.hex()),
        refused("nothing", ""),
        refused("another beginning", text.replace("mypack1", "mypack2")),
        refused("without its beginning", text.removeprefix("mypack1-")),
        refused("a letter changed", text[:20] + ("A" if text[20] != "A" else "B") + text[21:]),
        refused("a letter missing", text[:-1]),
        refused("two keys", text + text),
        refused("no base64", text[:-1] + "="),
        refused("a key id", f"mypack1-{SECOND.key_id.hex()}"),
        refused("of small order", "mypack1-" + b64e(LOW + checked)),
        refused("without a check", "mypack1-" + b64e(SECOND.box_pk)),
    ]


def packs() -> list[Vector]:
    def given(raw: bytes, who: bytes = SECOND.seed, **edit: object) -> dict[str, object]:
        return {"raw_b64": b64e(raw), "seed": who.hex(), **({"edit": edit} if edit else {})}

    def refused(
        name: str, error: str, raw: bytes = WHOLE, who: bytes = SECOND.seed, **edit: object
    ) -> Vector:
        return bad(name, "pack_open", given(raw, who, **edit), error)

    size = len(CONTENT).to_bytes(8, "big")
    return [
        good("a pack", "pack_open", given(WHOLE), CONTENT.hex()),
        refused("no bytes", "Truncated", b""),
        refused("another magic", "BadMagic", at=0, put="4d594131"),
        refused("an envelope's magic", "BadMagic", at=0, put="4d594231"),
        refused("another version", "BadMagic", at=3, put="32"),
        refused("another receiver's", "CannotOpen", who=FOUNDER.seed),
        refused("a damaged head", "CannotOpen", at=40, put="00000000"),
        refused("cut in its head", "Truncated", cut=60),
        refused("cut behind its head", "Truncated", cut=pack.HEAD),
        refused("cut in a frame", "Truncated", cut=len(WHOLE) - 1),
        refused("bytes behind it", "TrailingBytes", append="00"),
        refused("a damaged frame", "CiphertextForged", at=len(WHOLE) - 20, put="0000000000"),
        refused("another key", "CiphertextForged", with_object(bytes(32) + size)),
        refused("a length that is too short", "ObjectPadding", with_object(KEY + bytes(8))),
        refused("a length of another frame", "ObjectSize", with_object(KEY + (70_000).to_bytes(8, "big"))),
        refused("a length that no file has", "ObjectSize", with_object(KEY + b"\xff" * 8)),
    ]


if __name__ == "__main__":
    write("pack", "Packs for a receiver (docs/format.md, 4.4).", [*keys(), *packs()])
