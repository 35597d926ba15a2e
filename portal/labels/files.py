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

ARCHIVE_SENT: Final = N_("An archive cannot be looked into: the files in it may say who made them.")
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp")
_OFFICE: Final = (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm")
_TEXTS: Final = (".txt", ".csv", ".md", ".log")
_ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".lzh")


def about_file(cleaned: str, name: str) -> str:
    """Return what a file of this name still shows, after it was sent; "" where the outcome says it all.

    `cleaned`: one of crypto.payloads.CLEANED.
    """
    name = name.lower()
    if cleaned == "not":
        if name.endswith(_TEXTS):
            return SCRIPT_WORDS["about.text"]
        return ARCHIVE_SENT if name.endswith(_ARCHIVES) else ""
    if name.endswith(_PICTURES):
        return SCRIPT_WORDS["about.picture"]
    return SCRIPT_WORDS["about.office"] if name.endswith(_OFFICE) else ""
