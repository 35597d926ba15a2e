"""Words of a case's history. English here, every language in translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admin.desk.labels.i18n import N_

GROUPS: Final[Mapping[str, str]] = {
    "messages": N_("Report and messages"),
    "status": N_("Status"),
    "notes": N_("Notes"),
    "tasks": N_("Tasks and playbook"),
    "work": N_("Owner, severity, labels and links"),
    "leak": N_("Report of the leak"),
    "files": N_("Files and exports"),
    "access": N_("Stepping back and bringing back"),
    "deletion": N_("Deletion"),
    "reading": N_("Reading"),
}
"""Filters of a history (casework.timeline.GROUPS)."""

HAPPENED: Final[Mapping[str, str]] = {
    "report": N_("Report received"),
    "written_down": N_("Wrote the report down"),
    "false_intake": N_("A report that says it was written down by an auditor: nobody’s word"),
    "message": N_("The reporter wrote a message."),
    "form": N_("The reporter sent the form again with changes."),
    "new_code": N_("The reporter took a new receipt code."),
    "reply": N_("A reply was sent to the reporter."),
    "unreadable": N_("A record that this version of the desk cannot read"),
    "closed": N_("Something that cannot be opened here"),
    "nobody": N_("Something without a valid signature: nobody’s word"),
    "reading": N_("Opened this case"),
}
"""Events by `TimelineEntry.kind`; statuses and records have labels of their own."""
