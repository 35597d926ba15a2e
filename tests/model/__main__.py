"""`python -m tests.model`: every search, with its figures. Exit code 1 where one ends otherwise than it should."""

from __future__ import annotations

import sys

import click

from tests.model.access import ACCESS_WHOLE, FOUND_IN_ACCESS, search_access
from tests.model.log import FOUND_IN_LOG, LOG_SCOPES, search_log
from tests.model.moves import Scope
from tests.model.search import Outcome, search
from tests.model.variants import FOUND, LIMITS, SEEN, WHOLE


def said(scope: Scope) -> str:
    """Return a scope in words."""
    who = "the server" if scope.server else "a database writer"
    more = ", an older state as a whole, a reporter who looks" if scope.looks else ""
    return (
        f"{scope.bad} bad, with {who}: {scope.documents} documents, {scope.envelopes} envelopes, "
        f"{scope.answers} answers, {scope.forgets} forgetting{more}"
    )


def figures(outcome: Outcome) -> str:
    """Return what a search came to, in words."""
    return f"{outcome.states:,} states, {outcome.depth} moves deep, {outcome.seconds:.1f} s"


def main() -> int:
    """Search everything and print it."""
    wrong = 0
    for scope in (*WHOLE, SEEN):
        outcome = search(scope)
        click.echo(f"{'holds' if not outcome.goal else 'BROKEN'}: {said(scope)}: {figures(outcome)}")
        for move in outcome.path:
            click.echo(f"    {move}")
        wrong += bool(outcome.goal)
    for title, variants in (("without a rule", FOUND), ("a known limit", LIMITS)):
        for variant in variants:
            outcome = search(variant.scope)
            is_found = variant.goal in outcome.goal and bool(outcome.goal)
            click.echo(f"{'found' if is_found else 'NOT FOUND'}: {title}: {variant.name}: {figures(outcome)}")
            for move in (*outcome.path, f"=> {outcome.goal}"):
                click.echo(f"    {move}")
            wrong += not is_found
    return 1 if wrong + log_searches() + access_searches() else 0


def log_searches() -> int:
    """Search the model of the log and print it. Return how many searches ended otherwise than they should."""
    wrong = 0
    for scope in LOG_SCOPES:
        states, goal, path = search_log(scope)
        click.echo(f"{'holds' if not goal else 'BROKEN'}: log, {scope}: {states:,} states")
        wrong += bool(goal)
    for name, scope, expected in FOUND_IN_LOG:
        states, goal, path = search_log(scope)
        click.echo(f"{'found' if expected in goal else 'NOT FOUND'}: log, {name}: {states:,} states")
        for move in (*path, f"=> {goal}"):
            click.echo(f"    {move}")
        wrong += expected not in goal
    return wrong


def access_searches() -> int:
    """Search the model of access per case and print it. Return how many searches ended otherwise than they should."""
    wrong = 0
    for scope in ACCESS_WHOLE:
        states, goal, path = search_access(scope)
        click.echo(f"{'holds' if not goal else 'BROKEN'}: access, {scope}: {states:,} states")
        for move in path:
            click.echo(f"    {move}")
        wrong += bool(goal)
    for name, scope, expected in FOUND_IN_ACCESS:
        states, goal, path = search_access(scope)
        click.echo(f"{'found' if expected in goal else 'NOT FOUND'}: access, {name}: {states:,} states")
        for move in (*path, f"=> {goal}"):
            click.echo(f"    {move}")
        wrong += expected not in goal
    return wrong


if __name__ == "__main__":
    sys.exit(main())
