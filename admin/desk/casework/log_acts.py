"""Leaves for this desk's acts: made before the act is sent, stored with the promise (docs/format.md, 5.4, 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from admin.desk.casework import log_state
from admin.desk.casework.log_leaves import readers_of_next
from admin.desk.casework.log_state import PromisedAct
from admin.desk.casework.log_watch import LogWatch
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ActAnswer
from crypto import messages
from crypto.encoding import b64d, b64e
from crypto.errors import MisuseError, SignatureWrong
from crypto.log_errors import BadLog
from crypto.logleaf import LeafText, deletion_opening, envelope_opening, make, status_opening
from crypto.plainleaf import logged_text
from crypto.tlog import leaf_hash

LEAF_LENGTH: Final = "leaf_length"
"""The server's answer to a leaf that was made for another list of readers than the next batch has."""


@dataclass(frozen=True, repr=False)
class LogActs:
    """The leaves of one auditor's acts."""

    watch: LogWatch
    own: bytes
    """The own key id."""

    def envelope(self, roster: SiteRoster, case_id: bytes, raw: bytes) -> dict[str, str]:
        """Return the field that an answer to the reporter carries; none where the case or the site has no log."""
        return self._field(roster, case_id, envelope_opening("answer", case_id, raw, self.own))

    def status(
        self, roster: SiteRoster, case_id: bytes, sequence: int, status: str, signed: bytes
    ) -> dict[str, str]:
        """Return the field of a status. `signed`: its text and both signatures."""
        return self._field(roster, case_id, status_opening(case_id, sequence, status, self.own, signed))

    def deletion(self, roster: SiteRoster, case_id: bytes, signed: bytes) -> dict[str, str]:
        """Return the field of a deletion. `signed`: `deletion_proof.signed_texts`."""
        return self._field(roster, case_id, deletion_opening(case_id, signed))

    def _field(self, roster: SiteRoster, case_id: bytes, opening: LeafText) -> dict[str, str]:
        leaf = self._leaf_of(roster, case_id, opening)
        return {} if leaf is None else {"leaf": b64e(leaf)}

    def _leaf_of(self, roster: SiteRoster, case_id: bytes, opening: LeafText) -> bytes | None:
        """Return the leaf of an act of this desk; None where the case has no log key or the site no log."""
        keys = self.watch.cases.log_keys(case_id)
        return self.leaf_by(roster, keys[-1], opening) if keys else None

    def leaf_by(self, roster: SiteRoster, key: bytes, opening: LeafText) -> bytes | None:
        """Return the leaf of an act made with a log key (32 bytes); None where the site has no log."""
        leaves = log_state.leaves(self.watch.cache)
        if not leaves:
            return None
        try:
            readers = readers_of_next(leaves, roster)
        except BadLog:  # a damaged log is said on its page; it keeps no answer from being sent
            return None
        return None if readers is None else make(key, opening, readers)

    def keep(
        self, roster: SiteRoster, case_id: bytes, sent: Sequence[Mapping[str, Any]], answer: ActAnswer
    ) -> None:
        """Keep the promises of an answer that fit the leaves that were sent; others count for nothing."""
        leaves = {
            leaf_hash(raw): (_kind_of(part), raw) for part in sent if (raw := b64d(part.get("leaf", "")))
        }
        for promise in answer.promises:
            what, raw = leaves.get(promise.leaf, ("", b""))
            if raw:
                act = PromisedAct(promise.leaf, promise.day, what, case_id)
                self.promised(roster, raw, act, promise.sig)

    def promised(self, roster: SiteRoster, leaf: bytes, act: PromisedAct, sig: bytes) -> bool:
        """Keep a promise of the server for an own act; False where its signature does not hold."""
        try:
            messages.verify(roster.site_pk, logged_text(leaf_hash(leaf), act.day), sig)
        except (SignatureWrong, MisuseError):
            return False
        log_state.promise(self.watch.cache, replace(act, sig=sig))
        return True

    def again(self, situation: Callable[[], Situation], refused: ServerRefusal) -> bool:
        """Tell whether a refusal is about a leaf's length: the log was read anew, and the act is sent once more."""
        if refused.status != 409 or refused.code != LEAF_LENGTH:
            return False
        self.watch.look(situation())
        return True


def _kind_of(sent: Mapping[str, Any]) -> str:
    """Return what kind of act a request's part is."""
    if "proposal" in sent:
        return "deletion"
    return "status" if "sequence" in sent else "answer"
