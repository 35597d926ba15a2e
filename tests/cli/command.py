"""The real `meyasubako` in a process of its own, as an operator or an auditor runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.warm import warm

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "正しい馬の電池 staple 12"


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.raw.decode()


def environment(config: Path | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command: settings named or not, this checkout's code."""
    found = {name: value for name, value in os.environ.items() if name != "MEYASUBAKO_CONFIG"}
    found["PYTHONPATH"] = str(ROOT)
    if config is not None:
        found["MEYASUBAKO_CONFIG"] = str(config)
    return {**found, **(extra or {})}


def meyasubako(
    *args: str | Path,
    config: Path | None = None,
    stdin: bytes | str = b"",
    cwd: Path | None = None,
    extra: Mapping[str, str] | None = None,
) -> Result:
    """Run one command to its end. No command may ever end in a traceback."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    surroundings = environment(config, extra)
    if _changes_python(extra or {}):
        code, out, raw_err = _started(args, given, cwd or ROOT, surroundings)
    else:
        code, out, raw_err = warm().run([*map(str, args)], given, cwd or ROOT, surroundings, 120)
    err = raw_err.decode()
    assert "Traceback" not in err, err
    return Result(code, out, err)


def _changes_python(extra: Mapping[str, str]) -> bool:
    """Say whether something is set that Python itself reads when it starts."""
    return any(name.startswith(("PYTHON", "LC_", "LANG")) for name in extra)


def _started(
    args: Sequence[str | Path], stdin: bytes, cwd: Path, env: Mapping[str, str]
) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "admin.cli", *map(str, args)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=env,
        timeout=120,
        check=False,
        # No terminal behind its back either: nothing may wait for somebody to type.
        start_new_session=True,
    )
    return done.returncode, done.stdout, done.stderr


def new_auditor(folder: Path, name_en: str, *more: str | Path, passphrase: str = PASSPHRASE) -> Result:
    """Make an auditor's key file and card in `folder`."""
    name = "佐藤 花子" if name_en.startswith("Hanako") else f"鈴木 {name_en}"  # no two have one name
    return meyasubako(
        *("auditor", "new", "--name", name, "--name-en", name_en),
        *("--role", "監査部 部長", "--role-en", "Head of audit"),
        *("--out", folder, "--passphrase-stdin", *more),
        stdin=passphrase + "\n",
    )


def new_site(folder: Path) -> Path:
    """Make a site without auditors in `folder`; return its settings file."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "meyasubako.toml"
    made = meyasubako("init", "--name", "試験の目安箱", "--name-en", "Test", "--designated", config=config)
    assert made.code == 0, made.err
    return config
