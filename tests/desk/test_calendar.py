"""The calendar of due dates: days, and nothing of what they are about."""

from __future__ import annotations

import re
from datetime import date, timedelta

from admin.desk.reports.ics import calendar

DAY = date(2026, 11, 23)


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
