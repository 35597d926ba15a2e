"""Error sentences of the first run's pages. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_
from cases.roles import Role

FIRST: Final[Mapping[str, str]] = {
    "server": N_(
        "Please type the site’s address as its operator gave it, such as https://meyasubako.example.jp. It begins with "
        "https:// (http:// for .onion addresses only)."
    ),
    "name_ja": N_("Please type your name in Japanese: 1 to 100 characters, without control characters."),
    "name_en": N_("Please type your name in English letters: 1 to 100 characters."),
    "role_ja": N_("Please type your role in Japanese: 1 to 100 characters, without control characters."),
    "role_en": N_("Please type your role in English: 1 to 100 characters."),
    "duty": N_("Please choose what you will do at this site."),
    "earlier": N_(
        "This is not a card that can be used. Please choose your earlier card (it ends in .card), or none. No key was "
        "made."
    ),
    "person": N_("A person’s number has 32 digits and letters (0 to 9, a to f). No key was made."),
    "short": N_("A passphrase has 12 characters or more. No key was made."),
    "different": N_("The two passphrases are not the same. No key was made."),
    "unusable": N_("This passphrase has a character that cannot be used. No key was made."),
    "memory": N_(
        "This computer did not have the memory to make the key (256 MB). No key was made. Please close other programs "
        "and try again."
    ),
    "exists": N_(
        "A key file or a card of this name is in the folder already. It was left as it is, and nothing was written. "
        "If it is yours, please go back and take “I have a key file”."
    ),
    "folder": N_(
        "The folder for your key cannot be written to. Nothing is lost. Please look whether the disk has room, or ask "
        "your IT department."
    ),
    "text": N_("Please type the 40 groups of the sheet, or the text of its QR code."),
    "length": N_(
        "This is not as many characters as a sheet has (40 groups of 5). The first place that does not fit is group "
        "%(groups)s. What you typed is still here."
    ),
    "groups": N_("There is a slip in these groups: %(groups)s. Please compare them with the sheet."),
    "checksum": N_(
        "Each group is right by itself, and all together they are not: groups of two different sheets, or several "
        "slips in one group. Please compare every group with the sheet once more."
    ),
    "other": N_("This is not the text of a key sheet for this version of the program. Nothing was written."),
    "file": N_("Please choose your key file. It ends in .key."),
    "card": N_("This is a card, which is public. The key file is beside it and ends in .key."),
    "no_key": N_(
        "This is not a key file that can be used: it was changed or cut off, or another file was meant."
    ),
}
"""Errors of the first run's forms, by error code."""

DUTY_HINTS: Final[Mapping[str, str]] = {
    Role.AUDITOR: N_("Reads reports and works on cases."),
    Role.LEAD: N_("Reads reports, and takes colleagues in and out. A site needs two."),
    Role.OBSERVER: N_("Sees numbers only, no reports."),
    Role.GUEST: N_("Reads single cases that two colleagues give, such as a lawyer outside."),
}
"""Meanings of the roles, in the order of the form."""

FIELD: Final[Mapping[str, str]] = {
    "short": "passphrase",
    "different": "again",
    "unusable": "passphrase",
    "memory": "passphrase",
    "exists": "name_en",
    "folder": "name_en",
    "length": "text",
    "groups": "text",
    "checksum": "text",
    "other": "text",
    "card": "file",
    "no_key": "file",
}
"""The field that a problem belongs to, where it has another name."""
