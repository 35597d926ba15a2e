"""The rows that the page of a code is made of, read at once: on PostgreSQL in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from store import basis, cases, driver, log


@dataclass(frozen=True, repr=False)
class CodePage:
    """The state that things are sealed by; the code's case, None where there is none; the log, None before it began."""

    basis: basis.Basis
    whole: cases.WholeCase | None
    log: log.LogState | None


def read(conn: Connection, index: bytes, reader: bytes, day: date, is_last: bool = False) -> CodePage:
    """Return what there is of a code's index (16 bytes). `reader`: the key id of its mailbox; `is_last`: nothing else
    is read in this transaction.
    """
    whole = cases.whole_asked(index, reader)
    rows = driver.run(conn, [basis.asked(day), *whole, *log.STATE_ASKED], is_last=is_last)
    end = 1 + len(whole)
    return CodePage(
        basis.basis_of(rows[0][0], day), cases.whole_from(rows[1:end]), log.state_from(rows[end:])
    )
