"""Texts about a report that an auditor wrote down (docs/format.md, 2.14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.labels.i18n import N_

WRITTEN: Final[Mapping[str, str]] = {
    "title": N_("Report that was written down for you"),
    "telephone": N_(
        "%(name)s wrote this down from a telephone call on %(day)s. These are not your own words."
    ),
    "letter": N_(
        "%(name)s wrote this down from a letter that came on %(day)s. These are not your own words."
    ),
    "talk": N_("%(name)s wrote this down from a talk on %(day)s. These are not your own words."),
    "false": N_(
        "This report says that somebody wrote it down for you, but no signature shows it. Please do not rely on it. "
        "Please see the ways outside the company."
    ),
    "first": N_("Please take a new code first"),
    "code": N_(
        "%(name)s, who wrote your report down, may know your code. Until you take a new one, %(name)s could read the "
        "answers here and write in your name. The old code then opens nothing more."
    ),
    "first_code": N_("Written with the first code, which %(name)s may know."),
    "oral": N_(
        "The law counts the 20 days from a report in writing. A call or a talk does not start them. Whether a message "
        "that you write here starts them could not be checked by this site; a lawyer can tell."
    ),
    "letter_days": N_(
        "The days below are counted from the day on which the letter was written down here. The letter came on "
        "%(day)s, and by our reading the 20 days count from then: they end earlier than it says here."
    ),
}
"""By what it is about; of the channels, the words of crypto.payloads.INTAKE_CHANNELS."""
