"""What leaves the desk: the right words with their own letters, the right files, and never without a record."""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.casework.attachments import File, files_of
from admin.desk.reports import fonts, paper, pdf_and_zip, typeset
from admin.desk.reports.ics import calendar
from crypto.receipt import derive, new_code
from store import tables as t
from store.db import writing
from tests.desk.browser import Browser
from tests.desk.case_forms import press, write
from tests.desk.world import CountingTransport, World

DAY = date(2026, 11, 23)


def words_of(pdf: bytes) -> str:
    """Return a PDF's text, by the letters' own tables (ToUnicode): what a reader copies out of it."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            fonts = {name: _letters(font) for name, font in page.Resources.Font.items()}
            letters: dict[int, str] = {}
            for one in pikepdf.parse_content_stream(page):
                assert isinstance(one, pikepdf.ContentStreamInstruction)
                operands, operator = list(one.operands), one.operator
                if str(operator) == "Tf":
                    letters = fonts[str(operands[0])]
                if str(operator) in ("Tj", "TJ"):
                    parts = operands[0] if str(operator) == "TJ" else [operands[0]]
                    raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                    found += [letters[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2)]
                if str(operator) == "ET":
                    found.append("\n")
    return "".join(found)


def _letters(font: pikepdf.Object) -> dict[int, str]:
    table = font.ToUnicode.read_bytes().decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = int(bytes.fromhex(text).decode("utf-16-be").encode("utf-32-be").hex(), 16)
            for at in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + at] = chr(start + at)
    return found


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


def test_people_are_named_and_no_id_is_in_the_document(world: World, browser: Browser) -> None:
    sent, other = world.report(what_happened="x"), world.report(what_happened="y")
    for act, typed in (
        (
            "task",
            {
                "task_text": "記録を確保",
                "task_due": "2027-01-31",
                "task_assignee": world.auditors[1].card.person.hex(),
            },
        ),
        ("owner", {"owner": world.auditors[1].card.person.hex()}),
        ("link", {"link_case": other.case_id.hex()}),
        ("label", {"label": "急ぎ"}),
        ("label_off", {"target": "急ぎ"}),
    ):
        write(browser, sent.case_id, act, **typed)
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    for _again in range(2):  # the second document has the record of the first one
        answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/pdf", data=page.fields("/pdf"))
    words = words_of(answer.data).replace("\n", "")
    text = sent.case_id.hex()[:8].upper()
    number = f"{text[:4]}-{text[4:]}"
    assert (
        f"番号{number}" in words
        and f"case-{number}-{world.desk_day.isoformat()}.pdf" in answer.headers["Content-Disposition"]
    )
    assert words.count("監査 1（監査部 1）") >= 2 and re.search(
        "記録を確保 / .*2027年1月31日.* / 監査 1", words
    )
    assert "主担当監査 1（監査部 1）" in words and "通報者への最後の返事まだありません" in words
    assert (
        "書類（PDF）" in words
        and "ラベル：急ぎ (取り消し)" in words
        and "：：" not in words
        and "：:" not in words
    )
    ids = [one.card.person.hex() for one in world.auditors] + [
        one.card.key_id.hex() for one in world.auditors
    ]
    ids += [sent.case_id.hex(), other.case_id.hex()]
    assert not [one for one in ids if one[:10] in words.lower()]


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
    cells = [[paper.Cell("項目"), paper.Cell("速報の文です。" * 900), paper.Cell("確報の終わり")]]
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


def test_what_is_not_verified_is_in_the_document_as_nobodys(world: World, browser: Browser) -> None:
    """The evidence must not leave out what the page warns of."""
    sent = world.report()
    world.from_reporter(
        sent, {"message": "別の鍵の続報", "meaning": "withdraw"}, signer=derive(new_code(), world.salt)
    )
    world.from_reporter(sent, {"message": "先に書いたものがあります"}, [b"\x77" * 16])
    world.from_reporter(sent, {"message": "間違いでした", "meaning": "correct"}, [sent.envelope_id])
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/pdf", data=page.fields("/pdf"))
    words = words_of(answer.data).replace("\n", "")
    assert "通報者が、事実を正しています。間違いでした" in words and "取り下げる" not in words
    assert re.search("未確認：だれの発言とも言えません  [0-9年月日]+別の鍵の続報", words)
    assert "欠けているメッセージがあります" in words and "先に書いたものがあります" in words


def test_a_long_text_takes_as_many_pages_as_it_needs() -> None:
    pdf = make("長い文です。\n" * 2_000)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) > 10
    assert words_of(pdf).count("長い文です。") == 2_000


def test_the_whole_case_is_in_the_document_and_on_record(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="名簿が公開されたままです。", cause="misconfiguration")
    browser.reply(sent.case_id, "受け取りました。")
    browser.set_status(sent.case_id, "investigating")
    write(browser, sent.case_id, "note", note="ログを確保しました。")
    write(browser, sent.case_id, "playbook", done_preserve="1")
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/pdf", data=page.fields("/pdf"))
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    words = words_of(answer.data).replace("\n", "")
    for text in (
        "名簿が公開されたままです。",
        "受け取りました。",
        "調査中",
        "ログを確保しました。",
        "監査 0",
        "手順",
    ):
        assert text in words, text
    [record] = [
        one for one in browser.case(sent.case_id).all("li") if "書き出し：" in "".join(one.itertext())
    ]
    assert "監査 0" in "".join(record.itertext())


def test_the_folder_fetches_the_files_and_says_what_is_missing(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    data = b"%PDF-1.7 " + bytes(range(256)) * 1000
    here, also, away = (
        world.attach(data, "資料.pdf"),
        world.attach(b"two", "資料.PDF"),
        world.attach(b"x", "未取得.txt"),
    )
    sent = world.report((), [here, also, away], what_happened="添付します")
    with writing(world.engine) as conn:
        conn.execute(t.object_name.delete().where(t.object_name.c.object_id == bytes.fromhex(away["object"])))
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    assert page.text.count("これから受け取ります") == 3
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/folder", data=page.fields("/pdf"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        assert made.testzip() is None
        names = made.namelist()
        assert names == [
            "case.pdf",
            "case.txt",
            pdf_and_zip.MANIFEST,
            pdf_and_zip.HASHES,
            "files/資料.pdf",
            "files/資料 (2).PDF",
        ]
        assert made.read("files/資料.pdf") == data and made.read("files/資料 (2).PDF") == b"two"
        assert "添付します" in made.read("case.txt").decode()
        made.extractall(tmp_path)
        listed = made.read(pdf_and_zip.MANIFEST).decode("utf-8-sig")
    # As the list says: with the tool that every Linux has.
    checked = subprocess.run(
        ["sha256sum", "--check", pdf_and_zip.HASHES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0 and checked.stdout.count(": OK") == 5, checked.stdout + checked.stderr
    (tmp_path / "files/資料.pdf").write_bytes(b"x")
    changed = subprocess.run(
        ["sha256sum", "--check", pdf_and_zip.HASHES], cwd=tmp_path, capture_output=True, check=False
    )
    assert changed.returncode == 1
    assert hashlib.sha256(data).hexdigest() in listed and "監査 0（監査部 0）が書き出しました" in listed
    assert "このフォルダーにないもの：\r\n未取得.txt" in listed
    on_record = hashlib.sha256((tmp_path / pdf_and_zip.HASHES).read_bytes()).hexdigest()
    assert on_record in browser.case(sent.case_id).text


def test_a_stranger_to_the_case_finds_deadline_owner_and_last_answer_on_the_first_page(
    world: World, browser: Browser
) -> None:
    sent = world.report(what_happened="長い文です。" * 400, cause="loss")
    write(browser, sent.case_id, "owner", owner=world.auditors[1].card.person.hex())
    browser.reply(sent.case_id, "調べ始めました。")
    world.from_reporter(sent, {"message": "もう一つあります。"})
    browser.set_status(sent.case_id, "investigating")
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/pdf", data=page.fields("/pdf"))
    with pikepdf.open(io.BytesIO(answer.data)) as document:
        first = pikepdf.Pdf.new()
        first.pages.append(document.pages[0])
        raw = io.BytesIO()
        first.save(raw)
    words = words_of(raw.getvalue()).replace("\n", "")
    day = f"{world.desk_day.year}年{world.desk_day.month}月{world.desk_day.day}日"
    due = world.day + timedelta(days=20)
    for text in (
        f"調査するかどうかを通報者に伝える期限：{due.year}年{due.month}月{due.day}日",
        "主担当監査 1（監査部 1）",
        f"状況調査中（{day}から）",
        f"通報者への最後の返事{day} 監査 0（監査部 0）調べ始めました。",
        f"通報者からの最後のメッセージ{day}、まだ返事をしていませんもう一つあります。",
    ):
        assert text in words, (text, words)
    letters = words_of(answer.data).replace("\n", "")
    assert f"{day}\u3000監査 0（監査部 0）から通報者へ調べ始めました。" in letters
    assert f"{day}\u3000通報者から担当者へもう一つあります。" in letters
    order = [
        "通報が届きました。",
        "通報者に返事を送りました",
        "通報者がメッセージを送りました",
        "状況：調査中",
    ]
    places = [letters.index(text) for text in order]
    assert places == sorted(places)


def test_the_nine_items_stand_in_one_table_both_reports_side_by_side(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="x", cause="loss")
    where = f"cases/{sent.case_id.hex()}/leak"
    for act, typed in (
        ("leak", {"preliminary_outline": "速報の概要", "preliminary_persons": "420人"}),
        ("leak", {"final_outline": "確報の概要"}),
    ):
        press(browser, browser.get(where), sent.case_id, act, **typed)
    page = browser.get(f"cases/{sent.case_id.hex()}/export")
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/export/pdf", data=page.fields("/pdf"))
    words = words_of(answer.data).replace("\n", "")
    assert "項目速報確報提出した日まだ提出していませんまだ提出していません" in words
    assert "1. 概要速報の概要確報の概要" in words and "3. 本人の数420人（未記入）" in words
    assert "9. その他参考となる事項（未記入）（未記入）" in words


def test_only_a_lead_exports_and_only_with_a_record(world: World) -> None:
    sent = world.report()
    second = Browser(world.desk(1))
    assert "責任者だけです" in second.get(f"cases/{sent.case_id.hex()}/export").text
    form = second.case(sent.case_id).fields("/reply")
    answer = second.post(f"cases/{sent.case_id.hex()}/export/pdf", form)
    assert answer.status == 400 and "何も書き出していません" in answer.text
    transport = CountingTransport()
    lead = Browser(world.desk(transport=transport))
    page = lead.get(f"cases/{sent.case_id.hex()}/export")

    def away(request: object) -> None:
        import httpx

        raise httpx.ConnectError("away")

    transport.before = away
    answer = lead.post(f"cases/{sent.case_id.hex()}/export/pdf", page.fields("/pdf"))
    assert answer.status == 502 and "何も書き出していません" in answer.text


def test_names_stay_apart_on_every_system() -> None:
    files = [_file(name) for name in ("a.txt", "A.TXT", "a.txt", "manifest.json", "b")]
    named = [name for name, _file in pdf_and_zip.names_for(files)]
    assert named == ["files/a.txt", "files/A (2).TXT", "files/a (3).txt", "files/manifest.json", "files/b"]


def _file(name: str) -> File:
    entry = {
        "object": "ab" * 16,
        "key": "A" * 43,
        "hash": "A" * 43,
        "size": 3,
        "name": name,
        "type": "text/plain",
        "cleaned": "nothing",
        "found": [],
    }
    [made] = files_of({"files": [entry]})
    return made


def test_the_folder_is_never_whole_in_memory() -> None:
    file, asked = _file("x.bin"), []

    def contents(_file: File) -> Iterator[bytes]:
        for number in range(64):
            asked.append(number)
            yield bytes(65536)

    longest = 0
    for number, part in enumerate(pdf_and_zip.folder({"case.pdf": b"x"}, [("files/x.bin", file)], contents)):
        longest = max(longest, len(part))
        assert len(asked) <= number + 1
    assert longest < 200_000


def test_a_calendar_tells_days_and_nothing_else() -> None:
    secret = bytes(32)
    days = [DAY + timedelta(days=number) for number in (8, 0, 8, 8)]
    made = calendar(
        days, secret, "目安箱: 期限 (デスクでご確認ください) / Meyasubako: something is due", "", DAY
    )
    text = made.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    whole = text.replace("\r\n ", "")
    # One entry for a day, however much is due on it.
    assert re.findall(r"DTSTART;VALUE=DATE:(\d+)", whole) == ["20261123", "20261201"]
    assert re.findall(r"DTEND;VALUE=DATE:(\d+)", whole) == ["20261124", "20261202"]
    assert len(set(re.findall("SUMMARY:(.*)", whole))) == 1
    assert re.findall("TRIGGER:([^\r]*)", whole) == ["-PT15H", "PT9H"] * 2
    assert calendar(days, secret, "x", "", DAY) == calendar(list(reversed(days)), secret, "x", "", DAY)
    uids = set(re.findall("UID:(.*)@", whole))
    assert len(uids) == 2
    assert uids.isdisjoint(re.findall("UID:(.*)@", calendar(days, b"2" * 32, "x", "", DAY).decode()))


def test_a_calendar_taken_in_again_changes_its_entries_and_adds_none() -> None:
    def entries(today: date) -> dict[str, int]:
        text = calendar([DAY, DAY + timedelta(days=8)], bytes(32), "期限", "過ぎた日付", today).decode()
        uids, numbers = re.findall("UID:(.*)@", text), re.findall(r"SEQUENCE:(\d+)", text)
        return dict(zip(uids, map(int, numbers), strict=True))

    first, later = entries(DAY), entries(DAY + timedelta(days=40))
    assert first.keys() == later.keys() and all(later[uid] > first[uid] for uid in first)


def test_what_is_past_its_day_does_not_stay_behind_in_a_calendar() -> None:
    days = [DAY - timedelta(days=number) for number in (0, 1, 13)]
    text = calendar(days, bytes(32), "期限", "過ぎた日付", DAY).decode()
    assert re.findall(r"DTSTART;VALUE=DATE:(\d+)", text) == ["20261110", "20261122", "20261123"]
    assert re.findall(r"DTEND;VALUE=DATE:(\d+)", text) == ["20261124"] * 3
    assert re.findall("SUMMARY:([^\r]*)", text) == ["過ぎた日付", "過ぎた日付", "期限"]
    assert text.count("BEGIN:VALARM") == 2


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


def test_other_pages_are_answered_while_a_case_is_exported(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second export is refused meanwhile, on record of nothing: three threads stay free for pages."""
    sent = world.report(what_happened="長い文です。")
    fields = browser.get(f"cases/{sent.case_id.hex()}/export").fields("/pdf")
    path = f"/ja/cases/{sent.case_id.hex()}/export/pdf"
    begun, go_on, lines = threading.Event(), threading.Event(), typeset.lines

    def held(*given: Any) -> Iterator[str]:
        begun.set()
        assert go_on.wait(60)
        return lines(*given)

    monkeypatch.setattr(typeset, "lines", held)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(Browser.raw, browser, "POST", path, data=fields)
        try:
            assert begun.wait(60)
            pages = [
                browser.raw("GET", f"/ja/{page}")
                for page in ("", f"cases/{sent.case_id.hex()}", "statistics")
            ]
            second = browser.raw("POST", path, data=fields)
        finally:
            go_on.set()
        assert first.result().status_code == 200
    assert [one.status_code for one in pages] == [200] * 3
    assert second.status_code == 503 and "何も書き出していません" in second.text
    assert browser.raw("POST", path, data=fields).status_code == 200
