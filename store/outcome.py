"""Outcomes of a store operation."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """The outcome of a store operation. Not an exception: a repeat is an everyday event, not a
    fault.
    """

    STORED = "stored"
    """It is new and will be there when the transaction is committed."""
    REPEAT = "repeat"
    """It is there already, from before; nothing was changed."""
    CASE_EXISTS = "case_exists"
    """The code has a case already, which holds another report: the text is to be kept as a message there."""
    REFUSED = "refused"
    """It contradicts what is stored; nothing was changed."""
    FULL = "full"
    """The case holds as much of its reporter as it may; nothing was changed."""
    OBJECTS = "objects"
    """A file that comes with it belongs to another envelope; nothing was changed."""
    CHOICE = "choice"
    """The case has another exclude record than the writer had read; nothing was changed."""
    DELETED = "deleted"
    """The case was deleted; nothing was changed."""
