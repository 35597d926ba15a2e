"""The sentences of the page's scripts, fetched by them from /words.json in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from portal.i18n import N_

READER_FAULTS: Final[Mapping[str, str]] = {
    "exchanged": N_(
        "The keys that this is locked for are not those that were signed: it was locked anew, or somebody was added, "
        "after it was sent. Others than you chose may have read it. Please see the ways outside the company."
    ),
    "other": N_(
        "The list of people that this was locked for is not the list that this site shows now. Others than you saw may "
        "have read it. Please see the ways outside the company."
    ),
}
"""What is said where an envelope was not sealed to whom it should have been (format.md, 2.5)."""

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
    "newcomers": N_("New on this list since the page was shown to you:"),
    "readers_grew": N_(
        "New on the list of those who can read it since you looked: %(names)s. Nothing has been sent; everything is "
        "still here. Please look at the list once more, and send it again."
    ),
    "readers_fewer": N_(
        "The list of those who can read it has changed; nobody was added. Nothing has been sent; everything is still "
        "here. Please send it again."
    ),
    "readers_exchanged": READER_FAULTS["exchanged"],
    "readers_other": READER_FAULTS["other"],
    "introduced_by": N_("Introduced by %(name)s"),
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
        "All answers together can have up to 100,000 characters; there are %(number)s now. Nothing has been sent; "
        "everything is still here. Please shorten this one, or send the rest later as a message."
    ),
    "message_too_long": N_(
        "A message can have up to 100,000 characters; there are %(number)s now. It has not been sent and is still "
        "here. Please shorten it, or send it in two parts."
    ),
    "too_many_files": N_(
        "These are more files than can be sent at once. Nothing has been sent; everything is still here. Please choose "
        "fewer, and send the rest later with a message."
    ),
    "file_too_large": N_(
        "%(name)s is larger than can be sent. Nothing has been sent; everything is still here. Please take it off the "
        "list, and say in the text that there is such a file."
    ),
    "take_off": N_("Take it off"),
    "take_off_done": N_("%(name)s was taken off."),
    "as_is": N_("Send it as it is"),
    "as_is_done": N_("%(name)s will be sent as it is."),
    "as_is_note": N_("This file will be sent as it is."),
    "later": N_("Send it later"),
    "later_done": N_(
        "%(name)s was taken off. You can send it later: look at your report with the receipt code, and write a message."
    ),
    "ask_first": N_(
        "%(name)s could not be cleaned, or not all of it. Nothing has been sent; everything is still here. Please "
        "choose how it should go: as it is, not at all, or later."
    ),
    "taken_out": N_("Taken out:"),
    "about.picture": N_("What can be seen in the picture stays in it: faces, names, a screen."),
    "about.office": N_("Names in its text, and pictures in it, can still be seen."),
    "about.text": N_("It is plain text: nothing is hidden in it. What is written in it stays."),
    "about.pdf": N_(
        "A PDF file cannot be cleaned here. It may still say who made it, where and when. Safer: open it, take a "
        "picture of the screen for each page, and choose those pictures."
    ),
    "about.archive": N_(
        "An archive cannot be looked into. Please unpack it and choose the files in it; then each is cleaned as far "
        "as it can be."
    ),
    "about.old": N_(
        "An older Office file (doc, xls, ppt), or one with a password, cannot be cleaned. It may still say who made "
        "it. Safer: save it as docx, xlsx or pptx without a password, and choose that file."
    ),
    "about.damaged": N_(
        "It is damaged, locked or unusual, so it could not be cleaned. It may still say who made it, where and when."
    ),
    "about.large": N_(
        "It is too large to be cleaned (32 MB at most). It may still say who made it, where and when."
    ),
    "about.other": N_(
        "Files of this kind cannot be cleaned. It may still say who made it, where and when. Safer for a photo: open "
        "it, take a picture of the screen, and choose that picture."
    ),
    "about.unreadable": N_(
        "It cannot be read any more: it may have been moved, changed or deleted. Please take it off, and choose it "
        "again where it is now."
    ),
    "unreadable": N_(
        "One of the files cannot be read any more: it may have been moved, changed or deleted. Nothing has been sent; "
        "everything else is still here. Please take it off, and choose it again where it is now."
    ),
    "about.unloaded": N_(
        "What cleans files could not be loaded, because the connection was lost. It may still say who made it, where "
        "and when. Please choose it again in a while."
    ),
    "files_chosen": N_("%(number)s of up to %(of)s files, %(size)s kB in all. Choosing again adds to them."),
    "files_full": N_(
        "The site has no room for files just now. Your text and your files are still here, and nothing has been sent. "
        "Please send the text without files, or try again later."
    ),
    "written": N_("I have written the code down"),
    "locked_out": N_(
        "It is locked against those whom you shut out: nobody of them can read it. With a program of their own they "
        "can still see that there is a report, its day, roughly its size, on which days something was written about "
        "it, and its state. They are:"
    ),
    "proof": N_("Certificate, if you want proof that the report was accepted"),
    "proof_says": N_(
        "This site signs that it accepted a locked report on this day. It says nothing about what is in it. If you "
        "ever ask for the law’s protection, you may have to show that it was you who reported: with your code, this is "
        "the proof. Please keep both outside the company."
    ),
    "your_code": N_("Your receipt code"),
    "write_down": N_(
        "Please write it down now. This page is the only place that shows it, and nothing can bring it back."
    ),
    "copy": N_("Copy the code"),
    "print": N_("Print this page"),
    "save": N_("Save the code as a file"),
    "look": N_("Look at your report"),
    "proof_hash": N_("Fingerprint of the locked report"),
    "proof_day": N_("Day"),
    "proof_signature": N_("Signature"),
    "you": N_("You"),
    "received_on": N_("Your report was received."),
    "unchecked": N_(
        "Entries that are not shown, because you had them forgotten or they could not be checked: %(number)s. You do "
        "not have to do anything."
    ),
    "look_failed": N_(
        "The report could not be opened in this browser. It is not lost. Please try again in a while."
    ),
    "look_offer": N_(
        "You can also go on without scripts: then the server opens it in its memory, for the length of one request."
    ),
    "look_plain": N_("Go on without scripts"),
    "law_failed": N_(
        "The days that the law counts could not be fetched just now. Your report is not affected. Please look again in "
        "a while."
    ),
    "new_keys": N_("The receipt code was replaced by a new one."),
    "message_sent": N_("Your message was sent."),
    "message_empty": N_("Please write a message. Nothing has been sent."),
    "message_failed": N_(
        "The message could not be sent. Your text is still here. Please try again in a while."
    ),
    "read_first": N_("Please read this first"),
    "replaced": N_("This is your new code. The old one no longer works. Please write the new one down now."),
    "change_failed": N_("This could not be done. Please look at your report again before you try once more."),
    "forgotten": N_(
        "What was written until now can no longer be opened with this code. The people who read reports keep what they"
        " have. New answers still arrive here."
    ),
    "record": N_("Record of a report inside the company"),
    "record_of": N_("Made on %(day)s from what the site showed on that day. All days are days in Japan."),
    "entry_hash": N_("Fingerprint of the locked message:"),
    "proof_key": N_("Public key of this site"),
}

SCRIPT_TEXTS: Final[Mapping[str, Sequence[tuple[str, Sequence[str]]]]] = {
    "keep": (
        (
            N_("How to keep the code"),
            (
                N_(
                    "Best on paper, in a place that only you can reach. Not on a device of the company, and not in a "
                    "photo that is copied to other devices."
                ),
                N_(
                    "Whoever has the code can read your report and the answers. Please do not show it to anybody."
                ),
            ),
        ),
        (
            N_("What happens next"),
            (
                N_("The people who can read reports open it and decide whether to investigate."),
                N_(
                    "This site cannot reach you. Please look again by yourself with this code, for example in a week."
                ),
                N_(
                    "If nothing happens here, or if you would rather not wait, there are ways outside the company. You "
                    "can ask for advice there at any time."
                ),
            ),
        ),
    ),
    "lost": (
        (
            N_("If the code is lost"),
            (
                N_(
                    "The report is not lost; it is still read and worked on. But nobody can give you the code again. "
                    "Please write a new report and say in it that it belongs to an earlier one."
                ),
            ),
        ),
    ),
}
"""Texts with headings: (heading, sentences)."""
