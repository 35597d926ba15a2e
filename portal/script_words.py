"""The sentences of the page's scripts, fetched by them from /words.json in the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.i18n import N_

SCRIPT_WORDS: Final[Mapping[str, str]] = {
    "way_browser": N_(
        "Your report is locked in this browser before it is sent. Only the people who may read it can open it."
    ),
    "way_opens": N_(
        "Your report is opened in this browser. The server hands out locked bytes only, and never sees the code."
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
    "kept.new": N_("Your report has been received"),
    "kept.repeat": N_("Your report had already been received"),
    "kept.message": N_("Your changed text has been added"),
    "kept.message_repeat": N_("Your changed text had already been added"),
    "step": N_("Step %(number)s of %(of)s: %(title)s"),
    "back": N_("Back"),
    "next_step": N_("Next"),
    "review": N_("Please look everything over once more"),
    "shut_out": N_("Must not read it"),
    "outside": N_("Ways outside the company"),
    "too_long": N_(
        "This answer is longer than 100,000 characters. Nothing has been sent; everything is still here. Please "
        "shorten it, or send the rest later as a message."
    ),
    "too_many_files": N_(
        "These are more files than can be sent at once. Nothing has been sent; everything is still here. Please choose "
        "fewer, and send the rest later with a message."
    ),
    "file_too_large": N_(
        "One of the files is larger than can be sent. Nothing has been sent; everything is still here. Please leave it "
        "out, and say in the text that there is such a file."
    ),
    "files_full": N_(
        "The site has no room for files just now. Your text and your files are still here, and nothing has been sent. "
        "Please send the text without files, or try again later."
    ),
    "written": N_("I have written the code down"),
    "lost": N_(
        "If the code is lost, nothing can bring it back; the report is still read and worked on. Then please write a "
        "new report and say in it that it belongs to an earlier one."
    ),
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
        "Entries that are not shown, because you had them forgotten or they could not be checked: %(number)s. You do "
        "not have to do anything."
    ),
    "look_failed": N_(
        "The report could not be opened in this browser. It is not lost. Please try again in a while, or go on without"
        " scripts."
    ),
    "look_plain": N_("Go on without scripts"),
    "law_failed": N_(
        "The days that the law counts could not be fetched just now. Your report is not affected. Please look again in "
        "a while."
    ),
    "new_keys": N_("The receipt code was replaced by a new one."),
    "your_message": N_("Your message"),
    "files": N_("Files"),
    "send_message": N_("Send the message"),
    "message_sent": N_("Your message was sent."),
    "cleaned_not": N_(
        "The browser could not clean it, so it may still say who made it, where and when: your name, for example. PDF "
        "and Office files are cleaned when they are sent without scripts."
    ),
    "files_hint": N_(
        "Pictures are cleaned of place, time and device. Other files stay as they are, and can say who made them."
    ),
    "message_empty": N_("Please write a message. Nothing has been sent."),
    "message_failed": N_(
        "The message could not be sent. Your text is still here. Please try again in a while."
    ),
    "new_code": N_("Replace the code by a new one"),
    "new_code_first": N_(
        "This is the new code. It is not in use yet. Please write it down first; nothing can bring it back. When you "
        "press the button, the old code stops working. To leave it as it is, simply leave this page."
    ),
    "forget_first": N_(
        "After this, nobody can open with your code what you and the others wrote until now: neither you nor anybody "
        "who finds the code. It can’t be undone. The people in charge keep what they have, and new answers still "
        "arrive under the code. To leave it as it is, simply leave this page."
    ),
    "forget_sure": N_("Yes, forget my copy"),
    "go_on": N_("Do this now"),
    "read_first": N_("Please read this first"),
    "replaced": N_("This is your new code. The old one no longer works. Please write the new one down now."),
    "change_failed": N_("This could not be done. Please look at your report again before you try once more."),
    "forget": N_("Make the server forget what this code can open"),
    "forgotten": N_(
        "From now on this code no longer opens what was written before. New answers still arrive under it."
    ),
    "proof_key": N_("Public key of this site"),
}
