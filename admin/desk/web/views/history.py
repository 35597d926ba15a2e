"""The history of a case as its page shows it: narrowed to a kind and a person by fields of the page's one form."""

from __future__ import annotations

from typing import Any, Final

from flask import request

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import Situation
from admin.desk.casework.timeline import GROUPS, REPORTER, narrowed, persons_in, timeline
from admin.desk.labels import history as labels
from admin.desk.web.context import desk

SHOWN: Final = 11
"""Entries that are not folded away."""


def shown_of(opened: OpenedCase, now: Situation) -> dict[str, Any]:
    """Return what the page says of the history. Raises CacheUnusable, Locked."""
    readings = desk().work().readings
    whole = timeline(opened, readings.of_case(now.roster, opened))
    persons = {person.hex() or REPORTER: person for person in persons_in(whole)}
    group, who = request.form.get("history_kind", ""), request.form.get("history_who", "")
    group, who = group if group in GROUPS else "", who if who in persons else ""
    entries = narrowed(whole, group, who)
    folded = len(entries) - SHOWN if len(entries) > SHOWN + 5 else 0
    return {
        "history": entries,
        "history_folded": folded,
        "history_whole": len(whole),
        "history_groups": {name: text for name, text in labels.GROUPS.items() if narrowed(whole, name)},
        "history_persons": persons,
        "history_kind": group,
        "history_who": who,
        "happened": labels.HAPPENED,
        "reading_missing": readings.missing_from(now.roster),
    }
