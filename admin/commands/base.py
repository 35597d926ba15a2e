"""What the commands share: exit codes, errors in plain words, settings, the database, passphrases."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from crypto import passphrase
from crypto.errors import place_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crypto.identity import Identity
    from store.settings import Settings

CONFIG_VARIABLE: Final = "MEYASUBAKO_CONFIG"


class Exit(IntEnum):
    """Exit codes that scripts can use; docs/operations.md lists them."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    CONFIG = 3
    DATABASE = 4
    KEY = 5


_HEADS: Final = {
    Exit.REFUSED: "実行できませんでした。",
    Exit.USAGE: "コマンドの使い方をご確認ください。",
    Exit.CONFIG: "設定をご確認ください。",
    Exit.DATABASE: "データベースを使えませんでした。",
    Exit.KEY: "鍵ファイルかパスフレーズをご確認ください。",
}

_CODES: Final = {
    "store.settings.SettingsError": Exit.CONFIG,
    "store.secrets.SecretFileError": Exit.CONFIG,
    "store.db.StoreFailed": Exit.DATABASE,
    "store.db.WrongSchema": Exit.DATABASE,
    "store.site.NoSite": Exit.DATABASE,
    "store.backup.BackupError": Exit.REFUSED,
    "store.serving.ServerRuns": Exit.REFUSED,
    "admin.desk.client.DeskError": Exit.USAGE,
}
"""By name, so that nothing has to be loaded to look an error up."""

SERVER_LIBRARIES: Final = ("alembic", "gunicorn", "psycopg", "sqlalchemy")
DESK_LIBRARIES: Final = ("httpx", "platformdirs", "waitress")

HELP: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Failure(click.ClickException):
    """A command ends: what happened, and what to do. Never holds a secret or anything from a report."""

    def __init__(self, code: Exit, text: str, ja: str = "") -> None:
        super().__init__(text)
        self.exit_code = int(code)  # type: ignore[misc]  # click has one for each class
        self.head = ja or _HEADS[code]

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the error, Japanese first."""
        click.echo(f"{self.head}\n{self.message}", file=file, err=file is None)


def as_failure(error: Exception) -> Failure | None:
    """Return an error of another room as a plain one, or None for one that nobody foresaw."""
    if isinstance(error, ModuleNotFoundError):
        return _missing((error.name or "").split(".")[0])
    for kind in type(error).__mro__:
        code = _CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return Failure(code, _sentence(str(error)), getattr(error, "ja", ""))
    return None


def unforeseen(error: Exception) -> Failure:
    """Return what may be said of an error that nobody foresaw: its class and place. Its text could quote a
    report."""
    return Failure(
        Exit.REFUSED,
        f"This is a fault of the program or of this computer: {place_of(error)}.\n"
        "Please look at `meyasubako doctor`, and report this line to whoever maintains the program.",
    )


def _sentence(text: str) -> str:
    # The name of a setting stays as it is written in the file.
    if "." not in text.split(" ")[0]:
        text = text[:1].upper() + text[1:]
    return text + ("" if text.endswith((".", "。")) else ".")


def _missing(library: str) -> Failure | None:
    for part, libraries in (("server", SERVER_LIBRARIES), ("desk", DESK_LIBRARIES)):
        if library in libraries:
            return Failure(
                Exit.CONFIG,
                f"The {part} part of Meyasubako is not installed here ({library} is missing).\n"
                f"Nothing was changed. {how_to_install(part)}",
                f"このコンピューターには {part} の部品が入っていません。",
            )
    return None


def how_to_install(part: str) -> str:
    """Return how a part ("server" or "desk") is installed: never by a name that a registry could give to anybody."""
    return (
        f"Install it with: pip install --require-hashes -r requirements/{part}.txt, then pip install --no-deps "
        "and the wheel meyasubako-….whl that you made or were given (docs/operations.md, section 1)."
    )


class PlainGroup(click.Group):
    """A group of commands whose foreseen errors are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # whoever read the output has seen enough: click ends quietly
        except Exception as error:
            raise (as_failure(error) or unforeseen(error)) from None


def today() -> date:
    """Return the day in Japan."""
    from cases.days import today_jst

    return today_jst(datetime.now(UTC))


def config_path() -> Path:
    """Return the path of the settings file, which an environment variable names. Raises Failure."""
    named = os.environ.get(CONFIG_VARIABLE, "")
    if not named:
        raise Failure(
            Exit.CONFIG,
            f"{CONFIG_VARIABLE} is not set. It names the settings file of this site, for example:\n"
            f"  export {CONFIG_VARIABLE}=/var/lib/meyasubako/meyasubako.toml",
            f"環境変数 {CONFIG_VARIABLE} に設定ファイルの場所がありません。",
        )
    return Path(named)


def settings() -> Settings:
    """Return the settings. Raises Failure, SettingsError."""
    from store.settings import load_settings

    return load_settings(config_path())


def missing_file(url: str) -> Path | None:
    """Return the path of a SQLite database whose file is not there."""
    from sqlalchemy import make_url

    parts = make_url(url)
    path = Path(parts.database or "")
    return path if parts.get_backend_name() == "sqlite" and not path.is_file() else None


@contextmanager
def database() -> Iterator[Engine]:
    """Give the site's database when its tables are those of this version.

    Raises Failure, SettingsError, WrongSchema, StoreFailed.
    """
    from store import db

    url = settings().store.url
    # To ask SQLite about a file that is not there would make one.
    missing = missing_file(url)
    if missing is not None:
        raise Failure(
            Exit.DATABASE,
            f"The database {missing} is missing. `meyasubako init` makes a new site; `meyasubako restore` brings\n"
            "an old one back (stop the service first).",
            f"データベース {missing} がありません。",
        )
    engine = db.make_engine(url)
    try:
        db.check_schema(engine)
        yield engine
    finally:
        engine.dispose()


def read_file(path: Path, what: str, code: Exit = Exit.REFUSED, limit: int = 4_000_000) -> bytes:
    """Return a file's bytes. Raises Failure."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise Failure(code, f"The {what} {path} can't be read: {error.strerror}.") from None
    if len(raw) > limit:
        raise Failure(code, f"{path} is too large to be a {what}.")
    return raw


def write_new(path: Path, raw: bytes, mode: int = 0o600) -> None:
    """Write a new file and see it onto the disk; never over another one. Raises Failure."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except FileExistsError:
        raise Failure(Exit.REFUSED, f"{path} exists already. It was left as it is.") from None
    except OSError as error:
        raise Failure(Exit.REFUSED, f"{path} can't be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Failure(Exit.REFUSED, f"{path} can't be written: {error.strerror}.") from None


passphrase_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help="Read the passphrase from the first line of standard input."
)
key_option = click.option(
    "--key",
    "key",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your key file (it ends in .key).",
)


def _from_stdin() -> str:
    line = sys.stdin.buffer.readline(4096)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Failure(Exit.KEY, "The passphrase on standard input is not UTF-8 text.") from None


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty() and not _terminal():
        raise Failure(
            Exit.USAGE, "There is no terminal to ask for the passphrase on; give --passphrase-stdin."
        )
    return str(click.prompt(prompt, hide_input=True, err=True, default="", show_default=False))


def _terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def ask_passphrase(from_stdin: bool, prompt: str = "パスフレーズ / Passphrase") -> str:
    """Ask for a passphrase that is there already. Raises Failure without a terminal."""
    return _from_stdin() if from_stdin else _ask(prompt)


def new_passphrase(from_stdin: bool) -> str:
    """Ask for a new passphrase, twice on a terminal. Raises Failure for a short one."""
    if from_stdin:
        first = _from_stdin()
    else:
        click.echo(
            f"パスフレーズを決めてください({passphrase.LEAST} 文字以上。言葉を5つ以上並べると覚えやすく、"
            "破られにくくなります)。\n"
            f"Choose a passphrase of {passphrase.LEAST} characters or more; five or more words are easy "
            "to keep and hard to guess.",
            err=True,
        )
        first = _ask("パスフレーズ / Passphrase")
    if len(first) < passphrase.LEAST:
        raise Failure(
            Exit.KEY,
            f"A passphrase has {passphrase.LEAST} characters or more. No key was made; please try again.",
        )
    if any("\ud800" <= letter <= "\udfff" for letter in first):
        raise Failure(Exit.KEY, "The passphrase is not readable text in this terminal. No key was made.")
    if not from_stdin and _ask("もう一度 / Once more") != first:
        raise Failure(Exit.KEY, "The two passphrases are not the same. No key was made; please try again.")
    return first


def unlock(path: Path, from_stdin: bool) -> Identity:
    """Return the keys in a key file, after asking for its passphrase. Raises Failure."""
    from crypto import errors, identity, keyfile

    raw = read_key_file(path)
    typed = ask_passphrase(from_stdin)
    try:
        return identity.from_seed(keyfile.unlock(raw, typed))
    except errors.BadData as error:
        raise key_failure(path, keyfile.fault(error)) from None


_KEY_FAULTS: Final = {
    "wrong": (
        "The passphrase does not open this key file. Please try again; capital letters and the keyboard's language\n"
        "matter. If it surely is the right one, the file may be damaged: use your copy of it.",
        "パスフレーズで鍵ファイルを開けませんでした。",
    ),
    "cut": (
        "{path} is cut off or damaged, so that it can't be read. Use your copy of it, or your printed sheet\n"
        "(`meyasubako auditor restore-key`).",
        "鍵ファイルが途中で切れているか、壊れています。",
    ),
    "version": (
        "{path} is no key file of this version of the program. Was another file meant? Otherwise install the version\n"
        "that made it.",
        "この版の鍵ファイルではありません。",
    ),
    "fields": (
        "{path} was changed: parts of a key file are missing, or are not what they have to be. Use your copy of it,\n"
        "or your printed sheet (`meyasubako auditor restore-key`).",
        "鍵ファイルの中身が変わっています。",
    ),
    "parameters": (
        "This computer does not have the memory that opening {path} takes (256 MiB are usual), or the file asks for\n"
        "an amount that no key file asks for. Close other programs and try again; otherwise use your copy of the file.",
        "鍵ファイルを開くためのメモリが足りないか、ファイルの値が範囲外です。",
    ),
    "card": (
        "{path} is a CARD, which is public. The key file is the one beside it that ends in .key.",
        "これは鍵ファイルではなく、公開してよい「カード」です。",
    ),
}


def key_failure(path: Path, fault: str) -> Failure:
    """Return what to tell of a key file with a fault (a word of `crypto.keyfile.fault`, or "card")."""
    text, ja = _KEY_FAULTS[fault]
    return Failure(Exit.KEY, text.format(path=path), ja)


def read_key_file(path: Path) -> bytes:
    """Return the bytes of a key file whose form is right; warn where others on this computer can read it. Raises
    Failure.
    """
    from crypto import errors, keyfile

    raw = read_file(path, "key file", Exit.KEY, 100_000)
    try:
        keyfile.check(raw)
    except errors.CryptoError as error:
        raise key_failure(path, "card" if b'"box_pk"' in raw else keyfile.fault(error)) from None
    if _is_open_to_others(path):
        click.echo(
            f"注意: ほかの利用者も {path} を読めます。\n"
            f"Warning: other users of this computer can read {path}, and could try passphrases on it. Mend it with:\n"
            f'  chmod 600 "{path}"',
            err=True,
        )
    return raw


def _is_open_to_others(path: Path) -> bool:
    """Tell whether other users of this computer can read or change a file. Windows has no modes: False there, and for a
    file that is not there.
    """
    if os.name != "posix":
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False
