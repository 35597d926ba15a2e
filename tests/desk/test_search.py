"""Searching: what is found is what a plain look through every text finds; the words are in no address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.desk.labels.common import FIELDS
from admin.desk.local.folding import fold, place_of
from admin.desk.local.search import PLACES, SearchIndex, document, pack, unpack, words_of
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser, Page
from tests.desk.world import Sent, World

TEXT = st.text(alphabet="あいう漏洩顧客 名簿ａAbＢｶﾞガ𠮷😀01,-ー髙\u200b\n", max_size=30)


def case(number: int) -> bytes:
    return number.to_bytes(16, "big")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(TEXT, max_size=3), max_size=6),
    st.text(alphabet="あいう漏洩客名 ａAｂガ𠮷😀01,-高", max_size=6),
)
def test_it_finds_what_a_plain_look_finds(texts: list[list[str]], query: str) -> None:
    words = SearchIndex()
    words.add(
        [(case(at), at, document(list(zip(PLACES, one, strict=False)))) for at, one in enumerate(texts)]
    )
    wanted = words_of(query)
    expected = {
        case(at)
        for at, one in enumerate(texts)
        if wanted and all(any(w in fold(t) for t in one) for w in wanted)
    }
    hits, more = words.search(query)
    assert {hit.case_id for hit in hits} == expected and not more
    for hit in hits:
        written = " ".join(texts[int.from_bytes(hit.case_id, "big")][PLACES.index(hit.place)].split())
        # As it was written, and around the word that was searched for.
        assert hit.before.lstrip("…") + hit.word + hit.after.rstrip("…") in written
        assert words_of(query)[0] in fold(hit.word)


@given(
    st.lists(st.tuples(st.binary(min_size=16, max_size=16), st.integers(0, 2**63), st.binary(max_size=50)))
)
def test_blocks_come_back(documents: list[tuple[bytes, int, bytes]]) -> None:
    assert list(unpack(pack(documents))) == documents


def test_a_newer_text_takes_the_older_ones_place() -> None:
    words = SearchIndex()
    words.add([(case(1), 5, document([("note", "新しい文")]))])
    words.add([(case(1), 3, document([("note", "古い文")]))])
    assert not words.search("古い")[0] and len(words.search("新しい")[0]) == 1
    words.add([(case(1), 6, document([("note", "最新の文")]))])
    assert not words.search("新しい")[0] and len(words) == 1
    words.remove(case(1))
    assert not words.search("最新")[0] and len(words) == 0


def test_the_newest_come_first_and_there_is_an_end() -> None:
    words = SearchIndex()
    words.add([(case(at), at, document([("note", "同じ文")])) for at in range(300)])
    hits, more = words.search("同じ")
    assert more and [hit.case_id for hit in hits] == [case(at) for at in range(299, 99, -1)]


def test_words_are_compared_in_one_form() -> None:
    assert fold("ＡＢＣ　ｶﾞ\n\x00①") == "abc が 1" and words_of("  あ ＡＢ あ ") == ("ab", "あ")


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("個人\u200b情報", "個人情報"),
        ("個人\u00ad情報\ufeff", "個人情報"),
        ("個人\n情報", "個人情報"),
        ("個人\r\n　情報", "個人情報"),
        ("山田　太郎", "山田太郎"),
        ("infor-\nmation", "information"),
        ("e-mail", "email"),
        ("葛\U000e0100西", "葛西"),
        ("葛\ufe00西", "葛西"),
        ("the hospital’s list", "hospital's"),
        ("“secret”", '"secret"'),
        ("デ−タ", "データ"),
        ("ﾃﾞｰﾀ", "データ"),
        ("データ", "デ‐タ"),
        ("03‐1234", "03-1234"),
        ("かさい", "カサイ"),
        ("カサイ", "かさい"),
        ("ｶｻｲ", "かさい"),
        ("キャノン", "キヤノン"),
        ("ゔぁいおりん", "ヴァイオリン"),
        ("髙﨑", "高崎"),
        ("高崎", "髙﨑"),
        ("𠮷田", "吉田"),
        ("國學院", "国学院"),
        ("渡邊と渡邉", "渡辺"),
        ("最大 12,845件", "12845"),
        ("12845件", "12,845"),
        ("１，２３４，５６７円", "1234567"),
    ],
)
def test_what_cannot_be_seen_or_typed_makes_no_difference(written: str, typed: str) -> None:
    words = SearchIndex()
    words.add([(case(1), 1, document([("note", f"前の文。{written}、後の文")]))])
    ([hit], more) = words.search(typed)
    flat = " ".join(written.split())
    assert not more and hit.word.strip("\ufeff") in flat and len(hit.word) > 1
    # What is shown is what was written, with the letters and commas that it had.
    assert f"{hit.before}{hit.word}{hit.after}" == f"前の文。{flat}、後の文".replace("\ufeff、", "\ufeff、")


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("1,23", "123"),
        ("12, 845", "12845"),
        ("白と黒", "黒と白"),
        ("じしん", "ししん"),
        ("a b", "ab"),
        ("3-4", "34"),
    ],
)
def test_what_is_another_word_stays_one(written: str, typed: str) -> None:
    assert fold(typed) not in fold(written)


@given(TEXT, TEXT)
def test_a_word_is_found_where_it_was_written(before: str, after: str) -> None:
    text = f"{before}顧客、{after}"
    found = place_of(text, "顧客")
    assert found is not None and fold(text[slice(*found)]).startswith("顧") and "客" in text[slice(*found)]


def test_a_copy_of_an_older_form_is_no_document() -> None:
    words = SearchIndex()
    words.add([(case(1), 1, "\x01古い形".encode("utf-16-le")), (case(2), 1, b"\x00")])
    assert words.search("古い") == ([], False)


def leads_to(browser: Browser, sent: Sent) -> str:
    return f"/cases/{desk_of(browser.app).handles.of(sent.case_id)}"


def search(browser: Browser, words: str) -> Page:
    return browser.post("search", browser.get("search").fields("/search") | {"words": words})


def test_report_message_and_answer_are_found_with_their_place(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="顧客名簿の漏洩", who="営業部のＳＡＴＯ")
    other = world.report(what_happened="別の件")
    world.from_reporter(sent, {"message": "追伸：隠蔽の指示"})
    browser.reply(sent.case_id, "回答しました")
    browser.get()
    for words, place in (
        ("漏洩", FIELDS["what_happened"]),
        ("sato", FIELDS["who"]),
        ("隠蔽 漏洩", FIELDS["what_happened"]),
        ("回答", "Reply to the reporter"),
    ):
        page = search(browser, words)
        lines = page.all("table", class_="cases")
        assert (
            len(lines) == 1
            and leads_to(browser, sent) in page.html
            and leads_to(browser, other) not in page.html
        )
        english = search(Browser(browser.app, "en"), words)
        assert place in english.text or words == "隠蔽 漏洩"
    assert page.all("mark")[0].text == "回答"
    assert "見つかりませんでした" in search(browser, "猫").text
    assert not search(browser, "  ").all("mark")


def test_a_half_of_the_number_that_people_say_finds_the_case(world: World, browser: Browser) -> None:
    hidden = world.report([world.auditors[0].card.person], what_happened="y")
    text = ""
    # A half without a digit, such as "adab", is a word for the search: one id in 25 has such a half.
    while not all(re.search("[0-9]", half) for half in (text[:4], text[4:])):
        sent = world.report(what_happened="x")
        text = sent.case_id.hex()[:8]
    browser.get()
    for words in (text[:4], text[4:].upper(), f"{text[:4]}-", f"-{text[4:]}", text):
        assert leads_to(browser, sent) in search(browser, words).html
    assert leads_to(browser, hidden) not in search(browser, hidden.case_id.hex()[:4]).html


def test_the_words_stand_in_no_address(world: World, browser: Browser) -> None:
    world.report(what_happened="印の言葉")
    page = search(browser, "印の言葉")
    assert page.response.request.path.endswith("/ja/search") and not page.response.request.query_string
    assert page.all("input", name="words")[0].get("value") == "印の言葉"
    for one in page.tree.iter():
        for name in ("href", "action", "src", "formaction"):
            assert "印" not in (one.get(name) or "") and "%E5%8D%B0" not in (one.get(name) or "")


def test_who_is_excluded_finds_nothing(world: World) -> None:
    world.report([world.auditors[1].card.person], what_happened="見えない言葉")
    browser = Browser(world.desk(1))
    browser.get()
    assert "見つかりませんでした" in search(browser, "見えない").text


@pytest.mark.parametrize("words", ["%ED%A0%80", "%00", "x" * 5000, "<script>", "%25", "%01"])
def test_odd_words(world: World, browser: Browser, words: str) -> None:
    world.report(what_happened="<script>alert(1)</script>")
    browser.get()
    form = browser.get("search").fields("/search")
    data = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    data += b"&words=" + words.encode()
    answer = browser.raw("POST", "/ja/search", data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200 and "<script>alert" not in answer.get_data(as_text=True)


def test_texts_come_back_after_a_restart(world: World, browser: Browser) -> None:
    world.report(what_happened="残る言葉")
    browser.get()
    desk_of(browser.app).forget()
    assert len(search(browser, "残る").all("mark")) == 1
