"""The way to a state that a search reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

AnyState = TypeVar("AnyState")


def path_to(before: Mapping[AnyState, tuple[AnyState, str] | None], state: AnyState) -> tuple[str, ...]:
    """Return what led from the first state to this one. `before`: for each state the one before it, and what led on."""
    said: list[str] = []
    at = before[state]
    while at is not None:
        said.append(at[1])
        at = before[at[0]]
    return tuple(reversed(said))
