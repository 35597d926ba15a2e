"""The paper of every PDF of the desk: its letters, where lines and pages break, what is cut, and how long it takes."""

from __future__ import annotations

import io
import itertools
import re
import time
from datetime import date

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.reports import fonts, pdf_and_zip, typeset
from admin.desk.reports.grid import Cell
from tests.desk.pdf_words import words_of

DAY = date(2026, 11, 23)


def make(text: str) -> bytes:
    return pdf_and_zip.case_pdf(
        "案件 AB12", "取扱注意", DAY, [pdf_and_zip.Section("通報", [("何が", text)])], "ja"
    )


def test_the_letters_are_in_the_document_and_can_be_copied() -> None:
    pdf = make("名簿が公開されたままです。\n二行目 <b> & 株式会社")
    words = words_of(pdf).replace("\n", "")
    assert "名簿が公開されたままです。" in words and "二行目 <b> & 株式会社" in words and "取扱注意" in words
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [font] = document.pages[0].Resources.Font.values()
        assert "IPAexGothic" in str(font.BaseFont)
        assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def test_no_time_and_no_name_of_the_computer_is_in_it() -> None:
    with pikepdf.open(io.BytesIO(make("x"))) as document:
        info = {str(name): str(value) for name, value in document.docinfo.items()}
    assert info["/CreationDate"].startswith("D:20261123000000") and "/Author" not in info
    assert make("x") == make("x")


def test_what_cannot_be_printed_is_marked_and_said_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    words = words_of(make("前\u202e後\x07 😀 終"))
    assert "\u202e" not in words and "前〔U+202E〕後〔U+0007〕 〔U+1F600〕 終" in words
    out, err = capfd.readouterr()
    assert out + err == ""


def test_every_blank_of_unicode_is_printed_as_one_and_no_selector_as_its_number() -> None:
    blanks = [chr(code) for code in range(0x110000) if chr(code).isspace()]
    assert {"\u3000", "\t", "\xa0", "\u2003", "\u202f", "\u2028"} <= set(blanks)
    # What separates records on a tape is white space for Python only, and nothing that people type.
    for one in set(blanks) - set("\x1c\x1d\x1e\x1f"):
        words = words_of(make(f"前{one}後"))
        assert "〔" not in words and re.search("前[ \u3000\n]+後", words), hex(ord(one))
    selectors = [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
    words = words_of(make("".join(f"葛{chr(one)}" for one in selectors)))
    assert "〔" not in words and words.replace("\n", "").count("葛" * len(selectors)) == 1


def test_the_reports_blanks_are_not_told_as_letters_that_the_font_lacks() -> None:
    parts = [pdf_and_zip.Section("通報", [("", "㈱みどり野ケア\u3000北ステーション\t葛\U000e0100西\n")])]
    words = words_of(pdf_and_zip.case_pdf("案件", "", DAY, parts, "ja", "書体にない文字があります"))
    assert "㈱みどり野ケア\u3000北ステーション" in words and "書体にない" not in words


def test_each_page_says_which_case_and_which_page_of_how_many() -> None:
    with pikepdf.open(io.BytesIO(make("長い文です。\n" * 200 + "{nb} \x00pages"))) as document:
        count = len(document.pages)
    words = words_of(make("長い文です。\n" * 200 + "{nb} \x00pages"))
    assert count > 2 and "{nb} 〔U+0000〕pages" in words
    flat = words.replace("\n", "")
    for number in range(1, count + 1):
        assert f"{number} / {count}" in flat
    assert flat.count("取扱注意") == count and flat.count("案件 AB12") == count + 1  # the title too


TYPESET = st.text(alphabet="あっー。、「」（）漢A b-1\u3000", max_size=200)


@given(TYPESET, st.integers(4, 30))
def test_lines_break_where_japanese_lines_may(text: str, width: int) -> None:
    found = list(typeset.lines(text, width, lambda part: float(len(part))))
    assert "".join(found) == text and all(len(line.rstrip(" ")) <= width for line in found)
    for before, after in itertools.pairwise(found):
        wrong = after[0] in typeset.NOT_FIRST or before[-1] in typeset.NOT_LAST
        # Only what is longer than a line by itself may be cut.
        assert not wrong or any(len(unit.rstrip(" ")) > width for unit in typeset.units(text))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("あいうえお。", ["あいうえ", "お。"]),
        ("あいうえ「お」", ["あいうえ", "「お」"]),
        ("あいうキャッ", ["あいう", "キャッ"]),
        ("データー", ["データー"]),
        ("ab cd ef", ["ab cd ", "ef"]),
        ("abcdefgh", ["abcde", "fgh"]),
        ("あ\nい", ["あ", "い"]),
    ],
)
def test_lines_as_they_are_broken(text: str, broken: list[str]) -> None:
    assert list(typeset.lines(text, 5, lambda part: float(len(part)))) == broken


def test_a_letter_that_the_font_lacks_is_there_by_its_number() -> None:
    parts = [pdf_and_zip.Section("通報", [("", "𠮷野さん（髙﨑）\uac15")])]
    words = words_of(
        pdf_and_zip.case_pdf("案件", "", DAY, parts, "ja", "書体にない文字があります", fallback=False)
    )
    assert "〔U+20BB7〕野さん（髙﨑）〔U+AC15〕" in words and "書体にない文字があります" in words
    plain = [pdf_and_zip.Section("通報", [("", "吉野さん")])]
    assert "書体にない" not in words_of(
        pdf_and_zip.case_pdf("案件", "", DAY, plain, "ja", "書体にない文字があります")
    )


def test_a_letter_of_a_name_comes_from_a_font_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """𠮷 of many family names is in no font of JIS X 0213; without such a font it stands as its number."""
    path = fonts.second_font({"𠮷"})
    if path is None:
        pytest.skip("this computer has no font with it")
    parts = [pdf_and_zip.Section("通報", [("氏名", "𠮷野さん（髙﨑）")])]
    pdf = pdf_and_zip.case_pdf("案件 𠮷", "", DAY, parts, "ja", "書体にない文字があります")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages[0].Resources.Font) == 2
    assert "書体にない" not in words_of(pdf) and "〔" not in words_of(pdf)
    monkeypatch.setattr(fonts, "_SYSTEM_FONTS", ("/nowhere.ttc",))
    assert fonts.second_font({"𠮷"}) is None and fonts.second_font(set()) is None


def test_a_row_longer_than_a_page_goes_on_with_the_tables_head_above() -> None:
    cells = [[Cell("項目"), Cell("速報の文です。" * 900), Cell("確報の終わり")]]
    grid = pdf_and_zip.Grid(("項目", "速報", "確報"), cells, (1, 2, 2))
    pdf = pdf_and_zip.case_pdf("案件", "", DAY, [pdf_and_zip.Section("漏えい", [grid])], "ja")
    words = words_of(pdf).replace("\n", "")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = len(document.pages)
    assert pages > 2 and words.count("項目速報確報") == pages
    assert words.count("速報の文です。") <= 900 and "確報の終わり" in words


def test_what_somebody_wrote_is_not_taken_for_a_word_of_the_program() -> None:
    assert "total {nb} pages" in words_of(make("total {nb} pages"))


def test_a_run_of_empty_lines_is_counted_and_takes_no_pages() -> None:
    pdf = make("前" + "\n" * 200_000 + "後\n\n\n終")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 1
    assert "〔\\n × 200000〕" in words_of(pdf)


def test_a_long_text_takes_as_many_pages_as_it_needs() -> None:
    pdf = make("長い文です。\n" * 2_000)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) > 10
    assert words_of(pdf).count("長い文です。") == 2_000


def test_the_font_comes_with_the_pinned_package() -> None:
    assert fonts.font_path().is_file() and fonts.font_path().stat().st_size > 5_000_000


@pytest.mark.parametrize("letter", [" ", "a", "漢", "\n"])
def test_a_text_of_any_kind_is_on_paper_in_seconds(letter: str) -> None:
    """A stranger chooses the text: 480 kB of spaces took 68 s of the desk."""
    text = letter * (480_000 // len(letter.encode()))
    began = time.process_time()
    made = pdf_and_zip.case_pdf(
        "題", "注意", date(2026, 11, 27), [pdf_and_zip.Section("見出し", [("本文", text)])], "ja"
    )
    assert made.startswith(b"%PDF") and time.process_time() - began < 15


@pytest.mark.parametrize("letter", ["a\n", "\U00020bb7"])
def test_a_case_as_large_as_one_may_grow_is_cut_in_the_document_and_whole_as_text(letter: str) -> None:
    """8 MiB of messages: what is printed is counted, and nothing is lost."""
    text = letter * (8 * 1024 * 1024 // len(letter.encode())) + "終わり"
    parts = [pdf_and_zip.Section("会話", [("", text)]), pdf_and_zip.Section("履歴", [("", "次の部分")])]
    pdf = pdf_and_zip.case_pdf("題", "注意", DAY, parts, "ja", about_rest="続きは case.txt にあります。")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) < 600
        last = pikepdf.Pdf.new()
        last.pages.extend(document.pages[-2:])
        raw = io.BytesIO()
        last.save(raw)
    words = words_of(raw.getvalue())
    assert "続きは case.txt にあります。" in words and "次の部分" in words
    assert text in pdf_and_zip.case_text("題", "注意", parts).decode()


def test_the_text_of_a_case_says_what_it_does_not_write_out() -> None:
    parts = [pdf_and_zip.Section("通報", [("何が", "前\u202e後\x1b[2J\r\n\u3000終\t")])]
    assert (
        pdf_and_zip.case_text("題", "注意", parts, "今日").decode()
        == "注意\n題\n今日\n\n■ 通報\n何が\n前〔U+202E〕後〔U+001B〕[2J\n\u3000終\t\n"
    )
