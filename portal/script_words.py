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
        "You can also send it without scripts: then the server locks it in its memory, in the moment it arrives. If "
        "the first try did arrive after all, the report is there twice, which does no harm."
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
    "state": N_("State"),
    "conversation": N_("Conversation"),
    "you": N_("You"),
    "received_on": N_("Your report was received."),
    "unchecked": N_(
        "Entries that could not be checked and are not shown: %(number)s. You do not have to do anything."
    ),
    "look_failed": N_(
        "The report could not be opened in this browser. It is not lost. Please try again in a while, or go on without"
        " scripts."
    ),
    "look_plain": N_("Go on without scripts"),
    "files_named": N_("File: %(name)s (%(size)s bytes)"),
    "new_keys": N_("The receipt code was replaced by a new one."),
    "your_message": N_("Your message"),
    "files": N_("Files"),
    "send_message": N_("Send the message"),
    "message_empty": N_("Please write a message. Nothing has been sent."),
    "message_failed": N_(
        "The message could not be sent. Your text is still here. Please try again in a while."
    ),
    "new_code": N_("Replace the code by a new one"),
    "replaced": N_("This is your new code. The old one no longer works. Please write the new one down now."),
    "change_failed": N_("This could not be done. Please look at your report again before you try once more."),
    "forget": N_("Make the server forget what this code can open"),
    "forgotten": N_(
        "From now on this code no longer opens what was written before. New answers still arrive under it."
    ),
    "proof_key": N_("Public key of this site"),
}
