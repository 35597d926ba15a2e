"""The guide's facts: what is past its review day, and the channels for given answers, so that a lawyer can check
the rules without the site."""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file
from admin.commands.support.site import today
from cases import contacts, law, routing
from cases.contacts import Contact
from cases.days import format_day, parse_day
from cases.law import Rule
from cases.routing import Answers, Channel, Condition, Guidance, RoutingError, Status

LARGEST_ANSWERS: Final = 100_000


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
    """外部の相談先の案内のもとになる情報を確かめます。The facts behind the guide to the channels outside."""


@facts.command(epilog="Example:  meyasubako facts check --day 2027-01-15")
@day_option
def check(day: date) -> None:
    """確認の期限が過ぎたものを一覧します。List what is past its review day; exit code 1 if anything is.

    One line each: what it is, its id, the day it was checked, the day to check it again, and its source.
    """
    due: list[Contact | Rule] = [*contacts.due_for_review(day), *law.due_for_review(day)]
    for fact in due:
        what, again = ("contact", fact.review_by) if isinstance(fact, Contact) else ("rule", fact.next_review)
        source = (*fact.source_url, "secondary sources")[0]
        click.echo(f"{what:<8} {fact.id:<24} {format_day(fact.checked)}  {format_day(again)}  {source}")
    if due:
        click.echo(f"\n確認の期限が過ぎたもの {len(due)} 件 / {len(due)} to be checked again.", err=True)
        raise click.exceptions.Exit(Exit.REFUSED)
    total = len(contacts.contacts()) + len(law.law().rules)
    click.echo(f"{total} 件すべて期限内です / All {total} are within their review day.", err=True)


def _choices_of(question: str) -> str:
    words = routing.choices(question)
    if question == "told_day":
        return "a day (2026-11-01)"
    if not words:
        return "true or false"
    return ("any of " if question in routing.MANY else "") + ", ".join(words)


_ANSWERS_HELP: Final = "\n".join(f"  {name}: {_choices_of(name)}" for name in routing.QUESTIONS)
_KINDS_HELP: Final = textwrap.fill(", ".join(routing.KINDS), 74, initial_indent="  ", subsequent_indent="  ")
_EFFECTS_HELP: Final = textwrap.fill(
    ", ".join(sorted(routing.EFFECTS)), 74, initial_indent="  ", subsequent_indent="  "
)
_ROUTE_HELP: Final = f"""答えから相談先を順に示します。Print what the guide says for these answers: channels with
conditions and articles, what the Act does for the person, and its limits.

\b
ANSWERS.toml holds any of these; one that is left out was skipped:
{_ANSWERS_HELP}

\b
For example:
  who_am_i = "worker"
  about = "concealed_leak"
  triggers = ["sensitive"]
  told_day = 2026-11-01
  fears = ["name"]

\b
Kinds of channels:
{_KINDS_HELP}

\b
Effects (with --json: the keys of rules):
{_EFFECTS_HELP}

\b
With --json: an object of day, act (the id of the Act's rule), doors (the channels: kind; protection "yes", "no",
"unknown", or null where the Act is not the matter; conditions of key and met; contacts and notes as ids),
effects, and limits as ids.
"""


@facts.command(
    help=_ROUTE_HELP,
    epilog="Example:  meyasubako facts route answers.toml --day 2026-12-01 --designated --json",
)
@click.argument("answers", type=click.Path(path_type=Path), metavar="ANSWERS.toml")
@day_option
@click.option(
    "--designated/--not-designated",
    default=False,
    show_default=True,
    help="Whether the company has designated this line beforehand (Art. 2(1)).",
)
@click.option("--lang", type=click.Choice(law.DATA_LANGUAGES), default="ja", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def route(answers: Path, day: date, designated: bool, lang: str, as_json: bool) -> None:
    said = _answers(answers)
    try:
        guidance = routing.guidance(said, day, designated, contacts.contacts())
    except RoutingError as error:
        raise Failure(Exit.USAGE, f"{error}.") from None
    if as_json:
        click.echo(json.dumps(_as_json(guidance), ensure_ascii=False, indent=2))
        return
    for line in _page(guidance, lang):
        click.echo(line)


def _answers(path: Path) -> Answers:
    raw = read_file(path, "file of answers", Exit.USAGE, LARGEST_ANSWERS)
    try:
        # Editors on Windows may put a byte order mark first.
        return routing.answers_from(tomllib.loads(raw.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise Failure(Exit.USAGE, f"{path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise Failure(Exit.USAGE, f"{path} is not valid TOML: {error}.") from None
    except RecursionError:
        raise Failure(Exit.USAGE, f"{path} is nested too deeply.") from None
    except RoutingError as error:
        raise Failure(Exit.USAGE, f"{path}: {error}.") from None


_MET: Final[Mapping[Status, str]] = {"met": "yes", "not_met": "no", "unknown": "unknown"}


def _as_json(guidance: Guidance) -> dict[str, Any]:
    act = law.rule_on("act", guidance.day)
    return {
        "day": format_day(guidance.day),
        "act": act.id if act else None,
        "doors": [_channel_json(channel) for channel in guidance.channels],
        "effects": [rule.key for rule in guidance.effects],
        "limits": list(guidance.limits),
    }


def _channel_json(channel: Channel) -> dict[str, Any]:
    return {
        "kind": channel.kind,
        "protection": channel.protection.answer if channel.protection else None,
        "conditions": [
            {"key": condition.id, "met": _MET[condition.status]} for condition in channel.conditions
        ],
        "contacts": list(channel.contact_ids),
        "notes": list(channel.notes),
    }


def _page(guidance: Guidance, lang: str) -> Iterator[str]:
    act = law.rule_on("act", guidance.day)
    yield f"{format_day(guidance.day)}  {act.article[lang] if act else ''}"
    for rule in guidance.begins:
        yield f"{format_day(rule.valid_from)}→  {rule.article[lang]}: {_marked(rule, lang)}"
    for at, channel in enumerate(guidance.channels, 1):
        yield ""
        yield from _channel(at, channel, lang)
    yield ""
    yield from (f"+ {_marked(rule, lang)} [{rule.article[lang]}]" for rule in guidance.effects)
    yield from (f"* {routing.text(name)[lang]}" for name in guidance.limits)


def _channel(at: int, channel: Channel, lang: str) -> Iterator[str]:
    yield f"{at}. [{channel.kind}] {routing.text(channel.why)[lang]}"
    for name in channel.contact_ids:
        contact = contacts.contact(name)
        yield "   - " + "  ".join((contact.name[lang], *contact.phone, contact.url)).rstrip()
        more = (contact.hours, contact.scope, contact.does_not_do, contact.how, contact.caution)
        yield from (f"     {words[lang]}" for words in more if words is not None)
    sentences = (channel.say, channel.does_not, channel.anonymous, *channel.notes)
    yield from (f"   {routing.text(name)[lang]}" for name in sentences)
    if channel.protection is None:
        return
    yield f"   => {channel.protection.answer}: {routing.text(f'protection_{channel.protection.answer}')[lang]}"
    yield from (_condition(condition, lang) for condition in channel.conditions)
    missing = ", ".join(channel.protection.missing or channel.protection.provided)
    if missing:
        yield f"      ({missing})"


def _condition(condition: Condition, lang: str) -> str:
    reading = routing.text("mark_reading")[lang] if condition.reading else ""
    group = f" <{condition.group}>" if condition.group else ""
    words = routing.text(f"cond_{condition.id}")[lang]
    return f"      {condition.status:<8}{group} {words} [{condition.article[lang]}] {reading}".rstrip()


def _marked(rule: Rule, lang: str) -> str:
    marks = [("mark_reading", rule.reading), ("mark_secondary", rule.confidence == "secondary")]
    return " ".join((rule.text[lang], *(routing.text(name)[lang] for name, holds in marks if holds)))
