"""The bounded model in a scope of seconds: the goals hold, and each rule is needed (`make faults` searches more)."""

from __future__ import annotations

import pytest

from tests.model.access import ACCESS_RULES, ACCESS_SCOPES, FOUND_IN_ACCESS, AccessScope, search_access
from tests.model.case import State
from tests.model.log import FOUND_IN_LOG, LOG_RULES, LOG_SCOPES, LogScope, search_log
from tests.model.moves import Scope, broken, moves
from tests.model.people import RULES
from tests.model.search import search
from tests.model.variants import FOUND, LIMITS, SEEN, SMALL, Variant


@pytest.mark.parametrize("scope", [*SMALL, SEEN])
def test_every_goal_holds(scope: Scope) -> None:
    found = search(scope)
    assert not found.goal, found.path
    assert found.states > 300 and found.depth > 4, "a model in which nothing happens breaks nothing"


@pytest.mark.parametrize("variant", [*FOUND, *LIMITS], ids=lambda variant: variant.name)
def test_without_a_rule_the_search_finds_the_attack(variant: Variant) -> None:
    found = search(variant.scope)
    assert found.goal and variant.goal in found.goal, found
    # The path is one: each move can follow the one before, and no goal is broken ahead of its end.
    state = State()
    for place, said in enumerate(found.path):
        state = next(after for move, after in moves(variant.scope, state) if move == said)
        assert bool(broken(variant.scope, state)) == (place == len(found.path) - 1)


def test_every_rule_is_turned_off_once() -> None:
    assert {rule for variant in FOUND for rule in variant.scope.off} == set(RULES)


@pytest.mark.parametrize("scope", LOG_SCOPES)
def test_nothing_is_buried_unseen(scope: LogScope) -> None:
    states, goal, path = search_log(scope)
    assert not goal, path
    assert states > 30


@pytest.mark.parametrize(("name", "scope", "goal"), FOUND_IN_LOG)
def test_without_a_rule_of_the_log_something_is_buried(name: str, scope: LogScope, goal: str) -> None:
    _, broken_goal, path = search_log(scope)
    assert goal in broken_goal and path, name


def test_every_rule_of_the_log_is_turned_off_once() -> None:
    assert {rule for _, scope, _ in FOUND_IN_LOG for rule in scope.off} == set(LOG_RULES)


@pytest.mark.parametrize("scope", ACCESS_SCOPES)
def test_access_holds(scope: AccessScope) -> None:
    states, goal, path = search_access(scope)
    assert not goal, path
    assert states > 100


@pytest.mark.parametrize(("name", "scope", "goal"), FOUND_IN_ACCESS)
def test_without_a_rule_of_access_the_search_finds_the_attack(
    name: str, scope: AccessScope, goal: str
) -> None:
    _, broken_goal, path = search_access(scope)
    assert goal in broken_goal and path, name


def test_every_rule_of_access_is_turned_off_once() -> None:
    assert {rule for _, scope, _ in FOUND_IN_ACCESS for rule in scope.off} == set(ACCESS_RULES)
