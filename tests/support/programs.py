"""Programs of the cluster (tests/support/cluster.py) that this machine has or lacks."""

from __future__ import annotations

import os
import shutil
from typing import Final

PROGRAMS: Final = ("etcd", "patroni", "haproxy", "openssl", "psql")


def missing_programs() -> list[str]:
    """Return what of PROGRAMS is not on the path, nor where Debian keeps an administrator's programs."""
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    return [name for name in PROGRAMS if not shutil.which(name, path=path)]
