"""The nine items of the report of a leak: how two stages differ, and the text for the authority's form."""

from __future__ import annotations

import pytest

from cases import breach
from cases.form import REPORT_FIELDS


@pytest.mark.parametrize(
    ("preliminary", "final", "how"),
    [
        ("", "", ""),
        (" ", "\n", ""),
        ("氏名", "氏名", "same"),
        ("氏名\n住所", "氏名 住所", "same"),
        ("氏名", "氏名、住所", "changed"),
        ("", "氏名", "added"),
        ("氏名", " ", "missing"),
    ],
)
def test_how_the_final_report_differs(preliminary: str, final: str, how: str) -> None:
    assert breach.difference(preliminary, final) == how and how in ("", *breach.DIFFERENCES)


def test_the_text_has_the_nine_headings_in_their_order() -> None:
    text = breach.as_form({"data": "氏名\n住所", "outline": " 名簿が見えた "}, "final")
    lines = text.split("\n")
    assert lines[:2] == ["1. 概要", "名簿が見えた"] and lines[3:6] == [
        "2. 漏えいした、またはおそれのある個人データの項目",
        "氏名",
        "住所",
    ]
    numbered = [line for line in lines if line[:1].isdigit()]
    assert [int(line[0]) for line in numbered] == list(range(1, 10))
    assert [line[3:] for line in numbered] == [entry.text["ja"] for entry in breach.data()[1]]
    assert text.count(breach.EMPTY) == 7


def test_the_preliminary_report_says_what_is_known_by_now() -> None:
    assert breach.as_form({"cause": "誤送信"}, "preliminary") == "4. 原因\n誤送信"
    assert breach.as_form({}, "preliminary") == ""


def test_nothing_that_shows_who_reported_is_set_beside_the_items() -> None:
    beside = [name for names in breach.FROM_REPORT.values() for name in names]
    assert set(breach.FROM_REPORT) <= set(breach.ITEM_IDS) and set(beside) <= set(REPORT_FIELDS)
    assert len(beside) == len(set(beside)) and not {"who", "concealed_by", "told_whom"} & set(beside)
