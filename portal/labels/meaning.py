"""Labels of a message's meaning (docs/format.md, 2.4): the choice in its form, and the line above what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.labels.i18n import N_


@dataclass(frozen=True)
class MeaningWords:
    """One meaning: the choice in the form, and the words shown with a message that has it."""

    choice: str
    said: str


MEANINGS: Final[Mapping[str, MeaningWords]] = {
    "correct": MeaningWords(N_("I want to put a fact right"), N_("With this message you put a fact right.")),
    "withdraw": MeaningWords(
        N_("I want to withdraw the report"), N_("With this message you withdrew the report.")
    ),
    "name": MeaningWords(N_("I want to give my name"), N_("With this message you gave your name.")),
}
"""In the order of the form; the words are those of crypto.payloads.MEANINGS."""

CONFIRMED: Final = ("withdraw", "name")
"""Meanings that are sent only after their consequences were read: their sender can't take them back."""

PROBLEMS: Final[Mapping[str, str]] = {
    "meaning_unread": N_(
        "Nothing has been sent, and your text is still here. Please read what this does and does not do, and say below "
        "it that you have read it."
    ),
    "meaning_unknown": N_(
        "Nothing has been sent, and your text is still here. What kind of message it is could not be understood; "
        "please choose once more."
    ),
}


def problem_of(meaning: str, is_read: bool) -> str:
    """Return why a message can't be sent with this meaning ("": an ordinary message), as a key of PROBLEMS; "" where
    it can."""
    if meaning and meaning not in MEANINGS:
        return "meaning_unknown"
    return "meaning_unread" if meaning in CONFIRMED and not is_read else ""
