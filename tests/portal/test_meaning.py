"""A message that withdraws, corrects or gives a name: nothing preselected, read first, sealed, and undoing nothing."""

from __future__ import annotations

import html5lib
import pytest

from crypto.payloads import MEANINGS
from portal.forms.tokens import IDLE_SECONDS
from portal.labels import meaning
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.desk import Desk, envelopes, open_as
from tests.support.reporter import choices


def write(client: CheckedClient, page: Page, **fields: str) -> Page:
    return client.post("status", [("token", page.fields["token"]), *fields.items()])


def newest(world: World) -> dict[str, object]:
    return dict(open_as(world.auditors[0], envelopes(world)[-1][1].raw).payload)


def test_the_tables_are_those_of_the_format() -> None:
    assert set(meaning.MEANINGS) == set(MEANINGS) and set(meaning.CONFIRMED) < set(MEANINGS)


def test_nothing_is_chosen_beforehand_and_an_ordinary_message_says_nothing(
    world: World, client: CheckedClient
) -> None:
    page = client.look(client.report(what_happened="名簿の紛失").code)
    assert choices(page.html, "meaning") == ["", *meaning.MEANINGS]
    assert page.ticked("meaning") == [] and page.ticked("meaning_read") == []
    (folded,) = page.all("details", id="meaning")
    assert folded.get("open") is None
    for given in ({}, {"meaning": ""}):
        page = write(client, page, message="続き", **given)
        assert page.status == 200 and "meaning" not in newest(world)


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_each_meaning_is_sealed_and_said_with_its_message(world: World, language: str) -> None:
    client = world.client(language)
    page = client.look(client.report(what_happened="名簿の紛失").code)
    for number, name in enumerate(meaning.MEANINGS):
        page = write(client, page, message=f"続き {number}", meaning=name, meaning_read="yes")
        assert page.status == 200 and newest(world)["meaning"] == name
    own = page.all("article", **{"class": "own"})
    said = ["".join(part.itertext()) for entry in own for part in entry if part.get("class") == "small"]
    assert len(said) == len(set(said)) == len(MEANINGS)
    # The kept record says it as well.
    record = client.raw(
        "POST", f"/{language}/record", data={"token": page.fields["token"], "with_text": "yes"}
    )
    kept = "".join(html5lib.parse(record.get_data(as_text=True)).itertext())
    assert all(line in kept for line in said)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"meaning": "withdraw"}, "まだ何も送っていません"),
        ({"meaning": "name", "meaning_read": "no"}, "まだ何も送っていません"),
        ({"meaning": "close", "meaning_read": "yes"}, "読み取れませんでした"),
    ],
)
def test_without_having_read_it_nothing_is_sent_and_all_is_kept(
    world: World, client: CheckedClient, given: dict[str, str], words: str
) -> None:
    page = client.look(client.report(what_happened="名簿の紛失").code)
    before = len(envelopes(world))
    page = write(client, page, message="書いた文", **given)
    assert page.status == 400 and words in page.text and page.title.startswith("エラー：")
    assert len(envelopes(world)) == before and page.fields["message"] == "書いた文"
    assert page.ticked("meaning") == [given["meaning"]] * (given["meaning"] in MEANINGS)
    (folded,) = page.all("details", id="meaning")
    assert folded.get("open") is not None
    page = write(client, page, message="書いた文", meaning="withdraw", meaning_read="yes")
    assert page.status == 200 and newest(world)["meaning"] == "withdraw"


def test_another_meaning_is_another_message_and_the_same_one_is_kept_once(
    world: World, client: CheckedClient
) -> None:
    page = client.look(client.report(what_happened="名簿の紛失").code)
    for _ in range(2):
        write(client, page, message="同じ文", meaning="correct")
    assert len(envelopes(world)) == 2
    write(client, page, message="同じ文")
    assert len(envelopes(world)) == 3


def test_a_withdrawal_stops_nothing(world: World, client: CheckedClient) -> None:
    """The same page before and after, but for the message: state, days, ways outside, and the way to write more."""
    code = client.report(what_happened="名簿の紛失").code
    before = client.look(code)
    write(client, before, message="取り下げます", meaning="withdraw", meaning_read="yes")
    after = client.look(code)
    for kind, name in (("div", "state"), ("ol", "timeline")):
        assert [
            ["".join(part.itertext()).split() for part in page.all(kind, **{"class": name})]
            for page in (before, after)
        ][0] == ["".join(part.itertext()).split() for part in after.all(kind, **{"class": name})]
    clock = [
        ["".join(part.itertext()) for part in page.all("section", id="clock")] for page in (before, after)
    ]
    assert clock[0] == clock[1] and after.all("textarea", id="message")
    Desk.of(world, world.auditors[0]).status(1, "investigating")
    assert "調査しています" in client.look(code).text


def test_what_a_name_buys_and_what_not_comes_from_checked_facts(world: World) -> None:
    text = world.client("ja").look(world.client("ja").report(what_happened="x").code).text
    assert "第12条・第21条" in text and "30万円以下の罰金" in text
    assert "第3条第2号イ〜ニ" in text and "消費者庁の質問と回答" in text
    assert (
        "名前は必須ではありません" in text and "取り消せません" in text and "行政機関には届きません" in text
    )


def test_a_page_whose_time_is_over_keeps_the_meaning_with_the_text(
    world: World, client: CheckedClient
) -> None:
    code = client.report(what_happened="名簿の紛失").code
    page = client.look(code)
    world.now += IDLE_SECONDS + 1
    late = write(client, page, message="取り下げます", meaning="withdraw", meaning_read="yes")
    assert late.status == 400 and late.fields["message"] == "取り下げます"
    again = client.post("status", [("code", code), *((n, late.fields[n]) for n in ("message", "meaning"))])
    assert again.status == 200 and again.fields["message"] == "取り下げます"
    assert again.ticked("meaning") == ["withdraw"] and again.ticked("meaning_read") == []


def test_what_is_no_meaning_is_not_carried_on(client: CheckedClient) -> None:
    late = client.post("status", [("token", "gone"), ("message", "続き"), ("meaning", '"><b>')])
    assert "meaning" not in late.fields
