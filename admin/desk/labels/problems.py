"""Error texts: what happened, what was not lost, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from admin.desk.labels.i18n import N_
from admin.desk.server.responses import Trouble


@dataclass(frozen=True)
class Message:
    """A problem: what happened (and what is not lost), and what to do."""

    title: str
    happened: str
    do: str


TROUBLES: Final[Mapping[Trouble, Message]] = {
    Trouble.UNREACHABLE: Message(
        N_("The server cannot be reached"),
        N_("No connection came about. What was fetched before is still here, and nothing is lost."),
        N_(
            "Please check this computer’s network and load the page again. If others cannot reach the server "
            "either, tell the operator."
        ),
    ),
    Trouble.SLOW: Message(
        N_("The server did not answer in time"),
        N_("What was fetched before is still here, and nothing is lost."),
        N_("Please load the page again in a few minutes."),
    ),
    Trouble.TLS: Message(
        N_("The server could not show that it is the right one"),
        N_(
            "Its certificate does not fit, or this computer does not trust it. Nothing was sent to "
            "it, and nothing is lost."
        ),
        N_(
            "Please do not work around this. Tell the operator of the server. If it happens on one network only, "
            "that network may be reading along: use another one."
        ),
    ),
    Trouble.BUSY: Message(
        N_("The server cannot do this just now"),
        N_("It reported a fault of its own. What it had accepted before is not lost."),
        N_("Please try again in a few minutes. If it goes on, tell the operator of the server."),
    ),
    Trouble.ODD: Message(
        N_("The server’s answer could not be understood"),
        N_(
            "Something else may have answered in its place, such as a log-in page of the network, or "
            "server and desk may be of different versions. Nothing is lost."
        ),
        N_(
            "Please check the address that the desk was started with, and ask the operator of the server which "
            "version it has."
        ),
    ),
    Trouble.REFUSED: Message(
        N_("The server did not accept this desk’s signature"),
        N_("Your key is on the list, so this should not happen. Nothing is lost."),
        N_(
            "Please check this computer’s date and time, then load the page again. If it goes on, tell the "
            "operator of the server."
        ),
    ),
    Trouble.CLOCK: Message(
        N_("This computer’s date seems to be wrong"),
        N_("Requests are signed for one day, so the server did not take this one. Nothing is lost."),
        N_(
            "Please set the date, the time and the time zone of this computer, then load the page again. If they "
            "are right, the server’s are wrong: tell the operator."
        ),
    ),
}


BROKEN: Final[Mapping[str, str]] = {
    "salt": N_("The site now names another salt, which never changes in a site’s life."),
    "site_key": N_("The site now names another key of its own."),
    "first_card": N_("The first card of the list is another one than at this desk’s first contact."),
    "chain": N_(
        "A card or a retirement on the list has no valid signature by a person who may give it at that place, or a "
        "name that is not theirs."
    ),
    "shrunk": N_("A card or a retirement that was on the list before is no longer there."),
    "log": N_(
        "The site does not show that the list is the one in its log, or less of the list is in the log than before."
    ),
    "old_copy": N_(
        "This desk’s copy of the list is of an earlier version, and so is the site that it knows. A new site has to be "
        "met anew: compare the fingerprint of its first card, then start the desk with an empty folder for its data."
    ),
}
"""Why the list of auditors can't be used (`roster.TrustBroken.reason`)."""


LIST_FAULTS: Final[Mapping[str, str]] = {
    "SlotsExchanged": N_(
        "This was not encrypted for the keys that its writer signed. It was encrypted again, or somebody was "
        "added, after it was sent. Others may have read it."
    ),
    "SlotUnknown": N_(
        "This is encrypted for a key that is on no list of this desk. Its writer was shown another list than "
        "the true one; others may have read it."
    ),
    "SlotMissing": N_(
        "Your card was on the list when this was encrypted, but there is no slot for you. Somebody left you "
        "out on purpose: a person whom the reporter excludes has a slot too."
    ),
    "SlotsUnfit": N_(
        "This is encrypted for other keys than those of the list at any time: somebody was left out, or a key"
        " that was retired was used."
    ),
    "ListLonger": N_(
        "This was encrypted for a longer list of auditors than the server has given this desk. The server "
        "shows different lists to different people."
    ),
    "ListOther": N_(
        "This was encrypted for another list of auditors than the one that this desk knows. The server shows "
        "different lists to different people."
    ),
}
"""Faults of an envelope's list of readers (format.md, section 2.5)."""


ERRORS: Final[Mapping[int, Message]] = {
    400: Message(
        N_("The page’s request could not be read"),
        N_("Nothing was sent and nothing is lost."),
        N_("Please go back to the inbox and start again from there."),
    ),
    403: Message(
        N_("The request did not come from this desk’s own pages"),
        N_("To be safe, nothing was done. Nothing is lost."),
        N_("Please open the desk’s page again and repeat what you did there."),
    ),
    404: Message(
        N_("There is no such page or case here"),
        N_("The address may have a typing mistake, or the case was not fetched yet. Nothing is lost."),
        N_("Please go back to the inbox."),
    ),
    413: Message(
        N_("This is too much text at once"),
        N_("It is larger than the desk takes, so nothing was sent."),
        N_(
            "Go back in the browser, copy your text to a safe place, and send it in parts of up to "
            "100,000 characters."
        ),
    ),
    421: Message(
        N_("The desk does not answer under this name"),
        N_(
            "It answers under 127.0.0.1 and localhost only, so that no other site can pose as it. "
            "Nothing is lost."
        ),
        N_("Please use the link that the desk printed in the terminal."),
    ),
    500: Message(
        N_("Something went wrong in the desk"),
        N_("Nothing that the server accepted is lost."),
        N_(
            "Please load the page again. If it goes on, end the desk and start it again; the terminal "
            "shows one line about the fault, without contents."
        ),
    ),
}


FILE: Final[Mapping[str, Message]] = {
    "withheld": Message(
        N_("The server does not have this file"),
        N_(
            "The reporter’s message names it, but the server gave nothing, or not all of it. The message "
            "itself is here."
        ),
        N_(
            "Please try again later. If it stays like this, tell the operator of the server that a file is "
            "missing, but nothing about the case, and ask the reporter to send it again."
        ),
    ),
    "damaged": Message(
        N_("This is not the file that the reporter sent"),
        N_(
            "What the server gave was damaged or changed, so nothing of it was saved. The message itself is here, and "
            "nothing else is lost."
        ),
        N_(
            "Please fetch it once more. If it stays like this, tell the operator of the server, but nothing about"
            " the case."
        ),
    ),
    "mismatched": Message(
        N_("This is not the file that the message describes"),
        N_(
            "It is as it was encrypted, but its contents or its length are not what the message says, so nothing "
            "of it was saved. The message itself is here, and nothing else is lost."
        ),
        N_("Fetching it again will hardly help. Please ask the reporter to send the file again."),
    ),
}
"""Why a file can't be saved."""


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

REGISTER: Final[Mapping[str, Message]] = {
    "older": Message(
        N_("The shared record at the server is older than this desk’s"),
        N_(
            "Templates, persons in charge and the export log are shown as this desk saw them last. Nothing is lost "
            "here, and nothing is written until the server has the newer record again."
        ),
        N_(
            "Please ask the operator whether the server was restored from a backup, and tell your colleagues."
        ),
    ),
    "other": Message(
        N_("The server has another shared record in the place of the one that this desk saw"),
        N_(
            "Templates, persons in charge and the export log are shown as this desk saw them last. Nothing is lost "
            "here, and nothing is written."
        ),
        N_(
            "Please compare with your colleagues what their desks show, and ask the operator. Somebody may have "
            "changed the server’s database."
        ),
    ),
    "closed": Message(
        N_("The shared record is not open to your key yet"),
        N_("Nothing was written, and nothing is lost. Your key was added after the newest entry."),
        N_("Please ask a colleague to open the inbox of their desk once, then load this page again."),
    ),
}
