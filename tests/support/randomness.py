"""How far bytes are from random ones."""

from __future__ import annotations

from collections.abc import Sequence


def chi_square(leaves: Sequence[bytes]) -> float:
    """Return the chi-square of the bytes of hidden leaves, but for the curve points, against all alike."""
    counts = [0] * 256
    for leaf in leaves:
        for value in leaf[:288] + leaf[320:]:
            counts[value] += 1
    expected = sum(counts) / 256
    return sum((count - expected) ** 2 / expected for count in counts)
