"""Vectors of what the report form takes (cases/form.py)."""

from __future__ import annotations

from crypto.payloads import ANSWERS
from tests.vectors.parts import Vector, good


def forms() -> list[Vector]:
    def text(name: str, output: str, given: str) -> Vector:
        return good(name, "form_text", {"text": given}, output)

    def long(name: str, output: str, **answers: tuple[str, int]) -> Vector:
        given = {one: list(said) for one, said in answers.items()}
        return good(name, "form_too_long", {"answers": given}, output)

    return [
        text("line breaks of all kinds", "a\nb\nc\nd\ne\nf", "a\r\nb\rc\vd\fe\x85f"),
        text("a tab stays", "a\tb", "a\tb"),
        text("controls go", "ab", "a\x00\x07\x08\x0e\x1b\x7f\x80\x84\x86\x9fb"),
        long("100,000 in one answer", "", what_happened=("あ", 100_000)),
        long("100,001 in one answer", "what_happened", what_happened=("あ", 100_001)),
        long("100,000 in two answers", "", what_happened=("a", 50_000), evidence=("b", 50_000)),
        long("100,001 in two answers", "evidence", what_happened=("a", 50_000), evidence=("b", 50_001)),
        long("two as long: the first", "who", evidence=("b", 60_000), who=("a", 60_000)),
        long(
            "198,000 in eleven answers", "what_happened",
            **{name: ("x", 18_000) for name in ANSWERS if name != "cause"},
        ),
        long("a character outside the first plane counts once", "", what_happened=("𠮷", 100_000)),
        long("a pair of line break characters counts once", "", what_happened=("\r\n", 100_000)),
        long("controls do not count", "", what_happened=("a\x00", 100_000)),
        long("a mark counts", "what_happened", what_happened=("か\u3099", 50_001)),
        long("blanks count", "why", what_happened=("a", 1), why=(" ", 100_000)),
    ]  # fmt: skip
