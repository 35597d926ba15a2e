"""`meyasubako backups`: today's backup, checked; the end of old ones and of PostgreSQL's archives."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from cases.days import format_day
from store.kept_backups import daily_name
from tests.cli.command import Result
from tests.cli.support import add_report, recipients, run
from tests.support.site import Site, make_site, today, within

DAY = 86_400


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = make_site(tmp_path_factory.mktemp("backups") / "site", 2)
    add_report(made.config, recipients(made))
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_day_one_is_made_and_checked_and_old_ones_end(site: Site, tmp_path: Path) -> None:
    mine = ("meyasubako-2020-01-01.backup.mine", "notes.txt", "meyasubako-2020-13-01.backup")
    daily = ("backups", "daily", tmp_path, "--keep-days", "30")

    def make(day: date) -> Result:
        for path in tmp_path.iterdir():
            path.unlink()
        kept, old = (daily_name(day - timedelta(days=days)) for days in (30, 31))
        for name in (kept, old, f".{old}.0123abcd.part", *mine):
            (tmp_path / name).write_bytes(b"older")
        return run(tmp_path, *daily, config=site.config)

    day, made = within(today, make)
    assert made.code == 0 and "whole, 0 files" in made.out and "deleted: 2" in made.out
    new, kept = daily_name(day), daily_name(day - timedelta(days=30))
    assert names(tmp_path) == sorted((kept, new, *mine))
    assert (tmp_path / new).stat().st_mode & 0o777 == 0o600
    written = (tmp_path / new).read_bytes()
    again = run(tmp_path, *daily, config=site.config)
    assert again.code == 0 and (tmp_path / new).read_bytes() == written
    assert run(tmp_path, "backups", "verify", new, config=site.config).code == 0


def test_nothing_old_ends_before_todays_was_read_through(site: Site, tmp_path: Path) -> None:
    def make(day: date) -> tuple[list[str], Result]:
        folder = tmp_path / format_day(day)
        folder.mkdir()
        old, new = daily_name(day - timedelta(days=90)), daily_name(day)
        (folder / old).write_bytes(b"older")
        (folder / new).write_bytes(b"not a backup")
        return [old, new], run(tmp_path, "backups", "daily", folder, "--keep-days", "30", config=site.config)

    day, (both, ended) = within(today, make)
    assert ended.code == 1 and names(tmp_path / format_day(day)) == sorted(both)


def test_another_sites_backup_and_a_damaged_one_are_refused(site: Site, tmp_path: Path) -> None:
    other = make_site(tmp_path / "other", 1)
    assert run(tmp_path, "backup", "other.backup", config=other.config).code == 0
    refused = run(tmp_path, "backups", "verify", "other.backup", config=site.config)
    assert refused.code == 1 and "another site" in refused.err
    raw = (tmp_path / "other.backup").read_bytes()
    (tmp_path / "half.backup").write_bytes(raw[: len(raw) // 2])
    assert run(tmp_path, "backups", "verify", "half.backup", config=site.config).code == 1


@pytest.mark.parametrize("days", ["0", "-1", "3651", "many"])
def test_days_that_make_no_sense_change_nothing(site: Site, tmp_path: Path, days: str) -> None:
    old = tmp_path / daily_name(today() - timedelta(days=90))
    old.write_bytes(b"older")
    ended = run(tmp_path, "backups", "daily", tmp_path, "--keep-days", days, config=site.config)
    assert ended.code == 2 and "--keep-days" in ended.err and names(tmp_path) == [old.name]


def test_a_folder_that_is_not_there_is_named_with_its_setting(site: Site, tmp_path: Path) -> None:
    ended = run(tmp_path, "backups", "daily", tmp_path / "none", "--keep-days", "9", config=site.config)
    assert ended.code == 3 and "MEYASUBAKO_BACKUPS" in ended.err and str(tmp_path / "none") in ended.err
    ended = run(tmp_path, "backups", "prune-archive", tmp_path / "none", "--keep-days", "9")
    assert ended.code == 3 and "MEYASUBAKO_WAL_ARCHIVE" in ended.err


def test_write_ahead_archives_end_with_the_backups(tmp_path: Path) -> None:
    segment = "0000000100000000000000"
    ends = (f"{segment}01", f"{segment}02.gz", f"{segment}03.00000028.backup", "00000002.history")
    stays = ("README", f"{segment}04.mine", "archive_status")
    now = today_seconds()
    for name in (*ends, *stays):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (now - 40 * DAY, now - 40 * DAY))
    young = tmp_path / f"{segment}05"
    young.write_bytes(b"")
    ended = run(tmp_path, "backups", "prune-archive", tmp_path, "--keep-days", "35")
    assert ended.code == 0 and f"deleted: {len(ends)}" in ended.out
    assert names(tmp_path) == sorted((*stays, young.name))


def today_seconds() -> float:
    import time

    return time.time()


def test_a_name_says_the_day() -> None:
    day = today()
    assert daily_name(day) == f"meyasubako-{format_day(day)}.backup"
