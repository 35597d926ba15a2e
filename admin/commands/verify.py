"""`meyasubako verify`: checks a certificate or a proof of burying, or reads a copy of the log by a code."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from admin.commands.support.exit_codes import Exit, Failure

if TYPE_CHECKING:
    from crypto.certificate_verdict import Judged
    from crypto.code_reading import LogFile

UNREADABLE: Final = Exit.CONFIG
"""3, the verdict's exit code."""
LONGEST: Final = 16_000_000


class _WrongUse(click.UsageError):
    exit_code = int(UNREADABLE)


class _Verify(click.Command):
    """Wrong use ends with 3, as whatever can't be checked: 2 means that the verdict is open."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _WrongUse(error.message, error.ctx) from None


class _Refused(Failure):
    """Nothing could be checked; said in the language that was asked for, in both where none was."""

    def __init__(self, en: str, ja: str, language: str | None) -> None:
        super().__init__(UNREADABLE, en, ja)
        self.said = {"ja": [ja], "en": [en]}.get(language or "", [ja, en])

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the error."""
        click.echo("\n".join(self.said), file=file, err=file is None)


def _refused(en: str, ja: str) -> Failure:
    return _Refused(en, ja, click.get_current_context().params.get("lang"))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise _refused(f"{path} can't be read: {error.strerror}.", f"{path} を読めませんでした。") from None


def _text(path: Path) -> str:
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise _refused(
            f"The policy file {path} is no text.", f"方針のファイル {path} が文字のファイルではありません。"
        ) from None


def _copy(place: str) -> LogFile:
    from admin.verify.copies import NoCopy, read_copy

    try:
        return read_copy(place)
    except NoCopy as error:
        raise _refused(
            f"There is no copy of a log at {place}: {error}.",
            f"{place} に記録簿の写しがないか、読めませんでした: {error}",
        ) from None


def _code() -> str:
    from crypto.errors import BadData
    from crypto.receipt import parse_code

    if sys.stdin.isatty():
        typed = click.prompt("コード / Code", hide_input=True, err=True)
    else:
        typed = sys.stdin.buffer.read(4096).decode("utf-8", "replace")
    try:
        return parse_code(typed.strip("\r\n"))
    except BadData:
        raise _refused(
            "That is no code: 20 letters and digits in five groups. Nothing was sent or stored.",
            "コードとして読めませんでした。どこにも送らず、保存もしていません。",
        ) from None


def _print(by_language: Mapping[str, list[str]]) -> None:
    click.echo("\n\n".join("\n".join(lines) for lines in by_language.values()))


def _by_code(place: str, policy: str | None, language: str | None, as_json: bool) -> int:
    from admin.verify import words
    from crypto.code_reading import read_by_code

    copy = _copy(place)
    seen = read_by_code(_code(), copy, policy)
    if as_json:
        click.echo(json.dumps(seen.fields(), ensure_ascii=False))
    else:
        _print({name: words.of_code(seen, name) for name in _languages(language)})
    return seen.judged.exit_code


def _languages(language: str | None) -> tuple[str, ...]:
    from admin.verify.words import LANGUAGES

    return (language,) if language else LANGUAGES


def _in_copy(
    raw: bytes, judged: Judged, policy: str | None, place: str
) -> tuple[Judged, list[tuple[str, Mapping[str, Any]]]]:
    """Compare a file with a whole copy of its log, and look a buried leaf up in all of it."""
    from crypto.certificate import read_certificate
    from crypto.code_reading import beside_copy
    from crypto.errors import BadData

    if judged.verified is None:
        return judged, []
    copy = _copy(place)
    try:
        beside = beside_copy(read_certificate(raw), judged, copy, policy)
    except BadData as fault:
        raise _refused(
            f"The copy is none of this log, or it is damaged [{type(fault).__name__}].",
            f"記録簿の写しが、このファイルの記録簿のものではないか、壊れています [{type(fault).__name__}]。",
        ) from None
    if beside.judged.verified is None or beside.judged.verified.kind != "burying":
        return beside.judged, []
    if beside.day:
        return beside.judged, [("late", {"day": beside.day})]
    return beside.judged, [("nowhere", {"day": beside.last_day})]


def _by_file(
    raw: bytes, policy: str | None, buried: bool, place: str | None, language: str | None, as_json: bool
) -> int:
    from admin.verify import words
    from crypto.certificate_verdict import Judged, judge

    judged = judge(raw, policy)
    more: list[tuple[str, Mapping[str, Any]]] = []
    if judged.verified and buried and judged.verified.kind != "burying":
        judged = Judged("unreadable", "CertificateMalformed")
    if place and judged.verified:
        judged, more = _in_copy(raw, judged, policy, place)
    if as_json:
        told = {name: {key: str(day) for key, day in values.items()} for name, values in more}
        click.echo(json.dumps({**judged.fields(), **({"copy": told} if told else {})}, ensure_ascii=False))
    else:
        _print({name: words.of_file(judged, name, more) for name in _languages(language)})
    return judged.exit_code


def _openssl(raw: bytes, policy: str | None) -> int:
    from admin.verify.openssl import openssl_lines
    from admin.verify.words import reason
    from crypto.certificate import read_certificate
    from crypto.certificate_verdict import own_policy
    from crypto.errors import BadData

    try:
        lines = openssl_lines(read_certificate(raw), own_policy(policy))
    except BadData as fault:
        why = type(fault).__name__
        raise _refused(reason(why, "unreadable", "en"), reason(why, "unreadable", "ja")) from None
    click.echo(lines, nl=False)
    return 0


@click.command(
    cls=_Verify,
    epilog="\b\nExamples:\n"
    "  meyasubako verify meyasubako-certificate.json --policy union-policy.txt\n"
    "  meyasubako verify meyasubako-burying.json --buried --policy union-policy.txt --log witness-folder\n"
    "  meyasubako verify --code-from-stdin --log witness-folder --policy union-policy.txt < code.txt\n\n"
    "Exit codes: 0 good; 1 bad; 2 holds together, but no policy, no witness or too few; 3 nothing could be checked, or "
    "wrong use.",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--policy", type=click.Path(path_type=Path), help="The policy, from another source than the file."
)
@click.option("--buried", is_flag=True, help="The file has to be a proof of burying.")
@click.option(
    "--log",
    "place",
    metavar="COPY",
    help="A copy of the log: a witness's folder, saved files, or an address.",
)
@click.option("--code-from-stdin", is_flag=True, help="Read a receipt code from standard input.")
@click.option(
    "--openssl", is_flag=True, help="Print commands that check the file with openssl; check nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
@click.option("--lang", type=click.Choice(["ja", "en"]), help="One language only.")
def verify(
    file: Path | None,
    policy: Path | None,
    buried: bool,
    place: str | None,
    code_from_stdin: bool,
    openssl: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """証明書を確かめます。Check a certificate or a proof of burying, or read a copy of the log by a receipt code.

    Works without the server and without a network, but for a COPY that is an address. The log's key and the witnesses
    come from your policy, never from the file. Nothing is stored; a code is read from standard input only.
    """
    if (file is None) != code_from_stdin or (code_from_stdin and (place is None or buried or openssl)):
        raise _WrongUse("give a FILE, or --code-from-stdin and --log COPY")
    own = _text(policy) if policy else None
    if file is None:
        code = _by_code(place or "", own, lang, as_json)
    elif openssl:
        code = _openssl(_read(file), own)
    else:
        code = _by_file(_read(file), own, buried, place, lang, as_json)
    raise click.exceptions.Exit(code)
