"""Reads the settings file: one TOML document, checked value by value. What is wrong is said in one plain sentence that
names the setting.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_BIND: Final = "127.0.0.1:8000"

MAIL_TO_AT_MOST: Final = 64

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<host>[A-Za-z0-9.-]{1,253})\Z")
"""The plain form of an address (WHATWG HTML, section 4.10.5.1.5): nothing that a header could be broken with."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\Z")


class SettingsError(Exception):
    """The settings can't be used; the text names the setting and says why, `ja` the same in Japanese."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


@dataclass(frozen=True)
class SettingsSection:
    """One section of the file, with checks that every kind of value shares."""

    name: str
    values: Mapping[str, Any]
    folder: Path

    def wrong(self, key: str, why: str, ja: str) -> SettingsError:
        """Return the error for one setting: why it is wrong, in English and Japanese."""
        return SettingsError(f"{self.name}.{key} {why}.", f"設定 {self.name}.{key} {ja}。")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text of one line. Raises SettingsError."""
        value = self.values.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing", "がありません")
        if not isinstance(value, str):
            raise self.wrong(key, "must be text in quotes", "は引用符で囲んだ文字列で書いてください")
        if not value.strip():
            raise self.wrong(key, "is empty", "が空です")
        if not value.isprintable():
            raise self.wrong(
                key, "must be one line without control characters", "は制御文字を含まない1行で書いてください"
            )
        return value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`. Raises SettingsError."""
        value = self.values.get(key, default)
        # bool is a kind of int to Python: `threads = true` would be one thread.
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "must be a whole number", "は整数で書いてください")
        if not least <= value <= most:
            raise self.wrong(
                key,
                f"must be from {least} to {most}, and it is {value}",
                f"は {least} から {most} までです(今は {value})",
            )
        return value

    def path(self, key: str, default: str) -> Path:
        """Return a path, relative to the settings file's folder. Raises SettingsError."""
        return self.folder / self.text(key, default)


def read_tables(file: Path, known: Mapping[str, frozenset[str]]) -> dict[str, dict[str, Any]]:
    """Return the tables of a settings file; `known`: the settings of each section. Raises SettingsError."""
    try:
        tables = tomllib.loads(file.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"The settings file {file} is missing.", f"設定ファイル {file} がありません。"
        ) from None
    except OSError as error:
        raise SettingsError(
            f"The settings file {file} can't be read: {error.strerror}.",
            f"設定ファイル {file} を読めません({error.strerror})。",
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            f"The settings file {file} is not UTF-8 text.",
            f"設定ファイル {file} の文字コードが UTF-8 ではありません。",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"The settings file {file} is not valid TOML: {error}.",
            f"設定ファイル {file} は TOML として読めません({error})。",
        ) from None
    for name, table in tables.items():
        if name not in known:
            raise SettingsError(
                f"[{name}] is not a known section; known are {_listed(known)}.",
                f"[{name}] という節はありません。使えるのは {_listed(known)} です。",
            )
        if not isinstance(table, dict):
            raise SettingsError(
                f"{name} must be a section, written [{name}].",
                f"{name} は [{name}] という節として書いてください。",
            )
        for key in table:
            if key not in known[name]:
                raise SettingsError(
                    f"{name}.{key} is not a known setting; known are {_listed(known[name])}.",
                    f"{name}.{key} という設定はありません。使えるのは {_listed(known[name])} です。",
                )
    return tables


def _listed(names: Mapping[str, object] | frozenset[str]) -> str:
    return ", ".join(sorted(names))


def name_of(section: SettingsSection, key: str) -> str:
    """Return a name of at most 100 characters. Raises SettingsError."""
    return short_text(section, key, 100)


def short_text(section: SettingsSection, key: str, most: int) -> str:
    """Return a text of at most `most` characters. Raises SettingsError."""
    text = section.text(key).strip()
    if len(text) > most:
        raise section.wrong(key, f"is longer than {most} characters", f"は{most}文字までです")
    return text


def flag_of(section: SettingsSection, key: str) -> bool:
    """Return true or false; false where nothing is written. Raises SettingsError."""
    value = section.values.get(key, False)
    if not isinstance(value, bool):
        raise section.wrong(key, "must be true or false", "は true か false で書いてください")
    return value


def designated_of(site: SettingsSection) -> bool:
    """Return whether the company designated this line beforehand; there is no default. Raises SettingsError."""
    value = site.values.get("designated")
    if value is None:
        # The law treats the two cases differently, and reporters rely on it: nobody may guess.
        raise site.wrong(
            "designated",
            "is missing; write true when the company has designated this line beforehand for reports inside "
            "(Whistleblower Protection Act, Art. 2(1)), otherwise false",
            "がありません。会社がこの窓口を公益通報の窓口としてあらかじめ定めていれば true、"
            "いなければ false と書いてください(公益通報者保護法 第2条第1項)",
        )
    if not isinstance(value, bool):
        raise site.wrong("designated", "must be true or false", "は true か false で書いてください")
    return value


def exit_url_of(site: SettingsSection) -> str | None:
    """Return where the quick exit leads: https, or http on this computer; None for none. Raises SettingsError."""
    if "exit_url" not in site.values:
        return None
    url = site.text("exit_url")
    try:
        parts = urlsplit(url)
        # Unencrypted only to this machine itself, for trying out.
        schemes = ("http", "https") if parts.hostname in ("127.0.0.1", "localhost") else ("https",)
        whole = (
            parts.scheme in schemes and bool(parts.hostname) and parts.username is None and parts.port != 0
        )
    except ValueError:
        whole = False
    if not whole or " " in url:
        raise site.wrong(
            "exit_url",
            "must be a whole address that begins with https://",
            "は https:// で始まる完全なアドレスで書いてください",
        )
    return url


def store_url_of(store: SettingsSection) -> str:
    """Return the database's URL, for a file with its whole path. Raises SettingsError, which never quotes it."""
    # Messages below never quote the URL: it can hold a password.
    try:
        url = make_url(store.text("url"))
    except ArgumentError:
        raise store.wrong(
            "url",
            "is not the URL of a database, such as sqlite:///meyasubako.db",
            "はデータベースの URL ではありません(例: sqlite:///meyasubako.db)",
        ) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite_url(store, url)
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise store.wrong(
            "url",
            "must begin with sqlite:/// or postgresql+psycopg://",
            "は sqlite:/// か postgresql+psycopg:// で始めてください",
        )
    if not url.database:
        raise store.wrong(
            "url",
            "does not say which database on the PostgreSQL server",
            "に PostgreSQL のデータベース名がありません",
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _sqlite_url(store: SettingsSection, url: URL) -> str:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.host:
        raise store.wrong(
            "url",
            "must name a file, such as sqlite:///meyasubako.db: accepted reports must stay",
            "にはファイルを書いてください(例: sqlite:///meyasubako.db)。受け付けた報告が残らなくなります",
        )
    if url.query:
        raise store.wrong("url", "must not have options after a question mark", "の「?」より後ろは使えません")
    return URL.create("sqlite", database=str(store.folder / url.database)).render_as_string()


def bind_of(server: SettingsSection) -> str:
    """Return where the server listens, as gunicorn takes it. Raises SettingsError."""
    bind = server.text("bind", DEFAULT_BIND)
    if bind.startswith("unix:"):
        if not bind.removeprefix("unix:"):
            raise server.wrong("bind", "names no path after unix:", "の unix: の後ろにパスがありません")
        return "unix:" + str(server.folder / bind.removeprefix("unix:"))
    host, colon, port = bind.rpartition(":")
    if not colon or not re.match(r"[0-9]{1,5}\Z", port) or int(port) > 65535:
        raise server.wrong(
            "bind",
            f"must be an address and a port, such as {DEFAULT_BIND}",
            f"はアドレスとポートで書いてください(例: {DEFAULT_BIND})",
        )
    if not is_host(host):
        raise server.wrong(
            "bind",
            f"has no usable address before the port; write it as in {DEFAULT_BIND} or [::1]:8000",
            f"のポートの前に使えるアドレスがありません(例: {DEFAULT_BIND}、[::1]:8000)",
        )
    return bind


def is_host(host: str) -> bool:
    """Tell whether a text is a host's name, an IPv4 address, or an IPv6 address in brackets."""
    if host.startswith("[") and host.endswith("]"):
        try:
            return ipaddress.ip_address(host[1:-1]).version == 6
        except ValueError:
            return False
    if re.match(r"[0-9.]+\Z", host):
        try:
            return ipaddress.ip_address(host).version == 4
        except ValueError:
            return False
    return bool(_HOST.match(host))


def addresses_of(mail: SettingsSection) -> tuple[str, ...]:
    """Return whom the reminder goes to. Raises SettingsError."""
    written = mail.values.get("to")
    if not isinstance(written, list) or not 1 <= len(written) <= MAIL_TO_AT_MOST:
        raise mail.wrong(
            "to",
            f"must be a list of 1 to {MAIL_TO_AT_MOST} addresses",
            f"は1から{MAIL_TO_AT_MOST}個のアドレスの一覧で書いてください",
        )
    return tuple(address_of(mail, "to", address) for address in written)


def address_of(mail: SettingsSection, key: str, value: object) -> str:
    """Return a plain mail address. Raises SettingsError."""
    match = _ADDRESS.match(value) if isinstance(value, str) else None
    if match is None or not _HOST.match(match["host"]):
        raise mail.wrong(
            key,
            "holds something that is no plain mail address, such as audit@example.jp",
            "にメールアドレスではないものがあります(例: audit@example.jp)",
        )
    return match[0]
