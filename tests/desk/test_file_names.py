"""Names that files are saved under: names on every system, and nothing that runs when it is opened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.casework.attachments import HARMLESS_ENDING, NAME_AT_MOST, NAME_BYTES, safe_name


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("名簿 2026.xlsx", "名簿 2026.xlsx"),
        ("写真.JPG", "写真.JPG"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\a.txt", "C__Users_a.txt"),
        ("a\x00b\r\nc.txt", "ab c.txt"),
        ("a \x08 b.txt", "a b.txt"),
        ("請求書\u202excod.exe", "請求書xcod.exe" + HARMLESS_ENDING),
        ("setup.EXE", "setup.EXE" + HARMLESS_ENDING),
        ("setup.exe .", "setup.exe" + HARMLESS_ENDING),
        ("page.html", "page.html" + HARMLESS_ENDING),
        ("makro.docm", "makro.docm" + HARMLESS_ENDING),
        ("リンク.webloc", "リンク.webloc" + HARMLESS_ENDING),
        ("x.searchConnector-ms", "x.searchConnector-ms" + HARMLESS_ENDING),
        ("con", "file_con"),
        ("NUL.txt", "file_NUL.txt"),
        ("lpt1 .pdf", "file_lpt1 .pdf"),
        ("...", "file"),
        ("\u200b", "file"),
        (".htaccess", "htaccess"),
        ("~$draft.docx", "_$draft.docx"),
        ("か\u3099.pdf", "が.pdf"),
        ("a" * 300 + ".pdf", "a" * (NAME_AT_MOST - 4) + ".pdf"),
        ("a" * 300, "a" * NAME_AT_MOST),
        ("desktop.ini", "file_desktop.ini"),
        ("Thumbs.DB", "file_Thumbs.DB"),
        (" \u200bEhThumbs.db.", "file_EhThumbs.db"),
        ("-rf", "file_-rf"),
        ("\u3000--output=x.pdf", "file_--output=x.pdf"),
        ("𠮷" * 120 + ".pdf", "𠮷" * 49 + ".pdf"),
        ("𠮷" * 120, "𠮷" * 50),
        ("名" * 120 + ".exe", "名" * 63 + ".exe" + HARMLESS_ENDING),
    ],
)
def test_names(name: str, saved: str) -> None:
    assert safe_name(name) == saved


@given(st.text(min_size=1, max_size=300))
def test_every_name_becomes_a_name(name: str) -> None:
    saved = safe_name(name)
    assert 1 <= len(saved) <= NAME_AT_MOST
    assert len(saved.encode()) <= NAME_BYTES and not saved.startswith("-")
    assert saved == saved.strip(" .") and saved.isprintable()
    assert not set('<>:"/\\|?*') & set(saved)
    saved.encode()
    # Saved names stay as they are when they come back.
    assert safe_name(saved) == saved
