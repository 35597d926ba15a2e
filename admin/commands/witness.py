"""`meyasubako witness`: for people outside the company who look after the log, once a day and without a server."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin.commands.support.exit_codes import HELP, Exit, Failure, PlainGroup
from admin.commands.support.site import today
from admin.commands.witness_words import CONTINUING, FAULTS, NOT_TAKEN, say_continued, say_run
from cases.days import JST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admin.desk.server.client import Server
    from crypto.plainleaf import KeyLeaf


class WitnessGroup(PlainGroup):
    """Commands whose failures all end with 1: codes 2 to 5 say what a run found."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.show()
            raise click.exceptions.Exit(Exit.REFUSED) from None


@click.group(
    cls=WitnessGroup,
    context_settings=HELP,
    epilog="\b\nExit codes of `run`: 0 all fits; 2 nothing new for two days; 3 an older log, or a day that is not\n"
    "over (not cosigned); 4 a fork (stopped); 5 a page or script differs; 1 anything else.",
)
def witness() -> None:
    """社外の立会人として記録簿を確かめます。Look after a company's log, as a union, counsel or works council does.

    \b
    1. meyasubako witness key FOLDER            a key; its line goes to the company
    2. meyasubako witness init ADDRESS FOLDER   compare the fingerprint with the poster
    3. meyasubako witness run FOLDER            once a day, by cron or the task scheduler

    It only asks the site; nothing listens here. `docs/witness.md` says what a witness promises.
    """


def _folder_argument(function: click.decorators.FC) -> click.decorators.FC:
    return click.argument("folder", type=click.Path(path_type=Path))(function)


@witness.command(epilog="Example:  meyasubako witness key ~/meyasubako-witness")
@_folder_argument
@click.option(
    "--name", help="The name in each cosignature. Public for ever: it should name nobody [default: random]."
)
def key(folder: Path, name: str | None) -> None:
    """立会人の鍵を作ります。Make a key in a new folder, and print the line that the company needs."""
    from admin.witness.folder import make_folder
    from admin.witness.promise import promise_text

    made = make_folder(folder, name or f"witness/{secrets.token_hex(4)}")
    state, _leaves = made.load()
    click.echo(promise_text())
    click.echo("会社に渡す行 / The line for the company (`init --witness`, or `log policy`):")
    click.echo(state.vkey.text())


@witness.command(
    epilog="Example:  meyasubako witness init https://meyasubako.example.jp ~/meyasubako-witness"
)
@click.argument("address")
@_folder_argument
@click.option("--name", help="As in `witness key`, if there is no key yet.")
@click.option(
    "--fingerprint", metavar="HEX", help="The log's fingerprint from the poster; without it the command asks."
)
def init(address: str, folder: Path, name: str | None, fingerprint: str | None) -> None:
    """どの記録簿を見るかを決めます。Pin a log: its origin and its key, which a person compares with the poster."""
    from dataclasses import replace

    from admin.witness.folder import FolderFault, is_begun, make_folder, open_folder
    from admin.witness.promise import promise_text
    from admin.witness.run import first_look
    from crypto.log_mirror import log_fingerprint

    server = _server(address)
    log = first_look(server)
    text = log_fingerprint(log)
    click.echo(promise_text())
    click.echo(f"記録簿 / log: {log.name}\n鍵 / key:      {log.text()}\n確認用の文字列 / fingerprint: {text}")
    if fingerprint is None:
        _confirm_fingerprint()
    elif "".join(fingerprint.split()).lower() != text.replace(" ", ""):
        raise Failure(
            Exit.REFUSED,
            "The site's log has another key than the fingerprint that you gave. Nothing was pinned.",
            "確認用の文字列が違います。何も決めていません。",
        )
    new_name = name or f"witness/{secrets.token_hex(4)}"
    made = open_folder(folder) if is_begun(folder) else make_folder(folder, new_name)
    state, _leaves = made.load()
    if state.log is not None and (state.log != log or state.size):
        raise FolderFault(
            "This folder looks after a log already. For another one take a new folder and a new key."
        )
    made.write(replace(state, address=server.url, log=log, met=today()))
    click.echo("会社に渡す行 / The line for the company (`init --witness`, or `log policy`):")
    click.echo(state.vkey.text())
    click.echo(f"毎日 / once a day: meyasubako witness run {folder}")


def _confirm_fingerprint() -> None:
    """Ask for the comparison with the poster. Raises Failure without a yes, also where there is no terminal."""
    asked = (
        "掲示や就業規則にある確認用の文字列と同じですか / Is this the fingerprint on the poster, or in the "
        "internal rules"
    )
    try:
        if click.confirm(asked, err=True):
            return
    except click.Abort:
        click.echo(err=True)
    raise Failure(
        Exit.REFUSED,
        "Nothing was pinned and nothing was written. Where the fingerprint is another one, tell those on the "
        "reporters' side. Without a terminal, give the poster's as --fingerprint HEX.",
        "何も決めていません。何も書いていません。端末がないときは --fingerprint に掲示の文字列を付けてください。",
    )


@witness.command(epilog="Example:  meyasubako witness run ~/meyasubako-witness")
@_folder_argument
@click.option("--demo-day", "day_file", hidden=True, type=click.Path(path_type=Path))
def run(folder: Path, day_file: Path | None) -> None:
    """新しい記録を確かめ、署名します。Fetch what is new, compare it, cosign what fits, look at the pages."""
    from admin.witness.folder import FolderFault, open_folder
    from admin.witness.run import run as run_once

    opened = open_folder(folder)
    state, _leaves = opened.load()
    if state.log is None:
        raise FolderFault("No log is pinned yet: meyasubako witness init ADDRESS FOLDER.")
    day = date.fromisoformat(day_file.read_text("ascii").strip()) if day_file else today()
    seconds = (
        int(datetime(day.year, day.month, day.day, 12, tzinfo=JST).timestamp())
        if day_file
        else int(time.time())
    )
    done = run_once(opened, _server(state.address), state.log, seconds, day)
    kept = opened.load()[1]
    say_run(done, _newest_day(kept))
    say_continued(kept[len(kept) - done.new :])
    if done.exit:
        raise click.exceptions.Exit(done.exit)


def _newest_day(leaves: Sequence[bytes]) -> str:
    """Return the day of the newest batch that is kept, "-" before the first."""
    from admin.desk.casework.log_checks import newest_day, read_log

    batch = newest_day(read_log(leaves)[1]) if leaves else None
    return batch.day.day.isoformat() if batch and batch.day else "-"


@witness.command(epilog="Example:  meyasubako witness show ~/meyasubako-witness")
@_folder_argument
@click.option(
    "--old",
    type=click.Path(path_type=Path),
    help="Folder of the earlier log: check whether this one continues it.",
)
def show(folder: Path, old: Path | None) -> None:
    """手元にあるものを表示します。Show what is kept, without asking the site."""
    from admin.witness.continuing import continuing
    from admin.witness.folder import open_folder
    from crypto.log_key import known_keys
    from crypto.log_mirror import log_fingerprint
    from crypto.note import read_checkpoint

    state, leaves = open_folder(folder).load()
    click.echo(f"key              {state.vkey.text()}")
    if state.log is None:
        click.echo("log              -")
        return
    keys = known_keys(leaves, state.log)
    own = read_checkpoint(state.note, keys, [state.vkey]).cosigned if state.note else {}
    times = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d 18:00 UTC") for at in own.values()]
    click.echo(f"log              {state.log.name}, {state.address}")
    click.echo(f"fingerprint      {log_fingerprint(keys.newest)}")
    say_continued(leaves)
    if old is not None:
        click.echo(f"old log          {CONTINUING[continuing(leaves, open_folder(old).load()[1])]}")
    for change in _changes(leaves):
        click.echo(f"changed key      {change.day.isoformat()}; before: {log_fingerprint(change.old)}")
    click.echo(f"leaves           {state.size}, newest day {_newest_day(leaves)}")
    is_taken = not {code for code, _text in state.faults} & {"refused", "declined"}
    kept = "" if is_taken or not times else f"; {NOT_TAKEN}"
    click.echo(f"last cosignature {times[0] if times else '-'}, {state.cosigned} leaves{kept}")
    for code, text in state.faults:
        click.echo(f"fault            {FAULTS[code]} {text}".rstrip())
    if state.stopped:
        click.echo("stopped          署名を止めています / nothing is cosigned any more")


def _changes(leaves: Sequence[bytes]) -> list[KeyLeaf]:
    """Return the changes of the log's key, oldest first."""
    from crypto.log_key import chain_of

    return [logged.change for logged in chain_of(leaves).changes] if leaves else []


@witness.command(epilog="Example:  meyasubako witness policy ~/meyasubako-witness > union.policy")
@_folder_argument
def policy(folder: Path) -> None:
    """証明書を確かめる人のための方針を表示します。Print a policy for people who check certificates (`verify --policy`).

    It says whose log this is and that this witness has to have cosigned: your word, not the company's. Hand it to the
    reporter's lawyer by a way that the company does not control.
    """
    from admin.witness.folder import FolderFault, open_folder
    from crypto.logproof import read_policy

    state, _leaves = open_folder(folder).load()
    if state.log is None:
        raise FolderFault("No log is pinned yet: meyasubako witness init ADDRESS FOLDER.")
    text = (
        f"log {state.log.text()}\nwitness {state.vkey.name} {state.vkey.text()}\nquorum {state.vkey.name}\n"
    )
    read_policy(text)
    click.echo(text, nl=False)


@witness.command(epilog="Example:  meyasubako witness resume ~/meyasubako-witness")
@_folder_argument
@click.option(
    "--yes", is_flag=True, help="You have discussed the fork with people you trust, and want to go on."
)
def resume(folder: Path, yes: bool) -> None:
    """止めた立会人を再開します。Go on after a fork that was an accident.

    Only what this witness kept counts from then on: where the site goes on with the other history, the next run stops
    again. The file fork-….txt stays.
    """
    from dataclasses import replace

    from admin.witness.folder import open_folder

    opened = open_folder(folder)
    state, _leaves = opened.load()
    if not state.stopped:
        raise Failure(Exit.REFUSED, "This witness is not stopped.", "この立会人は止まっていません。")
    if not yes:
        click.confirm(
            "会社から説明を受け、fork のファイルを信頼できる人に渡しましたか / Did the company explain it, and did you "
            "give the fork's file to somebody you trust",
            abort=True,
            err=True,
        )
    opened.write(replace(state, stopped="", faults=()))
    click.echo("再開します / The next run goes on.")


def _server(address: str) -> Server:
    from admin.desk.server.client import Server

    try:
        return Server(address, today, from_environment=True)
    except ImportError:
        raise Failure(
            Exit.CONFIG,
            "The environment names a SOCKS proxy, which needs a part that is not here. Tor can be asked through its "
            "HTTP tunnel (HTTPTunnelPort), with ALL_PROXY=http://127.0.0.1:PORT.",
        ) from None
