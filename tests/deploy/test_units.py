"""The files of deploy/ for systemd: what systemd itself says of them, and what operations.md promises of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
TIMERS = sorted(path.name for path in UNITS.glob("*.timer"))
HIGHEST_EXPOSURE = 20
"""Of 100 (`systemd-analyze security`, where 30 is 3.0)."""


def values(unit: str, key: str) -> list[str]:
    """Return the values of a key of a unit, in order."""
    text = (UNITS / unit).read_text("utf-8")
    return re.findall(rf"(?m)^{key}=(.*)$", text)


def asked(program: str, *arguments: str | Path, units: Path = UNITS) -> subprocess.CompletedProcess[str]:
    """Run a program of systemd's; it looks for units in one folder, then in the system's."""
    return subprocess.run(
        [program, *map(str, arguments)],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:", "LC_ALL": "C", "SYSTEMD_LOG_COLOR": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def with_program(folder: Path) -> Path:
    """Copy the units, with a program that is there in place of the installed one."""
    units = folder / "units"
    shutil.copytree(UNITS, units)
    for path in units.glob("*.service"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"(?m)^(Exec\w+=)(meyasubako) ", r"\1/bin/true ", text), "utf-8")
    return units


def test_systemd_finds_nothing_wrong_with_any_unit(tmp_path: Path) -> None:
    units = with_program(tmp_path)
    paths = sorted(units.iterdir())
    looked = asked("systemd-analyze", "verify", "--man=no", *paths, units=units)
    own = [line for line in looked.stderr.splitlines() if "meyasubako" in line]
    assert own == [] and looked.returncode == 0
    broken = units / "meyasubako.service"
    broken.write_text(broken.read_text("utf-8").replace("Restart=always", "Restart=ever"), "utf-8")
    assert "specifier" in asked("systemd-analyze", "verify", "--man=no", broken, units=units).stderr


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_may_do_more_than_it_needs(service: str) -> None:
    looked = asked(
        "systemd-analyze", "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", UNITS / service
    )
    assert looked.returncode == 0, looked.stdout[-300:]


@pytest.mark.parametrize("service", SERVICES)
def test_what_passes_through_memory_is_never_written_out(service: str) -> None:
    assert values(service, "MemorySwapMax") == values(service, "LimitCORE") == ["0"]
    assert values(service, "UMask") == ["0077"] and values(service, "User") != []


def test_the_site_is_started_again_for_as_long_as_it_takes() -> None:
    unit = "meyasubako.service"
    assert values(unit, "StartLimitIntervalSec") == ["0"] and values(unit, "Restart") == ["always"]
    assert values(unit, "ExecStart") == ["meyasubako serve --doctor"]
    assert "network-online.target" in values(unit, "After")[0].split()
    # A service whose condition fails would be asked for without end by a visitor who waits.
    assert values("meyasubako.socket", "TriggerLimitIntervalSec") == ["2s"]
    both = [values(name, "ConditionPathExists") for name in (unit, "meyasubako.socket")]
    assert both[0] == both[1] == ["/var/lib/meyasubako/meyasubako.toml"]


def test_the_address_is_held_while_the_service_is_restarted() -> None:
    assert values("meyasubako.socket", "ListenStream") == ["127.0.0.1:8000"]
    assert values("meyasubako.service", "Requires") == ["meyasubako.socket"]
    assert (
        values("meyasubako.service", "ExecReload")
        == [
            "meyasubako serve --check --running",  # a wrong setting fails the reload, and is not told in the log alone
            "kill -HUP $MAINPID",
        ]
    )


def test_the_site_calls_nobody() -> None:
    for service in ("meyasubako.service", "meyasubako-backup.service", "meyasubako-doctor.service"):
        assert values(service, "IPAddressDeny") == ["any"] and values(service, "IPAddressAllow") == [
            "localhost"
        ]


def test_each_timer_has_its_service_and_a_time_that_exists() -> None:
    times = {timer: values(timer, "OnCalendar")[0] for timer in TIMERS}
    assert {timer.replace(".timer", ".service") for timer in TIMERS} | {"meyasubako.service"} == set(SERVICES)
    looked = asked("systemd-analyze", "calendar", *times.values())
    assert looked.returncode == 0 and looked.stdout.count("Next elapse") == len(times)


def test_the_backup_comes_after_the_logs_batch_and_archives_end_with_backups() -> None:
    (when,) = values("meyasubako-backup.timer", "OnCalendar")
    hour, minute = map(int, re.findall(r" (\d\d):(\d\d):00 Asia/Tokyo$", when)[0])
    assert (hour, minute) > (3, 10)
    days = re.compile(r"MEYASUBAKO_KEEP_DAYS=(\d+)")
    kept = {
        found
        for path in (*UNITS.glob("*.service"), ROOT / "deploy" / "default" / "meyasubako")
        for found in days.findall(path.read_text("utf-8"))
    }
    assert len(kept) == 1
    for service in ("meyasubako-backup.service", "meyasubako-archive.service"):
        assert "--keep-days ${MEYASUBAKO_KEEP_DAYS}" in values(service, "ExecStart")[0]


def test_the_servers_user_is_made_without_password_and_shell(tmp_path: Path) -> None:
    for name in ("passwd", "group", "shadow"):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / "etc" / name).touch()
    source = ROOT / "deploy" / "sysusers.d" / "meyasubako.conf"
    made = asked("systemd-sysusers", f"--root={tmp_path}", source)
    assert made.returncode == 0, made.stderr
    (line,) = (tmp_path / "etc" / "passwd").read_text("utf-8").splitlines()
    assert line.startswith("meyasubako:x:") and line.endswith(":/var/lib/meyasubako:/usr/sbin/nologin")


def test_data_and_backups_are_for_the_servers_user_only() -> None:
    lines = (ROOT / "deploy" / "tmpfiles.d" / "meyasubako.conf").read_text("utf-8").splitlines()
    rules = [line.split() for line in lines if line.startswith("d ")]
    assert {rule[1] for rule in rules} == {"/var/lib/meyasubako", "/var/backups/meyasubako"}
    assert all(rule[2:5] == ["0700", "meyasubako", "meyasubako"] for rule in rules)
