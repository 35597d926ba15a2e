"""Values of a case's panels, and where the page shows their errors."""

from __future__ import annotations

from typing import Any, Final

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.labels.leak import DAY_FAULTS
from admin.desk.web import panel_forms
from admin.desk.web.panel_forms import Form
from cases import breach, deadlines, person_count
from cases.case_state import CaseState
from cases.records import MILESTONES, STAGES

PLACES: Final = {
    "note_text": "note",
    "task_text": "task_text",
    "task_due": "task_due",
    "label_label": "label",
    "plan_text": "plan",
    **{
        f"interview_{name}": "interview"
        for name in ("who", "day", "by", "minutes", "early", "ahead", "of", "held_ahead", "held_of")
    },
    **{f"evidence_{name}": "evidence" for name in ("what", "day", "source", "place", "hash", "ahead", "of")},
    "conflict_text": "conflicts",
    "conflict_required": "conflicts",
    "title_title": "title",
    "link_case": "link_case",
    "breach_aware": "aware",
    "breach_persons": "persons",
    "breach_future": "aware",
    "breach_many": "persons",
    "reported_preliminary_future": "preliminary_day",
    "reported_final_future": "final_day",
    "form_preliminary_items": "report-items",
    "form_final_items": "report-items",
    "reported_preliminary_day": "preliminary_day",
    "reported_final_day": "final_day",
    **{f"milestone_{what}_plan": f"{what}_plan" for what in MILESTONES},
    **{f"milestone_{what}_{code}": f"{what}_done" for what in MILESTONES for code in ("day", "future")},
    **{f"milestone_{what}_how": f"{what}_how" for what in MILESTONES},
    **{f"playbook_{item}": f"step-{item}" for item in panel_forms.ITEMS},
    **{f"playbook_{item}_not_needed": f"step-{item}" for item in panel_forms.ITEMS},
    **{f"reported_{stage}_{fault}": f"{stage}_day" for stage in STAGES for fault in DAY_FAULTS},
    "breach_handed_in": "aware",
}
"""Where on the page a code of `labels.records.RECORD` belongs."""


def of_leak(opened: OpenedCase, more: Form) -> dict[str, Any]:
    """Return what the page about the leak says beside the records. `more`: what is in its fields."""
    state = opened.state
    return {
        "kept_plans": {**panel_forms.kept("leak", state), **panel_forms.kept("plans", state)},
        "is_relieved": deadlines.is_relieved(state),
        "given": dict(opened.report.answers) if opened.report else {},
        "from_report": breach.FROM_REPORT,
        "read_count": read_count,
        "as_form": {stage: as_form(state, stage) for stage in STAGES},
        "difference": breach.difference,
        "still_empty": {
            stage: breach.missing(
                {
                    name: more.get(f"{stage}_{name}", state.forms.get(stage, {}).get(name, ""))
                    for name in breach.ITEM_IDS
                },
                stage,
            )
            for stage in STAGES
        },
    }


def read_count(text: str) -> int | None:
    """Return the number of persons that a text gives; None for what is no one number."""
    try:
        return person_count.read(text)
    except ValueError:
        return None


def as_form(state: CaseState, stage: str) -> str:
    """Return the kept copy of a report as the text for the authority's form; where the number of persons alone is on
    record, it is in its item."""
    items = dict(state.forms.get(stage, {}))
    if not items.get("persons") and state.breach is not None and state.breach.persons is not None:
        items["persons"] = f"{state.breach.persons:,}人"
    return breach.as_form(items, stage)
