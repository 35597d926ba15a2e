"""The mail server that takes the daily reminder: `[mail]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.config.settings_file import SettingsSection, address_of, addresses_of, is_host

MAIL_PORTS: Final[Mapping[str, int]] = {"tls": 465, "starttls": 587, "none": 25}
"""Ways to a mail server, and the usual port of each (RFC 8314, section 3.3; RFC 6409; RFC 5321)."""
DEFAULT_MAIL_HOUR: Final = 9


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


def mail_of(mail: SettingsSection) -> MailSettings:
    """Return the mail server and the addresses. Raises SettingsError."""
    security = mail.text("security", "tls")
    if security not in MAIL_PORTS:
        raise mail.wrong(
            "security", 'must be "tls", "starttls" or "none"', 'は "tls"、"starttls"、"none" のどれかです'
        )
    host = mail.text("host")
    if not is_host(host):
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
        sender=address_of(mail, "sender", mail.text("sender")),
        to=addresses_of(mail),
        security=security,
        user=mail.text("user") if "user" in mail.values else None,
        password_file=mail.path("password_file", "") if "password_file" in mail.values else None,
        ca_file=mail.path("ca_file", "") if "ca_file" in mail.values else None,
        hour=mail.number("hour", DEFAULT_MAIL_HOUR, 0, 23),
    )
