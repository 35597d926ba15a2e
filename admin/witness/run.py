"""One run of a witness: fetch, compare, keep, cosign, look at the pages (docs/format.md, 5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from typing import Final

from admin.desk.casework.log_checks import read_log
from admin.desk.server import log_files
from admin.desk.server.client import Server
from admin.desk.server.responses import ServerTrouble
from admin.witness.folder import FORK, FolderFault, WitnessFolder, WitnessState
from admin.witness.look import SeenFile, look, read_release
from crypto.log_errors import BadLog
from crypto.log_key import chain_of
from crypto.log_mirror import (
    LogForked,
    LogOlder,
    MirrorFault,
    check_other,
    claimed_size,
    extend,
    judge_leaves,
    newest_release,
    without_cosignatures,
)
from crypto.log_policy import logged_policies
from crypto.note import VerifierKey, cosign, last_batch_time, read_note, with_lines


class WitnessExit(IntEnum):
    """Exit codes of `meyasubako witness run`."""

    FITS = 0
    TROUBLE = 1
    SILENT = 2
    OLDER = 3
    FORK = 4
    PAGES = 5


_FIRST: Final = (
    WitnessExit.FORK,
    WitnessExit.OLDER,
    WitnessExit.PAGES,
    WitnessExit.TROUBLE,
    WitnessExit.SILENT,
)
"""Of several the first one is said."""
_OF: Final = {
    "fork": WitnessExit.FORK,
    "older": WitnessExit.OLDER,
    "gone": WitnessExit.OLDER,
    "early": WitnessExit.OLDER,
    "pages": WitnessExit.PAGES,
    "stale": WitnessExit.SILENT,
}
_NO_COSIGNATURE: Final = frozenset(
    {"fork", "older", "gone", "early", "malformed", "gap", "policy", "key", "rule", "note", "twice"}
)


@dataclass
class WitnessRun:
    """The result of one run. `faults`: code and text, in the order in which they came; `is_signed`: the witness signed
    and keeps the line; `is_cosigned`: the site took it, too.
    """

    state: WitnessState
    faults: list[tuple[str, str]] = field(default_factory=list)
    new: int = 0
    is_signed: bool = False
    is_cosigned: bool = False

    def add(self, code: str, text: str = "") -> None:
        """Note a fault."""
        self.faults.append((code, text))

    @property
    def exit(self) -> WitnessExit:
        """The exit code."""
        codes = {_OF.get(code, WitnessExit.TROUBLE) for code, _text in self.faults}
        return next((code for code in _FIRST if code in codes), WitnessExit.FITS)


def run(folder: WitnessFolder, server: Server, log: VerifierKey, seconds: int, today: date) -> WitnessRun:
    """Make one run. `log`: the pinned key; `seconds`: since 1970; `today`: in Japan. Raises FolderFault, OSError."""
    state, kept = folder.load()
    done = WitnessRun(state)
    if state.stopped == FORK:
        done.add("fork", "stopped")
        return done
    try:
        _compare(done, folder, server, log, kept, today)
        if not {code for code, _text in done.faults} & _NO_COSIGNATURE:
            _cosign(done, folder, server, seconds)
    except ServerTrouble as trouble:
        done.add("server", trouble.trouble.value)
    if done.state.stopped != FORK and done.state.size:
        _look(done, folder, server, today)
    folder.write(replace(done.state, faults=tuple(done.faults)))
    return done


def _compare(
    done: WitnessRun,
    folder: WitnessFolder,
    server: Server,
    log: VerifierKey,
    kept: Sequence[bytes],
    today: date,
) -> None:
    """Fetch what is new and judge it; what fits is kept. Raises ServerTrouble, OSError."""
    state = done.state
    note = log_files.checkpoint(server)
    if note is None:
        done.add("gone" if state.size else "empty")
        return
    try:
        size = claimed_size(note)
        new = log_files.leaves(server, len(kept), size, len(kept)) if size > len(kept) else []
        try:
            signed = extend(note, log, kept, new, [state.vkey])
        except BadLog as fault:
            if isinstance(fault, LogForked | LogOlder):
                raise
            check_other(note, log, log_files.leaves(server, 0, size, len(kept)) if kept else [])
            raise
    except LogForked:
        path = folder.keep_fork(state, note, claimed_size(note))
        done.state = replace(state, stopped=FORK)
        done.add("fork", str(path))
        _tell(server, state.note)
        return
    except LogOlder:
        done.add("older", str(claimed_size(note)))
        _tell(server, state.note)
        return
    except BadLog as bad:
        done.add("note", type(bad).__name__)
        return
    if state.vkey in signed.cosigned and signed.checkpoint.size > state.cosigned:
        done.add("twice", str(signed.checkpoint.size))
        return
    leaves = [*kept, *new]
    _judge(done, judge_leaves(leaves, log, log_files.rule(server), state.met or today, today))
    if not {code for code, _text in done.faults} & _NO_COSIGNATURE:
        done.state = replace(state, note=note, size=len(leaves))
        done.new = len(new)
        folder.write(done.state, new)


def _judge(done: WitnessRun, faults: Sequence[MirrorFault]) -> None:
    for fault in faults:
        done.add(fault.code, fault.day.isoformat() if fault.day else "")


def _tell(server: Server, note: str) -> None:
    """Hand in the kept checkpoint, so that an honest server that was put back learns of it."""
    if note:
        with suppress(ServerTrouble):
            log_files.tell_checkpoint(server, without_cosignatures(note))


def _cosign(done: WitnessRun, folder: WitnessFolder, server: Server, seconds: int) -> None:
    """Sign what was kept and hand the line in; the state is on disk before it leaves. Raises ServerTrouble, OSError."""
    state = done.state
    if not state.size:
        return
    line = cosign(read_note(state.note).text, folder.name, folder.seed, last_batch_time(seconds))
    done.state = replace(state, note=with_lines(state.note, [line]), cosigned=state.size)
    folder.write(done.state)
    done.is_signed = True
    done.is_cosigned = log_files.cosign(server, line.text())
    if not done.is_cosigned:
        done.add("declined" if _is_named(state.vkey, folder.load()[1]) else "refused")


def _is_named(vkey: VerifierKey, leaves: Sequence[bytes]) -> bool:
    """Tell whether a policy in the log names a witness's key."""
    policies = logged_policies(read_log(leaves)[1])
    return any(vkey in policy.policy.witnesses.values() for policy in policies)


def _look(done: WitnessRun, folder: WitnessFolder, server: Server, today: date) -> None:
    """Look at the pages as a visitor does; what differs is kept. Raises OSError."""
    _state, leaves = folder.load()
    release = read_release(newest_release(leaves))
    if not release:
        return
    try:
        strange: list[SeenFile] = look(server, release)
    except ServerTrouble as trouble:
        done.add("server", trouble.trouble.value)
        return
    for seen in strange:
        folder.keep_seen(seen.name, seen.sha256, seen.raw, today)
        done.add("pages", f"{seen.name} {seen.sha256}")
    files = tuple((seen.name, seen.sha256) for seen in strange)
    done.state = replace(done.state, files=files)


def first_look(server: Server) -> VerifierKey:
    """Return the key of the log that a site shows now, which nobody has compared yet. Raises FolderFault."""
    try:
        note = log_files.checkpoint(server)
        leaves = log_files.leaves(server, 0, claimed_size(note)) if note else []
        if note is not None and leaves:
            keys = chain_of(leaves).keys
            extend(note, keys.newest, [], leaves)
            return keys.newest
    except (ServerTrouble, BadLog, IndexError):
        pass
    raise FolderFault(
        "The site can't be asked, or has no log yet (it begins when the site first runs). Nothing was pinned.",
        "サイトの記録簿を読めません。何も決めていません。",
    )
