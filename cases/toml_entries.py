"""Data files that people change: entries with the line on which each begins, so that a mistake can be found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TomlEntry:
    """One entry of a table, before it is checked. `line`: where it begins, from 1."""

    line: int
    values: Mapping[str, Any]

    @property
    def where(self) -> str:
        """Where it is, and what it calls itself: how messages about it begin."""
        name = self.values.get("id")
        return (
            f"line {self.line}: {name}" if isinstance(name, str) and name else f"line {self.line}: an entry"
        )


def read(text: str, tables: Sequence[str], file: str) -> dict[str, tuple[TomlEntry, ...]]:
    """Return the entries of each table of a TOML text. Raises ValueError, with the file's name."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file} is not valid TOML: {error}") from None
    wanted = " and ".join(f"[[{table}]]" for table in tables)
    if set(parsed) != set(tables) or not all(_is_table(value) for value in parsed.values()):
        raise ValueError(f"{file} holds {wanted}, nothing else")
    return {table: _with_lines(text, table, parsed[table]) for table in tables}


def check_texts(entry: TomlEntry, fields: frozenset[str], texts: Sequence[str]) -> None:
    """Raise ValueError unless an entry has exactly these fields, and these of them are texts that say something."""
    if set(entry.values) != fields:
        raise ValueError(f"{entry.where} has to have exactly {', '.join(sorted(fields))}")
    for field in texts:
        value = entry.values[field]
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{entry.where}: {field} is empty or no text")


def _is_table(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _with_lines(text: str, table: str, entries: Sequence[Mapping[str, Any]]) -> tuple[TomlEntry, ...]:
    head = re.compile(rf"[ \t]*\[\[[ \t]*{table}[ \t]*\]\]")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if head.match(line)]
    # Written in another way (inline, or with a head inside of a text), the lines are not known.
    known = lines if len(lines) == len(entries) else [1] * len(entries)
    return tuple(TomlEntry(line, entry) for line, entry in zip(known, entries, strict=True))
