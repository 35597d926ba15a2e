"""Texts about files: the result of cleaning, why a file was not cleaned, what it still reveals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.labels.i18n import N_
from portal.labels.scripts import SCRIPT_WORDS

CLEANED: Final[Mapping[str, str]] = {
    "removed": N_("It was cleaned before it was encrypted."),
    "nothing": N_("Nothing that is hidden in it could name you."),
    "partly": N_("Parts of it could not be cleaned; it may still say who made it."),
    "not": N_("It could not be cleaned. It may still say who made it, where and when."),
}
"""Results of cleaning a file (crypto.payloads.CLEANED)."""

UNCLEANED: Final[Mapping[str, str]] = {
    "busy": N_(
        "It could not be cleaned just now, because many files are arriving. It may still say who made it, "
        "where and when. To clean it, remove it and choose it again in a few minutes."
    ),
    "slow": N_(
        "Cleaning it took too long. It may still say who made it, where and when. A simpler file may work: "
        "save or print it again, or take pictures of its pages."
    ),
    "large": SCRIPT_WORDS["about.large"],
    "unreadable": SCRIPT_WORDS["about.damaged"],
    "other_picture": SCRIPT_WORDS["about.other"],
    "film": SCRIPT_WORDS["about.other"],
    "old_office": SCRIPT_WORDS["about.old"],
    "archive": SCRIPT_WORDS["about.archive"],
}
"""Why a file was not cleaned, and what is safer (portal.uploads.receive.Uploaded.why)."""

ABOUT_SENT: Final[Mapping[str, str]] = {
    "text": SCRIPT_WORDS["about.text"],
    "archive_sent": N_("An archive cannot be looked into: the files in it may say who made them."),
    "picture": SCRIPT_WORDS["about.picture"],
    "office": SCRIPT_WORDS["about.office"],
}
"""What a file of a kind still shows after it was sent."""

_NOT_CLEANED: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (".txt", ".csv", ".md", ".log"),
    "archive_sent": (".zip", ".7z", ".rar", ".gz", ".lzh"),
}
_CLEANED: Final[Mapping[str, tuple[str, ...]]] = {
    "picture": (".jpg", ".jpeg", ".png", ".webp"),
    "office": (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm"),
}
SENT_KINDS: Final[Mapping[str, str]] = {
    **{f"not{ending}": kind for kind, endings in _NOT_CLEANED.items() for ending in endings},
    **{ending: kind for kind, endings in _CLEANED.items() for ending in endings},
}
"""Kinds of files that were sent (ABOUT_SENT), by "not" where they could not be cleaned, and the end of their name. The
page's script reads them from /words.json."""


def about_file(cleaned: str, name: str) -> str:
    """Return what a file of this name still shows, after it was sent; "" where the outcome says it all.

    `cleaned`: one of crypto.payloads.CLEANED.
    """
    _stem, dot, ending = name.lower().rpartition(".")
    kind = SENT_KINDS.get(f"{'not' if cleaned == 'not' else ''}{dot}{ending}", "")
    return ABOUT_SENT[kind] if kind else ""
