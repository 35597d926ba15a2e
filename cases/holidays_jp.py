"""The public holidays of Japan, by the library jpholiday (which computes them from the laws; no network)."""

from __future__ import annotations

from datetime import date

import jpholiday


def is_public_holiday(day: date) -> bool:
    """Return whether `day` is a public holiday in Japan (祝日・休日), substitute holidays included."""
    return bool(jpholiday.is_holiday(day))
