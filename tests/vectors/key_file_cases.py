"""Vectors of docs/format.md, 1.2 and 1.7: key files, and key files on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crypto import keyfile, keysheet
from crypto.encoding import b64e
from tests.vectors.parts import SEEDS, Vector, bad, flipped, good, text_of, without


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
