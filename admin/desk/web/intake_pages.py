"""The pages on which a report that came by telephone, letter or talk is written down: what each shows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g
from flask_babel import force_locale, gettext

from admin.desk.casework.situation import Situation
from admin.desk.labels import intake as labels
from admin.desk.labels.common import CATEGORIES, CAUSES, FIELDS, PAGE_LANGUAGES
from admin.desk.labels.i18n import language
from admin.desk.local.draft import Draft
from admin.desk.web import intake_form
from admin.desk.web.context import desk
from admin.desk.web.page_draft import PageDraft
from admin.desk.web.pages import page, to
from cases import roles
from cases.form import REPORT_FIELDS, fields_for
from crypto.cards import Card
from crypto.payloads import CATEGORIES as REPORTED
from crypto.receipt import format_code

DRAFT: Final = PageDraft(bytes(16), intake_form.NAME, intake_form.BOX)
"""Kept at a place that no case has."""


def scans_word() -> str:
    """Return the ids of the scans that go along, as the page that was looked at has them."""
    return ",".join(scan.entry["object"] for scan in desk().scans.all)


def form(
    now: Situation, wrong: list[tuple[str, str]] | None = None, fields: Mapping[str, str] | None = None
) -> Response:
    """Show the form, with what was typed. `wrong`: fields, each with a code of `labels.intake.PROBLEMS`; `fields`: what
    was typed and not kept."""
    roster, own = now.roster, desk().work().identity.key_id
    if not roles.reads_reports(roster.role_of(own)):
        return to(f"/{language()}/")
    draft = DRAFT.kept()
    if not intake_form.subject_of(draft.fields):
        return subject(now, "category" if wrong else "")
    problems = [("in_exclude" if name == "exclude" else name, code) for name, code in wrong or []]
    return page(
        "intake",
        400 if wrong else 200,
        **_shared(now, draft),
        **_asked(draft.fields if fields is None else {**draft.fields, **fields}),
        wrong={name: labels.PROBLEMS[code] for name, code in problems},
        problems=[code for _name, code in problems],
        persons=_persons(now, own),
        not_kept=bool(g.get("intake_kept", "")),
    )


def _asked(fields: Mapping[str, str]) -> dict[str, Any]:
    about = intake_form.subject_of(fields)
    return {
        "fields_typed": fields,
        "subject": about,
        "own": fields_for(about),
        "asked": intake_form.asked_for(fields),
    }


def subject(now: Situation, problem: str = "") -> Response:
    """Ask what it is about. `problem`: a code of `labels.intake.PROBLEMS`."""
    if not roles.reads_reports(now.roster.role_of(desk().work().identity.key_id)):
        return to(f"/{language()}/")
    draft = DRAFT.kept()
    return page(
        "intake_subject",
        400 if problem else 200,
        **_shared(now, draft),
        fields_typed={**draft.fields, **DRAFT.typed()},
        ticked=[name for name, text in draft.fields.items() if intake_form.BOX.fullmatch(name) and text],
        wrong={"in_category": labels.PROBLEMS[problem]} if problem else {},
        problems=[problem] if problem else [],
        not_kept=bool(g.get("intake_kept", "")),
    )


def _shared(now: Situation, draft: Draft) -> dict[str, Any]:
    return {
        "own_duty": now.roster.role_of(desk().work().identity.key_id),
        "trouble": now.trouble,
        "draft_number": draft.number,
        "scans": desk().scans.all,
        "scans_word": scans_word(),
        "page_id": secrets.token_hex(16),
        "report_names": REPORT_FIELDS,
        "answer_labels": FIELDS,
        "answer_causes": CAUSES,
        "about": {name: CATEGORIES[name] for name in REPORTED},
        "channels": labels.CHANNELS,
        "codes": labels.CODES,
        "reporter_languages": PAGE_LANGUAGES,
    }


def _persons(now: Situation, own: bytes) -> list[Card]:
    """Return who can be left out: each person who reads, but for the author, with the newest card."""
    author = now.roster.by_key[own].person
    newest = {card.person: card for card in now.roster.readers}
    return [card for person, card in newest.items() if person != author]


def scans(now: Situation, wrong: str = "") -> Response:
    """Show the scans that go along. `wrong`: a code of `labels.intake.PROBLEMS`."""
    return page(
        "intake_scans",
        400 if wrong else 200,
        own_duty=now.roster.role_of(desk().work().identity.key_id),
        scans=desk().scans.all,
        wrong=labels.PROBLEMS[wrong] if wrong else "",
        problems=[wrong] if wrong else [],
    )


def checked(now: Situation, draft: Draft, code: str, problem: str = "") -> Response:
    """Show what will be sent, who will be able to read it, and the code on its sheet."""
    work = desk().work()
    written = intake_form.read(draft.fields, draft.reply_id)
    excluded = now.roster.excluded_keys(written.out)
    author = now.roster.by_key[work.identity.key_id]
    return page(
        "intake_check",
        502 if problem == "trouble" else 400 if problem else 200,
        **_shared(now, draft),
        written=written,
        code=format_code(code) if code else "",
        sheet=_sheet(written.language, author) if code else None,
        can_read=list(
            {card.person: card for card in now.roster.readers if card.key_id not in excluded}.values()
        ),
        left_out=[card for card in _persons(now, author.key_id) if card.person in written.out],
        problem=labels.PROBLEMS[problem] if problem else "",
        problems=[problem] if problem else [],
    )


def _sheet(spoken: str, author: Card) -> dict[str, Any]:
    """Return the words of the sheet, in the person's language."""
    lang = "en" if spoken == "en" else "ja"
    role = f" ({author.role[lang]})" if lang == "en" else f"（{author.role[lang]}）"
    with force_locale(lang):
        lines = [str(gettext(line)) for line in (labels.PLAIN_SHEET if spoken == "easy" else labels.SHEET)]
        title = str(gettext("Receipt code"))
        by = str(gettext("Written down by %(name)s.", name=author.name[lang] + role))
    address = f"{desk().server.url}/{spoken}/status"
    return {"lang": lang, "title": title, "by": by, "lines": lines, "address": address}
