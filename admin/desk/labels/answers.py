"""Texts of the reply and the status: errors, and questions before a case is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

REPLY: Final[Mapping[str, str]] = {
    "required": N_("Please write a reply."),
    "unfilled": N_(
        "A place of the template in [ ] is still to be written over, so the reply was not sent. Your text is still "
        "here."
    ),
    "brackets": N_(
        "The reply has something in square brackets ［ ］, as places of a template have. It was not sent yet. If it is "
        "meant so, please send it once more; your text is still here."
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
    "unseen": N_(
        "Something was written in this case after this page was opened, so the reply was not sent. It is marked as new "
        "above. Your text is still here: please send it once more if it still fits."
    ),
    "other_sent": N_(
        "An earlier version of this reply has already been sent; it is above. The text below is "
        "different and was not sent. Send it if it is to follow as another reply."
    ),
    "choice": N_(
        "The server keeps back whom the reporter has excluded last, so the reply was not sent: a person who "
        "must not read it could. Your text is still here. Please load the page again later."
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
"""Errors of a reply, shown at its text box."""


_TOGETHER: Final[Mapping[str, str]] = {
    "moved_on": N_(
        "Somebody else set a status in the meantime, so neither your status was set nor your reply sent. The page now "
        "shows the newest status. Your text is still here."
    ),
    "moved_on_own": N_(
        "You set a status in another window in the meantime, so neither this one was set nor the reply sent. The page "
        "now shows the newest status. Your text is still here."
    ),
    "parted": N_(
        "A part of this was sent alone before, so nothing more was sent. Please look at what the case shows. Your text "
        "is still here."
    ),
    "other_sent": N_(
        "Another text was sent from this page before, so neither the status was set nor this reply sent. Your text is "
        "still here."
    ),
    "choice": N_(
        "The server keeps back whom the reporter has excluded last, so neither the status was set nor the reply sent: "
        "a person who must not read it could. Your text is still here."
    ),
    "cannot": N_(
        "This case cannot be answered from this desk, so neither the status was set nor the reply sent. Your text is "
        "still here."
    ),
    "refused": N_(
        "The server took neither the status nor the reply. Your text is still here. Please look at what changed, and "
        "send it again."
    ),
    "too_long": N_(
        "This is too long to be sent at once, so neither the status was set nor the reply sent. Please shorten it."
    ),
    "trouble": N_(
        "It is not certain whether status and reply arrived: both did, or neither. Your text is still here. Please "
        "send it again; nothing is set or sent twice."
    ),
}
"""Errors of a status that is sent together with a reply."""


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
    "cannot": N_("Only a person who could open the report can set its status, so the status was not set."),
    "refused": N_("The server did not take the status. The page now shows what the server has."),
    "trouble": N_(
        "It is not certain whether the status arrived. Please look at it again when the server "
        "answers; it will not be set twice."
    ),
    "parted": N_(
        "A part of this was sent alone before, so the status was not set. Please look at what the case shows."
    ),
    "other_sent": N_(
        "Another reason was kept from this page before, so the status was not set. Please look at the case."
    ),
    "choice": N_(
        "The server keeps back whom the reporter has excluded last, so the status was not set: a person who must not "
        "read the reason could."
    ),
    "too_long": N_("The reason is too long to be sent, so the status was not set."),
    **{f"{code}_together": text for code, text in _TOGETHER.items()},
}
"""Errors of a status, shown at the choice."""


REASON: Final[Mapping[str, str]] = {
    "required": N_("Please write the reason. Nothing has been set yet."),
    "too_long": N_("A reason can have up to 20,000 characters. Nothing has been set yet."),
    "unreadable": N_("Some characters arrived damaged (shown as �). Please write them again."),
}
"""Errors of a status's reason."""


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
