"""A case in words, for the document that leaves the desk: the report, the conversation, what was done and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from flask_babel import gettext

from admin.desk.casework.attachments import File
from admin.desk.casework.case_entries import Entry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.labels import case, common, intake, records
from admin.desk.labels import clocks as clock_labels
from admin.desk.labels.i18n import show_day
from admin.desk.reports.case_history import Names, history, record_lines
from admin.desk.reports.case_summary import clock_row, first_status, summary
from admin.desk.reports.case_summary import number_of as number_of
from admin.desk.reports.grid import Cell
from admin.desk.reports.pack import PackPart
from admin.desk.reports.pdf_and_zip import Grid, Letter, Line, Section
from cases import breach
from cases.breach import BreachEntry
from cases.deadlines import TASK, Deadline
from cases.form import clean_text
from crypto.cards import Card
from crypto.envelope import Kind

UNKNOWN: Final = "unknown"


def sections(
    opened: OpenedCase,
    clocks: tuple[Deadline, ...],
    names: Names,
    name_of: Callable[[Card], str],
    lang: str,
    today: date,
) -> list[Section]:
    """Return all parts of the document, in the page's language. What is not verified is said to be unverified."""
    return [
        summary(opened, clocks, names, name_of, today),
        _clocks(opened, clocks, today),
        _report(opened, name_of),
        _conversation(opened, name_of),
        *([_leak(opened, lang)] if opened.state.has_leak_part else ()),
        *_tasks_section(opened, names),
        _statuses(opened, name_of),
        history(opened, names, lang),
        _files(opened),
    ]


def _report(opened: OpenedCase, name_of: Callable[[Card], str]) -> Section:
    answers = opened.report.answers if opened.report else ()
    lines = [(gettext(common.FIELDS[name]), common.answer_text(name, text)) for name, text in answers]
    lines += opened.report.others if opened.report else ()
    lines = lines or [("", opened.report.raw if opened.report else "–")]
    if opened.report and not opened.report.verified:
        lines.insert(0, ("", gettext(case.REPORT_UNSIGNED)))
    if opened.written_down:
        lines.insert(0, ("", _written_down(opened, name_of)))
    return Section(
        gettext("Report"), [*lines, (gettext("Fingerprint of the report"), opened.report_hash.hex())]
    )


def _written_down(opened: OpenedCase, name_of: Callable[[Card], str]) -> str:
    """Return who wrote the report down, what follows from that for its words, and whom it left out."""
    written = opened.written_down
    if written is None or written.author is None or written.said is None:
        return str(gettext(intake.FALSE))
    name = name_of(written.author)
    lines = [f"{intake.source(written.said, name)} {gettext(intake.NOT_OWN)}"]
    if written.said.code == "none":
        lines.append(gettext(intake.NO_CODE))
    elif opened.new_code_day is None:
        lines.append(gettext(intake.KNOWS_CODE, name=name))
    return "\n".join(lines)


def source(opened: OpenedCase, name_of: Callable[[Card], str]) -> str:
    """Return which auditor wrote the report down, from what, and that its words are not the reporter's; "" for a
    report that the reporter sent.
    """
    return _written_down(opened, name_of).partition("\n")[0] if opened.written_down else ""


def _conversation(opened: OpenedCase, name_of: Callable[[Card], str]) -> Section:
    kept = [
        entry
        for entry in opened.shown
        if entry.kind in (Kind.FROM_REPORTER, Kind.TO_REPORTER) or not entry.opened
    ]
    return Section(
        gettext("Conversation"),
        [_spoken(entry, name_of, _first_code(opened, entry, name_of)) for entry in kept] or [("", "–")],
    )


def _first_code(opened: OpenedCase, entry: Entry, name_of: Callable[[Card], str]) -> str:
    """Return what is said of a message under the first code of a report that was written down."""
    written = opened.written_down
    if written is None or entry.envelope_id not in opened.first_code:
        return ""
    if written.author is None:
        return str(gettext(intake.FALSE))
    return str(gettext(intake.FIRST_CODE, name=name_of(written.author)))


def _spoken(entry: Entry, name_of: Callable[[Card], str], warned: str = "") -> Letter:
    if not entry.opened:
        return Letter(
            show_day(entry.day), gettext("Cannot be opened: you are excluded, or it is damaged or withheld")
        )
    texts = [entry.message or "", *(text for _name, text in (*entry.answers, *entry.others)), entry.raw]
    if entry.meaning and entry.verified:
        texts.insert(0, gettext(case.MEANINGS[entry.meaning].said))
    if entry.new_code:
        texts.append(
            gettext(
                "The reporter took a new receipt code. Answers now reach the new one; the old one opens nothing "
                "any more."
            )
        )
    if entry.gap:
        texts.insert(
            0,
            gettext(
                "A message is missing: this one names an earlier message that the server has not shown to "
                "this desk."
            ),
        )
    if warned:
        texts.insert(0, warned)
    if entry.files:
        texts.append(f"〔{gettext('Files')}〕 " + " / ".join(file.name for file in entry.files))
    text = "\n".join(text for text in texts if text) or "–"
    return Letter(_by_whom(entry, name_of), text, entry.kind == Kind.FROM_REPORTER)


def _by_whom(entry: Entry, name_of: Callable[[Card], str]) -> str:
    """Return who wrote to whom, on which day."""
    day = show_day(entry.day)
    if not entry.verified:
        return f"{gettext('Not verified: nobody’s word')}  {day}"
    if entry.author:
        return str(gettext("%(day)s  From %(name)s to the reporter", day=day, name=name_of(entry.author)))
    return str(gettext("%(day)s  From the reporter to the auditors", day=day))


def parts(opened: OpenedCase, names: Names, name_of: Callable[[Card], str], lang: str) -> Iterator[PackPart]:
    """Return what of a case can be chosen for a pack, each by itself: answers, messages, records."""
    report = opened.report
    for name, text in report.answers if report else ():
        yield PackPart(
            f"a_{name}",
            "report",
            str(gettext(common.FIELDS[name])),
            clean_text(common.answer_text(name, text)),
            True,
        )
    for entry in opened.entries:
        if entry.opened and entry.verified and entry.kind in (Kind.FROM_REPORTER, Kind.TO_REPORTER):
            letter = _spoken(entry, name_of, _first_code(opened, entry, name_of))
            own_id = f"m_{entry.envelope_id.hex()}"
            yield PackPart(own_id, "messages", letter.head, clean_text(letter.text), letter.from_reporter)
    for own_id, head, text in record_lines(opened, names, lang):
        yield PackPart(f"r_{own_id}", "records", head, clean_text(text))


def _statuses(opened: OpenedCase, name_of: Callable[[Card], str]) -> Section:
    reasons = {sequence: said.record["reason"] for sequence, said in opened.state.decisions.items()}
    rows = [
        [
            Cell(show_day(status.day)),
            Cell(str(gettext(common.STATUSES[status.status]))),
            Cell(name_of(status.author) if status.verified and status.author else gettext("Not verified")),
            Cell(reasons.get(status.sequence, "")),
        ]
        for status in opened.statuses
    ]
    head = (gettext("Day"), gettext("Status"), gettext("By whom"), gettext("Reason"))
    return Section(gettext("Status"), [Grid(head, rows, (5, 4, 5, 6))] if rows else [("", first_status())])


def _clocks(opened: OpenedCase, clocks: tuple[Deadline, ...], today: date) -> Section:
    texts = {task.id: task.text for task in opened.state.tasks}
    rows = [
        clock_row(
            clock,
            texts.get(clock.detail, "") if clock.id == TASK else str(gettext(clock_labels.CLOCKS[clock.id])),
            today,
        )
        for clock in clocks
    ]
    told: list[Line | Grid | Letter] = [Grid((), rows, (1, 2))] if rows else [("", "–")]
    if opened.days_contradict:
        told.insert(0, ("", gettext(case.DAYS_CONTRADICT)))
    return Section(gettext("Due dates"), told)


def _leak(opened: OpenedCase, lang: str) -> Section:
    state, (triggers, items) = opened.state, breach.data()
    known = state.breach
    answer = records.REPORTABLE[known.has_to_report if known else UNKNOWN]
    lines: list[Line | Grid | Letter] = [("", gettext(answer))]
    if known:
        lines.append(
            (
                gettext("Day on which the company became aware of the leak"),
                show_day(known.aware) if known.aware else "–",
            )
        )
        lines.append((gettext("Number of persons"), str(known.persons) if known.persons is not None else "–"))
        lines += [
            (trigger.text[lang], gettext(records.TRIGGER_ANSWERS[known.triggers[trigger.id]]))
            for trigger in triggers
        ]
    if state.forms or state.reported:
        lines.append(_nine_items(opened, items, lang))
    return Section(gettext("Report of the leak"), lines)


def _nine_items(opened: OpenedCase, items: Sequence[BreachEntry], lang: str) -> Grid:
    """Return the nine items of the report to the authority, the preliminary one beside the final one."""
    state = opened.state
    empty = Cell(gettext("(not written)"), "grey")

    def written(item: BreachEntry, stage: str) -> Cell:
        text = state.forms.get(stage, {}).get(item.id, "")
        return Cell(text) if text else empty

    def handed_in(stage: str) -> Cell:
        day = state.reported.get(stage)
        return Cell(show_day(day), strong=True) if day else Cell(gettext("Not handed in yet"), strong=True)

    stages = tuple(records.STAGES)
    return Grid(
        (gettext("Item"), *(str(gettext(records.STAGES[stage])) for stage in stages)),
        [
            [Cell(gettext("Handed in on")), *map(handed_in, stages)],
            *(
                [Cell(f"{number}. {item.text[lang]}"), *(written(item, stage) for stage in stages)]
                for number, item in enumerate(items, start=1)
            ),
        ],
        (2, 3, 3),
    )


def _tasks_section(opened: OpenedCase, names: Names) -> list[Section]:
    rows = [
        [
            Cell(task.text),
            Cell(show_day(task.due) if task.due else "–"),
            Cell(names(task.assignee) if task.assignee else "–"),
            Cell(show_day(task.done) if task.done else gettext("Open"), strong=not task.done),
        ]
        for task in opened.state.tasks
    ]
    head = (gettext("Task"), gettext("Last day"), gettext("Assigned to"), gettext("Done on"))
    return [Section(gettext("Tasks"), [Grid(head, rows, (5, 3, 3, 3), labels=False)])] if rows else []


def _files(opened: OpenedCase) -> Section:
    scans = opened.scans
    rows = [
        [Cell(_file_words(file, file.object_id in scans)), Cell(f"{file.size:,}"), Cell(file.entry["hash"])]
        for file in opened.files
    ]
    head = (gettext("File"), gettext("Bytes"), gettext("Hash in the signed list of files (BLAKE2b)"))
    return Section(
        gettext("Files"), [Grid(head, rows, (5, 2, 4), labels=False)] if rows else [("", gettext("None yet"))]
    )


def _file_words(file: File, is_scan: bool) -> str:
    """Return a file's name, with a warning where it may say who made it, and whose it is where it is a scan."""
    if is_scan:
        return f"{file.name}\n{gettext('an auditor’s scan')}"
    warned = common.CLEANED[file.entry["cleaned"]] if file.entry["cleaned"] in ("partly", "not") else ""
    return f"{file.name}\n{gettext(warned)}" if warned else file.name
