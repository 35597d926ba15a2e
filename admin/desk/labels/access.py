"""Texts about who reads a case (docs/format.md, 2.16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

ACCESS: Final[Mapping[str, str]] = {
    "reason": N_("Please write why (up to 20,000 characters). Nothing was changed."),
    "target": N_("Please choose a person. Nothing was changed."),
    "text": N_(
        "Please write what the reporter is to read about it (up to 20,000 characters). Nothing was changed."
    ),
    "no_proposal": N_(
        "The proposal that this page showed is open no more: it was refused, or agreed to already. Nothing was changed."
    ),
    "cannot": N_("Only a person who could open the report can do this. Nothing was changed."),
    "refused": N_(
        "The server did not take it. Please look at the case again; somebody else may have changed it."
    ),
    "trouble": N_("The server could not be asked. Please look at the case again before you repeat it."),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
    "AccessOld": N_("Something was changed about this person meanwhile. Please look at the case again."),
    "AccessAhead": N_("Something was changed about this person meanwhile. Please look at the case again."),
    "AccessAlone": N_("Two different persons have to agree. Nothing was changed."),
    "AccessNoReader": N_(
        "Only people who could read the report when it came, and still read the case, can do this; if too few of them "
        "are left, those who came later can. Nothing was changed."
    ),
    "AccessNoLead": N_("One of the two has to be a lead. Nothing was changed."),
    "AccessOwn": N_(
        "The person who is taken off cannot be one of the two who decide it, so that two readers stay. Nothing was "
        "changed."
    ),
    "AccessUnknown": N_("This person cannot read cases. Nothing was changed."),
    "AccessExcluded": N_(
        "The reporter excluded this person, or somebody excluded or taken off brought them in. The case is not given "
        "to them. Nothing was changed."
    ),
    "AccessSteppedBack": N_(
        "This person stepped back from the case. A lead can bring them back on the case’s page. Nothing was changed."
    ),
}
"""Why a change of who reads a case did not happen: form, server, and the rules by the names of their errors."""

TO_REPORTER: Final[Mapping[str, str]] = {
    "off": N_(
        "%(name)s no longer works on your case and cannot read what you write from now on. What was sent before could "
        "be read. If something about this worries you, please write to us."
    ),
    "given": N_(
        "We have given your case to %(name)s, who can read all of it from now on. If this person should not read it, "
        "please exclude them on this page; from then on nothing new opens for them."
    ),
}
"""Default texts of a change for the reporter; the second person can edit them."""
