"""Templates compiled for a language say what templates say that look their sentences up."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import Markup

from portal.labels import i18n
from templates import shown
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


def test_what_may_not_be_in_a_page_is_never_put_out() -> None:
    """Each code point by itself, and inside of text that is printable but for line feeds and wide spaces."""
    refused = {
        *range(9),
        0xB,
        *range(0xE, 0x20),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        *range(0xFDD0, 0xFDF0),
    }
    refused |= {plane * 0x10000 + last for plane in range(17) for last in (0xFFFE, 0xFFFF)}
    for point in refused:
        assert shown(chr(point)) == "\ufffd"
        assert shown(f"一\n二\u3000{chr(point)}") == "一\n二\u3000\ufffd"
    for fine in ("\t", "\n", "\r", "\x0c", "\u3000", "\xa0", "名\u200d簿", "👩\u200d💻", "é\u0301"):
        assert shown(fine) == fine
