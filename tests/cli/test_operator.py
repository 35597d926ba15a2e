"""The operator's commands: a new site, retirements, backup and restore, and what each fault is called."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import make_url

from crypto.receipt import derive
from store import db, reports
from store import site as store_site
from store.config.secrets import create_secrets, load_secrets
from store.config.settings import KNOWN, load_settings
from store.database_faults import file_of_another
from tests.cli.command import environment
from tests.cli.support import LINE, add_report, quick_key, recipients, run
from tests.support.site import make_site

NAMES = ("--name-ja", "目安箱", "--name-en", "Meyasubako", "--designated")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# --- init


def test_init_makes_a_site_that_only_its_owner_can_read(tmp_path: Path) -> None:
    config = tmp_path / "meyasubako.toml"
    made = run(tmp_path, "init", "--config", config, *NAMES, "--bind", "127.0.0.1:8123")
    assert made.code == 0, made.err
    settings = load_settings(config)
    assert (settings.site.name_ja, settings.site.name_en) == ("目安箱", "Meyasubako")
    assert settings.server.bind == "127.0.0.1:8123"
    load_secrets(settings.server.secret_file)
    named = tomllib.loads(re.sub(r"(?m)^# (?=\[|\w+ = )", "", config.read_text("utf-8")))
    assert {name: frozenset(table) for name, table in named.items()} == KNOWN, "each setting has its line"
    (said,) = re.findall(r"(?s)\nNext: .*?\.", made.out)
    assert "auditor new" in said
    for name in ("meyasubako.toml", "server.secret", "meyasubako.db"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name
    engine = db.make_engine(settings.store.url)
    with db.reading(engine) as conn:
        assert len(store_site.get(conn).salt) == 16
    engine.dispose()


def test_init_never_overwrites_and_never_leaves_half_a_site(tmp_path: Path) -> None:
    config = tmp_path / "meyasubako.toml"
    assert run(tmp_path, "init", *NAMES, config=config).code == 0
    before = files(tmp_path)
    again = run(tmp_path, "init", *NAMES, config=config)
    assert again.code == 1 and "exists already" in again.err
    assert files(tmp_path) == before
    # The settings file is gone, the rest is there.
    config.unlink()
    assert run(tmp_path, "init", *NAMES, config=config).code == 3
    # Only the database is there.
    (tmp_path / "server.secret").unlink()
    assert run(tmp_path, "init", *NAMES, config=config).code == 1
    assert set(files(tmp_path)) & {"meyasubako.toml", "server.secret"} == set()


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--name-ja", "目"), 2, "--name-en"),
        ((*NAMES, "--bind", "nowhere"), 3, "server.bind"),
        ((*NAMES, "--url", "mysql://host/x"), 3, "store.url"),
        ((*NAMES, "--url", "postgresql+psycopg://u@127.0.0.1:1/x"), 4, "database"),
        (("--name-ja", "あ", "--name-en", "X"), 2, "--designated"),
        (("--name-ja", "a\nb", "--name-en", "X", "--designated"), 3, "site.name_ja"),
    ],
)
def test_init_with_something_wrong_leaves_nothing(
    tmp_path: Path, more: tuple[str, ...], code: int, said: str
) -> None:
    ended = run(tmp_path, "init", *more, config=tmp_path / "m.toml")
    assert ended.code == code and said in ended.err
    assert files(tmp_path) == {}


def test_init_can_keep_settings_that_were_written_by_hand(tmp_path: Path) -> None:
    config = tmp_path / "m.toml"
    config.write_text(
        '[site]\nname_ja="あ"\nname_en="A"\ndesignated=true\n[store]\nurl="sqlite:///x.db"\n',
        encoding="utf-8",
    )
    before = config.read_bytes()
    assert run(tmp_path, "init", "--keep-settings", config=config).code == 0
    assert config.read_bytes() == before and (tmp_path / "x.db").is_file()


# --- settings and exit codes

OPERATOR = (
    ("serve",), ("auditor", "list"), ("auditor", "enroll", "x.card"), ("auditor", "retire", "--note", "x"),
    ("envelope", "list"), ("envelope", "get", "0" * 32), ("db", "upgrade"), ("db", "vacuum"), ("backup", "f"),
    ("init", *NAMES),
)  # fmt: skip


@pytest.mark.parametrize("command", OPERATOR, ids=" ".join)
def test_without_settings_each_command_says_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "x").write_bytes(b"{}")
    (person,) = make_site(tmp_path / "other", 1).auditors
    (tmp_path / "x.card").write_bytes(person.card.encode())
    if command[-1] == "x":
        assert run(tmp_path, *command).code in (1, 3)
        return
    ended = run(tmp_path, *command)
    assert ended.code == 3 and "MEYASUBAKO_CONFIG is not set" in ended.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is missing"),
        ("[site", "not valid TOML"),
        ('[site]\nname_ja = "あ"\n', "site.name_en is missing"),
        ('[site]\nname_ja = "あ"\nname_en = ""\ndesignated=true\n', "site.name_en is empty"),
        ("{good}[server]\nbind = 8000\n", "server.bind"),
        ("{good}[server]\nworkers = 0\n", "server.workers"),
        ("{good}[server]\nsecret = 'x'\n", "server.secret is not a known setting"),
        ("{good}[limits]\nmax_request_bytes = 10\n", "limits.max_request_bytes"),
        ("{good}[post]\n", "[post] is not a known section"),
        ('[site]\nname_ja="あ"\nname_en="A"\ndesignated=true\n[store]\nurl = "sqlite://"\n', "store.url"),
        (
            '[site]\nname_ja="あ"\nname_en="A"\ndesignated=true\nexit_url="http://x"\n[store]\nurl="sqlite:///x"\n',
            "exit_url",
        ),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    config = tmp_path / "m.toml"
    good = '[site]\nname_ja="あ"\nname_en="A"\ndesignated=true\n[store]\nurl="sqlite:///x.db"\n'
    if text is not None:
        config.write_text(text.replace("{good}", good), encoding="utf-8")
    for command in ("serve", "doctor"):
        ended = run(tmp_path, command, config=config)
        assert ended.code == (3 if command == "serve" else 1)
        assert said in (ended.out + ended.err)
        if command == "serve":
            # The Japanese line says what is wrong too, and names the setting.
            head = ended.err.splitlines()[0]
            assert head != "設定をご確認ください。" and head.endswith("。")
            named = said.split()[0] if "." in said else str(config) if text in (None, "[site") else "[post]"
            assert named.strip('"') in head or "exit_url" in head, head


@pytest.mark.parametrize(
    ("url", "place", "why", "japanese"),
    [
        ("postgresql+psycopg://kaede:SEKRET@127.0.0.1:1/box", "127.0.0.1:1/box", "refused", "拒否"),
        (
            "postgresql+psycopg://kaede:SEKRET@box.invalid/box",
            "box.invalid:5432/box",
            "host is unknown",
            "ホスト名",
        ),
    ],
)
def test_a_postgresql_that_is_not_there_says_where_and_why(
    tmp_path: Path, url: str, place: str, why: str, japanese: str
) -> None:
    site = make_site(tmp_path / "s", 1)
    site.config.write_text(site.config.read_text().replace("sqlite:///meyasubako.db", url))
    site.config.chmod(0o600)
    for command in (("serve",), ("auditor", "list"), ("doctor",), ("restore", site.config)):
        ended = run(tmp_path, *command, config=site.config)
        said = ended.out + ended.err
        assert "SEKRET" not in said and "kaede" not in said
        if command[0] != "restore":  # that looks at the file first
            assert place in said and why in said
        if command[0] == "serve":
            assert ended.code == 4 and japanese in ended.err.splitlines()[0]


def test_a_postgresql_that_does_not_know_the_user_or_the_database_says_so(
    tmp_path: Path, postgres_database: str
) -> None:
    site = make_site(tmp_path / "s", 1)
    own = site.config.read_text()
    whole = make_url(postgres_database)
    for url, why in (
        (whole.set(username="kaede", password="SEKRET"), "authentication"),
        (whole.set(database="nobox"), "there is no such database"),
    ):
        text = url.render_as_string(hide_password=False)
        site.config.write_text(own.replace("sqlite:///meyasubako.db", text))
        site.config.chmod(0o600)
        ended = run(tmp_path, "auditor", "list", config=site.config)
        assert ended.code == 4 and why in ended.err, ended.err
        assert "kaede" not in ended.err and "SEKRET" not in ended.err


def test_a_site_starts_unless_it_would_lose_reports_or_mix_them_up(tmp_path: Path) -> None:
    empty, other = make_site(tmp_path / "empty", 0), make_site(tmp_path / "other", 1)
    assert run(tmp_path, "doctor", config=empty.config).code == 1
    started = run(tmp_path, "doctor", "--start", config=empty.config)
    assert started.code == 0 and "Nobody who reads reports is enrolled" in started.out
    secret = other.settings.server.secret_file
    secret.write_bytes(empty.settings.server.secret_file.read_bytes())
    mixed = run(tmp_path, "doctor", "--start", config=other.config)
    assert mixed.code == 1 and "belongs to another database" in mixed.out


def test_doctor_without_settings_shows_a_whole_example(tmp_path: Path) -> None:
    ended = run(tmp_path, "doctor")
    (found,) = (one for one in ended.out.splitlines() if one.startswith("FAIL"))
    assert found.endswith("export MEYASUBAKO_CONFIG=/var/lib/meyasubako/meyasubako.toml")


def test_who_has_read_enough_of_a_list_is_no_fault(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 2)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "admin.cli", "auditor", "list"],
            stdout=writer,
            stderr=subprocess.PIPE,
            env=environment(site.config),
            timeout=120,
            check=False,
        )
    finally:
        os.close(writer)
    assert done.stderr == b""


def test_serve_says_what_is_missing_before_it_starts(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 1)
    secret = site.settings.server.secret_file
    kept = secret.read_bytes()

    def serve(*more: str) -> tuple[int, str]:
        ended = run(tmp_path, "serve", *more, config=site.config)
        return ended.code, ended.err

    secret.chmod(0o644)
    assert serve()[0] == 3 and "chmod 600" in serve()[1]
    secret.unlink()
    for command in ("serve", "doctor"):
        ended = run(tmp_path, command, config=site.config)
        said = ended.out + ended.err
        assert "Put this site's own one back" in said and "section 8" in said
    assert serve()[0] == 3 and "保管場所から戻して" in serve()[1].splitlines()[0]
    create_secrets(secret)
    code, said = serve()
    assert code == 3 and "belongs to another site" in said
    secret.write_bytes(kept)
    assert serve("--bind", "here")[0] == 2
    with sqlite3.connect(site.folder / "meyasubako.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    code, said = serve()
    assert code == 4 and "newer version" in said
    for name in site.folder.glob("meyasubako.db*"):
        if name.is_file():
            name.unlink()
    code, said = serve()
    assert code == 4 and "is missing" in said
    assert run(tmp_path, "auditor", "list", config=site.config).code == 4
    assert [path for path in site.folder.glob("meyasubako.db*") if path.is_file()] == []


def test_a_folder_of_files_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 1)
    folder = site.folder / "meyasubako.db-objects"
    folder.mkdir(mode=0o755)
    ended = run(tmp_path, "serve", config=site.config)
    assert ended.code == 3 and "store.url" in ended.err and "chmod 700" in ended.err
    looked = run(tmp_path, "doctor", "--start", config=site.config)
    assert looked.code == 1 and "chmod 700" in looked.out
    folder.chmod(0o700)
    for path in (folder, site.folder / "meyasubako.db"):
        if os.geteuid() == 0:
            shutil.chown(path, 65534)
            told = file_of_another(path)
            assert (
                told is not None
                and f"chown -R 0:{os.getegid()} {path}" in told[0]
                and f"{path} は" in told[1]
            )
            shutil.chown(path, 0)
        assert file_of_another(path) is None
    shutil.rmtree(folder)
    folder.touch()
    ended = run(tmp_path, "serve", config=site.config)
    assert ended.code == 3 and "is a file of an earlier version" in ended.err
    assert folder.read_bytes() == b""


def test_a_token_key_file_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 1, server='token_key_file = "token"')
    ended = run(tmp_path, "serve", config=site.config)
    assert ended.code == 3 and "server.token_key_file" in ended.err
    (site.folder / "token").write_bytes(b"short")
    (site.folder / "token").chmod(0o600)
    ended = run(tmp_path, "serve", config=site.config)
    assert ended.code == 3 and "32 bytes" in ended.err


def test_a_command_that_does_not_exist_or_misses_something_is_wrong_use(tmp_path: Path) -> None:
    for command in (
        ("nothing",),
        ("auditor", "enroll"),
        ("desk", "--key", "x"),
        ("open", "x"),
        ("auditor", "retire"),
    ):
        assert run(tmp_path, *command).code == 2
    assert run(tmp_path, "open", "--passphrase", "x", "--key", "k", "e").code == 2


def test_an_unforeseen_error_shows_its_class_and_place_only(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import store.config.settings\n"
        "def broken(path):\n    raise RuntimeError('words of a report')\n"
        "store.config.settings.load_settings = broken\n"
    )
    ended = run(tmp_path, "auditor", "list", config=tmp_path / "x", before=tmp_path)
    assert ended.code == 1
    assert "RuntimeError at sitecustomize:3" in ended.err and "words" not in (ended.out + ended.err)


COMMANDS = (
    ("init",), ("serve",), ("auditor", "new"), ("auditor", "sign"), ("auditor", "enroll"), ("auditor", "list"),
    ("auditor", "retire"), ("desk",), ("envelope", "list"), ("envelope", "get"), ("open",), ("db", "upgrade"),
    ("db", "vacuum"), ("backup",), ("restore",), ("doctor",), ("demo",),
)  # fmt: skip


def test_every_command_explains_itself_with_an_example(tmp_path: Path) -> None:
    top = run(tmp_path, "--help")
    assert top.code == 0 and "Exit codes: 0 done" in top.out
    assert run(tmp_path, "--version").out.startswith("meyasubako")
    for command in COMMANDS:
        assert command[0] in top.out
        found = run(tmp_path, *command, "--help")
        assert found.code == 0 and "Example" in found.out, command


# --- retirement


def test_retiring_takes_a_note_of_somebody_enrolled(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 3)
    first, second, third = site.auditors
    keys = [quick_key(tmp_path / f"{n}.key", who.identity) for n, who in enumerate(site.auditors)]

    def note(whom: int, by: int, name: str) -> int:
        key_id = site.auditors[whom].card.key_id.hex()
        arguments = ("auditor", "retire", key_id, "--key", keys[by], "--out", name, "--passphrase-stdin")
        return run(tmp_path, *arguments, stdin=LINE).code

    def apply(name: str, *more: str) -> tuple[int, str]:
        ended = run(tmp_path, "auditor", "retire", "--note", name, *more, config=site.config)
        return ended.code, ended.out + ended.err

    assert note(1, 0, "a.note") == 0 and note(0, 1, "b.note") == 0
    assert note(0, 0, "c.note") == 0 and note(2, 2, "d.note") == 0 and note(0, 2, "e.note") == 0
    assert apply("a.note")[0] == 0
    assert "Retired already" in apply("a.note")[1]
    code, said = apply("b.note")  # signed by who has left
    assert code == 1 and "not any more" in said
    (tmp_path / "x.note").write_bytes((tmp_path / "c.note").read_bytes().replace(b'"day":"2', b'"day":"1'))
    assert apply("x.note")[0] == 1
    assert apply("e.note")[0] == 1  # an auditor retires nobody else
    code, said = apply("c.note")  # the last lead
    assert code == 1 and "--yes" in said
    assert apply("c.note", "--yes")[0] == 0
    code, said = apply("d.note")
    assert code == 1 and "--yes" in said
    listed = run(tmp_path, "auditor", "list", config=site.config).out
    assert listed.count("retired") == 2
    assert apply("d.note", "--yes")[0] == 0
    assert run(tmp_path, "auditor", "list", config=site.config).out.count("retired") == 3
    assert {first.card.key_id.hex(), second.card.key_id.hex(), third.card.key_id.hex()} <= set(listed.split())


# --- backup


@pytest.mark.parametrize("other", ["sqlite", "postgres"])
def test_a_backup_brings_a_lost_site_back(tmp_path: Path, other: str, request: pytest.FixtureRequest) -> None:
    site = make_site(tmp_path / "old", 2)
    code, envelope_id, _ = add_report(site.config, recipients(site))
    made = run(tmp_path, "backup", "x.backup", config=site.config)
    assert made.code == 0 and "envelope" in made.err
    assert run(tmp_path, "backup", "x.backup", config=site.config).code == 1
    url = "sqlite:///new.db" if other == "sqlite" else request.getfixturevalue("postgres_database")

    # A new machine: the settings file, the secret file and the backup were kept.
    new = tmp_path / "new"
    new.mkdir()
    config = new / "meyasubako.toml"
    config.write_text(
        f'[site]\nname_ja="あ"\nname_en="A"\ndesignated=true\n[store]\nurl="{url}"\n', encoding="utf-8"
    )
    shutil.copy2(site.settings.server.secret_file, new / "server.secret")
    damaged = bytearray((tmp_path / "x.backup").read_bytes())
    damaged[len(damaged) // 2] ^= 255
    (tmp_path / "damaged").write_bytes(damaged[: len(damaged) // 2])
    before = files(new)
    broken = run(tmp_path, "restore", "damaged", config=config)
    assert broken.code == 1 and "Nothing was changed" in broken.err
    assert files(new) == before
    assert run(tmp_path, "restore", "nothing", config=config).code == 1
    restored = run(tmp_path, "restore", "x.backup", config=config)
    assert restored.code == 0, restored.err
    assert "envelope" in restored.err

    engine = db.make_engine(load_settings(config).store.url)
    with db.reading(engine) as conn:
        receipt = derive(code, store_site.get(conn).salt)
        row = reports.lookup(conn, receipt.index)
    engine.dispose()
    assert row is not None and row.case_id == receipt.case_id
    assert envelope_id.hex() in run(tmp_path, "envelope", "list", config=config).out
    looked = run(tmp_path, "doctor", config=config)
    found = [line for line in looked.out.splitlines() if line.startswith("FAIL")]
    assert found == []
    again = run(tmp_path, "restore", "x.backup", config=config)
    assert again.code == 1 and len(run(tmp_path, "envelope", "list", config=config).out.splitlines()) == 1


def test_upgrading_a_current_database_changes_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path / "s", 1)
    add_report(site.config, recipients(site))
    before = run(tmp_path, "envelope", "list", config=site.config).out
    assert run(tmp_path, "db", "upgrade", config=site.config).code == 0
    assert run(tmp_path, "envelope", "list", config=site.config).out == before
