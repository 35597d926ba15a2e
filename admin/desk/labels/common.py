"""The desk's words that stand in tables: the form's fields, statuses, troubles. English here, every language
in translations/.

An error says what happened, what was not lost, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from admin.desk.labels.i18n import N_
from admin.desk.labels.leak import RECORD as LEAK_RECORD
from admin.desk.server.responses import Trouble
from cases.roles import Role

FIELDS: Final[Mapping[str, str]] = {
    "what_happened": N_("What happened"),
    "who": N_("Who is involved"),
    "why": N_("Why it happened"),
    "when": N_("When it happened, and when the company noticed"),
    "where": N_("Where it happened"),
    "personal_data": N_("Which personal data"),
    "how_many": N_("How many people’s data"),
    "cause": N_("Kind of cause"),
    "concealment": N_("How it is being hidden"),
    "concealed_by": N_("Who is hiding it"),
    "told_whom": N_("Who was told, and what they said"),
    "evidence": N_("What proof there is, and where"),
}
"""The report form's fields in its order (cases.form.REPORT_FIELDS)."""

CAUSES: Final[Mapping[str, str]] = {
    "loss": N_("Lost or stolen"),
    "misconfiguration": N_("Wrong settings, or sent to the wrong person"),
    "attack": N_("A cyber-attack from outside"),
    "insider": N_("Taken on purpose by somebody inside"),
    "unknown": N_("The reporter does not know"),
}

STATUSES: Final[Mapping[str, str]] = {
    "received": N_("Received"),
    "investigating": N_("Being investigated"),
    "not_investigating": N_("Not investigated"),
    "corrected": N_("Corrected"),
    "no_fault": N_("No breach found"),
    "closed": N_("Closed"),
}


@dataclass(frozen=True)
class Words:
    """A problem: what happened (and what is not lost), and what to do."""

    title: str
    happened: str
    do: str


TROUBLES: Final[Mapping[Trouble, Words]] = {
    Trouble.UNREACHABLE: Words(
        N_("The server cannot be reached"),
        N_("No connection came about. What was fetched before is still here, and nothing is lost."),
        N_(
            "Please check this computer’s network and load the page again. If others cannot reach the "
            "server either, tell whoever runs it."
        ),
    ),
    Trouble.SLOW: Words(
        N_("The server did not answer in time"),
        N_("What was fetched before is still here, and nothing is lost."),
        N_("Please load the page again in a few minutes."),
    ),
    Trouble.TLS: Words(
        N_("The server could not show that it is the right one"),
        N_(
            "Its certificate does not fit, or this computer does not trust it. Nothing was sent to "
            "it, and nothing is lost."
        ),
        N_(
            "Please do not work around this. Tell whoever runs the server. If it happens on one "
            "network only, that network may be reading along: use another one."
        ),
    ),
    Trouble.BUSY: Words(
        N_("The server cannot do this just now"),
        N_("It reported a fault of its own. What it had accepted before is not lost."),
        N_("Please try again in a few minutes. If it goes on, tell whoever runs the server."),
    ),
    Trouble.ODD: Words(
        N_("The server’s answer could not be understood"),
        N_(
            "Something else may have answered in its place, such as a log-in page of the network, or "
            "server and desk may be of different versions. Nothing is lost."
        ),
        N_(
            "Please check the address that the desk was started with, and ask whoever runs the server "
            "which version it has."
        ),
    ),
    Trouble.REFUSED: Words(
        N_("The server did not accept this desk’s signature"),
        N_("Your key is on the list, so this should not happen. Nothing is lost."),
        N_(
            "Please check this computer’s date and time, then load the page again. If it goes on, "
            "tell whoever runs the server."
        ),
    ),
    Trouble.CLOCK: Words(
        N_("This computer’s date seems to be wrong"),
        N_("Requests are signed for one day, so the server did not take this one. Nothing is lost."),
        N_(
            "Please set the date, the time and the time zone of this computer, then load the page "
            "again. If they are right, the server’s are wrong: tell whoever runs it."
        ),
    ),
}

BROKEN: Final[Mapping[str, str]] = {
    "salt": N_("The site now names another salt, which never changes in a site’s life."),
    "site_key": N_("The site now names another key of its own."),
    "first_card": N_("The first card of the list is another one than at this desk’s first contact."),
    "chain": N_(
        "A card or a retirement on the list has no valid signature by somebody who may give it at that place, or a "
        "name that is not theirs."
    ),
    "shrunk": N_("A card or a retirement that was on the list before is no longer there."),
    "old_copy": N_(
        "This desk’s copy of the list is of an earlier version, and so is the site that it knows. A new site has to be "
        "met anew: compare the fingerprint of its first card, then start the desk with an empty folder for its data."
    ),
}
"""Why the list of auditors can't be used (`people.TrustBroken.reason`)."""

LIST_FAULTS: Final[Mapping[str, str]] = {
    "SlotsExchanged": N_(
        "The keys that this is locked for are not those that its writer signed: it was locked anew, or somebody was "
        "added, after it was sent. Others may have read it."
    ),
    "SlotUnknown": N_(
        "This is locked for a key that is on no list of this desk. Its writer was shown another list than the true "
        "one; others may have read it."
    ),
    "SlotMissing": N_(
        "Your card was on the list when this was locked, but there is no slot for you. Somebody left you out on "
        "purpose: a person whom the reporter shuts out has a slot too."
    ),
    "SlotsUnfit": N_(
        "This is locked for other keys than those of the list at any time: somebody was left out, or a key that was "
        "retired was used."
    ),
    "ListLonger": N_(
        "This was locked by a longer list of auditors than the server has given this desk. The server shows different "
        "lists to different people."
    ),
    "ListOther": N_(
        "This was locked by another list of auditors than the one that this desk knows. The server shows different "
        "lists to different people."
    ),
}
"""What does not fit about whom an envelope was sealed to (format.md, section 2.5)."""

ERRORS: Final[Mapping[int, Words]] = {
    400: Words(
        N_("The page’s request could not be read"),
        N_("Nothing was sent and nothing is lost."),
        N_("Please go back to the inbox and start again from there."),
    ),
    403: Words(
        N_("The request did not come from this desk’s own pages"),
        N_("To be safe, nothing was done. Nothing is lost."),
        N_("Please open the desk’s page again and repeat what you did there."),
    ),
    404: Words(
        N_("There is no such page or case here"),
        N_("The address may have a typing slip, or the case was not fetched yet. Nothing is lost."),
        N_("Please go back to the inbox."),
    ),
    413: Words(
        N_("This is too much text at once"),
        N_("It is larger than the desk takes, so nothing was sent."),
        N_(
            "Go back in the browser, copy your text to a safe place, and send it in parts of up to "
            "100,000 characters."
        ),
    ),
    421: Words(
        N_("The desk does not answer under this name"),
        N_(
            "It answers under 127.0.0.1 and localhost only, so that no other site can pose as it. "
            "Nothing is lost."
        ),
        N_("Please use the link that the desk printed in the terminal."),
    ),
    500: Words(
        N_("Something went wrong in the desk"),
        N_("Nothing that the server accepted is lost."),
        N_(
            "Please load the page again. If it goes on, end the desk and start it again; the terminal "
            "shows one line about the fault, without contents."
        ),
    ),
}

REPLY: Final[Mapping[str, str]] = {
    "required": N_("Please write a reply."),
    "unfilled": N_(
        "A place of the template in [ ] is still to be written over, so the reply was not sent. Your text is still "
        "here."
    ),
    "too_long": N_("A reply can have up to 100,000 characters. Please shorten it, or send it in two parts."),
    "unreadable": N_("Some characters arrived damaged (shown as �). Please write them again."),
    "csrf": N_(
        "The desk was started again since this page was opened, so the reply was not sent. Your text "
        "is still here. Please send it once more."
    ),
    "unlocked": N_(
        "The desk had locked itself, so the reply was not sent. Your text is still here. Please send "
        "it once more."
    ),
    "other_sent": N_(
        "An earlier version of this reply has already been sent; it stands above. The text below is "
        "different and was not sent. Send it if it is to follow as another reply."
    ),
    "choice": N_(
        "The server keeps back whom the reporter has shut out last, so the reply was not sent: somebody who must not "
        "read it could. Your text is still here. Please load the page again later."
    ),
    "cannot": N_(
        "This case cannot be answered from this desk, so the reply was not sent. Your text is still here."
    ),
    "refused": N_(
        "The server did not take the reply. Your text is still here. Please load the case in another "
        "window, see what changed, and send the text again."
    ),
    "trouble": N_(
        "It is not certain whether the reply arrived. Your text is still here. Please send it again; "
        "it will not be sent twice."
    ),
}
"""What is wrong with a reply; it stands beside the box with the text."""

STATUS: Final[Mapping[str, str]] = {
    "choose": N_("Please choose a status."),
    "moved_on": N_(
        "Somebody else set a status in the meantime, so yours was not set. The page now shows the newest one."
    ),
    "moved_on_own": N_(
        "You set a status in another window in the meantime, so this one was not set. The page now shows the newest "
        "one."
    ),
    "csrf": N_(
        "The desk was started again since this page was opened, so the status was not set. Please "
        "choose it once more."
    ),
    "cannot": N_("Only somebody who could open the report can set its status, so the status was not set."),
    "refused": N_("The server did not take the status. The page now shows what the server has."),
    "trouble": N_(
        "It is not certain whether the status arrived. Please look at it again when the server "
        "answers; it will not be set twice."
    ),
}
"""What is wrong with a status; it stands beside the choice."""

CONFIRM: Final[Mapping[str, str]] = {
    "not_investigating": N_(
        "The reporter will see at once that it was decided not to investigate, with your name and role, and that a way "
        "outside the company can be used. It cannot be taken back: after it, the case can only be closed, and taken up "
        "again from there."
    ),
    "no_fault": N_(
        "The reporter will see at once that no violation was found, with your name and role. After it, the case can be "
        "closed, and taken up again from there."
    ),
    "closed": N_(
        "The reporter will see at once that the work on this case has ended, with your name and role. They can still "
        "write, and the case can be taken up again."
    ),
}
"""Statuses that are asked for once more, and what the reporter will see."""

FILE: Final[Mapping[str, Words]] = {
    "withheld": Words(
        N_("The server does not have this file"),
        N_(
            "The reporter’s message names it, but the server gave nothing, or not all of it. The message "
            "itself is here."
        ),
        N_(
            "Please try again later. If it stays like this, tell whoever runs the server that a file is missing, but "
            "nothing about the case, and ask the reporter to send it again."
        ),
    ),
    "damaged": Words(
        N_("This is not the file that the reporter sent"),
        N_(
            "What the server gave was damaged or changed, so nothing of it was saved. The message itself is here, and "
            "nothing else is lost."
        ),
        N_(
            "Please fetch it once more. If it stays like this, tell whoever runs the server, but nothing about "
            "the case."
        ),
    ),
    "mismatched": Words(
        N_("This is not the file that the message describes"),
        N_(
            "It is as it was sealed, but its contents or its length are not what the message says, so nothing of it "
            "was saved. The message itself is here, and nothing else is lost."
        ),
        N_("Fetching it again will hardly help. Please ask the reporter to send the file again."),
    ),
}
"""Why a file can't be saved."""

CLEANED: Final[Mapping[str, str]] = {
    "removed": N_("It was cleaned before it was sent, to protect the reporter."),
    "nothing": N_("Nothing that could name the reporter was found in it when it was sent."),
    "partly": N_(
        "Parts of it could not be cleaned, so it may still say who made it. Please do not pass it on as it is."
    ),
    "not": N_(
        "It may still say who made it, where and when: it could not be cleaned. Please do not pass it on as it is."
    ),
}
UNLOCK: Final[Mapping[str, str]] = {
    "required": N_("Please type the passphrase of your key file."),
    "wrong": N_(
        "The passphrase does not open the key file. Please type it again; capital letters and the "
        "keyboard’s language matter. If it surely is the right one, the file may be damaged: use your "
        "copy of it."
    ),
    "file": N_("This desk has no key file to unlock. Please end it and start it with your key file."),
    "cut": N_(
        "The key file is cut off or damaged, so it cannot be read. Nothing is lost on the server. Please end the "
        "desk and start it with your copy of the key file, or bring it back from your printed sheet."
    ),
    "version": N_(
        "This is no key file of this version of the program. Nothing is lost. Please check that the desk was "
        "started with the right file (it ends in .key), or use the version of the program that made it."
    ),
    "fields": N_(
        "The key file was changed: parts of it are missing or not what they have to be. Nothing is lost on the server. "
        "Please end the desk and start it with your copy of the key file, or bring it back from your printed sheet."
    ),
    "parameters": N_(
        "This computer did not have the memory to open the key file (256 MB are usual), or the file asks for an "
        "amount that no key file asks for. Nothing is lost. Please close other programs and try again; if that does "
        "not help, use your copy of the key file."
    ),
    "csrf": N_(
        "The desk was started again since this page was opened. Please type the passphrase once more."
    ),
}

PAGE_LANGUAGES: Final[Mapping[str, str]] = {
    "ja": N_("Japanese"),
    "en": N_("English"),
    "easy": N_("Plain Japanese"),
}
"""Languages of the reporter's pages (crypto.payloads.LANGUAGES)."""

SEVERITIES: Final[Mapping[str, str]] = {
    "low": N_("Low"),
    "medium": N_("Medium"),
    "high": N_("High"),
    "critical": N_("Critical"),
}

DUTIES: Final[Mapping[str, str]] = {
    Role.LEAD: N_("Lead"),
    Role.AUDITOR: N_("Auditor"),
    Role.OBSERVER: N_("Observer"),
}

CLOCKS: Final[Mapping[str, str]] = {
    "aware": N_("Find out on which day the company became aware of the leak"),
    "notice": N_("Tell the reporter whether it is investigated"),
    "preliminary": N_("Preliminary report to the authority"),
    "final": N_("Final report to the authority"),
    "acknowledge": N_("First answer to the reporter"),
    "decide": N_("Decide whether to investigate"),
    "result": N_("Tell the result"),
    "task": N_("Task"),
    "retention": N_("End of the time for which the case is kept"),
}
"""Clocks of a case (cases.deadlines)."""

CLOCK_NOTES: Final[Mapping[str, str]] = {
    "aware": N_(
        "The days of the reports to the authority are counted from it, and may be running already. This date is a "
        "proposal of this program and no term of the law: day 3, the day of the report being day 1."
    ),
    "notice": N_("After this day the reporter may have a way outside. It is no duty to answer by then."),
    "preliminary": N_(
        "The law says “promptly”; the guideline speaks of about 3 to 5 days. So this is a span, not a term."
    ),
}
ASKS: Final[Mapping[str, str]] = {
    "aware": N_("It depends on the day on which the company became aware. Please establish that day."),
    "triggers": N_("Whether this has to be reported is not established yet."),
}

STEPS: Final[Mapping[str, str]] = {
    "reported": N_("1. Reported"),
    "established": N_("2. Facts established"),
    "first_response": N_("3. First response"),
    "notification": N_("4. Notification and publication"),
    "prevention": N_("5. Prevention"),
}
"""The five steps of a leak (cases.playbooks)."""

REPORTABLE: Final[Mapping[str, str]] = {
    "yes": N_("This leak has to be reported to the authority, and the persons concerned have to be told."),
    "no": N_("By these answers this leak does not have to be reported. Please have somebody check them."),
    "unknown": N_("Whether this leak has to be reported is not established yet."),
}
TRIGGER_ANSWERS: Final[Mapping[str, str]] = {
    "yes": N_("Yes, or likely"),
    "no": N_("No"),
    "unknown": N_("Not known yet"),
}
STAGES: Final[Mapping[str, str]] = {
    "preliminary": N_("Preliminary report"),
    "final": N_("Final report"),
}

IGNORED: Final[Mapping[str, str]] = {
    "not_a_lead": N_("Only a lead may do this, so it does not count."),
    "stepped_back": N_("This person had stepped back from the case, so it does not count."),
    "own_return": N_("Nobody can bring themselves back, so it does not count."),
    "unknown": N_("This version of the desk does not know what it means, so it does not count here."),
    "no_task": N_("It names a task that is not there, so it does not count."),
    "observer": N_("An observer sees numbers only, so it does not count."),
    "no_step_back": N_("That person had not stepped back then, so it does not count."),
    "no_proposal": N_("Nobody had proposed the deletion, so it does not count."),
    "same_person": N_("Two different persons have to agree, so it does not count."),
    "not_in_time": N_("The proposal was too old, so it does not count."),
}

RECORD: Final[Mapping[str, str]] = {
    **LEAK_RECORD,
    "note_text": N_("Please write the note (up to 20,000 characters)."),
    "task_text": N_("Please write what is to be done (up to 20,000 characters)."),
    "task_due": N_("Please give the day as year, month and day, or leave it empty."),
    "label_label": N_("A label is one line of up to 40 characters."),
    "link_case": N_(
        "Please write the number of the other case as its page shows it, or paste the page’s address."
    ),
    "breach_aware": N_("Please give the day as year, month and day, or leave it empty."),
    "breach_future": N_("This day has not come yet. Please give the day on which the company became aware."),
    "breach_many": N_(
        "The answer about more than 1,000 persons and the number of persons do not fit together. Please put one of them"
        " right; where the number is not certain, the answer is “yes, or likely”."
    ),
    "reported_preliminary_future": N_(
        "This day has not come yet. Please give the day on which it was handed in."
    ),
    "reported_final_future": N_("This day has not come yet. Please give the day on which it was handed in."),
    "breach_persons": N_("Please give the number of persons in digits, or leave it empty."),
    "form_preliminary_items": N_("One of the answers is too long (up to 20,000 characters each)."),
    "form_final_items": N_("One of the answers is too long (up to 20,000 characters each)."),
    "reported_preliminary_day": N_("Please give the day on which it was handed in, as year, month and day."),
    "reported_final_day": N_("Please give the day on which it was handed in, as year, month and day."),
    "other": N_("The page’s request could not be read. Please try again."),
    "unreadable": N_("Some characters arrived damaged (shown as �). Please write them again."),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
    "unlocked": N_("The desk had locked itself. Please press the button once more."),
    "choice": N_(
        "The server keeps back whom the reporter has shut out last: somebody who must not read it could."
    ),
    "cannot": N_("Only somebody who could open the report can write in this case."),
    "again": N_(
        "Something else was kept from this page in another window. Please look at it, and press the button once more."
    ),
    "refused": N_("The server did not take it. Please load the case in another window and see what changed."),
    "too_long": N_("This is too long to be kept at once. Please shorten it."),
    "trouble": N_(
        "It is not certain whether it arrived. Please press the button again; it will not be kept twice."
    ),
}
"""What is wrong with a record; nothing of what was typed is lost."""

DONE: Final[Mapping[str, str]] = {
    "reply_sent": N_("The reply was sent."),
    "status_set": N_("The status was set."),
    "record_kept": N_("It was written down."),
    "part_kept": N_(
        "This part was written down. Each part of the page has its own button: "
        "what you typed in another part is kept when you press that one."
    ),
    "left": N_("You have stepped back from this case."),
    "case_deleted": N_("The case was deleted, on the server and here."),
    "numbers_sent": N_("The numbers were sealed to the observers."),
}
"""What a page says after something was done."""

RECORD_NAMES: Final[Mapping[str, str]] = {
    "note": N_("Note"),
    "task": N_("Task"),
    "task_done": N_("Task done"),
    "label": N_("Label"),
    "owner": N_("Owner"),
    "severity": N_("Severity"),
    "cause": N_("Cause"),
    "link": N_("Linked case"),
    "step": N_("Playbook"),
    "breach": N_("Facts about the leak"),
    "breach_form": N_("Report of the leak"),
    "breach_reported": N_("Handed in on"),
    "step_back": N_("Stepped back from this case"),
    "bring_back": N_("Brought back"),
    "export": N_("Exported"),
    "deletion": N_("Deletion"),
}
"""What each type of record is called (cases.records)."""

EXPORT: Final[Mapping[str, str]] = {
    "not_a_lead": N_("Only a lead can export a case. Nothing was exported."),
    "refused": N_(
        "The export could not be written down in the case, so nothing was exported. Please try again."
    ),
    "trouble": N_(
        "The server could not be asked, and an export has to be written down first. Nothing was exported. Please try "
        "again later."
    ),
    "busy": N_(
        "Another export is being made just now, so nothing was exported. Please press the button again in a moment."
    ),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
}
"""Why nothing was exported."""

EXPORTED: Final[Mapping[str, str]] = {
    "pdf": N_("as a document (PDF)"),
    "folder": N_("as a folder with the files (ZIP)"),
    "csv": N_("in the list of all cases (CSV)"),
}
"""What left the desk (cases.records: export)."""

DELETION_ACTIONS: Final[Mapping[str, str]] = {
    "propose": N_("Deletion proposed"),
    "withdraw": N_("Deletion withdrawn"),
    "agree": N_("Deletion agreed to"),
}
