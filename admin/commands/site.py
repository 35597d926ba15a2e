"""The operator's commands for the site as a whole: init, db upgrade, backup, restore."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import write_new
from admin.commands.support.log_witnesses import NO_WITNESS, ask_witnesses
from admin.commands.support.site import CONFIG_VARIABLE, config_path, database, missing_file, settings

if TYPE_CHECKING:
    from crypto.note import VerifierKey
    from store.config.settings import Settings

NEUTRAL_PLACE: Final = "https://www.jma.go.jp/"
"""Where the quick exit of a new site leads: the weather, which anybody may look at anywhere."""

_TOML: Final = """\
# 目安箱の設定 / The settings of one Meyasubako site. Relative paths are relative to this file's folder.
# After a change: meyasubako doctor, then restart `meyasubako serve`.

[site]
# 画面に出る名前 / The name on every page, in Japanese and in English.
name_ja = {name_ja}
name_en = {name_en}
# 会社がこのサイトを、公益通報の窓口としてあらかじめ定めているか（公益通報者保護法 第2条第1項）。定めていれば true。
# Has the company designated this line beforehand for reports inside (Whistleblower Protection Act, Art. 2(1))?
designated = {designated}
# 会社の外の窓口に自社の案内を加えるファイル / A file with contacts of your own, beside those of the law.
# contacts_file = "contacts.toml"
# 「すぐに離れる」の行き先(https のみ) / Where "Leave now" leads: a page that tells nothing.
exit_url = {exit_url}
# 人に知らせるアドレス(掲示用) / The address that people are told: for `meyasubako poster`.
# address = "https://speakup.example.jp"
# onion service のアドレス / The onion service's address, from its file `hostname`.
# onion = "http://….onion"

# 運営者と、個人情報の取扱い。利用者の画面に出ます。書くときは、すべての行を書いてください。
# Who runs the site, and the privacy notice: shown to reporters. All lines or none.
# [operator]
# name_ja = "○○株式会社 監査部・社外監査役"
# name_en = "Example Inc., Internal Audit and outside auditors"
# contact = "speakup@example.jp"
# purpose_ja = "寄せられた通報を調べ、是正し、通報者に答えるためだけに使います。"
# purpose_en = "Reports are used only to look into them, to put things right and to answer the person who reported."
# retention_ja = "対応が終わってから3年間保管し、その後に消します。"
# retention_en = "Kept for three years after the case is closed, then deleted."
# 入力できない人のための、電話や手紙などの方法(任意) / Optional, for people who can't type: telephone, letter.
# ways_ja = "社外監査役 ○○あての手紙（住所）"
# ways_en = "A letter to the outside auditor (address)"

[store]
# SQLite のファイル、または PostgreSQL / A SQLite file, or postgresql+psycopg://user:password@host/database
# (with a password in it, this file has to be readable by the server's user only: chmod 600).
url = {url}

[server]
# リバースプロキシや onion service の後ろに置き、外には直接出さないでください。
# Behind a reverse proxy or an onion service, never on a public address itself; unix:/run/... works too.
bind = {bind}
# workers = 4      # default: one for each core, 2 to 8
# threads = 16
# 受付の証明の署名と書式の鍵。通報は開けませんが、他人に見せないでください(docs/operations.md)。
# Signs receipts and dates forms. It opens no report; keep it private all the same.
secret_file = "server.secret"
# 複数台のときだけ / For several machines only: 32 bytes on a memory file system (ADR 0005).
# token_key_file = "/dev/shm/meyasubako.token"

[limits]
# 1回の送信の大きさの上限 / The largest request, in bytes.
# max_request_bytes = 2000000
# 添付ファイルの大きさ、数、通報を待つものの合計 / Files: the largest, how many, all that wait for a report.
# max_file_bytes = 200000000
# max_files = 20
# max_waiting_bytes = 10000000000

# 会社自身の約束(日数)。デスクが期限として数えます。書かなければ、数えません。
# What the company promises by itself, in days after a report (retention: after the close). No line: no clock.
[promises]
# acknowledge_days = 7
# decide_days = 20
# result_days = 90
# retention_days = 1095
"""


def _toml_text(value: str) -> str:
    # JSON's string is a TOML basic string, as long as nothing outside the BMP is written as two escapes.
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextmanager
def _undone_on_failure(made: list[Path]) -> Iterator[None]:
    """Remove the files that this run made when it does not come to its end, so that it can be run again."""
    try:
        yield
    except BaseException:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
        raise


def _lay_out(config: Settings, made: list[Path], hidden: int, witnesses: Sequence[VerifierKey]) -> None:
    """Make the secret, the tables, the site's row and its log; `made` gets the files."""
    from admin.logbook import begin_log
    from crypto.messages import public_key
    from store import db, schema, site
    from store.config.secrets import create_secrets
    from store.outcome import Outcome

    secret = config.server.secret_file
    secrets = create_secrets(secret)
    made.append(secret)
    schema.upgrade(config.store.url)
    engine = db.make_engine(config.store.url)
    try:
        with db.writing(engine) as conn:
            outcome = site.create(conn, os.urandom(16), public_key(secrets.sign_seed))
            if outcome is Outcome.STORED:
                begin_log(conn, secret, hidden, witnesses)
    finally:
        engine.dispose()
    if outcome is not Outcome.STORED:
        raise Failure(
            Exit.REFUSED,
            "The database holds a site already, and it was left as it is. A new site needs an empty "
            "database;\n"
            "for an existing one, put its own server.secret back instead of running init.",
        )


def create_site(
    path: Path,
    name_ja: str,
    name_en: str,
    url: str,
    bind: str,
    designated: bool,
    hidden: int = 16,
    witnesses: Sequence[VerifierKey] = (),
) -> Settings:
    """Make a new site beside a new settings file. Raises Failure, SettingsError, SecretFileError,
    StoreFailed."""
    from store.config.settings import load_settings

    text = _TOML.format(
        name_ja=_toml_text(name_ja),
        name_en=_toml_text(name_en),
        url=_toml_text(url),
        bind=_toml_text(bind),
        designated="true" if designated else "false",
        exit_url=_toml_text(NEUTRAL_PLACE),
    )
    made: list[Path] = []
    with _undone_on_failure(made):
        write_new(path, text.encode())
        made.append(path)
        config = load_settings(path)
        _lay_out(config, made, hidden, witnesses)
    return config


@click.command(
    epilog=f"Example:  {CONFIG_VARIABLE}=/var/lib/meyasubako/meyasubako.toml meyasubako init"
    ' --name-ja "○○株式会社 目安箱" --name-en "Example Inc. Meyasubako" --designated'
)
@click.option("--name-ja", "--name", "name_ja", help="The site's name in Japanese.")
@click.option("--name-en", "name_en", help="The site's name in English.")
@click.option(
    "--designated/--not-designated",
    "designated",
    default=None,
    help="Whether the company has designated this line beforehand for reports inside (Whistleblower Protection "
    "Act, Art. 2(1)). It has to be answered: reporters are told what protects them by it.",
)
@click.option(
    "--url",
    "--database",
    "url",
    default="sqlite:///meyasubako.db",
    show_default=True,
    help="The database's URL. For one with a password in it, write the settings file yourself and use "
    "--keep-settings.",
)
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Where the server listens.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The settings file to write [default: the one that {CONFIG_VARIABLE} names].",
)
@click.option(
    "--log-leaves",
    type=click.Choice(["16", "64"]),
    default="16",
    show_default=True,
    help="How many leaves the log gets on each day, whatever came in; 64 for a company with several reports or "
    "messages a day. It can't be changed later.",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="VKEY",
    help="A witness outside the company that looks after the log (union, outside counsel, works council): the line "
    "that `meyasubako witness key` printed there. Several are possible; any one of them is enough.",
)
@click.option(
    "--keep-settings",
    is_flag=True,
    help="Use the settings file that is there; make only the secret file and the database.",
)
def init(
    name_ja: str | None,
    name_en: str | None,
    designated: bool | None,
    url: str,
    bind: str,
    config: Path | None,
    log_leaves: str,
    witnesses: tuple[str, ...],
    keep_settings: bool,
) -> None:
    """新しいサイトを用意します。Make a new site.

    Writes the settings file that MEYASUBAKO_CONFIG names, the secret file beside it and the database. Nothing
    that exists is ever overwritten: then it stops with exit code 1 and leaves everything as it was.
    """
    from store.config.settings import load_settings

    path = config or config_path()
    outside = ask_witnesses(witnesses)
    if keep_settings:
        made: list[Path] = []
        with _undone_on_failure(made):
            created = load_settings(path)
            _lay_out(created, made, int(log_leaves), outside)
    elif not name_ja or not name_en:
        raise click.UsageError("A new site needs --name-ja and --name-en.")
    elif designated is None:
        raise click.UsageError(
            "A new site needs --designated or --not-designated: has the company designated this line beforehand for "
            "reports inside (Whistleblower Protection Act, Art. 2(1))?"
        )
    else:
        created = create_site(path, name_ja, name_en, url, bind, designated, int(log_leaves), outside)
    click.echo(f"サイトを用意しました / The site is ready: {path}")
    click.echo(f"  secret file: {created.server.secret_file} (back it up too, apart from the database)")
    click.echo(
        "次に / Next: each auditor runs `meyasubako auditor new` on their own laptop and hands you the card;"
    )
    if not outside:
        click.echo(NO_WITNESS)
    click.echo("  `meyasubako auditor enroll CARD`, then `meyasubako doctor` and `meyasubako serve`.")


def progress(table: str, done: int, total: int) -> None:
    """Say on standard error how far a backup or a restore is."""
    click.echo(f"  {table:<12} {done}/{total}", err=True)


@click.group("db")
def db_group() -> None:
    """データベースの表を管理します。The database's tables."""


@db_group.command("upgrade", epilog="Example:  meyasubako db upgrade")
def db_upgrade() -> None:
    """表をこのバージョンに合わせます。Bring the tables to this version.

    In one transaction: after an error they are as they were. Make a backup with the old version first.
    """
    from store import schema
    from store.config.server_lock import standing_still

    config = settings()
    with standing_still(config):
        schema.upgrade(config.store.url)
    click.echo("The database's tables are those of this version.")


@db_group.command("vacuum", epilog="Example:  meyasubako db vacuum")
def db_vacuum() -> None:
    """消したものをファイルからも除きます。Rewrite the database without what was deleted.

    With the server stopped. SQLite overwrites what it deletes at once, so there it gives room back; on PostgreSQL
    (VACUUM FULL) it is what takes deleted reports out of the data files. Backups and archives of the write-ahead log
    keep them.
    """
    from crypto.attachment import object_length
    from store.config.server_lock import standing_still
    from store.objects import Objects

    config = settings()
    with standing_still(config), database() as engine:
        limits = config.limits
        Objects(engine, object_length(limits.max_file_bytes), limits.max_waiting_bytes).vacuum()
    click.echo("済みました / Done. What was deleted is not in the database's files any more.")


@click.command(epilog="Example:  meyasubako backup /backup/meyasubako-$(date +%F).backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """バックアップを作ります(開ける人は増えません)。Write a backup to a new file.

    Works while the site serves. The file is one SQLite database, whatever the site uses, and holds nothing
    that opens a report. Keep server.secret and the settings file too: they are not in it.
    """
    from store.backup import backup as write

    with database() as engine:
        rows = write(engine, file, progress)
    click.echo(f"Backup written: {file} ({rows} rows).")


def _restore(file: Path, url: str) -> int:
    """Make the tables where there are none and fill them; return the number of rows."""
    from store import db, schema
    from store.backup import restore as read
    from store.objects import SUFFIX

    made: list[Path] = []
    missing = missing_file(url)
    if missing is not None:
        made = [missing.with_name(missing.name + end) for end in ("", "-wal", "-shm", "-writer", SUFFIX)]
        made = [path for path in made if not path.exists()]
    with _undone_on_failure(made):
        if missing is not None:
            schema.upgrade(url)
        engine = db.make_engine(url)
        try:
            if schema.schema_state(engine) is schema.SchemaState.EMPTY:
                schema.upgrade(url)
            return read(file, engine, progress)
        finally:
            engine.dispose()


def _tell_of_loss(url: str) -> None:
    """Let a leaf wait that says from which day acts may be lost: the first one without a batch in the backup."""
    from datetime import timedelta

    from crypto.plainleaf import restored_leaf
    from crypto.tlog import leaf_hash
    from store import db, log_documents
    from store import log as store_log

    engine = db.make_engine(url)
    try:
        with db.writing(engine) as conn:
            head = store_log.head(conn)
            if head is not None and head.day is not None:
                leaf = restored_leaf(head.day + timedelta(days=1))
                log_documents.wait_again(conn, leaf_hash(leaf), "restored", leaf)
    finally:
        engine.dispose()


@click.command(epilog="Example:  meyasubako restore /backup/meyasubako-2026-04-01.backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--moved",
    is_flag=True,
    help="The server stood still when the backup was made, and took nothing since: pages do not tell of a loss.",
)
def restore(file: Path, moved: bool) -> None:
    """バックアップを空のデータベースに戻します。Restore a backup into an empty database.

    All of it or nothing. Put the settings file and server.secret back first; the database must not hold
    anything yet (do not run `init`). Old receipt codes work again afterwards. What came after the backup is lost: the
    log and every page about it say so for 90 days. When the log is behind: `meyasubako log catch-up`.
    """
    from store.backup import check_backup
    from store.config.server_lock import standing_still

    if not file.is_file():
        raise Failure(Exit.REFUSED, f"{file} is not a file. Nothing was changed.")
    config = settings()
    check_backup(file)
    with standing_still(config):
        rows = _restore(file, config.store.url)
        if not moved:
            _tell_of_loss(config.store.url)
    click.echo(f"Restored from {file} ({rows} rows). Please run `meyasubako doctor` now.")
