"""Why a change of who reads a case does not count (docs/format.md, 2.16 and 7)."""

from __future__ import annotations

from crypto.errors import BadData


class BadAccess(BadData):
    """A change of who reads a case does not count."""


class AccessOld(BadAccess):
    """Its number is not above that of the last change about this person."""


class AccessAhead(BadAccess):
    """Its number is more than 1,000 above that of the last change about this person: nothing could follow the last."""


class AccessAlone(BadAccess):
    """Both signatures are of one person."""


class AccessNoReader(BadAccess):
    """One of the two could not read the report when it came, or reads it no more."""


class AccessNoLead(BadAccess):
    """Neither of the two is a lead."""


class AccessOwn(BadAccess):
    """The person taken off is one of the two deciders."""


class AccessUnknown(BadAccess):
    """It is about nobody on the list who could read."""


class AccessExcluded(BadAccess):
    """The case would be given to a key that the reporter excluded, or that somebody brought in who is off."""
