"""`doctor` names what is wrong, one line each; what a laptop or a server does not need may be missing."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

import pytest

from admin.commands.doctor.program import python_patch
from crypto.identity import new_identity
from store.config.secrets import create_secrets
from tests.cli.command import Result
from tests.cli.support import LINE, quick_key, run
from tests.support.site import Site, make_site

SERVER = ("sqlalchemy", "alembic", "gunicorn", "psycopg")
DESK = ("fpdf", "httpx", "platformdirs", "segno", "waitress")


def doctor(site: Site) -> Result:
    return run(site.folder, "doctor", config=site.config)


def line(result: Result, what: str) -> str:
    """Return what doctor says on a matter: all lines of it."""
    return "\n".join(found for found in result.out.splitlines() if found[6:].startswith(what))


def test_a_sound_site_passes_and_nothing_is_changed(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    before = sorted(os.listdir(site.folder))
    found = doctor(site)
    assert found.code == 0, found.out + found.err
    levels = {row[:5].strip() for row in found.out.splitlines()}
    assert levels <= {"ok", "note", "warn"}  # warn: this machine's swap or disk
    assert line(found, "recipients").startswith("ok") and line(found, "durability").startswith("ok")
    assert set(os.listdir(site.folder)) - set(before) <= {
        f"meyasubako.db{end}" for end in ("-wal", "-shm", "-writer")
    }


@pytest.mark.parametrize(("auditors", "level", "code"), [(0, "FAIL", 1), (1, "warn", 0), (2, "ok", 0)])
def test_doctor_counts_who_can_read(tmp_path: Path, auditors: int, level: str, code: int) -> None:
    found = doctor(make_site(tmp_path / "s", auditors))
    assert found.code == code and line(found, "recipients").startswith(level)


def test_doctor_warns_of_a_public_address(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    site.config.write_text(site.config.read_text(encoding="utf-8").replace("127.0.0.1", "0.0.0.0"), "utf-8")
    found = doctor(site)
    assert found.code == 0 and line(found, "address").startswith("warn")


def test_doctor_warns_where_nobody_says_who_runs_the_site(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    assert line(doctor(site), "operator").startswith("ok")
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(re.sub(r"(?ms)^\[operator\]\n.*?(?=^\[|\Z)", "", text), "utf-8")
    result = doctor(site)
    assert result.code == 0 and line(result, "operator").startswith("warn")


def test_doctor_finds_what_is_wrong_with_the_secret_file(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    secret = site.settings.server.secret_file
    secret.chmod(0o640)
    found = doctor(site)
    assert found.code == 1 and "chmod 600" in line(found, "secret file")
    secret.unlink()
    found = doctor(site)
    assert found.code == 1 and line(found, "secret file").startswith("FAIL")
    create_secrets(secret)
    found = doctor(site)
    assert found.code == 1 and "another database" in line(found, "site key")


def test_doctor_finds_what_is_wrong_with_the_database(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    path = site.folder / "meyasubako.db"
    path.chmod(0o644)
    found = doctor(site)
    assert found.code == 1 and "Others may read it" in line(found, "database")
    path.chmod(0o600)
    raw = sqlite3.connect(path)
    with raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    found = doctor(site)
    assert found.code == 1 and "newer version" in line(found, "database")
    path.unlink()
    found = doctor(site)
    assert found.code == 1 and "missing" in line(found, "database") and not path.exists()
    # The other checks were made all the same.
    assert line(found, "address") and line(found, "secret file").startswith("ok")


def test_doctor_finds_a_card_that_was_changed_in_the_database(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    raw = sqlite3.connect(site.folder / "meyasubako.db")
    with raw:
        (name,) = raw.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE '%card%' AND type = 'table'"
        ).fetchone()
        raw.execute(
            f"UPDATE {name} SET raw = CAST(replace(CAST(raw AS TEXT), 'Auditor 1', 'Auditor 7') AS BLOB)"
        )
    raw.close()
    found = doctor(site)
    assert found.code == 1 and line(found, "recipients").startswith("FAIL")


def test_doctor_asks_postgresql_about_durability(tmp_path: Path, postgres_database: str) -> None:
    found = doctor(make_site(tmp_path / "s", 2, url=postgres_database))
    assert line(found, "database").startswith("ok") and "PostgreSQL" in line(found, "database")
    assert line(found, "durability")[:4] in ("ok  ", "FAIL")


# --- one of the two parts only


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """A folder that, first on the path, hides the libraries that HIDDEN names."""
    folder = tmp_path / "hiding"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import importlib.machinery, os\n"
        "hidden = os.environ.get('HIDDEN', '').split()\n"
        "finder = importlib.machinery.PathFinder\n"
        "find = finder.find_spec\n"
        "def find_spec(name, path=None, target=None):\n"
        "    return None if name.split('.')[0] in hidden else find(name, path, target)\n"
        "finder.find_spec = staticmethod(find_spec)\n"
    )
    return folder


def test_a_laptop_without_the_server_part(tmp_path: Path, without: Path) -> None:
    hide = {"HIDDEN": " ".join(SERVER)}

    def laptop(*arguments: str | Path, stdin: str = "") -> Result:
        return run(tmp_path, *arguments, stdin=stdin, extra=hide, before=without)

    found = laptop("doctor")
    assert found.code == 0, found.out + found.err
    assert "server part" in found.out and "not installed here" in line(found, "server part")
    assert line(found, "desk part").startswith("ok")
    stdin = LINE
    made = laptop(
        *("auditor", "new", "--name", "あ", "--name-en", "New", "--role", "い", "--role-en", "B"),
        *("--out", ".", "--passphrase-stdin"),
        stdin=stdin,
    )
    assert made.code == 0, made.err
    key = quick_key(tmp_path / "a.key", new_identity())
    signed = laptop("auditor", "sign", "new.card", "--key", key, "--passphrase-stdin", stdin=stdin)
    assert signed.code == 0, signed.err
    note = laptop(
        "auditor", "retire", "0" * 32, "--key", key, "--out", "n", "--passphrase-stdin", stdin=stdin
    )
    assert note.code == 0, note.err
    (tmp_path / "junk").write_bytes(b"junk")
    assert laptop("open", "--key", key, "--passphrase-stdin", "junk", stdin=stdin).code == 1
    refused = laptop("desk", "--server", "ftp://x", "--key", key)
    assert refused.code == 2, refused.err
    for command in (("serve",), ("auditor", "list"), ("backup", "x")):
        missing = laptop(*command)
        assert (
            missing.code == 3
            and "-r requirements/server.txt" in missing.err
            and "meyasubako[" not in missing.err
        ), command


def test_a_server_without_the_desk_part(tmp_path: Path, without: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    hide = {"HIDDEN": " ".join(DESK)}
    found = run(tmp_path, "doctor", config=site.config, extra=hide, before=without)
    assert found.code == 0 and "not installed here" in line(found, "desk part")
    assert run(tmp_path, "auditor", "list", config=site.config, extra=hide, before=without).code == 0
    key = quick_key(tmp_path / "a.key", new_identity())
    missing = run(tmp_path, "desk", "--server", "https://x.example", "--key", key, extra=hide, before=without)
    assert (
        missing.code == 3 and "-r requirements/desk.txt" in missing.err and "meyasubako[" not in missing.err
    )


def test_doctor_finds_half_a_part(tmp_path: Path, without: Path) -> None:
    found = run(tmp_path, "doctor", extra={"HIDDEN": "waitress"}, before=without)
    assert found.code == 1 and "waitress missing" in line(found, "desk part")


def test_the_desk_says_that_its_port_is_taken(tmp_path: Path) -> None:
    import socket

    key = quick_key(tmp_path / "a.key", new_identity())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        arguments = ("desk", "--server", "https://x.example", "--key", key, "--cache", tmp_path / "cache")
        ended = run(tmp_path, *arguments, "--port", port, "--no-browser")
    assert ended.code == 1 and "--port" in ended.err and "open/" not in ended.out


@pytest.mark.parametrize(
    ("version", "least"),
    [
        ((3, 11, 7), "3.11.8"),
        ((3, 11, 8), None),
        ((3, 12, 1), "3.12.2"),
        ((3, 12, 2), None),
        ((3, 13, 0), None),
        ((3, 15, 0), None),
    ],
)
def test_doctor_names_the_least_patch_release(version: tuple[int, int, int], least: str | None) -> None:
    found = list(python_patch(*version))
    assert [one.level for one in found] == (["warn"] if least else [])
    assert all(least in one.text for one in found if least)
