"""What a vector gives, as bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crypto import encoding

Given = Mapping[str, Any]
Operation = Callable[[Given], Any]


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


def edited(given: Given) -> bytes:
    """Return `raw_b64` after its one edit: `put` bytes `at`, `cut` to a length, or `append`."""
    raw, edit = encoding.b64d(given["raw_b64"]), given.get("edit", {})
    if "put" in edit:
        put = unhex(edit["put"])
        return raw[: edit["at"]] + put + raw[edit["at"] + len(put) :]
    if "cut" in edit:
        return raw[: edit["cut"]]
    return raw + unhex(edit.get("append", ""))
