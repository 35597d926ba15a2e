"""The settings of a site, as the program uses them; `settings_file` reads and checks the file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from store.config.addresses import onion_of, site_address_of
from store.config.mail import MailSettings, mail_of
from store.config.metrics import MetricsSettings, metrics_of
from store.config.settings_file import (
    DEFAULT_BIND,
    SettingsSection,
    bind_of,
    designated_of,
    exit_url_of,
    flag_of,
    name_of,
    read_tables,
    short_text,
    store_url_of,
)

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


KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "site": frozenset(
        {
            "name_ja",
            "name_en",
            "designated",
            "exit_url",
            "contacts_file",
            "inside_banner",
            "address",
            "onion",
            "ask_category",
        }
    ),
    "operator": frozenset(
        {
            "name_ja",
            "name_en",
            "contact",
            "purpose_ja",
            "purpose_en",
            "retention_ja",
            "retention_en",
            "ways_ja",
            "ways_en",
        }
    ),
    "store": frozenset({"url"}),
    "server": frozenset({"bind", "workers", "threads", "secret_file", "token_key_file"}),
    "limits": frozenset({"max_request_bytes", "max_file_bytes", "max_files", "max_waiting_bytes"}),
    "mail": frozenset(
        {"host", "port", "security", "user", "password_file", "ca_file", "sender", "to", "hour"}
    ),
    "promises": frozenset({"acknowledge_days", "decide_days", "result_days", "retention_days"}),
    "metrics": frozenset({"bind", "beyond_this_machine"}),
}


@dataclass(frozen=True)
class SiteSettings:
    """The site's names, and where "leave this page" leads (None: the portal's own choice).

    `designated`: has the company designated this line beforehand as one for reports inside (Whistleblower
    Protection Act, Art. 2(1))? Without that, a report here counts as one to somebody outside. `contacts_file`: the
    operator's own channels (cases.own_contacts).
    """

    name_ja: str
    name_en: str
    designated: bool
    exit_url: str | None = None
    contacts_file: Path | None = None
    inside_banner: bool = False
    """The reverse proxy says who is in a network of the company (X-Meyasubako-Inside: 1), and they are told."""
    address: str | None = None
    """Where the site is reached, as people are told it (the poster): https://, no path."""
    onion: str | None = None
    """Where it is reached as an onion service: http://, no path. Pages under another name point to it."""

    ask_category: bool = False
    """The report form asks what it is about (cases.categories); otherwise every report counts as one about a leak."""

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
    ways_ja: str | None = None
    ways_en: str | None = None
    """How to report without this site, by telephone or letter: for people who can't type. Both or none."""

    def name(self, lang: str) -> str:
        """Return the operator's name in a language ("ja"; English for every other one)."""
        return self.name_ja if lang == "ja" else self.name_en

    def purpose(self, lang: str) -> str:
        """Return what reports are used for, in a language as in `name`."""
        return self.purpose_ja if lang == "ja" else self.purpose_en

    def ways(self, lang: str) -> str | None:
        """Return how to report without this site, in a language as in `name`; None where nothing is said."""
        return self.ways_ja if lang == "ja" else self.ways_en

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
class PromiseSettings:
    """The company's own promises to reporters, in days after the report (`retention_days`: after the close).
    None: nothing. The desk counts with it and reminds auditors.
    """

    acknowledge_days: int | None = None
    decide_days: int | None = None
    result_days: int | None = None
    retention_days: int | None = None


@dataclass(frozen=True)
class Settings:
    """All settings; paths are absolute. `path` is the file they came from. `mail`: None sends none. `operator`: None
    names nobody on the pages. `metrics`: None serves none."""

    path: Path
    site: SiteSettings
    store: StoreSettings
    server: ServerSettings
    limits: LimitSettings = LimitSettings()
    mail: MailSettings | None = None
    promises: PromiseSettings = PromiseSettings()
    operator: OperatorSettings | None = None
    metrics: MetricsSettings | None = None


def load_settings(path: str | Path) -> Settings:
    """Read and check a settings file. Relative paths in it are relative to its folder. Raises
    SettingsError.
    """
    file = Path(path).absolute()
    tables = read_tables(file, KNOWN)
    site, operator, store, server, limits, mail, promises, metrics = (
        SettingsSection(name, tables.get(name, {}), file.parent) for name in KNOWN
    )
    return Settings(
        path=file,
        site=SiteSettings(
            name_ja=name_of(site, "name_ja"),
            name_en=name_of(site, "name_en"),
            designated=designated_of(site),
            exit_url=exit_url_of(site),
            contacts_file=site.path("contacts_file", "") if "contacts_file" in site.values else None,
            inside_banner=flag_of(site, "inside_banner"),
            ask_category=flag_of(site, "ask_category"),
            address=site_address_of(site),
            onion=onion_of(site),
        ),
        store=StoreSettings(store_url_of(store)),
        server=ServerSettings(
            secret_file=server.path("secret_file", "server.secret"),
            bind=bind_of(server),
            workers=server.number("workers", DEFAULT_WORKERS, 1, 64),
            threads=server.number("threads", DEFAULT_THREADS, 1, 256),
            token_key_file=server.path("token_key_file", "") if "token_key_file" in server.values else None,
        ),
        limits=_limits(limits),
        mail=mail_of(mail) if "mail" in tables else None,
        promises=_promises(promises),
        operator=_operator(operator) if "operator" in tables else None,
        metrics=metrics_of(metrics, bind_of(server)) if "metrics" in tables else None,
    )


def _operator(operator: SettingsSection) -> OperatorSettings:
    return OperatorSettings(
        name_ja=name_of(operator, "name_ja"),
        name_en=name_of(operator, "name_en"),
        contact=short_text(operator, "contact", 200),
        purpose_ja=short_text(operator, "purpose_ja", 1_000),
        purpose_en=short_text(operator, "purpose_en", 1_000),
        retention_ja=short_text(operator, "retention_ja", 1_000),
        retention_en=short_text(operator, "retention_en", 1_000),
        **_ways(operator),
    )


def _ways(operator: SettingsSection) -> dict[str, str]:
    keys = ("ways_ja", "ways_en")
    return {key: short_text(operator, key, 1_000) for key in keys} if set(keys) & set(operator.values) else {}


def _promises(promises: SettingsSection) -> PromiseSettings:
    days = {
        key: promises.number(key, least, least, most) if key in promises.values else None
        for key, least, most in PROMISE_RANGES
    }
    return PromiseSettings(**days)


def _limits(limits: SettingsSection) -> LimitSettings:
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
