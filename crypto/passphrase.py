"""Rules for a new passphrase. Loads no library."""

from __future__ import annotations

from typing import Final

LEAST: Final = 12
"""Characters of a new passphrase. Argon2id makes each guess slow; this keeps the number of guesses large."""

GOOD_WORDS: Final = 5
GOOD_CHARACTERS: Final = 25
"""From either on the page speaks of a long one: five words drawn from a list of 7776 have 64 bits; in Japanese, words
stand without spaces between them."""


def is_long(passphrase: str) -> bool:
    """Tell whether a passphrase is as long as is recommended. Its length is all that is looked at."""
    return len(passphrase.split()) >= GOOD_WORDS or len(passphrase) >= GOOD_CHARACTERS
