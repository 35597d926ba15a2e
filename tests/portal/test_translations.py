"""All catalogues are complete and up to date with the sources."""

from __future__ import annotations

import re

import pytest

from cases.replies import replies
from cases.routing.texts import texts as routing_texts
from portal.labels import furigana, problems, site
from portal.labels.i18n import LOCALES
from portal.pages import error_pages
from tests.support.catalogues import Catalogues, translations

HERE = Catalogues("portal", "portal")


def test_extraction_finds_sentences_of_every_kind() -> None:
    found = HERE.in_sources
    assert len(found) > 200
    assert "Send the report" in found and problems.PROBLEMS["nobody_left"] in found
    assert any(isinstance(one, tuple) for one in found)


@pytest.mark.parametrize("language", LOCALES.values())
def test_the_catalogue_is_complete(language: str) -> None:
    HERE.check_complete(language)
    HERE.check_placeholders(language)


def test_english_says_what_the_sources_say() -> None:
    HERE.check_english()


def test_english_says_place_and_not_door() -> None:
    """The word “channel” is one of the code; people are told of places to turn to."""
    sentences = [text for message in HERE.entries("en") for text in translations(message)]
    sentences += [words["en"] for words in routing_texts().values()]
    sentences += [part["en"] for reply in replies() for part in (reply.name, reply.text)]
    assert [one for one in sentences if re.search(r"\bdoors?\b", one, re.IGNORECASE)] == []


def test_japanese_is_japanese_and_calm() -> None:
    HERE.check_japanese()


def test_plain_japanese_is_japanese_and_plainer() -> None:
    HERE.check_japanese("ja@easy")
    plain = {
        message.id: tuple(map(furigana.plain, translations(message))) for message in HERE.entries("ja@easy")
    }
    usual = {message.id: translations(message) for message in HERE.entries("ja")}
    # A sentence that nobody has put into plain words would pass for a translated one.
    same = [texts for name, texts in plain.items() if texts == usual[name] and texts[0].endswith("。")]
    assert same == []


def test_every_word_of_the_tables_is_marked() -> None:
    found = HERE.in_sources
    tables = [site.CAUSES, problems.PROBLEMS, problems.MESSAGE_PROBLEMS, problems.CODE_PROBLEMS]
    sentences = {text for table in tables for text in table.values()} | {site.EXCLUDE}
    sentences |= {text for one in site.QUESTIONS.values() for text in (one.label, one.hint)}
    sentences |= {text for one in site.STATUSES.values() for text in (one.name, one.means)}
    sentences |= {text for one in error_pages.ERRORS.values() for text in (one.title, one.happened, one.do)}
    assert sentences <= found
