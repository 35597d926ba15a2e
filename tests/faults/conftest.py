"""What only `make faults` runs."""

from __future__ import annotations

import os

from tests.support.trials import LONG

_LONG = ["test_office_looks.py", "test_cluster.py", "test_one_machine.py", "test_sent_twice.py"]
collect_ignore = [] if os.environ.get(LONG) else _LONG
