"""Programs of the cluster (tests/support/cluster.py) that this machine has or lacks."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("etcd", "haproxy", "openssl", "psql")
PATRONI: Final = Path(sys.prefix) / "cluster" / "patroni"
"""Patroni's package, beside those that it needs, from requirements/cluster.txt."""


def python_for_all() -> str:
    """Return a Python of this version that any user may start: PostgreSQL and Patroni don't run as root."""
    own = Path(sys.executable).resolve()
    if os.geteuid() != 0 or all(part.stat().st_mode & 0o001 for part in own.parents):
        return str(own)
    return f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def missing_programs() -> list[str]:
    """Return what of PROGRAMS is not on the path, nor where Debian keeps an administrator's programs; and Patroni."""
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    gone = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    return gone if PATRONI.is_dir() else [*gone, "patroni (make .venv/cluster.stamp)"]
