"""The sentences of the page's scripts, fetched by them from /words.json in the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.i18n import N_

SCRIPT_WORDS: Final[Mapping[str, str]] = {
    "way_browser": N_(
        "Your report is locked in this browser before it is sent. Only the people who may read it can open it."
    ),
    "required": N_("Please write what happened. Nothing has been sent; everything else is still here."),
    "nobody_left": N_(
        "With this choice nobody could read your report. Please leave at least one person who may, or use a way"
        " outside the company. Nothing has been sent."
    ),
    "offline": N_(
        "The connection was lost before the report had been accepted. Your text and your files are still here. Please "
        "try again in a while."
    ),
    "failed": N_(
        "The report could not be sent in this way. Your text and your files are still here. Please try again."
    ),
    "failed_offer": N_(
        "You can also send it without scripts: then the server locks it in its memory, in the moment it arrives. If the "
        "first try did arrive after all, the report is there twice, which does no harm."
    ),
    "send_plain": N_("Send it without scripts"),
    "sending_file": N_("File %(number)s of %(of)s is being locked and sent."),
    "received": N_("Your report has been received"),
    "received_before": N_("Your report had already been received"),
    "your_code": N_("Your receipt code"),
    "write_down": N_(
        "Please write it down now. This page is the only place that shows it, and nothing can bring it back."
    ),
    "copy": N_("Copy the code"),
    "print": N_("Print this page"),
    "save": N_("Save the code as a file"),
    "next": N_(
        "This site cannot reach you. Please look again by yourself with this code, for example in a week."
    ),
    "look": N_("Look at your report"),
    "proof_hash": N_("Fingerprint of the locked report"),
    "proof_day": N_("Day"),
    "proof_signature": N_("Signature"),
    "proof_key": N_("Public key of this site"),
}
