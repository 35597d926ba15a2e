"""The guide for the officer: one page, made to be printed."""

from __future__ import annotations

from flask import Blueprint, Response

from admin.desk.web.context import desk
from admin.desk.web.pages import page
from admin.desk.web.views.path import LANGUAGE
from cases import law, officer_guide

guide = Blueprint("guide", __name__, url_prefix=f"/{LANGUAGE}/guide")


@guide.get("")
def show(lang: str) -> Response:
    """Show what to do from the first day of a case to its end, with the rules that it rests on as of today."""
    desk().keyring.use()
    today = desk().today()
    rules = {key: rule for key in officer_guide.sources() if (rule := law.rule_on(key, today))}
    return page(
        "guide",
        steps=officer_guide.steps(),
        rules=rules,
        numbers={key: number for number, key in enumerate(rules, start=1)},
    )
