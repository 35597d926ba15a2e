"""What an opened case is made of: an entry for each envelope, one for each status, who wrote the report down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from admin.desk.casework.attachments import File
from cases.records import Record
from crypto.access import AccessChange
from crypto.cards import Card
from crypto.intake import Intake


@dataclass(frozen=True, repr=False)
class Entry:
    """One envelope of the conversation.

    `author`: an auditor's card, or None for the reporter; only where `verified`. `opened` is False for what
    can't be opened; then there are no words. `answers`: a form's fields in its order; `others`: fields that
    this desk does not know; `raw`: the payload as it is, where it is no form at all. `unusual`: what is not
    as the format says. `gap`: it names an earlier envelope that the server never showed. `odd_files`: it names
    files in a way that this desk does not know. `new_code`: the reporter gave the code up for a new one. `record`: what
    a kind 4 says, as far as it can be read. `excluded`: an auditor whom the reporter excluded has signed this; it
    counts for nothing.
    """

    envelope_id: bytes
    kind: int
    day: date
    opened: bool = False
    verified: bool = False
    author: Card | None = None
    message: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    raw: str = ""
    unusual: tuple[str, ...] = ()
    gap: bool = False
    files: tuple[File, ...] = ()
    odd_files: bool = False
    new_code: bool = False
    record: Record | None = None
    change: AccessChange | None = None
    """Of an answer: what it changes about who reads the case (format.md, 2.16)."""
    excluded: Card | None = None
    left: Card | None = None
    """A person who stepped back from the case before, or was taken off it, has signed this; it counts for nothing."""
    language: str = ""
    """Of a form: its page's, a word of `crypto.payloads.PAGE_LANGUAGES`; empty: not said."""
    category: str = ""
    """Of a form: what the reporter chose that it is about (`crypto.payloads.CATEGORIES`); of an answer: what it says
    that the report is treated as (TREATED). "" for nothing."""
    seq: int = 0
    """Its place in the feed."""
    list_fault: str = ""
    """The fault of the list of readers that it was sealed to (format.md, 2.5); "" for none."""
    kept_from_own: bool = False
    """A record that is whole and was sealed so that it does not open for this desk's key: a proposal to take its
    auditor off the case (format.md, 2.16). Pages and documents do not show that there is one."""
    meaning: str = ""
    """Of a reporter's message: what it says that it is (`crypto.payloads.MEANINGS`); "" for an ordinary one."""


@dataclass(frozen=True, repr=False)
class WrittenDown:
    """A report that an auditor wrote down (format.md, 2.14), or that says so. `author` and `said` are None where that
    does not hold: then its words are unverified.
    """

    author: Card | None = None
    said: Intake | None = None
    out: frozenset[bytes] = frozenset()
    """The persons whom its author left out, because they were named as concerned."""


@dataclass(frozen=True)
class StatusEntry:
    """A status of the history; `verified`: both signatures hold and it may follow the one before it."""

    sequence: int
    status: str
    day: date
    author: Card | None
    verified: bool
    seq: int = 0
    """Its place in the feed."""
