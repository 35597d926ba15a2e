"""The category of a report: it selects questions, clocks, playbook and templates (format.md, 2.4, 2.11)."""

from __future__ import annotations

from typing import Final

LEAK: Final = "leak"
HARASSMENT: Final = "harassment"
NOT_A_REPORT: Final = "not_a_report"
CATEGORIES: Final = (LEAK, HARASSMENT, "accounting", "other", NOT_A_REPORT)
"""`leak`: personal data; `other`: another wrongdoing; `not_a_report`: a test, an advertisement, a stray question."""
OFFERED: Final = CATEGORIES[:-1]
"""Categories that a reporter can choose; "not a report" is for auditors only."""
