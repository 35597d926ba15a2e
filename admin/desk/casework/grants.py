"""Grants to this desk's key, made by colleagues: fetched, and kept where they open something. No Flask in here.

A desk asks for all grants to its key alike, and for no envelope again: what it asks for never follows from what it
can't open, or the server would learn who was excluded from which case; and a colleague who grants something costs it no
more than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from admin.desk.casework.content import open_one
from admin.desk.local.copy import Cache, CaseLine
from admin.desk.server.session import AuditorSession
from crypto.identity import Identity

_TAKEN: Final = "granted"
"""Stored under this name: the number up to which this desk has its colleagues' grants to its key."""
_TOLD: Final = "granted_told"
"""And under this: the newest such number, as the server last said."""


@dataclass(frozen=True, repr=False)
class Grants:
    """What was granted to one desk's key."""

    identity: Identity
    cache: Cache

    @property
    def told(self) -> int:
        """The newest grant's number, as the server last said. Raises CacheUnusable, Locked."""
        return int(self.cache.get(_TOLD) or 0)

    @property
    def are_taken(self) -> bool:
        """Whether this desk has all of them. Raises CacheUnusable, Locked."""
        return self._taken >= self.told

    @property
    def _taken(self) -> int:
        return int(self.cache.get(_TAKEN) or 0)

    def note(self, told: int) -> None:
        """Keep the newest grant's number, as the server says. Raises CacheUnusable, Locked."""
        kept = self.cache.get(_TAKEN)
        # At the first contact everything is about to be fetched, with its grants; a server that was put back has
        # forgotten some numbers, and gives them out again.
        has = told if kept is None else int(kept) if told >= int(kept) else 0
        values = {_TAKEN: str(has).encode(), _TOLD: str(told).encode()}
        if kept != values[_TAKEN] or self.cache.get(_TOLD) != values[_TOLD]:
            self.cache.put(values)

    def take(self, session: AuditorSession) -> tuple[list[CaseLine], bool]:
        """Fetch some of them; return the cases in which an envelope opens now, and whether there are more.

        Raises ServerTrouble, CacheUnusable, Locked.
        """
        granted = session.granted(self._taken)
        touched = self._use(granted.grants)
        self.cache.put({_TAKEN: str(granted.upto).encode()})
        lines = [line for case_id in touched if (line := self.cache.case(case_id)) is not None]
        return lines, granted.more

    def _use(self, grants: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """Keep the grants that open what is here and did not open; return the cases of these envelopes.

        What is not here is fetched with its grants. A throw-away is not kept: any number of them may come.
        """
        ids = list(dict.fromkeys(envelope_id for envelope_id, _sealed in grants))
        here, touched = self.cache.sealed(ids), set()
        for case_id, line in self.cache.places([envelope_id for envelope_id in ids if envelope_id in here]):
            kept = here[line.envelope_id]
            if open_one(line, kept, self.identity) is not None:
                continue
            for sealed in (sealed for envelope_id, sealed in grants if envelope_id == line.envelope_id):
                with_it = replace(kept, grants=(sealed,))
                if open_one(line, with_it, self.identity) is not None:
                    self.cache.add_sealed([with_it])
                    touched.add(case_id)
        return touched
