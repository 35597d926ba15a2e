"""The drafts of the desk's local copy: a row for each case in which something was typed and not sent (`draft`)."""

from __future__ import annotations

from collections.abc import Sequence

from admin.desk.local.copy_file import CopyFile
from admin.desk.local.draft import Draft, decode, row_id


class DraftRows(CopyFile):
    """The drafts of the local copy. Every method raises CacheUnusable, and Locked once it was closed."""

    def draft(self, case_id: bytes) -> Draft | None:
        """Return what was typed in a case and not sent."""
        with self._using() as kept:
            raw = kept.kept(row_id(case_id))
            return decode(raw) if raw is not None else None

    def put_draft(self, case_id: bytes, typed: Draft) -> None:
        """Keep what was typed in a case, in place of what was kept before; nothing is kept of an empty one.

        Raises DraftTooLarge.
        """
        name, raw = row_id(case_id), typed.encode()
        with self._using() as kept:
            if typed.fields:
                kept.keep([(name, raw)])
            else:
                kept.drop([name])

    def drafted(self, ids: Sequence[bytes]) -> frozenset[bytes]:
        """Return those of these cases in which something was typed and not sent."""
        with self._using() as kept:
            rows = {row_id(case_id): case_id for case_id in ids}
            return frozenset(rows[row] for row in kept.having(tuple(rows)))
