"""Pages of the register: templates, stand-ins, persons in charge, the export log, shared views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, request

from admin.desk.casework.register import RegisterBehind
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import DoesNotCount, Situation
from admin.desk.labels import register as words
from admin.desk.labels.i18n import language
from admin.desk.labels.problems import REGISTER
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import register_forms
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE
from cases import roles
from cases.categories import CATEGORIES
from cases.days import format_day
from cases.records import BadRecord
from cases.register import RegisterState
from crypto.cards import Card
from crypto.encoding import b64d
from crypto.errors import BadData, MisuseError

register = Blueprint("register", __name__, url_prefix=f"/{LANGUAGE}/register")

_KINDS: Final = "<any(template, charge, stand_in, view):kind>"


@register.before_request
def only_readers() -> Response | None:
    """Turn away keys that no register is sealed to."""
    work = desk().work()
    roster = work.kept_roster()
    if roster is not None and work.identity.key_id not in roster.listing.readers():
        return to(f"/{language()}/statistics")
    return None


@register.get("")
def show(lang: str) -> Response:
    """Show all of it; `charge` in the address: with an entry about a person in charge to be corrected."""
    situation = desk().work().refresh()
    said = desk().work().register.state(situation.roster).charges.get(request.args.get("charge", ""))
    if said is None:
        return _shown(situation)
    return _shown(situation, "charge", typed={**said.entry.fields, "id": said.entry["charge"]})


@register.get("/charges")
def charges(lang: str) -> Response:
    """Show the persons in charge on a sheet to print."""
    situation = desk().work().refresh()
    return page("register_charges", **_context(situation))


@register.get("/template")
def template(lang: str) -> Response:
    """Show one of the templates to be changed, or an empty form."""
    situation = desk().work().refresh()
    if not _context(situation)["is_lead"]:
        return to(f"/{lang}/register#template")
    said = desk().work().register.state(situation.roster).templates.get(request.args.get("id", ""))
    fields = dict.fromkeys(register_forms.FIELDS["template"], "")
    if said is not None:
        fields = register_forms.template_fields(said.entry)
    return _template_page(situation, fields)


@register.post(f"/{_KINDS}")
def write(lang: str, kind: str) -> Response:
    """Write an entry; whatever goes wrong, what was typed comes back."""
    work, form = desk().work(), request.form
    situation = work.refresh()
    try:
        entry = register_forms.read(kind, form, work.register.templates(situation.roster))
    except BadRecord as bad:
        return _again(situation, kind, bad.code)
    problem = _written(situation, entry)
    if problem:
        return _again(situation, kind, problem)
    flash("register_written")
    return to(f"/{lang}/" if kind == "view" else f"/{lang}/register#{kind}")


def _written(situation: Situation, entry: Any) -> str:
    """Write an entry; return a code of `labels.register.PROBLEMS`, "" when the server has it."""
    shown = request.form.get("shown", "")
    try:
        desk().work().register.add(situation, entry, int(shown) if shown.isdecimal() else None)
    except DoesNotCount as refused:
        return refused.reason
    except RegisterBehind as behind:
        return behind.reason
    except ServerTrouble:
        return "trouble"
    except (ServerRefusal, MisuseError):
        return "refused"
    return ""


@register.get("/pack/<file_hash>")
def pack_sheet(lang: str, file_hash: str) -> Response:
    """Show the sheet that goes along with a pack, by the SHA-256 of its file in hexadecimal; 404 for none."""
    situation = desk().work().refresh()
    for line in desk().work().register.exports(situation.roster):
        details = line.details
        if details.get("what") == "pack" and _hex_of(details) == file_hash:
            return page("register_pack", **_context(situation), line=line, file_hash=file_hash)
    abort(404)
    return None


def _hex_of(details: Mapping[str, Any]) -> str:
    try:
        return b64d(details["file"]).hex()
    except (LookupError, TypeError, BadData):
        return ""


def _again(situation: Situation, kind: str, problem: str) -> Response:
    if kind == "template":
        return _template_page(situation, request.form.to_dict(), problem)
    return _shown(situation, kind, problem)


def _template_page(situation: Situation, fields: Mapping[str, str], problem: str = "") -> Response:
    context = _context(situation)
    return page(
        "register_template",
        400 if problem else 200,
        **context,
        typed_fields={"id": "", **fields},
        problem=problem,
        on_record=context["state"].templates.get(fields.get("id", "")) if problem == "changed" else None,
        category_words=CATEGORIES,
    )


def _shown(
    situation: Situation, kind: str = "", problem: str = "", typed: Mapping[str, str] | None = None
) -> Response:
    return page(
        "register",
        400 if problem else 200,
        **_context(situation),
        kind=kind,
        problem=problem,
        typed_fields=request.form.to_dict() if problem else typed or {},
    )


def _context(situation: Situation) -> dict[str, Any]:
    work, roster = desk().work(), situation.roster
    own = roster.by_key.get(work.identity.key_id) or abort(404)
    state = work.register.state(roster)
    return {
        "state": state,
        "newest_entry": work.register.newest,
        "not_listed": _not_listed(state, roster),
        "exports": work.register.exports(roster),
        "unread_numbers": work.register.kept.unread(),
        "register_fault": REGISTER.get(work.register.fault),
        "trouble": situation.trouble,
        "roster": roster,
        "own_person": own.person,
        "own_duty": roster.role_of(own.key_id),
        "is_lead": roles.may_edit_register(roster.role_of(own.key_id)),
        "readers": list({card.person: card for card in roster.readers}.values()),
        "current": _current(state),
        "words": words,
    }


def _not_listed(state: RegisterState, roster: SiteRoster) -> list[Card]:
    """Return the readers of whom nobody wrote down, under either name, that they are in charge today."""
    current = _current(state)
    names = {said.entry["name"] for own_id, said in state.charges.items() if current[own_id]}
    people = {card.person: card for card in roster.readers}.values()
    return [card for card in people if not names & set(card.name.values())]


def _current(state: RegisterState) -> dict[str, bool]:
    """Return of each person in charge whether it is so today."""
    day = format_day(desk().today())
    return {
        own_id: said.entry["first"] <= day and (not said.entry["last"] or day <= said.entry["last"])
        for own_id, said in state.charges.items()
    }
