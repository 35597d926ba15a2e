"""A case leaves the desk: the right words, the right files, and never without a record."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from admin.desk.casework.attachments import File, files_of
from admin.desk.reports import pdf_and_zip, typeset
from crypto.receipt import derive, new_code
from store import tables as t
from store.db import writing
from tests.desk.browser import Browser
from tests.desk.case_forms import press, write
from tests.desk.pdf_words import words_of
from tests.desk.world import CountingTransport, World

DAY = date(2026, 11, 23)


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
