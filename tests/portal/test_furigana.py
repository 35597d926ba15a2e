"""Furigana: the notation in texts of the program, how pages show it, and that nothing else is read as one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from portal.labels import furigana
from portal.labels.furigana import PlainAttributes
from portal.labels.i18n import BARE
from tests.portal.client import HTML, without_furigana
from tests.portal.conftest import World
from tests.portal.pages import PAGES

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "furigana.json").read_text())
ATTACK = '漢字《かんじ》<ruby>漢<rt>かん</rt></ruby>"><script>｜x《あ》'


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_text_has_these_parts(vector: dict[str, object]) -> None:
    assert [list(part) for part in furigana.parts(str(vector["text"]))] == vector["parts"]


@given(st.text(alphabet="漢字々かなカナ《》｜（）()<>&\"'ab12 \n"))
@example("漢字（かんじ）")
@example("漢字(かんじ)")
def test_a_text_is_never_markup_but_for_the_readings(text: str) -> None:
    shown = str(furigana.markup(text))
    assert "".join(base for base, _reading in furigana.parts(text)) == furigana.plain(text)
    assert str(furigana.without_tags(Markup(shown))) == str(escape(furigana.plain(text)))
    tags = re.findall(r"<[^<>]*>", shown)
    assert set(tags) <= {"<span>", "</span>", "<ruby>", "</ruby>", '<rt aria-hidden="true">', "</rt>"}
    # Without the marks, brackets are brackets.
    if "《" not in text:
        assert shown == str(escape(text))


def test_values_are_not_read_as_furigana() -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n", PlainAttributes])
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: furigana.markup("人《ひと》：%(name)s"), lambda one, many, number: one, newstyle=True
    )
    page = environment.from_string(
        '<p title="{{ _("x", name=name) }}">{{ _("x", name=name) }} {{ name }}</p>'
    )
    shown = page.render(name=ATTACK)
    assert shown.count("<ruby>") == 1 and "<script>" not in shown
    assert shown.count(str(escape(ATTACK))) == 3


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("<p>{{ x }}</p>", "<p><span><ruby>人<rt aria-hidden=\"true\">ひと</rt></ruby></span></p>"),
        ('<p title="{{ x }}">a</p>', '<p title="人">a</p>'),
        ("<title>{{ x }}</title>", "<title>人</title>"),
        ("<option>{{ x }}</option>", "<option>人</option>"),
        ("<textarea>{{ x }}</textarea>", "<textarea>人</textarea>"),
        ("{% block title %}{{ x }}{% endblock %}", "人"),
        (
            '<a{{ " id=\'b\'"|safe if y }}>{{- x -}}</a>',
            "<a><span><ruby>人<rt aria-hidden=\"true\">ひと</rt></ruby></span></a>",
        ),
        ("{# <a #}{% if y %}<{% endif %}{{ x|string|length > 20 }}", "True"),
    ],
)  # fmt: skip
def test_attributes_and_titles_hold_text_only(template: str, shown: str) -> None:
    environment = Environment(autoescape=True, undefined=StrictUndefined, extensions=[PlainAttributes])
    assert environment.from_string(template).render(x=furigana.markup("人《ひと》"), y=False) == shown


@pytest.mark.parametrize("name", [name for name in PAGES if name != "exit"])
def test_the_switch_is_in_the_address_and_changes_nothing_else(world: World, name: str) -> None:
    full, bare = world.client("easy").get(name), world.client(BARE).get(name)
    assert "<ruby>" in full.html and "<ruby>" not in bare.html and "《" not in full.html + bare.html
    if name.partition("/")[0] != "outside" or name == "outside":
        tag, to = ("button", "formaction") if name == "report" else ("a", "href")
        assert full.all(tag, **{to: f"/{BARE}/{name}"}) and bare.all(tag, **{to: f"/easy/{name}"})
    assert "Set-Cookie" not in bare.response.headers
    same = without_furigana(full.html).replace("<span>", "").replace("</span>", "")
    assert re.sub(r"\s+", " ", body(same)) == re.sub(
        r"\s+", " ", body(bare.html).replace(f"/{BARE}", "/easy").replace("<span>", "").replace("</span>", "")
    )


def body(html: str) -> str:
    """Return what does not differ from form to form, nor by the switch."""
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r'<input type="hidden"[^>]*>', "", main)


def test_no_page_of_another_language_has_furigana(world: World) -> None:
    for language in ("ja", "en"):
        for name in ("", "outside/all", "words.json"):
            html = world.client(language).raw("GET", f"/{language}/{name}").get_data(as_text=True)
            assert "<ruby>" not in html and "《" not in html


def test_what_a_reporter_writes_is_shown_as_it_is(world: World) -> None:
    client = world.client("easy")
    page = client.reply(client.look(client.report(what_happened=ATTACK).code), ATTACK)
    written = [
        text(one) for one in page.all("dd", **{"class": "words"}) + page.all("p", **{"class": "words"})
    ]
    assert written.count(ATTACK) == 2
    again = client.report(what_happened="")
    assert not again.all("script", type="") and "<ruby>" in again.html


def text(element: ElementTree.Element) -> str:
    assert element.find(f".//{HTML}ruby") is None
    return "".join(element.itertext())


def test_scripts_get_the_notation_or_none(world: World) -> None:
    words = world.client("easy").raw("GET", "/easy/words.json").get_json()
    bare = world.client(BARE).raw("GET", f"/{BARE}/words.json").get_json()
    assert "《" in words["sending"] and "<" not in "".join(words.values())
    assert {key: furigana.plain(sentence) for key, sentence in words.items()} == bare
