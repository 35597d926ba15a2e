"""Classifies database errors by kind; the result has no value of a row, user or password."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

UNREACHABLE: Final = "unreachable"
"""The code of a fault without an answer of the database."""


class StoreFailed(Exception):
    """The database could not do it: disk full, gone, locked for too long. Nothing of the transaction is
    stored (when the connection broke during the commit it may be: a repeat finds out).

    Its text names the kind of fault and never a value: drivers quote whole rows in their messages. `ja`: the same in
    Japanese, as far as it is known. `is_content`: what was to be written was refused, not the writing. `code`: the
    database's own name for the fault (SQLite's, or five characters of the SQL standard), "" for none.
    """

    def __init__(self, text: str, ja: str = "", is_content: bool = False, code: str = "") -> None:
        super().__init__(text)
        self.ja, self.is_content, self.code = ja, is_content, code


@contextmanager
def faults_without_values(engine: Engine) -> Iterator[None]:
    """Raise StoreFailed, without any value, for a fault of the database."""
    try:
        yield
    except SQLAlchemyError as error:
        # "from None": the driver's own text can quote rows ("Failing row contains ..."), and tracebacks
        # print causes.
        fault = _not_reached(error, engine.url) if engine.dialect.name == "postgresql" else None
        is_content = isinstance(error, DataError | IntegrityError)
        code = _detail(error) or ""
        whose = file_of_another(Path(engine.url.database or "")) if code in _OUT_OF_REACH else None
        raise fault or StoreFailed(
            _fault_name(error) + (f"; {whose[0]}" if whose else ""),
            JAPANESE.get(code, "") + (whose[1] if whose else ""),
            is_content,
            code or "unknown",
        ) from None


_OUT_OF_REACH: Final = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY"})


def file_of_another(path: Path) -> tuple[str, str] | None:
    """Return what to do about a file, or the folder it is in, that belongs to another user, in English and Japanese;
    None where that is not the reason."""
    if not hasattr(os, "geteuid"):
        return None
    for place in (path, path.parent):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner != os.geteuid():
            command = f"chown -R {os.geteuid()}:{os.getegid()} {place}"
            return (
                f"{place} belongs to another user; run as root: {command}",
                f"{place} は別の利用者のものです。root で {command} を実行してください。",
            )
    return None


def _not_reached(error: SQLAlchemyError, url: URL) -> StoreFailed | None:
    """Return why no connection to PostgreSQL came about, with its place but never the user or password."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    # Only who never reached a database has a fault without a code of the SQL standard.
    if type(cause).__module__.partition(".")[0] != "psycopg" or _detail(error):
        return None
    text = str(cause)
    reason = next((told for words, *told in _REASONS if any(word in text for word in words)), None)
    english, japanese = reason or (type(cause).__name__, "接続できません")
    named = url.query.get("host") or "localhost"
    hosts = [named] if isinstance(named, str) else named
    place = f"{f'{url.host}:{url.port or 5432}' if url.host else ', '.join(hosts)}/{url.database}"
    return StoreFailed(
        f"the database can't be used (PostgreSQL at {place}): {english}",
        f"データベースを使えません(PostgreSQL、{place}): {japanese}。",
        code=UNREACHABLE,
    )


_REASONS: Final = (
    (
        ("root certificate file",),
        "the file that sslrootcert names is not there, or holds no certificate",
        "sslrootcert のファイルがないか、証明書が入っていません",
    ),
    (
        ("certificate verify failed", "does not match host name"),
        "its certificate is not one of the authority that sslrootcert names, or is for another host",
        "証明書が sslrootcert の認証局のものではないか、別のホストのものです",
    ),
    (
        ("does not support SSL",),
        "it offers no encryption, which sslmode asks for",
        "sslmode の求める暗号化に対応していません",
    ),
    (
        ("session is read-only",),
        "none of them takes writes; those that answer are standbys",
        "書き込めるものがありません。応答したのは予備機だけです",
    ),
    (
        ("Connection refused", "No such file or directory"),
        "nothing listens there (refused)",
        "接続を拒否されました",
    ),
    (
        ("resolve host", "translate host name", "Name or service not known"),
        "the host is unknown",
        "ホスト名が見つかりません",
    ),
    (("timeout", "timed out"), "it did not answer in time", "時間内に応答がありません"),
    (
        ("password", "authentication", "pg_hba", "認証", "パスワード", "role "),
        "user or password was not accepted (authentication)",
        "利用者名かパスワードが認められませんでした(認証)",
    ),
    (("does not exist", "存在しません"), "there is no such database", "そのデータベースがありません"),
)
"""Words of libpq and the server, and what they mean. The whole text may name the user, so none of it is shown."""


JAPANESE: Final = {
    "SQLITE_FULL": "ディスクに空きがありません。",
    "SQLITE_BUSY": "データベースが長い間、ほかの処理に使われています。",
    "SQLITE_CANTOPEN": "データベースのファイルを開けません。",
    "SQLITE_READONLY": "データベースのファイルに書き込めません。",
    "SQLITE_CORRUPT": "データベースのファイルが壊れています。",
    "SQLITE_NOTADB": "ファイルがデータベースではありません。",
}


def _detail(error: SQLAlchemyError) -> str | None:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)


def _fault_name(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    detail = _detail(error)
    return f"the database failed: {type(cause).__name__}" + (f" ({detail})" if detail else "")
