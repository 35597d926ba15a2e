"""Leaves for this desk's acts: made before the act is sent, stored with the promise (docs/format.md, 5.4, 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from admin.desk.casework.log_state import PromisedAct
from admin.desk.casework.log_watch import LogWatch
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ActAnswer
from crypto.encoding import b64d, b64e
from crypto.logleaf import LeafText, deletion_opening, envelope_opening, status_opening
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
        leaf = self.watch.leaf_of(roster, case_id, opening)
        return {} if leaf is None else {"leaf": b64e(leaf)}

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
                self.watch.promised(roster, raw, act, promise.sig)

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
