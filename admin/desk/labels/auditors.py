"""Labels and error sentences of the pages about auditors and keys. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

JOIN: Final[Mapping[str, str]] = {
    "required": N_("Please choose the card file, or paste its text."),
    "keyfile": N_(
        "This is a key file, not a card. The desk did not keep it. It belongs to its owner alone: if somebody sent "
        "it to you, please delete it everywhere and ask your colleague to make a new key. The card is the file "
        "that ends in .card."
    ),
    "unreadable": N_(
        "This is not a card that can be used: it was changed or cut off, or another file was meant. Nothing was sent. "
        "Please ask your colleague for the file that ends in .card once more."
    ),
    "own": N_("This is your own card. Somebody else who is enrolled has to vouch for it."),
    "enrolled": N_("This key is enrolled already. Nothing has to be done."),
    "may_not": N_(
        "With your duty you cannot vouch for this card. Please ask a lead to do it. Nothing was sent."
    ),
    "name_changed": N_(
        "A new key of your own carries the same name and role as the one that vouches for it, to the letter. Nothing "
        "was sent. Please make the key again with that name, or ask another lead to vouch for the new one."
    ),
    "name_taken": N_(
        "Somebody else on the list has this name and role already, now or before. Nothing was sent. If it is the same "
        "person, the key has to be made anew as one that replaces an earlier one; if not, please tell them apart in "
        "the role."
    ),
    "own_keys": N_(
        "You have two keys that work already. Please retire one of them first, or ask a lead to vouch for the new one. "
        "Nothing was sent."
    ),
    "own_cards": N_(
        "You have enrolled five keys within a year, and without a lead there can be no more. Please ask a lead to "
        "vouch for this one. Nothing was sent, and the keys that you have go on working."
    ),
    "compare": N_(
        "Please compare the fingerprint with your colleague first, and tick the box. Nothing was sent."
    ),
    "refused": N_(
        "The server did not take the card: it knows this key with another card, or the list of auditors has changed. "
        "Nothing was enrolled. Please look at the list of auditors, then try again."
    ),
    "trouble": N_(
        "It is not certain whether the card arrived. Please send it again; it will not be enrolled twice."
    ),
}
"""Why a card was not enrolled."""

GRANTS: Final[Mapping[str, str]] = {
    "refused": N_(
        "The server did not take this part. What it took before stays. Please load the page again; it goes on "
        "from there."
    ),
}

RETIRE: Final[Mapping[str, str]] = {
    "last": N_(
        "This key cannot be retired: without it nobody could read reports, or auditors would be left without a lead. "
        "Nothing was changed. Please enrol somebody else first."
    ),
    "may_not": N_(
        "Only a lead can retire somebody else’s key. Nothing was changed. Please speak with a lead."
    ),
    "retired": N_("This key was retired before. Nothing has to be done."),
    "confirm": N_("Please tick the box if this key is really to be retired. Nothing was changed."),
    "refused": N_(
        "The server did not take the retirement. Nothing was changed. Please look at the list of auditors."
    ),
    "trouble": N_("It is not certain whether the retirement arrived. Please send it again; it counts once."),
}
"""Why a key was not retired."""

PASSPHRASE: Final[Mapping[str, str]] = {
    "old": N_("Please type the passphrase that the key file has now."),
    "wrong": N_(
        "The old passphrase does not open the key file. Nothing was changed. Please type it again; capital letters "
        "and the keyboard’s language matter."
    ),
    "short": N_("A new passphrase has 12 characters or more. Nothing was changed."),
    "different": N_("The two new passphrases are not the same. Nothing was changed. Please type both again."),
    "same": N_("The new passphrase is the old one. Nothing was changed."),
    "unusable": N_(
        "Some characters of the new passphrase arrived damaged. Nothing was changed. Please type it again."
    ),
    "memory": N_(
        "This computer did not have the memory for it, so nothing was changed. Please close other programs and try "
        "again."
    ),
    "no_path": N_("This desk does not know where the key file lies, so nothing was changed."),
    "changed": N_(
        "Where the key file was, there is another one now, or none, so nothing was changed. Please end the desk and "
        "start it with the key file that is to be used."
    ),
    "folder": N_(
        "The key file could not be written: its folder may be protected, or the disk full. The old key file is as "
        "it was, with the old passphrase."
    ),
}
"""Why a passphrase was not changed."""
