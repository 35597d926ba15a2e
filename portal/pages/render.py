"""Values that every page has: the site's name, the languages, the line of the Consumer Affairs Agency."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from flask import Flask, Response, current_app, make_response, request
from markupsafe import Markup

from cases import form
from cases.contacts import Contact, contact
from portal import bundle
from portal.edge.request import INSIDE_HEADER, portal
from portal.labels import files, intake, meaning, problems, site
from portal.labels.glossary import GLOSSARY, HEADING
from portal.labels.i18n import EASY, FURIGANA, LANGUAGES, furigana_of, in_data, language, prefix, templates_of
from portal.labels.log import CERTIFICATE_SAYS, LOG_RULE, LOG_WORDS
from portal.labels.scripts import READER_FAULTS, VISITS
from portal.usecases.log_notices import LogNotices, NoticesMemory
from templates.labels import FOUND, file_size

ADVICE_LINE: Final = "caa_consult_dial"
"""Where anybody can ask which channel is right; is on every page (cases/data/contacts.toml)."""


def install(app: Flask) -> None:
    """Give the templates what every page needs."""
    app.context_processor(_everywhere)
    app.extensions["log_notices"] = NoticesMemory()
    app.add_template_filter(file_size, "size")
    app.jinja_env.globals.update(
        icon=bundle.icon,
        questions=site.QUESTIONS,
        fields_to_check=form.fields_to_check,
        form_order=form.FORM_ORDER,
        causes=site.CAUSES,
        answer_rows=site.answer_rows,
        category_question=site.CATEGORY,
        treated_words=site.TREATED,
        treated_as=site.TREATED_AS,
        exclude_label=site.EXCLUDE,
        statuses=site.STATUSES,
        new_code_problems=problems.NEW_CODE_PROBLEMS,
        cleaned=files.CLEANED,
        duty_labels=site.DUTIES,
        found_words=FOUND,
        uncleaned=files.UNCLEANED,
        about_file=files.about_file,
        code_problems=problems.CODE_PROBLEMS,
        message_problems={**problems.MESSAGE_PROBLEMS, **meaning.PROBLEMS},
        meanings=meaning.MEANINGS,
        written_words=intake.WRITTEN,
        choice_words=site.CHOICE,
        reader_faults=READER_FAULTS,
        readers_changed=site.READERS_CHANGED,
        visit_reasons=VISITS,
        log_words=LOG_WORDS,
        log_rule=LOG_RULE,
        certificate_says=CERTIFICATE_SAYS,
    )


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page of the reporter's site."""
    return make_response(_rendered(template, context), status)


def _rendered(template: str, context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    return templates_of(current_app).get_template(f"portal/{template}.html").render(context)


def cached_page(
    template: str,
    state: Hashable,
    values: Mapping[str, str],
    context: Callable[[Mapping[str, str]], dict[str, Any]],
) -> Response:
    """Return a page that is rendered once for each `state` and filled with `values` (see portal.template_cache)."""
    place = (template, prefix(), request.script_root, is_inside(), notices())

    def render(marks: Mapping[str, str]) -> str:
        return _rendered(template, context(marks))

    return make_response(portal().template_cache.fill(place, state, values, render))


def _everywhere() -> dict[str, Any]:
    root, code = request.script_root, language()
    lang, base = in_data(code), f"{root}/{prefix()}"
    limits = portal().settings.limits
    header, footer = portal().frame_parts.get(base, lambda: _frame(base, lang))
    return {
        "lang": lang,
        "path_lang": code,
        "html_lang": lang,
        "root": root,
        "base": base,
        "page_header": header,
        "page_footer": footer,
        "script": _script,
        "script_path": _script_path,
        "inside": is_inside(),
        "max_files": limits.max_files,
        "max_bytes": limits.max_file_bytes,
        "max_megabytes": limits.max_file_bytes // 1_000_000,
        "languages": _languages(),
        "furigana_script": _script_path("furigana") if prefix() == EASY else "",
        "here": _here(),
        "site_name": portal().settings.site.name(lang),
        "operator": portal().settings.operator,
        "categories": site.CATEGORIES if portal().settings.site.ask_category else {},
        "outside_for": _outside_for,
        "today": portal().today(),
        "problems": (),
        "log_notices": notices(),
    }


def _frame(base: str, lang: str) -> tuple[Markup, Markup]:
    """Return what is above and below every page of a language: it follows from the settings alone."""
    settings = portal().settings
    operator = settings.operator.name(lang) if settings.operator else ""
    macros: Any = templates_of(current_app).get_template("portal/parts/frame.html").module
    return (
        Markup(macros.header(base, settings.site.name(lang), operator)),
        Markup(macros.footer(base, contact(ADVICE_LINE), _glossary())),
    )


def notices() -> LogNotices:
    """Return what pages tell of the log for 90 days: a restored database, changed witnesses."""
    memory: NoticesMemory = current_app.extensions["log_notices"]
    # A request with answers to the guide never comes near the database.
    return (
        memory.last if request.blueprint == "channels" and request.method == "POST" else memory.of(portal())
    )


def _outside_for() -> list[tuple[str, str, tuple[str, ...], Contact]]:
    """Return the places outside for what a report can be about: the subjects, a heading, sentences, the contact."""
    return [
        (subjects, site.CHANNELS[channel], sentences, contact(place))
        for subjects, (channel, sentences, place) in site.OUTSIDE_FOR.items()
    ]


def _languages() -> list[tuple[str, str, str]]:
    """Return what the page can be switched to: first part of the path, its name, its language in HTML."""
    names = {code: name for code, name in LANGUAGES.items() if code != language()}
    if prefix() in FURIGANA:
        names |= {code: name for code, name in FURIGANA.items() if code != prefix()}
    return [(code, name, "en" if code == "en" else "ja") for code, name in names.items()]


def _glossary() -> dict[str, Any] | None:
    """Return the words that plain Japanese explains on every page; None in other languages."""
    if language() != EASY:
        return None
    rows = [(furigana_of(word), furigana_of(meaning)) for word, meaning in GLOSSARY.items()]
    return {"heading": furigana_of(HEADING), "rows": rows}


def _script(name: str) -> Markup:
    """Return the tag of one of the page's scripts; nothing where they were not built."""
    script = portal().scripts.get(name)
    if script is None:
        return Markup()
    tag = Markup('<script type="module" src="{}" integrity="{}"></script>')
    return tag.format(_script_path(name), script.sri)


def _script_path(name: str) -> str:
    """Return where a script is that the page's script fetches when it is needed; "" where it was not built."""
    script = portal().scripts.get(name)
    return f"{request.script_root}/static/{script.path}" if script else ""


def is_inside() -> bool:
    """Tell whether the reverse proxy says that the visitor is in a network of the company: one bit."""
    return portal().settings.site.inside_banner and INSIDE_HEADER in request.environ


def _here() -> str | None:
    """Return this page's name for the switch of languages; None where switching would lose a page's text. Where
    there is no such page, the switch leads to the first one.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    if request.endpoint not in current_app.view_functions:
        return ""
    return request.path.strip("/").partition("/")[2]
