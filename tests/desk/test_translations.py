"""Both catalogues are complete and up to date with the sources."""

from __future__ import annotations

import pytest

from admin.desk.labels import answers, common, problems
from admin.desk.labels.i18n import LANGUAGES
from admin.desk.server.responses import Trouble
from templates.labels import FOUND
from tests.support.catalogues import Catalogues

HERE = Catalogues("admin/desk", "desk")


def test_extraction_finds_sentences_of_every_kind() -> None:
    found = HERE.in_sources
    assert len(found) > 180
    assert "Send to the reporter" in found and answers.REPLY["other_sent"] in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_complete(language: str) -> None:
    HERE.check_complete(language)
    HERE.check_placeholders(language)


def test_english_says_what_the_sources_say() -> None:
    HERE.check_english()


def test_japanese_is_japanese_and_calm() -> None:
    HERE.check_japanese()


def test_every_word_of_the_tables_is_marked() -> None:
    found = HERE.in_sources
    tables = [
        common.FIELDS,
        common.CAUSES,
        common.STATUSES,
        problems.BROKEN,
        answers.REPLY,
        answers.STATUS,
        problems.UNLOCK,
        common.CLEANED,
        FOUND,
    ]
    sentences = {text for table in tables for text in table.values()}
    told = [*problems.TROUBLES.values(), *problems.ERRORS.values(), *problems.FILE.values()]
    sentences |= {text for one in told for text in (one.title, one.happened, one.do)}
    assert sentences <= found
    assert set(problems.TROUBLES) == set(Trouble)
