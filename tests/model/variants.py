"""What the searches are for: scopes in which every goal holds, and variants in which one rule is turned off."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.model.moves import Scope


class Variant(NamedTuple):
    """A search that has to end at a broken goal. `goal`: words that are in it."""

    name: str
    scope: Scope
    goal: str


LEARNS: Final = "an excluded person learns a content key"
READS: Final = "on no list that the desks know"
ATTRIBUTED: Final = "is attributed to"


def _off(*rules: str, **more: object) -> Scope:
    return Scope(off=frozenset(rules), documents=1, **more)  # type: ignore[arg-type]


SMALL: Final[tuple[Scope, ...]] = (
    Scope(bad="A", documents=1, envelopes=1),
    Scope(bad="L", documents=1, envelopes=2, answers=0),
    Scope(bad="A", documents=1, envelopes=2, answers=0, server=False),
)
"""Scopes that the suite searches: seconds."""

WHOLE: Final[tuple[Scope, ...]] = (
    Scope(bad="A", documents=1, envelopes=3),
    Scope(bad="L", documents=1, envelopes=3),
    Scope(bad="A", documents=2, envelopes=2),
    Scope(bad="L", documents=2, envelopes=2),
    Scope(bad="A", documents=2, envelopes=2, server=False),
    Scope(bad="L", documents=2, envelopes=2, server=False),
)
"""Scopes that `make faults` searches: minutes."""

FOUND: Final[tuple[Variant, ...]] = (
    Variant("F1, answers under a colleague's name", _off("own_name"), ATTRIBUTED),
    Variant("F1, off the form by another name", _off("own_name", "all_names"), LEARNS),
    Variant("F2, forgetting loses the choice", _off("record_with_form", withholds=False, answers=0), LEARNS),
    Variant("F2, withheld grants lose it too", _off("record_with_form"), LEARNS),
    Variant("F2, a missing record counts as nobody", _off("stop_without_record", answers=0), LEARNS),
    Variant("F2, somebody else writes the record", _off("record_of_code"), LEARNS),
    Variant("F2, an older record", _off("newest_number"), LEARNS),
    Variant("F2, a forged report in front", _off("head_by_chain", bad="L", answers=0), LEARNS),
    Variant("F3, the list rebuilt with a key in front", _off("readers_signed"), LEARNS),
    Variant("F3, a row in the database for a minute", _off("first_card", server=False), LEARNS),
    Variant("F3, a list of before a retirement", _off("floor"), READS),
    Variant("F4, enrolled between the form and the sending", _off("form_prefix", bad="L"), LEARNS),
    Variant("ADR 0009, a key in a colleague's person", _off("duty"), ATTRIBUTED),
    Variant("ADR 0009, everything is handed over", _off("hand_over"), LEARNS),
)
"""Variants that break a goal: each finding of a review that attacked the promises, and two more."""

LIMITS: Final[tuple[Variant, ...]] = (
    Variant("an older state as a whole, unseen by the reporter", _off(rolls_back=True, answers=0), LEARNS),
    Variant("a lead enrols a key as a colleague's", _off(bad="L", impersonates=True), ATTRIBUTED),
)
"""What no rule stops (docs/threat-model/P1.md); the search has to find it too, or it would not be the real thing."""

SEEN: Final = Scope(rolls_back=True, looks=True, documents=1, envelopes=2, answers=0)
"""The first limit again, with a reporter who reads whom each message goes to: then every goal holds."""
