"""Searches the model breadth first, so that the first path to a broken goal is a shortest one."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from tests.model.case import State
from tests.model.moves import Scope, broken, moves
from tests.model.paths import path_to


@dataclass(frozen=True)
class Outcome:
    """What a search came to: how many states it has seen, how deep, in how many seconds, and the shortest way to a
    state that breaks a goal (`goal`: which; empty: none does).
    """

    states: int
    depth: int
    seconds: float
    goal: str = ""
    path: tuple[str, ...] = ()


def search(scope: Scope) -> Outcome:
    """Visit every state that can be reached within a scope, until one breaks a goal."""
    began = time.monotonic()
    first = State()
    before: dict[State, tuple[State, str] | None] = {first: None}
    waiting = deque([(first, 0)])
    depth = 0
    while waiting:
        state, depth = waiting.popleft()
        for said, after in moves(scope, state):
            if after in before:
                continue
            before[after] = (state, said)
            goal = broken(scope, after)
            if goal:
                return Outcome(len(before), depth + 1, time.monotonic() - began, goal, path_to(before, after))
            waiting.append((after, depth + 1))
    return Outcome(len(before), depth, time.monotonic() - began)
