"""The log in the desk's sealed local copy: leaves, newest checkpoint, findings.

The leaves and the checkpoint are one state: a desk that loses it begins anew and can be led to another history, so it
is in the same file as the pins (docs/threat-model/P4.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from admin.desk.casework.log_checks import RED, LogAlert, LogFault
from admin.desk.local.copy import Cache
from cases.days import format_day, parse_day
from crypto.encoding import canonical_json
from crypto.tlog import bundle_entries, entry_bundle

_STATE: Final = "log:state"
_LEAVES: Final = "log:leaves:"


@dataclass(frozen=True, order=True)
class PromisedAct:
    """An act of this desk whose leaf the server promised: the leaf's hash (32 bytes) and the day of its batch.

    `what`: report, answer, status or deletion; `case_id`: 16 bytes; `sig`: the server's signature, 64 bytes.
    """

    leaf: bytes
    day: date
    what: str
    case_id: bytes
    sig: bytes = b""


@dataclass(frozen=True)
class KeptLog:
    """The desk's state of the log.

    `note`: the newest checkpoint that was compared, "" before the first; `size`: its leaves, which are all kept.
    `checked`: the index up to which batches were compared with the feed. `first_day`: when this desk met the log.
    `agreed`: the last day on which everything fitted. `asked`: the last day on which it was asked for. `fork`: two
    checkpoints that can't both be true. `acts`: own acts whose batch is not there yet, or not as promised.
    """

    note: str = ""
    size: int = 0
    checked: int = 0
    newest: date | None = None
    """The newest day that has a batch."""
    first_day: date | None = None
    agreed: date | None = None
    asked: date | None = None
    cosigned: int = 0
    """The size of the newest checkpoint that the site took this desk's cosignature for."""
    fork: tuple[str, ...] = ()
    alerts: tuple[LogAlert, ...] = ()
    acts: tuple[PromisedAct, ...] = field(default=())

    def missing(self, act: PromisedAct) -> bool:
        """Tell whether an act's day has a batch that does not hold it."""
        days = {alert.day for alert in self.alerts if alert.fault is LogFault.ACT_MISSING}
        return act.day in days

    @property
    def red(self) -> tuple[LogAlert, ...]:
        """Faults that only the server can have made: shown on the first page, too."""
        return tuple(alert for alert in self.alerts if alert.fault in RED)


def load(cache: Cache) -> KeptLog:
    """Return what is kept. Raises Locked, CacheUnusable."""
    kept = cache.get(_STATE)
    if not kept:
        return KeptLog()
    read: dict[str, Any] = json.loads(kept)
    days = {name: _day(read[name]) for name in ("newest", "first_day", "agreed", "asked")}
    return KeptLog(
        note=read["note"],
        size=read["size"],
        checked=read["checked"],
        cosigned=read["cosigned"],
        fork=tuple(read["fork"]),
        alerts=tuple(
            LogAlert(LogFault(fault), _day(day), count, tuple(map(bytes.fromhex, cases)))
            for fault, day, count, cases in read["alerts"]
        ),
        acts=tuple(
            PromisedAct(bytes.fromhex(leaf), parse_day(day), what, bytes.fromhex(case_id), bytes.fromhex(sig))
            for leaf, day, what, case_id, sig in read["acts"]
        ),
        **days,
    )


def save(cache: Cache, state: KeptLog, new_leaves: Sequence[bytes] = ()) -> None:
    """Keep a state and the leaves that came with it, both or neither. Raises Locked, CacheUnusable."""
    text = canonical_json(
        {
            "note": state.note,
            "size": state.size,
            "checked": state.checked,
            "cosigned": state.cosigned,
            "fork": list(state.fork),
            "newest": _text(state.newest),
            "first_day": _text(state.first_day),
            "agreed": _text(state.agreed),
            "asked": _text(state.asked),
            "alerts": [
                [alert.fault.value, _text(alert.day), alert.count, [case.hex() for case in alert.cases]]
                for alert in state.alerts
            ],
            "acts": [
                [act.leaf.hex(), format_day(act.day), act.what, act.case_id.hex(), act.sig.hex()]
                for act in state.acts
            ],
        }
    )
    values = {_STATE: text}
    if new_leaves:
        first = state.size - len(new_leaves)
        values[f"{_LEAVES}{first:012}"] = entry_bundle(new_leaves)
    cache.put(values)


def leaves(cache: Cache) -> list[bytes]:
    """Return all leaves that are kept, in order. Raises Locked, CacheUnusable."""
    return [leaf for part in cache.parts(_LEAVES) for leaf in bundle_entries(part)]


def promise(cache: Cache, act: PromisedAct) -> None:
    """Keep that the server promised an act's leaf. Raises Locked, CacheUnusable."""
    state = load(cache)
    if act not in state.acts:
        save(cache, replace(state, acts=(*state.acts, act)))


def _text(day: date | None) -> str:
    return format_day(day) if day else ""


def _day(text: str) -> date | None:
    return parse_day(text) if text else None
