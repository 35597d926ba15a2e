"""`meyasubako log key`: a planned change of the log's key (docs/operations.md, section 14)."""

from __future__ import annotations

import secrets
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from admin.commands.log_catch_up import log
from admin.commands.support.exit_codes import HELP, Exit, Failure, PlainGroup
from admin.commands.support.site import database, settings

__all__ = ["key", "log"]

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crypto.log_key import KeyChain
    from crypto.note import VerifierKey
    from store.config.secrets import ServerSecrets

_COPIED = (
    "秘密ファイルを、ほかのサーバーと保管場所に写しましたか / Is it on all nodes and in your safekeeping"
)


@log.group(cls=PlainGroup, context_settings=HELP)
def key() -> None:
    """記録簿の鍵を計画的に変えます。A planned change of the log's key; each step says what comes next.

    \b
    1. meyasubako log key new      a new key in the secret file; copy that file to every node and to your safekeeping
    2. meyasubako log key start    the next batch has the change, signed by both keys
    3. meyasubako log key finish   60 days later: the old key is erased from the secret file

    For 60 days every checkpoint has two signature lines. Readers follow the change from the old key.
    """


def _own() -> ServerSecrets:
    from store.config.secrets import load_secrets

    return load_secrets(settings().server.secret_file)


def _verifier(conn: Connection, seed: bytes) -> VerifierKey:
    from crypto.messages import public_key
    from crypto.note import ED25519, verifier_key
    from crypto.plainleaf import origin_of
    from store import site

    return verifier_key(origin_of(site.get(conn).salt), ED25519, public_key(seed))


def _planned(conn: Connection, own: ServerSecrets, chain: KeyChain) -> bytes | None:
    """Return the seed of a key that was made and is not in the log yet."""
    known = {known.pk for known in chain.keys.all}
    return next((seed for seed in own.log_seeds if _verifier(conn, seed).pk not in known), None)


def _newest_day(conn: Connection) -> date | None:
    from store import log as store_log

    head = store_log.head(conn)
    if head is None:
        raise Failure(
            Exit.REFUSED,
            "The log was not begun; the server begins it when it starts.",
            "記録簿はまだありません。",
        )
    return head.day


def _ends(chain: KeyChain) -> date | None:
    """Return the first day whose checkpoint has one signature line again; None if the key was never changed."""
    from crypto.log_key import OVERLAP

    return chain.changes[-1].change.day + OVERLAP if chain.changes else None


def _check_over(chain: KeyChain, done: date | None) -> None:
    """Raise Failure if the 60 days of the last change are not over. `done`: day of the newest batch."""
    ends = _ends(chain)
    if ends is not None and (done is None or done < ends):
        raise Failure(
            Exit.REFUSED,
            f"The last change is not over: two signature lines until the batch of {ends.isoformat()}. "
            "Nothing was changed.",
            f"前回の変更が {ends.isoformat()} の記録まで続いています。何も変えていません。",
        )


@key.command(epilog="Example:  meyasubako log key new")
def new() -> None:
    """新しい鍵を秘密ファイルに作ります。Add a new key to the server's secret file. It does not sign yet."""
    from admin.log_signing import chain_in
    from crypto.log_mirror import log_fingerprint
    from store.config.secrets import keep_log_seeds
    from store.db import reading

    with database() as engine, reading(engine) as conn:
        own = _own()
        chain = chain_in(conn, own)
        _check_over(chain, _newest_day(conn))
        if _planned(conn, own, chain) is not None:
            raise Failure(
                Exit.REFUSED,
                "The secret file has a new key already: go on with `meyasubako log key start`. Nothing was changed.",
                "新しい鍵はもうあります。何も変えていません。",
            )
        seed = secrets.token_bytes(32)
        kept = [known for known in own.log_seeds if _verifier(conn, known) == chain.keys.newest]
        made = _verifier(conn, seed)
    keep_log_seeds(settings().server.secret_file, (*kept, seed))
    click.echo(f"新しい鍵 / new key:  {log_fingerprint(made)}")
    click.echo(
        "秘密ファイルを、ほかのサーバーと保管場所に写してください。次は meyasubako log key start です。\n"
        f"Now copy {settings().server.secret_file} to every node and to your safekeeping: when it is lost after the "
        "change, the log ends.\nThen: meyasubako log key start"
    )


@key.command(epilog="Example:  meyasubako log key start")
@click.option("--yes", is_flag=True, help="The secret file was copied; do not ask.")
def start(yes: bool) -> None:
    """次の記録に鍵の変更を入れます。Put the change into the next batch, signed by the old key and the new one."""
    from admin.log_signing import chain_in, seed_of
    from crypto.log_key import make_key_leaf
    from crypto.log_mirror import log_fingerprint
    from crypto.logbatch import day_in_japan
    from crypto.tlog import leaf_hash
    from store import log_documents, site
    from store.db import reading, writing

    with database() as engine:
        with reading(engine) as conn:
            own = _own()
            chain, done = chain_in(conn, own), _newest_day(conn)
            _check_over(chain, done)
            seed, old = _planned(conn, own, chain), seed_of(own, chain.keys.newest)
            salt = site.get(conn).salt
        if seed is None or old is None:
            raise Failure(
                Exit.REFUSED,
                "There is no new key in the secret file: `meyasubako log key new`. Nothing was changed.",
                "秘密ファイルに新しい鍵がありません。何も変えていません。",
            )
        if not yes:
            click.confirm(_COPIED, abort=True, err=True)
        today = day_in_japan(int(time.time()))
        day = max(today, done + timedelta(days=1)) if done else today
        leaf = make_key_leaf(salt, day, old, seed)
        with writing(engine) as conn:
            log_documents.wait_alone(conn, leaf_hash(leaf), "key", leaf)
            made = _verifier(conn, seed)
    click.echo(f"{day.isoformat()} の記録に入ります / It will be in the batch of {day.isoformat()}.")
    click.echo(
        f"鍵 / key from then on: {log_fingerprint(made)}\n"
        "掲示と就業規則の文字列を、前のものと並べて載せてください。\n"
        "Add it to the poster and to the internal rules, beside the earlier one."
    )


@key.command(epilog="Example:  meyasubako log key finish")
def finish() -> None:
    """60日後に、前の鍵を消します。Erase the old key from the secret file, once the 60 days are over."""
    from admin.log_signing import chain_in, seed_of
    from store.config.secrets import keep_log_seeds
    from store.db import reading

    with database() as engine, reading(engine) as conn:
        own = _own()
        chain = chain_in(conn, own)
        _check_over(chain, _newest_day(conn))
        if not chain.changes or seed_of(own, chain.keys.newest) is None:
            raise Failure(
                Exit.REFUSED,
                "No change is in the log, or its key is not in the secret file. Nothing was changed.",
                "変更が記録簿にないか、鍵が秘密ファイルにありません。何も変えていません。",
            )
        before = {change.change.old.pk for change in chain.changes}
        kept = tuple(seed for seed in own.log_seeds if _verifier(conn, seed).pk not in before)
    if kept != own.log_seeds:
        keep_log_seeds(settings().server.secret_file, kept)
        click.echo("前の鍵を消しました / The old key was erased from the secret file.")
    else:
        click.echo(
            "前の鍵は、もう使われていません / The old key no longer signs, and there is nothing to erase: the "
            "first key of a log\nis derived from the site's own key."
        )
    click.echo("秘密ファイルの写しも置き換えてください / Replace the copies of the secret file, too.")


@key.command(epilog="Example:  meyasubako log key status")
def status() -> None:
    """記録簿の鍵の状態を表示します。Show the log's keys. Nothing is changed."""
    from admin.log_signing import chain_in, seed_of, waiting_changes
    from crypto.log_mirror import log_fingerprint
    from crypto.plainleaf import read_key_leaf
    from store.db import reading

    with database() as engine, reading(engine) as conn:
        own, done = _own(), _newest_day(conn)
        chain = chain_in(conn, own)
        waiting = [read_key_leaf(row.raw) for row in waiting_changes(conn, done)]
        planned = _planned(conn, own, chain)
        click.echo(f"first key        {log_fingerprint(chain.keys.all[0])}")
        for logged in chain.changes:
            change = logged.change
            click.echo(
                f"changed          {change.day.isoformat()}, leaf {logged.index}: {log_fingerprint(change.new)}"
            )
        ends = _ends(chain)
        if ends is not None and (done is None or done < ends):
            click.echo(f"two lines        until the batch of {ends.isoformat()}")
        if waiting:
            click.echo(
                f"waits            for the batch of {waiting[0].day.isoformat()}: {log_fingerprint(waiting[0].new)}"
            )
        elif planned is not None:
            click.echo(
                f"made             {log_fingerprint(_verifier(conn, planned))}: `meyasubako log key start`"
            )
        if seed_of(own, chain.keys.newest) is None:
            raise Failure(
                Exit.REFUSED,
                "The secret file does not have the key that signs now. Put the newest copy of it back.",
                "秘密ファイルに、今の鍵がありません。新しいものを戻してください。",
            )
