"""The real `meyasubako` in a process of its own, as an operator or an auditor starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
    done = subprocess.run(
        [sys.executable, "-m", "admin.cli", *map(str, args)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd or ROOT,
        env=environment(config, extra),
        timeout=120,
        check=False,
        # No terminal behind its back either: nothing may wait for somebody to type.
        start_new_session=True,
    )
    err = done.stderr.decode()
    assert "Traceback" not in err, err
    return Result(done.returncode, done.stdout, err)


def new_auditor(folder: Path, name_en: str, *more: str | Path, passphrase: str = PASSPHRASE) -> Result:
    """Make an auditor's key file and card in `folder`."""
    return meyasubako(
        *("auditor", "new", "--name", "佐藤 花子", "--name-en", name_en),
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
