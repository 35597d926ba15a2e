"""`facts check` and `facts route`: the guide's facts on the command line, for an operator and for a lawyer."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from admin.commands.doctor.program import facts_reviewed
from cases import law, routing
from cases.contacts import contact, contacts
from tests.cli.command import meyasubako

ANSWERS = """
who_am_i = "worker"
about = "concealed_leak"
to_show = "documents"
told_company = "this_line"
told_day = 2026-11-09
notice_of_investigation = false
fears = ["name"]
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.toml"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def test_check_is_content_before_the_first_review_day() -> None:
    found = meyasubako("facts", "check", "--day", "2026-11-24")
    assert (found.code, found.out) == (0, "") and "within their review day" in found.err


def test_check_names_what_is_due_and_its_source() -> None:
    found = meyasubako("facts", "check", "--day", "2027-01-17")
    assert found.code == 1 and "to be checked again" in found.err
    lines = found.out.splitlines()
    assert any(line.startswith("contact  ppc_appi_dial") and "ppc.go.jp" in line for line in lines)
    assert any(line.startswith("rule     act_next") and "2026-12-01" in line for line in lines)
    assert any("secondary sources" in line for line in lines)
    assert not any("_now " in line for line in lines)


def test_doctor_warns_of_the_same() -> None:
    assert facts_reviewed(date(2026, 11, 24)).level == "ok"
    due = facts_reviewed(date(2027, 1, 17))
    assert due.level == "warn" and "facts check" in due.text


def test_route_prints_doors_with_conditions_and_articles(answers: Path) -> None:
    found = meyasubako("facts", "route", answers, "--day", "2026-11-30", "--designated", "--lang", "en")
    assert found.code == 0, found.err
    channels = [
        line.split("[")[1].split("]")[0]
        for line in found.out.splitlines()
        if line[:1].isdigit() and "[" in line
    ]
    # Documents without a trigger and without a name: open, and the agency's line first.
    assert channels == ["agency", "authority", "inside", "lawyer", "others"]
    assert "03-3507-9262" in found.out and "239-743" not in found.out
    assert "Art. 3(ii)]" in found.out and "Art. 3(iii)ホ]" in found.out
    assert "2026-12-01→  Whistleblower Protection Act, as amended" in found.out  # what is about to change
    assert "not legal advice" in found.out and "(this site's own reading)" in found.out


def test_route_follows_the_day_and_the_designation(answers: Path) -> None:
    later = meyasubako("facts", "route", answers, "--day", "2026-12-01", "--designated")
    assert "第3条第1項第3号ホ" in later.out and "第3条第3号ホ" not in later.out and "弁護士" in later.out
    outside = meyasubako("facts", "route", answers, "--day", "2026-12-01")
    assert "not_met  <line> 会社がこの窓口をあらかじめ定めていること" in outside.out
    assert outside.out == meyasubako("facts", "route", answers, "--day", "2026-12-01", "--not-designated").out


def test_route_without_a_day_is_of_today(answers: Path) -> None:
    found = meyasubako("facts", "route", answers)
    assert found.code == 0 and "[agency]" in found.out


def test_the_amended_rules_are_due_on_the_day_of_the_change() -> None:
    assert meyasubako("facts", "check", "--day", "2026-11-30").code == 0
    found = meyasubako("facts", "check", "--day", "2026-12-01")
    assert found.code == 1 and "rule     presumption_next" in found.out and "_now " not in found.out


def test_json_is_what_the_guide_says(answers: Path) -> None:
    for day, act in (("2026-11-30", "act_now"), ("2026-12-01", "act_next")):
        found = meyasubako("facts", "route", answers, "--day", day, "--designated", "--json")
        assert found.code == 0, found.err
        said = json.loads(found.out)
        assert list(said) == ["day", "act", "doors", "effects", "limits"]
        assert (said["day"], said["act"]) == (day, act)
        expected = routing.guidance(
            routing.answers_from(tomllib.loads(ANSWERS)), date.fromisoformat(day), True, contacts()
        )
        met = {"met": "yes", "not_met": "no", "unknown": "unknown"}
        assert said["doors"] == [
            {
                "kind": channel.kind,
                "protection": channel.protection.answer if channel.protection else None,
                "conditions": [{"key": one.id, "met": met[one.status]} for one in channel.conditions],
                "contacts": list(channel.contact_ids),
                "notes": list(channel.notes),
            }
            for channel in expected.channels
        ]
        assert said["effects"] == [rule.key for rule in expected.effects]
        assert said["limits"] == list(expected.limits)


def test_text_and_json_say_the_same(answers: Path) -> None:
    said = json.loads(meyasubako("facts", "route", answers, "--day", "2026-12-01", "--json").out)
    text = meyasubako("facts", "route", answers, "--day", "2026-12-01", "--lang", "en").out
    for channel in said["doors"]:
        assert f"[{channel['kind']}]" in text
        assert all(routing.text(name)["en"] in text for name in channel["notes"])
        assert all(contact(name).name["en"] in text for name in channel["contacts"])
    for key in said["effects"]:
        rule = law.rule_on(key, date(2026, 12, 1))
        assert rule is not None and rule.text["en"] in text
    assert all(routing.text(name)["en"] in text for name in said["limits"])


def test_help_names_every_kind_answer_and_effect() -> None:
    shown = meyasubako("facts", "route", "--help").out
    words = [*routing.KINDS, *routing.QUESTIONS, *routing.EFFECTS]
    words += [word for name in routing.QUESTIONS for word in routing.choices(name)]
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize("day", ["2022-06-01", "9999-12-31"])
def test_answers_from_the_ends_of_the_calendar(tmp_path: Path, day: str) -> None:
    path = tmp_path / "answers.toml"
    for told in ("0001-01-01", "9999-12-31"):
        path.write_text(f'told_company = "both"\ntold_day = {told}\n', encoding="utf-8")
        found = meyasubako("facts", "route", path, "--day", day, "--json")
        assert found.code == 0 and json.loads(found.out)["day"] == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('who_am_i = "king"', "none of its choices (worker, temp_worker, "),
        ('fears = ["king"]', "none of its choices (retaliation, evidence, name)"),
        ("shoe_size = 42", "no known question (known: who_am_i, about, "),
        ('told_day = "2026-11-01"', "told_day is no day (2026-11-01, without quotation marks)"),
        ("who_am_i = ", "not valid TOML"),
        ('triggers = "many"', "triggers is no list"),
        ('triggers = ["none", "many"]', "none together with others"),
        ("purpose = true", "purpose is none of its choices"),
        ("give_name = 1", "neither yes nor no"),
        ("told_day = 2026-11-01T10:00:00", "told_day is no day"),
        ("fears = { name = true }", "fears is no list"),
        ("fears = " + "[" * 5_000, "nested too deeply"),
        ("fears = " + "[" * 5_000 + "]" * 5_000, "nested too deeply"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_answers_of_another_form_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "answers.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    found = meyasubako("facts", "route", path)
    assert found.code == 2 and said in found.err and found.out == ""


def test_a_byte_order_mark_of_windows_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('who_am_i = "worker"\r\n', encoding="utf-8-sig")
    found = meyasubako("facts", "route", path, "--day", "2026-12-01", "--json")
    assert found.code == 0 and "presumption" in json.loads(found.out)["effects"]


def test_a_missing_file_and_a_wrong_day_are_named(tmp_path: Path, answers: Path) -> None:
    gone = meyasubako("facts", "route", tmp_path / "none.toml")
    assert gone.code == 2 and "can't be read" in gone.err
    for command in (("check",), ("route", answers)):
        found = meyasubako("facts", *command, "--day", "20261201")
        assert found.code == 2 and "YYYY-MM-DD" in found.err
    before = meyasubako("facts", "route", answers, "--day", "2022-05-31")
    assert before.code == 2 and "law of that day" in before.err
