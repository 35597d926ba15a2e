"""docs/operations.md and its Japanese twin: the same chapters, commands and settings, files that exist; one version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("operations.md", "operations.ja.md")
SECTION = re.compile(r"(?m)^## (\d+)\. ")
BLOCK = re.compile(r"(?ms)^ *```(?:sh|ini|toml)\n(.*?)^ *```")
OWN_WORDS = {"RAREWORD": "珍しい言葉", "THE-SITES-OWN-NAME": "サイトの名前"}


def commands(name: str) -> list[str]:
    """Return the lines of all blocks of commands, without comments, in one spelling of what readers fill in."""
    text = (DOCS / name).read_text("utf-8")
    for english, japanese in OWN_WORDS.items():
        text = text.replace(japanese, english)
    lines = (line for block in BLOCK.findall(text) for line in block.splitlines())
    return [line for line in (re.sub(r"\s*(^|\s)#.*", "", line).strip() for line in lines) if line]


def test_both_languages_have_the_same_chapters_and_commands() -> None:
    english, japanese = ((DOCS / name).read_text("utf-8") for name in LANGUAGES)
    numbers = SECTION.findall(english)
    assert numbers == [str(number) for number in range(1, 16)] == SECTION.findall(japanese)
    assert commands(LANGUAGES[0]) == commands(LANGUAGES[1])
    assert len(commands(LANGUAGES[0])) > 60


def test_both_languages_have_the_same_settings() -> None:
    named = [
        re.findall(r"(?m)^\| (`[a-z[][^|]*?) \|", (DOCS / name).read_text("utf-8")) for name in LANGUAGES
    ]
    keys = [sorted(sorted(re.findall(r"`([\w.\[\]]+)`", row)) for row in rows) for rows in named]
    assert keys[0] == keys[1] and len(keys[0]) > 20


@pytest.mark.parametrize("name", [*LANGUAGES, "upgrading.md"])
def test_each_unit_and_each_file_of_deploy_exists(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    units = set(re.findall(r"\bmeyasubako(?:-[a-z]+)?\.(?:service|socket|timer)\b", text))
    assert all((ROOT / "deploy" / "systemd" / unit).is_file() for unit in units), units
    for path in re.findall(r"\bdeploy/[\w./-]+\w", text):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"/usr/share/doc/meyasubako/examples/([\w./-]+)", text):
        assert (ROOT / "deploy" / path).is_file(), path


def test_the_version_is_in_one_place() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    files = [
        path for path in (ROOT / "deploy").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    assert len(files) > 20
    assert [path.name for path in files if version in path.read_text("utf-8")] == []
