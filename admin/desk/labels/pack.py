"""Labels and error sentences of packs for counsel or an authority. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

GROUPS: Final[Mapping[str, str]] = {
    "report": N_("Report"),
    "messages": N_("Conversation"),
    "records": N_("What the auditors wrote down"),
}
"""The parts of a case that can be chosen (reports.pack.PackPart)."""

PROBLEMS: Final[Mapping[str, str]] = {
    "receiver": N_("Please write for whom the pack is (up to 200 characters)."),
    "nothing": N_("Please choose at least one part. Nothing has been made."),
    "key": N_(
        "This is not a receiver’s key. It is one line that begins with mypack1-; please have it sent again, whole. "
        "Nothing has been made."
    ),
    "altered": N_(
        "In the marked text something other than [[ and ]] was changed. A pack holds the words as they are, or blacked "
        "out. Please put the text back as it was. Nothing has been made."
    ),
    "unbalanced": N_(
        "In this text a passage begins with [[ and does not end with ]], or the other way round. Nothing has been made."
    ),
    "left_over": N_(
        "A word that is to be blacked out everywhere would still be in the pack. Nothing has been made. Please mark "
        "the passage by hand, or leave the part out."
    ),
    "file": N_(
        "A file could not be fetched or is damaged. Nothing has been made. Please leave it out, or try later."
    ),
    "boxes": N_(
        "In the list of boxes a line is not four numbers. Please write left, top, width and height in percent, such as "
        "10 20 30 5. Nothing has been made."
    ),
    "draw_locked": N_(
        "This file asks for a password, so nothing can be blacked out in it. Nothing has been made. Please leave "
        "it out, or choose to take it along unchanged."
    ),
    "draw_unreadable": N_(
        "This file can’t be read as a PDF or a picture, so nothing can be blacked out in it. Nothing has been made. "
        "Please leave it out, or choose to take it along unchanged."
    ),
    "draw_large": N_(
        "This file is too large to be blacked out here (64 MiB, or 50 million pixels; all drawn pages of a pack "
        "together 120 MiB, about 150 pages full of text). Nothing has been made. Please leave it out, or choose to "
        "take it along unchanged."
    ),
    "draw_pages": N_(
        "This file has more than 500 pages. Nothing has been made. Please leave it out, or choose to take it along "
        "unchanged."
    ),
    "draw_slow": N_(
        "A page of this file takes too long to be drawn. Nothing has been made. Please open the file’s pages, black "
        "out the page that is not shown as a whole, or leave the file out."
    ),
    "draw_busy": N_(
        "The program that draws the pages could not be started. Nothing has been made, and your marks are still here. "
        "Please try again."
    ),
    "not_a_lead": N_("Only a lead can make a pack. Nothing has been made."),
    "trouble": N_(
        "The server could not be asked, so the pack could not be put on record. Nothing has been made, and your "
        "marks are still here."
    ),
    "refused": N_(
        "The pack could not be put on record. Nothing has been made, and your marks are still here. Please look at the "
        "case and try again."
    ),
    "busy": N_(
        "Another document is being made just now. Please try again in a moment. Your marks are still here."
    ),
    "not_kept": N_("What you marked could not be kept on this computer. It is still in this page."),
}
"""Why no pack was made."""
