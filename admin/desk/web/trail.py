"""The lists that were shown last: they give the previous and the next case on a case's page.

Kept in the memory of this run only. The server is asked nothing: what a list does not hold yet is read from the local
copy. A case that moves in the list because somebody works on it keeps its place here, so that the next one is the one
that stood below it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from admin.desk.local.inbox_query import Wanted

KEPT: Final = 8
"""How many lists are remembered: a second tab, or a search, does not take the first one's place."""
STEP: Final = 25
"""How many cases are read where a list goes on."""

More = Callable[[Wanted, int, int], Sequence[bytes]]
"""A function that returns the ids of a list: query, limit, offset."""


@dataclass(frozen=True)
class Neighbours:
    """The cases (ids of 16 bytes) beside another one in the list that it was opened from; None where it ends."""

    before: bytes | None = None
    after: bytes | None = None


@dataclass
class _Shown:
    """A part of a list. `wanted`: what the list asks for, None where it does not go on; `start`: how many cases of it
    are before this part.
    """

    ids: list[bytes]
    wanted: Wanted | None
    start: int

    def neighbours(self, case_id: bytes, more: More) -> Neighbours:
        place = self.ids.index(case_id)
        if place == 0 and self.wanted and self.start:
            start = max(0, self.start - STEP)
            before = [
                other for other in more(self.wanted, self.start - start, start) if other not in self.ids
            ]
            self.ids, self.start, place = [*before, *self.ids], start, len(before)
        if place == len(self.ids) - 1 and self.wanted:
            after = more(self.wanted, STEP, self.start + len(self.ids))
            self.ids += [other for other in after if other not in self.ids]
        return Neighbours(
            self.ids[place - 1] if place else None,
            self.ids[place + 1] if place + 1 < len(self.ids) else None,
        )


class Trail:
    """The lists that this run of the desk showed last."""

    def __init__(self) -> None:
        self._lists: list[_Shown] = []
        self._lock = threading.Lock()

    def showed(self, ids: Sequence[bytes], wanted: Wanted | None = None, start: int = 0) -> None:
        """Remember a part of a list. `wanted`: what the whole list asks for; without it there is no more of it."""
        fresh = _Shown(list(ids), wanted, start)
        if not fresh.ids:
            return
        with self._lock:
            kept = [other for other in self._lists if (other.wanted, other.ids) != (wanted, fresh.ids)]
            self._lists = [fresh, *kept][:KEPT]

    def neighbours(self, case_id: bytes, more: More) -> Neighbours:
        """Return the cases beside another one in the newest list that holds it; none for one that was in no list."""
        with self._lock:
            shown = next((shown for shown in self._lists if case_id in shown.ids), None)
            return shown.neighbours(case_id, more) if shown else Neighbours()

    def forget(self) -> None:
        """Forget all lists."""
        with self._lock:
            self._lists = []
