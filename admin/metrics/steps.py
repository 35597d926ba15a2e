"""Steps in which sizes and free space are shown: wider than any one report, with play at their borders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from store.config.settings import LimitSettings

FRAME: Final = 2
"""A sealed file is up to twice as long as the file (docs/format.md, section 4.1)."""
PLAY: Final = 4
"""A step is left when the size is a quarter of it beyond its border."""
SAMPLE_HOUR: Final = 4
"""Of Japan: an hour after the log's batch, which is the same work on every day."""


def least_step(limits: LimitSettings) -> int:
    """Return the smallest step in bytes, a power of two: a quarter of it is more than the largest report with its
    files. What is smaller is shown as 0.
    """
    largest = FRAME * (limits.max_files * limits.max_file_bytes + limits.max_request_bytes)
    return 1 << (PLAY * largest - 1).bit_length()


def step_of(size: int, least: int, before: int | None = None) -> int:
    """Return the step of a size in bytes: 0, `least`, or `least` doubled some times.

    `before`: the step that was shown last. It stays while the size is near it, so that a size at a border does not show
    each report by going to and fro.
    """
    if before is not None:
        low, high = (before, 2 * before) if before else (0, least)
        play = max(before, least) // PLAY
        if low - play <= size < high + play:
            return before
    return 0 if size < least else least << ((size // least).bit_length() - 1)


def sample_day(seconds: int) -> int:
    """Return the number of the day (since 1970) whose sample counts at a time (seconds since 1970)."""
    return (seconds + (9 - SAMPLE_HOUR) * 3600) // 86400
