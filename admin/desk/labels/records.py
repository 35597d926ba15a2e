"""Texts of auditors' records: steps, questions about the leak, valid and invalid records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_
from admin.desk.labels.leak import RECORD as LEAK_RECORD
from cases import playbooks
from cases.records import MILESTONES

_DAY: Final = N_("Please give the day as year, month and day, or leave it empty.")
_DAY_TO_COME: Final = N_("This day has not come yet. A day to come is a plan.")
_TOO_LONG: Final = N_("This is too long (up to 20,000 characters).")
_BOTH: Final = N_(
    "A step is either done or does not apply. Please take the tick off, or empty the reason why it does not apply."
)


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
    "observer": N_("An observer sees statistics only, so it does not count."),
    "no_step_back": N_("That person had not stepped back then, so it does not count."),
    "no_proposal": N_("Nobody had proposed the deletion, so it does not count."),
    "same_person": N_("Two different persons have to agree, so it does not count."),
    "not_in_time": N_("The proposal was too old, so it does not count."),
    "guest": N_("Of a guest only notes count, so it does not count."),
    "no_access_proposal": N_("No such change was proposed, so it does not count."),
}


WOULD_NOT_COUNT: Final[Mapping[str, str]] = {
    "ignored_unknown": N_("This version of the desk does not know what it would mean, so it was not sent."),
    "ignored_observer": N_("An observer sees statistics only and cannot write in a case."),
    "ignored_stepped_back": N_(
        "This person has stepped back from the case. A lead has to bring them back first."
    ),
    "ignored_own_return": N_("Nobody can bring themselves back. Another lead has to do it."),
    "ignored_not_a_lead": N_(
        "Only a lead may do this. Without being a lead, one can take a case oneself or give the own one up."
    ),
    "ignored_no_step_back": N_("That person has not stepped back, or was brought back already."),
    "ignored_no_task": N_("This task is not in the case."),
    "ignored_no_proposal": N_("No deletion is proposed for this case."),
    "ignored_same_person": N_("You proposed this deletion yourself, so another person has to agree."),
    "ignored_not_in_time": N_("The proposal is too old. It has to be made again."),
    "ignored_guest": N_("A guest reads the case and writes notes, and does nothing else in it."),
    "ignored_no_access_proposal": N_("This change is not proposed any more."),
}
"""Why a record was not sent: it would not count (reasons of `cases.case_fold`)."""


_HELD_AHEAD: Final = N_(
    "The day of this interview is still to come, so it can’t have been held. Where it was held earlier, choose it "
    "under “Which one” and write the day on which it was."
)
_NOT_ON_RECORD: Final = N_("The one that was chosen is not on record any more. Please choose again.")

RECORD: Final[Mapping[str, str]] = {
    **LEAK_RECORD,
    **WOULD_NOT_COUNT,
    "note_text": N_("Please write the note (up to 20,000 characters)."),
    "task_text": N_("Please write what is to be done (up to 20,000 characters)."),
    "task_due": N_("Please give the day as year, month and day, or leave it empty."),
    "plan_text": N_("The plan is too long (up to 20,000 characters)."),
    "interview_who": N_("Please write with whom, on one line of up to 80 characters."),
    "interview_day": N_("Please give the day as year, month and day, or leave it empty."),
    "interview_early": N_(
        "This day is before the report came in. Please look at the day again; a talk from before belongs in a note."
    ),
    **dict.fromkeys(("interview_ahead", "interview_held_ahead"), _HELD_AHEAD),
    **dict.fromkeys(("interview_of", "interview_held_of", "evidence_of"), _NOT_ON_RECORD),
    "evidence_ahead": N_("This day has not come yet. Please choose the day on which it was taken in."),
    "interview_minutes": N_("The minutes are too long (up to 20,000 characters)."),
    "evidence_what": N_("Please write what it is, on one line of up to 200 characters."),
    "evidence_day": N_("Please choose the day on which it was taken in."),
    "evidence_source": N_("Please write from whom or where it came, on one line."),
    "evidence_place": N_("Please write where it is kept, on one line."),
    "evidence_hash": N_("A SHA-256 has 64 digits from 0 to 9 and a to f. It may stay empty."),
    "conflict_required": N_("Please write what the conflict of interest is, such as “a former superior”."),
    "conflict_text": N_("The text is too long (up to 20,000 characters)."),
    "label_label": N_("A label is one line of up to 40 characters."),
    "title_title": N_("A title is one line of up to 80 characters."),
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
    **{f"milestone_{what}_{part}": _DAY for what in MILESTONES for part in ("plan", "day")},
    **{f"milestone_{what}_future": _DAY_TO_COME for what in MILESTONES},
    **{f"milestone_{what}_how": _TOO_LONG for what in MILESTONES},
    **{f"playbook_{item.id}": _BOTH for item in playbooks.items()},
    **{f"playbook_{item.id}_not_needed": _TOO_LONG for item in playbooks.items()},
    "form_preliminary_items": N_("One of the answers is too long (up to 20,000 characters each)."),
    "form_final_items": N_("One of the answers is too long (up to 20,000 characters each)."),
    "reported_preliminary_day": N_("Please give the day on which it was handed in, as year, month and day."),
    "reported_final_day": N_("Please give the day on which it was handed in, as year, month and day."),
    "other": N_("The page’s request could not be read. Please try again."),
    "unreadable": N_("Some characters arrived damaged (shown as �). Please write them again."),
    "csrf": N_("The desk was started again since this page was opened. Please press the button once more."),
    "unlocked": N_("The desk had locked itself. Please press the button once more."),
    "choice": N_(
        "The server keeps back whom the reporter has excluded last: a person who must not read it could."
    ),
    "cannot": N_("Only a person who could open the report can write in this case."),
    "changed": N_(
        "The same was set to something else after this page was opened, by a colleague or in another window. It is "
        "marked as new in the history. Please press the button once more if yours is to count."
    ),
    "again": N_(
        "Something else was kept from this page in another window. Please look at it, and press the button once more."
    ),
    "refused": N_("The server did not take it. Please load the case in another window and see what changed."),
    "too_long": N_("This is too long to be kept at once. Please shorten it."),
    "trouble": N_(
        "It is not certain whether it arrived. Please press the button again; it will not be kept twice."
    ),
}
"""Errors of a record; the input is kept."""


DONE: Final[Mapping[str, str]] = {
    "reply_sent": N_("The reply was sent."),
    "status_set": N_("The status was set."),
    "decided": N_("The status was set and the reply sent, both together."),
    "record_kept": N_("It was written down."),
    "register_written": N_("It was written into the shared record."),
    "nothing_new": N_("Nothing was changed, so nothing was written down."),
    "left_kept": N_("What you had changed in the case that you left was written down."),
    "left_unsent": N_(
        "Something that you changed in the case that you left was not sent. It is kept on this computer, and the list "
        "marks the case. Open it and save there: its page says what is in the way."
    ),
    "draft_discarded": N_("What was typed there was thrown away. Nothing else changed."),
    "left": N_("You have stepped back from this case."),
    "case_deleted": N_("The case was deleted, on the server and here."),
    "statistics_sent": N_("The statistics were encrypted and sent to the observers."),
}
"""Confirmations."""


RECORD_NAMES: Final[Mapping[str, str]] = {
    "note": N_("Note"),
    "task": N_("Task"),
    "task_done": N_("Task done"),
    "label": N_("Label"),
    "owner": N_("Owner"),
    "severity": N_("Severity"),
    "plan": N_("Plan"),
    "interview": N_("Interview"),
    "evidence": N_("Evidence"),
    "conflict": N_("Conflicts of interest"),
    "cause": N_("Cause"),
    "category": N_("What it is about"),
    "link": N_("Linked case"),
    "title": N_("Title"),
    "step": N_("Playbook"),
    "breach": N_("Facts about the leak"),
    "breach_form": N_("Report of the leak"),
    "breach_reported": N_("Handed in on"),
    "milestone": N_("Planned and done"),
    "decision": N_("Reason for the status"),
    "step_back": N_("Stepped back from this case"),
    "bring_back": N_("Brought back"),
    "access": N_("Change of who reads proposed"),
    "access_refused": N_("Change of who reads refused"),
    "export": N_("Exported"),
    "deletion": N_("Deletion"),
}
"""Names of the types of records (cases.records)."""


FORM_NAMES: Final[Mapping[str, str]] = {
    "reply": N_("Reply to the reporter"),
    "status": N_("Status"),
    "note": N_("Note"),
    "panel": N_("Who and what"),
    "task": N_("Task"),
    "plan": N_("Plan"),
    "interview": N_("Interview"),
    "evidence": N_("Evidence"),
    "conflict": N_("Conflicts of interest"),
    "leak": N_("Report of the leak"),
    "plans": N_("Days that the auditors plan"),
    "playbook": N_("Playbook"),
    "delete": N_("Deletion"),
    "access": N_("Who reads this case"),
}
"""The forms of a case's pages that are kept as drafts (web.record_forms.FORMS)."""


EXPORTED: Final[Mapping[str, str]] = {
    "pdf": N_("as a document (PDF)"),
    "folder": N_("as a folder with the files (ZIP)"),
    "csv": N_("in the list of all cases (CSV)"),
    "pack": N_("as a pack for somebody outside (ZIP)"),
}
"""Kinds of exports (cases.records: export)."""


DELETION_ACTIONS: Final[Mapping[str, str]] = {
    "propose": N_("Deletion proposed"),
    "withdraw": N_("Deletion withdrawn"),
    "agree": N_("Deletion agreed to"),
}
