"""The settings: one TOML file, read strictly. What is wrong is said in one plain sentence that names the
setting.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_BIND: Final = "127.0.0.1:8000"
DEFAULT_WORKERS: Final = min(8, max(2, os.cpu_count() or 2))
"""One for each core: sealing and rendering are Python and bound by one core each; measured on 4 cores, 64 at a time,
reports rose with each worker up to 4 and not beyond (docs/performance.md)."""
DEFAULT_THREADS: Final = 16
"""Of each worker. 8 and 32 made no difference that stood out of the noise; a slow upload that is too large to be
collected first holds one."""
DEFAULT_MAX_REQUEST_BYTES: Final = 2_000_000
LEAST_REQUEST_BYTES: Final = 500_000
"""100,000 characters (cases.form.MAX_TEXT) can be 400,000 bytes of UTF-8, and the form's frame comes on
top.
"""
DEFAULT_MAX_FILE_BYTES: Final = 200_000_000
DEFAULT_MAX_FILES: Final = 20
"""An envelope names at most so many (format.md, section 4.2): less may be set, not more."""
DEFAULT_MAX_WAITING_BYTES: Final = 10_000_000_000

PROMISE_RANGES: Final = (
    ("acknowledge_days", 1, 366),
    ("decide_days", 1, 366),
    ("result_days", 1, 1_830),
    ("retention_days", 30, 36_600),
)
"""Each promise with the least and the most days that make sense: nobody waits longer than five years for a result,
and a case is not deleted while its reporter may still look."""

MAIL_PORTS: Final[Mapping[str, int]] = {"tls": 465, "starttls": 587, "none": 25}
"""Ways to a mail server, and the usual port of each (RFC 8314, section 3.3; RFC 6409; RFC 5321)."""
DEFAULT_MAIL_HOUR: Final = 9
MAIL_TO_AT_MOST: Final = 64

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<host>[A-Za-z0-9.-]{1,253})\Z")
"""The plain form of an address (WHATWG HTML, section 4.10.5.1.5): nothing that a header could be broken with."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\Z")
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "site": frozenset({"name_ja", "name_en", "designated", "exit_url", "contacts_file", "inside_banner"}),
    "operator": frozenset(
        {"name_ja", "name_en", "contact", "purpose_ja", "purpose_en", "retention_ja", "retention_en"}
    ),
    "store": frozenset({"url"}),
    "server": frozenset({"bind", "workers", "threads", "secret_file", "token_key_file"}),
    "limits": frozenset({"max_request_bytes", "max_file_bytes", "max_files", "max_waiting_bytes"}),
    "mail": frozenset(
        {"host", "port", "security", "user", "password_file", "ca_file", "sender", "to", "hour"}
    ),
    "promises": frozenset({"acknowledge_days", "decide_days", "result_days", "retention_days"}),
}


class SettingsError(Exception):
    """The settings can't be used; the text names the setting and says why, `ja` the same in Japanese."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


@dataclass(frozen=True)
class SiteSettings:
    """What the site is called, and where "leave this page" leads (None: the portal's own choice).

    `designated`: has the company designated this line beforehand as one for reports inside (Whistleblower
    Protection Act, Art. 2(1))? Without that, a report here counts as one to somebody outside. `contacts_file`: the
    operator's own doors (cases.own_contacts).
    """

    name_ja: str
    name_en: str
    designated: bool
    exit_url: str | None = None
    contacts_file: Path | None = None
    inside_banner: bool = False
    """The reverse proxy says who is in a network of the company (X-Meyasubako-Inside: 1), and they are told."""

    def name(self, lang: str) -> str:
        """Return the site's name in a language ("ja"; English for every other one)."""
        return self.name_ja if lang == "ja" else self.name_en


@dataclass(frozen=True)
class OperatorSettings:
    """Who runs the site, for every page and for the privacy notice: name, what reports are used for, how long they
    are kept, and where to ask about the site itself. All of it or none.
    """

    name_ja: str
    name_en: str
    contact: str
    purpose_ja: str
    purpose_en: str
    retention_ja: str
    retention_en: str

    def name(self, lang: str) -> str:
        """Return the operator's name in a language ("ja"; English for every other one)."""
        return self.name_ja if lang == "ja" else self.name_en

    def purpose(self, lang: str) -> str:
        """Return what reports are used for, in a language as in `name`."""
        return self.purpose_ja if lang == "ja" else self.purpose_en

    def retention(self, lang: str) -> str:
        """Return how long reports are kept, in a language as in `name`."""
        return self.retention_ja if lang == "ja" else self.retention_en


@dataclass(frozen=True)
class StoreSettings:
    """The database. Its URL can hold a password, so it is never printed."""

    url: str = field(repr=False)


@dataclass(frozen=True)
class ServerSettings:
    """How the server runs. `bind` is host:port, [IPv6]:port or unix:/absolute/path, as gunicorn takes it."""

    secret_file: Path
    bind: str = DEFAULT_BIND
    workers: int = DEFAULT_WORKERS
    threads: int = DEFAULT_THREADS
    token_key_file: Path | None = None


@dataclass(frozen=True)
class LimitSettings:
    """Limits that don't use anybody's identity. `max_request_bytes` counts the whole body of a request but for
    the files in it; `max_waiting_bytes` all sealed files that no report or message has named yet.
    """

    max_request_bytes: int = DEFAULT_MAX_REQUEST_BYTES
    max_file_bytes: int = DEFAULT_MAX_FILE_BYTES
    max_files: int = DEFAULT_MAX_FILES
    max_waiting_bytes: int = DEFAULT_MAX_WAITING_BYTES


@dataclass(frozen=True)
class MailSettings:
    """The mail server that takes the daily reminder, and whom it goes to.

    `security`: "tls" from the first byte, "starttls", or "none" (this computer only). `password_file`: its first
    line is the password of `user`. `ca_file`: who may vouch for the server, instead of the system's list. `hour`: in
    Japan, 0 to 23.
    """

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: str = "tls"
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    hour: int = DEFAULT_MAIL_HOUR


@dataclass(frozen=True)
class PromiseSettings:
    """What the company promises reporters by itself, in days after the report (`retention_days`: after the close).
    None: nothing. The desk counts with it and reminds auditors.
    """

    acknowledge_days: int | None = None
    decide_days: int | None = None
    result_days: int | None = None
    retention_days: int | None = None


@dataclass(frozen=True)
class Settings:
    """All settings; paths are absolute. `path` is the file they came from. `mail`: None sends none. `operator`: None
    names nobody on the pages."""

    path: Path
    site: SiteSettings
    store: StoreSettings
    server: ServerSettings
    limits: LimitSettings = LimitSettings()
    mail: MailSettings | None = None
    promises: PromiseSettings = PromiseSettings()
    operator: OperatorSettings | None = None


def load_settings(path: str | Path) -> Settings:
    """Read and check a settings file. Relative paths in it are relative to its folder. Raises
    SettingsError.
    """
    file = Path(path).absolute()
    tables = _read(file)
    site, operator, store, server, limits, mail, promises = (
        _Section(name, tables.get(name, {}), file.parent) for name in _KNOWN
    )
    return Settings(
        path=file,
        site=SiteSettings(
            name_ja=_name(site, "name_ja"),
            name_en=_name(site, "name_en"),
            designated=_designated(site),
            exit_url=_exit_url(site),
            contacts_file=site.path("contacts_file", "") if "contacts_file" in site.values else None,
            inside_banner=_flag(site, "inside_banner"),
        ),
        store=StoreSettings(_store_url(store)),
        server=ServerSettings(
            secret_file=server.path("secret_file", "server.secret"),
            bind=_bind(server),
            workers=server.number("workers", DEFAULT_WORKERS, 1, 64),
            threads=server.number("threads", DEFAULT_THREADS, 1, 256),
            token_key_file=server.path("token_key_file", "") if "token_key_file" in server.values else None,
        ),
        limits=_limits(limits),
        mail=_mail(mail) if "mail" in tables else None,
        promises=_promises(promises),
        operator=_operator(operator) if "operator" in tables else None,
    )


def _operator(operator: _Section) -> OperatorSettings:
    return OperatorSettings(
        name_ja=_name(operator, "name_ja"),
        name_en=_name(operator, "name_en"),
        contact=_short(operator, "contact", 200),
        purpose_ja=_short(operator, "purpose_ja", 1_000),
        purpose_en=_short(operator, "purpose_en", 1_000),
        retention_ja=_short(operator, "retention_ja", 1_000),
        retention_en=_short(operator, "retention_en", 1_000),
    )


def _promises(promises: _Section) -> PromiseSettings:
    days = {
        key: promises.number(key, least, least, most) if key in promises.values else None
        for key, least, most in PROMISE_RANGES
    }
    return PromiseSettings(**days)


def _limits(limits: _Section) -> LimitSettings:
    largest = limits.number("max_file_bytes", DEFAULT_MAX_FILE_BYTES, 1_000, 1_000_000_000_000)
    waiting = limits.number("max_waiting_bytes", DEFAULT_MAX_WAITING_BYTES, 1_000_000, 1_000_000_000_000_000)
    # Sealed, a file is up to twice as large, and a second one has to find room beside it.
    if waiting < 3 * largest:
        raise limits.wrong(
            "max_waiting_bytes",
            "must be at least three times limits.max_file_bytes",
            "は limits.max_file_bytes の3倍以上にしてください",
        )
    return LimitSettings(
        limits.number("max_request_bytes", DEFAULT_MAX_REQUEST_BYTES, LEAST_REQUEST_BYTES, 1_000_000_000),
        largest,
        limits.number("max_files", DEFAULT_MAX_FILES, 0, DEFAULT_MAX_FILES),
        waiting,
    )


def _mail(mail: _Section) -> MailSettings:
    security = mail.text("security", "tls")
    if security not in MAIL_PORTS:
        raise mail.wrong(
            "security", 'must be "tls", "starttls" or "none"', 'は "tls"、"starttls"、"none" のどれかです'
        )
    host = mail.text("host")
    if not _is_host(host):
        raise mail.wrong("host", "is not the name of a server", "はサーバーの名前ではありません")
    if security == "none" and host not in ("localhost", "127.0.0.1", "[::1]"):
        raise mail.wrong(
            "security",
            'may be "none" only for a mail server on this computer',
            'を "none" にできるのは、同じコンピューターのメールサーバーだけです',
        )
    if ("user" in mail.values) != ("password_file" in mail.values):
        raise mail.wrong(
            "user", "and mail.password_file need each other", "と mail.password_file は両方が必要です"
        )
    return MailSettings(
        host=host,
        port=mail.number("port", MAIL_PORTS[security], 1, 65535),
        sender=_address(mail, "sender", mail.text("sender")),
        to=_addresses(mail),
        security=security,
        user=mail.text("user") if "user" in mail.values else None,
        password_file=mail.path("password_file", "") if "password_file" in mail.values else None,
        ca_file=mail.path("ca_file", "") if "ca_file" in mail.values else None,
        hour=mail.number("hour", DEFAULT_MAIL_HOUR, 0, 23),
    )


def _addresses(mail: _Section) -> tuple[str, ...]:
    found = mail.values.get("to")
    if not isinstance(found, list) or not 1 <= len(found) <= MAIL_TO_AT_MOST:
        raise mail.wrong(
            "to",
            f"must be a list of 1 to {MAIL_TO_AT_MOST} addresses",
            f"は1から{MAIL_TO_AT_MOST}個のアドレスの一覧で書いてください",
        )
    return tuple(_address(mail, "to", one) for one in found)


def _address(mail: _Section, key: str, value: object) -> str:
    found = _ADDRESS.match(value) if isinstance(value, str) else None
    if found is None or not _HOST.match(found["host"]):
        raise mail.wrong(
            key,
            "holds something that is no plain mail address, such as audit@example.jp",
            "にメールアドレスではないものがあります(例: audit@example.jp)",
        )
    return found[0]


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(file.read_bytes().decode("utf-8"))
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
    for name, table in found.items():
        if name not in _KNOWN:
            raise SettingsError(
                f"[{name}] is not a known section; known are {_listed(_KNOWN)}.",
                f"[{name}] という節はありません。使えるのは {_listed(_KNOWN)} です。",
            )
        if not isinstance(table, dict):
            raise SettingsError(
                f"{name} must be a section, written [{name}].",
                f"{name} は [{name}] という節として書いてください。",
            )
        for key in table:
            if key not in _KNOWN[name]:
                raise SettingsError(
                    f"{name}.{key} is not a known setting; known are {_listed(_KNOWN[name])}.",
                    f"{name}.{key} という設定はありません。使えるのは {_listed(_KNOWN[name])} です。",
                )
    return found


def _listed(names: Mapping[str, object] | frozenset[str]) -> str:
    return ", ".join(sorted(names))


@dataclass(frozen=True)
class _Section:
    """One section of the file, with checks that every kind of value shares."""

    name: str
    values: Mapping[str, Any]
    folder: Path

    def wrong(self, key: str, why: str, ja: str) -> SettingsError:
        return SettingsError(f"{self.name}.{key} {why}.", f"設定 {self.name}.{key} {ja}。")

    def text(self, key: str, default: str | None = None) -> str:
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
        return self.folder / self.text(key, default)


def _name(section: _Section, key: str) -> str:
    return _short(section, key, 100)


def _short(section: _Section, key: str, most: int) -> str:
    text = section.text(key).strip()
    if len(text) > most:
        raise section.wrong(key, f"is longer than {most} characters", f"は{most}文字までです")
    return text


def _designated(site: _Section) -> bool:
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


def _flag(section: _Section, key: str) -> bool:
    value = section.values.get(key, False)
    if not isinstance(value, bool):
        raise section.wrong(key, "must be true or false", "は true か false で書いてください")
    return value


def _exit_url(site: _Section) -> str | None:
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


def _store_url(store: _Section) -> str:
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


def _sqlite_url(store: _Section, url: URL) -> str:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.host:
        raise store.wrong(
            "url",
            "must name a file, such as sqlite:///meyasubako.db: accepted reports must stay",
            "にはファイルを書いてください(例: sqlite:///meyasubako.db)。受け付けた報告が残らなくなります",
        )
    if url.query:
        raise store.wrong("url", "must not have options after a question mark", "の「?」より後ろは使えません")
    return URL.create("sqlite", database=str(store.folder / url.database)).render_as_string()


def _bind(server: _Section) -> str:
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
    if not _is_host(host):
        raise server.wrong(
            "bind",
            f"has no usable address before the port; write it as in {DEFAULT_BIND} or [::1]:8000",
            f"のポートの前に使えるアドレスがありません(例: {DEFAULT_BIND}、[::1]:8000)",
        )
    return bind


def _is_host(host: str) -> bool:
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
