"""Plain Japanese is plain: furigana, sentence length, words, spacing, on every page and in every text of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from portal.labels import furigana
from portal.labels.furigana import KANJI
from portal.labels.glossary import GLOSSARY, HEADING
from tests.portal.client import HTML, Page
from tests.portal.conftest import World
from tests.portal.pages import PAGES
from tests.support import plain_japanese
from tests.support.plain_japanese import LONGEST, sentences, texts

WORDS: Final = tomllib.loads((Path(__file__).parent / "plain_words.toml").read_text(encoding="utf-8"))
ALL: Final = [
    *texts(),
    *((word, text) for word, text in GLOSSARY.items()),
    *(("", word) for word in GLOSSARY),
]
LISTS: Final = re.compile(r" (address|languages)$")
"""Fields of a contact that are an address or a list of names, not sentences."""

ARTICLE: Final = re.compile(r"第[0-9]+条")
NAME: Final = re.compile(r"公益通報\w*|個人情報\w*|\w*委員会|\w*大臣|\w*相談\w*")


def test_every_kanji_has_furigana() -> None:
    bare = [
        (where, part)
        for where, text in [*ALL, ("", HEADING)]
        for part, reading in furigana.parts(text)
        if not reading and re.search(f"[{KANJI}《》｜]", part)
    ]
    assert bare == []


def test_sentences_are_short() -> None:
    measured = [
        (len(sentence), sentence)
        for where, text in ALL
        if not LISTS.search(where)
        for sentence in sentences(text)
        if not ARTICLE.search(sentence)
    ]
    assert [long for long in measured if long[0] > LONGEST] == []
    assert sum(length for length, _ in measured) / len(measured) < 20


@pytest.mark.parametrize("kind", ["hard", "negatives"])
def test_no_hard_word(kind: str) -> None:
    used = [
        (word, better, where)
        for where, text in ALL
        for word, better in WORDS[kind].items()
        if word in NAME.sub("", furigana.plain(text))
    ]
    assert used == []


def test_loan_words_are_everyday_ones_or_explained() -> None:
    explained = set(re.findall("[ァ-ヶー]{2,}", " ".join(GLOSSARY)))
    known = {*WORDS["loanwords"]["everyday"], *WORDS["loanwords"]["names"], *explained}
    strange = {
        (word, where)
        for where, text in ALL
        for word in re.findall(
            "[ァ-ヶー]{2,}", re.sub("（[^（）]*）", "", re.sub("[ァ-ヶー]+（", "（", text))
        )
        if word not in known
    }
    assert strange == set()


def test_spacing_is_the_same_everywhere() -> None:
    """Between phrases one space, none beside marks; a form of a verb and what follows it are apart."""
    wrong = []
    for where, text in ALL:
        plain = furigana.plain(text)
        joined = re.search(
            "[てで](ください|います|いません|おいて|くれる)|[るただい](こと|もの|とき|ところ)(が|は|を|に|で)",
            plain,
        )
        if joined or "  " in plain or re.search(" [、。）」]|（ ", plain):
            wrong.append((where, plain))
    assert wrong == []


def test_the_document_sets_each_legal_sentence_beside_its_source() -> None:
    document = plain_japanese.DOCUMENT.read_text(encoding="utf-8")
    assert document.partition(plain_japanese.MARK)[2].strip() == plain_japanese.table().strip()


def pages(world: World) -> list[Page]:
    client = world.client("easy")
    made = [client.get(name) for name in (*PAGES, "nothing")]
    made.append(
        client.post("outside", [("who_am_i", "worker"), ("about", "concealed_leak"), ("step", "result")])
    )
    made.append(client.report(what_happened=""))
    receipt = client.report(what_happened="a")
    case = client.look(receipt.code)
    return [*made, receipt, case, client.reply(case, ""), client.look("0000")]


def test_every_page_has_furigana_for_each_kanji_of_the_program(world: World) -> None:
    """What the operator wrote (names, roles) is theirs, and the names of other languages are as they are."""
    own = {"試験の目安箱", "日本語", *(one.card.name["ja"] for one in world.auditors)}
    own |= {one.card.role["ja"] for one in world.auditors}
    for page in pages(world):
        bare = [text for text in visible(page.tree.find(f".//{HTML}body")) if re.search(f"[{KANJI}]", text)]
        rest = {re.sub("|".join(sorted(own, key=len, reverse=True)), "", text) for text in bare}
        assert [text for text in rest if re.search(f"[{KANJI}]", text)] == []
        attributes = [value for element in page.tree.iter() for value in element.attrib.values()]
        assert not [value for value in attributes if "<r" in value or "《" in value]


def visible(element: Any) -> list[str]:
    """Return the texts outside of <ruby>."""
    if element.tag == f"{HTML}ruby":
        return [element.tail or ""]
    inside = [text for child in element for text in visible(child)]
    return [element.text or "", *inside, element.tail or ""]
