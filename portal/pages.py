"""What every page has: the site's name, the languages, the line of the Consumer Affairs Agency."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from flask import Flask, Response, current_app, make_response, render_template, request

from cases.contacts import contact
from portal import words
from portal.context import portal
from portal.i18n import LANGUAGES, language

ADVICE_LINE: Final = "caa_consult_dial"
"""Where anybody can ask which door is right; stands on every page (cases/data/contacts.toml)."""


def install(app: Flask) -> None:
    """Give the templates what every page needs."""
    app.context_processor(_everywhere)
    app.jinja_env.globals.update(
        questions=words.QUESTIONS,
        causes=words.CAUSES,
        exclude_label=words.EXCLUDE,
        statuses=words.STATUSES,
        code_problems=words.CODE_PROBLEMS,
        message_problems=words.MESSAGE_PROBLEMS,
    )


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page of the reporter's site."""
    return make_response(render_template(f"portal/{template}.html", **context), status)


def stencilled(
    template: str,
    state: Hashable,
    values: Mapping[str, str],
    context: Callable[[Mapping[str, str]], dict[str, Any]],
) -> Response:
    """Return a page that is rendered once for each `state` and filled with `values` (see portal.stencil)."""
    place = (template, language(), request.script_root)

    def render(marks: Mapping[str, str]) -> str:
        return render_template(f"portal/{template}.html", **context(marks))

    return make_response(portal().stencils.fill(place, state, values, render))


def _everywhere() -> dict[str, Any]:
    lang = language()
    root = request.script_root
    return {
        "lang": lang,
        "root": root,
        "base": f"{root}/{lang}",
        "languages": LANGUAGES,
        "here": _here(),
        "site_name": portal().settings.site.name(lang),
        "line": contact(ADVICE_LINE),
        "problems": (),
    }


def _here() -> str | None:
    """Return this page's name for the switch of languages; None where switching would lose a page's text."""
    if request.method not in ("GET", "HEAD") or request.endpoint not in current_app.view_functions:
        return None
    return request.path.strip("/").partition("/")[2]
