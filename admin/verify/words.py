"""Texts of the verdicts in Japanese and English, the same as on the verify page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from cases.form import REPORT_FIELDS
from crypto.certificate_check import ShownAct, Verified
from crypto.certificate_verdict import Judged
from crypto.code_reading import CodeSeen
from crypto.log_mirror import log_fingerprint

LANGUAGES: Final = ("ja", "en")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by name."""
    read: dict[str, dict[str, str]] = json.loads(
        files("cases.data").joinpath("verify_words.json").read_text("utf-8")
    )
    return read[language]


def _act(words: Mapping[str, str], act: ShownAct) -> list[str]:
    status = act.fields[1] if act.kind == "status" else ""
    named = words.get(f"status_{status}", words["status_other"])
    lines = [words[act.kind] % {"day": act.day, "status": named}]
    if act.is_notice:
        word = "in_time" if act.is_in_time else "not_in_time"
        lines.append("    " + words[word] % {"day": act.cosigned})
    return lines


def _cosigners(words: Mapping[str, str], verified: Verified) -> list[str]:
    lines = [words["seen_by"]]
    for by in verified.cosigners:
        word = "outside" if by.is_outside else "desk"
        lines.append("  " + words[word] % {"name": by.name, "day": by.day})
    if not verified.cosigners:
        lines.append("  " + words["nobody"])
    elif verified.lacking == "no_policy":
        lines.append("  " + words["own_policy"])
    return lines


def _contents(words: Mapping[str, str], verified: Verified) -> list[str]:
    lines: list[str] = []
    for content in verified.contents:
        word = "content_signed" if content.is_signed else "content_unsigned"
        lines.append("  " + words[word] % {"kind": words[f"kind_{content.kind}"]})
        for name, value in texts_of(content.payload):
            # A terminal obeys control characters: they are another person's.
            lines += [
                f"    {words[f'field_{name}']}:",
                *(f"      {_CONTROL.sub('', line)}" for line in value.split("\n")),
            ]
    return lines


def texts_of(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of a payload that a person wrote, by name."""
    return [
        (name, payload[name]) for name in (*REPORT_FIELDS, "message") if isinstance(payload.get(name), str)
    ]


def reason(fault: str, verdict: str, language: str) -> str:
    """Return why a verdict is `bad` or `unreadable`: a sentence, and the fault's class in brackets."""
    words = sentences(language)
    sentence = words.get(f"fault_{fault}", words[f"fault_{verdict}"])
    return f"{words['what_is_wrong']}: {sentence} [{fault}]"


def of_file(judged: Judged, language: str, more: Sequence[tuple[str, Mapping[str, Any]]] = ()) -> list[str]:
    """Return what to say of a file, line by line. `more`: further sentences by name, with their values."""
    words = sentences(language)
    lines = [words[judged.verdict]]
    verified = judged.verified
    if verified is None:
        told = [words[name] % values for name, values in more]
        return [*lines, reason(judged.fault, judged.verdict, language), *told]
    if verified.lacking:
        lines.append(words[verified.lacking])
    lines += ["", words["what_it_shows"]]
    for act in verified.acts:
        lines += [f"  {line}" for line in _act(words, act)]
    if verified.kind == "certificate":
        lines.append("  " + words["absence"])
    if verified.kind == "burying":
        lines.append(
            "  " + words["buried_day" if verified.missing_day else "buried"] % {"day": verified.promised}
        )
    elif verified.promised:
        lines.append("  " + words["promised"] % {"day": verified.promised})
    if verified.receipt:
        lines.append("  " + words["receipt"] % {"day": verified.receipt})
    restored = "restored_code" if verified.kind == "code" else "restored"
    lines += ["  " + words[restored] % {"day": day} for day in verified.restored]
    lines += ["  " + words[name] % values for name, values in more]
    lines += _contents(words, verified)
    return [
        *lines,
        "",
        *_cosigners(words, verified),
        words["origin"] % {"origin": verified.origin},
        words["fingerprint"] % {"print": log_fingerprint(verified.log)},
        *(words["continues"] % {"origin": old.origin, "size": old.size} for old in verified.continues),
        *(
            words["key_changed"] % {"day": change.day, "print": log_fingerprint(change.new)}
            for change in verified.key_changes
        ),
        words["is_text"],
    ]


def of_code(seen: CodeSeen, language: str) -> list[str]:
    """Return what to say of a code and a copy of the log, line by line."""
    more: list[tuple[str, Mapping[str, Any]]] = []
    if seen.notice.state:
        more.append((f"notice_{seen.notice.state}", {"day": seen.notice.by}))
    if seen.notice.missing:
        more.append(("missing_days", {"days": ", ".join(day.isoformat() for day in seen.notice.missing)}))
    if seen.last_day:
        more.append(("last_day", {"day": seen.last_day}))
    return of_file(seen.judged, language, more)
