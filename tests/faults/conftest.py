"""What only `make faults` runs."""

from __future__ import annotations

import os

from tests.support.trials import LONG

collect_ignore = (
    [] if os.environ.get(LONG) else ["test_office_looks.py", "test_cluster.py", "test_sent_twice.py"]
)
