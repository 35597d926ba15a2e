"""Vectors of docs/format.md, 4: files beside an envelope, their names."""

from __future__ import annotations

from typing import Any

from crypto import attachment
from crypto.encoding import b64e
from tests.vectors.parts import Vector, bad, good

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
        refused("a changed stream header", "CiphertextForged", edit={"at": 4, "put": flip(raw, 4)}),
        refused("a changed byte", "CiphertextForged", edit={"at": 5000, "put": flip(raw, 5000)}),
        refused("a changed tag", "CiphertextForged", edit={"at": 28, "put": flip(raw, 28)}),
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


def flip(raw: bytes, at: int) -> str:
    return f"{raw[at] ^ 1:02x}"


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
