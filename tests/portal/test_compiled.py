"""Templates compiled for a language say what templates say that look their sentences up."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import Markup

from portal.labels import i18n
from tests.portal.conftest import World

SENTENCES = (
    "{{ _('Reports') }}|<b title=\"{{ _('Reports') }}\">",
    "{{ _('Read the rest of this page.') }}",
    "{% trans %}Next{% endtrans %}",
    "{% trans what=value %}100 %% of {{ what }} & more{% endtrans %}",
    "{{ _('%(name)s is <em>here</em>', name=value) }}",
    "{{ _('%(name)s is here', name=safe) }}",
    "{% trans count=2 %}{{ count }} day{% pluralize %}{{ count }} days{% endtrans %}",
    "{% set text = 'Next' %}{{ _(text) }}",
    "{% macro say(what) %}{{ _('Reports') }}: {{ what }}{% endmacro %}{{ say(_('Next')) }}",
)


@pytest.mark.parametrize("part", list(i18n.PREFIXES))
def test_a_compiled_sentence_is_the_sentence(world: World, part: str) -> None:
    app: Flask = world.app
    values = {"value": "<i>\x00& 100 %", "safe": Markup("<i>kept</i>")}
    with app.test_request_context(f"/{part}/", base_url="https://tips.example"):
        compiled = i18n.templates_of(app)
        assert compiled is not app.jinja_env
        for source in SENTENCES:
            # A {% trans %} with values can't stand in a title: furigana is taken out of each value there.
            for text in (source, *([f"<title>{source}</title>"] if "{% trans " not in source else [])):
                expected = app.jinja_env.from_string(text).render(values)
                assert compiled.from_string(text).render(values) == expected


@pytest.mark.parametrize("part", list(i18n.PREFIXES))
def test_a_page_looks_up_only_sentences_that_are_chosen_while_it_is_made(
    world: World, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    read = i18n.furigana_of

    def counted(text: str) -> str:
        looked_up.append(text)
        return read(text)

    def count() -> int:
        looked_up.clear()
        page = world.app.test_client().get(f"/{part}/status", base_url="https://tips.example")
        assert page.status_code == 200
        return len(looked_up)

    monkeypatch.setattr(i18n, "furigana_of", counted)
    compiled = count()
    monkeypatch.setattr("portal.pages.render.templates_of", lambda app: app.jinja_env)
    assert 0 < compiled * 3 < count()
