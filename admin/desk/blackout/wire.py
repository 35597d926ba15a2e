"""Messages between the desk and the drawing process: a line of JSON that gives a length, and that many bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, Final

_LINE: Final = 4 * 1024 * 1024
"""Bytes of a line: the text of a page with its places."""
MOST: Final = 128 * 1024 * 1024
"""Bytes behind a line."""


class BadAnswer(Exception):
    """A message breaks the protocol, or the other side is gone."""


def say(pipe: IO[bytes], head: Mapping[str, Any], body: bytes = b"") -> None:
    """Write one message. Raises OSError."""
    for part in (json.dumps({**head, "bytes": len(body)}).encode() + b"\n", body):
        rest = memoryview(part)
        while rest:
            rest = rest[pipe.write(rest) :]
    pipe.flush()


def hear(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one message. Raises BadAnswer, OSError."""
    line = pipe.readline(_LINE)
    try:
        head = json.loads(line)
        length = head["bytes"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BadAnswer from None
    if type(length) is not int or not 0 <= length <= MOST:
        raise BadAnswer
    body = pipe.read(length)
    if len(body) != length:
        raise BadAnswer
    return head, body
