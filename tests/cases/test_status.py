"""Statuses: a state machine walks every way that the rules allow, and tries those that they don't."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cases.status import (
    ALLOWED,
    STATUSES,
    IllegalTransition,
    allowed_next,
    check_history,
    check_transition,
    current,
)

# Written out again, from the text: the rules must not be tested against themselves.
ARROWS = {
    ("received", "investigating"),
    ("received", "not_investigating"),
    ("investigating", "corrected"),
    ("investigating", "no_fault"),
    ("not_investigating", "closed"),
    ("corrected", "closed"),
    ("no_fault", "closed"),
    ("closed", "investigating"),
}


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_exactly_these_may_follow(old: str, new: str) -> None:
    if (old, new) in ARROWS:
        check_transition(old, new)
        assert new in allowed_next(old)
        return
    assert new not in allowed_next(old)
    with pytest.raises(IllegalTransition):
        check_transition(old, new)


@pytest.mark.parametrize("word", ["", "Closed", "closed ", "opened", "受付"])
def test_a_word_that_is_no_status_is_refused(word: str) -> None:
    for old, new in ((word, "closed"), ("received", word)):
        with pytest.raises(IllegalTransition):
            check_transition(old, new)
    assert allowed_next(word) == ()


def test_every_status_has_its_rule() -> None:
    assert set(ALLOWED) == set(STATUSES)
    assert {new for follow in ALLOWED.values() for new in follow} == set(STATUSES) - {"received"}


def test_the_rules_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        ALLOWED["received"] = frozenset()  # type: ignore[index]


class CaseLife(RuleBasedStateMachine):
    """One case: statuses are set as the rules allow; whatever they don't allow changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[str] = []

    def now(self) -> str:
        return self.history[-1] if self.history else "received"

    @rule(data=st.data())
    def set_an_allowed_status(self, data: st.DataObject) -> None:
        new = data.draw(st.sampled_from(sorted(new for old, new in ARROWS if old == self.now())))
        check_transition(current(self.history), new)
        self.history.append(new)

    @rule(new=st.sampled_from(STATUSES) | st.text(max_size=12))
    def try_any_status(self, new: str) -> None:
        if (self.now(), new) in ARROWS:
            return
        with pytest.raises(IllegalTransition):
            check_transition(current(self.history), new)
        with pytest.raises(IllegalTransition):
            check_history([*self.history, new])

    @precondition(lambda self: len(self.history) > 1)
    @rule(data=st.data())
    def drop_one_from_the_history(self, data: st.DataObject) -> None:
        """A gap shows, unless what is left is a legal walk too (closed, investigating, no_fault ...)."""
        gap = data.draw(st.integers(0, len(self.history) - 1))
        rest = self.history[:gap] + self.history[gap + 1 :]
        legal = all(step in ARROWS for step in zip(["received", *rest], rest, strict=False))
        if legal:
            check_history(rest)
            return
        with pytest.raises(IllegalTransition):
            check_history(rest)

    @invariant()
    def the_history_is_a_walk_and_no_dead_end(self) -> None:
        check_history(self.history)
        assert current(self.history) == self.now()
        assert allowed_next(self.now())


CaseLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCaseLife = CaseLife.TestCase
