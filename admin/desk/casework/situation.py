"""The desk's state (roster, server status), and the troubles that stop an action."""

from __future__ import annotations

from dataclasses import dataclass

from admin.desk.casework.roster import SiteRoster
from admin.desk.server.responses import ServerTrouble


class NotEnrolled(Exception):
    """This auditor's key is not on the site's list (yet)."""


class Retired(Exception):
    """This auditor's key was retired."""


class CannotReply(Exception):
    """The case can't be answered: its report could not be opened, or names no mailbox."""


class ChoiceWithheld(CannotReply):
    """A colleague's answer names a newer choice of the reporter than the server gave this desk: somebody whom the
    reporter excluded could read what is sent now.
    """


class StatusMovedOn(Exception):
    """A status was set meanwhile; `own`: by this auditor, in another window."""

    def __init__(self, own: bool) -> None:
        super().__init__("a status was set meanwhile")
        self.own = own


class OtherReplySent(Exception):
    """A reply with this id was sent before, with another text."""


class DoesNotCount(Exception):
    """A record was not sent: by the rules of the case it would not count. `reason`: as in `CaseState.ignored`."""

    def __init__(self, reason: str) -> None:
        super().__init__("the record would not count")
        self.reason = reason


class AccessRefused(Exception):
    """A change of who reads a case was not sent: it would not count. `reason`: the name of the rule
    (`crypto.access_errors`), or AccessSteppedBack.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("the change would not count")
        self.reason = reason


class DecisionParted(Exception):
    """A part of what was to go out together was sent alone before, and the rest was not."""


@dataclass(frozen=True)
class Situation:
    """A desk's situation: the checked list of auditors, and why the server could not be asked (None: it
    could).
    """

    roster: SiteRoster
    trouble: ServerTrouble | None = None
    rewound: bool = False
    """The server's history is shorter than what this desk has seen: all of it was fetched again."""
    acted: tuple[bytes, ...] | None = None
    """The cases of which the feed says something about deleting them, as this look found them; None: not asked yet."""
