"""The desk as one file: what it holds for each system, and how it unpacks on this one, with nothing installed."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest
from hatchling.build import build_wheel
from packaging import tags
from packaging.utils import parse_wheel_filename

from admin.onefile import build, unpack
from portal.scripts import build as scripts
from tests.desk.pages_of_files import one_page
from tests.support.site import ROOT, select_nothing

pytestmark = pytest.mark.timeout(900)

EXTENSIONS: Final = {
    "pynacl": ("nacl/_sodium",),
    "cffi": ("_cffi_backend",),
    "markupsafe": ("markupsafe/_speedups",),
    "numpy": ("numpy/_core/_multiarray_umath",),
    "pillow": ("PIL/_imaging",),
}
"""What the desk can't do without, of each compiled part."""
PDFIUM: Final = {"windows": "pdfium.dll", "macos": "libpdfium.dylib", "linux": "libpdfium.so"}
"""What draws PDF files, by system; it is no module of Python's."""
SUFFIXES: Final = {"windows": (".pyd",), "macos": (".so",), "linux": (".so",)}
TARGETS: Final = [
    (system, python, f"{system.name}-cp{python.replace('.', '')}")
    for system in build.SYSTEMS
    for python in build.PYTHONS
]


@pytest.fixture(scope="module")
def sets() -> dict[str, list[Path]]:
    """The wheels of every system: out of .venv, or from the index that pip is set up with. Without it this fails."""
    return build.wheel_sets()


@pytest.fixture(scope="module")
def own_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, as `make wheel` builds it."""
    out = tmp_path_factory.mktemp("own")
    scripts.write_licence(ROOT)
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        return out / build_wheel(str(out))
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def desk_file(tmp_path_factory: pytest.TempPathFactory, own_wheel: Path, sets: dict[str, list[Path]]) -> Path:
    """A file with the wheels of this system only, to be quick; `sets` shows the others."""
    target = unpack.this_target()
    return build.build(own_wheel, tmp_path_factory.mktemp("desk"), {target: sets[target]})


def run(
    file: Path, home: Path, *arguments: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the file as somebody does who has this home and nothing else."""
    return subprocess.run(
        [*before, sys.executable, "-I", "-B", str(file), *arguments],
        env=surroundings(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def surroundings(home: Path) -> dict[str, str]:
    """Return the environment of a start."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def tree(home: Path) -> Path:
    """Return where the desk was unpacked."""
    (place,) = (home / ".local/share/meyasubako/program").glob("*-cp*")
    return place


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, desk_file: Path) -> Path:
    """A home in which the desk was started once."""
    made = tmp_path_factory.mktemp("home")
    done = run(desk_file, made, "--version")
    assert done.returncode == 0, done.stderr
    assert "0.1.0" in done.stdout and "最初の一度だけ" in done.stderr
    return made


@pytest.mark.parametrize(("system", "python", "name"), TARGETS, ids=[name for _, _, name in TARGETS])
def test_each_system_has_all_its_wheels(
    sets: dict[str, list[Path]], system: build.System, python: str, name: str
) -> None:
    """Tags, lists and extension modules; on Windows and macOS it was run by nobody yet (docs/install-windows.md)."""
    version = tuple(map(int, python.split(".")))
    fits = {
        *tags.cpython_tags(version, platforms=system.tags),
        *tags.compatible_tags(version, platforms=[*system.tags, "any"]),
    }
    names: dict[str, Path] = {}
    for path in sets[name]:
        part, _, _, own = parse_wheel_filename(path.name)
        assert own & fits, path.name
        names[part] = path
        with zipfile.ZipFile(path) as wheel:
            listed = unpack.listed(wheel, path.name)
            assert set(listed) == {entry for entry in wheel.namelist() if not entry.endswith("/")}, path.name
    assert set(names) == {
        pin.name for pin in build.pins(build.REQUIREMENTS.read_text("utf-8")) if pin.holds(system, python)
    }
    with zipfile.ZipFile(names["pypdfium2"]) as wheel:
        assert f"pypdfium2_raw/{PDFIUM[system.name.split('-')[0]]}" in wheel.namelist()
    for compiled, modules in EXTENSIONS.items():
        with zipfile.ZipFile(names[compiled]) as wheel:
            files = wheel.namelist()
        suffix = SUFFIXES[system.name.split("-")[0]]
        number = python.replace(".", "")
        for module in modules:
            (extension,) = (file for file in files if file.startswith(f"{module}.") and file.endswith(suffix))
            assert "abi3" in extension or number in extension or extension == f"{module}.pyd", extension


@pytest.mark.parametrize("name", ["windows-amd64-cp313", "macos-arm64-cp312"])
def test_the_set_of_another_system_unpacks(
    own_wheel: Path, sets: dict[str, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(unpack, "data_folder", lambda: tmp_path / "data")
    made = build.build(own_wheel, tmp_path / "out", {name: sets[name]})
    with unpack.opened(made) as file:
        place = unpack.ready(file, name)
        assert unpack.differences(place, unpack.expected(file, name)) == []
        assert file.manifest["sets"][name]["least"].startswith("macos " if "macos" in name else "")
    assert (place / "admin/desk/translations/ja/LC_MESSAGES/messages.mo").is_file()


def test_all_that_the_desk_imports_is_in_its_set(sets: dict[str, list[Path]]) -> None:
    """Of what a module of the desk names in an import, at any depth, nothing comes from elsewhere."""
    have = set(sys.stdlib_module_names) | {"admin", "cases", "crypto", "sandbox", "templates", "__future__"}
    for path in sets[unpack.this_target()]:
        with zipfile.ZipFile(path) as wheel:
            have |= {name.split("/")[0].split(".")[0] for name in wheel.namelist()}
    for folder in ("admin/desk", "admin/commands", "crypto", "cases", "templates"):
        for source in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text("utf-8"))):
                named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    named = [node.module or ""]
                for module in named:
                    top = module.split(".")[0]
                    assert top in have | {"store", "sqlalchemy", "alembic", "_typeshed", "portal"}, (
                        source,
                        module,
                    )
                    assert folder != "admin/desk" or top in have | {"_typeshed"}, (source, module)


def test_the_same_wheels_give_the_same_file(
    own_wheel: Path, sets: dict[str, list[Path]], desk_file: Path, tmp_path: Path
) -> None:
    target = unpack.this_target()
    again = build.build(own_wheel, tmp_path, {target: sets[target]})
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(desk_file.read_bytes()).digest()
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False
    )
    assert checked.returncode == 0 and checked.stdout.count(b": OK") == 4


def test_what_is_unpacked_is_its_users_alone_and_as_in_the_file(desk_file: Path, home: Path) -> None:
    assert tree(home).stat().st_mode & 0o777 == 0o700
    assert tree(home).parent.stat().st_mode & 0o777 == 0o700
    digest = hashlib.sha256(desk_file.read_bytes()).hexdigest()
    assert tree(home).name.startswith(digest[:32])
    done = run(desk_file, home, "--check")
    assert done.returncode == 0 and digest in done.stdout and "as in the file" in done.stdout
    assert not list(tree(home).rglob("*.pyc"))  # nothing could be compared with them


def harm(place: Path) -> set[str]:
    """Change, add, remove and replace files of a tree; return their paths."""
    with (place / "admin/cli.py").open("a") as file:
        file.write("\nraise SystemExit('PLANTED')\n")
    (place / "sitecustomize.py").write_text("raise SystemExit('PLANTED')")
    compiled = place / "flask/__pycache__" / f"app.{sys.implementation.cache_tag}.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"PLANTED")
    (place / "click/core.py").rename(place.parent / "core.py")
    (place / "click/core.py").symlink_to(place.parent / "core.py")
    (place / "crypto/seal.py").unlink()
    sealed = place / "crypto/unseal.py"
    sealed.write_bytes(sealed.read_bytes().replace(b"e", b"E", 1))  # of the same length
    compiled_path = compiled.relative_to(place).as_posix()
    return {
        "admin/cli.py",
        "sitecustomize.py",
        compiled_path,
        "click/core.py",
        "crypto/seal.py",
        "crypto/unseal.py",
    }


DRAWS = """
import json, sys
from datetime import date
tree, file = sys.argv[1:]
out = [path for path in sys.path if "site-packages" not in path and "dist-packages" not in path]
sys.path[:] = [tree, *out]
from admin.desk.blackout import process
from admin.desk.blackout.marks import Marks
from admin.desk.reports.fonts import font_path
assert process.__file__.startswith(tree) and str(font_path()).startswith(tree)
data = open(file, "rb").read()
look = process.look(data, font_path())
pages = process.draw(data, font_path(), Marks(), 1, len(look.sizes), 20)
print(len(pages), process.made_of(look, pages, date(2026, 11, 28), font_path())[:5])
"""


def test_what_was_unpacked_draws_a_file_in_a_process_of_its_own(home: Path, tmp_path: Path) -> None:
    """The process gets its modules from the tree, as the desk does."""
    (tmp_path / "a.pdf").write_bytes(one_page())
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", DRAWS, str(tree(home)), str(tmp_path / "a.pdf")],
        env=surroundings(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "1 b'%PDF-'", done.stderr


def test_a_changed_tree_is_noticed_and_made_anew(desk_file: Path, home: Path) -> None:
    wrong = harm(tree(home))
    with unpack.opened(desk_file) as file:
        files = unpack.expected(file, unpack.this_target())
    assert set(unpack.differences(tree(home), files)) == wrong
    assert run(desk_file, home, "--check").returncode == 1
    done = run(desk_file, home, "--version")
    assert done.returncode == 0, done.stderr
    assert "PLANTED" not in done.stdout + done.stderr and "anew" in done.stderr
    assert unpack.differences(tree(home), files) == []


def test_a_damaged_file_unpacks_nothing(desk_file: Path, tmp_path: Path) -> None:
    raw = bytearray(desk_file.read_bytes())
    with zipfile.ZipFile(desk_file) as archive:
        place = archive.getinfo(
            "wheels/" + next(n for n in archive.namelist() if "flask-" in n)[7:]
        ).header_offset
    raw[place + 5000] ^= 1
    changed = tmp_path / "changed.pyz"
    changed.write_bytes(raw)
    done = run(changed, tmp_path)
    assert done.returncode == 1 and "壊れている" in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.glob(".local/share/meyasubako/program/*"))
    assert "DIFFER" in run(changed, tmp_path, "--check").stdout
    changed.write_bytes(raw[: len(raw) // 2])
    done = run(changed, tmp_path)
    assert done.returncode == 1 and "meyasubako" not in done.stdout


def test_a_wheel_that_is_not_in_the_list_is_refused(desk_file: Path) -> None:
    with unpack.opened(desk_file) as file:
        name = next(iter(file.manifest["wheels"]))
        with pytest.raises(unpack.StartFault):
            unpack.DeskFile(file.path, file.archive, file.sha256, {**file.manifest, "wheels": {}}).wheel(name)
        with pytest.raises(unpack.StartFault, match="linux-riscv64-cp311"):
            file.wheels("linux-riscv64-cp311")


@pytest.mark.parametrize("path", ["../evil.py", "/evil.py", "C:/evil.py", "a\\..\\evil.py"])
def test_a_path_out_of_the_tree_is_refused(path: str) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as wheel:
        wheel.writestr("x-1.dist-info/RECORD", f"{path},sha256=x,1\n")
    with zipfile.ZipFile(raw) as wheel, pytest.raises(unpack.StartFault):
        unpack.listed(wheel, "x")


def test_a_start_that_was_killed_while_unpacking_is_made_good(desk_file: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", str(desk_file), "--version"],
        env=surroundings(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = tmp_path / ".local/share/meyasubako/program"
    for _ in range(6000):
        if list(folder.glob("*.part/*/*")) or process.poll() is not None:
            break
        select_nothing(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert list(folder.glob("*.part")) and not list(folder.glob("*-cp[0-9]*[0-9]"))
    done = run(desk_file, tmp_path, "--version")
    assert done.returncode == 0, done.stderr
    assert not list(folder.glob("*.part")) and "as in the file" in run(desk_file, tmp_path, "--check").stdout


def test_an_old_python_gets_a_sentence(desk_file: Path, tmp_path: Path) -> None:
    source = (ROOT / "admin/onefile/entry.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
    (oldest,) = (
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OLDEST"
    )
    assert oldest == tuple(map(int, build.PYTHONS[0].split(".")))
    code = f"import sys, runpy; sys.version_info = (3, 9, 6); runpy.run_path({str(desk_file)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3 and "3.9 です" in done.stderr and "Nothing is lost" in done.stderr


@pytest.mark.parametrize(
    ("needed", "own", "is_refused"),
    [
        ("glibc 2.28", "2.27", True),
        ("glibc 2.28", "2.28", False),
        ("glibc 2.4", "2.28", False),
        ("", "", False),
    ],
)
def test_an_old_system_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, needed: str, own: str, is_refused: bool
) -> None:
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", own))
    if is_refused:
        with pytest.raises(unpack.StartFault, match="Nothing is lost"):
            unpack.check_system(needed)
    else:
        unpack.check_system(needed)


def test_the_starter_finds_python_or_says_where_to_get_it(
    desk_file: Path, home: Path, tmp_path: Path
) -> None:
    starter = desk_file.with_name("Meyasubako.command")
    (tmp_path / "python3").symlink_to(sys.executable)
    environment = surroundings(home) | {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = ["/bin/sh", str(starter), "--check"]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert b"as in the file" in done.stdout
    text = starter.read_text("utf-8").replace("python3", "python-that-is-not-there")
    (tmp_path / "none.command").write_text(text, "utf-8")
    command = ["/bin/sh", str(tmp_path / "none.command")]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 1 and b"https://www.python.org/downloads/" in done.stdout
    windows = desk_file.with_name("Meyasubako.cmd").read_bytes()
    assert windows.count(b"\r\n") == windows.count(b"\n") and desk_file.name.encode() in windows
    assert b"FILE" not in windows + starter.read_bytes()


def first_run(file: Path, home: Path, *more: str | Path) -> list[str]:
    """Go through a first run where there is no network; return the headings of its pages."""
    home.mkdir()
    command = [
        "unshare",
        "--net",
        "--map-root-user",
        sys.executable,
        "-m",
        "tests.wheel.first_run",
        str(file),
    ]
    done = subprocess.run(
        [*command, *map(str, more)],
        env=surroundings(home) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["networks"] == ["lo"]
    return list(seen["seen"])


def test_two_first_runs_on_an_empty_home_without_network(desk_file: Path, tmp_path: Path) -> None:
    """A key is made on the first page and its sheet printed; on another computer the sheet brings it back."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert first_run(desk_file, first) == [
        "デスクの準備",
        "鍵を作る",
        "鍵ができました",
        "紙に印刷した鍵",
        "デスクはロックされています",
        "サーバーにつながりません",
        "サーバーにつながりません",  # the second start opened the desk that ran
        "デスクはアイコンから開いてください",  # a bookmark
        "0",
        "デスクはロックされています",  # the next start
        "0",
    ]
    made = first / "meyasubako"
    assert {path.name for path in made.iterdir()} == {"hanako-sato.key", "hanako-sato.card", "desk.json"}
    assert first_run(desk_file, second, first / "sheet.txt") == [
        "デスクの準備",
        "紙から戻す",
        "デスクはロックされています",
        "サーバーにつながりません",
        "0",
    ]
    restored = second / "meyasubako/restored.key"
    assert restored.read_bytes() == (made / "hanako-sato.key").read_bytes()
    assert not list((first / ".local/share/meyasubako").glob("running-*"))
