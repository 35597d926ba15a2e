"""The sentences of the page's scripts, fetched by them from /words.json in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from portal.labels.i18n import N_

READER_FAULTS: Final[Mapping[str, str]] = {
    "exchanged": N_(
        "This was not encrypted for the keys that were signed. It was encrypted again, or somebody was added,"
        " after it was sent. People you did not choose may have read it. Please see the ways outside the company."
    ),
    "other": N_(
        "This was encrypted for a different list of people from the one this site shows now. People you did "
        "not see on the list may have read it. Please see the ways outside the company."
    ),
}
"""Warnings about an envelope with wrong readers (format.md, 2.5)."""

SCRIPT_WORDS: Final[Mapping[str, str]] = {
    "way_browser": N_(
        "Your report is encrypted in this browser before it is sent. Only the people who can read reports can open it."
    ),
    "way_opens": N_(
        "Your report is opened in this browser. The server only handles encrypted data and never sees the code."
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
    "sending_file": N_("File %(number)s of %(of)s is being encrypted and sent."),
    "kept.new": N_("Your report has been received"),
    "kept.repeat": N_("Your report had already been received"),
    "kept.message": N_("Your changed text has been added"),
    "kept.message_repeat": N_("Your changed text had already been added"),
    "step": N_("Step %(number)s of %(of)s: %(title)s"),
    "back": N_("Back"),
    "next_step": N_("Next"),
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
        "%(name)s is larger than can be sent. Nothing has been sent; everything is still here. Remove it from"
        " the list, and say in your report that there is such a file."
    ),
    "take_off": N_("Take it off"),
    "take_off_done": N_("%(name)s was removed."),
    "as_is": N_("Send it as it is"),
    "as_is_done": N_("%(name)s will be sent as it is."),
    "as_is_note": N_("This file will be sent as it is."),
    "later": N_("Send it later"),
    "later_done": N_(
        "%(name)s was removed. You can send it later: look at your report with the receipt code, and write a message."
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
        "It cannot be read any more: it may have been moved, changed or deleted. Remove it, and choose it "
        "again from where it is now."
    ),
    "unreadable": N_(
        "One of the files cannot be read any more: it may have been moved, changed or deleted. Nothing has "
        "been sent; everything else is still here. Remove it, and choose it again from where it is now."
    ),
    "about.unloaded": N_(
        "The connection was lost, so the part that cleans files could not be loaded. It may still say who "
        "made it, where and when. Please choose it again in a while."
    ),
    "files_chosen": N_("Files: %(number)s / %(of)s, %(size)s in all. Choosing again adds to them."),
    "list_unproved": N_(
        "The list of people who could read this is not the one in the site’s public log. Nothing has been sent, and "
        "what you wrote is still here. Please try again later, or use a way outside the company."
    ),
    "files_full": N_(
        "The site has no room for files just now. Your text and your files are still here, and nothing has been sent. "
        "Please send the text without files, or try again later."
    ),
    "locked_out": N_(
        "The people you excluded cannot read it: it is not encrypted for them. With a program of their own "
        "they can still see that there is a report, its day, roughly its size, on which days something was "
        "written about it, and its state. They are:"
    ),
    "proof": N_("Certificate, if you want proof that the report was accepted"),
    "proof_says": N_(
        "This site signs that it accepted an encrypted report on this day. It says nothing about what is in "
        "it. If you ever ask for the law’s protection, you may have to show that it was you who reported: "
        "with your code, this is the proof. Please keep both outside the company."
    ),
    "your_code": N_("Your receipt code"),
    "write_down": N_(
        "Please write it down now. This page is the only place that shows it, and nothing can bring it back."
    ),
    "copy": N_("Copy the code"),
    "save": N_("Save the code as a file"),
    "look": N_("Look at your report"),
    "promised": N_("In the public log by %(day)s, 03:00: promised by the site’s signature."),
    "not_promised": N_("The site promised no place in its log. It has been accepted."),
    "proof_leaf": N_("Hash of the leaf in the log"),
    "proof_promise": N_("Signature of the promise"),
    "proof_hash": N_("Fingerprint of the encrypted report"),
    "proof_day": N_("Day"),
    "proof_signature": N_("Signature"),
    "you": N_("You"),
    "your_report": N_("Your report"),
    "received_on": N_("Your report was received."),
    "look_failed": N_(
        "The report could not be opened in this browser. It is not lost. Please try again in a while."
    ),
    "look_offer": N_(
        "You can also go on without scripts: then the server opens it in its memory, for the length of one request."
    ),
    "look_plain": N_("Go on without scripts"),
    "since_last": N_("since you last wrote"),
    "law_failed": N_(
        "The days that the law counts could not be fetched just now. Your report is not affected. Please look again in "
        "a while."
    ),
    "new_keys": N_("Here you took a new code."),
    "message_sent": N_("Your message has been received. It is at the end of the conversation."),
    "message_empty": N_("Please write a message. Nothing has been sent."),
    "message_failed": N_(
        "The message could not be sent. Your text is still here. Please try again in a while."
    ),
    "code_replaced": N_(
        "A new code was taken on another page, so this one no longer works, and nothing was sent. Your text is still "
        "here: copy it, enter the new code, and send it there. If you took no new code, somebody else may know yours: "
        "please use a way outside the company."
    ),
    "case_deleted": N_(
        "Your case was deleted while this page was open, so nothing was sent. Your text is still here: copy it, and "
        "write a new report if there is more to say, or use a way outside the company."
    ),
    "replaced": N_("This is your new code. The old one no longer works. Please write the new one down now."),
    "change_failed": N_("This could not be done. Please look at your report again before you try once more."),
    "forgotten": N_(
        "What was written until now can no longer be opened with this code. The people who can read reports keep what "
        "they have. New answers still arrive here."
    ),
    "entry_hash": N_("Fingerprint of the encrypted message:"),
    "proof_key": N_("Public key of this site"),
    "check_this": N_("Please check this"),
    "error_mark": N_("Error:"),
    "empty": N_("not filled in"),
    "change": N_("Change"),
    "question.files": N_("Files"),
    "question.exclude": N_("Is there anyone who should not read this report?"),
    "recognised": N_(
        "Could anything in it show who wrote it? What only you can know is best left out, unless it is needed."
    ),
    "only_this": N_("Send only this"),
    "back_to_check": N_("Back to your answers"),
    "can_read": N_("Can read it: %(names)s"),
    "cannot_read": N_("Cannot read it: %(names)s"),
    "nobody_reads": N_(
        "With this choice nobody could read it. Please leave at least one person, or use a way outside the company."
    ),
    "sending": N_("It is being sent. Please do not close this page."),
    "sending_stop": N_("Stop sending"),
    "stopped": N_(
        "Sending was stopped. Your text and your files are still here. If it had arrived after all, sending it again "
        "does not store it twice."
    ),
    "send_again": N_("Send it again"),
    "not_sent": N_("It has not been sent yet"),
    "failed_often": N_("If it fails again and again"),
    "failed_offer": N_(
        "When it is sent without scripts, the server can read the report for a moment, before it encrypts it "
        "in its memory."
    ),
    "leaving.stay": N_("Stay on this page"),
    "leaving.form.title": N_("You would lose what you wrote"),
    "leaving.form.text": N_(
        "It has not been sent and is kept nowhere. If you leave this page, it cannot be brought back."
    ),
    "leaving.form.go": N_("Leave, and lose it"),
    "leaving.receipt.title": N_("Have you written the code down?"),
    "leaving.receipt.text": N_(
        "The code is shown here only, and only now. If you leave without it, you cannot come back to this report."
    ),
    "leaving.receipt.go": N_("I have it: leave this page"),
    "not_again": N_(
        "This page cannot be loaded again, because nothing is stored on this device. Please keep it open until you "
        "have the code on paper."
    ),
    "not_done": N_("This has not been done yet"),
    "idle_kept": N_(
        "What you had begun to write is kept here, encrypted, and comes back after the code. Please do not "
        "close the page."
    ),
    "copied": N_("The code was copied."),
    "copy_failed": N_("The code could not be copied. Please write it down."),
    "other_ways": N_("Print it, or save it as a file"),
    "print": N_("Print the code"),
    "print_where": N_("Only the number is printed. Nothing says what it is. Do not use a work printer."),
    "slip": N_("Number to keep"),
    "last_four": N_("The last four characters of your code"),
    "last_four_why": N_(
        "Please type them from what you wrote down. Until then this page asks before it is left."
    ),
    "last_four_right": N_("That is right. You can leave this page now."),
    "last_four_wrong": N_(
        "These are not the last four characters. The code is still shown above; please compare it with what you wrote "
        "down."
    ),
}

VISITS: Final[Mapping[str, str]] = {
    "news": N_("A question to you, or an answer, may be here."),
    "promise": N_("The days in which the company promised you a first word have passed."),
    "twenty_days": N_(
        "The 20 days have passed. If no notice of an investigation has come by then, a report to others outside, such "
        "as the press, may be protected by the law too, if its other conditions are met (our reading). The page of "
        "your report says more."
    ),
}
"""Why to look again on a day (cases.coming_back)."""

SCRIPT_TEXTS: Final[Mapping[str, Sequence[tuple[str, Sequence[str]]]]] = {
    "keep": (
        (
            N_("How to keep the code"),
            (
                N_(
                    "Best on paper, in a place that only you can reach. Do not keep it on a work device, or in a photo "
                    "that is copied to other devices."
                ),
                N_("Anyone who has the code can read your report and the answers. Do not show it to anyone."),
                N_("Nobody will ever ask you for it, except the page “%(page)s” of this site."),
            ),
        ),
        (
            N_("What happens next"),
            (
                N_("The people who can read reports open it and decide whether to investigate."),
                N_("You see the state, answers and questions with your code."),
                N_(
                    "If nothing happens here, or if you would rather not wait, there are ways outside the company. You "
                    "can ask for advice there at any time."
                ),
            ),
        ),
    ),
    "again": (
        (
            N_("When to look again"),
            (
                N_(
                    "This site has no address of yours and cannot reach you. Please note these days where only you see "
                    "them:"
                ),
            ),
        ),
    ),
    "lost": (
        (
            N_("If the code is lost"),
            (
                N_(
                    "Your report is not lost. People can still read it and work on it. But no one can give you the "
                    "code again. Write a new report and say that it belongs to an earlier one."
                ),
            ),
        ),
    ),
}
"""Texts with headings: (heading, sentences)."""
