"""Starters to click on, one for each system: they find Python and run the file in the same folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from admin.onefile.unpack import REFUSED

DOWNLOADS: Final = "https://www.python.org/downloads/"
_MISSING: Final = (
    f"デスクには Python 3.11 以降が必要です。{DOWNLOADS} から入れて、もう一度このアイコンを開いてください。",
    f"The desk needs Python 3.11 or newer. Install it from {DOWNLOADS} and open this icon again.",
)
_WAIT: Final = (
    "Enter キーを押すと、この画面を閉じます。",
    "Press Enter to close this window.",
)

# `py` is the launcher of python.org's installer; the Store's Python has `python` only. Without Python, `python` is a
# stub that fails.
WINDOWS: Final = f"""@echo off
chcp 65001 >nul
title Meyasubako
set "RUN="
py -3 -I -c "" >nul 2>nul && set "RUN=py -3"
if not defined RUN python -I -c "" >nul 2>nul && set "RUN=python"
if not defined RUN goto missing
%RUN% -I -B "%~dp0FILE" %*
if errorlevel 1 pause
exit /b
:missing
echo {_MISSING[0]}
echo {_MISSING[1]}
pause
exit /b {REFUSED}
"""

POSIX: Final = f"""#!/bin/sh
# Finds a Python that is new enough: macOS's own is not.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
PATH="/Library/Frameworks/Python.framework/Versions/Current/bin:/opt/homebrew/bin:/usr/local/bin:$PATH"
for python in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        "$python" -I -B "$here/FILE" "$@" && exit 0
        failed=$?
        break
    fi
done
if [ -z "${{failed:-}}" ]; then
    echo '{_MISSING[0]}'
    echo '{_MISSING[1]}'
fi
if [ -t 0 ]; then
    echo '{_WAIT[0]} {_WAIT[1]}'
    read -r _
fi
exit "${{failed:-{REFUSED}}}"
"""

# %k is this file's own place. A desktop asks once whether the file may start programs.
LINUX: Final = """[Desktop Entry]
Type=Application
Name=Meyasubako desk
Name[ja]=目安箱 デスク
Comment=The auditor's desk of Meyasubako
Comment[ja]=目安箱の担当者の画面
Exec=sh -c 'exec sh "$(dirname "$1")/Meyasubako.command"' sh %k
Terminal=true
Categories=Office;
"""


def write(out: Path, file: str) -> list[Path]:
    """Write the starters for a file of this name into its folder; return them."""
    made = []
    for name, text, mode in (
        ("Meyasubako.cmd", WINDOWS.replace("\n", "\r\n"), 0o644),
        ("Meyasubako.command", POSIX, 0o755),
        ("meyasubako.desktop", LINUX, 0o755),
    ):
        path = out / name
        path.write_bytes(text.replace("FILE", file).encode())
        path.chmod(mode)
        made.append(path)
    return made
