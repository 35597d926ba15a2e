"""The daily reminder by mail: the same words every day, whether or not there is anything new.

A mail passes servers and people of the company. One that came only when there was a report, or that counted
them, would say on which day somebody reported. So this one knows nothing of the database, and no word, size or
hour of it depends on what is in there.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final

from store.config.mail import MailSettings

TIMEOUT: Final = 30.0
"""Seconds that the mail server has for each answer."""
RETRY: Final = timedelta(minutes=10)
TRIES: Final = 6

SUBJECT: Final = "目安箱：毎日の確認のお願い / Meyasubako: your daily reminder"
BODY: Final = """\
担当者の方へ

目安箱デスクを開き、新しい通報と期限をご確認ください。
このメールは、通報があってもなくても、毎日同じ時刻に同じ文面で送られます。
目安箱の内容をこのメールに返信したり、転送したりしないでください。

To the auditors

Please open the Meyasubako desk and look at new reports and due dates.
This mail is sent every day at the same hour in the same words, whether or not there is a report.
Please do not answer or forward it with anything from Meyasubako.
"""


class MailFailed(Exception):
    """The mail was not taken; the text says why in English, `ja` in Japanese, and never holds a password."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


def message(mail: MailSettings, to: str, now: datetime) -> EmailMessage:
    """Return the reminder to one address. `now`: an aware time; only the Date and the Message-ID depend on it."""
    made = EmailMessage()
    made["Subject"] = SUBJECT
    made["From"] = mail.sender
    made["To"] = to
    made["Date"] = format_datetime(now)
    made["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    # Answers of holiday robots to a list of auditors tell who is away.
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(BODY)
    return made


def send(mail: MailSettings, now: datetime) -> None:
    """Hand the reminder to the mail server, once for each address. Raises MailFailed when one was not taken."""
    try:
        server = _connected(mail)
        try:
            for to in mail.to:
                server.send_message(message(mail, to, now))
        finally:
            with suppress(OSError, smtplib.SMTPException):  # how a server says goodbye changes nothing
                server.quit()
            server.close()
    except ssl.SSLCertVerificationError:
        raise MailFailed(
            "The mail server's certificate is not one that this computer trusts; nothing was sent.\n"
            "Look at mail.host, or name the company's own authority in mail.ca_file.",
            "メールサーバーの証明書を確認できないため、何も送っていません。",
        ) from None
    except smtplib.SMTPAuthenticationError:
        raise MailFailed(
            "The mail server did not take mail.user with the password in mail.password_file.",
            "メールサーバーが mail.user とパスワードを受け付けませんでした。",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise MailFailed(
            f"The mail server {mail.host} did not take the reminder ({type(error).__name__}). Reports are not touched "
            "by this.",
            f"メールサーバー {mail.host} が受け付けませんでした。通報には影響ありません。",
        ) from None


def next_time(now: datetime, hour: int) -> datetime:
    """Return the next beginning of an hour (0 to 23) after `now`, in the time zone of `now`."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def run_daily(
    mail: MailSettings,
    now: Callable[[], datetime],
    wait_until: Callable[[datetime], None],
    say: Callable[[str], None],
    send_once: Callable[[MailSettings, datetime], None] = send,
) -> None:
    """Send the reminder each day at its hour until `wait_until` raises.

    A day whose mail is not taken is tried again TRIES times, then left: the next one says the same.
    """
    while True:
        wait_until(next_time(now(), mail.hour))
        for left in reversed(range(TRIES)):
            try:
                send_once(mail, now())
                break
            except MailFailed as failed:
                say(str(failed))
                if left:
                    wait_until(now() + RETRY)


def _connected(mail: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=str(mail.ca_file) if mail.ca_file else None)
    own_name = mail.sender.rpartition("@")[2]
    host = mail.host.strip("[]")
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, mail.port, local_hostname=own_name, timeout=TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(host, mail.port, local_hostname=own_name, timeout=TIMEOUT)
    try:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user is not None and mail.password_file is not None:
            server.login(mail.user, _password(mail.password_file))
    except BaseException:
        server.close()
        raise
    return server


def _password(file: Path) -> str:
    try:
        return file.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise MailFailed(
            f"mail.password_file ({file}) can't be read; nothing was sent.",
            f"mail.password_file ({file}) を読めないため、何も送っていません。",
        ) from None
