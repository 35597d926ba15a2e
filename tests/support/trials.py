"""How often something is tried: enough to see a fault that is there each time, or, for `make faults`, as long as it
takes to see one that is rare."""

from __future__ import annotations

import os
from typing import Final

LONG: Final = "LONG_TRIALS"


def trials(usual: int, long: int) -> int:
    """Return `usual`, or `long` where the environment names LONG_TRIALS."""
    return long if os.environ.get(LONG) else usual
