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
from cases.days import JST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admin.desk.server.client import Server
    from admin.witness.run import WitnessRun
    from crypto.plainleaf import KeyLeaf

_TEXTS: dict[str, str] = {
    "fork": "記録簿が二つあります。証拠を残し、署名をやめました。 / FORK: two histories of one log. Both checkpoints "
    "are kept; nothing is cosigned any more:",
    "older": "サイトの記録簿が、前より短くなっています。 / The site shows an older log than it did before (leaves):",
    "gone": "サイトに記録簿がありません。 / The site has no log any more.",
    "early": "まだ終わっていない日の記録があります。 / There is a batch of a day that is not over:",
    "malformed": "記録簿の形が正しくありません。 / The leaves are not as the format says.",
    "gap": "記録のない日があります。 / There is no batch behind this day:",
    "policy": "立会人の方針(policy)が正しくありません。 / The policy of this day is not one that can count:",
    "key": "記録簿の鍵の変更が正しくありません。 / A change of the log's key does not count: it "
    "is not signed by both keys, or is not the next one:",
    "rule": "公表された規則が違います。 / The published rule is not the one of the first leaf.",
    "note": "この記録簿の署名ではないか、記録と合いません。 / The checkpoint is not this log's, or its leaves "
    "do not give its root:",
    "twice": "この鍵で、ほかの場所でも署名されています。 / This key has signed somewhere else: two witnesses use one "
    "key, or an older copy of this folder was put back (leaves):",
    "refused": "サイトの方針(policy)にこの立会人の鍵がないため、サイトは署名を受け取りませんでした。"
    "署名は手元にあります。`meyasubako witness show` の key の行を会社に渡し、方針に入れるよう求めてください。 / "
    "The site did not take the "
    "cosignature, for this witness's key is not in the policy of its log. It is kept in this folder. Give the line "
    "`key` of `meyasubako witness show` to the company, which puts it into the policy (`meyasubako log policy`).",
    "declined": "方針に鍵がありますが、サイトは署名を受け取りませんでした。署名は手元にあり、次に動かしたときにもう一度"
    "渡します。続くときは会社に聞いてください。 / The site did not take the cosignature, though the policy names this "
    "witness's key. It is kept in this folder, and the next run hands one in again; if it goes on, ask the company.",
    "stale": "2日間、新しい記録がありません。 / Nothing new for two days; the newest day:",
    "pages": "画面のプログラムが、記録簿にあるものと違います。seen に残しました。 / A page, script or style is not as "
    "the log says; kept in `seen`:",
    "server": "サイトにつながりません。 / The site could not be asked:",
    "empty": "サイトの記録簿はまだありません。 / The site has no log yet.",
}


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
    _say(done, _newest_day(kept))
    _say_continued(kept[len(kept) - done.new :])
    if done.exit:
        raise click.exceptions.Exit(done.exit)


def _newest_day(leaves: Sequence[bytes]) -> str:
    """Return the day of the newest batch that is kept, "-" before the first."""
    from admin.desk.casework.log_checks import newest_day, read_log

    batch = newest_day(read_log(leaves)[1]) if leaves else None
    return batch.day.day.isoformat() if batch and batch.day else "-"


_NOT_TAKEN = "サイトは受け取っていません / kept here, not taken by the site"


def _say(done: WitnessRun, day: str) -> None:
    """Say what a run found. `day`: of the newest batch that is kept."""
    for code, text in done.faults:
        click.echo(f"{_TEXTS[code]} {text}".rstrip(), err=True)
    signed = "署名しました / cosigned" if done.is_signed else "署名していません / not cosigned"
    if done.is_signed and not done.is_cosigned:
        signed = f"{signed}; {_NOT_TAKEN}"
    click.echo(f"newest day {day}  leaves {done.state.size} (+{done.new})  {signed}")


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
    _say_continued(leaves)
    if old is not None:
        click.echo(f"old log          {_CONTINUING[continuing(leaves, open_folder(old).load()[1])]}")
    for change in _changes(leaves):
        click.echo(f"changed key      {change.day.isoformat()}; before: {log_fingerprint(change.old)}")
    click.echo(f"leaves           {state.size}, newest day {_newest_day(leaves)}")
    is_taken = not {code for code, _text in state.faults} & {"refused", "declined"}
    kept = "" if is_taken or not times else f"; {_NOT_TAKEN}"
    click.echo(f"last cosignature {times[0] if times else '-'}, {state.cosigned} leaves{kept}")
    for code, text in state.faults:
        click.echo(f"fault            {_TEXTS[code]} {text}".rstrip())
    if state.stopped:
        click.echo("stopped          署名を止めています / nothing is cosigned any more")


_CONTINUING: dict[str, str] = {
    "signed": "その記録簿に代わるもので、前のサイトの署名あり / this log is in its place, signed by the old site",
    "unsigned": "その記録簿に代わるものですが、前のサイトの署名がありません / "
    "this log says that it is in its place; the old site did not sign that: ask in person",
    "forged": "署名が正しくありません / FORGED: the signature of the old site does not hold",
    "ahead": "手元の写しより大きい記録簿を名指しています / it names more than you kept: keep both folders",
    "apart": "手元の写しと違う記録簿を名指しています / it names another history: keep both folders",
    "other": "この記録簿は、それに代わるものではありません / this log does not name it",
}


def _say_continued(leaves: Sequence[bytes]) -> None:
    """Say which log this one is in place of, where its leaves say so."""
    from crypto.plainleaf import continued

    for old in continued(leaves):
        click.echo(
            f"in place of      続けられなくなった記録簿 / a log that could not go on: {old.origin}, {old.size} leaves"
        )


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
