"""The folders of the page's scripts keep to what they may import and touch; a planted violation is caught."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "portal" / "scripts"
MAY_IMPORT = {
    "format": frozenset({"format"}),
    "cleaning": frozenset({"cleaning", "format"}),
    "log": frozenset({"log", "format"}),
    "verify": frozenset({"verify", "format", "log"}),
    "page": frozenset({"page", "cleaning", "format", "log"}),
}
DATA = {"cleaning": (".json",), "verify": ("cases/data/verify_words.json", "cases/data/verify_openssl.sh")}
"""What is the server's or the command's as well, and is there."""
IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""")
QUOTED = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|/\*.*?\*/|(?<![:"'])//[^\n]*""", re.DOTALL)
BROWSER = (
    "document|window|self|globalThis|fetch|XMLHttpRequest|WebSocket|EventSource|Worker|navigator|location|history|"
    "localStorage|sessionStorage|indexedDB|caches|cookieStore|addEventListener|postMessage"
)
"""Globals of a page that formats and cleaners have no use for."""
NAMED = re.compile(rf"(?<![.\w$-])(?:{BROWSER})(?![\w$-])(?!\??:)")


def faults(folder: str, source: str) -> list[str]:
    """Return what a script of a folder may not import, or may not touch."""
    wrong = []
    for target in IMPORTED.findall(source):
        parts = target.split("/")
        room = folder if parts[0] == "." else parts[1]
        is_data = target.endswith(DATA.get(folder, ()))
        if room not in MAY_IMPORT[folder] and not is_data:
            wrong.append(target)
    if folder not in ("page", "verify"):
        wrong += NAMED.findall(QUOTED.sub('""', source))
    return wrong


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_each_folder_keeps_to_what_it_may_import_and_touch(folder: str) -> None:
    scripts = sorted((SCRIPTS / folder).glob("*.ts"))
    assert scripts
    assert {path.name: faults(folder, path.read_text(encoding="utf-8")) for path in scripts} == {
        path.name: [] for path in scripts
    }


def test_no_script_is_outside_the_folders() -> None:
    folders = {path.relative_to(SCRIPTS).parts[0] for path in SCRIPTS.rglob("*.ts")}
    assert folders - {"node_modules", "lint"} == {*MAY_IMPORT, "test"}


@pytest.mark.parametrize(
    ("folder", "planted"),
    [
        ("format", 'import { post } from "../page/server.js";'),
        ("format", 'import type { Cleaned } from "../cleaning/cleaning.js";'),
        ("format", 'const asked = await import("../page/words.js");'),
        ("format", "const { title } = document;"),
        ("format", "window.open(url);"),
        ("format", "const answer = await fetch(url);"),
        ("cleaning", 'import { element } from "../page/words.js";'),
        ("cleaning", "navigator.sendBeacon(url);"),
        ("log", 'import { post } from "../page/server.js";'),
        ("log", "const answer = await fetch(url);"),
        ("log", 'import { linesOf } from "../verify/said.js";'),
        ("cleaning", 'import { readKey } from "../log/note.js";'),
        ("verify", 'import { post } from "../page/server.js";'),
        ("verify", 'import { clean } from "../cleaning/cleaning.js";'),
        ("page", 'import { tests } from "../test/operations.js";'),
    ],
)
def test_a_planted_violation_is_caught(folder: str, planted: str) -> None:
    assert faults(folder, f'import {{ fail }} from "./errors.js";\n{planted}\n')


def test_what_is_allowed_is_not_caught() -> None:
    allowed = 'import { fail } from "./errors.js";\n// fetch the document\nconst text = "window"; part.document = 1;\n'
    assert faults("format", allowed) == []
