"""Programs that may be watched by the user who started them.

The serving process and the cleaning worker hide their memory and open files from other processes of the same user
(sandbox.py, tested in tests/portal/cleaning/test_sandbox.py). Root sees them all the same. For an
ordinary user, tests that look into a process or at its system calls start it with that call as one that asks only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_ASK_ONLY = "import runpy, sys; import sandbox; sandbox._PR_SET_DUMPABLE = 3; "


def watched(module: str, arguments: Sequence[str] = (), options: Sequence[str] = ()) -> list[str]:
    """Return the command that runs a module; `options` are Python's."""
    if os.geteuid() == 0:
        return [sys.executable, *options, "-m", module, *arguments]
    run = f"sys.argv[0] = {module!r}; runpy.run_module({module!r}, run_name='__main__')"
    return [sys.executable, *options, "-c", _ASK_ONLY + run, *arguments]
