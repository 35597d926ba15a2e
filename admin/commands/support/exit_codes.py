"""Exit codes of the commands, and errors as sentences instead of tracebacks."""

from __future__ import annotations

from enum import IntEnum
from typing import IO, Any, Final

import click

from admin.commands.support.parts import DESK_LIBRARIES, SERVER_LIBRARIES, how_to_install
from crypto.errors import place_of


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
    "store.config.settings_file.SettingsError": Exit.CONFIG,
    "store.config.secrets.SecretFileError": Exit.CONFIG,
    "store.database_faults.StoreFailed": Exit.DATABASE,
    "store.schema.WrongSchema": Exit.DATABASE,
    "store.site.NoSite": Exit.DATABASE,
    "store.backup.BackupError": Exit.REFUSED,
    "store.config.server_lock.ServerRuns": Exit.REFUSED,
    "admin.desk.server.client.DeskError": Exit.USAGE,
    "admin.witness.folder.FolderFault": Exit.REFUSED,
}
"""By name, so that nothing has to be loaded to look an error up."""
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
    """Return an error of another package as a sentence; None for an unexpected one."""
    if isinstance(error, ModuleNotFoundError):
        return _missing((error.name or "").split(".")[0])
    for kind in type(error).__mro__:
        code = _CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return Failure(code, _sentence(str(error)), getattr(error, "ja", ""))
    return None


def unforeseen(error: Exception) -> Failure:
    """Return what may be said of an unexpected error: its class and place. Its text could quote a report."""
    return Failure(
        Exit.REFUSED,
        f"This is a fault of the program or of this computer: {place_of(error)}.\n"
        "Please look at `meyasubako doctor`, and report this line to the maintainers of the program.",
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
                f"このパソコンには {part} の部品が入っていません。",
            )
    return None


class PlainGroup(click.Group):
    """A group of commands whose foreseen errors are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # the reader closed the pipe: click ends quietly
        except Exception as error:
            raise (as_failure(error) or unforeseen(error)) from None
