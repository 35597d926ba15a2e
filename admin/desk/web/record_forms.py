"""Turns forms of a case's page into records. Pure: no Flask, no network."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from admin.desk.web import panel_forms
from cases import categories
from cases.case_state import CaseState
from cases.days import format_day, parse_day
from cases.form import clean_text
from cases.investigation import Investigation
from cases.records import LINKS, BadRecord, Record, make
from crypto.encoding import b64d, b64e, normalize_text

Form = Mapping[str, str]

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "note": ("note",),
    "task": ("task_text", "task_due", "task_assignee"),
    "label": ("label",),
    "link": ("link_case", "link_as"),
    "title": ("title",),
    "owner": ("owner",),
    "take": ("owner",),
    "severity": ("severity",),
    "cause": ("cause",),
    "category": ("category",),
    "plan": ("plan",),
    "interview": ("iv_of", "iv_who", "iv_day", "iv_by", "iv_minutes"),
    "evidence": ("ev_of", "ev_what", "ev_hash", "ev_day", "ev_source", "ev_place"),
    "conflict": ("conflict_text",),
    "conflict_none": ("conflict_text",),
    "decision": ("with_status", "reason"),
    **panel_forms.FIELDS,
    "delete_propose": ("delete_reason",),
    "access": ("access_reason", "access_text"),
}
"""The fields of the page that an act takes with it; all others are given back as they were typed."""

NAMES: Final = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))
"""All fields of the page but the reply's."""

_CASE: Final = re.compile(r"[0-9a-f]{32}")


PANEL: Final = ("title", "owner", "severity", "category", "cause", "label", "link")
"""Acts of the panel beside a case: what was changed in it goes out as one record."""

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "reply": ("message", "with_status"),
    "status": ("status", "reason"),
    "note": FIELDS["note"],
    "panel": tuple(name for act in PANEL for name in FIELDS[act]),
    "task": FIELDS["task"],
    "plan": FIELDS["plan"],
    "interview": FIELDS["interview"],
    "evidence": FIELDS["evidence"],
    "conflict": FIELDS["conflict"],
    **panel_forms.FIELDS,
    "delete": FIELDS["delete_propose"],
    "access": FIELDS["access"],
}
"""The forms of a case's pages, and the fields that each keeps as a draft until it is sent."""

DRAFTED: Final = tuple(dict.fromkeys(name for names in FORMS.values() for name in names))
"""All fields that are kept as a draft."""

LEAK: Final = frozenset(panel_forms.FIELDS["leak"])
"""Fields of the page about the leak."""


TEXTS: Final = (
    "note",
    "task_text",
    "plan",
    "iv_who",
    "iv_minutes",
    "ev_what",
    "ev_source",
    "ev_place",
    "conflict_text",
    "title",
    "label",
    "link_case",
    "reason",
    "delete_reason",
    "access_reason",
    "access_text",
    *panel_forms.TEXTS,
)
"""Boxes that people write into."""


def typed(form: Form) -> dict[str, str]:
    """Return what is in the page's fields, the empty ones left out."""
    return {name: form[name] for name in NAMES if form.get(name, "").strip()}


def read(act: str, form: Form, today: date) -> Record:
    """Return the record that an act makes out of a form. Raises BadRecord, and KeyError for no such act."""
    return _ACTS[act](form, format_day(today))


def changed(form: Form, state: CaseState) -> list[Record]:
    """Return what was changed in the panel of a case: what a colleague set after the page was made stays.

    `<name>_before` is what the page showed. Raises BadRecord.
    """
    now = {
        "title": state.title,
        "owner": state.owner.hex() if state.owner else "",
        "severity": state.severity,
        "cause": state.cause,
        "category": state.category,
    }
    typed = {name: text_of(form, name) if name == "title" else form.get(name, "") for name in now}
    records = [
        make(name, **{"person" if name == "owner" else name: typed[name]})
        for name, kept in now.items()
        if name in form and typed[name] not in (form.get(f"{name}_before", kept), kept)
    ]
    label = text_of(form, "label")
    if label and label not in state.labels:
        records.append(make("label", label=label, on=True))
    return records


def text_of(form: Form, name: str) -> str:
    """Return what was typed, with one kind of line break and composed characters."""
    return normalize_text(clean_text(form.get(name, ""))).strip()


def _target(form: Form) -> str:
    return form.get("target", "")


def kept(state: CaseState) -> dict[str, str]:
    """Return what the fields of a case's pages show while nothing is typed; those that are empty then are left out."""
    shown = {
        "title": state.title,
        "owner": state.owner.hex() if state.owner else "",
        "severity": state.severity,
        "cause": state.cause,
        "category": state.category,
        "link_as": LINKS[0],
        "plan": state.investigation.plan.record["text"] if state.investigation.plan else "",
    }
    for name in panel_forms.FIELDS:
        shown |= panel_forms.kept(name, state)
    return {name: text for name, text in shown.items() if text}


def panel(fields: Form, today: date) -> list[Record]:
    """Return what was changed in the panel beside a case, each as a record. Raises BadRecord with the act in front of
    its code.
    """
    records = []
    for act in PANEL:
        name = FIELDS[act][0]
        if name in fields and (fields[name].strip() or act not in ("label", "link")):
            try:
                records.append(read(act, fields, today))
            except BadRecord as bad:
                raise BadRecord(f"{act}_{bad.code}") from None
    return records


def _link(form: Form, _day: str) -> Record:
    # A whole id, or the address of a case's page.
    match = _CASE.search(form.get("link_case", "").lower())
    if match is None:
        raise BadRecord("case")
    kind = form.get("link_as", "")
    return make("link", case=match[0], **{"as": kind if kind in LINKS else LINKS[0]}, on=True)


def _task(form: Form, _day: str) -> Record:
    return make(
        "task",
        task=secrets.token_hex(16),
        text=text_of(form, "task_text"),
        due=form.get("task_due", ""),
        assignee=form.get("task_assignee", ""),
    )


def continued(act: str, form: Form, known: Investigation) -> dict[str, str]:
    """Return a form about an interview or a piece of evidence that is on record with what it says in the empty boxes.

    Raises BadRecord where the one that was chosen is not on record.
    """
    filled = dict(form)
    if act == "interview" and form.get("iv_of"):
        said = known.interviews.get(form["iv_of"])
        kept = {f"iv_{name}": said.record[name] for name in ("who", "day", "by", "minutes")} if said else None
    elif act == "evidence" and form.get("ev_of"):
        said = known.evidence.get(form["ev_of"])
        kept = (
            {f"ev_{name}": said.record[name] for name in ("what", "day", "source", "place")} if said else None
        )
        if said and kept is not None and said.record["hash"]:
            kept["ev_hash"] = b64d(said.record["hash"]).hex()
    else:
        return filled
    if kept is None:
        raise BadRecord("of")
    return filled | {name: text for name, text in kept.items() if not form.get(name, "").strip()}


def held(record: Record, today: date) -> Record:
    """Return an interview's record when it was held. Raises BadRecord for a day that is still to come."""
    if record["day"] > format_day(today):
        raise BadRecord("ahead")
    return make("interview", **{**record.fields, "held": True})


def _interview(form: Form, day: str) -> Record:
    minutes = text_of(form, "iv_minutes")
    record = make(
        "interview",
        interview=form.get("iv_of") or secrets.token_hex(16),
        who=" ".join(text_of(form, "iv_who").split()),
        day=form.get("iv_day", ""),
        by=form.get("iv_by", ""),
        minutes=minutes,
        held=False,
    )
    return held(record, parse_day(day)) if minutes else record


def _evidence(form: Form, day: str) -> Record:
    digest = "".join(form.get("ev_hash", "").split())
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        raise BadRecord("hash") from None
    lines = {name: " ".join(text_of(form, f"ev_{name}").split()) for name in ("what", "source", "place")}
    kept = b64e(raw) if raw else ""
    own_id = form.get("ev_of") or secrets.token_hex(16)
    record = make("evidence", evidence=own_id, hash=kept, day=form.get("ev_day", ""), **lines)
    if record["day"] > day:
        raise BadRecord("ahead")
    return record


def _conflict(form: Form, _day: str) -> Record:
    text = text_of(form, "conflict_text")
    if not text:
        raise BadRecord("required")
    return make("conflict", conflict=True, text=text)


def _pressure(form: Form, _day: str) -> Record:
    # Named after the message that it is about: pressed twice, or by two colleagues, it is one task.
    about, text = _target(form)[:32], _target(form)[32:]
    return make("task", task=about, text=normalize_text(clean_text(text)).strip(), due="", assignee="")


_ACTS: Final[Mapping[str, Callable[[Form, str], Record]]] = {
    "note": lambda form, _day: make("note", text=text_of(form, "note")),
    "task": _task,
    "pressure": _pressure,
    "task_done": lambda form, day: make("task_done", task=_target(form), done=True, day=day),
    "task_again": lambda form, day: make("task_done", task=_target(form), done=False, day=day),
    "label": lambda form, _day: make("label", label=text_of(form, "label"), on=True),
    "label_off": lambda form, _day: make("label", label=_target(form), on=False),
    "owner": lambda form, _day: make("owner", person=form.get("owner", "")),
    "take": lambda form, _day: make("owner", person=_target(form)),
    "title": lambda form, _day: make("title", title=text_of(form, "title")),
    "severity": lambda form, _day: make("severity", severity=form.get("severity", "")),
    "cause": lambda form, _day: make("cause", cause=form.get("cause", "")),
    "category": lambda form, _day: make("category", category=form.get("category") or categories.LEAK),
    "plan": lambda form, _day: make("plan", text=text_of(form, "plan")),
    "interview": _interview,
    "evidence": _evidence,
    "conflict": _conflict,
    "conflict_none": lambda _form, _day: make("conflict", conflict=False, text=""),
    "link": _link,
    "link_off": lambda form, _day: make("link", case=_target(form), **{"as": LINKS[0]}, on=False),
    "step_back": lambda _form, _day: make("step_back"),
    "bring_back": lambda form, _day: make(
        "bring_back", person=_target(form)[:32], answers=_target(form)[32:]
    ),
}
