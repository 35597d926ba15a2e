"""Limits of sealed files, and the reasons for refusing further bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Octets = bytes | bytearray | memoryview
Piece = Octets | Sequence[Octets]
"""Bytes of an object, or the parts of them one behind the other, which are stored without being put together."""
MAX_PIECE: Final = 1_048_576
"""Bytes of one piece, and of one read."""
LEAST_COUNTED: Final = 65_536
"""Least size that a waiting object counts for, so that a flood of tiny ones is limited, too."""
DISK_RESERVE: Final = 512 * 1024 * 1024
"""Bytes of the disk that no upload may touch: room for some hundred reports of the largest size."""


def parts_of(piece: Piece) -> Sequence[Octets]:
    """Return the parts of a piece."""
    return [piece] if isinstance(piece, bytes | bytearray | memoryview) else piece


class WrongOffset(Exception):
    """The piece does not go on where the object ends; nothing was changed. `have`: bytes that are here."""

    def __init__(self, have: int) -> None:
        super().__init__("the piece is not the next one")
        self.have = have


class TooLarge(Exception):
    """The object or the piece is larger than it may be, or not as large as was said before."""


class Full(Exception):
    """Too much waits for its envelope, or the disk has no room but for reports."""


class Named(Exception):
    """An envelope has this object: it never changes again."""
