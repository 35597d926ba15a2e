"""The guide's facts: what is past its review day, and the doors for given answers, so that a lawyer can check
the rules without the site."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import click

from admin.commands.base import Exit, Failure, read_file, today
from cases import contacts, law, routing
from cases.contacts import Contact
from cases.days import format_day, parse_day
from cases.law import Rule
from cases.routing import Answers, Condition, Door, RoutingError

LARGEST_ANSWERS: Final = 100_000
SOON: Final = 60
"""Days before a change of the law from which on it is announced."""


def _day(_ctx: click.Context, _option: click.Parameter, given: str | None) -> date:
    """Return the day of an option; today in Japan when it was not given."""
    try:
        return today() if given is None else parse_day(given)
    except ValueError:
        raise click.BadParameter("a day is written YYYY-MM-DD") from None


day_option = click.option(
    "--day", callback=_day, metavar="YYYY-MM-DD", help="As of this day instead of today (Japan)."
)


@click.group()
def facts() -> None:
    """外部の相談先の案内のもとになる情報を確かめます。The facts behind the guide to the doors outside."""


@facts.command(epilog="Example:  meyasubako facts check --day 2027-01-15")
@day_option
def check(day: date) -> None:
    """確認の期限が過ぎたものを一覧します。List what is past its review day; exit code 1 if anything is.

    One line each: what it is, its id, the day it was checked, the day to check it again, and its source.
    """
    due: list[Contact | Rule] = [*contacts.due_for_review(day), *law.due_for_review(day)]
    for one in due:
        what = "contact" if isinstance(one, Contact) else "rule"
        source = (*one.source_url, "secondary sources")[0]
        click.echo(f"{what:<8} {one.id:<24} {format_day(one.checked)}  {format_day(one.review_by)}  {source}")
    if due:
        click.echo(f"\n確認の期限が過ぎたもの {len(due)} 件 / {len(due)} to be checked again.", err=True)
        raise click.exceptions.Exit(Exit.REFUSED)
    total = len(contacts.contacts()) + len(law.law().rules)
    click.echo(f"{total} 件すべて期限内です / All {total} are within their review day.", err=True)


@facts.command(epilog="Example:  meyasubako facts route answers.toml --day 2026-12-01 --designated --lang ja")
@click.argument("answers", type=click.Path(path_type=Path), metavar="ANSWERS.toml")
@day_option
@click.option(
    "--designated/--not-designated",
    default=False,
    show_default=True,
    help="Whether the company has designated this line beforehand (Art. 2(1)).",
)
@click.option("--lang", type=click.Choice(law.LANGUAGES), default="ja", show_default=True)
def route(answers: Path, day: date, designated: bool, lang: str) -> None:
    """答えから相談先を順に示します。Print the doors for these answers, with conditions and articles.

    \b
    ANSWERS.toml holds any of: who_am_i, about, to_show, give_name, told_company, told_day, told_in_writing,
    notice_of_investigation, fears, asked_to_keep_silent, in_danger. For example:
      who_am_i = "worker"
      about = "concealed_leak"
      told_day = 2026-11-01
      fears = ["name"]
    """
    said = _answers(answers)
    try:
        doors = routing.route(said, day, designated, contacts.contacts())
    except RoutingError as error:
        raise Failure(Exit.USAGE, f"{error}.") from None
    for line in _page(said, day, designated, doors, lang):
        click.echo(line)


def _answers(path: Path) -> Answers:
    raw = read_file(path, "file of answers", Exit.USAGE, LARGEST_ANSWERS)
    try:
        return routing.answers_from(tomllib.loads(raw.decode("utf-8")))
    except UnicodeDecodeError:
        raise Failure(Exit.USAGE, f"{path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise Failure(Exit.USAGE, f"{path} is not valid TOML: {error}.") from None
    except RoutingError as error:
        raise Failure(Exit.USAGE, f"{path}: {error}.") from None


def _page(said: Answers, day: date, designated: bool, doors: tuple[Door, ...], lang: str) -> Iterator[str]:
    act = law.rule_on("act", day)
    yield f"{format_day(day)}  {act.article[lang] if act else ''}"
    for rule in law.upcoming(day, SOON):
        yield f"{format_day(rule.valid_from)}→  {rule.article[lang]}: {rule.text[lang]}"
    for at, door in enumerate(doors, 1):
        yield ""
        yield from _door(at, door, lang)
    yield ""
    effects = (law.rule_on(key, day) for key in ("protection", "presumption", "criminal"))
    yield from (f"* {_marked(rule, lang)}" for rule in effects if rule is not None)
    yield from (f"* {routing.text(name)[lang]}" for name in routing.limits(said, day, designated))


def _door(at: int, door: Door, lang: str) -> Iterator[str]:
    yield f"{at}. [{door.kind}] {routing.text(door.why)[lang]}"
    for name in door.contact_ids:
        found = contacts.contact(name)
        yield "   - " + "  ".join((found.name[lang], *found.phone, found.url)).rstrip()
    yield from (f"   {routing.text(name)[lang]}" for name in door.notes)
    if door.protection is None:
        return
    yield f"   => {door.protection.answer}: {routing.text(f'protection_{door.protection.answer}')[lang]}"
    yield from (_condition(one, lang) for one in door.conditions)
    missing = ", ".join(door.protection.missing or door.protection.provided)
    if missing:
        yield f"      ({missing})"


def _condition(one: Condition, lang: str) -> str:
    reading = routing.text("mark_reading")[lang] if one.reading else ""
    group = f" <{one.group}>" if one.group else ""
    words = routing.text(f"cond_{one.id}")[lang]
    return f"      {one.status:<8}{group} {words} [{one.article[lang]}] {reading}".rstrip()


def _marked(rule: Rule, lang: str) -> str:
    mark = routing.text("mark_secondary")[lang] if rule.confidence == "secondary" else ""
    return f"{rule.text[lang]} [{rule.article[lang]}] {mark}".rstrip()
