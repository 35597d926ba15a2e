"""The data that a lawyer may change: the playbook, the questions about a leak, the reply templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from importlib.resources import files

import pytest

from cases import breach, contacts, law, playbooks, replies
from cases.form import CAUSES

DAY = date(2026, 11, 23)
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def text_of(name: str) -> str:
    return files("cases.data").joinpath(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("cause", ["", *CAUSES])
def test_each_cause_has_something_to_do_in_each_step(cause: str) -> None:
    found = playbooks.for_case(["leak"], cause)
    assert tuple(found) == playbooks.STEPS and all(len(items) >= 3 for items in found.values())


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_has_its_own_first_response(cause: str) -> None:
    assert [one for one in playbooks.for_case(["leak"], cause)["first_response"] if one.causes == (cause,)]


def test_the_words_are_in_both_languages_and_calm() -> None:
    triggers, items = breach.data()
    texts = [*(one.text for one in playbooks.items()), *(one.why for one in playbooks.items())]
    texts += [one.text for one in (*triggers, *items)] + [one.hint for one in (*triggers, *items)]
    texts += [one.text for one in replies.replies()] + [one.name for one in replies.replies()]
    for one in texts:
        assert JAPANESE.search(one["ja"]) and not JAPANESE.search(one["en"])
        assert not re.search("[!！]", one["ja"] + one["en"])


def test_no_number_and_no_article_stands_in_the_words() -> None:
    for one in playbooks.items():
        assert not re.search("第[0-9]+条|Art\\.", "".join([*one.text.values(), *one.why.values()]))
    assert not re.search("[0-9]{2,}-[0-9]{2,}", text_of("replies.toml") + text_of("playbooks.toml"))


def test_what_leans_on_the_law_leans_on_a_rule_in_force() -> None:
    named = {one.source for one in playbooks.items()} - {playbooks.PRACTICE}
    assert named and all(law.rule_on(key, DAY) for key in named)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({}, "unknown"),
        ({"many": "yes"}, "yes"),
        ({"sensitive": "yes", "many": "no"}, "yes"),
        (dict.fromkeys(breach.TRIGGER_IDS, "no"), "no"),
        ({**dict.fromkeys(breach.TRIGGER_IDS, "no"), "property": "unknown"}, "unknown"),
    ],
)
def test_one_of_four_is_enough(answers: dict[str, str], found: str) -> None:
    assert breach.has_to_report(answers) == found


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_template_is_filled_in(lang: str) -> None:
    for one in replies.replies():
        text = replies.filled(one, lang, date(2026, 11, 3), DAY)
        assert not re.search("[{}]", text) and text == text.strip()
    outside = replies.filled(replies.replies()[6], lang, date(2026, 11, 3), DAY)
    assert contacts.contact("caa_consult_dial").phone[0] in outside
    received = replies.filled(replies.replies()[0], lang, date(2026, 11, 3), DAY)
    assert ("2026年11月3日" if lang == "ja" else "2026-11-03") in received


@pytest.mark.parametrize(("lang", "day"), [("ja", "2026年11月3日"), ("en", "2026-11-03")])
@pytest.mark.parametrize(
    ("channel", "said"), [("telephone", "電話 telephone"), ("letter", "手紙 letter"), ("talk", "直接 person")]
)
def test_a_report_that_was_written_down_was_not_sent(lang: str, day: str, channel: str, said: str) -> None:
    text = replies.filled(replies.replies()[0], lang, date(2026, 11, 3), DAY, channel=channel)
    assert said.split()[lang == "en"] in text and day in text
    assert "送っていただいた" not in text and "that you sent" not in text


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("form", ["{authority_name}", "｛authority_name｝"])
def test_the_leak_authority_is_named_for_a_leak_only(lang: str, form: str) -> None:
    own = replies.Reply("own", {"ja": "x", "en": "x"}, {"ja": form, "en": form})
    ppc = contacts.contact(replies.AUTHORITY).name[lang]
    assert replies.filled(own, lang, DAY, DAY, is_leak=True) == ppc
    other = replies.filled(own, lang, DAY, DAY, is_leak=False)
    assert ppc not in other and replies.is_unfilled(other)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_harassment_is_sent_to_the_labour_desk(lang: str) -> None:
    (reply,) = [reply for reply in replies.for_case("harassment") if reply.id.startswith("outside")]
    text = replies.filled(reply, lang, DAY, DAY, is_leak=False)
    assert contacts.contact("labour_consult_corner").name[lang] in text and not replies.is_unfilled(text)
    assert contacts.contact(replies.AUTHORITY).name[lang] not in text


@pytest.mark.parametrize("written", ["[日時]", "［日時］"])
@pytest.mark.parametrize("sent", ["[日時]", "［日時］", "［日時]"])
def test_a_place_in_full_width_is_unfilled_too(written: str, sent: str) -> None:
    own = replies.Reply("own", {"ja": "x", "en": "x"}, {"ja": f"面談は{written}です", "en": "x"})
    assert replies.is_unfilled(f"面談は{sent}です", [own]) and not replies.is_unfilled(
        "面談は10時です", [own]
    )
    assert replies.place_fault("面談は［日時") == "bracket" and not replies.place_fault("面談は［日時］")


def _changed(name: str, old: str, new: str) -> str:
    text = text_of(name)
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("parse", "name", "old", "new", "why"),
    [
        (playbooks.parse, "playbooks.toml", "[[item]]", "[[item", "TOML"),
        (playbooks.parse, "playbooks.toml", "[[item]]", "[[thing]]\nx = 1\n[[item]]", "nothing else"),
        (playbooks.parse, "playbooks.toml", 'id = "no_search"', 'id = "read_alone"', "twice"),
        (
            playbooks.parse,
            "playbooks.toml",
            'id = "no_search"',
            'id = "No"',
            "line [0-9]+: No is no usable id",
        ),
        (playbooks.parse, "playbooks.toml", 'step = "reported"', 'step = "later"', "no_|read_alone"),
        (playbooks.parse, "playbooks.toml", 'step = "reported"', 'step = "prevention"', "order"),
        (playbooks.parse, "playbooks.toml", "causes = []", 'causes = ["fire"]', "causes"),
        (playbooks.parse, "playbooks.toml", 'source = "practice"', 'source = "art_99"', "source"),
        (playbooks.parse, "playbooks.toml", "causes = []", "causes = [[1]]", "causes"),
        (playbooks.parse, "playbooks.toml", 'source = "practice"', "source = [1]", "source"),
        (playbooks.parse, "playbooks.toml", 'id = "no_search"', "id = 5", "an entry: id"),
        (
            playbooks.parse,
            "playbooks.toml",
            'source = "practice"',
            'source = "practice"\nmore = 1',
            "exactly",
        ),
        (playbooks.parse, "playbooks.toml", 'why_en = "', 'why_en = "" #', "why_en"),
        (breach.parse, "breach.toml", 'id = "many"', 'id = "few"', "in this order"),
        (breach.parse, "breach.toml", 'hint_en = "', 'hint_en = "" #', "hint_en"),
        (breach.parse, "breach.toml", "[[item]]", "[[thing]]", "nothing else"),
        (breach.parse, "breach.toml", "[[item]]", "[[item", "TOML"),
        (breach.parse, "breach.toml", 'en = "Outline"', "en = 5", "outline: en"),
        (breach.parse, "breach.toml", 'id = "other"', 'id = "other"\nmore = "x"', "exactly"),
        (replies.parse, "replies.toml", "read {report}.", "read {name}.", "unknown place"),
        (replies.parse, "replies.toml", 'id = "question"', 'id = "ask"', "in this order"),
        (replies.parse, "replies.toml", 'name_en = "Received"', 'name_en = ""', "name_en"),
        (replies.parse, "replies.toml", "[[reply]]", "[[reply", "TOML"),
        (replies.parse, "replies.toml", "read {report}.", "read {report.", "bracket"),
        (replies.parse, "replies.toml", 'name_en = "Received"', 'name_en = "R"\nmore = "x"', "exactly"),
    ],
)
def test_a_mistake_is_named(parse: Callable[[str], object], name: str, old: str, new: str, why: str) -> None:
    parse(text_of(name))
    with pytest.raises(ValueError, match=why):
        parse(_changed(name, old, new))


@pytest.mark.parametrize("text", ["", "item = 3", "item = [1]", "[item]\nid = 'x'"])
def test_what_is_no_list_of_entries(text: str) -> None:
    with pytest.raises(playbooks.PlaybookError, match="nothing else"):
        playbooks.parse(text)


def test_a_mistake_is_found_by_its_line() -> None:
    lines = (
        text_of("playbooks.toml")
        .replace('why_en = "When 20 days', 'why_en = 20 # "When 20 days')
        .splitlines()
    )
    at = max(
        number
        for number, line in enumerate(lines, 1)
        if line == "[[item]]" and number <= lines.index('id = "decided"')
    )
    with pytest.raises(playbooks.PlaybookError) as found:
        playbooks.parse("\n".join(lines))
    assert str(found.value) == f"line {at}: decided: why_en is empty or no text"
    # Where a head can't be told from a text, no wrong line is named.
    inline = "item = [{id = 'x'}]"
    with pytest.raises(playbooks.PlaybookError, match="line 1: x has to have exactly"):
        playbooks.parse(inline)


def test_the_preliminary_report_says_what_is_known_and_the_final_one_all() -> None:
    some = {"outline": "x", "data": "y", "persons": " "}
    assert breach.missing(some, "preliminary") == () and breach.missing({}, "preliminary") == ("outline",)
    assert breach.missing(some, "final") == breach.ITEM_IDS[2:]
    assert breach.missing(dict.fromkeys(breach.ITEM_IDS, "x"), "final") == ()


def test_the_authority_is_in_the_data() -> None:
    assert law.rule_on("authority_ppc", DAY) and contacts.contact(breach.DELEGATION)
