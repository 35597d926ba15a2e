"""The words of the page about the transparency log. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_
from admin.desk.labels.problems import Message

_KEEP: Final = N_(
    "Please keep this page as a picture or on paper, ask a colleague whether the colleague’s desk says the "
    "same, and do not ask the operator alone: go to the person who is in charge of audits, or to counsel."
)

FAULTS: Final[Mapping[str, Message]] = {
    "fork": Message(
        N_("The server shows two different logs"),
        N_(
            "The checkpoint that this desk kept and the one that the server shows now cannot both be true. "
            "Both are kept on this computer. This desk no longer signs for this log."
        ),
        _KEEP,
    ),
    "shrunk": Message(
        N_("The log is shorter than it was"),
        N_(
            "The server may have been put back to a backup. What this desk fetched before is still here. "
            "Until the log is complete again, this desk does not sign for it."
        ),
        N_(
            "Please tell the operator. If it stays like this for more than a day, tell the person in charge "
            "of audits."
        ),
    ),
    "withheld": Message(
        N_("A report or a message is in the log and did not come here"),
        N_(
            "The log shows that something was sent to the auditors on this day, and the server did not hand "
            "it to this desk. What did come is complete."
        ),
        _KEEP,
    ),
    "act_missing": Message(
        N_("Something that you sent is not in the log"),
        N_(
            "The server promised by signature that your answer, status or agreement to delete would be in the "
            "batch of this day, and it is not there. This desk keeps the promise."
        ),
        N_(
            "Please look whether the case still shows your answer or status, or is still deleted. Keep this "
            "page, and tell the person in charge of audits: the promise and the batch prove it."
        ),
    ),
    "act_withheld": Message(
        N_("An answer, a status or a deletion is in the log and did not come here"),
        N_(
            "A colleague sent it, or you did with another computer, and the server does not show it to this desk "
            "or shows it otherwise. What did come is complete."
        ),
        _KEEP,
    ),
    "list_changed": Message(
        N_("The log names another list of auditors than this desk knows"),
        N_(
            "What this desk sent before is not affected. A reporter’s page may have been shown somebody as an "
            "auditor who is none."
        ),
        N_(
            "Please load the page “Auditors” and compare it with your colleagues. If this message stays after "
            "that, tell the person in charge of audits."
        ),
    ),
    "malformed": Message(
        N_("The log is damaged"),
        N_(
            "Its leaves do not fit its checkpoint, or a day is missing. What this desk fetched before is "
            "still here."
        ),
        N_(
            "Please tell the operator. This desk does not sign for the log until it fits again. If it stays like "
            "this for more than a day, tell the person in charge of audits."
        ),
    ),
    "exchanged": Message(
        N_("The server gave this desk another envelope than the log names"),
        N_(
            "The leaf of this case names another envelope than the one that came. What opens here is shown as "
            "it is, and may not be all."
        ),
        _KEEP,
    ),
    "unfit": Message(
        N_("A leaf of the log and an envelope that cannot be opened do not fit each other"),
        N_(
            "Either the server exchanged the envelope, or its sender made it unreadable. This desk cannot "
            "tell which. Nothing that can be opened is affected."
        ),
        N_("Please ask a colleague who can read the report whether the colleague’s desk says the same."),
    ),
    "left_out": Message(
        N_("A report or a message came and is not in the log"),
        N_(
            "It is here and can be read. Its sender’s page made no leaf, or the server left it out: then the "
            "sender’s page says so at the next look."
        ),
        N_(
            "Please handle the case as usual, and tell the operator that leaves are missing. If it happens again, "
            "tell the person in charge of audits."
        ),
    ),
    "spoiled": Message(
        N_("A leaf does not fit its report"),
        N_(
            "Its sender’s page made it in another way. It counts for nothing; the report itself is not "
            "affected."
        ),
        N_("Nothing has to be done."),
    ),
    "unexplained": Message(
        N_("The log names more than is here; deleted cases can explain it"),
        N_("This desk met the log after that day, or a case was deleted since, so that it cannot tell."),
        N_("Please compare with a colleague whose desk is older."),
    ),
    "early": Message(
        N_("The log has a batch of a day that is not over"),
        N_("The clock of the server or of this computer is wrong. Nothing is lost."),
        N_("Please check this computer’s clock, and tell the operator if it is right."),
    ),
    "stale": Message(
        N_("The log has not grown for more than two days"),
        N_("Batches are made every night at 03:00. What was sent since is promised and not yet in the log."),
        N_(
            "Please tell the operator: “meyasubako doctor” says why. If it stays like this for a week, tell the "
            "person in charge of audits."
        ),
    ),
}
"""By `LogFault`: what happened, what is not affected, and what to do."""
