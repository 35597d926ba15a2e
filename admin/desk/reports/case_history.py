"""The history of a case in words, for the document that leaves the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.timeline import TimelineEntry, timeline
from admin.desk.labels import clocks as clock_labels
from admin.desk.labels import common, records
from admin.desk.labels.i18n import N_, colon, show_day
from admin.desk.reports.case_summary import number_of
from admin.desk.reports.grid import Cell
from admin.desk.reports.pdf_and_zip import Grid, Section
from cases import playbooks
from cases.days import parse_day
from cases.records import Record
from crypto.encoding import b64d

Names = Callable[[bytes], str]
"""Returns the name of a person (16 bytes)."""

_HAPPENED: Final[Mapping[str, str]] = {
    "report": N_("The report came."),
    "written_down": N_("The report was written down and sent by an auditor (under “Report”)."),
    "false_intake": N_("A report that says it was written down by an auditor: nobody’s word"),
    "message": N_("The reporter wrote a message (under “Conversation”)."),
    "form": N_("The reporter sent a form (under “Conversation”)."),
    "new_code": N_("The reporter took a new receipt code."),
    "reply": N_("An answer was sent to the reporter (under “Conversation”)."),
    "nobody": N_("Not verified: nobody’s word"),
    "closed": N_("Cannot be opened: you are excluded, or it is damaged or withheld"),
    "unreadable": N_("This version of the desk does not know what it means, so it does not count here."),
}
"""Texts of entries that are neither records nor statuses."""


_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "severity": common.SEVERITIES,
    "cause": common.CASE_CAUSES,
    "category": common.CATEGORIES,
}
"""Field names of a record's text, by its type."""


@dataclass(frozen=True)
class _RecordTexts:
    """The words of records. `items`: the playbook's, `tasks`: their texts, by id."""

    items: Mapping[str, str]
    tasks: Mapping[str, str]
    names: Names

    def line(self, record: Record) -> str:
        """Return a record's name and what it says."""
        name, text = str(gettext(records.RECORD_NAMES[record.type])), self._what(record)
        is_open = record.fields.get("done") is False and not record.fields.get("not_needed")
        off = record.fields.get("on") is False or is_open
        joint = colon() if text else ""
        taken_back = gettext("taken back")
        return f"{name}{joint}{text}" + (f" ({taken_back})" if off else "")

    def _what(self, record: Record) -> str:
        given = record.fields
        chosen = given.get(record.type, "")
        match record.type:
            case "owner" | "bring_back":
                return self._person(given["person"])
            case "severity" | "cause" | "category":
                labels = _CHOICES[record.type]
                return str(gettext(labels[chosen])) if chosen else "–"
            case "step":
                why = given["not_needed"]
                text = str(self.items.get(given["item"], given["item"]))
                return f"{text} / {gettext('Does not apply')}: {why}" if why else text
            case "milestone" | "decision":
                return _on_a_day(record)
            case "task":
                return self._task(record)
            case "task_done":
                return self.tasks.get(given["task"], "")
            case "title":
                return chosen or "–"
            case "link":
                return number_of(bytes.fromhex(given["case"]))
            case "breach" | "breach_form" | "breach_reported":
                return _of_leak(record)
            case "access" | "access_refused":
                # Whom it is about is in the answer that it came to.
                return str(given["reason"])
            case "interview" | "evidence" | "conflict":
                return self._of_investigation(record)
            case "export":
                exported = records.EXPORTED[given["what"]]
                is_list = given["what"] in ("folder", "pack")
                of_list, of_file = (
                    gettext("SHA-256 of the file SHA256SUMS inside:"),
                    gettext("SHA-256 of the file:"),
                )
                of = of_list if is_list else of_file
                return f"{gettext(exported)}, {of} {b64d(given['hash']).hex()}"
            case "deletion":
                action = records.DELETION_ACTIONS[given["action"]]
                return " / ".join(text for text in (gettext(action), given["reason"]) if text)
        return str(given.get("text", given.get("label", "")))

    def _task(self, record: Record) -> str:
        given = record.fields
        due = gettext("Due on %(day)s", day=_day(given["due"])) if given["due"] else ""
        who = self._person(given["assignee"]) if given["assignee"] else ""
        return " / ".join(part for part in (given["text"], due, who) if part)

    def _of_investigation(self, record: Record) -> str:
        given = record.fields
        day = show_day(parse_day(given["day"])) if given.get("day") else ""
        if record.type == "interview":
            held_by = self.names(bytes.fromhex(given["by"])) if given["by"] else ""
            holds = f"{gettext('Who holds it')}{colon()}{held_by}" if held_by else ""
            parts = [given["who"], day, holds, given["minutes"]]
        elif record.type == "evidence":
            digest = f"SHA-256 {b64d(given['hash']).hex()}" if given["hash"] else ""
            parts = [given["what"], day, given["source"], given["place"], digest]
        else:
            parts = [str(gettext("has one") if given["conflict"] else gettext("has none")), given["text"]]
        return " / ".join(part for part in parts if part)

    def _person(self, text: str) -> str:
        return self.names(bytes.fromhex(text)) if text else "–"


def history(opened: OpenedCase, names: Names, lang: str) -> Section:
    """Return everything that happened in a case, in order: messages, statuses, records, and what does not count."""
    told = _RecordTexts({item.id: item.text[lang] for item in playbooks.items()}, _tasks(opened), names)
    rows = [
        [Cell(show_day(entry.day)), Cell(_who(entry, names)), Cell(_happened(entry, told))]
        for entry in timeline(opened)
    ]
    head = (gettext("Day"), gettext("By whom"), gettext("What was written down"))
    return Section(gettext("History"), [Grid(head, rows, (9, 10, 20))] if rows else [("", "–")])


def _who(entry: TimelineEntry, names: Names) -> str:
    if entry.person is None:
        return "–"
    return names(entry.person) if entry.person else str(gettext("The reporter"))


def _happened(entry: TimelineEntry, told: _RecordTexts) -> str:
    if entry.status:
        return f"{gettext('Status')}{colon()}{gettext(common.STATUSES[entry.status.status])}"
    if entry.record is None:
        sentence = _HAPPENED[entry.kind]
        return str(gettext(sentence))
    if not entry.record.record.known:
        return str(gettext(records.IGNORED["unknown"]))
    line = told.line(entry.record.record)
    if entry.times > 1:
        line = gettext("%(text)s (%(num)d times)", text=line, num=entry.times)
    return f"{line}\n{gettext(records.IGNORED[entry.reason])}" if entry.reason else line


def _tasks(opened: OpenedCase) -> dict[str, str]:
    return {task.id: task.text for task in opened.state.tasks}


def _on_a_day(record: Record) -> str:
    """Return what was planned or done on a day, or why a status was set."""
    given = record.fields
    if record.type == "decision":
        return str(given["reason"])
    name = clock_labels.CLOCKS[given["what"]]
    wanted = given["day"] or given["plan"]
    said = gettext("Done on %(day)s") if given["day"] else gettext("Planned for %(day)s")
    day = str(said) % {"day": _day(wanted)} if wanted else ""
    return " / ".join(part for part in (str(gettext(name)), day, given["how"]) if part)


def _of_leak(record: Record) -> str:
    """Return what a record of the leak says."""
    given = record.fields
    if record.type == "breach":
        persons = "–" if given["persons"] is None else given["persons"]
        return f"{_day(given['aware'])} / {gettext('Number of persons')}{colon()}{persons}"
    label = records.STAGES[given["stage"]]
    stage = str(gettext(label))
    return f"{stage} {_day(given['day'])}" if record.type == "breach_reported" else stage


def _day(text: str | None) -> str:
    return show_day(parse_day(text)) if text else "–"


def record_lines(opened: OpenedCase, names: Names, lang: str) -> list[tuple[str, str, str]]:
    """Return what the auditors wrote down, each with an id that stays, a head (day and person) and its text."""
    told = _RecordTexts({item.id: item.text[lang] for item in playbooks.items()}, _tasks(opened), names)
    lines: list[tuple[str, str, str]] = []
    for number, entry in enumerate(timeline(opened)):
        if entry.record is not None and entry.record.record.known and not entry.reason:
            own_id = f"{entry.envelope_id.hex()}{number:04d}"
            lines.append((own_id, f"{show_day(entry.day)}  {_who(entry, names)}", _happened(entry, told)))
    return lines
