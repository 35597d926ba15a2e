"""The state of the site's log: what /keys.json says of it, what is wrong with it, and the cosignatures of witnesses. No
Flask in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from crypto import logbatch, note, plainleaf, tlog
from crypto.encoding import b64e
from crypto.log_errors import NoteMalformed, NoteSignatureWrong, NoteUnsigned
from portal.context import Portal
from portal.usecases.log_notices import known_cosigners, log_chain
from store import log as store_log
from store import log_documents
from store.config.log_head import LogHeadDamaged, head_path, read_head_file
from store.db import reading, writing
from store.log import HeadRow

CLOCK: Final = "clock"
"""This machine's clock is behind the newest batch: no leaf finds a batch to come, so no report is taken."""
MAX_COSIGNATURES: Final = 16
COSIGNED_CHECKPOINTS: Final = 2


def served(portal: Portal, today: date) -> dict[str, Any] | None:
    """Return what /keys.json says of the log; None before it was begun."""
    with reading(portal.engine) as conn:
        state = store_log.head(conn)
        if state is None:
            return None
        length = store_log.list_length(conn, state, today)
        listed = portal.shown_list.get(state.note, lambda: _listed(conn, state))
        lines = [note.read_line(line) for line in store_log.cosignatures(conn, state.published)]
        chain = log_chain(portal, conn)
    log = chain.keys.at(state.published)
    own = {"origin": log.name, "vkey": log.text(), "length": length, "hidden": state.hidden}
    own["keys"] = [logged.index for logged in chain.changes if logged.index < state.published]
    if listed is None:
        return own
    return {**own, "listed": {**listed, "checkpoint": note.with_lines(state.note, lines)}}


def _listed(conn: Connection, state: HeadRow) -> dict[str, Any] | None:
    """Return the newest published leaf that names the list, with its inclusion proof; None while there is none."""
    batches = [first for _day, first, end in store_log.batches(conn) if end <= state.published]
    start = batches[-1] if batches else 0
    named = [
        (start + place, leaf)
        for place, leaf in enumerate(store_log.leaves(conn, start, state.published))
        if plainleaf.word_of(leaf) in ("day", "list")
    ]
    if not named:
        return None
    index, leaf = named[-1]
    proof = tlog.inclusion_proof(store_log.hashes(conn, state.published), index)
    return {"leaf": b64e(leaf), "index": index, "proof": [b64e(part) for part in proof]}


def fault_of(portal: Portal) -> str:
    """Return what is wrong with the log: CLOCK, "log_head", "ahead", "damaged", "forked", "key", "other", "late"; "".

    Nothing is hashed here: "damaged", "forked" and "key" are what made the batch that is due not come. Raises
    StoreFailed.
    """
    with reading(portal.engine) as conn:
        state, other = store_log.head(conn), log_documents.evidence(conn)
    if state is None or state.day is None:
        return ""
    if logbatch.is_clock_behind(state.day, int(portal.now())):
        return CLOCK
    try:
        known = read_head_file(head_path(portal.settings.server.secret_file))
    except (OSError, LogHeadDamaged):
        return "log_head"
    if known is not None and known[0] > state.size:
        return "ahead"
    refusal = portal.log_refusal()
    if refusal:
        return refusal
    if other:
        return "other"
    return "late" if logbatch.is_late(state.day, int(portal.now())) else ""


def take_cosignatures(portal: Portal, raw: bytes) -> None:
    """Keep signature lines that witnesses made over the newest checkpoint, or all over the one before: a batch may come
    between reading and signing. Raises BadLog for anything else.
    """
    try:
        lines = [note.read_line(line) for line in raw.decode().removesuffix("\n").split("\n")]
    except UnicodeDecodeError:
        raise NoteMalformed from None
    with reading(portal.engine) as conn:
        newest = store_log.newest_checkpoints(conn, COSIGNED_CHECKPOINTS)
        keys = known_cosigners(portal, conn)
    if len(lines) > MAX_COSIGNATURES:
        raise NoteUnsigned
    size = next((size for size, signed in newest if _is_cosigned(signed, lines, keys)), None)
    if size is None:
        raise NoteUnsigned
    with writing(portal.engine) as conn:
        for line in lines:
            store_log.put_cosignature(conn, line.name, size, line.text().removesuffix("\n"))


def _is_cosigned(signed: str, lines: Sequence[note.SignatureLine], keys: Sequence[note.VerifierKey]) -> bool:
    """Tell whether each line is a cosignature of this checkpoint by another one of the keys."""
    try:
        cosigned = note.signers(note.Note(note.read_note(signed).text, tuple(lines)), keys)
    except NoteSignatureWrong:
        return False
    return len(cosigned) == len(lines)
