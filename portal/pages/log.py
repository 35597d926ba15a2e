"""The transparency log as C2SP tiles (docs/format.md, 5.6): the same for everybody; no request names a leaf."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Response, abort, jsonify, make_response, request

from cases.log_rule import log_rule
from crypto import note, tlog
from crypto.encoding import b64e
from crypto.log_errors import BadLog
from portal.bundle import VERIFY_PAGE
from portal.edge.request import portal
from portal.usecases import log_evidence, log_notices, log_state
from store import log as store_log
from store.db import reading

site: Final = Blueprint("log", __name__, url_prefix="/log")
MAX_LINES: Final = 8192
"""Bytes of the cosignatures in one request."""
_PATH: Final = re.compile(
    r"(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z"
)


@site.get("/checkpoint")
def checkpoint() -> Response:
    """Return the newest checkpoint, with every cosignature that is known for it."""
    with reading(portal().engine) as conn:
        head = store_log.head(conn)
        lines = store_log.cosignatures(conn, head.published) if head else []
    return _checkpoint(head.note if head else "", lines)


@site.get("/checkpoint/<size>")
def past_checkpoint(size: str) -> Response:
    """Return the checkpoint of a size, with every cosignature of it; 404 where none of this size was published."""
    leaves = note.number(size)
    if leaves is None:
        abort(404)
    with reading(portal().engine) as conn:
        signed, lines = store_log.checkpoint(conn, leaves), store_log.cosignatures(conn, leaves)
    return _checkpoint(signed, lines)


def _checkpoint(signed: str, lines: Sequence[str]) -> Response:
    if not signed:
        abort(404)
    return _text(note.with_lines(signed, [note.read_line(line) for line in lines]))


@site.get("/policy")
def policy() -> Response:
    """Return the policy that counts: the one that the newest day leaf names."""
    with reading(portal().engine) as conn:
        policy = log_notices.policy_in_force(conn)
    if policy is None:
        abort(404)
    return _text(policy.text)


@site.get("/rule")
def rule() -> Response:
    """Return the rule's text, in Japanese and English."""
    return _text(log_rule())


@site.get("/tile/<path:path>")
def tile(path: str) -> Response:
    """Return hashes or leaves, 1 to 256 of them; 404 for what no published checkpoint covers."""
    match = _PATH.match(path)
    if match is None:
        abort(404)
    number, width = int(match.group(2).replace("x", "").replace("/", "")), int(match.group(3) or tlog.TILE)
    level = -1 if match.group(1) == "entries" else int(match.group(1))
    if width > tlog.TILE or tlog.tile_path(level, number, width) != f"tile/{path}":
        abort(404)
    return _octets(_tile(max(level, 0), number, width, is_bundle=level < 0))


@site.get("/meyasubako-verify.html")
def verify_page() -> Response:
    """Return the verify page, to be saved: it works from disk only, and better comes from elsewhere. 404 where none was
    built.
    """
    try:
        answer = make_response(VERIFY_PAGE.read_bytes())
    except FileNotFoundError:
        abort(404)
    answer.headers["Content-Disposition"] = f"attachment; filename={VERIFY_PAGE.name}"
    return answer


@site.get("/witnesses")
def witnesses() -> Response:
    """Return the documents of the desks that cosign."""
    with reading(portal().engine) as conn:
        documents = store_log.witnesses(conn)
    return jsonify([b64e(raw) for _key_id, raw in documents])


@site.post("/cosignature")
def cosignature() -> tuple[Response, int]:
    """Keep cosignatures of the newest checkpoint, or of the one before, by witnesses that are known.

    403 for anything else, all or nothing.
    """
    if request.mimetype != "text/plain":
        return _text("text/plain"), 415
    raw = request.get_data(cache=False) if (request.content_length or MAX_LINES) < MAX_LINES else b""
    try:
        log_state.take_cosignatures(portal(), raw)
    except BadLog:
        return _text("no"), 403
    return _text("ok"), 200


@site.post("/checkpoint")
def other_checkpoint() -> tuple[Response, int]:
    """Look at a checkpoint of this log's own key: 200 where the log holds it, 202 where it does not and is kept.

    403 for anything that this key did not sign.
    """
    if request.mimetype != "text/plain":
        return _text("text/plain"), 415
    raw = request.get_data(cache=False) if (request.content_length or MAX_LINES) < MAX_LINES else b""
    try:
        is_held = log_evidence.take_checkpoint(portal(), raw)
    except BadLog:
        return _text("no"), 403
    return (_text("held"), 200) if is_held else (_text("kept"), 202)


def _tile(level: int, number: int, width: int, is_bundle: bool) -> bytes:
    first = number * tlog.TILE
    leaves = tlog.TILE**level
    with reading(portal().engine) as conn:
        head = store_log.head(conn)
        if head is None or not head.note or (first + width) * leaves > head.published:
            abort(404)
        if is_bundle:
            return tlog.entry_bundle(store_log.leaves(conn, first, first + width))
        hashes = store_log.hashes(conn, (first + width) * leaves)
    return b"".join(tlog.tile_hashes(hashes[first * leaves :], level))


def _text(said: str) -> Response:
    answer = make_response(said)
    answer.mimetype = "text/plain"
    return answer


def _octets(raw: bytes) -> Response:
    answer = make_response(raw)
    answer.mimetype = "application/octet-stream"
    return answer
